"""The glossary and the code use the same words: none without a meaning, none that has gone."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

import contracts
from contracts.afspraken.feiten import SoortOverdracht
from contracts.afspraken.model import Uitkomst
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.topics import TOPICS
from contracts.messages.triage import Advies
from services.cli.schemas.files import EVENTS

GLOSSARY = Path(contracts.__file__).parent / "GLOSSARY.md"
ROW = re.compile(r"^\| (?P<term>[^|]+?) \| (?P<meaning>[^|]*?) \| (?P<source>[^|]*?) \|$")


@cache
def _rows() -> dict[str, dict[str, tuple[str, str]]]:
    """Per heading the rows of its table: term → meaning and source."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    heading = ""
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("#").strip()
        elif (row := ROW.match(line)) and row["source"] != "source":
            term = row["term"].strip("`")
            assert term not in found.setdefault(heading, {}), f"{heading}: {term} stands there twice"
            found[heading][term] = (row["meaning"], row["source"])
    return found


def _enums() -> Iterator[type[StrEnum]]:
    for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == module.name:
                yield value


def _documented_enums() -> dict[str, set[str]]:
    """The values per enum; enums that say the same share a heading."""
    special = {"Key words", "Topics", "Events"}
    return {
        name: set(rows) for heading, rows in _rows().items() if heading not in special for name in heading.split(", ")
    }


@pytest.mark.parametrize(
    "enum",
    sorted(_enums(), key=lambda found: found.__qualname__),
    ids=lambda found: found.__name__,
)
def test_every_value_of_an_enum_has_its_row(enum: type[StrEnum]) -> None:
    assert [member.value for member in enum if member.value not in _documented_enums().get(enum.__name__, set())] == []


def test_every_row_of_values_is_still_a_value() -> None:
    used: dict[str, set[str]] = {}
    for enum in _enums():
        used.setdefault(enum.__name__, set()).update(member.value for member in enum)
    for heading in _rows().keys() - {"Key words", "Topics", "Events"}:
        names = heading.split(", ")
        assert [name for name in names if name not in used] == []
        assert _documented_enums()[names[0]] - set().union(*(used[name] for name in names)) == set(), heading


@pytest.mark.parametrize(
    ("one", "other"),
    [(Uitkomst, Advies), (SoortOverdracht, Overdrachtsoort)],
    ids=["Advies", "Overdrachtsoort"],
)
def test_rules_and_messages_mean_the_same_values(one: type[StrEnum], other: type[StrEnum]) -> None:
    """A rule that names a value no message can carry would fail in the middle of a case."""
    assert {member.value for member in one} == {member.value for member in other}


def test_every_event_has_its_row_and_every_row_its_event() -> None:
    events = {re.sub(r"\.v[0-9]+$", "", soort.removeprefix("nl.sociaaldomein.")) for soort in EVENTS}
    assert set(_rows()["Events"]) == events


def test_every_topic_has_its_row_and_every_row_its_topic() -> None:
    assert set(_rows()["Topics"]) == {topic.name for topic in TOPICS}


def test_every_row_has_a_meaning_and_a_source_that_is_known() -> None:
    known = re.compile(r"(house|D\d+|WB|FS|MB|AEF|BK|Atw)\b")
    for heading, rows in _rows().items():
        for term, (meaning, source) in rows.items():
            assert meaning.endswith("."), f"{heading}: {term}"
            assert all(known.match(part.strip()) for part in _sources(source)), f"{heading}: {term}: {source}"


def test_key_words_stand_in_alphabetical_order() -> None:
    terms = [term.casefold() for term in _rows()["Key words"]]
    assert terms == sorted(terms)


def _sources(source: str) -> list[str]:
    """`MB 4.1, 7.1` names one document twice."""
    return [part for part in source.split(",") if not re.fullmatch(r"\s*[\d.]+", part)]
