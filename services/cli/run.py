"""`houvast run <service>`: one service, as in production."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.messages.topics import Service
from contracts.toml_plaats import BestandFouten

if TYPE_CHECKING:
    from services.cli.ground import Running
    from services.runtime.kafka.cluster import RunningBroker
    from services.runtime.kafka.security import ClientOptions
    from services.runtime.settings import Settings


PARTITIONS = 4
"""Of a topic that is new."""
KAFKA_SECONDS = 3.0
"""How long a start waits for Kafka; after that it goes on without."""


def run(
    service: Annotated[Service, typer.Argument(help="triage, handover, monitoring of notifier.")],
    port: Annotated[int | None, typer.Option(help="Poort van de API; anders HOUVAST_PORT.")] = None,
    instance: Annotated[str, typer.Option(help="Naam van deze kopie, als er meer draaien.")] = "0",
) -> None:
    """Draai één dienst. Vraagt HOUVAST_DATABASE en HOUVAST_BROKER; zie docs/draaien.md voor alle instellingen."""
    import uvloop

    from services.cli.geheimen import check_own_secrets
    from services.cli.ground import secrets_of, settings_of
    from services.runtime.database.shared import KlokTerug
    from services.runtime.http import PortUnavailable
    from services.runtime.process.logging import configure_logging
    from services.runtime.process.starting import ServerStartError
    from services.runtime.settings import load_settings

    settings = load_settings(port=port, services=settings_of((service,)), needed=("database", "broker"))
    secret = secrets_of(settings)
    for sentence in _foretold(settings, secret):
        typer.echo(f"let op: {sentence}", err=True)
    check_own_secrets(settings, secret)
    configure_logging(settings.log_level)
    try:
        uvloop.run(_serve(service, settings, instance=instance))
    except (KlokTerug, PortUnavailable, ServerStartError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _foretold(settings: "Settings", secret: "Callable[[str], str]") -> "Iterator[str]":
    """What is wrong in the file and with its secrets, before anything is started. What held before may hold still."""
    from services.cli.geheimen import wrong_secrets
    from services.cli.ground import read_register

    try:
        yield from wrong_secrets(read_register(settings.register, variables={}), secret)
    except BestandFouten as error:
        yield from str(error).splitlines()


async def _serve(service: Service, settings: "Settings", *, instance: str) -> None:
    import structlog

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_service(service, settings, instance=instance) as running:
        structlog.get_logger(__name__).info("service_started", service=service.value, path=running.path)
        await stop.wait()


@asynccontextmanager
async def running_service(
    service: Service, settings: "Settings", *, instance: str, broker: "RunningBroker | None" = None
) -> "AsyncGenerator[Running, None]":
    """The service, for as long as the context lasts; on `broker` where that is there already."""
    from contracts.afspraken import load_rule_book
    from services.cli.geheimen import log_wrong_secrets, look_at_secrets
    from services.cli.ground import TOPIC_NAMES, kept_register, secrets_of, start_services
    from services.cli.people import colleagues_now, roles_now
    from services.cli.servers import start_broker
    from services.cli.site import build_site
    from services.runtime.access.verifying import Access
    from services.runtime.database.connection import close_pool, open_pool
    from services.runtime.database.shared import migrate_gedeeld, shared_klok, start_klok
    from services.runtime.http import Front, Rates, serve
    from services.runtime.kafka.consumers import Reading
    from services.runtime.kafka.consumption import ConsumptionWatch
    from services.runtime.kafka.security import client_options
    from services.runtime.process.clock import SystemKlok
    from services.runtime.running import Deps, Ground
    from services.runtime.settings import BROKER_ADDRESSES

    database_url, data_dir = settings.database, settings.data_dir
    async with AsyncExitStack() as stack:
        secret = secrets_of(settings)
        keep_topics = None
        if broker is None and BROKER_ADDRESSES.fullmatch(settings.broker):
            broker, keep_topics = await _cluster_of(settings.broker, client_options(settings.kafka, secret))
        elif broker is None:
            broker = await start_broker(settings.broker, data_dir=data_dir, topics=TOPIC_NAMES)
        stack.push_async_callback(broker.stop)
        pool = await open_pool(database_url, max_size=3)
        stack.push_async_callback(close_pool, pool)
        async with pool.acquire() as connection:
            await migrate_gedeeld(connection)
            await start_klok(connection)
            klok = await shared_klok(connection, settings.clock, allow_moved=not settings.production)
        rule_book = load_rule_book()
        keeper = await stack.enter_async_context(
            kept_register(settings, pool, klok, rule_book, dsn=database_url, variables={})
        )
        register = keeper.register
        log_wrong_secrets(register, secret)
        keeper.told = lambda holds: log_wrong_secrets(holds, secret)
        access = Access(
            pool,
            SystemKlok(),
            roles=roles_now(register, klok),
            colleagues=colleagues_now(register, klok),
            names=register.naam,
        )
        deps = Deps(
            klok=klok,
            wall=SystemKlok(),
            rule_book=rule_book,
            register=register,
            master=settings.master_key(),
            secret=secret,
            oin=settings.oin,
            public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
            settings=settings,
            toegang=access,
        )
        ground = Ground(
            database_url=database_url,
            bootstrap=broker.bootstrap,
            client=broker.client,
            consumption=None if broker.durable else await stack.enter_async_context(ConsumptionWatch(broker.bootstrap)),
            reading=Reading(
                fetch_max_wait_ms=broker.fetch_max_wait_ms,
                instance=f"{service.value}-{instance}" if broker.joins_groups else None,
                assigned=None if broker.joins_groups else broker.partitions,
            ),
            instance=instance,
            keep_topics=keep_topics,
        )
        (running,) = await start_services((service,), deps, ground)
        stack.push_async_callback(running.process.stop)
        look = look_at_secrets(deps.register, secret)
        site = build_site([running], deps, access, pool, geheimen=look, keeper=keeper)
        front = Front({f"/{running.path}/v1": running.process.api}, site, rates=Rates(settings.limits))
        server = await serve(front, host=settings.host, port=settings.port, limits=settings.limits)
        stack.push_async_callback(server.stop)
        yield running


async def _cluster_of(address: str, client: "ClientOptions") -> "tuple[RunningBroker, Callable[[], Awaitable[None]]]":
    """The cluster and what keeps its topics there. The service starts without it; only a refusal stops the start."""
    import structlog

    from services.cli.ground import TOPIC_NAMES
    from services.runtime.kafka.cluster import cluster_at
    from services.runtime.kafka.topics import NoAnswerError, TopicKeeper

    broker = cluster_at(address, partitions=PARTITIONS, client=client)
    keeper = TopicKeeper(address, TOPIC_NAMES, partitions=PARTITIONS, client=client)
    try:
        await keeper.look(limit_seconds=KAFKA_SECONDS)
    except NoAnswerError as error:
        structlog.get_logger(__name__).warning("kafka_away", host=address, reason=str(error))
    return broker, keeper.run
