"""A broker that runs, and what its clients must know of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.runtime.kafka.security import ClientOptions
from services.runtime.kafka.topics import DEFAULT_FETCH_MAX_WAIT_MS, NoAnswerError, ensure_topics
from services.runtime.process.starting import ServerStartError

ANSWER_LIMIT_SECONDS = 15.0


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """A Kafka that answers at `bootstrap`.

    `kind` is "embedded", "local", "docker" or "extern". `durable`: it keeps what it was given when its clients and the
    process that started it are gone. `joins_groups`: consumers share the partitions of a topic as a group; where it is
    False a consumer assigns itself every partition and only commits under the name of its group. `fetch_max_wait_ms` is what
    consumers set; `client` how every client makes itself known.
    """

    bootstrap: str
    kind: str
    durable: bool
    fetch_max_wait_ms: int
    partitions: int
    joins_groups: bool = True
    client: ClientOptions = field(default_factory=ClientOptions, repr=False)
    _stop: Callable[[], Awaitable[None]] = field(default=_nothing, repr=False)

    async def stop(self) -> None:
        """Stop it where it is ours and nobody else uses it; a cluster of others is left alone."""
        await self._stop()


async def connect_cluster(
    address: str, topics: Sequence[str], *, partitions: int, client: ClientOptions
) -> RunningBroker:
    """The cluster at `address`, with the topics made. Raises `ServerStartError` with what was seen."""
    try:
        await ensure_topics(address, topics, partitions=partitions, client=client, limit_seconds=ANSWER_LIMIT_SECONDS)
    except NoAnswerError as error:
        raise ServerStartError(
            f"Kafka op {address} antwoordt niet binnen {ANSWER_LIMIT_SECONDS:.0f} s ({error}). Draait de broker, "
            "kloppen het adres en HOUVAST_KAFKA_SECURITY, en laat de firewall het door?"
        ) from error
    return cluster_at(address, partitions=partitions, client=client)


def cluster_at(address: str, *, partitions: int, client: ClientOptions) -> RunningBroker:
    """The cluster at `address`, whether it answers or not."""
    return RunningBroker(
        address,
        kind="extern",
        durable=True,
        fetch_max_wait_ms=DEFAULT_FETCH_MAX_WAIT_MS,
        partitions=partitions,
        client=client,
    )
