"""What a sender says of its silence, over PostgreSQL and Kafka: never more than the listener has (G11)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.messages.identifiers import CasusId, uuid7
from contracts.messages.topics import HANDOVER as HANDOVER_TOPIC
from contracts.messages.topics import TRIAGE as TOPIC
from contracts.messages.topics import Service
from services.runtime.database.signals import Signals
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.kafka.consumers import group_of
from services.runtime.kafka.watermark import TopicForgot, Watermark
from services.runtime.unit.heard import read_heard
from services.runtime.unit.store import Heard
from tests.fakes.desk import START, Desk, lay_schema, meld, open_desk, until
from tests.fakes.estafette import TRIAGE
from tests.integration.test_relay import relaying, running

pytestmark = [pytest.mark.anyio, pytest.mark.database, pytest.mark.broker]

A_MINUTE = timedelta(minutes=1)


async def heard(desk: Desk) -> Heard:
    return await read_heard(desk.pool, Service.MONITORING, [Service.TRIAGE])


def reaches(desk: Desk, moment: object) -> Callable[[], object]:
    async def check() -> bool:
        return (await heard(desk)).until == moment

    return check


async def stays(desk: Desk, moment: object) -> bool:
    """After the watermark had time for several rounds."""
    ended = asyncio.get_running_loop().time() + 3
    while asyncio.get_running_loop().time() < ended:
        if (await heard(desk)).until != moment:
            return False
        await asyncio.sleep(0.1)
    return True


def watermark(desk: Desk, broker: RunningBroker) -> Watermark:
    found = Watermark(
        desk.pool,
        desk.klok,
        Signals(desk.url, "triage"),
        sender=Service.TRIAGE,
        listener=Service.MONITORING,
        bootstrap=broker.bootstrap,
    )
    found.every_seconds = 0.2
    return found


class Listener:
    """The group of monitoring, which takes only when a test says so."""

    def __init__(self, broker: RunningBroker) -> None:
        self._broker = broker

    async def take_all(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._broker.bootstrap, group_id=group_of(Service.MONITORING), enable_auto_commit=False
        )
        await consumer.start()
        try:
            partitions = [
                TopicPartition(topic, number)
                for topic in (TOPIC.name, HANDOVER_TOPIC.name)
                for number in range(self._broker.partitions)
            ]
            consumer.assign(partitions)
            await consumer.commit(await consumer.end_offsets(partitions))
        finally:
            await consumer.stop()


@pytest.fixture
async def listener(kafka: RunningBroker) -> Listener:
    """Nothing of earlier tests waits for it."""
    found = Listener(kafka)
    await found.take_all()
    return found


@asynccontextmanager
async def a_sender(url: str) -> AsyncIterator[Desk]:
    await lay_schema(url, "triage")
    async with open_desk(url, TRIAGE) as desk:
        yield desk


async def test_silence_is_said_up_to_now(fresh_database: str, kafka: RunningBroker, listener: Listener) -> None:
    del listener
    async with a_sender(fresh_database) as desk:
        assert (await heard(desk)).stands_still
        async with running(watermark(desk, kafka).run):
            await until(reaches(desk, START), seconds=20)
            desk.klok.move(A_MINUTE)
            await until(reaches(desk, START + A_MINUTE), seconds=20)
        assert not (await heard(desk)).stands_still


async def test_nothing_is_said_while_the_relay_stands_still(
    fresh_database: str, kafka: RunningBroker, listener: Listener
) -> None:
    async with a_sender(fresh_database) as desk, running(watermark(desk, kafka).run):
        await until(reaches(desk, START), seconds=20)
        desk.klok.move(A_MINUTE)
        await desk.hub.submit(meld(CasusId(uuid7(START, 1))))
        desk.klok.move(A_MINUTE)
        async with asyncio.timeout(30):
            while not await stays(desk, (await heard(desk)).until):  # noqa: ASYNC110  a round may still end
                await asyncio.sleep(0)
        assert (await heard(desk)).until <= START + A_MINUTE
        async with running(*relaying(desk, kafka)):
            async with asyncio.timeout(30):
                while (await heard(desk)).until < START + 2 * A_MINUTE:
                    await listener.take_all()
                    await asyncio.sleep(0.2)


async def test_nothing_is_said_while_the_listener_is_behind(
    fresh_database: str, kafka: RunningBroker, listener: Listener
) -> None:
    async with a_sender(fresh_database) as desk, running(watermark(desk, kafka).run, *relaying(desk, kafka)):
        await until(reaches(desk, START), seconds=20)
        await desk.hub.submit(meld(CasusId(uuid7(START, 2))))

        async def is_sent() -> bool:
            return await desk.pool.fetchval("select count(*) from te_verzenden") == 0

        await until(is_sent, seconds=20)
        desk.klok.move(A_MINUTE)
        assert await stays(desk, START)
        await listener.take_all()
        await until(reaches(desk, START + A_MINUTE), seconds=20)


async def test_nothing_is_said_past_a_transaction_that_stands_still(
    fresh_database: str, kafka: RunningBroker, listener: Listener
) -> None:
    """A copy that was frozen after it read the clock and before it wrote: what it comes with is from before."""
    del listener
    async with a_sender(fresh_database) as desk, running(watermark(desk, kafka).run):
        await until(reaches(desk, START), seconds=20)
        async with desk.pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_current_xact_id()")
            desk.klok.move(A_MINUTE)
            assert await stays(desk, START)
        await until(reaches(desk, START + A_MINUTE), seconds=20)


async def test_a_topic_that_ends_sooner_than_before_was_lost(
    fresh_database: str, kafka: RunningBroker, listener: Listener
) -> None:
    """A new cluster holds nothing, so there is nothing the listener does not have: yet it has not heard everything."""
    async with a_sender(fresh_database) as desk:
        async with running(*relaying(desk, kafka)):
            await desk.hub.submit(meld(CasusId(uuid7(START, 3))))
            await until(lambda: _nothing_waits(desk), seconds=20)
        await listener.take_all()
        async with running(watermark(desk, kafka).run):
            await until(reaches(desk, START), seconds=20)
        lost = "(select jsonb_object_agg(key, value::bigint + 5) from jsonb_each_text(einden))"
        await desk.pool.execute(f"update houvast.watermerk set einden = {lost}")
        desk.klok.move(A_MINUTE)
        with pytest.raises(TopicForgot):
            async with asyncio.timeout(20):
                await watermark(desk, kafka).run()
        assert (await heard(desk)).until == START
        await desk.pool.execute("update houvast.watermerk set einden = '{}'")  # as `houvast herstel` does
        async with running(watermark(desk, kafka).run):
            await until(reaches(desk, START + A_MINUTE), seconds=20)


async def _nothing_waits(desk: Desk) -> bool:
    return await desk.pool.fetchval("select count(*) from te_verzenden") == 0
