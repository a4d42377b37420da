"""One service over each of the three stores: in memory, the simulated PostgreSQL, and PostgreSQL itself.

What they keep is told in one form, and faults strike at the statement that is asked for: in the simulation by its
weather, at PostgreSQL itself by closing the connection or by letting the server refuse.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, cast
from uuid import UUID

import asyncpg
import orjson

from contracts.messages.envelope import source_urn
from services.runtime.database.connection import close_pool, open_pool
from services.runtime.in_memory.store import MemoryStore
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import ServiceDefinition
from services.runtime.unit.store import Store, StoreUnavailable
from services.runtime.unit.store_postgres import PostgresStore
from services.runtime.unit.unit_of_work import UnitOfWork
from tests.contract.store.werkplaats import WERKPLAATS
from tests.fakes.desk import MASTER, OIN, START, lay_schema
from tests.simulation import postgres
from tests.simulation.loop import SimLoop
from tests.simulation.statements import mean

FAULTS = ("cut before", "serialization", "time-out", "cut after")
Picture = dict[str, Any]
Scenario = Callable[["House"], Coroutine[Any, Any, Any]]


@dataclass(slots=True)
class Weather:
    """Counts the statements; with `at` given the fault strikes at that one, once."""

    count: int = 0
    at: int | None = None
    fault: str = ""
    texts: list[str] = field(default_factory=list)

    def arm(self, at: int | None, fault: str = "") -> None:
        self.count, self.at, self.fault = 0, at, fault
        self.texts.clear()

    def strikes(self, text: str) -> str:
        self.texts.append(text)
        self.count += 1
        return self.fault if self.count - 1 == self.at else ""


@dataclass(slots=True, eq=False)
class House:
    """What a scenario may take hold of; `look` tells everything that is kept.

    In memory nobody holds anything: there `pool`, `held` (who holds what), `run_out` (of all leases) and `rows` (of the
    table of a name, in order of its key) are None.
    """

    klok: VirtueleKlok
    weather: Weather
    store: Store[Any]
    unit_of_work: UnitOfWork[Any]
    look: Callable[[], Coroutine[Any, Any, Picture]]
    pool: Any = None
    held: Any = None
    run_out: Any = None
    rows: Any = None
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def begin_step(self, number: int) -> None:
        """The ids that are made in a step are the same each time it is tried."""
        self.ids = itertools.count(1000 * (number + 1))


def _house(definition: ServiceDefinition[Any], store: Store[Any], look: Any, weather: Weather, **others: Any) -> House:
    klok = VirtueleKlok(START)
    source = source_urn(OIN, definition.service.value)
    unit_of_work = UnitOfWork(definition, store, klok, new_id=lambda: UUID(int=next(house.ids)), source=source)
    house = House(klok, weather, store, unit_of_work, look, **others)
    return house


# in memory


def in_memory(scenario: Scenario, definition: ServiceDefinition[Any] = WERKPLAATS) -> Any:
    """Of faults it knows those at the commit."""
    weather = Weather()

    def strike(moment: str) -> None:
        if weather.strikes(moment):
            raise StoreUnavailable(moment)

    store: MemoryStore[Any] = MemoryStore(definition, master=MASTER, strike=strike)

    async def look() -> Picture:
        tables = store.tables
        return {
            "inbox": {key: (fingerprint, _json(answer)) for key, (fingerprint, answer) in tables.inbox.items()},
            "casussen": {key: (_json(kept.text), kept.version, kept.sequence) for key, kept in tables.states.items()},
            "journaal": [(row.casus_id, row.line.what, row.line.rule_id, row.line.facts) for row in tables.journal],
            "outbox": [(row.row.topic, row.row.casus_id, row.row.payload) for row in tables.outbox],
            "te verzenden": len(store.unpublished),
            "timers": {key: (item.due_at, item.data, item.unheard_at) for key, item in tables.timers.items()},
            "opdrachten": [
                (
                    kept.request.id,
                    kept.casus_id,
                    kept.request.destination,
                    kept.request.content,
                    kept.due_at,
                    kept.status,
                )
                for kept in tables.requests.values()
            ],
            "pogingen": {
                (row.request.id, row.request.attempts): (row.attempt.result.value, row.attempt.status)
                for row in tables.attempts
            },
            "verwijzingen": {(*key, casus_id) for key, found in tables.references.items() for casus_id in found},
            "notities": sorted(_note(row) for row in store.view("notitie")),
            "terzijde": [
                (item.key, item.casus_id, item.kind.value, item.reason, item.record.topic, item.record.offset)
                for item in tables.parked.values()
            ],
        }

    return asyncio.run(scenario(_house(definition, store, look, weather)))


def _json(text: bytes | str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _note(row: Any) -> tuple[str, str, str, int]:
    return str(row["id"]), str(row["casus_id"]), row["tekst"], row["nummer"]


# simulated


def simulated(scenario: Scenario, definition: ServiceDefinition[Any] = WERKPLAATS) -> Any:
    """The statements of production over `tests/simulation/postgres.py`."""
    weather, loop = Weather(), SimLoop()
    database = postgres.Database(
        loop, start=START, random=Random(1), meaning=mean, fates=lambda _, text: _fate(weather.strikes(text))
    )
    tables = _Simulated(database, definition.service.value)
    pool: Any = postgres.Pool(database, None, tables.schema)
    store: PostgresStore[Any] = PostgresStore(definition, pool, MASTER)
    house = _house(
        definition, store, tables.look, weather, pool=pool, held=tables.held, run_out=tables.run_out, rows=tables.rows
    )
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(scenario(house))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _fate(fault: str) -> postgres.Fate:
    match fault:
        case "cut before" | "cut after":
            return postgres.Fate(cut=fault.removeprefix("cut "))
        case "serialization":
            return postgres.Fate(error=asyncpg.SerializationError("could not serialize access"))
        case "time-out":
            return postgres.Fate(error=asyncpg.QueryCanceledError("statement timeout"))
        case _:
            return postgres.CALM


@dataclass(frozen=True, slots=True)
class _Simulated:
    """The tables of one schema; looking at them takes no time."""

    database: postgres.Database
    schema: str

    def _rows(self, name: str, order: str | None = None, *keys: str) -> list[postgres.Row]:
        """With their key in the columns of these names, where a row does not tell it itself."""
        found: list[postgres.Row] = []
        for key, row in self.database.table(self.schema, name).rows.items():
            parts = key if isinstance(key, tuple) else (key,)
            found.append({**dict(zip(keys, parts, strict=False)), **row})
        return sorted(found, key=lambda row: row[order]) if order is not None else found

    async def look(self) -> Picture:
        return _picture(
            inbox=self._rows("inbox", None, "key"),
            aggregaat=self._rows("aggregaat", None, "casus_id"),
            journaal=self._rows("journaal"),
            outbox=self._rows("outbox", "positie"),
            te_verzenden=self._rows("te_verzenden"),
            timer=self._rows("timer"),
            opdracht=self._rows("opdracht", "nummer"),
            poging=self._rows("poging", None, "opdracht_id", "nummer"),
            verwijzing=self._rows("verwijzing", None, "soort", "sleutel", "casus_id"),
            notitie=self._rows("view:notitie"),
            geparkeerd=self._rows("geparkeerd", "nummer"),
        )

    async def rows(self, name: str) -> list[postgres.Row]:
        return sorted(self._rows(name, None, "naam"), key=lambda row: row["naam"])

    async def held(self) -> list[Any]:
        return _held(self._rows("opdracht"), self._rows("houder", None, "naam"))

    async def run_out(self) -> None:
        for name, column in (("opdracht", "lease_tot"), ("houder", "tot")):
            table = self.database.table(self.schema, name)
            for key, row in list(table.rows.items()):
                if row[column] is not None:
                    table.change(key, row | {column: START - timedelta(hours=1)})


def _held(requests: Any, leases: Any) -> list[Any]:
    """Of each request how often it was claimed and by whom it is held; of each lease the number and who holds it."""
    rows = sorted(requests, key=lambda row: row["nummer"])
    claimed = [(row["pogingen"], row["lease_van"] if row["lease_tot"] is not None else None) for row in rows]
    return [*claimed, *((row["naam"], row["epoch"], row["van"]) for row in leases)]


def _picture(**tables: list[Any]) -> Picture:
    return {
        "inbox": {row["key"]: (row["vingerafdruk"], _json(row["antwoord"])) for row in tables["inbox"]},
        "casussen": {
            row["casus_id"]: (_json(row["toestand"]), row["versie"], row["volgnummer"]) for row in tables["aggregaat"]
        },
        "journaal": [
            (row["casus_id"], row["wat"], row["regel_id"], _json(row["feiten"])) for row in tables["journaal"]
        ],
        "outbox": [(row["topic"], row["casus_id"], bytes(row["bericht"])) for row in tables["outbox"]],
        "te verzenden": len(tables["te_verzenden"]),
        "timers": {
            (row["casus_id"], row["naam"]): (row["due_at"], _json(row["gegevens"]), row["ongehoord_op"])
            for row in tables["timer"]
        },
        "opdrachten": [
            (row["id"], row["casus_id"], row["bestemming"], _json(row["inhoud"]), row["due_at"], row["status"])
            for row in tables["opdracht"]
        ],
        "pogingen": {
            (row["opdracht_id"], row["nummer"]): (row["resultaat"], row["status"]) for row in tables["poging"]
        },
        "verwijzingen": {(row["soort"], row["sleutel"], row["casus_id"]) for row in tables["verwijzing"]},
        "notities": sorted(_note(row) for row in tables["notitie"]),
        "terzijde": [
            (row["key"], row["casus_id"], row["soort"], row["reden"], row["topic"], row["positie"])
            for row in tables["geparkeerd"]
        ],
    }


# PostgreSQL itself

_ORDER = {"journaal": "nummer", "outbox": "positie", "opdracht": "nummer", "geparkeerd": "nummer"}
_TABLES = (
    "inbox aggregaat journaal outbox te_verzenden timer opdracht poging verwijzing notitie geparkeerd".split()  # noqa: SIM905
)
_REFUSE = "do $$ begin raise exception 'could not serialize access' using errcode = '40001'; end $$"
_TOO_LONG = "set statement_timeout = '5ms'; select pg_sleep(5)"


def over_postgres(url: str, scenario: Scenario, definition: ServiceDefinition[Any] = WERKPLAATS) -> Any:
    """In an empty database at this URL."""
    return asyncio.run(_over_postgres(url, scenario, definition))


async def _over_postgres(url: str, scenario: Scenario, definition: ServiceDefinition[Any]) -> Any:
    weather, schema = Weather(), definition.service.value
    await lay_schema(url, schema)
    pool = await open_pool(url, server_settings={"search_path": schema})
    watching: Any = await asyncpg.connect(url, server_settings={"search_path": schema})

    async def look() -> Picture:
        tables = {
            name: await watching.fetch(f"select * from {name} order by {_ORDER.get(name, '1')}") for name in _TABLES
        }
        return _picture(**tables)

    async def rows(name: str) -> list[Any]:
        return [dict(row) for row in await watching.fetch(f"select * from {name} order by 1")]

    async def held() -> list[Any]:
        return _held(await watching.fetch("select * from opdracht"), await watching.fetch("select * from houder"))

    async def run_out() -> None:
        await watching.execute("update opdracht set lease_tot = lease_tot - interval '1 hour'")
        await watching.execute("update houder set tot = tot - interval '1 hour'")

    stormy: Any = StormyPool(pool, weather)
    store: PostgresStore[Any] = PostgresStore(definition, stormy, MASTER)
    try:
        house = _house(definition, store, look, weather, pool=stormy, held=held, run_out=run_out, rows=rows)
        return await scenario(house)
    finally:
        await watching.close()
        await close_pool(pool)


class StormyPool:
    """A pool whose statements pass the weather."""

    def __init__(self, pool: Any, weather: Weather) -> None:
        self._pool = pool
        self._weather = weather

    @asynccontextmanager
    async def acquire(self) -> AsyncGenerator["_Stormy", None]:
        async with self._pool.acquire() as connection:
            yield _Stormy(connection, self._weather)

    async def fetch(self, query: str, /, *args: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.fetch(query, *args)

    async def fetchrow(self, query: str, /, *args: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.fetchrow(query, *args)

    async def fetchval(self, query: str, /, *args: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.fetchval(query, *args)

    async def execute(self, query: str, /, *args: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.execute(query, *args)


class _Stormy:
    def __init__(self, connection: Any, weather: Weather) -> None:
        self._connection = connection
        self._weather = weather

    async def fetch(self, query: str, /, *args: Any) -> Any:
        return await self._do(self._connection.fetch, query, args)

    async def fetchrow(self, query: str, /, *args: Any) -> Any:
        return await self._do(self._connection.fetchrow, query, args)

    async def fetchval(self, query: str, /, *args: Any) -> Any:
        return await self._do(self._connection.fetchval, query, args)

    async def execute(self, query: str, /, *args: Any) -> Any:
        return await self._do(self._connection.execute, query, args)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None, None]:
        await self.execute("begin")
        try:
            yield
        except BaseException:
            await self.execute("rollback")
            raise
        await self.execute("commit")

    async def _do(self, ask: Callable[..., Coroutine[Any, Any, Any]], query: str, args: tuple[Any, ...]) -> Any:
        fault = self._weather.strikes(query)
        if fault in {"serialization", "time-out"}:
            if query == "commit":  # one that fails ends its transaction
                await self._connection.execute("rollback")
            return await self._connection.execute(_REFUSE if fault == "serialization" else _TOO_LONG)
        if fault == "cut before":
            self._connection.terminate()
        answer = await ask(query, *args)
        if fault == "cut after":
            self._connection.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return answer


def run_in(place: str, url: Callable[[], str], scenario: Scenario) -> Any:
    """The scenario in the store of this name."""
    if place == "postgres":
        return over_postgres(url(), scenario)
    return cast("Any", {"memory": in_memory, "simulated": simulated}[place])(scenario)
