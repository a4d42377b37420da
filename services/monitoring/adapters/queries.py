"""The read tables in PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import orjson
from pydantic import JsonValue

from contracts.rechten import Kring
from services.monitoring.ports import EscalatieVraag, MonitorVraag, Row, SignaalVraag, TermijnVraag
from services.runtime.unit.decision import JsonObject


class Reader(Protocol):
    """The part of a connection pool that reading needs."""

    async def fetch(self, query: str, /, *args: object) -> Sequence[Row]:
        """Give the rows of a query."""
        ...


_BELONGS = (
    ("termijn", "eindigt_op"),
    ("escalatie", "gestart_op"),
    ("overdracht", "aangemaakt_op"),
    ("monitormoment", "gepland_op"),
)
"""The tables of what belongs to a case, each with its order."""


class PostgresQueries:
    """`Queries` over the read tables and the journal of this service."""

    def __init__(self, pool: Reader) -> None:
        self._pool = pool

    async def casus(self, identifier: UUID, kring: Kring) -> JsonObject | None:
        """The case with what belongs to it, or None."""
        where, values = may_see(kring, casus=True, first=2)
        found = await self._pool.fetch(
            f"select * from casus where (id = $1 or melding_id = $1) {where} limit 1",  # noqa: S608 - fixed text
            identifier,
            *values,
        )
        if not found:
            return None
        casus = _json(found[0])
        del casus["lezers"]
        for table, order in _BELONGS:
            rows = await self._pool.fetch(
                f"select * from {table} where casus_id = $1 order by {order}, id",  # noqa: S608 - fixed names
                found[0]["id"],
            )
            casus[table] = [_json(item) for item in rows]
        return casus

    async def zicht(self, casus_id: UUID) -> Sequence[JsonObject]:
        """The ledger in the order in which it was written."""
        rows = await self._pool.fetch("select * from zicht where casus_id = $1 order by volgnummer", casus_id)
        return [_json(row) for row in rows]

    async def journaal(self, casus_id: UUID) -> Sequence[JsonObject]:
        """The journal of the case."""
        rows = await self._pool.fetch(
            "select nummer, op, wat, regel_id, regel_versie, feiten, actor from journaal"
            " where casus_id = $1 order by nummer",
            casus_id,
        )
        return [_json(row) for row in rows]

    async def termijnen(self, vraag: TermijnVraag, kring: Kring) -> Sequence[JsonObject]:
        """Termijnen, the first to end first."""
        where, values = may_see(kring, casus=False, first=6)
        rows = await self._pool.fetch(
            "select * from termijn where ($1::text is null or status = $1) and ($2::text is null or gemeente = $2)"  # noqa: S608 - fixed text
            f" and ($3::timestamptz is null or eindigt_op < $3) {where}"
            " order by eindigt_op, id limit $4 offset $5",
            None if vraag.status is None else vraag.status.value,
            vraag.gemeente,
            vraag.voor,
            vraag.limiet,
            vraag.overslaan,
            *values,
        )
        return [_json(row) for row in rows]

    async def escalaties(self, vraag: EscalatieVraag, kring: Kring) -> Sequence[JsonObject]:
        """Escalaties, the newest first."""
        where, values = may_see(kring, casus=False, first=5)
        rows = await self._pool.fetch(
            "select * from escalatie where ($1::text is null or status = $1) and ($2::text is null or gemeente = $2)"  # noqa: S608 - fixed text
            f" {where} order by gestart_op desc, id limit $3 offset $4",
            None if vraag.status is None else vraag.status.value,
            vraag.gemeente,
            vraag.limiet,
            vraag.overslaan,
            *values,
        )
        return [_json(row) for row in rows]

    async def casus_of_monitormoment(self, moment_id: UUID, kring: Kring) -> UUID | None:
        """The case that a monitormoment belongs to."""
        where, values = may_see(kring, casus=False, first=2)
        found = await self._pool.fetch(
            f"select casus_id from monitormoment where id = $1 {where}",  # noqa: S608 - fixed text
            moment_id,
            *values,
        )
        return UUID(str(found[0]["casus_id"])) if found else None

    async def monitormomenten(self, vraag: MonitorVraag, kring: Kring) -> Sequence[JsonObject]:
        """Monitormomenten, the first to be held first."""
        where, values = may_see(kring, casus=False, first=5)
        rows = await self._pool.fetch(
            "select * from monitormoment where ($1::text is null or status = $1)"  # noqa: S608 - fixed text
            f" and ($2::timestamptz is null or gepland_op < $2) {where} order by gepland_op, id limit $3 offset $4",
            None if vraag.status is None else vraag.status.value,
            vraag.voor,
            vraag.limiet,
            vraag.overslaan,
            *values,
        )
        return [_json(row) for row in rows]

    async def signalen(self, vraag: SignaalVraag, kring: Kring) -> Sequence[JsonObject]:
        """Structurele signalen, the newest first."""
        where, values = may_see_signaal(kring, first=4)
        rows = await self._pool.fetch(
            "select * from signaal where ($1::boolean is null or (beantwoord_op is not null) = $1)"  # noqa: S608 - fixed text
            f" {where} order by afgegeven_op desc, id limit $2 offset $3",
            vraag.beantwoord,
            vraag.limiet,
            vraag.overslaan,
            *values,
        )
        return [_json(row) for row in rows]


def may_see(kring: Kring, *, casus: bool, first: int) -> tuple[str, tuple[object, ...]]:
    """The rest of a where clause and its values, from parameter number `first` on."""
    if kring.partijen is not None:
        where = (
            f"lezers ?| ${first}::text[]" if casus else f"${first}::text[] && array[gemeente, partij] and {_own(first)}"
        )
        return f"and {where}", (sorted(kring.partijen),)
    if kring.regio is not None:
        return f"and regio = ${first}", (kring.regio,)
    return "", ()


def may_see_signaal(kring: Kring, *, first: int) -> tuple[str, tuple[object, ...]]:
    """As `may_see`; a signal is told to a gemeente, and is about no overdracht."""
    if kring.partijen is not None:
        return f"and gemeente = any(${first}::text[]) and {_own(first)}", (sorted(kring.partijen),)
    return may_see(kring, casus=True, first=first)


def _own(first: int) -> str:
    return f"casus_id in (select id from casus where lezers ?| ${first}::text[])"  # noqa: S608 - a parameter number


def _json(row: Row) -> JsonObject:
    return {key: _value(key, value) for key, value in row.items()}


def _value(key: str, value: object) -> JsonValue:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case str() if key in {"feiten", "gemeenten", "partijen", "lezers", "staat_stil_bij"}:
            parsed: JsonValue = orjson.loads(value)
            return parsed
        case str() | int() | bool() | None:
            return value
        case _:
            raise TypeError(f"kolom {key} heeft een onverwacht type")
