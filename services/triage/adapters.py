"""The ports of triage on PostgreSQL."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.messages.identifiers import CasusId
from services.runtime.database.connection import Connection, Row
from services.runtime.unit.lookups import Lookup
from services.runtime.unit.rows import R, columns, read_row, select
from services.runtime.unit.states import read_state
from services.triage.domain.casus import Casus, Fase
from services.triage.domain.huishouden import Gevonden
from services.triage.ports import Regiodienst, rows

_EARLIER = """
select t.wie, v.casus_id, array_agg(distinct t.sleutel) as sleutels,
    exists (select 1 from melding m where m.casus_id = v.casus_id and m.status <> $3) as loopt
from unnest($1::int[], $2::text[]) as t(wie, sleutel) cross join lateral
    (select casus_id from verwijzing where soort = 'huishouden' and verwijzing.sleutel = t.sleutel limit 200) as v
group by t.wie, v.casus_id
"""
"""`limit`: looked up key by key, whatever the statistics say of a table that has just filled; and a key that very many
share, such as the address of a shelter, says nothing about anybody."""
_ITS_OR_ITS_CASE = "where id = $1 or casus_id = $1 order by id <> $1 limit 1"
_MELDINGEN = """
where regio = $1 and ($2::text is null or status = $2)
  and ($3::uuid is null or (ontvangen_op, id) > (select ontvangen_op, id from melding where id = $3))
  and ($4::boolean is null or (mogelijke_hermeldingen @> '[{"oordeel": null}]') = $4)
order by ontvangen_op, id limit $5
"""
_BESLUITEN = "where casus_id = $1 order by genomen_op, id"
_DIENST = f"select {columns(rows.Dienst, 'd')}, m.regio from dienst d join melding m using (casus_id) where d.id = $1"  # noqa: S608  columns of our own


class PostgresQueries:
    """Reads the read tables; the search path is the schema of triage."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._earlier: Lookup[tuple[str, ...], tuple[Gevonden, ...]] = Lookup(self._load_earlier)

    async def earlier_cases(self, sleutels: Sequence[str]) -> tuple[Gevonden, ...]:
        return await self._earlier.get(tuple(sleutels)) or ()

    async def _load_earlier(self, wanted: Sequence[tuple[str, ...]]) -> Mapping[tuple[str, ...], tuple[Gevonden, ...]]:
        keys = [(number, key) for number, huishouden in enumerate(wanted) for key in huishouden]
        rows = await self._connection.fetch(
            _EARLIER, [number for number, _ in keys], [key for _, key in keys], Fase.GEEN_VERVOLG.value
        )
        found: dict[int, list[Row]] = {}
        for row in rows:
            found.setdefault(row["wie"], []).append(row)
        return {wanted[number]: _earlier(cases) for number, cases in found.items()}

    async def toestand(self, casus_id: UUID) -> Casus | None:
        return await read_state(self._connection, Casus, casus_id)

    async def melding(self, identifier: UUID) -> rows.Melding | None:
        return await self._first(rows.Melding, _ITS_OR_ITS_CASE, identifier)

    async def meldingen(
        self, *, regio: str, status: str | None, te_vergelijken: bool | None, na: UUID | None, limiet: int
    ) -> tuple[rows.Melding, ...]:
        return await select(self._connection, rows.Melding, _MELDINGEN, regio, status, na, te_vergelijken, limiet)

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


def _earlier(rows: Sequence[Row]) -> tuple[Gevonden, ...]:
    return tuple(Gevonden(row["casus_id"], row["sleutels"], loopt=row["loopt"]) for row in rows)
