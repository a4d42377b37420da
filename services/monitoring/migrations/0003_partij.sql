-- What is about an overdracht to another party than the lokaal team of its gemeente.

alter table termijn add column partij text;
alter table escalatie add column partij text;
alter table overdracht add column partij text;
alter table monitormoment add column partij text;
alter table signaal add column partij text;
