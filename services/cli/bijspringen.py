"""A service for one command, beside the one that may be running: the lock on a case keeps the order."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from contracts.afspraken import load_rule_book
from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from contracts.register import Register
from services.cli.ground import build_app, build_deps
from services.cli.reach import running_database
from services.handover.domain.casus import Casus
from services.handover.domain.kader import BEHEER
from services.handover.handlers.commands import CatchUpZaakstatus
from services.runtime.access.actor import Actor
from services.runtime.access.verifying import Access
from services.runtime.database.connection import close_pool, open_pool
from services.runtime.database.shared import migrate_gedeeld, shared_klok
from services.runtime.process.clock import SystemKlok
from services.runtime.running import Ground, ServiceProcess
from services.runtime.settings import Settings
from services.runtime.unit.decision import Incoming
from services.runtime.unit.hub import Hub


@asynccontextmanager
async def service_beside(
    service: Service, settings: Settings, register: Register, secret: Callable[[str], str]
) -> AsyncGenerator[ServiceProcess[Any], None]:
    """A copy of a service for one command: prepared, not in motion. Raises `NeverStarted`."""
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(running_database(settings))
        pool = await open_pool(database_url, max_size=2)
        stack.push_async_callback(close_pool, pool)
        async with pool.acquire() as connection:
            await migrate_gedeeld(connection)
            klok = await shared_klok(connection, None)
        deps = build_deps(
            settings,
            klok=klok,
            rule_book=load_rule_book(),
            register=register,
            secret=secret,
            toegang=Access(pool, SystemKlok()),
        )
        process = ServiceProcess(build_app(service, deps), deps, Ground(database_url, bootstrap=""))
        await process.prepare()
        stack.push_async_callback(process.stop)
        yield process


@asynccontextmanager
async def handover_hub(
    settings: Settings, register: Register, secret: Callable[[str], str]
) -> AsyncGenerator[Hub[Casus], None]:
    """For one command. It takes calls; what follows from them is done by the service itself. Raises `NeverStarted`."""
    async with service_beside(Service.HANDOVER, settings, register, secret) as process:
        serving = asyncio.create_task(process.hub.run())
        try:
            yield process.hub
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving


_OPEN = """
select id, casus_id from overdracht
where coalesce(partij, gemeente) = any($1) and kanaal = 'zgw' and afgeleverd_op is not null
  and (ontvangen_op is null or opgepakt_op is null)
  and teruggekoppeld_op is null and geweigerd_op is null and ingetrokken_op is null
order by aangemaakt_op
"""


async def ask_what_was_missed(hub: Hub[Casus], codes: Collection[str]) -> int:
    """Ask the zaaksysteem of these receivers about everything that people still have to answer; how many that are."""
    rows = await hub.pool.fetch(_OPEN, list(codes))
    for row in rows:
        command = CatchUpZaakstatus(row["id"], uuid4())
        await hub.submit(Incoming(uuid4(), CasusId(row["casus_id"]), command, Actor("houvast", BEHEER)))
    return len(rows)
