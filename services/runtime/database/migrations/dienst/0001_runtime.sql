-- The memory that every service has: one unit of work writes these together or not at all.

create table inbox (
    key         uuid primary key,
    casus_id    uuid not null,
    vingerafdruk text,
    antwoord    text,
    op          timestamptz not null
);
create index inbox_op on inbox using brin (op);

create table aggregaat (
    casus_id    uuid primary key,
    toestand    text not null,
    versie      integer not null,
    volgnummer  integer not null,
    gewijzigd_op timestamptz not null
) with (fillfactor = 70);

create table journaal (
    nummer      bigint generated always as identity primary key,
    casus_id    uuid not null,
    op          timestamptz not null,
    wat         text not null,
    regel_id    text,
    regel_versie text,
    feiten      jsonb not null,
    actor       text not null,
    oorzaak     text
);
create index journaal_casus on journaal (casus_id, nummer);

create function journaal_is_onveranderlijk() returns trigger language plpgsql as $$
begin
    raise exception 'het journaal is alleen aan te vullen';
end $$;
create trigger journaal_alleen_aanvullen before update or delete or truncate on journaal
    for each statement execute function journaal_is_onveranderlijk();

create table outbox (
    positie     bigint generated always as identity primary key,
    id          uuid not null unique,
    topic       text not null,
    casus_id    uuid not null,
    bericht     bytea not null,
    gemaakt_op  timestamptz not null,
    gepubliceerd_op timestamptz,
    afgenomen_op timestamptz
);
create index outbox_te_publiceren on outbox (positie) where gepubliceerd_op is null;
create index outbox_casus on outbox (casus_id);

create table timer (
    casus_id    uuid not null,
    naam        text not null,
    due_at      timestamptz not null,
    gegevens    text not null,
    primary key (casus_id, naam)
);
create index timer_due on timer (due_at, casus_id);

create table opdracht (
    nummer      bigint generated always as identity,
    id          uuid primary key,
    casus_id    uuid not null,
    soort       text not null,
    bestemming  text not null,
    inhoud      text not null,
    due_at      timestamptz not null,
    pogingen    integer not null,
    status      text not null check (status in ('open', 'klaar', 'vervallen')),
    lease_tot   timestamptz,
    lease_van   text,
    gemaakt_op  timestamptz not null
);
create index opdracht_due on opdracht (due_at) where status = 'open';
create index opdracht_open on opdracht (casus_id, bestemming, nummer) where status = 'open';

create table poging (
    opdracht_id uuid not null,
    nummer      integer not null,
    op          timestamptz not null,
    resultaat   text not null,
    status      integer,
    toelichting text not null,
    ontvangen   jsonb not null,
    primary key (opdracht_id, nummer)
);

create table verwijzing (
    soort       text not null,
    sleutel     text not null,
    casus_id    uuid not null,
    primary key (soort, sleutel, casus_id)
);

create table geparkeerd (
    nummer      bigint generated always as identity,
    key         uuid primary key,
    casus_id    uuid,
    soort       text not null,
    reden       text not null,
    topic       text not null,
    partitie    integer not null,
    positie     bigint not null,
    bericht     bytea not null,
    op          timestamptz not null
);
create index geparkeerd_casus on geparkeerd (casus_id, nummer);
