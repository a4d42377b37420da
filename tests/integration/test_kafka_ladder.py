"""Every rung of the ladder does what the hub asks of a Kafka; the real ones keep what they were given."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka import TopicPartition as Assigned

from contracts.messages.topics import HANDOVER, NOTIFIER, TRIAGE, Service
from lab.ground.kafka_jars import can_run
from lab.ground.kafka_local import open_cluster, start_local
from lab.ground.local_server import wait_until
from services.cli.servers import start_broker
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.kafka.consumers import group_of
from services.runtime.kafka.consumption import ConsumptionWatch
from services.runtime.process.starting import ServerStartError

pytestmark = [pytest.mark.anyio, pytest.mark.broker]

needs_java = pytest.mark.skipif(
    can_run() is not None and os.environ.get("CI") != "true",
    reason=f"no local Apache Kafka: {can_run()}",
)

START_AND_DIE = """
import asyncio, os, sys
from pathlib import Path
from services.cli.servers import start_broker

async def main():
    await start_broker("local", data_dir=Path(sys.argv[1]), topics=["kept"])
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


@pytest.fixture(params=["embedded_kafka", "kafka"])
def rung(request: pytest.FixtureRequest) -> RunningBroker:
    """The broker in the process, and the best one this machine offers."""
    broker: RunningBroker = request.getfixturevalue(request.param)
    return broker


async def publish(broker: RunningBroker, topic: str, values: Sequence[bytes]) -> None:
    """As the relay does: idempotent, acknowledged by all, keyed."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        sent = [cast("asyncio.Future[object]", await producer.send(topic, value, key=value)) for value in values]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


@asynccontextmanager
async def reading(broker: RunningBroker, topic: str, group: str) -> AsyncGenerator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=broker.fetch_max_wait_ms,
    )
    if broker.joins_groups:
        consumer.subscribe([topic])
    else:
        consumer.assign([TopicPartition(topic, number) for number in range(broker.partitions)])
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def take(consumer: AIOKafkaConsumer, count: int) -> list[bytes]:
    taken: list[bytes] = []
    async with asyncio.timeout(30):
        while len(taken) < count:
            batches = cast("dict[Any, list[Any]]", await consumer.getmany(timeout_ms=200))
            taken += [record.value for records in batches.values() for record in records]
    return taken


async def take_everything(consumer: AIOKafkaConsumer, broker: RunningBroker, topic: str) -> None:
    """Also what tests before this one left on the topic."""
    left = {TopicPartition(topic, partition): end for partition, end in (await ends(broker, topic)).items()}
    async with asyncio.timeout(30):
        while left:
            await consumer.getmany(timeout_ms=200)
            left = {part: end for part, end in left.items() if await consumer.position(part) < end}


async def ends(broker: RunningBroker, topic: str) -> dict[int, int]:
    async with reading(broker, topic, f"ends-{uuid4()}") as consumer:
        partitions = [TopicPartition(topic, number) for number in range(broker.partitions)]
        found = cast("dict[TopicPartition, int]", await consumer.end_offsets(partitions))
        return {part.partition: offset for part, offset in found.items()}


def some(count: int) -> list[bytes]:
    return [uuid4().bytes for _ in range(count)]


async def test_a_group_goes_on_where_it_had_committed(rung: RunningBroker) -> None:
    group, first, second = f"test-{uuid4()}", some(200), some(100)
    async with reading(rung, NOTIFIER.name, group) as consumer:
        await publish(rung, NOTIFIER.name, first)
        assert set(await take(consumer, len(first))) >= set(first)
        await consumer.commit()
    await publish(rung, NOTIFIER.name, second)
    async with reading(rung, NOTIFIER.name, group) as consumer:
        assert sorted(await take(consumer, len(second))) == sorted(second)


async def test_faststream_takes_batches_and_commits_them_by_hand(rung: RunningBroker) -> None:
    """The settings the subscribers use."""
    broker = KafkaBroker(rung.bootstrap, allow_auto_create_topics=False, logger=None)
    where: dict[str, Any] = {"partitions": [Assigned(NOTIFIER.name, number) for number in range(rung.partitions)]}
    subscriber = broker.subscriber(
        *((NOTIFIER.name,) if rung.joins_groups else ()),
        **({} if rung.joins_groups else where),
        group_id=f"test-{uuid4()}",
        batch=True,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=rung.fetch_max_wait_ms,
    )
    wanted, taken = set(some(300)), set[bytes]()

    @subscriber
    async def take_batch(values: list[bytes], message: KafkaMessage) -> None:
        taken.update(values)
        await message.ack()

    await publish(rung, NOTIFIER.name, list(wanted))
    await broker.start()
    try:
        assert await wait_until(lambda: wanted <= taken, limit_seconds=30)
    finally:
        await broker.stop()


async def test_the_watch_tells_what_the_slowest_listener_has_taken(rung: RunningBroker) -> None:
    """The relay may not run ahead of it on a broker that forgets."""
    quick, slow = (group_of(service) for service in TRIAGE.listeners)
    async with ConsumptionWatch(rung.bootstrap) as watch:
        before = await watch.committed(TRIAGE.name)
        await publish(rung, TRIAGE.name, some(50))
        async with reading(rung, TRIAGE.name, quick) as consumer:
            await take_everything(consumer, rung, TRIAGE.name)
            await consumer.commit()
        assert await watch.committed(TRIAGE.name) == before, "the slow one has not read yet"
        async with reading(rung, TRIAGE.name, slow) as consumer:
            await take_everything(consumer, rung, TRIAGE.name)
            await consumer.commit()
        assert await watch.committed(TRIAGE.name) == await ends(rung, TRIAGE.name)


async def test_the_watch_stands_at_zero_where_nobody_has_read(rung: RunningBroker) -> None:
    listeners = {HANDOVER.name: (Service.NOTIFIER,), NOTIFIER.name: ()}
    async with ConsumptionWatch(rung.bootstrap, listeners=listeners) as watch:
        assert await watch.committed(HANDOVER.name) == dict.fromkeys(range(rung.partitions), 0)
        assert await watch.committed(NOTIFIER.name) == {}


async def test_the_broker_in_the_process_forgets_and_says_so(embedded_kafka: RunningBroker, tmp_path: Path) -> None:
    """About 5 MiB per partition are kept: what the relay holds back for."""
    broker = await start_broker("embedded", data_dir=tmp_path, topics=["forgetful"])
    assert broker.bootstrap != embedded_kafka.bootstrap
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    for _ in range(1000):
        await producer.send("forgetful", b"x" * 10_000, partition=0)
    await producer.stop()
    first = TopicPartition("forgetful", 0)
    async with reading(broker, "forgetful", "g") as consumer:
        oldest = cast("dict[TopicPartition, int]", await consumer.beginning_offsets([first]))[first]
    await broker.stop()
    assert 400 < 1000 - oldest < 600


async def test_the_broker_in_the_process_has_no_choice_of_partitions(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match="4 partities"):
        await start_broker("embedded", data_dir=tmp_path, topics=[], partitions=12)


async def test_a_broker_that_is_none_is_refused_with_the_choices(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match="embedded"):
        await start_broker("rabbit", data_dir=tmp_path, topics=[])


async def test_an_address_where_nobody_answers_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.kafka.cluster.ANSWER_LIMIT_SECONDS", 1.0)
    with pytest.raises(ServerStartError, match=r"127\.0\.0\.1:1 antwoordt niet") as told:
        await start_broker("127.0.0.1:1", data_dir=tmp_path, topics=["a"])
    assert str(told.value).count("KafkaConnectionError") == 1, "an error of Kafka names itself"


@pytest.mark.durable_broker
async def test_a_cluster_of_others_gets_its_topics_and_is_left_alone(
    durable_kafka: RunningBroker,
    tmp_path: Path,
) -> None:
    topic = f"test-{uuid4()}"
    broker = await start_broker(durable_kafka.bootstrap, data_dir=tmp_path, topics=[topic], partitions=3)
    assert broker.kind == "extern"
    await broker.stop()
    again = await start_broker(durable_kafka.bootstrap, data_dir=tmp_path, topics=[topic], partitions=3)
    assert await ends(again, topic) == {0: 0, 1: 0, 2: 0}


@needs_java
@pytest.mark.durable_broker
async def test_apache_kafka_outlives_its_process_and_keeps_everything(tmp_path: Path) -> None:
    """Its process is killed: the next start finds it running. It is stopped and started: everything is still there."""
    start_and_die = [sys.executable, "-c", START_AND_DIE, str(tmp_path)]
    await asyncio.to_thread(subprocess.run, start_and_die, check=False, timeout=120)
    values = some(20)
    broker = await start_broker("local", data_dir=tmp_path, topics=["kept"])
    node = (await open_cluster(tmp_path)).nodes[0]
    try:
        assert node.runs
        await publish(broker, "kept", values)
    finally:
        await broker.stop()
    assert not node.runs
    broker = await start_broker("local", data_dir=tmp_path, topics=["kept"])
    try:
        async with reading(broker, "kept", "g") as consumer:
            assert sorted(await take(consumer, len(values))) == sorted(values)
    finally:
        await broker.stop()


@needs_java
@pytest.mark.durable_broker
@pytest.mark.timeout(240)
async def test_three_nodes_lose_one_and_nothing_else(tmp_path: Path) -> None:
    """G1 on a cluster: acknowledged by all means it survives a node."""
    before, after = some(30), some(30)
    broker = await start_local(tmp_path, ["kept"], partitions=4, nodes=3)
    try:
        await publish(broker, "kept", before)
        (await open_cluster(tmp_path, nodes=3)).nodes[2].kill()
        await publish(broker, "kept", after)
        async with reading(broker, "kept", "g") as consumer:
            assert sorted(await take(consumer, 60)) == sorted(before + after)
    finally:
        await broker.stop()
