"""The relay: from the outbox to Kafka, in order per case, waking as soon as something was written."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from contracts.messages.topics import TOPICS
from services.runtime.klok import Klok
from services.runtime.metrics import count_published
from services.runtime.signals import Signals, wait_for
from services.runtime.verbinding import Pool, Row, connect

log = structlog.get_logger(__name__)

AT_ONCE = 1000
LONGEST_SLEEP = 5.0
ASK_EVERY = 0.05
"""Seconds between two looks at what the listeners of a forgetful broker have taken."""
FORGETFUL_LIMIT_BYTES = 2 * 1024 * 1024
"""What may be under way per partition of a broker that keeps only its last 5 MiB."""


_WITHOUT_LISTENERS = frozenset(topic.name for topic in TOPICS if not topic.listeners)


_SEND_AGAIN = """
with terug as (delete from onderweg returning positie)
insert into te_verzenden select positie from terug on conflict do nothing
"""
_NOTE_SENT = """
with weg as (delete from te_verzenden where positie = any($1::bigint[]))
insert into onderweg select unnest($2::bigint[]) on conflict do nothing
"""


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
    """One per service; of several copies the one with the advisory lock works and the others stand by.

    With a durable broker a row is done when the broker has it. With a forgetful one (`consumption` given) it is done
    when every listener has it; until then little is under way at a time, and a restart sends it again.
    """

    def __init__(
        self,
        pool: Pool,
        klok: Klok,
        signals: Signals,
        *,
        service: str,
        bootstrap: str,
        dsn: str,
        consumption: Consumption | None = None,
    ) -> None:
        self._pool = pool
        self._klok = klok
        self._signals = signals
        self._service = service
        self._bootstrap = bootstrap
        self._dsn = dsn
        self._consumption = consumption
        self._under_way: dict[tuple[str, int], list[_UnderWay]] = defaultdict(list)
        self._ask_at = 0.0

    async def run(self) -> None:
        """Until cancelled. Raises when broker or database are lost; whoever supervises starts it again."""
        lock = await connect(self._dsn)
        try:
            while not await lock.fetchval(  # noqa: ASYNC110  another process holds it
                "select pg_try_advisory_lock(hashtextextended($1, 1))", self._service
            ):
                await asyncio.sleep(1)
            await self._publish_from_start()
        finally:
            await asyncio.shield(lock.close(timeout=2))

    async def _publish_from_start(self) -> None:
        self._under_way.clear()
        await self._pool.execute(_SEND_AGAIN)
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=256 * 1024,
            max_request_size=1024 * 1024,
            request_timeout_ms=15_000,
        )
        await producer.start()
        try:
            while True:
                await self._round(producer)
        finally:
            await asyncio.shield(producer.stop())

    async def _round(self, producer: AIOKafkaProducer) -> None:
        now = asyncio.get_running_loop().time()
        if self._under_way and (now >= self._ask_at or self._full()):
            await self._note_consumed()
            self._ask_at = now + ASK_EVERY
        if self._full():
            await asyncio.sleep(0.01)
            return
        rows = await self._pool.fetch(
            "select positie, topic, casus_id, bericht from te_verzenden join outbox using (positie)"
            " order by positie limit $1",
            AT_ONCE if self._consumption is None else AT_ONCE // 2,
        )
        if rows:
            await self._publish(producer, rows)
        else:
            await wait_for(self._signals.outbox, seconds=0.1 if self._under_way else LONGEST_SLEEP)

    async def _publish(self, producer: AIOKafkaProducer, rows: Sequence[Row]) -> None:
        """Send all, then note which arrived. A failure ends the round: what comes after it must not overtake it."""
        sent: list[asyncio.Future[RecordMetadata]] = [
            await producer.send(row["topic"], row["bericht"], key=row["casus_id"].bytes) for row in rows
        ]
        results: list[RecordMetadata | BaseException] = await asyncio.gather(*sent, return_exceptions=True)
        arrived = [
            (row, result) for row, result in zip(rows, results, strict=True) if not isinstance(result, BaseException)
        ]
        heard = self._heard(arrived)
        await self._pool.execute(
            _NOTE_SENT, [row["positie"] for row, _ in arrived], [row["positie"] for row, _ in heard]
        )
        for topic, number in Counter(row["topic"] for row, _ in arrived).items():
            count_published(self._service, topic, number)
        self._follow(heard)
        for result in results:
            if isinstance(result, BaseException):
                raise KafkaError("a record did not arrive") from result

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
