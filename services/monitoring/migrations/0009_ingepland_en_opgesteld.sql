-- Voor welke dag een monitormoment is ingepland.
alter table monitormoment add column ingepland_voor timestamptz;
-- Een structureel signaal staat eerst klaar; een persoon verstuurt het.
alter table signaal alter column afgegeven_op drop not null;
alter table signaal add column opgesteld_op timestamptz;
alter table signaal add column verstuurd_door text;
alter table signaal add column vervallen_op timestamptz;
alter table signaal add column bewijs jsonb not null default '[]';
