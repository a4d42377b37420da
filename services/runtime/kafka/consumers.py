"""Taking events off Kafka: batches by FastStream, offsets committed only after the database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker, KafkaMessage, TopicPartition
from faststream.middlewares import AckPolicy

from contracts.messages.topics import Service, topics_for
from services.runtime.kafka.security import ClientOptions, faststream_security
from services.runtime.process.metrics import show_lag
from services.runtime.unit.decision import Record

log = structlog.get_logger(__name__)

Take = Callable[[Sequence[Record]], Awaitable[None]]

MAX_RECORDS = 500
FETCH_BYTES = 256 * 1024
"""What lies ready per partition: some hundred records, so that who lags does not hold what it cannot take yet."""
LOOK_EVERY_SECONDS = 10.0
STALLED_AFTER_SECONDS = 60.0
STOP_LIMIT_SECONDS = 3.0
"""A client whose broker is gone may wait for it to the end of time when it takes leave."""
SESSION_MS = 10_000
HEARTBEAT_MS = 3_000
"""A copy that was not heard of for a session gives up its partitions to the others."""
METADATA_AGE_MS = 10_000
"""A topic that was made again, or made after we began, is found within this."""
POLL_INTERVAL_MS = 5 * 60 * 1000
"""How long a batch may wait for a database that is away before the group gives its partitions to another."""
PATIENCE_SECONDS = 15.0
"""Without any progress for so long, nobody waits for a topic any more."""
LOOK_AGAIN_SECONDS = 0.1
IDLE_MS = 100
"""A subscriber that had nothing for this long sleeps for as long again: what comes then waits in every service."""


def group_of(service: Service) -> str:
    """The consumer group of a service."""
    return f"houvast-{service.value}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read from this broker. `assigned` is the number of partitions where there are no groups to join."""

    fetch_max_wait_ms: int = 100
    instance: str | None = None
    assigned: int | None = None


def bind_batches(broker: KafkaBroker, service: Service, take: Take, reading: Reading) -> None:
    """Subscribe a service to its topics: whole batches, raw bytes, nothing acknowledged before `take` returns."""
    names = [topic.name for topic in topics_for(service)]
    joining: list[str] = [] if reading.assigned else names
    partitions = [TopicPartition(name, number) for name in names for number in range(reading.assigned or 0)]
    subscriber = broker.subscriber(
        *joining,
        partitions=partitions,
        group_id=group_of(service),
        group_instance_id=reading.instance,
        batch=True,
        max_records=MAX_RECORDS,
        batch_timeout_ms=IDLE_MS,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        fetch_max_wait_ms=reading.fetch_max_wait_ms,
        fetch_min_bytes=1,
        max_partition_fetch_bytes=FETCH_BYTES,
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=HEARTBEAT_MS,
        max_poll_interval_ms=POLL_INTERVAL_MS,
        decoder=_as_it_came,
    )

    @subscriber
    async def take_batch(message: KafkaMessage) -> None:
        raw = cast("tuple[ConsumerRecord[bytes, bytes], ...]", message.raw_message)
        records = [Record(record.topic, record.partition, record.offset, record.value or b"") for record in raw]
        await take(records)
        try:
            await message.ack()
        except KafkaError as error:
            log.warning("offsets_not_committed", fout=type(error).__name__, aantal=len(records))


Bind = Callable[[KafkaBroker, Take, Reading], None]


async def _as_it_came(message: Any) -> Any:
    return message


class Consumer:
    """Runs the subscriptions of one service and watches over them.

    FastStream keeps saying it runs when its consume task has died, so the task itself is what counts. A batch that could
    not be taken ends the consumer: the next one begins again at the committed offsets, so nothing is passed over. So does
    a consumer that takes nothing while there is something to take, which is how one can hang after its broker restarted.
    """

    def __init__(
        self,
        bootstrap: str,
        bind: "Bind",
        take: Take,
        reading: Reading,
        *,
        service: str,
        client: ClientOptions | None = None,
    ) -> None:
        self._service = service
        self._bootstrap = bootstrap
        self._client: ClientOptions = client or {}
        self._bind = bind
        self._take = take
        self._reading = reading
        self._caught_up = asyncio.Event()
        self._taken_at = 0.0

    async def hear_first(self) -> None:
        """Wait until everything that lay on the topics when reading began has been taken.

        After downtime what people did meanwhile lies there; only who has heard that may say that somebody is late. It
        waits no longer than `PATIENCE_SECONDS` without any progress: late is better than never.
        """
        clock = asyncio.get_running_loop()
        self._taken_at = max(self._taken_at, clock.time())
        while not self._caught_up.is_set():
            left = self._taken_at + PATIENCE_SECONDS - clock.time()
            if left <= 0:
                log.warning("not_caught_up", seconds=PATIENCE_SECONDS)
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._caught_up.wait(), timeout=left)

    async def run(self) -> None:
        """Until cancelled. Raises when a consume task ends; whoever supervises starts it again."""
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        progress = _Progress()

        async def take(records: Sequence[Record]) -> None:
            if failed.done():
                raise ConsumerDied("an earlier batch could not be taken")  # so nothing after it is acknowledged
            progress.begin()
            try:
                await self._take(records)
            except Exception as error:
                failed.set_exception(error)
                raise
            self._taken_at = asyncio.get_running_loop().time()
            progress.end()

        broker = KafkaBroker(
            self._bootstrap,
            apply_types=False,
            logger=None,
            consumer_only=True,
            metadata_max_age_ms=METADATA_AGE_MS,
            security=faststream_security(self._client),
        )
        self._bind(broker, take, self._reading)
        watching: asyncio.Task[None] | None = None
        catching_up: asyncio.Task[None] | None = None
        try:
            await broker.start()
            tasks = [task for subscriber in broker.subscribers for task in getattr(subscriber, "tasks", ())]
            if not tasks:
                raise ConsumerDied("no consume task was started")
            consumers = [
                consumer for subscriber in broker.subscribers if (consumer := getattr(subscriber, "consumer", None))
            ]
            watching = asyncio.create_task(_watch(consumers, progress, service=self._service))
            catching_up = asyncio.create_task(self._catch_up(consumers))
            await asyncio.wait([*tasks, failed, watching], return_when=asyncio.FIRST_COMPLETED)
            if failed.done():
                failed.result()
            if watching.done():
                watching.result()
            raise ConsumerDied("a consume task ended")
        finally:
            failed.cancel()
            for task in (watching, catching_up):
                if task is not None:
                    task.cancel()
            try:
                async with asyncio.timeout(STOP_LIMIT_SECONDS):
                    await asyncio.shield(broker.stop())
            except TimeoutError:
                log.warning("consumer_not_stopped", seconds=STOP_LIMIT_SECONDS)

    async def _catch_up(self, consumers: Sequence[AIOKafkaConsumer]) -> None:
        for consumer in consumers:
            await _drained(consumer)
        self._caught_up.set()


async def _drained(consumer: AIOKafkaConsumer) -> None:
    """Until this consumer has committed everything that its partitions held when it got them."""
    ends: dict[Any, int] | None = None
    while True:
        try:
            if ends is None and (partitions := list(consumer.assignment())):
                ends = await _unread(consumer, partitions)
            if ends is not None:
                committed = {
                    partition: cast("int | None", await consumer.committed(partition)) or 0 for partition in ends
                }
                if all(committed[partition] >= end for partition, end in ends.items()):
                    return
        except KafkaError as error:
            log.warning("offsets_not_known", fout=type(error).__name__)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _unread(consumer: AIOKafkaConsumer, partitions: Sequence[Any]) -> dict[Any, int]:
    """Where the partitions end that hold anything at all."""
    begins = cast("dict[Any, int]", await consumer.beginning_offsets(partitions))
    ends = cast("dict[Any, int]", await consumer.end_offsets(partitions))
    return {partition: end for partition, end in ends.items() if end > begins[partition]}


class _Progress:
    """When a batch was last taken; a batch that is being taken is progress however long it lasts."""

    def __init__(self) -> None:
        self._busy = 0
        self._last = asyncio.get_running_loop().time()

    def begin(self) -> None:
        self._busy += 1

    def end(self) -> None:
        self._busy -= 1
        self._last = asyncio.get_running_loop().time()

    def is_older_than(self, seconds: float) -> bool:
        return not self._busy and asyncio.get_running_loop().time() - self._last > seconds


async def _watch(consumers: Sequence[AIOKafkaConsumer], progress: _Progress, *, service: str) -> None:
    """Show the lag. Raises `ConsumerStalled` once nothing was taken for a while though there is something to take.

    Sooner where it can never take anything: topics that were deleted and made again behind its back.
    """
    before: list[_Stuck] = [frozenset() for _ in consumers]
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        lag = sum([await _lag_of(consumer) for consumer in consumers])
        show_lag(service, lag)
        if lag and progress.is_older_than(STALLED_AFTER_SECONDS):
            raise ConsumerStalled("nothing is taken though there is something to take")
        stuck = [await stuck_at(consumer) for consumer in consumers]
        if any(now & earlier for now, earlier in zip(stuck, before, strict=True)):
            raise ConsumerStalled("it stands past the end of its topics, or was left without any")
        before = stuck


async def _lag_of(consumer: AIOKafkaConsumer) -> int:
    """How much waits that this consumer has not taken up yet. A broker that is away has nothing waiting."""
    partitions = list(consumer.assignment())
    try:
        async with asyncio.timeout(LOOK_EVERY_SECONDS):
            ends = cast("dict[Any, int]", await consumer.end_offsets(partitions))
            return sum([max(0, ends[partition] - await consumer.position(partition)) for partition in partitions])
    except (KafkaError, TimeoutError):
        return 0


_Stuck = frozenset[tuple[Any, int]]
"""Partitions, and the offset at which nobody goes on."""


async def stuck_at(consumer: AIOKafkaConsumer) -> _Stuck:
    """Where this consumer stands past the end, or, where it was given no partitions, where its group does not go on."""
    try:
        async with asyncio.timeout(LOOK_EVERY_SECONDS):
            if own := list(consumer.assignment()):
                at = {partition: await consumer.position(partition) for partition in own}
                ends = cast("dict[Any, int]", await consumer.end_offsets(own))
                return frozenset((partition, offset) for partition, offset in at.items() if offset > ends[partition])
            partitions = [
                TopicPartition(topic, number)
                for topic in cast("frozenset[str]", consumer.subscription())
                for number in consumer.partitions_for_topic(topic) or ()
            ]
            unread = await _unread(consumer, partitions)
            taken = {part: cast("int | None", await consumer.committed(part)) or 0 for part in unread}
            return frozenset((part, offset) for part, offset in taken.items() if offset < unread[part])
    except (KafkaError, TimeoutError):
        return frozenset()


class ConsumerDied(RuntimeError):
    """A consume task ended by itself."""


class ConsumerStalled(RuntimeError):
    """A consume task lives and does nothing."""
