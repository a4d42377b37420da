"""The read table in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from services.notifier.ports import Vraag
from services.runtime.unit.decision import JsonObject

Row = Mapping[str, object]

_SELECT = """
select * from notificatie
where ($1::uuid is null or casus_id = $1) and ($2::text is null or status = $2)
  and ($3::text is null or gemeente = $3) and ($4::text is null or regio = $4)
  and ($7::text[] is null or partij = any($7))
order by gevraagd_op desc, id limit $5 offset $6
"""


class Reader(Protocol):
    """The part of a connection pool that reading needs."""

    async def fetch(self, query: str, /, *args: object) -> Sequence[Row]:
        """Give the rows of a query."""
        ...


class PostgresQueries:
    """`Queries` over the read table of this service."""

    def __init__(self, pool: Reader) -> None:
        self._pool = pool

    async def notificaties(self, vraag: Vraag) -> Sequence[JsonObject]:
        """Messages per person and channel, the newest first."""
        status = None if vraag.status is None else vraag.status.value
        rows = await self._pool.fetch(
            _SELECT,
            vraag.casus,
            status,
            vraag.gemeente,
            vraag.kring.regio,
            vraag.limiet,
            vraag.overslaan,
            None if vraag.kring.partijen is None else sorted(vraag.kring.partijen),
        )
        return [{key: _value(key, value) for key, value in row.items()} for row in rows]


def _value(key: str, value: object) -> JsonValue:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case str() | int() | bool() | None:
            return value
        case _:
            raise TypeError(f"kolom {key} heeft een onverwacht type")
