"""The broker in the process: librdkafka's mock cluster, from the `confluent-kafka` wheel.

For trying out and for tests. Measured with confluent-kafka 2.16, aiokafka 0.14 and FastStream 0.7.8:

- It is up in 20 ms. A metadata request creates a topic, always with 4 partitions: Python has no setting for the number.
  CreateTopics fails in aiokafka (there is no controller).
- It keeps the last 5 MiB (or 100,000 records) of a partition in memory; `beginning_offsets` tells what it forgot.
- Idempotent producers with `acks="all"` work; 2,000 records in 20 ms, one there and back in 0.8 ms.
- OffsetCommit and OffsetFetch work, for group members and for consumers that assign themselves. The admin call
  `list_consumer_group_offsets` works when the partitions are named, and fails without.
- One member per group: a second one waits until the first is gone, and the first then loses its seat. Joining takes
  3 s, joining again the session timeout (9 s by default), as leaving is not noticed. A consumer that assigns itself
  every partition starts within 0.2 s and commits the same offsets; hence `joins_groups=False`.
- A waiting fetch is not woken by a new record: hence a fetch wait of 10 ms.
"""

import asyncio
from collections.abc import Sequence

from services.runtime.kafka.cluster import RunningBroker
from services.runtime.process.starting import ServerStartError

PARTITIONS = 4
FETCH_MAX_WAIT_MS = 10
ANSWER_LIMIT_SECONDS = 5.0


async def start_embedded(topics: Sequence[str], *, partitions: int) -> RunningBroker:
    """A broker in this process, empty, with these topics. It is gone with the process."""
    if partitions != PARTITIONS:
        raise ServerStartError(
            f"De ingebouwde broker heeft altijd {PARTITIONS} partities per topic, geen {partitions}. "
            "Neem voor een ander aantal --broker local of een eigen Kafka."
        )
    try:
        cluster = await asyncio.to_thread(_MockCluster, topics)
    except ImportError:
        raise ServerStartError(
            "De ingebouwde broker is niet geïnstalleerd. Installeer hem met pip install 'houvast[embedded]', "
            "of neem --broker local of het adres van een eigen Kafka."
        ) from None

    async def stop() -> None:
        await asyncio.to_thread(cluster.close)

    return RunningBroker(
        cluster.bootstrap,
        kind="embedded",
        durable=False,
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        partitions=PARTITIONS,
        joins_groups=False,
        _stop=stop,
    )


class _MockCluster:
    """librdkafka starts the cluster with a client and ends it with that client, so the client is kept."""

    def __init__(self, topics: Sequence[str]) -> None:
        from confluent_kafka import KafkaException, Producer

        client = Producer({"test.mock.num.brokers": 1, "log_level": 3})
        try:
            brokers = client.list_topics(timeout=ANSWER_LIMIT_SECONDS).brokers.values()
            for topic in topics:
                client.list_topics(topic, timeout=ANSWER_LIMIT_SECONDS)
        except KafkaException as error:
            raise ServerStartError(f"De ingebouwde broker antwoordt niet: {error}. Neem --broker local.") from error
        self.bootstrap = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        self._client: Producer | None = client

    def close(self) -> None:
        self._client = None
