-- Wat in een crisis gevraagd wordt staat bovenaan en heet ook zo.
alter table werk add column crisis boolean not null default false;
