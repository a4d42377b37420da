-- An overdracht that was refused with a code, or taken back.

alter table overdracht add column geweigerd_op timestamptz;
alter table overdracht add column weigeringscode text;
alter table overdracht add column ingetrokken_op timestamptz;
alter table overdracht add column ronde integer not null default 1;
