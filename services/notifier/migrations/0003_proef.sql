-- How it goes with the messages that try a channel by the clock.

create table proef (
    id          uuid primary key,
    casus_id    uuid not null,
    kanaal      text not null,
    volgende_op timestamptz not null,
    gestuurd_op timestamptz,
    gelukt_op   timestamptz,
    mislukt_op  timestamptz,
    reden       text
);

create index proef_casus on proef (casus_id);
