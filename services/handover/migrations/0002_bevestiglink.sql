-- The links that teams with only a mailbox were mailed. Of a token only its SHA-256 is here.

create table bevestiglink (
    id                  uuid primary key,
    casus_id            uuid not null,
    digest              text not null,
    geldig_tot          timestamptz not null
);
create unique index bevestiglink_digest on bevestiglink (digest);

-- Which afspraken hold for an overdracht: those of the day of the melding.
alter table overdracht add column melding_ontvangen_op timestamptz;
update overdracht set melding_ontvangen_op = aangemaakt_op;
alter table overdracht alter column melding_ontvangen_op set not null;
