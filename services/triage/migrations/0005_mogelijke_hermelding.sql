-- Earlier cases that may be about the same people, and what a person said of each.
alter table melding add column mogelijke_hermeldingen jsonb not null default '[]';
