-- Monitoring after a dienst, structurele signalen, closure with its reason, and terms that took another's place.

alter table casus add column soort text not null default 'casus', add column sluitreden text;
alter table termijn add column vervangen_door uuid;

create table monitormoment (
    id              uuid primary key,
    casus_id        uuid not null,
    regio           text not null,
    gemeente        text not null,
    regel_id        text not null,
    label           text not null,
    status          text not null,
    gepland_op      timestamptz not null,
    gehouden_op     timestamptz,
    wijze           text,
    kinderen        text,
    stabiel_en_veilig boolean
);
create index monitormoment_casus on monitormoment (casus_id);
create index monitormoment_gepland on monitormoment (status, gepland_op, id);

create table signaal (
    id              uuid primary key,
    casus_id        uuid not null,
    regio           text not null,
    gemeente        text not null,
    over            text not null,
    drager          text not null,
    meldt           text not null,
    regel_id        text not null,
    afspraken_versie text not null,
    aantal          integer not null,
    sinds           timestamptz not null,
    afgegeven_op    timestamptz not null,
    antwoord_voor   timestamptz,
    maatregel       text,
    beantwoord_op   timestamptz
);
create index signaal_gemeente on signaal (gemeente, afgegeven_op desc);
