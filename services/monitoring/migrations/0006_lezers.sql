-- Wie de casus nu mag lezen; `partijen` blijft zeggen van wie hij is of was.

alter table casus add column lezers jsonb not null default '[]';

-- Wie alles terugzag gaan, of wie als meldpunt is afgelost, leest niet meer mee.
update casus c set lezers = coalesce((
    select jsonb_agg(p.code) from jsonb_array_elements_text(c.partijen) as p(code)
    where p.code = c.zicht_partij
       or exists (select from escalatie e where e.casus_id = c.id and e.bij = p.code and e.status <> 'afgehandeld')
       or exists (select from overdracht o where o.casus_id = c.id and coalesce(o.partij, o.gemeente) = p.code
                  and coalesce(o.teruggekoppeld_op, o.geweigerd_op, o.ingetrokken_op) is null)
       or not exists (select from overdracht o where o.casus_id = c.id and coalesce(o.partij, o.gemeente) = p.code)
          and not exists (select from zicht z where z.casus_id = c.id and z.partij = p.code)
), '[]');

drop index casus_partijen;
create index casus_lezers on casus using gin (lezers);
