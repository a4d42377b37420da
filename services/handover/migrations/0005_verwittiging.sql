-- When the receiver had heard that an overdracht was taken back.

alter table overdracht add column verwittigd_op timestamptz;
