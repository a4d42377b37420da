-- Under which number we told of a case last, where an older backup that does not have the case was put back. Empty as a
-- rule: a case that begins asks here, and not in an outbox that grows for years.
create table verteld (
    casus_id    uuid primary key,
    volgnummer  integer not null
);
insert into verteld
select casus_id, max((convert_from(bericht, 'UTF8')::jsonb ->> 'sequence')::int) as volgnummer from outbox
where not exists (select from aggregaat a where a.casus_id = outbox.casus_id)
group by casus_id having max((convert_from(bericht, 'UTF8')::jsonb ->> 'sequence')::int) is not null;
