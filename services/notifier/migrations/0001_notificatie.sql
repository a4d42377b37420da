-- Who was told what, per person and channel, without saying who the person is.

create table notificatie (
    id              uuid primary key,
    casus_id        uuid not null,
    notificatie_id  uuid not null,
    escalatie_id    uuid,
    regio           text not null,
    gemeente        text,
    rol             text not null,
    partij          text not null,
    kanaal          text,
    status          text not null,
    urgentie        text not null,
    aanleiding      text not null,
    gevraagd_op     timestamptz not null,
    verzonden_op    timestamptz,
    onderwerp       text not null,
    referentie      text not null,
    link            text not null,
    wettelijk_moment timestamptz,
    pogingen        integer not null,
    reden           text
);
create index notificatie_casus on notificatie (casus_id, gevraagd_op);
create index notificatie_status on notificatie (status, gevraagd_op desc);
