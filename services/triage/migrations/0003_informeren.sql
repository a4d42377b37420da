-- When the melder was told what was done with the melding.

alter table melding add column melder_geinformeerd_op timestamptz;
