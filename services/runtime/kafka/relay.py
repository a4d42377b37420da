"""The relay: from the outbox to Kafka, in order per case, waking as soon as something was written."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import structlog
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from contracts.messages.topics import TOPICS
from services.runtime.database.connection import Pool, Row
from services.runtime.database.lease import Lease, LeaseLost
from services.runtime.database.signals import Signals, wait_for
from services.runtime.kafka.backlog import LONG_AFTER_ROUNDS, Backlog, look_at_backlog
from services.runtime.kafka.publishing import Publisher, Sent
from services.runtime.kafka.security import ClientOptions
from services.runtime.process.clock import Klok
from services.runtime.process.metrics import count_published, count_topic_forgot

log = structlog.get_logger(__name__)

AT_ONCE = 1000
EVERYTHING = (1 << 63) - 1
LONGEST_SLEEP = 2.0
ASK_EVERY = 0.1
"""Seconds between two looks at what the listeners of a forgetful broker have taken."""
FORGETFUL_LIMIT_BYTES = 2 * 1024 * 1024
"""What may be under way per partition of a broker that keeps only its last 5 MiB."""
HOLD_SECONDS = 60.0
"""How long a case rests whose next event the broker refuses. Its later events wait behind that one; others go on."""

_WITHOUT_LISTENERS = frozenset(topic.name for topic in TOPICS if not topic.listeners)


_NEXT = """
select t.positie, o.topic, o.casus_id, o.bericht from te_verzenden t cross join lateral
    (select topic, casus_id, bericht from outbox where outbox.positie = t.positie offset 0) as o
where o.casus_id <> all($2::uuid[]) and t.positie <= $3 order by t.positie limit $1
"""
"""`offset 0`: each by its key; a join would read the outbox from its beginning."""
_FENCE = "select from houder where naam = 'relay' and epoch = $1 for share"
"""Nobody else takes the relay over before what is written with this is there; who was overtaken writes nothing."""
_SEND_AGAIN = f"""
with mijn as ({_FENCE}), terug as (delete from onderweg where exists (select from mijn) returning positie)
insert into te_verzenden select positie from terug on conflict do nothing
"""  # noqa: S608  a constant
_NOTE_SENT = f"""
with mijn as ({_FENCE}),
weg as (delete from te_verzenden where positie = any($2::bigint[]) and exists (select from mijn)),
onder as (insert into onderweg select unnest($3::bigint[]) where exists (select from mijn) on conflict do nothing)
select exists (select from mijn)
"""  # noqa: S608  a constant


_NOTED_ENDS = "select topic, partitie, einde from houvast.stand where dienst = $1 and einde is not null"
_FORGOT = "update houvast.watermerk set verloren = true where zender = $1"


class Consumption(Protocol):
    """What the listeners of a topic have taken: per partition the offset up to which all of them are done."""

    async def committed(self, topic: str) -> dict[int, int]: ...


@dataclass(frozen=True, slots=True)
class _UnderWay:
    position: int
    offset: int
    size: int


_Sent = tuple[Row, RecordMetadata]


class Relay:
    """One per service; of several copies the one with the lease works and the others stand by.

    A copy that was frozen with the lease can have sent no more than one batch that the next holder sends too; it can
    mark nothing, so no event is passed over.

    With a durable broker a row is done when the broker has it. With a forgetful one (`consumption` given) it is done
    when every listener has it; until then little is under way at a time, and a restart sends it again.

    An event that the broker refuses for good (too large for its topic, against its policy) is never passed over: its case
    waits, the others flow, and it is tried again until whoever runs the cluster has made room.
    """

    def __init__(
        self,
        pool: Pool,
        klok: Klok,
        signals: Signals,
        *,
        service: str,
        bootstrap: str,
        instance: str,
        client: ClientOptions | None = None,
        consumption: Consumption | None = None,
    ) -> None:
        self._pool = pool
        self._klok = klok
        self._signals = signals
        self._service = service
        self._bootstrap = bootstrap
        self._client: ClientOptions = client or {}
        self._lease = Lease(pool, "relay", holder=instance)
        self._consumption = consumption
        self._under_way: dict[tuple[str, int], list[_UnderWay]] = defaultdict(list)
        self._ask_at = 0.0
        self._ends: dict[tuple[str, int], int] = {}
        self._held_until: dict[UUID, float] = {}
        self._backlog: Backlog | None = None
        self._full_rounds = 0

    async def run(self) -> None:
        """Until cancelled. Raises when broker or database are lost; whoever supervises starts it again."""
        async with self._lease.held():
            await self._publish_from_start()

    async def _publish_from_start(self) -> None:
        self._under_way.clear()
        self._backlog, self._full_rounds = None, 0
        await self._pool.execute(_SEND_AGAIN, self._lease.epoch)
        rows = await self._pool.fetch(_NOTED_ENDS, self._service)
        self._ends = {(row["topic"], row["partitie"]): row["einde"] for row in rows}
        while True:
            async with Publisher(self._bootstrap, self._client) as publisher:
                suspects: Sequence[Row] = ()
                while not suspects:
                    suspects = await self._round(publisher)
            await self._publish_apart(suspects)

    async def _round(self, publisher: Publisher) -> Sequence[Row]:
        """One look at the outbox. What is to be looked at apart comes back: then this publisher has had its time."""
        self._lease.check()
        now = asyncio.get_running_loop().time()
        if self._under_way and (now >= self._ask_at or self._full()):
            await self._note_consumed()
            self._ask_at = now + ASK_EVERY
        if self._full():
            await asyncio.sleep(0.01)
            return ()
        if rested := [casus_id for casus_id, until in self._held_until.items() if until <= now]:
            return await self._first_of_each(rested)
        rows = await self._next()
        if not rows:
            await wait_for(self._signals.outbox, seconds=0.1 if self._under_way else LONGEST_SLEEP)
            return ()
        sent = await publisher.send(rows, may_go_on=self._lease.check)
        await self._note_published(sent)
        if sent.refused:
            return [row for row, _ in sent.refused]
        if sent.failure is not None:
            raise KafkaError("a record did not arrive") from sent.failure
        return ()

    async def _next(self) -> Sequence[Row]:
        """What has waited longest; while that is a long row also what is new of cases that are not in it."""
        limit = AT_ONCE if self._consumption is None else AT_ONCE // 2
        held, backlog = list(self._held_until), self._backlog
        rows = await self._pool.fetch(_NEXT, limit, held, backlog.upto if backlog is not None else EVERYTHING)
        self._full_rounds = self._full_rounds + 1 if len(rows) == limit else 0
        if not self._full_rounds:
            self._backlog = None
        elif backlog is not None:
            return [*rows, *await backlog.fresh(self._pool, held)]
        elif self._full_rounds % LONG_AFTER_ROUNDS == 0:
            self._backlog = await look_at_backlog(self._pool)
        return rows

    async def _first_of_each(self, casus_ids: Sequence[UUID]) -> Sequence[Row]:
        """What these cases wait for. A case that has nothing to send any more is free."""
        rows = await self._pool.fetch(
            "select distinct on (casus_id) positie, topic, casus_id, bericht from te_verzenden join outbox using (positie)"
            " where casus_id = any($1::uuid[]) order by casus_id, positie",
            list(casus_ids),
        )
        for casus_id in set(casus_ids) - {row["casus_id"] for row in rows}:
            del self._held_until[casus_id]
        return rows

    async def _publish_apart(self, rows: Sequence[Row]) -> None:
        """A batch is refused as a whole; by itself every record shows whether it was the cause."""
        left = list(rows)
        while left:
            async with Publisher(self._bootstrap, self._client) as publisher:
                sent = Sent()
                while left and not sent.refused:
                    row = left.pop(0)
                    sent = await publisher.send([row], may_go_on=self._lease.check)
                    await self._note_published(sent)
                    if sent.failure is not None:
                        raise KafkaError("a record did not arrive") from sent.failure
                    if not sent.refused:
                        self._held_until.pop(row["casus_id"], None)
            for row, error in sent.refused:
                self._hold(row, error)

    def _hold(self, row: Mapping[str, Any], error: KafkaError) -> None:
        self._held_until[row["casus_id"]] = asyncio.get_running_loop().time() + HOLD_SECONDS
        log.error(
            "event_refused_by_broker",
            casus_id=str(row["casus_id"]),
            topic=row["topic"],
            size=len(row["bericht"]),
            fout=type(error).__name__,
        )

    async def _note_published(self, sent: Sent) -> None:
        if not sent.arrived:
            return
        heard = self._heard(sent.arrived)
        positions = [row["positie"] for row, _ in sent.arrived]
        if not await self._pool.fetchval(
            _NOTE_SENT, self._lease.epoch, positions, [row["positie"] for row, _ in heard]
        ):
            raise LeaseLost("relay")
        await self._notice_forgotten(sent.arrived)
        for topic, number in Counter(row["topic"] for row, _ in sent.arrived).items():
            count_published(self._service, topic, number)
        self._follow(heard)

    async def _notice_forgotten(self, arrived: Sequence[_Sent]) -> None:
        """An event that comes to lie before the end of its topic: the broker lost what it had confirmed."""
        forgot: set[str] = set()
        for _, sent in arrived:
            key = (sent.topic, sent.partition)
            if 0 <= sent.offset < self._ends.get(key, 0):
                forgot.add(sent.topic)
            self._ends[key] = sent.offset + 1
        if self._consumption is not None:
            return  # such a broker is known to forget
        for topic in forgot:
            count_topic_forgot(topic)
            log.error("topic_forgot", service=self._service, topic=topic)
        if forgot:
            await self._pool.execute(_FORGOT, self._service)

    def _heard(self, arrived: Sequence[_Sent]) -> list[_Sent]:
        """What a broker that forgets may lose before every listener has it."""
        if self._consumption is None:
            return []
        return [(row, sent) for row, sent in arrived if sent.topic not in _WITHOUT_LISTENERS]

    def _follow(self, heard: Sequence[_Sent]) -> None:
        for row, sent in heard:
            under_way = _UnderWay(row["positie"], sent.offset, len(row["bericht"]))
            self._under_way[(sent.topic, sent.partition)].append(under_way)

    async def _note_consumed(self) -> None:
        assert self._consumption is not None
        done: list[int] = []
        for topic in {topic for topic, _ in self._under_way}:
            committed = await self._consumption.committed(topic)
            for key in [key for key in self._under_way if key[0] == topic]:
                upto = committed.get(key[1], -1)
                done += [row.position for row in self._under_way[key] if row.offset < upto]
                self._under_way[key] = [row for row in self._under_way[key] if row.offset >= upto]
                if not self._under_way[key]:
                    del self._under_way[key]
        await self._note_taken(done)

    async def _note_taken(self, positions: list[int]) -> None:
        if positions:
            await self._pool.execute("delete from onderweg where positie = any($1::bigint[])", positions)

    def _full(self) -> bool:
        return any(sum(row.size for row in rows) > FORGETFUL_LIMIT_BYTES for rows in self._under_way.values())
