"""Whether Kafka went on where this database did not: an older backup was put back (docs/decisions/0026).

Every service notes now and then how far Kafka is. What is noted comes back with a backup, so at a start it tells two
things. A group that has taken more than was noted reads that again: inboxes make it harmless, and what this database has
lost it hears anew. And what lies on our own topics behind the noted end, and is not in our outbox, we told and no longer
know: that is told case by case, and taken back into the outbox, so that no number of a case is given twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError, UnknownMemberIdError

from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId
from contracts.messages.topics import TOPICS, Service, topics_for
from services.runtime.database.connection import Pool
from services.runtime.kafka.consumers import SESSION_MS, group_of
from services.runtime.kafka.consumption import ConsumptionWatch
from services.runtime.kafka.security import ClientOptions
from services.runtime.unit.dead_letters import dead_letter
from services.runtime.unit.decision import Incoming, Record
from services.runtime.unit.fold import ToldBefore
from services.runtime.unit.intake import moment_of

log = structlog.get_logger(__name__)

EVERY_SECONDS = 10.0
"""As much as that is read again at every start of a service that had stopped."""
TRY_SECONDS = 1.0
MEMBER_SECONDS = 1.5 * SESSION_MS / 1000
"""By then a group has given up a member that is not heard of."""
READ_SECONDS = 5.0

_NOTED = "select topic, partitie, einde, gehoord from houvast.stand where dienst = $1"
_NOTE = """
insert into houvast.stand as s (dienst, topic, partitie, einde, gehoord)
select $1, t, p, e, g from unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) as u(t, p, e, g)
on conflict (dienst, topic, partitie) do update set einde = excluded.einde, gehoord = excluded.gehoord
"""
_KNOWN = "select id from outbox where id = any($1::uuid[])"
_TAKE_BACK = """
with terug as (
    insert into outbox (id, topic, casus_id, bericht, gemaakt_op)
    select i, t, c, b, m from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[], $5::timestamptz[]) as u(i, t, c, b, m)
    on conflict (id) do nothing),
verder as (
    update aggregaat a set volgnummer = greatest(a.volgnummer, n) from unnest($6::uuid[], $7::int[]) as u(c, n)
    where a.casus_id = u.c returning a.casus_id)
insert into verteld as v (casus_id, volgnummer)
select c, n from unnest($6::uuid[], $7::int[]) as u(c, n) where not exists (select from verder where casus_id = c)
on conflict (casus_id) do update set volgnummer = greatest(v.volgnummer, excluded.volgnummer)
"""
"""Together: whatever is in the outbox again is not looked for a second time. A case that is not there goes on after `verteld`."""
Hold = Callable[[Sequence[Incoming]], Awaitable[object]]
Offsets = Mapping[TopicPartition, int]

Run = Callable[[], Awaitable[None]]
"""A loop that goes on until it is cancelled."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event of our own, as it lies on Kafka."""

    record: Record
    id: UUID
    casus_id: CasusId
    soort: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Stand:
    """How far Kafka is for one service: ends of the topics it publishes on, and what its group has taken."""

    ends: Offsets
    taken: Offsets


class Standing:
    """Looks once, before anything of a service moves on Kafka, and then keeps the note up to date."""

    def __init__(
        self,
        pool: Pool,
        hold: Hold,
        *,
        service: Service,
        source: str,
        bootstrap: str,
        client: ClientOptions | None = None,
    ) -> None:
        self._pool = pool
        self._hold = hold
        self._service = service
        self._source = source
        self._bootstrap = bootstrap
        self._client: ClientOptions = client or {}
        self._looked = asyncio.Event()

    def first(self, run: Run) -> Run:
        """`run`, once it is known whether Kafka is ahead."""

        async def run_after() -> None:
            await self._looked.wait()
            await run()

        return run_after

    async def run(self) -> None:
        """Until cancelled. Raises when broker or database are lost; whoever supervises starts it again."""
        async with self._watch(self._service) as watch, self._reader(None) as reader:
            if not self._looked.is_set():
                await self._look(watch, reader)
                self._looked.set()
            while True:
                await self._note(await self._stand(watch, reader))
                await asyncio.sleep(EVERY_SECONDS)

    def _watch(self, service: Service) -> ConsumptionWatch:
        """Tells of every topic what the group of this service has taken, by partition."""
        listeners = {topic.name: (service,) for topic in TOPICS}
        return ConsumptionWatch(self._bootstrap, client=self._client, listeners=listeners)

    @asynccontextmanager
    async def _reader(self, group: str | None) -> AsyncGenerator[Any]:
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, group_id=group, enable_auto_commit=False, **self._client
        )
        try:
            await consumer.start()
            yield consumer
        finally:
            await asyncio.shield(consumer.stop())

    async def _look(self, watch: ConsumptionWatch, reader: Any) -> None:
        """All groups go back before anything moves: a sender must not find that a listener has what it lost."""
        unknown = await self._unknown(watch, reader)
        # members that left without a word are still in their groups: that is waited for where something was put back
        patience = MEMBER_SECONDS if unknown else 0.0
        heard = {service: await self._noted(service, "gehoord") for service in Service}
        await asyncio.gather(*(self._hear_again(service, heard[service], patience) for service in Service))
        if unknown:
            await self._tell(unknown)

    async def _unknown(self, watch: ConsumptionWatch, reader: Any) -> list[Told]:
        """What this service told, as it lies on Kafka, and this database does not know."""
        ends = await self._noted(self._service, "einde")
        now = (await self._stand(watch, reader)).ends
        behind = {part: end for part, end in ends.items() if end < now.get(part, 0)}
        told = await self._read(reader, behind, now)
        known = {row["id"] for row in await self._pool.fetch(_KNOWN, [event.id for event in told])}
        return [event for event in told if event.id not in known]

    async def _noted(self, service: Service, what: str) -> Offsets:
        """Empty in a database that never looked: it has nothing to compare with."""
        rows = await self._pool.fetch(_NOTED, service.value)
        return {TopicPartition(row["topic"], row["partitie"]): row[what] for row in rows if row[what] is not None}

    async def _stand(self, watch: ConsumptionWatch, reader: Any) -> Stand:
        """What was taken is asked first: all of that is in this database by the time it is noted."""
        taken = await _taken(watch, self._service)
        own = [topic.name for topic in TOPICS if self._service in topic.senders]
        parts = [TopicPartition(name, number) for name in own for number in await watch.committed(name)]
        return Stand(await reader.end_offsets(parts) if parts else {}, taken)

    async def _note(self, stand: Stand) -> None:
        parts = sorted({*stand.ends, *stand.taken})
        await self._pool.execute(
            _NOTE,
            self._service.value,
            [part.topic for part in parts],
            [part.partition for part in parts],
            [stand.ends.get(part) for part in parts],
            [stand.taken.get(part) for part in parts],
        )

    async def _hear_again(self, service: Service, heard: Offsets, patience: float) -> None:
        """While a copy takes part in the group nobody else may move it; after `patience` seconds it is left at that."""
        clock = asyncio.get_running_loop()
        deadline = clock.time() + patience
        while not await self._move_back(service, heard) and clock.time() < deadline:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(TRY_SECONDS)

    async def _move_back(self, service: Service, heard: Offsets) -> bool:
        """Whether the group now stands where this database has heard everything; False where somebody is in it."""
        async with self._watch(service) as watch:
            taken = await _taken(watch, service)
        ahead = {part: offset for part, offset in heard.items() if taken.get(part, 0) > offset}
        if not ahead:
            return True
        async with self._reader(group_of(service)) as reader:
            begins = await reader.beginning_offsets(list(ahead))
            reader.assign(list(ahead))
            try:
                await reader.commit({part: max(offset, begins[part]) for part, offset in ahead.items()})
            except (CommitFailedError, UnknownMemberIdError):
                return False
        number = sum(taken[part] - offset for part, offset in ahead.items())
        log.info("heard_again", service=service.value, aantal=number)
        return True

    async def _read(self, consumer: Any, since: Offsets, ends: Offsets) -> list[Told]:
        """What this service told from there to where its topics end."""
        if not since:
            return []
        begins = await consumer.beginning_offsets(list(since))
        consumer.assign(list(since))
        left = {part for part, offset in since.items() if max(offset, begins[part]) < ends[part]}
        for part, offset in since.items():
            consumer.seek(part, max(offset, begins[part]))
        found: list[Told] = []
        try:
            while left:
                batches = await consumer.getmany(*left, timeout_ms=int(READ_SECONDS * 1000))
                if not batches:
                    raise KafkaError("an own topic cannot be read to its end")
                for part, records in batches.items():
                    found += [told for record in records if (told := self._own(record)) is not None]
                    if await consumer.position(part) >= ends[part]:
                        left.discard(part)
        finally:
            consumer.unsubscribe()
        return found

    def _own(self, record: Any) -> Told | None:
        try:
            event: dict[str, Any] = orjson.loads(record.value or b"")
            if event["source"] != self._source:
                return None
            kept = Record(record.topic, record.partition, record.offset, record.value)
            return Told(
                kept, UUID(event["id"]), CasusId(UUID(event["subject"])), event["type"], int(event.get("sequence") or 0)
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return None  # nothing of ours looks like that

    async def _tell(self, unknown: Sequence[Told]) -> None:
        """Letters before the outbox: who dies between the two tells it again, under the same keys."""
        by_case: dict[CasusId, list[Told]] = defaultdict(list)
        for event in sorted(
            unknown, key=lambda event: (event.record.topic, event.record.partition, event.record.offset)
        ):
            by_case[event.casus_id].append(event)
        log.error("kafka_ahead_of_database", service=self._service.value, aantal=len(by_case))
        await self._hold([_letter(self._service, events) for events in by_case.values()])
        await self._pool.execute(
            _TAKE_BACK,
            [event.id for event in unknown],
            [event.record.topic for event in unknown],
            [event.casus_id for event in unknown],
            [event.record.raw for event in unknown],
            [moment_of(event.record.raw) for event in unknown],
            list(by_case),
            [max(event.sequence for event in events) for events in by_case.values()],
        )


async def _taken(watch: ConsumptionWatch, service: Service) -> Offsets:
    return {
        TopicPartition(topic.name, number): offset
        for topic in topics_for(service)
        for number, offset in (await watch.committed(topic.name)).items()
    }


def _letter(service: Service, events: Sequence[Told]) -> Incoming:
    """One for each case: nobody is said to be late in it until somebody has looked."""
    first = events[0]
    told = ", ".join(dict.fromkeys(event.soort.split(".")[-2] for event in events))
    reason = (
        f"Kafka is verder dan deze database, er is een oudere back-up teruggezet: {service.value} heeft in deze casus"
        f" {len(events)} gebeurtenis(sen) verteld die het niet meer weet ({told}), vanaf"
        f" {moment_of(first.record.raw):%Y-%m-%d %H:%M} UTC. Vraag na wat er toen gedaan is en geef dan: houvast dlq retry"
    )
    error = ToldBefore((Problem("$", reason),), casus_id=first.casus_id)
    return Incoming(dead_letter(first.record, reason, first.casus_id).key, first.casus_id, error, record=first.record)
