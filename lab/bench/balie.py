"""The unit of work of one service over an empty database, without the rest of the process around it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from contracts.afspraken import load_rule_book
from contracts.messages.envelope import source_urn
from contracts.messages.topics import Service
from lab.bench.opstelling import NOBODY, fresh_database
from services.cli.ground import build_app, read_register
from services.runtime.access.sealing import MasterKey
from services.runtime.database.connection import Pool, close_pool, connect, open_pool
from services.runtime.database.migrate import migrate
from services.runtime.database.server import RunningDatabase
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.database.signals import Signals
from services.runtime.process.clock import Klok, SystemKlok
from services.runtime.process.memory import relax_collector
from services.runtime.running import PLANNING, Deps
from services.runtime.settings import TEST_OIN
from services.runtime.unit.decision import ServiceDefinition
from services.runtime.unit.hub import Hub
from services.runtime.unit.ids import Ids
from services.runtime.unit.store_postgres import PostgresStore
from services.runtime.unit.timers import run_timers
from services.runtime.unit.unit_of_work import UnitOfWork

S = TypeVar("S")


@dataclass(slots=True)
class Balie(Generic[S]):
    """A desk that does not run by itself. `url` is the database, `dsn` the same in the schema of the service."""

    url: str
    dsn: str
    pool: Pool
    definition: ServiceDefinition[S]
    store: PostgresStore[S]
    unit_of_work: UnitOfWork[S]
    hub: Hub[S]


@asynccontextmanager
async def balie(
    server: RunningDatabase, definition: ServiceDefinition[S], *, migrations: str | None, klok: Klok | None = None
) -> AsyncGenerator[Balie[S]]:
    """The desk of `definition` in a database of its own; `migrations` is the package with its read tables."""
    schema = definition.service.value
    groups = [
        ("runtime", "services.runtime.database.migrations.dienst"),
        *([(schema, migrations)] if migrations else []),
    ]
    async with fresh_database(server) as url:
        connection = await connect(url)
        try:
            await migrate_gedeeld(connection)
            await migrate(connection, schema, groups)
        finally:
            await connection.close()
        async with balie_on(url, definition, klok or SystemKlok()) as desk:
            yield desk


@asynccontextmanager
async def balie_on(url: str, definition: ServiceDefinition[S], klok: Klok) -> AsyncGenerator[Balie[S]]:
    """A desk of `definition` on a database that is there; another may be at work on it."""
    schema = definition.service.value
    pool = await open_pool(url, min_size=2, server_settings={"search_path": schema, **PLANNING})
    try:
        new_id = Ids(klok)
        store = PostgresStore(definition, pool, MasterKey.generate())
        source = source_urn(TEST_OIN, schema)
        unit_of_work = UnitOfWork(definition, store, klok, new_id=new_id, source=source)
        dsn = url + "&options=" + quote(f"-csearch_path={schema}")
        relax_collector()
        hub = Hub(definition, unit_of_work, klok, pool, new_id=new_id)
        yield Balie(url, dsn, pool, definition, store, unit_of_work, hub)
    finally:
        await close_pool(pool)


@asynccontextmanager
async def firing(desk: Balie[S], hub: Hub[S], unit_of_work: UnitOfWork[S]) -> AsyncGenerator[None]:
    """The timer loop as a process runs it, for as long as this is entered."""
    signals = Signals(desk.dsn, desk.definition.service.value)
    running = [asyncio.create_task(signals.run()), asyncio.create_task(run_timers(hub, unit_of_work, signals))]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def monitoring_definition() -> ServiceDefinition[Any]:
    """Monitoring as its composition root builds it, over the sample register and the agreements of today."""
    klok = SystemKlok()
    deps = Deps(
        klok=klok,
        wall=klok,
        rule_book=load_rule_book(),
        register=read_register(None, variables={"sandbox": NOBODY}),
        master=MasterKey.generate(),
        secret=str,
        oin=TEST_OIN,
        public_url=NOBODY,
        settings=None,
        toegang=None,
    )
    return build_app(Service.MONITORING, deps).definition
