"""A PostgreSQL and a Kafka by choice: one that is there already, or one of our own where the lab is installed."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from services.runtime.database.server import EMBEDDED, RunningDatabase, connect_database
from services.runtime.kafka.cluster import RunningBroker, connect_cluster
from services.runtime.kafka.security import ClientOptions
from services.runtime.process.starting import ServerStartError, Tell, tell_stderr
from services.runtime.settings import BROKER_ADDRESSES


async def start_database(choice: str, *, data_dir: Path) -> RunningDatabase:
    """PostgreSQL by `choice`: "embedded" (in `data_dir`/postgres) or the URL of a server that is already there.

    It answers queries when this returns. Raises `ServerStartError` with what to do about it.
    """
    if choice == EMBEDDED:
        database: RunningDatabase = await _ground("postgres").start_embedded(data_dir)
        return database
    return await connect_database(choice)


async def start_broker(
    choice: str,
    *,
    data_dir: Path,
    topics: Sequence[str],
    partitions: int = 4,
    client: ClientOptions | None = None,
    tell: Tell = tell_stderr,
) -> RunningBroker:
    """Kafka by `choice`: "embedded", "local", "docker", or the addresses of a cluster ("host:port,host:port").

    It answers and the topics exist, with `partitions` where they are new, when this returns. `client` holds the
    security options for a cluster of others. Raises `ServerStartError` with what was seen and what to do about it.
    """
    broker: RunningBroker
    match choice:
        case "embedded":
            broker = await _ground("kafka_embedded").start_embedded(topics, partitions=partitions)
        case "local":
            broker = await _ground("kafka_local").start_local(data_dir, topics, partitions=partitions, tell=tell)
        case "docker":
            broker = await _ground("kafka_docker").start_docker(topics, partitions=partitions, tell=tell)
        case address if BROKER_ADDRESSES.fullmatch(address):
            broker = await connect_cluster(address, topics, partitions=partitions, client=client or {})
        case _:
            raise ServerStartError(
                f"{choice!r} is geen broker. Kies 'embedded', 'local', 'docker' of een adres als kafka:9092."
            )
    return broker


def _ground(module: str) -> Any:
    """A server of our own. Loaded by name: production leaves the lab out, and nothing below it imports it."""
    try:
        return import_module(f"lab.ground.{module}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "lab":
            raise
        raise ServerStartError(
            "Een eigen database of broker hoort bij de proefopstelling, en die is hier niet geïnstalleerd. Geef het adres"
            " van een server (--database, --broker)."
        ) from None
