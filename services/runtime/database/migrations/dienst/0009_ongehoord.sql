-- When a timer comes though not everything from before it was heard, to say so; see docs/decisions/0018.
alter table timer add column ongehoord_op timestamptz;
create index timer_ongehoord on timer (ongehoord_op) where ongehoord_op is not null;
