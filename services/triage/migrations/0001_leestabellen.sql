-- What the GETs of triage read. Rows follow from the state of a case and can be made again from it.

create table melding (
    id                  uuid primary key,
    casus_id            uuid not null,
    afzender            text not null,
    kenmerk             text,
    regio               text not null,
    gemeente            text not null,
    bron                text not null,
    urgentie            text not null,
    ontvangen_op        timestamptz not null,
    status              text not null,
    meldpuntmelding_id  uuid,
    eerdere_casussen    jsonb not null,
    feiten              jsonb not null,
    triageadvies        jsonb,
    persoonsgegevens    text not null
);
create index melding_casus on melding (casus_id);
create index melding_werkvoorraad on melding (regio, status, ontvangen_op, id);

create table meldpuntmelding (
    id                  uuid primary key,
    casus_id            uuid not null,
    meldpunt            text not null,
    kenmerk             text,
    regio               text not null,
    gemeente            text not null,
    crisis              boolean not null,
    vermoeden_hgkm      boolean not null,
    uitkomst            text not null,
    status              text not null,
    ontvangen_op        timestamptz not null,
    doorgezet_naar      text,
    doorgezet_op        timestamptz,
    overgenomen_door    text,
    overgenomen_op      timestamptz
);
create index meldpuntmelding_casus on meldpuntmelding (casus_id);

create table adviesvraag (
    id                  uuid primary key,
    casus_id            uuid not null,
    regio               text not null,
    gemeente            text,
    bron                text not null,
    onderwerp           text not null,
    gesteld_op          timestamptz not null
);

create table triagebesluit (
    id                  uuid primary key,
    casus_id            uuid not null,
    besluit             text not null,
    genomen_op          timestamptz not null,
    functie             text not null,
    wijkt_af_van_advies boolean not null,
    ontvangers          jsonb not null
);
create index triagebesluit_casus on triagebesluit (casus_id);

create table dienst (
    id                  uuid primary key,
    casus_id            uuid not null,
    dienstsoort         text not null,
    gestart_op          timestamptz not null,
    afgerond_op         timestamptz,
    ontvangers          jsonb not null
);
create index dienst_casus on dienst (casus_id);
