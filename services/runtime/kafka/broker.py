"""A broker that runs, and what its clients must know of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from services.runtime.kafka.beveiliging import ClientOptions


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
