"""Topics on a real Kafka: made before anybody needs them, never by accident."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, cast

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    InvalidReplicationFactorError,
    KafkaError,
    NodeNotReadyError,
    TopicAlreadyExistsError,
    for_code,
)

from contracts.messages.topics import TOPICS
from services.runtime.kafka.security import ClientOptions, refuse_strangers
from services.runtime.process.metrics import count_topics_made
from services.runtime.process.starting import POLL_SECONDS, ServerStartError

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0
_RETENTION_HOURS = {topic.name: topic.retention_hours for topic in TOPICS}

DEFAULT_FETCH_MAX_WAIT_MS = 500
MOST_COPIES = 3
_PASSING = (OSError, TimeoutError)


class NoAnswerError(Exception):
    """Kafka did not answer, or not well enough, within the limit. The message is the last thing that was seen."""


async def ensure_topics(
    bootstrap: str,
    topics: Sequence[str],
    *,
    partitions: int,
    client: ClientOptions,
    limit_seconds: float,
    copies: int | None = None,
) -> int:
    """Kafka answers, every topic exists and has its leaders. Returns how many had to be made.

    A topic that is already there keeps its partitions; a new one gets `copies`, by default three or as many as
    there are brokers.
    Raises `NoAnswerError` with the last error after `limit_seconds`, `ServerStartError` where the cluster
    refuses, or refuses us.
    """
    deadline = time.monotonic() + limit_seconds
    made = 0
    while True:
        if client:
            await refuse_strangers(bootstrap, client)
        try:
            async with asyncio.timeout(max(1.0, deadline - time.monotonic())):
                ready, new = await _try_once(bootstrap, topics, partitions=partitions, client=client, copies=copies)
                made += new
                if ready:
                    return made
            seen = "een topic heeft nog geen leider"
        except _PASSING as error:
            seen = _name(error)
        except KafkaError as error:
            if not error.retriable:
                raise ServerStartError(f"Kafka op {bootstrap} weigert: {_name(error)}") from error
            seen = _name(error)
        if time.monotonic() > deadline:
            raise NoAnswerError(seen)
        await asyncio.sleep(POLL_SECONDS * 4)


def _name(error: Exception) -> str:
    """Its kind and its words; an error of Kafka names its kind itself."""
    return f"{error}" if isinstance(error, KafkaError) else f"{type(error).__name__} {error}".strip()


async def _try_once(
    bootstrap: str, topics: Sequence[str], *, partitions: int, client: ClientOptions, copies: int | None
) -> tuple[bool, int]:
    """Whether all is ready, and how many topics were made."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","), **client)
    try:
        await admin.start()
        missing = await _without_leader(admin, topics)
        if not missing:
            return True, 0
        cluster = cast("dict[str, list[object]]", await admin.describe_cluster())
        chosen = copies or min(MOST_COPIES, len(cluster["brokers"]))
        made = await _create(admin, [_new_topic(topic, partitions, chosen) for topic in missing])
        return not await _without_leader(admin, topics), made
    finally:
        await admin.close()


def _new_topic(name: str, partitions: int, copies: int) -> NewTopic:
    hours = _RETENTION_HOURS.get(name)
    configs = None if hours is None else {"retention.ms": str(hours * 3_600_000)}
    return NewTopic(name, partitions, copies, topic_configs=configs)


async def _without_leader(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[str]:
    if not topics:
        await admin.list_topics()
        return []
    described = cast("list[dict[str, Any]]", await admin.describe_topics(list(topics)))
    ready = {
        topic["topic"]
        for topic in described
        if not topic["error_code"] and topic["partitions"] and all(part["leader"] >= 0 for part in topic["partitions"])
    }
    return [topic for topic in topics if topic not in ready]


async def _create(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> int:
    made = 0
    response = cast("Any", await admin.create_topics(topics))
    for topic, code, *words in response.topic_errors:
        if code in {0, TopicAlreadyExistsError.errno}:
            made += code == 0
            continue
        error = cast("type[KafkaError]", for_code(code))
        said = f"{topic}: {' '.join(word for word in words if word)}"
        if error.retriable or error is InvalidReplicationFactorError:
            raise NodeNotReadyError(said)
        raise ServerStartError(
            f"Kafka maakt een topic niet aan: {error.__name__} {said}. Laat de beheerder van het cluster de topics "
            "aanmaken, of geef dit account het recht daartoe."
        )
    return made


class TopicKeeper:
    """Makes the topics of a cluster of others again when they are gone, and says so: what lay on them is gone too."""

    def __init__(self, bootstrap: str, topics: Sequence[str], *, partitions: int, client: ClientOptions) -> None:
        self._bootstrap = bootstrap
        self._topics = topics
        self._partitions = partitions
        self._client = client
        self._were_there = False

    async def run(self) -> None:
        """Until cancelled. Raises where Kafka does not answer; whoever supervises starts it again."""
        while True:
            await self.look(limit_seconds=LOOK_SECONDS)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, *, limit_seconds: float) -> None:
        """Once. Raises what `ensure_topics` raises."""
        made = await ensure_topics(
            self._bootstrap,
            self._topics,
            partitions=self._partitions,
            client=self._client,
            limit_seconds=limit_seconds,
        )
        if made and self._were_there:
            log.error("topics_made_again", aantal=made)
            count_topics_made(made)
        self._were_there = True
