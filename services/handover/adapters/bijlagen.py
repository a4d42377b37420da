"""The bytes of files in the database of handover, in sealed parts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from services.runtime.access.sealed_stream import PART_BYTES, Streamseal
from services.runtime.access.sealing import SealBroken
from services.runtime.database.connection import Connection
from services.runtime.process.clock import Klok

ABANDONED_AFTER = timedelta(days=1)
"""What did not become a bijlage by then never will: whoever sent it has no answer, and sends it again."""

_KEEP = "insert into bijlagedeel (bijlage_id, nummer, inhoud, bewaard_op) values ($1, $2, $3, $4)"
_READ = """
select inhoud, nummer = (select max(nummer) from bijlagedeel where bijlage_id = $1) as laatste
from bijlagedeel where bijlage_id = $1 and nummer = $2
"""
_SWEEP = """
delete from bijlagedeel where bijlage_id in (
  select d.bijlage_id from bijlagedeel d
  where d.nummer = 0 and d.bewaard_op < $1
    and not exists (select from bijlage b where b.id = d.bijlage_id)
)
"""


class PostgresBijlagen:
    """Keeps and reads them part by part; the search path is the schema of handover."""

    def __init__(self, wall: Klok) -> None:
        self._wall = wall
        self._attached: Connection | None = None

    def attach(self, connection: Connection) -> None:
        """Where they are kept: known once the process has its database, before anything is read or kept."""
        self._attached = connection

    @property
    def _connection(self) -> Connection:
        assert self._attached is not None, "attach() comes first"
        return self._attached

    async def keep(self, bijlage_id: UUID, sleutel: bytes, parts: AsyncIterator[bytes]) -> None:
        """Of what was cut off nothing stays; what a process left behind when it was killed goes at a later one."""
        await self._connection.execute(_SWEEP, self._wall.now() - ABANDONED_AFTER)
        whole = False
        try:
            await self._keep(bijlage_id, Streamseal(sleutel, bijlage_id.bytes), parts)
            whole = True
        finally:
            if not whole:
                await asyncio.shield(self.drop(bijlage_id))

    async def _keep(self, bijlage_id: UUID, zegel: Streamseal, parts: AsyncIterator[bytes]) -> None:
        number, waiting = 0, bytearray()
        async for part in parts:
            waiting += part
            while len(waiting) > PART_BYTES:
                full = bytes(waiting[:PART_BYTES])
                del waiting[:PART_BYTES]
                await self._put(bijlage_id, number, zegel.seal(number, full, last=False))
                number += 1
        await self._put(bijlage_id, number, zegel.seal(number, bytes(waiting), last=True))

    async def _put(self, bijlage_id: UUID, number: int, sealed: bytes) -> None:
        await self._connection.execute(_KEEP, bijlage_id, number, sealed, self._wall.now())

    async def drop(self, bijlage_id: UUID) -> None:
        await self._connection.execute("delete from bijlagedeel where bijlage_id = $1", bijlage_id)

    async def read(self, bijlage_id: UUID, sleutel: bytes) -> AsyncIterator[bytes]:
        """One part at a time, each in a query of its own, so that a slow reader holds nothing."""
        zegel, number, last = Streamseal(sleutel, bijlage_id.bytes), 0, False
        while not last:
            row = await self._connection.fetchrow(_READ, bijlage_id, number)
            if row is None:
                raise SealBroken("van een bijlage ontbreekt een deel")
            last = bool(row["laatste"])
            yield zegel.open(number, bytes(row["inhoud"]), last=last)
            number += 1
