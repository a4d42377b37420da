-- What monitoring shows: cases, termijnen, who bears zicht op veiligheid, escalaties, and overdrachten as it saw them.

create table casus (
    id              uuid primary key,
    casus_id        uuid not null,
    referentie      text not null,
    regio           text not null,
    gemeente        text not null,
    gemeenten       jsonb not null,
    melding_id      uuid,
    melding_ontvangen_op timestamptz,
    bron            text,
    urgentie        text,
    afspraken_versie text,
    zicht_drager    text,
    zicht_partij    text,
    zicht_vanaf     timestamptz,
    zicht_regel     text,
    gesloten_op     timestamptz
);
create index casus_gemeenten on casus using gin (gemeenten);
create index casus_regio on casus (regio, melding_ontvangen_op desc);

create table termijn (
    id              uuid primary key,
    casus_id        uuid not null,
    regio           text not null,
    gemeente        text not null,
    team            text,
    regel_id        text not null,
    afspraken_versie text not null,
    label           text not null,
    onderwerp_id    uuid not null,
    verantwoordelijke text not null,
    begint_op       timestamptz not null,
    nadert_op       timestamptz,
    eindigt_op      timestamptz not null,
    status          text not null,
    gehaald_op      timestamptz,
    gehaald_door    text
);
create index termijn_casus on termijn (casus_id);
create index termijn_status on termijn (status, eindigt_op, id);
create index termijn_gemeente on termijn (gemeente, status, eindigt_op);

create table zicht (
    id              uuid primary key,
    casus_id        uuid not null,
    regio           text not null,
    gemeente        text not null,
    volgnummer      integer not null,
    drager          text,
    partij          text,
    vanaf           timestamptz not null,
    geldt_tot       timestamptz,
    vervangen       boolean not null,
    regel_id        text not null,
    afspraken_versie text not null,
    handeling       text not null,
    vastgesteld_op  timestamptz not null
);
create index zicht_casus on zicht (casus_id, volgnummer);

create table escalatie (
    id              uuid primary key,
    casus_id        uuid not null,
    regio           text not null,
    gemeente        text not null,
    team            text,
    regel_id        text not null,
    ladder_id       text not null,
    afspraken_versie text not null,
    termijn_id      uuid,
    onderwerp_id    uuid not null,
    trede           integer not null,
    rol             text not null,
    bij             text not null,
    status          text not null,
    gestart_op      timestamptz not null,
    trede_op        timestamptz not null,
    volgende_op     timestamptz,
    opgepakt_op     timestamptz,
    opgepakt_door   text,
    afgehandeld_op  timestamptz,
    resultaat       text
);
create index escalatie_casus on escalatie (casus_id);
create index escalatie_status on escalatie (status, gestart_op, id);

create table overdracht (
    id              uuid primary key,
    casus_id        uuid not null,
    regio           text not null,
    gemeente        text not null,
    team            text,
    overdrachtsoort text,
    kanaal          text,
    aangemaakt_op   timestamptz,
    afgeleverd_op   timestamptz,
    ontvangen_op    timestamptz,
    opgepakt_op     timestamptz,
    teruggekoppeld_op timestamptz,
    gestagneerd_op  timestamptz
);
create index overdracht_casus on overdracht (casus_id);
create index overdracht_gemeente on overdracht (gemeente, aangemaakt_op desc);
