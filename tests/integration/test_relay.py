"""From the outbox to a Kafka broker: in order per case, at least once, also over crashes and a broker that forgets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.messages.envelope import decode
from contracts.messages.identifiers import CasusId, derived_id, uuid7
from contracts.messages.topics import TRIAGE as TOPIC
from services.runtime.database.lease import LeaseLost
from services.runtime.database.signals import Signals
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.kafka.relay import Relay
from tests.fakes.desk import START, Desk, lay_schema, meld, open_desk, until
from tests.fakes.estafette import TRIAGE

pytestmark = [pytest.mark.anyio, pytest.mark.database, pytest.mark.broker]


class Taken:
    """What the listeners have taken, as a test wants it: nothing, or everything."""

    def __init__(self) -> None:
        self.upto = 0

    async def committed(self, topic: str) -> dict[int, int]:
        del topic
        return dict.fromkeys(range(64), self.upto)


class DyingPool:
    """A pool whose process dies when it would note what was published."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        if "delete from te_verzenden" in query:
            raise ConnectionError("hier viel de stroom uit")
        return await self._pool.fetchval(query, *arguments)


class OvertakenPool(DyingPool):
    """A pool whose process stood still just before it would note what was published: another has the relay since."""

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        if "delete from te_verzenden" in query:
            await self._pool.execute("update houder set epoch = epoch + 1, van = 'triage-1'")
        return await self._pool.fetchval(query, *arguments)


def relay_of(
    desk: Desk,
    broker: RunningBroker,
    *,
    pool: Any = None,
    taken: Taken | None = None,
    signals: Signals | None = None,
    instance: str = "triage-0",
) -> Relay:
    return Relay(
        pool or desk.pool,
        desk.klok,
        signals or Signals(desk.url, "triage"),
        service="triage",
        bootstrap=broker.bootstrap,
        instance=instance,
        consumption=taken,
    )


def relaying(
    desk: Desk, broker: RunningBroker, *, taken: Taken | None = None, instance: str = "triage-0"
) -> tuple[Callable[[], Any], ...]:
    """The relay and what wakes it."""
    signals = Signals(desk.url, "triage")
    return (signals.run, relay_of(desk, broker, taken=taken, signals=signals, instance=instance).run)


@asynccontextmanager
async def running(*runs: Callable[[], Any]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(run()) for run in runs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def read_topic(
    broker: RunningBroker, casus_ids: set[CasusId], *, topic: str = TOPIC.name
) -> dict[CasusId, list[int]]:
    """The sequence numbers of these cases on a topic, that of triage unless told, in the order in which they lie there."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(broker.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        own = {casus_id.bytes for casus_id in casus_ids}
        found: dict[CasusId, list[int]] = {}
        async with asyncio.timeout(20):
            while any([await consumer.position(part) < ends[part] for part in partitions]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    for record in records:
                        if record.key not in own:
                            continue  # other tests have put on this topic what they needed there
                        event = decode(record.value, TOPIC.catalogue)
                        assert record.headers == (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
                        assert record.key == event.casus_id.bytes
                        found.setdefault(event.casus_id, []).append(event.sequence or 0)
    finally:
        await consumer.stop()
    return found


async def all_published(desk: Desk) -> bool:
    return await desk.pool.fetchval("select count(*) from te_verzenden") == 0


def new_cases(name: str, number: int) -> list[CasusId]:
    """Cases of one test: the broker is shared and keeps what others sent."""
    return [CasusId(uuid7(START, derived_id(name, str(index)).int & ((1 << 74) - 1))) for index in range(number)]


async def test_events_lie_on_the_topic_in_the_order_of_their_case(fresh_database: str, kafka: RunningBroker) -> None:
    await lay_schema(fresh_database, "triage")
    cases = new_cases("volgorde", 7)
    async with open_desk(fresh_database, TRIAGE) as desk, running(*relaying(desk, kafka)):
        for number in range(40):
            await asyncio.gather(*(desk.hub.submit(meld(casus_id, f"{number}")) for casus_id in cases))
        await until(lambda: all_published(desk))
    assert await read_topic(kafka, set(cases)) == {casus_id: list(range(1, 41)) for casus_id in cases}


async def test_a_crash_between_sending_and_noting_sends_again(fresh_database: str, kafka: RunningBroker) -> None:
    """G1: at least once; the inbox of the listeners makes it once."""
    await lay_schema(fresh_database, "triage")
    (casus_id,) = new_cases("stroomuitval", 1)
    async with open_desk(fresh_database, TRIAGE) as desk:
        for number in range(3):
            await desk.hub.submit(meld(casus_id, f"{number}"))
        with pytest.raises(ConnectionError, match="stroom"):
            await relay_of(desk, kafka, pool=DyingPool(desk.pool)).run()
        async with running(*relaying(desk, kafka)):
            await until(lambda: all_published(desk))
    assert await read_topic(kafka, {casus_id}) == {casus_id: [1, 2, 3, 1, 2, 3]}


async def test_a_forgetful_broker_gets_it_again_until_every_listener_has_it(
    fresh_database: str,
    kafka: RunningBroker,
) -> None:
    await lay_schema(fresh_database, "triage")
    (casus_id,) = new_cases("vergeetachtig", 1)
    taken = Taken()
    async with open_desk(fresh_database, TRIAGE) as desk:
        await desk.hub.submit(meld(casus_id))
        async with running(*relaying(desk, kafka, taken=taken)):
            await until(lambda: all_published(desk))
        async with running(*relaying(desk, kafka, taken=taken)):
            await until(lambda: _lies(kafka, casus_id, [1, 1]))
            taken.upto = 1_000_000
            await until(lambda: _all_taken(desk))
        async with running(*relaying(desk, kafka, taken=taken)):
            await desk.hub.submit(meld(casus_id, "nog een"))
            await until(lambda: _all_taken(desk))
    assert await read_topic(kafka, {casus_id}) == {casus_id: [1, 1, 2]}


async def _lies(broker: RunningBroker, casus_id: CasusId, expected: list[int]) -> bool:
    return await read_topic(broker, {casus_id}) == {casus_id: expected}


async def _all_taken(desk: Desk) -> bool:
    return await desk.pool.fetchval("select (select count(*) from te_verzenden) + (select count(*) from onderweg)") == 0


async def test_what_is_written_wakes_the_relay(fresh_database: str, kafka: RunningBroker) -> None:
    """It sleeps for five seconds at a time; NOTIFY wakes it well before."""
    await lay_schema(fresh_database, "triage")
    (casus_id,) = new_cases("wekken", 1)
    async with open_desk(fresh_database, TRIAGE) as desk, running(*relaying(desk, kafka)):
        await desk.hub.submit(meld(casus_id, "eerst"))
        await until(lambda: all_published(desk))
        await desk.hub.submit(meld(casus_id, "dan"))
        await until(lambda: all_published(desk), seconds=2)


async def test_of_two_copies_one_publishes_and_the_other_takes_over(fresh_database: str, kafka: RunningBroker) -> None:
    await lay_schema(fresh_database, "triage")
    (casus_id,) = new_cases("overnemen", 1)
    async with open_desk(fresh_database, TRIAGE) as one, open_desk(fresh_database, TRIAGE) as two:
        await one.hub.submit(meld(casus_id, "een"))
        first = asyncio.ensure_future(relay_of(one, kafka).run())
        await until(lambda: all_published(one))
        async with running(*relaying(two, kafka, instance="triage-1")):
            first.cancel()
            with suppress(asyncio.CancelledError):
                await first
            await two.hub.submit(meld(casus_id, "twee"))
            await until(lambda: all_published(two))
    assert await read_topic(kafka, {casus_id}) == {casus_id: [1, 2]}


async def test_two_copies_publish_everything_once(fresh_database: str, kafka: RunningBroker) -> None:
    """The second stands by as long as the first has the lease."""
    await lay_schema(fresh_database, "triage")
    cases = new_cases("samen", 5)
    async with (
        open_desk(fresh_database, TRIAGE) as one,
        open_desk(fresh_database, TRIAGE) as two,
        running(*relaying(one, kafka), *relaying(two, kafka, instance="triage-1")),
    ):
        for number in range(20):
            for desk in (one, two):
                await asyncio.gather(
                    *(desk.hub.submit(meld(casus_id, f"{number}", key=id(desk))) for casus_id in cases),
                )
        await until(lambda: all_published(one))
    assert await read_topic(kafka, set(cases)) == {casus_id: list(range(1, 41)) for casus_id in cases}


async def test_a_relay_that_was_overtaken_marks_nothing(fresh_database: str, kafka: RunningBroker) -> None:
    """What it sent is sent again by the next holder, under the same ids."""
    await lay_schema(fresh_database, "triage")
    (casus_id,) = new_cases("ingehaald", 1)
    async with open_desk(fresh_database, TRIAGE) as desk:
        await desk.hub.submit(meld(casus_id))
        with pytest.raises(LeaseLost):
            await relay_of(desk, kafka, pool=OvertakenPool(desk.pool)).run()
        assert await desk.count("te_verzenden") == 1
        await desk.pool.execute("update houder set tot = clock_timestamp()")
        async with running(*relaying(desk, kafka)):
            await until(lambda: all_published(desk))
    assert await read_topic(kafka, {casus_id}) == {casus_id: [1, 1]}


async def test_a_relay_that_nobody_renews_is_taken_over(fresh_database: str, kafka: RunningBroker) -> None:
    """By another copy when it has run out; by the next life of the same copy at once."""
    await lay_schema(fresh_database, "triage")
    (casus_id,) = new_cases("niet-verlengd", 1)
    async with open_desk(fresh_database, TRIAGE) as desk:
        await desk.pool.execute("insert into houder values ('relay', 7, 'triage-0', now() + interval '1 hour')")
        async with running(*relaying(desk, kafka, instance="triage-1")):
            await desk.hub.submit(meld(casus_id, "een"))
            await asyncio.sleep(0)
            assert await desk.pool.fetchval("select van from houder") == "triage-0"
            await desk.pool.execute("update houder set tot = clock_timestamp()")
            await until(lambda: all_published(desk))
        await desk.pool.execute("update houder set van = 'triage-0', tot = now() + interval '1 hour'")
        async with running(*relaying(desk, kafka, instance="triage-0")):
            await desk.hub.submit(meld(casus_id, "twee"))
            await until(lambda: all_published(desk), seconds=5)


@pytest.mark.durable_broker
async def test_what_is_new_does_not_wait_for_a_long_row(fresh_database: str, durable_kafka: RunningBroker) -> None:
    """A hundred thousand wait. Of a case that is in the row nothing is overtaken; others go first."""
    await lay_schema(fresh_database, "triage")
    waiting, fresh = new_cases("lange-rij", 2)
    async with open_desk(fresh_database, TRIAGE) as desk, narrow_topic(durable_kafka) as (topic, allow):
        await allow(1_000_000)
        await _wait_in_line(desk, topic, 100_000)
        await desk.pool.execute(_ONE_MORE, topic, waiting)
        async with running(*relaying(desk, durable_kafka)):
            await until(lambda: _long_row_seen(desk), seconds=30)
            for casus_id in (waiting, fresh):
                await desk.pool.execute(_ONE_MORE, topic, casus_id)
            await until(lambda: _gone(desk, fresh), seconds=30)
            assert await desk.count("te_verzenden") > 20_000, "the row is still long"
            assert not await _gone(desk, waiting)
            await until(lambda: all_published(desk), seconds=90)


_ONE_MORE = """
with nieuw as (insert into outbox (id, topic, casus_id, bericht, gemaakt_op)
               values (gen_random_uuid(), $1, $2, '{}', now()) returning positie)
insert into te_verzenden select positie from nieuw
"""


async def _wait_in_line(desk: Desk, topic: str, number: int) -> None:
    await desk.pool.execute(
        "with nieuw as (insert into outbox (id, topic, casus_id, bericht, gemaakt_op)"
        " select gen_random_uuid(), $1, gen_random_uuid(), '{}', now() from generate_series(1, $2::int)"
        " returning positie) insert into te_verzenden select positie from nieuw",
        topic,
        number,
    )


async def _long_row_seen(desk: Desk) -> bool:
    return await desk.count("te_verzenden") < 93_000


async def _gone(desk: Desk, casus_id: CasusId) -> bool:
    """Whether nothing of this case waits any more."""
    query = "select count(*) from te_verzenden join outbox using (positie) where casus_id = $1"
    return await desk.pool.fetchval(query, casus_id) == 0


@asynccontextmanager
async def narrow_topic(broker: RunningBroker) -> AsyncIterator[tuple[str, Callable[[int], Any]]]:
    """A topic that takes batches of at most so many bytes, and how to change that."""
    topic = f"test-{uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()

    async def allow(number: int) -> None:
        configs = {"max.message.bytes": str(number)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)])

    try:
        await admin.create_topics([NewTopic(topic, broker.partitions, 1, topic_configs={"max.message.bytes": "3000"})])
        yield topic, allow
    finally:
        await admin.close()


@pytest.mark.durable_broker
async def test_an_event_that_the_broker_refuses_holds_its_case_and_nobody_else(
    fresh_database: str, durable_kafka: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order per case also holds around what is refused for good: it is neither passed over nor overtaken."""
    monkeypatch.setattr("services.runtime.kafka.relay.HOLD_SECONDS", 0.1)
    await lay_schema(fresh_database, "triage")
    stuck, *others = new_cases("geweigerd", 12)
    async with open_desk(fresh_database, TRIAGE) as desk, narrow_topic(durable_kafka) as (topic, allow):
        for number in range(6):
            await asyncio.gather(*(desk.hub.submit(meld(casus_id, f"{number}")) for casus_id in (stuck, *others)))
        await desk.pool.execute("update outbox set topic = $1", topic)
        third = "(select positie from outbox where casus_id = $1 order by positie offset 2 limit 1)"
        await desk.pool.execute(
            f"update outbox set bericht = overlay(bericht placing $2 from 1 for 1) where positie = {third}",
            stuck,
            b'{"opvulling":"' + 5000 * b"x" + b'",',
        )
        async with running(*relaying(desk, durable_kafka)):
            await until(lambda: _waits(desk, {stuck}), seconds=30)
            seen = await read_topic(durable_kafka, {stuck, *others}, topic=topic)
            assert seen == {casus_id: [1, 2, 3, 4, 5, 6] for casus_id in others} | {stuck: [1, 2]}
            await allow(1_000_000)
            await until(lambda: all_published(desk), seconds=30)
        seen = await read_topic(durable_kafka, {stuck, *others}, topic=topic)
    assert seen == {casus_id: [1, 2, 3, 4, 5, 6] for casus_id in (stuck, *others)}


async def _waits(desk: Desk, expected: set[CasusId]) -> bool:
    """Whether these are the cases that have something unpublished."""
    rows = await desk.pool.fetch("select distinct casus_id from te_verzenden join outbox using (positie)")
    return {row["casus_id"] for row in rows} == expected


async def test_a_broker_that_lost_what_it_confirmed_is_seen_by_where_events_come_to_lie(
    fresh_database: str, kafka: RunningBroker
) -> None:
    """Its end may have been overtaken by the time that anybody looks at it."""
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as desk:
        await desk.pool.execute(
            "insert into houvast.watermerk (zender, luisteraar, tot, gemeten_op, einden)"
            " values ('triage', 'monitoring', now(), now(), '{}')"
        )
        await desk.pool.execute(
            "insert into houvast.stand (dienst, topic, partitie, einde)"
            " select 'triage', $1, n, 1000000 from generate_series(0, 3) n",
            TOPIC.name,
        )
        await desk.hub.submit(meld(new_cases("vergeten", 1)[0]))
        lost = "select verloren from houvast.watermerk where zender = 'triage'"
        assert await desk.pool.fetchval(lost) is False
        async with running(*relaying(desk, kafka)):
            await until(lambda: desk.pool.fetchval(lost))
