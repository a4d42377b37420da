"""What was once sent keeps parsing for ever. A sample in this folder is never changed; more may be added."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from contracts.messages.documenten import Professional
from contracts.messages.envelope import CloudEvent, decode, encode
from contracts.messages.verzegeld import Verzegeld
from services.cli.schemas.events import event_schema
from services.cli.schemas.files import EVENTS
from services.runtime.access.sealing import CaseSealer
from tests.builders import CASUS_ID
from tests.builders.samples import CASE_KEY, SAMPLES, names, sealed_fields

ALL_SAMPLES = sorted(SAMPLES.glob("*.json"))


def _named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", ALL_SAMPLES, ids=_named)
def test_a_sample_is_read_and_written_back_without_losing_a_value(path: Path) -> None:
    """STYLE 6: a message grows by optional fields, so what is written back may hold more but nothing else."""
    sample = orjson.loads(path.read_bytes())
    event = decode(path.read_bytes(), EVENTS)
    written = encode(event)
    assert _lost(sample, orjson.loads(written)) == []
    assert decode(written, EVENTS) == event


@pytest.mark.parametrize("path", ALL_SAMPLES, ids=_named)
def test_a_sample_satisfies_the_schema_that_receivers_have(path: Path) -> None:
    sample = orjson.loads(path.read_bytes())
    problems = _validator(sample["type"]).iter_errors(sample)
    assert [f"{error.json_path}: {error.message}" for error in problems] == []


@pytest.mark.parametrize("path", ALL_SAMPLES, ids=_named)
def test_what_is_sealed_in_a_sample_still_opens_and_still_fits(path: Path) -> None:
    """A sealed field rests for years: its form, its key and its content are read back as they are today."""
    event: CloudEvent[Any] = decode(path.read_bytes(), EVENTS)
    sealer = CaseSealer(event.casus_id, CASE_KEY)
    for field, model in sealed_fields(type(event.data)).items():
        sealed = getattr(event.data, field)
        if sealed is not None:
            assert isinstance(sealer.open(sealed, model), model)


def test_a_sealed_form_of_a_later_version_is_still_read() -> None:
    """Two versions of the hub run side by side while one replaces the other."""

    class Later(Professional):
        later_veld: str

    sealer = CaseSealer(CASUS_ID, CASE_KEY)
    sealed = sealer.seal(Later(naam="Noor", functie="triagist", later_veld="x"))
    assert sealer.open(Verzegeld[Professional](sealed.jwe), Professional) == Professional(
        naam="Noor",
        functie="triagist",
    )


@pytest.mark.parametrize("soort", sorted(EVENTS))
def test_every_event_has_its_samples(soort: str) -> None:
    """A new event brings its own: `python -m tests.builders.samples` writes the ones that are missing."""
    assert [name for name in names(soort) if not (SAMPLES / name).exists()] == []


@cache
def _validator(soort: str) -> jsonschema.Draft202012Validator:
    """By a schema that is one; an event has more than one sample."""
    schema = event_schema(EVENTS[soort])
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def _lost(before: Any, after: Any, place: str = "$") -> list[str]:
    if isinstance(before, dict):
        if not isinstance(after, dict):
            return [place]
        return [
            lost
            for key, value in before.items()
            for lost in (_lost(value, after[key], f"{place}.{key}") if key in after else [f"{place}.{key}"])
        ]
    if isinstance(before, list):
        if not isinstance(after, list) or len(before) != len(after):
            return [place]
        return [
            lost
            for number, (old, new) in enumerate(zip(before, after, strict=True))
            for lost in _lost(old, new, f"{place}[{number}]")
        ]
    return [] if before == after else [place]
