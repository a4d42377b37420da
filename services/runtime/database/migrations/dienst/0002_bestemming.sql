-- Per destination of the requests of a service: whether it answers, whether people stopped it, how fast it may be called.

-- `open_tot` on the Clock: until then nothing is sent, after it one request tries. Several copies of a service share it.
create table bestemming (
    naam        text primary key,
    mislukt     integer not null default 0,
    keer_open   integer not null default 0,
    open_tot    timestamptz,
    gepauzeerd_op timestamptz,
    pauze_reden text,
    pauze_door  text
);

-- `tegoed` in requests, on the clock of the database. Written by whoever takes requests, under one lock.
create table tempo (
    naam        text primary key,
    per_seconde double precision check (per_seconde > 0),
    tegelijk    integer not null check (tegelijk > 0),
    tegoed      double precision not null default 1,
    tegoed_op   timestamptz not null default clock_timestamp()
);

-- What waits for one destination is found without looking at what waits for another.
drop index opdracht_due;
create index opdracht_bestemming on opdracht (bestemming, due_at, nummer) where status = 'open';
create index opdracht_bezig on opdracht (bestemming) where status = 'open' and lease_tot is not null;
alter table opdracht set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- What went and what came back: no personal data.
alter table poging add column verzonden jsonb not null default '{}';
alter table poging add column antwoord text;
alter table poging add column duur_ms integer;
