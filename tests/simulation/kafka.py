"""Kafka as far as its clients notice it: partitions, groups with sessions and generations, and how it fails.

The classes at the end stand in the place of those of aiokafka; everything above them is the code of the hub, and FastStream.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, ConsumerStoppedError, KafkaConnectionError, RequestTimedOutError
from aiokafka.structs import OffsetAndMetadata, RecordMetadata

from tests.simulation.loop import Life, Process, SimLoop, current

SESSION_SECONDS = 10.0
SWEEP_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class Member:
    """One consumer in a group. `heard_at` is when it last gave a sign of life."""

    name: str
    process: Process | None
    topics: tuple[str, ...]
    heard_at: float
    generation: int = 0
    partitions: list[TopicPartition] = field(default_factory=list)
    positions: dict[TopicPartition, int] = field(default_factory=dict)
    paused_until: dict[TopicPartition, float] = field(default_factory=dict)
    stopped: bool = False


@dataclass(slots=True)
class Group:
    members: dict[str, Member] = field(default_factory=dict)
    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    generation: int = 0


@dataclass(slots=True)
class Fate:
    """What happens to one request: how long it takes, and where it is lost."""

    seconds: float = 0.002
    lost: str | None = None


class Broker:
    """A cluster that keeps what it was given. `fates` decides about every request."""

    def __init__(
        self, loop: SimLoop, *, random: Random, partitions: int, fates: Callable[[str], Fate] = lambda _: Fate()
    ) -> None:
        self.loop = loop
        self.random = random
        self.fates = fates
        self.partitions = partitions
        self.logs: dict[TopicPartition, list[tuple[bytes, bytes]]] = {}
        self.groups: dict[str, Group] = {}
        self.on_append: Callable[[Process | None, bytes], None] = lambda *_: None
        self.away = False
        self.cut_off: set[Process] = set()
        self.server = Context()
        self._arrivals: list[tuple[Member, asyncio.Future[None]]] = []
        loop.call_later(SWEEP_SECONDS, self._sweep, context=self.server)

    def log(self, part: TopicPartition) -> list[tuple[bytes, bytes]]:
        return self.logs.setdefault(part, [])

    def parts_of(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for topic in topics for number in range(self.partitions)]

    def topics(self) -> dict[str, list[bytes]]:
        """What lies on each topic, in order per partition."""
        found: dict[str, list[bytes]] = {}
        for part in sorted(self.logs):
            found.setdefault(part.topic, []).extend(value for _, value in self.logs[part])
        return found

    def is_out_of_reach(self, process: Process | None) -> bool:
        return self.away or (process is not None and process in self.cut_off)

    async def ask(self, what: str) -> None:
        """One request of a client and its answer. Raises where it does not come."""
        fate = self.fates(what)
        await asyncio.sleep(fate.seconds)
        if self.is_out_of_reach(current()):
            await asyncio.sleep(1.0)
            raise KafkaConnectionError("no broker answers")
        if fate.lost is not None:
            raise RequestTimedOutError("no answer")

    def append(self, part: TopicPartition, key: bytes, value: bytes) -> int:
        log = self.log(part)
        log.append((key, value))
        self.wake(part)
        return len(log) - 1

    def wake(self, part: TopicPartition | None = None) -> None:
        """Whoever waits for something of this partition; everybody where it is None."""
        arrivals, self._arrivals = self._arrivals, []
        for member, waiting in arrivals:
            if part is not None and part not in member.positions:
                self._arrivals.append((member, waiting))
            elif not waiting.done():
                waiting.set_result(None)

    def arrival(self, member: Member) -> "asyncio.Future[None]":
        waiting: asyncio.Future[None] = self.loop.create_future()
        self._arrivals.append((member, waiting))
        return waiting

    def forget(self, arrival: "asyncio.Future[None]") -> None:
        self._arrivals = [waiting for waiting in self._arrivals if waiting[1] is not arrival]

    # groups

    def group(self, name: str) -> Group:
        return self.groups.setdefault(name, Group())

    def join(self, group_name: str, member: Member) -> None:
        group = self.group(group_name)
        member.heard_at = self.loop.time()
        group.members[member.name] = member
        self.rebalance(group_name)

    def leave(self, group_name: str, member: Member) -> None:
        group = self.group(group_name)
        if group.members.get(member.name) is member:
            del group.members[member.name]
            self.rebalance(group_name)

    def is_member(self, group_name: str, member: Member) -> bool:
        return self.group(group_name).members.get(member.name) is member

    def rebalance(self, group_name: str) -> None:
        """Everybody begins anew at what is committed, with another share."""
        group = self.group(group_name)
        group.generation += 1
        members = [group.members[name] for name in sorted(group.members)]
        for member in members:
            member.generation = group.generation
            member.partitions = []
            member.positions = {}
        if members:
            topics = dict.fromkeys(topic for member in members for topic in member.topics)
            for number, part in enumerate(self.parts_of(topics)):
                owner = members[(number + group.generation) % len(members)]
                owner.partitions.append(part)
                owner.positions[part] = group.offsets.get(part, 0)
        self.wake()

    def rewind(self, group_name: str, most: int) -> None:
        """What was committed last is lost by the coordinator."""
        group = self.group(group_name)
        for part, offset in group.offsets.items():
            group.offsets[part] = max(0, offset - self.random.randint(0, most))
        self.rebalance(group_name)

    def _sweep(self) -> None:
        now = self.loop.time()
        for name, group in self.groups.items():
            gone: list[str] = []
            for member in group.members.values():
                alive = not member.stopped and (member.process is None or member.process.life is Life.RUNNING)
                if alive and not self.is_out_of_reach(member.process):
                    member.heard_at = now
                elif now - member.heard_at > SESSION_SECONDS and not self.away:
                    gone.append(member.name)
            for member_name in gone:
                del group.members[member_name]
            if gone:
                self.rebalance(name)
        self.loop.call_later(SWEEP_SECONDS, self._sweep, context=self.server)


def partition_of(key: bytes, partitions: int) -> int:
    return sum(key) % partitions


class ToBroker:
    """The broker that the clients of this simulation find, whatever address they were given."""

    broker: Broker


class Producer:
    """In the place of `AIOKafkaProducer`, idempotent: what it tries again arrives once, in order per partition."""

    def __init__(self, **_options: Any) -> None:
        self._broker = ToBroker.broker
        self._free_at: dict[TopicPartition, float] = {}
        self._failed: set[TopicPartition] = set()

    async def start(self) -> None:
        await self._broker.ask("bootstrap")

    async def stop(self) -> None:
        await asyncio.sleep(0.001)

    async def send(
        self, topic: str, value: bytes, *, key: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> "asyncio.Future[RecordMetadata]":
        del headers
        broker = self._broker
        part = TopicPartition(topic, partition_of(key, broker.partitions))
        fate = broker.fates("produce")
        promise: asyncio.Future[RecordMetadata] = broker.loop.create_future()
        arrives = max(broker.loop.time() + fate.seconds, self._free_at.get(part, 0.0) + 0.0001)
        self._free_at[part] = arrives
        broker.loop.call_at(arrives, self._arrive, promise, part, (key, value), fate, current(), context=broker.server)
        return promise

    def _arrive(
        self,
        promise: "asyncio.Future[RecordMetadata]",
        part: TopicPartition,
        record: tuple[bytes, bytes],
        fate: Fate,
        process: Process | None,
    ) -> None:
        broker = self._broker
        lost_before = fate.lost == "before" or broker.is_out_of_reach(process) or part in self._failed
        if lost_before:
            self._failed.add(part)
            broker.loop.call_later(10.0 if fate.lost else 3.0, _fail, promise, context=broker.server)
            return
        offset = broker.append(part, *record)
        broker.on_append(process, record[1])
        if fate.lost == "after":
            self._failed.add(part)
            broker.loop.call_later(10.0, _fail, promise, context=broker.server)
            return
        metadata = RecordMetadata(part.topic, part.partition, part, offset, None, 0, 0)
        broker.loop.call_later(0.001, _keep, promise, metadata, context=broker.server)


def _fail(promise: "asyncio.Future[RecordMetadata]") -> None:
    if not promise.done():
        promise.set_exception(RequestTimedOutError("no answer"))


def _keep(promise: "asyncio.Future[RecordMetadata]", metadata: RecordMetadata) -> None:
    if not promise.done():
        promise.set_result(metadata)


class Consumer:
    """In the place of `AIOKafkaConsumer`."""

    def __init__(
        self, *_topics: str, group_id: str | None = None, group_instance_id: str | None = None, **_options: Any
    ) -> None:
        self._broker = ToBroker.broker
        self._group = group_id
        self._member = Member(group_instance_id or "", current(), (), self._broker.loop.time())
        self._stopped = False

    def subscribe(self, topics: Sequence[str], **_options: Any) -> None:
        self._member.topics = tuple(topics)

    async def start(self) -> None:
        await self._broker.ask("bootstrap")
        if self._group is not None:
            self._broker.join(self._group, self._member)

    async def stop(self) -> None:
        """A member with a name of its own does not say goodbye: its place is kept for a session."""
        self._stopped = self._member.stopped = True
        self._broker.wake()
        await asyncio.sleep(0.001)

    def assignment(self) -> set[TopicPartition]:
        return set(self._member.partitions)

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        assert self._group is not None
        broker, member = self._broker, self._member
        until = broker.loop.time() + timeout_ms / 1000
        while True:
            if self._stopped:
                raise ConsumerStoppedError
            if not broker.is_out_of_reach(current()):
                if not broker.is_member(self._group, member):
                    await broker.ask("join")
                    broker.join(self._group, member)
                found = self._fetch(max_records)
                if found:
                    return found
            left = until - broker.loop.time()
            if left <= 0:
                return {}
            await self._wait(left)

    async def _wait(self, seconds: float) -> None:
        broker = self._broker
        arrival = broker.arrival(self._member)
        timer = broker.loop.call_later(min(seconds, 0.5), _settle, arrival, context=broker.server)
        try:
            await arrival
        finally:
            timer.cancel()
            broker.forget(arrival)
        await asyncio.sleep(broker.fates("fetch").seconds)

    def _fetch(self, most: int) -> dict[TopicPartition, list[Any]]:
        """Some of what is there: partitions in any order, and one that is slow now is passed by."""
        broker, member = self._broker, self._member
        now = broker.loop.time()
        found: dict[TopicPartition, list[Any]] = {}
        parts = list(member.partitions)
        broker.random.shuffle(parts)
        for part in parts:
            start, log = member.positions[part], broker.log(part)
            if start >= len(log) or member.paused_until.get(part, 0.0) > now:
                continue
            fate = broker.fates("partition")
            if fate.lost is not None:
                member.paused_until[part] = now + fate.seconds
                continue
            end = min(len(log), start + most, start + broker.random.choice((1, 3, 500)))
            found[part] = [_record(part, offset, *log[offset]) for offset in range(start, end)]
            member.positions[part] = end
        return found

    async def commit(self) -> None:
        """Where reading stands, of the partitions that are this one's now."""
        broker, member = self._broker, self._member
        assert self._group is not None
        generation, offsets = member.generation, dict(member.positions)
        while True:
            try:
                await broker.ask("commit")
                break
            except (RequestTimedOutError, KafkaConnectionError):  # as aiokafka does: it asks until it has an answer
                await asyncio.sleep(0.1)
        if not broker.is_member(self._group, member) or member.generation != generation:
            raise CommitFailedError("the group has gone on without this one")
        broker.group(self._group).offsets.update(offsets)

    async def committed(self, part: TopicPartition) -> int | None:
        assert self._group is not None
        await self._broker.ask("offsets")
        return self._broker.group(self._group).offsets.get(part)

    async def position(self, part: TopicPartition) -> int:
        return self._member.positions.get(part, 0)

    async def beginning_offsets(self, parts: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        await self._broker.ask("offsets")
        return dict.fromkeys(parts, 0)

    async def end_offsets(self, parts: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        await self._broker.ask("offsets")
        return {part: len(self._broker.log(part)) for part in parts}


def _settle(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)


def _record(part: TopicPartition, offset: int, key: bytes, value: bytes) -> Any:
    return ConsumerRecord(part.topic, part.partition, offset, 0, 0, key, value, None, len(key), len(value), ())


class Admin:
    """In the place of `AIOKafkaAdminClient`."""

    def __init__(self, **_options: Any) -> None:
        self._broker = ToBroker.broker

    async def start(self) -> None:
        await self._broker.ask("bootstrap")

    async def close(self) -> None:
        await asyncio.sleep(0.001)

    async def find_coordinator(self, group: str) -> int:
        del group
        await self._broker.ask("coordinator")
        return 0

    async def list_consumer_group_offsets(
        self, group: str, coordinator: int, parts: Sequence[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        del coordinator
        await self._broker.ask("offsets")
        offsets = self._broker.group(group).offsets
        return {part: OffsetAndMetadata(offsets.get(part, -1), "") for part in parts}

    async def describe_topics(self, topics: Sequence[str]) -> list[dict[str, Any]]:
        await self._broker.ask("metadata")
        numbers = range(self._broker.partitions)
        return [{"topic": name, "partitions": [{"partition": number} for number in numbers]} for name in topics]
