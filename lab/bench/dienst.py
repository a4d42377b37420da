"""One service as `houvast run` runs it, on a broker that the benchmark started.

`python -m lab.bench.dienst <service> <kind of broker>`; the rest comes from the environment, as in production.
A broker inside the process of the benchmark cannot be told apart by its address, hence the kind.
"""

import asyncio
import signal
import sys

import uvloop

from contracts.messages.topics import Service
from lab.ground.kafka_embedded import FETCH_MAX_WAIT_MS, PARTITIONS
from services.cli.run import running_service
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.process.logging import configure_logging
from services.runtime.settings import load_settings


async def _serve(service: Service, *, embedded: bool) -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    broker = _embedded_at(settings.broker) if embedded else None
    async with running_service(service, settings, instance="0", broker=broker):
        abandoned = asyncio.create_task(_until_abandoned(stop))
        await stop.wait()
        abandoned.cancel()


async def _until_abandoned(stop: asyncio.Event) -> None:
    """Standard input ends with the benchmark, however that ends; nothing is left running then."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    loop.remove_reader(sys.stdin.fileno())
    stop.set()


def _embedded_at(bootstrap: str) -> RunningBroker:
    return RunningBroker(
        bootstrap,
        kind="embedded",
        durable=False,
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        partitions=PARTITIONS,
        joins_groups=False,
    )


if __name__ == "__main__":
    uvloop.run(_serve(Service(sys.argv[1]), embedded=sys.argv[2] == "embedded"))
