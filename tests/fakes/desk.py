"""One copy of a service over real PostgreSQL, without broker or web: schema, memory, unit of work and desk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from contracts.messages.envelope import CloudEvent, Gebeurtenis, encode, source_urn
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import TOPIC_OF
from services.runtime.access.sealing import MasterKey
from services.runtime.database.migrate import migrate
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import Incoming, Record, ServiceDefinition
from services.runtime.unit.hub import Hub
from services.runtime.unit.ids import Ids
from services.runtime.unit.store_postgres import PostgresStore
from services.runtime.unit.unit_of_work import UnitOfWork
from tests.fakes.estafette import NOTITIE_SQL, Meld

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OIN = "00000099000000001000"
MASTER = MasterKey(bytes(range(32)))


@dataclass(frozen=True, slots=True)
class Desk:
    """What a test may take hold of."""

    hub: Hub[Any]
    unit_of_work: UnitOfWork[Any]
    store: PostgresStore[Any]
    pool: Any
    klok: VirtueleKlok
    url: str

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(await self.pool.fetchval(f'select count(*) from "{table}"'))


async def lay_schema(url: str, *schemas: str) -> None:
    """The runtime's tables, and one read table, in each of these schemas."""
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection, "houvast", [("gedeeld", "services.runtime.database.migrations.gedeeld")])
        for schema in schemas:
            await migrate(connection, schema, [("runtime", "services.runtime.database.migrations.dienst")])
            await connection.execute(f'set search_path to "{schema}"')
            await connection.execute(NOTITIE_SQL)
    finally:
        await connection.close()


@asynccontextmanager
async def open_desk(
    url: str,
    definition: ServiceDefinition[Any],
    *,
    klok: VirtueleKlok | None = None,
) -> AsyncIterator[Desk]:
    """A copy of a service at work; `lay_schema` came before."""
    klok = klok or VirtueleKlok(START)
    schema = definition.service.value
    pool = await asyncpg.create_pool(url, min_size=1, max_size=5, server_settings={"search_path": schema})
    store: PostgresStore[Any] = PostgresStore(definition, pool, MASTER)
    new_id = Ids(klok)
    unit_of_work = UnitOfWork(definition, store, klok, new_id=new_id, source=source_urn(OIN, schema))
    hub: Hub[Any] = Hub(definition, unit_of_work, klok, pool, new_id=new_id)
    serving = asyncio.create_task(hub.run())
    try:
        yield Desk(hub, unit_of_work, store, pool, klok, url)
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
        await _close(pool)


async def _close(pool: Any) -> None:
    """In peace where that is possible; a test that cut the connections leaves nothing to say goodbye to."""
    try:
        async with asyncio.timeout(5):
            await pool.close()
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()
        await asyncio.sleep(0)


def meld(casus_id: CasusId, note: str = "een melding", *, key: object = None, fingerprint: str = "x") -> Incoming:
    """A command; the same note on the same case is the same message unless `key` says otherwise."""
    return Incoming(derived_id(str(casus_id), note, str(key)), casus_id, Meld(note), fingerprint=fingerprint)


def record(data: Gebeurtenis, casus_id: CasusId, number: int, *, service: str = "triage", offset: int = 0) -> Record:
    """An event as it comes off Kafka; `number` tells events apart."""
    event: CloudEvent[Any] = CloudEvent(str(UUID(int=number)), source_urn(OIN, service), casus_id, START, number, data)
    return Record(TOPIC_OF[type(data)].name, 0, offset or number, encode(event))


async def until(condition: Any, *, seconds: float = 10.0) -> None:
    """Wait until an awaitable condition is true. Raises `TimeoutError` when it stays false."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  a condition in the database, with a limit
            await asyncio.sleep(0.01)
