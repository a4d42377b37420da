"""What only one copy of a service may do at a time: held for a while, renewed, and fenced by a number."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from services.runtime.database.connection import Pool
from services.runtime.database.faults import AWAY

LEASE_SECONDS = 10.0
RENEW_SECONDS = 2.0
TRY_SECONDS = 1.0

_TAKE = """
insert into houder as h (naam, epoch, van, tot)
values ($1, 1, $2, clock_timestamp() + make_interval(secs => $3))
on conflict (naam) do update set epoch = h.epoch + 1, van = excluded.van, tot = excluded.tot
where h.tot < clock_timestamp() or ($4 and h.van = $2)
returning epoch
"""
_RENEW = """
update houder set tot = clock_timestamp() + make_interval(secs => $3) where naam = $1 and epoch = $2 returning epoch
"""
_GIVE_BACK = "update houder set tot = clock_timestamp() where naam = $1 and epoch = $2"


class LeaseLost(RuntimeError):
    """Another copy holds it now, or may."""


class Lease:
    """A lease by `name`, in the schema of a service. `epoch` is the fence: compare it in the statement that writes."""

    def __init__(self, pool: Pool, name: str, *, holder: str) -> None:
        self._pool = pool
        self._name = name
        self._holder = holder
        self._first = True
        self._until = 0.0
        self.epoch = 0

    def check(self) -> None:
        """Raises `LeaseLost` once it may have run out: a copy that was frozen finds that here."""
        if asyncio.get_running_loop().time() >= self._until:
            raise LeaseLost(self._name)

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None, None]:
        """Wait for it, and renew it for as long as the context lasts.

        What a former life of this very instance held is taken over at once, as its first act only: two copies that
        were given one name by mistake do not take turns.
        """
        while not await self._take():  # noqa: ASYNC110  another process holds it
            await asyncio.sleep(TRY_SECONDS)
        renewing = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            with suppress(*AWAY):  # then it runs out
                async with asyncio.timeout(RENEW_SECONDS):
                    await self._pool.execute(_GIVE_BACK, self._name, self.epoch)

    async def _take(self) -> bool:
        asked_at = asyncio.get_running_loop().time()
        epoch = await self._pool.fetchval(_TAKE, self._name, self._holder, LEASE_SECONDS, self._first)
        self._first = False
        if epoch is None:
            return False
        self.epoch, self._until = epoch, asked_at + LEASE_SECONDS
        return True

    async def _keep(self) -> None:
        """Ends when it cannot be renewed; `check` then says so in time."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            asked_at = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(LEASE_SECONDS):
                    kept = await self._pool.fetchval(_RENEW, self._name, self.epoch, LEASE_SECONDS)
            except AWAY:
                continue  # it runs on until it has run out
            if kept is None:
                self._until = 0.0
                return
            self._until = asked_at + LEASE_SECONDS
