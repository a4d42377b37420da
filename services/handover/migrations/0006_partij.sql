-- An overdracht to another party than the lokaal team of its gemeente.

alter table overdracht add column partij text;
alter table gebeurtenis add column partij text;

-- Who received it is what a gemeente or party is shown by.
create index overdracht_ontvanger on overdracht (coalesce(partij, gemeente), aangemaakt_op, id);
create index gebeurtenis_ontvanger on gebeurtenis (coalesce(partij, gemeente), nummer);
drop index overdracht_gemeente;
drop index gebeurtenis_gemeente;
