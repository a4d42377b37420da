-- How far the read tables have been made anew out of the states: for which projection, after which case.
create table leestabellen (
    enige       boolean primary key default true check (enige),
    projectie   text not null,
    na          uuid,
    gedaan      bigint not null default 0,
    begonnen_op timestamptz not null,
    klaar_op    timestamptz
);

-- The rows that could not be made then; without a table: none of its case.
create table leestabel_fout (
    casus_id    uuid not null,
    tabel       text,
    id          uuid,
    fout        text not null,
    op          timestamptz not null
);
