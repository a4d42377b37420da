-- Voor welke dag een monitormoment is ingepland.
alter table monitormoment add column ingepland_voor timestamptz;
