-- What the GETs of handover read. Rows follow from the state of a case and can be made again from it.

create table overdracht (
    id                  uuid primary key,
    casus_id            uuid not null,
    melding_id          uuid not null,
    regio               text not null,
    gemeente            text not null,
    team                text,
    soort               text not null,
    kanaal              text not null,
    status              text not null,
    aflevering          text not null,
    aangemaakt_op       timestamptz not null,
    uiterlijk_op        timestamptz not null,
    afgeleverd_op       timestamptz,
    gestagneerd_op      timestamptz,
    ontvangen_op        timestamptz,
    opgepakt_op         timestamptz,
    teruggekoppeld_op   timestamptz,
    pogingen            integer not null,
    laatste_poging_op   timestamptz,
    laatste_fout        text
);
create index overdracht_casus on overdracht (casus_id);
create index overdracht_gemeente on overdracht (gemeente, aangemaakt_op, id);
create index overdracht_regio on overdracht (regio, aangemaakt_op, id);

-- Apart from the overdracht, so that a new status does not write the document again.
create table overdrachtsdocument (
    id                  uuid primary key,
    casus_id            uuid not null,
    document            text not null
);

-- What a gemeente can fetch. `transactie` keeps a row back until everything with a lower number can be seen too.
create table gebeurtenis (
    id                  uuid primary key,
    nummer              bigint generated always as identity unique,
    transactie          xid8 not null default pg_current_xact_id(),
    casus_id            uuid not null,
    overdracht_id       uuid not null,
    regio               text not null,
    gemeente            text not null,
    soort               text not null,
    op                  timestamptz not null
);
create index gebeurtenis_gemeente on gebeurtenis (gemeente, nummer);
create index gebeurtenis_regio on gebeurtenis (regio, nummer);
