-- When the people involved were last told of the overdracht.

alter table overdracht add column betrokkenen_geinformeerd_op timestamptz;
