"""From a Kafka broker into a service: nothing passed over, nothing twice, a poison record in nobody's way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faststream.kafka import KafkaBroker

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import TRIAGE as TOPIC
from contracts.messages.topics import Service
from contracts.messages.triage import MeldingOntvangen
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.kafka.consumers import Consumer, Reading, Take, bind_batches, stuck_at
from services.runtime.process.supervision import Supervisor
from services.runtime.unit.decision import Record
from tests.builders import build
from tests.fakes.desk import Desk, lay_schema, open_desk, record, until
from tests.fakes.estafette import HANDOVER

pytestmark = [pytest.mark.anyio, pytest.mark.database, pytest.mark.broker]


def consumer_of(take: Take, broker: RunningBroker) -> Consumer:
    def bind(kafka: KafkaBroker, take_here: Take, reading: Reading) -> None:
        bind_batches(kafka, Service.HANDOVER, take_here, reading)

    assigned = None if broker.joins_groups else broker.partitions
    reading = Reading(fetch_max_wait_ms=broker.fetch_max_wait_ms, assigned=assigned)
    return Consumer(broker.bootstrap, bind, take, reading, service="handover")


@asynccontextmanager
async def consuming(take: Take, broker: RunningBroker) -> AsyncIterator[None]:
    supervisor = Supervisor()
    supervisor.start("consument", consumer_of(take, broker).run)
    try:
        yield
    finally:
        await supervisor.stop()


def melding(name: str, number: int) -> Record:
    event = build(MeldingOntvangen, melding_id=derived_id(name, str(number)))
    unique = derived_id(name, "gebeurtenis", str(number)).int
    return replace(
        record(event, case(name, number % 5), 1 + number),
        raw=record(event, case(name, number % 5), unique).raw,
    )


def case(name: str, number: int) -> CasusId:
    return CasusId(derived_id(name, "casus", str(number)))


async def send(broker: RunningBroker, records: Sequence[tuple[CasusId, bytes]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        sent = [await producer.send(TOPIC.name, raw, key=casus_id.bytes) for casus_id, raw in records]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def asked(desk: Desk, name: str) -> int:
    cases = [case(name, number) for number in range(5)]
    count: int = await desk.pool.fetchval("select count(*) from opdracht where casus_id = any($1::uuid[])", cases)
    return count


async def has_asked(desk: Desk, name: str, number: int) -> bool:
    return await asked(desk, name) >= number


async def test_what_lies_on_the_topic_arrives_once(fresh_database: str, kafka: RunningBroker) -> None:
    """Also when the producer says everything twice."""
    await lay_schema(fresh_database, "handover")
    records = [(case("eens", number % 5), melding("eens", number).raw) for number in range(100)]
    async with open_desk(fresh_database, HANDOVER) as desk:
        await send(kafka, records + records)
        async with consuming(desk.hub.take, kafka):
            await send(kafka, [(case("eens", 0), melding("eens", 100).raw)])
            await until(lambda: has_asked(desk, "eens", 101), seconds=30)
        assert await asked(desk, "eens") == 101


async def test_a_batch_that_could_not_be_taken_is_not_passed_over(fresh_database: str, kafka: RunningBroker) -> None:
    """G1: a consumer whose batch fails ends; the next one begins again where the offsets were committed."""
    await lay_schema(fresh_database, "handover")
    failures = 0

    async def fail_first(desk: Desk, records: Sequence[Record]) -> None:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise ZeroDivisionError
        await desk.hub.take(records)

    async with open_desk(fresh_database, HANDOVER) as desk:
        await send(kafka, [(case("opnieuw", number % 5), melding("opnieuw", number).raw) for number in range(20)])
        async with consuming(partial(fail_first, desk), kafka):
            await until(lambda: has_asked(desk, "opnieuw", 20), seconds=60)
        assert failures == 2
        assert await asked(desk, "opnieuw") == 20


async def test_a_poison_record_lets_all_others_through(fresh_database: str, kafka: RunningBroker) -> None:
    """G7: it is parked with its case; later events of that case wait, other cases and the partition go on."""
    await lay_schema(fresh_database, "handover")
    poison = melding("vergif", 0).raw.replace(b'"GM0758"', b"7")
    rest = [(case("vergif", number % 5), melding("vergif", number).raw) for number in range(1, 50)]
    async with open_desk(fresh_database, HANDOVER) as desk, consuming(desk.hub.take, kafka):
        await send(kafka, [(case("vergif", 0), poison), *rest])
        await until(lambda: has_asked(desk, "vergif", 40), seconds=30)
        await until(lambda: _parked(desk, 10), seconds=30)
        assert await asked(desk, "vergif") == 40


async def _parked(desk: Desk, number: int) -> bool:
    count: int = await desk.pool.fetchval("select count(*) from geparkeerd where casus_id = $1", case("vergif", 0))
    return count == number


async def test_a_database_that_is_away_keeps_the_records_on_the_road(fresh_database: str, kafka: RunningBroker) -> None:
    """The connections are cut again and again while a thousand records come in: each has its effect, once."""
    await lay_schema(fresh_database, "handover")
    records = [(case("weg", number % 5), melding("weg", number).raw) for number in range(1000)]
    async with open_desk(fresh_database, HANDOVER) as desk, consuming(desk.hub.take, kafka):
        sending = asyncio.ensure_future(send(kafka, records))
        for _ in range(6):
            with suppress(Exception):
                await desk.pool.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()",
                )
            await asyncio.sleep(0.03)
        await sending
        await until(lambda: has_asked(desk, "weg", 1000), seconds=60)
        assert await asked(desk, "weg") == 1000
        assert await desk.pool.fetchval("select count(distinct id) from opdracht") == await desk.count("opdracht")


async def test_a_clock_waits_for_what_lay_there_when_reading_began(kafka: RunningBroker) -> None:
    """After downtime a confirmation may lie on the topic: nobody is called late before it was heard."""
    await send(kafka, [(case("inhalen", 0), melding("inhalen", number).raw) for number in range(40)])
    taken: list[Record] = []
    gate = asyncio.Event()

    async def take(records: Sequence[Record]) -> None:
        await gate.wait()
        taken.extend(records)

    consumer = consumer_of(take, kafka)
    supervisor = Supervisor()
    supervisor.start("consument", consumer.run)
    waiting = asyncio.create_task(consumer.hear_first())
    try:
        done, _ = await asyncio.wait([waiting], timeout=2)
        assert not done
        gate.set()
        await asyncio.wait_for(waiting, timeout=30)
        assert len(taken) >= 40
    finally:
        waiting.cancel()
        await supervisor.stop()


async def test_a_clock_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late is better than never: a broker that is away holds it up for a while only."""
    monkeypatch.setattr("services.runtime.kafka.consumers.PATIENCE_SECONDS", 0.2)

    async def take(records: Sequence[Record]) -> None:
        raise AssertionError(f"nothing is read, but {len(records)} records came")

    consumer = Consumer("127.0.0.1:1", lambda *_: None, take, Reading(), service="handover")
    await asyncio.wait_for(consumer.hear_first(), timeout=5)


@pytest.mark.durable_broker
async def test_who_stands_past_the_end_or_has_nothing_while_its_group_does_not_go_on_is_seen(
    durable_kafka: RunningBroker,
) -> None:
    """Both are how a consumer stays behind when topics are deleted and made again; neither has any lag of its own."""
    name = f"opnieuw-gemaakt-{derived_id('opnieuw', durable_kafka.bootstrap).hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=durable_kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    await admin.close()
    only = TopicPartition(name, 0)
    async with _member(durable_kafka, name) as one, _member(durable_kafka, name) as two:
        await until(lambda: _share(one, two), seconds=30)
        reader, idle = (one, two) if one.assignment() else (two, one)
        assert await stuck_at(reader) == await stuck_at(idle) == frozenset()
        producer = AIOKafkaProducer(bootstrap_servers=durable_kafka.bootstrap)
        await producer.start()
        await producer.send_and_wait(name, b"een")
        await producer.stop()
        assert await stuck_at(idle) == {(only, 0)}
        await reader.getone()
        await reader.commit()
        assert await stuck_at(idle) == frozenset()
        reader.seek(only, 100)
        assert await stuck_at(reader) == {(only, 100)}


@asynccontextmanager
async def _member(broker: RunningBroker, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        group_id=f"groep-{topic}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _share(one: AIOKafkaConsumer, two: AIOKafkaConsumer) -> bool:
    """Whether the group has both of them, and the partition one of the two."""
    return len(one.assignment()) + len(two.assignment()) == 1
