-- What came back on the mail with an overdracht and does not say by a known form whether it was delivered. `tekst` is sealed.
create table retourbrief (
    id                  uuid primary key,
    casus_id            uuid not null,
    ontvangen_op        timestamptz not null,
    uitkomst            text,
    beoordeeld_op       timestamptz,
    tekst               text not null
);
create index retourbrief_casus on retourbrief (casus_id);
