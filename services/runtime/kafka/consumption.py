"""What the listeners have taken: how far a relay may run ahead on a broker that forgets."""

from collections.abc import Iterable, Mapping
from typing import Any, Self, cast

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.messages.topics import TOPICS, Service
from services.runtime.kafka.consumers import group_of
from services.runtime.kafka.security import ClientOptions

NOTHING_YET = 0
LISTENERS: Mapping[str, tuple[Service, ...]] = {topic.name: topic.listeners for topic in TOPICS}


class ConsumptionWatch:
    """Asks the broker how far the groups that listen to a topic have committed. Use it in `async with`."""

    def __init__(
        self,
        bootstrap: str,
        *,
        client: ClientOptions | None = None,
        listeners: Mapping[str, Iterable[Service]] = LISTENERS,
    ) -> None:
        self._bootstrap = bootstrap
        self._options = client or {}
        self._listeners = listeners
        self._admin: AIOKafkaAdminClient | None = None
        self._partitions: dict[str, list[TopicPartition]] = {}
        self._coordinators: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        """Raises `aiokafka.errors.KafkaError` where the broker does not answer."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap.split(","), **self._options)
        try:
            await admin.start()
        except BaseException:
            await admin.close()
            raise
        self._admin = admin
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._admin is not None:
            await self._admin.close()
            self._admin = None

    async def committed(self, topic: str) -> dict[int, int]:
        """Per partition the offset every listening group has committed up to: the next one the slowest will read.

        A group that has not committed anything stands at 0. Empty where nobody listens: nothing to wait for. Raises
        `aiokafka.errors.KafkaError` where the broker does not answer.
        """
        services = tuple(self._listeners.get(topic, ()))
        if not services:
            return {}
        partitions = await self._partitions_of(topic)
        taken = [await self._taken(group_of(service), partitions) for service in services]
        return {part.partition: min(group.get(part, NOTHING_YET) for group in taken) for part in partitions}

    async def _taken(self, group: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        try:
            if group not in self._coordinators:
                self._coordinators[group] = await self._client.find_coordinator(group)
            # the broker in the process answers only for partitions that are named
            offsets = await self._client.list_consumer_group_offsets(group, self._coordinators[group], list(partitions))
        except KafkaError:
            self._coordinators.pop(group, None)
            raise
        return {partition: max(noted.offset, NOTHING_YET) for partition, noted in offsets.items()}

    async def _partitions_of(self, topic: str) -> list[TopicPartition]:
        if not self._partitions.get(topic):
            described = cast("list[dict[str, Any]]", await self._client.describe_topics([topic]))
            self._partitions[topic] = [
                TopicPartition(topic, part["partition"]) for found in described for part in found["partitions"]
            ]
        return self._partitions[topic]

    @property
    def _client(self) -> AIOKafkaAdminClient:
        assert self._admin is not None, "use it in `async with`"
        return self._admin
