"""Everything on this machine: database, broker, sandboxes, sinks, the four services and one port in front of them."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Scope_

from contracts.afspraken import RuleBook, load_rule_book
from contracts.messages.envelope import Problem
from contracts.messages.topics import Service
from contracts.register import Register
from contracts.register.wijziging import unfilled_roles
from lab.sandbox import Gedrag, Sandbox, build_sandbox
from lab.sandbox.abonnementen import Sandboxabonnementen
from services.cli.abonneren import Abonneren
from services.cli.geheimen import look_at_secrets, wrong_secrets
from services.cli.ground import (
    TOPIC_NAMES,
    Running,
    build_deps,
    kept_register,
    start_services,
)
from services.cli.people import colleagues_now, roles_now
from services.cli.reach import known_address, write_whereabouts
from services.cli.servers import start_broker, start_database
from services.cli.site import build_site
from services.runtime.access.sealing import MasterKey
from services.runtime.access.tokens import Scope, default_scopes, issue
from services.runtime.access.verifying import Access
from services.runtime.database.connection import Pool, close_pool, open_pool
from services.runtime.database.shared import migrate_gedeeld, shared_klok, start_klok, stop_klok
from services.runtime.http import (
    Front,
    PortUnavailable,
    Rates,
    RunningServer,
    problem_response,
    serve,
)
from services.runtime.kafka.consumers import Reading
from services.runtime.kafka.consumption import ConsumptionWatch
from services.runtime.kafka.security import client_options
from services.runtime.outbound.secrets import Geheimen
from services.runtime.process.clock import Klok, SystemKlok
from services.runtime.register import RegisterKeeper
from services.runtime.running import Ground
from services.runtime.settings import Settings
from services.runtime.unit.decision import Refused

SANDBOX_PATH = "/sandbox"
_AGAIN = timedelta(minutes=1)

Tell = Callable[[str], None]


class AlreadyRunning(RuntimeError):
    """Another hub uses this data folder."""


@dataclass(slots=True)
class Stack:
    """A hub that runs. `address` is where it is served."""

    address: str
    database_url: str
    bootstrap: str
    klok: Klok
    register: Register
    sandbox: Sandbox
    services: list[Running]
    server: RunningServer
    pool: Pool
    data_dir: Path
    broker_kind: str
    tokens: dict[str, str] = field(default_factory=dict)

    async def issue_token(
        self, partij: str, scopes: frozenset[Scope], *, omschrijving: str, rol: str | None = None
    ) -> str:
        """A token for a party, with the access clock's time."""
        return await issue(
            self.pool, partij=partij, scopes=scopes, omschrijving=omschrijving, now=SystemKlok().now(), rol=rol
        )

    async def login_link(self) -> str:
        """A link that logs one person in, once, as administrator of this hub."""
        code = await issue(
            self.pool,
            partij="houvast",
            scopes=frozenset(Scope),
            omschrijving="inloglink",
            now=SystemKlok().now(),
            rol="beheerder",
            lifetime=timedelta(hours=1),
            eenmalig=True,
        )
        return f"{self.address}/inloggen?code={code}"


@asynccontextmanager
async def running_stack(
    settings: Settings,
    *,
    tell: Tell,
    gedrag: Mapping[str, Gedrag] | None = None,
    standaard_gedrag: Gedrag | None = None,
    klok: Klok | None = None,
) -> AsyncGenerator[Stack, None]:
    """The hub, for as long as the context lasts. On the way out everything is stopped in the right order.

    `gedrag` says how the gemeenten of the sandbox behave, where that is not as usual. `klok` takes the place of the
    shared clock of the installation, for whoever wants to move time by hand; that clock stands still where it was
    until the next start.
    """
    data_dir = settings.data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(data_dir))
        tell("database")
        database = await start_database(settings.database, data_dir=data_dir)
        stack.push_async_callback(database.stop)
        tell("broker")
        broker = await start_broker(
            settings.broker,
            data_dir=data_dir,
            topics=TOPIC_NAMES,
            client=client_options(settings.kafka, Geheimen(data_dir=data_dir).resolve),
        )
        stack.push_async_callback(broker.stop)
        pool = await open_pool(database.url)
        stack.push_async_callback(close_pool, pool)
        async with pool.acquire() as connection:
            await migrate_gedeeld(connection)
            await start_klok(connection)
            shared = await shared_klok(connection, settings.clock, allow_moved=not settings.production)
        if klok is not None:
            stack.push_async_callback(stop_klok, pool, klok)
        klok = klok or shared
        door = _Door()
        server = await _take_port(door, settings, data_dir)
        stack.push_async_callback(server.stop)
        address = f"http://127.0.0.1:{server.port}"
        variables = {"sandbox": address}
        rule_book = load_rule_book()
        keeper = await stack.enter_async_context(
            kept_register(settings, pool, klok, rule_book, dsn=database.url, variables=variables)
        )
        register = keeper.register
        access = Access(
            pool,
            SystemKlok(),
            roles=roles_now(register, klok),
            colleagues=colleagues_now(register, klok),
            names=register.naam,
        )
        secret = Geheimen(data_dir=data_dir, variabelen=variables).resolve
        sandbox = build_sandbox(
            register=register,
            klok=klok,
            wall=SystemKlok(),
            secret=secret,
            data_dir=data_dir,
            gedrag=gedrag,
            standaard=standaard_gedrag,
        )
        await sandbox.start()
        stack.push_async_callback(sandbox.stop)
        settings = _with_mail(settings, sandbox).model_copy(update={"public_url": settings.public_url or address})
        for sentence in _warnings(keeper, rule_book, secret):
            tell(f"let op: {sentence}")
        deps = build_deps(settings, klok=klok, rule_book=rule_book, register=register, secret=secret, toegang=access)
        ground = Ground(
            database_url=database.url,
            bootstrap=broker.bootstrap,
            client=broker.client,
            consumption=None if broker.durable else await stack.enter_async_context(ConsumptionWatch(broker.bootstrap)),
            reading=Reading(
                fetch_max_wait_ms=broker.fetch_max_wait_ms,
                assigned=None if broker.joins_groups else broker.partitions,
            ),
        )
        tell("diensten")
        services = await start_services(tuple(Service), deps, ground)
        for running in services:
            stack.push_async_callback(running.process.stop)
        stack.push_async_callback(server.stop)  # first of all: who still waits is answered by a hub that runs
        site = build_site(services, deps, access, pool, geheimen=look_at_secrets(register, secret), keeper=keeper)
        apis = {f"/{running.path}/v1": running.process.api for running in services}
        hub = Front(apis, site, rates=Rates(settings.limits))
        door.open(Front({SANDBOX_PATH: sandbox.app}, hub))
        running = Stack(
            address=address,
            database_url=database.url,
            bootstrap=broker.bootstrap,
            klok=klok,
            register=register,
            sandbox=sandbox,
            services=services,
            server=server,
            pool=pool,
            data_dir=data_dir,
            broker_kind=broker.kind,
        )
        await _let_sandbox_answer(running)
        await _take_abonnementen(running, settings.master_key(), secret, stack)
        write_whereabouts(data_dir, database_url=database.url, address=address, mail=settings.smtp)
        yield running


def _warnings(keeper: RegisterKeeper, rule_book: RuleBook, secret: Callable[[str], str]) -> Iterator[str]:
    yield from keeper.warnings
    yield from unfilled_roles(keeper.register, rule_book, on=keeper.today)
    yield from wrong_secrets(keeper.register, secret)


async def _take_port(door: "_Door", settings: Settings, data_dir: Path) -> RunningServer:
    """Port 0 is the one of last time where that is free: addresses in what was sent before go on working."""
    former = known_address(data_dir)
    if settings.port == 0 and former is not None:
        with contextlib.suppress(PortUnavailable):
            return await serve(door, host="127.0.0.1", port=urlsplit(former).port or 0, limits=settings.limits)
    return await serve(door, host="127.0.0.1", port=settings.port, limits=settings.limits)


class _Door:
    """Takes the port before the hub is ready, so that its address can be told to what is being built."""

    def __init__(self) -> None:
        self._front: ASGIApp | None = None

    def open(self, front: ASGIApp) -> None:
        self._front = front

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        if self._front is not None:
            await self._front(scope, receive, send)
        else:
            starting = Refused(
                503, "Houvast start", (Problem("$", "Houvast start nog; probeer het zo weer"),), code="start"
            )
            await problem_response(starting)(scope, receive, send)


def _with_mail(settings: Settings, sandbox: Sandbox) -> Settings:
    """The relay that was set, or else the mail server of the sandbox, whose certificate is its own."""
    if settings.smtp_host is not None:
        return settings
    return settings.model_copy(
        update={
            "smtp_host": "127.0.0.1",
            "smtp_port": sandbox.mail.port,
            "smtp_starttls": True,
            "smtp_ca_file": sandbox.mail.ca_file,
            "smtp_bounce_address": "terugpost@houvast.example",
        }
    )


async def _let_sandbox_answer(hub: Stack) -> None:
    """Each gemeente of the sandbox gets a token of its own, so that it answers as itself; a zaaksysteem by its
    abonnement. Its mail server gets one too, for what comes back.
    """
    tokens = {
        code: await hub.issue_token(code, default_scopes("gemeente"), omschrijving="sandbox")
        for code in sorted(hub.sandbox.codes)
    }
    mail_token = await hub.issue_token(
        "houvast", frozenset({Scope.MAIL_TERUGMELDEN}), omschrijving="mailserver van de sandbox"
    )
    hub.sandbox.connect(hub_url=hub.address, tokens=tokens, mail_token=mail_token)


async def _take_abonnementen(
    hub: Stack, master: MasterKey, secret: Callable[[str], str], stack: AsyncExitStack
) -> None:
    """At every zaaksysteem of the sandbox; again later where one is out of order now."""
    abonneren = Abonneren(hub.pool, master, hub.address, SystemKlok())
    zaaksystemen = hub.sandbox.zgw.zaaksystemen
    taking = Sandboxabonnementen(abonneren, hub.register, zaaksystemen, klok=hub.klok, secret=secret)
    stack.push_async_callback(taking.close)

    async def take_later() -> None:
        while await taking.take():
            await hub.klok.sleep_until(hub.klok.now() + _AGAIN)

    if await taking.take():
        stack.callback(asyncio.create_task(take_later()).cancel)


@contextlib.contextmanager
def only_one(data_dir: Path) -> Generator[None, None, None]:
    """One hub per data folder, or else `AlreadyRunning`; the lock goes with the process, however it ends."""
    handle: IO[str] = (data_dir / "houvast.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise AlreadyRunning(f"Er draait al een Houvast in {data_dir}; kies een andere map met --data.") from None
    with handle:
        handle.write(str(os.getpid()))
        handle.flush()
        yield
