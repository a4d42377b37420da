-- Wat iemand gevraagd wordt: per naam, rol en soort het dringendste eerst, ook geteld zonder de tabel zelf te lezen.
drop index werk_aan;
drop index werk_soort;
drop index werk_gemeente;
create index werk_voor on werk (aan, coalesce(rol, ''), soort, rang, id) include (rol, team, uiterlijk_op);
create index werk_in_gemeente on werk (aan, gemeente, coalesce(rol, ''), soort, rang, id) include (rol, team, uiterlijk_op);

-- De lijst van casussen, ook van een gemeente en ook van wat gesloten is.
create index casus_gemeente_urgentie on casus (gemeente, eerste_einde, id) where gesloten_op is null and soort = 'casus';
create index casus_gesloten on casus (regio, eerste_einde, id) where gesloten_op is not null and soort = 'casus';
create index casus_gemeente_gesloten on casus (gemeente, eerste_einde, id) where gesloten_op is not null and soort = 'casus';

-- Geen bladzijde vraagt hier nog naar.
drop index casus_regio;
drop index termijn_gemeente;
