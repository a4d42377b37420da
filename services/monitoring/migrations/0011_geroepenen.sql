-- Welke rol bij een gemeente de casus leest (`GM0000/rol`) omdat de gemeente zelf geroepen, ingelicht of aangesproken is,
-- en niet omdat haar team hem heeft.
-- De leestabellen worden opnieuw gemaakt; tot dan leest wie er voor de gemeente zelf is alleen nieuwe oproepen.

alter table casus add column geroepenen jsonb not null default '[]';
create index casus_geroepenen on casus using gin (geroepenen);
