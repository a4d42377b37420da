"""The ports of triage on PostgreSQL."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.messages.identifiers import CasusId
from services.runtime.database.connection import Connection, Row
from services.runtime.unit.lookups import Lookup
from services.runtime.unit.rows import R, columns, read_row, select
from services.triage.domain.casus import Fase
from services.triage.ports import EarlierCases, Regiodienst, rows

_EARLIER = """
select t.wie, v.casus_id, exists (select 1 from melding m where m.casus_id = v.casus_id and m.status <> $3) as loopt
from unnest($1::int[], $2::text[]) as t(wie, sleutel) cross join lateral
    (select casus_id from verwijzing where soort = 'huishouden' and verwijzing.sleutel = t.sleutel offset 0) as v
group by t.wie, v.casus_id order by t.wie, v.casus_id
"""
"""`offset 0`: looked up key by key, whatever the statistics say of a table that has just filled."""
_ITS_OR_ITS_CASE = "where id = $1 or casus_id = $1 order by id <> $1 limit 1"
_MELDINGEN = """
where regio = $1 and ($2::text is null or status = $2)
  and ($3::uuid is null or (ontvangen_op, id) > (select ontvangen_op, id from melding where id = $3))
order by ontvangen_op, id limit $4
"""
_BESLUITEN = "where casus_id = $1 order by genomen_op, id"
_DIENST = f"select {columns(rows.Dienst, 'd')}, m.regio from dienst d join melding m using (casus_id) where d.id = $1"  # noqa: S608  columns of our own


class PostgresQueries:
    """Reads the read tables; the search path is the schema of triage."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._earlier: Lookup[tuple[str, ...], EarlierCases] = Lookup(self._load_earlier)

    async def earlier_cases(self, huishouden: Sequence[str]) -> EarlierCases:
        return await self._earlier.get(tuple(huishouden)) or EarlierCases()

    async def _load_earlier(self, wanted: Sequence[tuple[str, ...]]) -> Mapping[tuple[str, ...], EarlierCases]:
        keys = [(number, key) for number, huishouden in enumerate(wanted) for key in huishouden]
        rows = await self._connection.fetch(
            _EARLIER, [number for number, _ in keys], [key for _, key in keys], Fase.GEEN_VERVOLG.value
        )
        found: dict[int, list[Row]] = {}
        for row in rows:
            found.setdefault(row["wie"], []).append(row)
        return {wanted[number]: _earlier(cases) for number, cases in found.items()}

    async def melding(self, identifier: UUID) -> rows.Melding | None:
        return await self._first(rows.Melding, _ITS_OR_ITS_CASE, identifier)

    async def meldingen(
        self, *, regio: str, status: str | None, na: UUID | None, limiet: int
    ) -> tuple[rows.Melding, ...]:
        return await select(self._connection, rows.Melding, _MELDINGEN, regio, status, na, limiet)

    async def meldpuntmelding(self, identifier: UUID) -> rows.Meldpuntmelding | None:
        return await self._first(rows.Meldpuntmelding, _ITS_OR_ITS_CASE, identifier)

    async def besluiten(self, casus_id: CasusId) -> tuple[rows.Besluitregel, ...]:
        return await select(self._connection, rows.Besluitregel, _BESLUITEN, casus_id)

    async def dienst(self, identifier: UUID) -> Regiodienst | None:
        row = await self._connection.fetchrow(_DIENST, identifier)
        return None if row is None else read_row(Regiodienst, row)

    async def adviesvraag(self, identifier: UUID) -> rows.Adviesvraag | None:
        return await self._first(rows.Adviesvraag, "where id = $1", identifier)

    async def _first(self, kind: type[R], rest: str, identifier: UUID) -> R | None:
        return next(iter(await select(self._connection, kind, rest, identifier)), None)


def _earlier(rows: Sequence[Row]) -> EarlierCases:
    return EarlierCases(
        tuple(CasusId(row["casus_id"]) for row in rows),
        tuple(CasusId(row["casus_id"]) for row in rows if row["loopt"]),
    )
