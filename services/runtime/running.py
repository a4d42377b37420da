"""One service, running: its schema, its desk, its loops and its API, started and stopped in the right order."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog
from fastapi import APIRouter, FastAPI

from contracts.afspraken import RuleBook
from contracts.messages.envelope import source_urn
from contracts.messages.topics import Service
from contracts.register import Register
from services.runtime.access.sealing import MasterKey
from services.runtime.database.connection import Pool, close_pool, connect, open_pool
from services.runtime.database.faults import fault_of
from services.runtime.database.migrate import migrate
from services.runtime.database.roles import ensure_role
from services.runtime.database.signals import Signals
from services.runtime.http.beheer import Grond, add_beheer
from services.runtime.kafka.consumers import Bind, Consumer, Reading
from services.runtime.kafka.relay import Consumption, Relay
from services.runtime.kafka.security import ClientOptions
from services.runtime.kafka.standing import Run, Standing
from services.runtime.kafka.watermark import Watermark, judges_of
from services.runtime.outbound.worker import Worker
from services.runtime.process.clock import Klok
from services.runtime.process.memory import run_tidying
from services.runtime.process.metrics import show_readiness
from services.runtime.process.probing import Finding, Probe
from services.runtime.process.supervision import Supervisor
from services.runtime.unit.decision import ServiceDefinition
from services.runtime.unit.fold import Reply
from services.runtime.unit.gauges import HELD_CASES, MISSED_CASES, run_gauges
from services.runtime.unit.hub import Hub
from services.runtime.unit.ids import Ids
from services.runtime.unit.rebuild import Rebuild
from services.runtime.unit.releasing import Released, release_all, release_known
from services.runtime.unit.store_postgres import PostgresStore
from services.runtime.unit.timers import run_timers
from services.runtime.unit.unit_of_work import UnitOfWork

S = TypeVar("S")
log = structlog.get_logger(__name__)

POOL_SIZE = 8
LOOK_SECONDS = 5.0
_DESK = "balie"
PLANNING = {"jit": "off", "plan_cache_mode": "force_generic_plan"}
"""Statements say themselves how rows are reached; planning one anew for every batch costs more than running it."""


@dataclass(frozen=True, slots=True)
class Deps:
    """What every service is given: the clock, the rules, who is who, the seal, where secrets are.

    `wall` is for what must agree with the clocks of others whatever ours shows: signatures and logins.
    """

    klok: Klok
    wall: Klok
    rule_book: RuleBook
    register: Register
    master: MasterKey
    secret: Callable[[str], str]
    oin: str
    public_url: str
    settings: Any
    toegang: Any


@dataclass(frozen=True, slots=True)
class ServiceApp(Generic[S]):
    """A service as its composition root hands it over. `close` frees what the root opened; `begin` is done at every start."""

    definition: ServiceDefinition[S]
    bind: Bind
    build_api: Callable[[Hub[S]], FastAPI]
    migrations: str
    build_pages: Callable[[Hub[S]], APIRouter] | None = None
    close: Callable[[], Awaitable[None]] | None = None
    begin: Callable[[Hub[S]], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a service process stands on.

    `consumption` is given where the broker forgets, `client` where it asks who calls, `keep_topics` where it is not ours.
    """

    database_url: str
    bootstrap: str
    client: ClientOptions = field(default_factory=ClientOptions, repr=False)
    consumption: Consumption | None = None
    reading: Reading = field(default_factory=Reading)
    instance: str = "0"
    keep_topics: Callable[[], Awaitable[None]] | None = None


@dataclass(slots=True)
class ServiceProcess(Generic[S]):
    """Start, serve, stop. `api` may be mounted once started."""

    app: ServiceApp[S]
    deps: Deps
    ground: Ground
    supervisor: Supervisor = field(default_factory=Supervisor)
    hub: Hub[S] = field(init=False)
    api: FastAPI = field(init=False)
    _pool: Pool = field(init=False)
    _store: PostgresStore[S] = field(init=False)
    _unit_of_work: UnitOfWork[S] = field(init=False)
    rebuild: Rebuild[S] = field(init=False)

    @property
    def service(self) -> Service:
        return self.app.definition.service

    async def prepare(self) -> None:
        """Bring the schema up to date and open the desk; nothing moves yet."""
        schema = self.service.value
        role = await self._migrate(schema)
        settings = {"search_path": schema, "application_name": f"houvast-{schema}", **PLANNING}
        if role is not None:
            settings["role"] = role
        pool = await open_pool(
            self.ground.database_url,
            min_size=2,
            max_size=POOL_SIZE,
            server_settings=settings,
        )
        self.settle_in(pool)
        self.api = self.app.build_api(self.hub)
        self.api.state.derive_token = self.deps.master.token_of
        grond = Grond(self.service, self.deps.klok, pool, self.look, self.deps.register.naam)
        add_beheer(self.api, grond, release=self._release_by, release_all=self._release_all_by)

    def settle_in(self, pool: Pool) -> None:
        """Make the memory and the desk over this pool."""
        schema = self.service.value
        self._pool = pool
        new_id = Ids(self.deps.klok)
        self._store = PostgresStore(self.app.definition, self._pool, self.deps.master)
        self._unit_of_work = UnitOfWork(
            self.app.definition,
            self._store,
            self.deps.klok,
            new_id=new_id,
            source=source_urn(self.deps.oin, schema),
        )
        self.hub = Hub(self.app.definition, self._unit_of_work, self.deps.klok, self._pool, new_id=new_id)
        self.rebuild = Rebuild(self.app.definition, self._pool, self.deps.klok)

    async def _migrate(self, schema: str) -> str | None:
        connection = await connect(self.ground.database_url, unhurried=True)
        try:
            await migrate(
                connection,
                schema,
                [("runtime", "services.runtime.database.migrations.dienst"), (schema, self.app.migrations)],
            )
            return await ensure_role(connection, schema)
        finally:
            await connection.close()

    async def start(self) -> None:
        """Set everything in motion. Call after `prepare`."""
        standing = Standing(
            self._pool,
            self._unit_of_work.run,
            service=self.service,
            source=source_urn(self.deps.oin, self.service.value),
            bootstrap=self.ground.bootstrap,
            client=self.ground.client,
        )
        self.start_road(first=standing.first)
        for name, run in (
            ("stand", standing.run),
            ("meter", lambda: run_gauges(self._pool, self.deps.klok, service=self.service.value)),
            ("peiler", self._show_readiness),
            ("geheugen", run_tidying),
            ("leestabellen", self._keep_tables),
        ):
            self.supervisor.start(name, run)
        if self.app.begin is not None:
            self.supervisor.start("begin", self._begin)
        if self.ground.keep_topics is not None:
            self.supervisor.start("topics", self.ground.keep_topics)

    def start_road(self, *, first: Callable[[Run], Run] = lambda run: run) -> None:
        """Set in motion what a message passes on its way: desk, consumer, timers, requests, relay.

        What speaks with Kafka waits for what `first` puts before it.
        """
        ground, service = self.ground, self.service.value
        signals = Signals(ground.database_url, service)
        worker = Worker(self.hub, signals, self.deps.master, instance=f"{service}-{ground.instance}")
        relay = Relay(
            self._pool,
            self.deps.klok,
            signals,
            service=service,
            bootstrap=ground.bootstrap,
            instance=f"{service}-{ground.instance}",
            client=ground.client,
            consumption=ground.consumption,
        )
        consumer = Consumer(
            ground.bootstrap, self.app.bind, self.hub.take, ground.reading, service=service, client=ground.client
        )
        for name, run in (
            (_DESK, self.hub.run),
            ("wekker", signals.run),
            ("relay", first(relay.run)),
            *(
                (
                    f"watermerk-{judge.value}",
                    first(
                        Watermark(
                            self._pool,
                            self.deps.klok,
                            signals,
                            sender=self.service,
                            listener=judge,
                            bootstrap=ground.bootstrap,
                            client=ground.client,
                            forgets=ground.consumption is not None,
                        ).run
                    ),
                )
                for judge in judges_of(self.service)
            ),
            ("opdrachten", worker.run),
            (
                "termijnen",
                lambda: run_timers(self.hub, self._unit_of_work, signals, hear_first=consumer.hear_first),
            ),
            ("consument", first(consumer.run)),
            ("onbekend", lambda: release_known(self._pool, self._unit_of_work)),
        ):
            self.supervisor.start(name, run)

    async def _begin(self) -> None:
        """What the service has to set in motion itself, once what it needs for that runs."""
        assert self.app.begin is not None
        await self.app.begin(self.hub)
        await asyncio.Event().wait()

    async def _keep_tables(self) -> None:
        """Make the read tables anew where an earlier release left them without what this one shows."""
        await self.rebuild.begin_if_outdated()
        await self.rebuild.run()
        await asyncio.Event().wait()

    async def release(self, key: UUID, *, drop_because: str | None, actor: str) -> Reply | None:
        """See `UnitOfWork.release`; for whoever runs the hub. Call after `prepare`."""
        return await self._unit_of_work.release(key, drop_because=drop_because, actor=actor)

    async def release_all(self, casus_id: UUID | None, reason: str | None, *, actor: str) -> Released:
        """See `unit/releasing.py`; for whoever runs the hub. Call after `prepare`."""
        return await release_all(self._pool, self._unit_of_work, casus_id=casus_id, reason=reason, actor=actor)

    async def _release_by(self, key: UUID, drop_because: str | None, actor: str) -> Reply | None:
        return await self.release(key, drop_because=drop_because, actor=actor)

    async def _release_all_by(self, casus_id: UUID | None, reason: str | None, actor: str) -> Released:
        return await self.release_all(casus_id, reason, actor=actor)

    async def look(self) -> Finding | None:
        """What this copy cannot do now, in words. It takes calls while its desk and its store work, whatever else fails."""
        loops = self.supervisor.problems()
        told = self._store.trouble.told()
        blocking = [f"de {_DESK} ({loops[_DESK]})"] if _DESK in loops else []
        blocking += [told] if told is not None else []
        try:
            held, missed = await self._pool.fetchval(HELD_CASES), await self._pool.fetchval(MISSED_CASES)
        except Exception as error:
            if fault_of(error) is None:
                raise
            blocking.append(f"de database antwoordt niet ({type(error).__name__})")
            held = missed = 0
        limiting = [f"{name} ({reason})" for name, reason in loops.items() if name != _DESK]
        limiting += [f"{held} casus(sen) staan stil; zie `houvast dlq list`"] if held else []
        limiting += (
            [f"{missed} casus(sen) verder op Kafka dan in deze database; zie `houvast dlq list`"] if missed else []
        )
        sentences = [f"{self.service.value}: {sentence}" for sentence in (*blocking, *limiting)]
        return Finding("; ".join(sentences), blocks=bool(blocking)) if sentences else None

    async def _show_readiness(self) -> None:
        probe = Probe(self.look)
        while True:
            finding = await probe()
            ready = finding is None or not finding.blocks
            show_readiness(self.service.value, ready=ready, loops_down=len(self.supervisor.problems()))
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self) -> None:
        """Stop taking, finish what was taken, close."""
        await self.supervisor.stop()
        if self.app.close is not None:
            await self.app.close()
        await close_pool(self._pool)
