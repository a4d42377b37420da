"""The read table in PostgreSQL."""

from services.notifier.ports import Vraag, rows
from services.runtime.database.connection import Connection
from services.runtime.unit.rows import select

_NOTIFICATIES = """
where ($1::uuid is null or casus_id = $1) and ($2::text is null or status = $2)
  and ($3::text is null or gemeente = $3) and ($4::text is null or regio = $4)
  and ($7::text[] is null or partij = any($7))
order by gevraagd_op desc, id limit $5 offset $6
"""


class PostgresQueries:
    """`Queries` over the read table of this service."""

    def __init__(self, pool: Connection) -> None:
        self._pool = pool

    async def notificaties(self, vraag: Vraag) -> tuple[rows.Notificatie, ...]:
        """Messages per person and channel, the newest first."""
        return await select(
            self._pool,
            rows.Notificatie,
            _NOTIFICATIES,
            vraag.casus,
            vraag.status,
            vraag.gemeente,
            vraag.kring.regio,
            vraag.limiet,
            vraag.overslaan,
            None if vraag.kring.partijen is None else sorted(vraag.kring.partijen),
        )
