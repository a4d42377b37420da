-- Verbindend samenwerken: which team was asked to walk along in a dienst, and how far they are.

create table samenwerking (
    id                  uuid primary key,
    casus_id            uuid not null,
    dienst_id           uuid not null,
    regio               text not null,
    gemeente            text not null,
    team                text,
    urgentie            text not null,
    status              text not null,
    gevraagd_op         timestamptz not null,
    capaciteit_gesignaleerd_op timestamptz,
    verdeeld_op         timestamptz,
    eerste_contact_op   timestamptz,
    contact_gelegd_op   timestamptz,
    gestopt_op          timestamptz
);
create index samenwerking_gemeente on samenwerking (gemeente, gevraagd_op, id);
create index samenwerking_regio on samenwerking (regio, gevraagd_op, id);
