"""From a Kafka record to a message for a case."""

import hashlib
from datetime import datetime
from typing import cast

import orjson

from contracts.messages.envelope import decode
from contracts.messages.identifiers import derived_id
from contracts.messages.moment import EARLIEST
from contracts.messages.topics import CATALOGUE, TOPICS
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import Incoming, Record

_CATALOGUES = {topic.name: topic.catalogue for topic in TOPICS}


def read_record(record: Record) -> Incoming:
    """The message in a record, recognisable by source and id.

    Raises `MalformedMessage` with every problem.
    """
    event = decode(record.raw, _CATALOGUES.get(record.topic, CATALOGUE))
    return Incoming(
        key=derived_id(event.source, event.id),
        fingerprint=hashlib.sha256(record.raw).hexdigest()[:32],
        casus_id=event.casus_id,
        payload=event.data,
        actor=Actor(event.source.rpartition(":")[2]),
        cause=event.id,
        record=record,
        traceparent=event.traceparent,
    )


def soort_of(record: Record) -> str | None:
    """The type that a record gives itself, without looking at the rest; None where it cannot be read."""
    try:
        document: object = orjson.loads(record.raw)
    except orjson.JSONDecodeError:
        return None
    soort = cast("dict[str, object]", document).get("type") if isinstance(document, dict) else None
    return soort if isinstance(soort, str) else None


def moment_of(raw: bytes) -> datetime:
    """When the event in a record was written down; what cannot be read may be as old as anything."""
    try:
        return datetime.fromisoformat(orjson.loads(raw)["time"])
    except (KeyError, TypeError, ValueError):
        return EARLIEST
