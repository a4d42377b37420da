"""Topics on a real Kafka: made before anybody needs them, never by accident."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, cast

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
from services.runtime.process.starting import POLL_SECONDS, ServerStartError

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
) -> None:
    """Kafka answers, every topic exists and has its leaders.

    A topic that is already there keeps its partitions; a new one gets `copies`, by default three or as many as
    there are brokers.
    Raises `NoAnswerError` with the last error after `limit_seconds`, `ServerStartError` where the cluster
    refuses, or refuses us.
    """
    deadline = time.monotonic() + limit_seconds
    while True:
        if client:
            await refuse_strangers(bootstrap, client)
        try:
            async with asyncio.timeout(max(1.0, deadline - time.monotonic())):
                if await _try_once(bootstrap, topics, partitions=partitions, client=client, copies=copies):
                    return
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
) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","), **client)
    try:
        await admin.start()
        missing = await _without_leader(admin, topics)
        if not missing:
            return True
        cluster = cast("dict[str, list[object]]", await admin.describe_cluster())
        chosen = copies or min(MOST_COPIES, len(cluster["brokers"]))
        await _create(admin, [_new_topic(topic, partitions, chosen) for topic in missing])
        return not await _without_leader(admin, topics)
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


async def _create(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> None:
    response = cast("Any", await admin.create_topics(topics))
    for topic, code, *words in response.topic_errors:
        if code in {0, TopicAlreadyExistsError.errno}:
            continue
        error = cast("type[KafkaError]", for_code(code))
        said = f"{topic}: {' '.join(word for word in words if word)}"
        if error.retriable or error is InvalidReplicationFactorError:
            raise NodeNotReadyError(said)
        raise ServerStartError(
            f"Kafka maakt een topic niet aan: {error.__name__} {said}. Laat de beheerder van het cluster de topics "
            "aanmaken, of geef dit account het recht daartoe."
        )
