"""The queries of the regiebord, over the read tables of this service."""

from contracts.rechten import Kring
from services.monitoring.adapters.queries import may_see
from services.monitoring.ports import Bord, Bordescalatie, Bordoverdracht, rows
from services.runtime.database.connection import Connection
from services.runtime.unit.rows import columns, read_row, select

_ESCALATIES = f"""
select {columns(rows.Escalatie, "e")}, t.label from escalatie e left join termijn t on t.id = e.termijn_id
where e.status <> 'afgehandeld' and e.casus_id in ({{cases}}) order by e.gestart_op desc, e.id limit $1
"""  # noqa: S608  columns of our own
_OVERDRACHTEN = f"""
select {columns(rows.Overdracht, "o")}, c.zicht_partij, c.zicht_vanaf from overdracht o join casus c on c.id = o.casus_id
where o.casus_id in ({{cases}}) order by o.aangemaakt_op desc nulls first, o.id limit $1
"""  # noqa: S608  idem
_TERMIJNEN = """
where casus_id in ({cases}) and status <> 'vervallen'
order by case status when 'verstreken' then 0 when 'lopend' then 1 else 2 end,
         case when status = 'lopend' then eindigt_op end, eindigt_op desc, id limit $1
"""
_CASUSSEN = """
where id in ({cases}) and soort = 'casus' order by melding_ontvangen_op desc nulls last, id limit $1
"""
_TELLINGEN = """
select (select count(*) from casus where id in ({cases}) and soort = 'casus') as casussen,
       (select count(*) from overdracht where casus_id in ({cases}) and ontvangen_op is null
          and opgepakt_op is null and teruggekoppeld_op is null
          and geweigerd_op is null and ingetrokken_op is null) as onbevestigd,
       (select count(*) from termijn where casus_id in ({cases}) and status = 'verstreken') as verstreken,
       (select count(*) from escalatie where casus_id in ({cases}) and status <> 'afgehandeld') as escalaties
"""


class PostgresBord:
    """`BordQueries` in PostgreSQL."""

    def __init__(self, pool: Connection) -> None:
        self._pool = pool

    async def bord(self, kring: Kring, most: int) -> Bord:
        """The whole page, at most `most` of each; what needs someone first."""
        listing, values = may_see(kring, casus=True, first=2)
        counting, _ = may_see(kring, casus=True, first=1)
        cases = f"select id from casus where true {listing}"  # noqa: S608 - fixed text and a parameter number
        counted = f"select id from casus where true {counting}"  # noqa: S608 - idem
        (numbers,) = await self._pool.fetch(_TELLINGEN.format(cases=counted), *values)
        escalaties = await self._pool.fetch(_ESCALATIES.format(cases=cases), most, *values)
        overdrachten = await self._pool.fetch(_OVERDRACHTEN.format(cases=cases), most, *values)
        return Bord(
            tellingen=dict(numbers),
            escalaties=[read_row(Bordescalatie, row) for row in escalaties],
            overdrachten=[read_row(Bordoverdracht, row) for row in overdrachten],
            termijnen=await select(self._pool, rows.Termijn, _TERMIJNEN.format(cases=cases), most, *values),
            casussen=await select(self._pool, rows.Casusregel, _CASUSSEN.format(cases=cases), most, *values),
        )
