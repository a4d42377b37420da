"""Golden wire samples. `python -m tests.builders.samples` writes what is missing; none is ever rewritten."""

from pathlib import Path
from typing import Any

import orjson

from contracts.messages.envelope import Gebeurtenis, encode
from contracts.messages.topics import TOPIC_OF
from contracts.messages.verzegeld import Verzegeld, sealed_type
from services.cli.schemas.files import EVENTS
from services.runtime.access.sealing import CaseSealer
from tests.builders.events import CASUS_ID, build, build_full, cloud_event, core_type

SAMPLES = Path(__file__).parents[1] / "unit" / "contracts" / "samples"
CASE_KEY = b"de sleutel van de voorbeeldcasus"
"""What the sealed fields of the samples open with. Invented, like the people in them."""


def sealed_fields(event: type[Gebeurtenis]) -> dict[str, type[Any]]:
    """The models inside the sealed fields of an event, by field."""
    return {
        name: sealed_type(core_type(field.annotation, keep_arguments=True))
        for name, field in event.model_fields.items()
        if core_type(field.annotation) is Verzegeld
    }


def names(soort: str) -> tuple[str, str]:
    """The two samples of an event: everything filled, and only what is required."""
    return f"{soort}.json", f"{soort}.beknopt.json"


def write_missing() -> list[str]:
    written: list[str] = []
    for soort, event in EVENTS.items():
        for name, make in zip(names(soort), (build_full, build), strict=True):
            path = SAMPLES / name
            if not path.exists():
                path.write_bytes(_sample(event, make))
                written.append(name)
    return written


def _sample(event: type[Gebeurtenis], make: Any) -> bytes:
    sealer = CaseSealer(CASUS_ID, CASE_KEY)
    data = make(event)
    sealed = {
        name: sealer.seal(build_full(model))
        for name, model in sealed_fields(event).items()
        if getattr(data, name) is not None
    }
    topic = TOPIC_OF.get(event)
    service = topic.senders[0].value if topic is not None and topic.senders else "handover"
    raw = encode(cloud_event(make(event, **sealed), service=service))
    return orjson.dumps(orjson.loads(raw), option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    print("\n".join(write_missing()) or "Er ontbreekt geen voorbeeld.")  # noqa: T201
