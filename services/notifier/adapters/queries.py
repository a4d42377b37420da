"""The read table in PostgreSQL."""

from collections.abc import Sequence

from contracts.messages.notifier import Notificatiekanaal
from services.notifier.domain import Zendingstatus
from services.notifier.ports import Kanaalstand, Vraag, rows
from services.runtime.database.connection import Connection
from services.runtime.unit.rows import select

_NOTIFICATIES = """
where ($1::uuid is null or casus_id = $1) and ($2::text is null or status = $2)
  and ($3::text is null or gemeente = $3) and ($4::text is null or regio = $4)
  and ($7::text[] is null or partij = any($7))
order by gevraagd_op desc, id limit $5 offset $6
"""


_LAST = "select {} as op, reden from notificatie where kanaal = $1 and status = $2 order by gevraagd_op desc limit 1"


class PostgresQueries:
    """`Queries` over the read table of this service."""

    def __init__(self, pool: Connection) -> None:
        self._pool = pool

    async def kanalen(self) -> Sequence[Kanaalstand]:
        """Each channel, with what was last asked of it and taken, and last asked and failed."""
        return [await self._kanaal(kanaal) for kanaal in Notificatiekanaal]

    async def _kanaal(self, kanaal: Notificatiekanaal) -> Kanaalstand:
        sent = await self._pool.fetch(_LAST.format("verzonden_op"), kanaal, Zendingstatus.VERZONDEN)
        failed = await self._pool.fetch(_LAST.format("gevraagd_op"), kanaal, Zendingstatus.MISLUKT)
        proef = await select(self._pool, rows.Proef, "where kanaal = $1", kanaal.value)
        return Kanaalstand(
            kanaal,
            verzonden_op=next((row["op"] for row in sent), None),
            mislukt_op=next((row["op"] for row in failed), None),
            reden=next((row["reden"] for row in failed), None),
            proef=next(iter(proef), None),
        )

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
