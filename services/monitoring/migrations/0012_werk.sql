-- Wat een casus nu van wie vraagt: een rij per vraag, weg zodra er niets meer gevraagd wordt.
create table werk (
    id              uuid primary key,
    casus_id        uuid not null,
    regio           text not null,
    gemeente        text not null,
    referentie      text not null,
    aan             text not null,
    team            text,
    rol             text,
    soort           text not null,
    wat             text,
    regel_id        text,
    onderwerp_id    uuid not null,
    sinds           timestamptz not null,
    nadert_op       timestamptz,
    uiterlijk_op    timestamptz,
    rang            timestamptz not null,
    opgepakt        boolean not null,
    verstreken      boolean not null
);
create index werk_casus on werk (casus_id);
-- Een bladzijde, het dringendste eerst; van een soort ook de telling, zonder de tabel zelf te lezen.
create index werk_aan on werk (aan, rang, id);
create index werk_rang on werk (rang, id);
create index werk_soort on werk (aan, soort, rang, id) include (rol, uiterlijk_op);
create index werk_gemeente on werk (aan, gemeente, rang, id);
create index werk_referentie on werk (referentie text_pattern_ops);

-- De lijst van casussen: wat het eerst afloopt staat bovenaan; zoeken op wat mensen op papier schrijven.
alter table casus add column eerste_einde timestamptz not null default '9999-12-31 23:59:59.999999+00';
create index casus_urgentie on casus (regio, eerste_einde, id) where gesloten_op is null and soort = 'casus';
create index casus_urgentie_overal on casus (eerste_einde, id) where gesloten_op is null and soort = 'casus';
create index casus_referentie on casus (referentie text_pattern_ops);
create index casus_melding on casus (melding_id);
