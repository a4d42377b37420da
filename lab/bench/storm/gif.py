"""Poison: on every topic that somebody listens to, what no sender of ours would send."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.messages.topics import TOPICS
from lab.bench.storm.huis import Huis

_HUGE_BYTES = 900_000


class Gif(StrEnum):
    """What is wrong with it."""

    GEEN_JSON = "geen-json"
    LEEG = "leeg"
    REUS = "reus"
    SCHEMA = "schema"
    SLEUTEL = "sleutel"
    VERSIE = "versie"
    DUBBEL = "dubbel"


async def poison(huis: Huis, gif: Gif, new_id: Callable[[], UUID]) -> None:
    """Of cases of its own, except what repeats the id of an event that was: that is about its case."""
    example = await _any_event(huis) if gif is Gif.DUBBEL else None
    producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{huis.to_kafka.port}", max_request_size=2 * 1024 * 1024)
    await producer.start()
    try:
        for topic in TOPICS:
            if not topic.listeners:
                continue
            soort = topic.events[0].soort
            for key, value in _records(gif, soort, new_id):
                await producer.send_and_wait(topic.name, value, key=key)
        if example is not None:
            topic_name, key, event = example
            huis.poisoned.add(f"{event['source']} {event['id']}")
            changed = {**event, "data": {**event["data"], "gemeente": "GM0000"}}
            await producer.send_and_wait(topic_name, orjson.dumps(changed), key=key)
    finally:
        await producer.stop()


def _records(gif: Gif, soort: str, new_id: Callable[[], UUID]) -> list[tuple[bytes | None, bytes | None]]:
    def event(**changes: Any) -> bytes:
        casus_id = new_id()
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": str(new_id()),
                "source": "urn:nld:oin:00000099000000000009:systeem:vreemd",
                "type": soort,
                "subject": str(casus_id),
                "time": "2026-03-02T08:00:00Z",
                "datacontenttype": "application/json",
                "data": {"besluit": "gisteren"},
                **changes,
            }
        )

    key = new_id().bytes
    newer = soort.removesuffix(".v1") + ".v9"
    all_of_them: Mapping[Gif, list[tuple[bytes | None, bytes | None]]] = {
        Gif.GEEN_JSON: [(key, b"{ dit is geen gebeurtenis"), (key, b"[" * 10_000)],
        Gif.LEEG: [(key, None), (key, b"")],
        Gif.REUS: [(key, event(data="x" * _HUGE_BYTES))],
        Gif.SCHEMA: [(key, event()), (key, event(data=None)), (key, event(subject="geen-uuid"))],
        Gif.SLEUTEL: [(None, event()), (b"geen casus", event())],
        Gif.VERSIE: [(key, event(type=newer)), (key, event(type="nl.sociaaldomein.onbekend.iets-nieuws.v1"))],
        Gif.DUBBEL: [],
    }
    return all_of_them[gif]


async def _any_event(huis: Huis) -> tuple[str, bytes, dict[str, Any]] | None:
    """A triagebesluit that was heard before."""
    topic = "houvast.triage.v1"
    consumer: Any = AIOKafkaConsumer(
        topic, bootstrap_servers=f"127.0.0.1:{huis.to_kafka.port}", group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        found = await consumer.getmany(timeout_ms=3000)
    finally:
        await consumer.stop()
    for records in found.values():
        for record in records:
            if b"triagebesluit-genomen" in (record.value or b""):
                return topic, record.key or b"", orjson.loads(record.value or b"{}")
    return None
