-- Files that go along with an overdracht, by reference.

create table bijlage (
    id                  uuid primary key,
    casus_id            uuid not null,
    mediatype           text not null,
    grootte             bigint not null,
    geheim              text not null
);
create index bijlage_casus on bijlage (casus_id);

-- Which of them go along with which overdracht.
create table overdrachtsbijlage (
    id                  uuid primary key,
    casus_id            uuid not null,
    overdracht_id       uuid not null,
    bijlage_id          uuid not null
);
create index overdrachtsbijlage_overdracht on overdrachtsbijlage (overdracht_id, bijlage_id);

-- The bytes, in sealed parts. Written while they come in: what never became a bijlage is swept away, and the key to it
-- was never kept.
create table bijlagedeel (
    bijlage_id          uuid not null,
    nummer              integer not null,
    inhoud              bytea not null,
    bewaard_op          timestamptz not null,
    primary key (bijlage_id, nummer)
);
create index bijlagedeel_bewaard on bijlagedeel (bewaard_op) where nummer = 0;
alter table bijlagedeel alter column inhoud set storage external;
