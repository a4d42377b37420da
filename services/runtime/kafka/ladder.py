"""One way to get a Kafka, whichever rung of the ladder it is on."""

from collections.abc import Sequence
from pathlib import Path

from services.runtime.kafka.beveiliging import ClientOptions
from services.runtime.kafka.broker import RunningBroker
from services.runtime.kafka.docker import start_docker
from services.runtime.kafka.embedded import start_embedded
from services.runtime.kafka.local import start_local
from services.runtime.kafka.topics import DEFAULT_FETCH_MAX_WAIT_MS, NoAnswerError, ensure_topics
from services.runtime.local_server import ServerStartError, Tell, tell_stderr
from services.runtime.settings import BROKER_ADDRESSES

ANSWER_LIMIT_SECONDS = 15.0


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
    match choice:
        case "embedded":
            return await start_embedded(topics, partitions=partitions)
        case "local":
            return await start_local(data_dir, topics, partitions=partitions, tell=tell)
        case "docker":
            return await start_docker(topics, partitions=partitions, tell=tell)
        case address if BROKER_ADDRESSES.fullmatch(address):
            return await _connect(address, topics, partitions=partitions, client=client or {})
        case _:
            raise ServerStartError(
                f"{choice!r} is geen broker. Kies 'embedded', 'local', 'docker' of een adres als kafka:9092."
            )


async def _connect(address: str, topics: Sequence[str], *, partitions: int, client: ClientOptions) -> RunningBroker:
    try:
        await ensure_topics(address, topics, partitions=partitions, client=client, limit_seconds=ANSWER_LIMIT_SECONDS)
    except NoAnswerError as error:
        raise ServerStartError(
            f"Kafka op {address} antwoordt niet binnen {ANSWER_LIMIT_SECONDS:.0f} s ({error}). Draait de broker, "
            "kloppen het adres en HOUVAST_KAFKA_SECURITY, en laat de firewall het door?"
        ) from error
    return RunningBroker(
        address,
        kind="extern",
        durable=True,
        fetch_max_wait_ms=DEFAULT_FETCH_MAX_WAIT_MS,
        partitions=partitions,
        client=client,
    )
