"""The bare floor under everything: Kafka and PostgreSQL by themselves, on this machine, at this moment."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from lab.bench.meting import Figure
from lab.bench.opstelling import Fundament, fresh_database
from services.runtime.database.connection import Session, connect
from services.runtime.database.server import RunningDatabase

RECORDS = 20_000
RECORD_BYTES = 1_500
BATCH = 500
SOURCE, TARGET = "houvast.dlq.v1", "houvast.notifier.v1"
"""Topics that exist and that nobody uses while this is measured."""
STRETCH = 2_000
"""Records at a time: a broker that keeps only its last megabytes must not be run off its feet."""
ROWS = 50_000

_INBOX = (
    "insert into vloer_inbox select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) on conflict do nothing"
    " returning key"
)
_OUTBOX = "insert into vloer_outbox (id, bericht) select * from unnest($1::uuid[], $2::bytea[])"


async def measure_kafka_floor(ground: Fundament) -> list[Figure]:
    """Records per second from topic to topic with aiokafka alone, in batches, offsets committed per batch."""
    producer = AIOKafkaProducer(
        bootstrap_servers=ground.broker.bootstrap, enable_idempotence=True, acks="all", max_batch_size=256 * 1024
    )
    consumer = AIOKafkaConsumer(
        bootstrap_servers=ground.broker.bootstrap,
        group_id="houvast-bench-vloer",
        enable_auto_commit=False,
        auto_offset_reset="latest",
        fetch_max_wait_ms=ground.broker.fetch_max_wait_ms,
    )
    await producer.start()
    await consumer.start()
    try:
        partitions = [TopicPartition(SOURCE, number) for number in range(ground.broker.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        rate = await _pass_on(cast("Any", producer), cast("Any", consumer))
    finally:
        await consumer.stop()
        await producer.stop()
    return [Figure("vloer: aiokafka, lezen en schrijven", rate, "/s", note=f"records van {RECORD_BYTES} bytes")]


async def _pass_on(producer: Any, consumer: Any) -> float:
    value = RECORD_BYTES * b"x"
    spent = 0.0
    for _ in range(RECORDS // STRETCH):
        await asyncio.gather(*[await producer.send(SOURCE, value, key=uuid4().bytes) for _ in range(STRETCH)])
        started = time.perf_counter()
        passed = 0
        while passed < STRETCH:
            batches: dict[Any, list[Any]] = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
            records = [record for batch in batches.values() for record in batch]
            sent = [await producer.send(TARGET, record.value, key=record.key) for record in records]
            await asyncio.gather(*sent)
            if records:
                await consumer.commit()
            passed += len(records)
        spent += time.perf_counter() - started
    return RECORDS / spent


async def measure_postgres_floor(server: RunningDatabase) -> list[Figure]:
    """Rows per second into an inbox and an outbox with one array each per transaction, and nothing else."""
    async with fresh_database(server) as url:
        connection = await connect(url)
        try:
            await connection.execute(
                "create table vloer_inbox (key uuid primary key, casus_id uuid not null, op timestamptz not null);"
                "create table vloer_outbox (positie bigint generated always as identity primary key, id uuid not null,"
                " bericht bytea not null)"
            )
            rate = await _insert(connection)
        finally:
            await connection.close()
    return [Figure("vloer: PostgreSQL, inbox en outbox", rate, "/s", note=f"transacties van {BATCH} rijen")]


async def _insert(connection: Session) -> float:
    now, message = datetime(2026, 3, 2, tzinfo=UTC), RECORD_BYTES * b"x"
    batches = [[uuid4() for _ in range(BATCH)] for _ in range(ROWS // BATCH)]
    started = time.perf_counter()
    for keys in batches:
        async with connection.transaction():
            await connection.fetch(_INBOX, keys, keys, [now] * BATCH)
            await connection.execute(_OUTBOX, keys, [message] * BATCH)
    return ROWS / (time.perf_counter() - started)
