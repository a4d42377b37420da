"""Read rows of very many open cases, made in the database at once: for measuring the workplace, and for its plans.

No case stands behind them: what is read is as large and as spread as the real thing, and nothing happens to it.
"""

from services.runtime.database.connection import Session

_CASUSSEN = """
insert into casus (id, casus_id, referentie, regio, gemeente, gemeenten, partijen, lezers, geroepenen, soort, melding_id,
                   melding_ontvangen_op, bron, urgentie, afspraken_versie, zicht_drager, zicht_partij, zicht_vanaf,
                   zicht_regel, eerste_einde)
select id, id, 'HV-' || upper(right(replace(id::text, '-', ''), 8)), $3, gemeente, jsonb_build_array(gemeente),
       jsonb_build_array(gemeente), jsonb_build_array(gemeente, $4::text), '[]', 'casus', gen_random_uuid(),
       op, 'politie', 'regulier', $5, 'veilig-thuis', $4, op, 'zicht-bij-melding', op + interval '7 days'
from (select gen_random_uuid() as id, ($2::text[])[1 + n % array_length($2::text[], 1)] as gemeente,
             now() - (n % 20000) * interval '1 minute' as op
      from generate_series(1, $1) as n) made
"""
_TERMIJNEN = """
insert into termijn (id, casus_id, regio, gemeente, regel_id, afspraken_versie, label, onderwerp_id, verantwoordelijke,
                     begint_op, eindigt_op, status)
select gen_random_uuid(), id, regio, gemeente, 'veiligheidsbeoordeling', afspraken_versie,
       'Veiligheidsbeoordeling en triagebesluit', melding_id, 'veilig-thuis', melding_ontvangen_op, eerste_einde,
       case when eerste_einde <= now() then 'verstreken' else 'lopend' end
from casus
"""
_OVERDRACHTEN = """
insert into overdracht (id, casus_id, regio, gemeente, overdrachtsoort, kanaal, aangemaakt_op, afgeleverd_op)
select gen_random_uuid(), id, regio, gemeente, 'direct', 'rest', melding_ontvangen_op, melding_ontvangen_op from casus
"""
_WERK = """
insert into werk (id, casus_id, regio, gemeente, referentie, aan, rol, soort, wat, regel_id, onderwerp_id, sinds,
                  nadert_op, uiterlijk_op, rang, opgepakt, verstreken)
select gen_random_uuid(), c.id, c.regio, c.gemeente, c.referentie,
       case part when 1 then 'veilig-thuis@' || c.regio when 2 then c.gemeente else $1 end,
       case part when 3 then 'leidinggevende' end, (array['triage', 'aanbod', 'escalatie'])[part],
       'Veiligheidsbeoordeling en triagebesluit', 'veiligheidsbeoordeling', c.melding_id, c.melding_ontvangen_op, null,
       c.eerste_einde, c.eerste_einde, false, c.eerste_einde <= now()
from casus c cross join generate_series(1, 3) as part
where part <> 3 or get_byte(uuid_send(c.id), 15) < 32
"""


async def make_rows(
    connection: Session, number: int, *, regio: str, gemeenten: list[str], veilig_thuis: str, versie: str
) -> None:
    """`number` cases over these gemeenten, each with a term, an overdracht and what is asked of whom."""
    await connection.execute(_CASUSSEN, number, gemeenten, regio, veilig_thuis, versie)
    await connection.execute(_TERMIJNEN)
    await connection.execute(_OVERDRACHTEN)
    await connection.execute(_WERK, veilig_thuis)
    for table in ("casus", "termijn", "overdracht", "werk"):
        await connection.execute(f"vacuum analyze {table}")
