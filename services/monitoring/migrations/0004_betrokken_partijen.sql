-- Whose case it is: gemeenten and other parties alike. `gemeenten` goes on naming the gemeenten among them.

alter table casus add column partijen jsonb not null default '[]';
update casus set partijen = gemeenten;
create index casus_partijen on casus using gin (partijen);
drop index casus_gemeenten;

-- A signal is about no overdracht.
alter table signaal drop column partij;
