-- The outbox itself is never changed: what has to leave, and what left but may still be lost, is told beside it.

create table te_verzenden (
    positie     bigint primary key
);

-- Only for a broker that forgets: taken away when every listener has it, sent again when the relay starts.
create table onderweg (
    positie     bigint primary key
);

insert into te_verzenden select positie from outbox where gepubliceerd_op is null;
insert into onderweg select positie from outbox where gepubliceerd_op is not null and afgenomen_op is null;
alter table outbox drop column gepubliceerd_op, drop column afgenomen_op;

-- What is sealed does not get smaller, so a row of a few kilobytes is kept as it is.
alter table outbox set (toast_tuple_target = 8160);
alter table aggregaat set (toast_tuple_target = 8160);
alter table opdracht set (toast_tuple_target = 8160);
