-- When another party took the case over from its receiver (docs/decisions/0019).

alter table overdracht add column overgenomen_op timestamptz;
