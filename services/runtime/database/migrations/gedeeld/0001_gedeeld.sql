-- The only tables that services share; see docs/decisions/0002-gedeeld-schema.md.
CREATE SCHEMA IF NOT EXISTS houvast;

-- The key of each case, wrapped under the master key. A destroyed key leaves its row: a case never gets a second key.
CREATE TABLE IF NOT EXISTS houvast.sleutel (
    casus_id      uuid PRIMARY KEY,
    gewikkeld     bytea,
    gemaakt_op    timestamptz NOT NULL,
    vernietigd_op timestamptz,
    CHECK ((gewikkeld IS NULL) = (vernietigd_op IS NOT NULL))
);

-- Who may call. Only a digest of the token is kept.
CREATE TABLE IF NOT EXISTS houvast.toegangstoken (
    id            uuid PRIMARY KEY,
    hash          bytea NOT NULL UNIQUE,
    partij        text NOT NULL,
    rol           text,
    scopes        text[] NOT NULL,
    omschrijving  text NOT NULL,
    gemaakt_op    timestamptz NOT NULL,
    verloopt_op   timestamptz,
    ingetrokken_op timestamptz,
    eenmalig      boolean NOT NULL DEFAULT false
);

-- Where a moved clock started and at what real moment, so that every process shows the same time. At most one row.
CREATE TABLE IF NOT EXISTS houvast.klok (
    enige   boolean PRIMARY KEY DEFAULT true CHECK (enige),
    start   timestamptz NOT NULL,
    getoond timestamptz NOT NULL,
    snelheid double precision NOT NULL CHECK (snelheid > 0),
    anker   double precision NOT NULL
);
