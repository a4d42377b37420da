"""What a sender says of its silence: up to which moment a listener has everything from it (docs/decisions/0018).

The moment of an event is read only after its transaction was given its number by PostgreSQL. Once every transaction with
a lower number than one that begins now has ended, nothing comes any more from before; once the outbox has let go of all
of that and the listener has committed past where the topics ended then, the listener has it. Each step waits for as long
as it takes: while the relay, Kafka or the listener stands still, so does the watermark.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, cast

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.messages.topics import JUDGES, Service, topics_for
from services.runtime.database.connection import Pool
from services.runtime.database.signals import Signals, wait_for
from services.runtime.kafka.consumption import ConsumptionWatch
from services.runtime.kafka.security import ClientOptions
from services.runtime.process.clock import Klok
from services.runtime.process.supervision import NeedsPerson

EVERY_SECONDS = 5.0
"""Real seconds between two looks that nobody asked for; who waits asks."""
LOOK_AGAIN_SECONDS = 0.05

_NUMBER = "select clock_timestamp() as op, pg_current_xact_id()::text::bigint as nummer"
_ENDED = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint > $1"
_SENT = """
select not exists (select from te_verzenden where positie <= $1) and not exists (select from onderweg where positie <= $1)
"""
_KNOWN = "select einden, verloren from houvast.watermerk where zender = $1 and luisteraar = $2"
_NOTE = """
insert into houvast.watermerk as w (zender, luisteraar, tot, gemeten_op, einden) values ($1, $2, $3, $4, $5::jsonb)
on conflict (zender, luisteraar) do update set tot = excluded.tot, gemeten_op = excluded.gemeten_op, einden = excluded.einden
where w.tot <= excluded.tot and not w.verloren
"""

Einden = Mapping[str, int]
"""Where partitions end, by `topic/partition`; only those that hold anything."""


class TopicForgot(NeedsPerson):
    """A topic ended before where it ended earlier: what was on it is lost, and `houvast herstel` sends it again.

    Here that is seen by its end. Once as much was published anew only the relay saw it, by where its events came to lie.
    """

    def __init__(self) -> None:
        super().__init__("gebeurtenissen zijn met Kafka verloren gegaan; verstuur ze opnieuw met `houvast herstel`")


def judges_of(sender: Service) -> tuple[Service, ...]:
    """The services that say somebody is late and must have heard this sender first."""
    return tuple(judge for judge, senders in JUDGES.items() if sender in senders)


class Watermark:
    """The loop of one sender for one listener. More copies may run: each says only what it has seen itself.

    `forgets`: the broker keeps nothing over a restart, and the relay sends again what was not taken.
    """

    def __init__(
        self,
        pool: Pool,
        klok: Klok,
        signals: Signals,
        *,
        sender: Service,
        listener: Service,
        bootstrap: str,
        client: ClientOptions | None = None,
        forgets: bool = False,
    ) -> None:
        self._pool = pool
        self._klok = klok
        self._signals = signals
        self.every_seconds = EVERY_SECONDS
        self._sender = sender
        self._listener = listener
        self._bootstrap = bootstrap
        self._client: ClientOptions = client or {}
        self._forgets = forgets
        self._topics = tuple(topic.name for topic in topics_for(listener) if sender in topic.senders)

    async def run(self) -> None:
        """Until cancelled. Raises when broker or database are lost, or `TopicForgot`; whoever supervises starts it again."""
        listeners = dict.fromkeys(self._topics, (self._listener,))
        offsets = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False, **self._client)
        try:
            await offsets.start()
            async with ConsumptionWatch(self._bootstrap, client=self._client, listeners=listeners) as consumption:
                while True:
                    await self._advance(offsets, consumption)
                    await wait_for(self._signals.silence, seconds=self.every_seconds)
        finally:
            await asyncio.shield(offsets.stop())

    async def _advance(self, offsets: AIOKafkaConsumer, consumption: ConsumptionWatch) -> None:
        now = self._klok.now()
        started = await self._pool.fetchrow(_NUMBER)
        assert started is not None
        await _until(lambda: self._pool.fetchval(_ENDED, started["nummer"]))
        last = await self._pool.fetchval("select coalesce(max(positie), 0) from outbox")
        await _until(lambda: self._pool.fetchval(_SENT, last))
        ends = await self._ends(offsets, consumption)
        await self._refuse_lost(ends)
        await _until(lambda: self._is_taken(consumption, ends))
        await self._note(now, started["op"], ends)

    async def _ends(self, offsets: AIOKafkaConsumer, consumption: ConsumptionWatch) -> Einden:
        partitions = [
            TopicPartition(topic, number) for topic in self._topics for number in await consumption.committed(topic)
        ]
        begins = cast("dict[TopicPartition, int]", await offsets.beginning_offsets(partitions))
        ends = cast("dict[TopicPartition, int]", await offsets.end_offsets(partitions))
        return {f"{part.topic}/{part.partition}": end for part, end in ends.items() if end > begins[part]}

    async def _refuse_lost(self, ends: Einden) -> None:
        if self._forgets:
            return
        row = await self._pool.fetchrow(_KNOWN, self._sender.value, self._listener.value)
        if row is not None and row["verloren"]:
            raise TopicForgot
        before: dict[str, int] = {} if row is None else orjson.loads(row["einden"])
        if any(name in ends and ends[name] < end for name, end in before.items()):
            raise TopicForgot

    async def _is_taken(self, consumption: ConsumptionWatch, ends: Einden) -> bool:
        for topic in self._topics:
            committed = await consumption.committed(topic)
            if any(committed[number] < ends.get(f"{topic}/{number}", 0) for number in committed):
                return False
        return True

    async def _note(self, tot: datetime, measured_at: datetime, ends: Einden) -> None:
        text = orjson.dumps({**ends}).decode()
        await self._pool.execute(_NOTE, self._sender.value, self._listener.value, tot, measured_at, text)
        await self._pool.execute("select pg_notify($1, 'timers')", f"houvast_{self._listener.value}")


async def _until(holds: Callable[[], Awaitable[Any]]) -> None:
    """However long it takes."""
    while not await holds():  # noqa: ASYNC110  a condition in the database or at the broker
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
