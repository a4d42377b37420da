"""A read row: made from what has the same names, shown as an answer, read back as it was written."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import orjson
import pytest
from pydantic import Json

from contracts.messages.identifiers import CasusId
from services.runtime.unit.rows import HIDDEN, Moment, ReferredRow, answer_of, columns, read_row, row_of
from services.runtime.unit.store_writes import dumps

CASUS = CasusId(UUID("00000000-0000-8000-8000-0000deadbeef"))
OP = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Kleur(StrEnum):
    ROOD = "rood"


class Kort(ReferredRow):
    """What everybody may see."""

    kleur: Kleur


class Lang(Kort):
    """What some may see."""

    table = "lang"
    gezien_op: Moment | None
    namen: Json[tuple[str, ...]]
    geheim: Annotated[str, HIDDEN]


@dataclass(frozen=True, slots=True)
class Ding:
    kleur: Kleur = Kleur.ROOD
    gezien_op: datetime = OP
    geheim: str = "niets"


ROW = row_of(Lang, Ding(), id=CASUS, casus_id=CASUS, namen=("a", "b"))
STATUS = {"id": str(CASUS), "casusId": str(CASUS), "kleur": "rood", "referentie": "HV-DEADBEEF"}


def test_a_row_takes_what_has_its_name_and_what_is_given() -> None:
    assert Lang(id=CASUS, casus_id=CASUS, kleur=Kleur.ROOD, gezien_op=OP, namen=("a", "b"), geheim="niets") == ROW
    with pytest.raises(TypeError, match="maat"):
        row_of(Lang, Ding(), id=CASUS, casus_id=CASUS, namen=(), maat=3)
    with pytest.raises(AttributeError, match="namen"):
        row_of(Lang, Ding(), id=CASUS, casus_id=CASUS)


def test_an_answer_has_the_row_in_camel_case_without_what_is_hidden() -> None:
    assert answer_of(ROW) == STATUS | {"gezienOp": "2026-03-02T08:00:00Z", "namen": ["a", "b"]}
    assert answer_of(ROW, Kort) == STATUS


def test_what_is_written_is_read_back() -> None:
    """The columns of the table are the fields; `jsonb` comes out of the database as text."""
    written = orjson.loads(dumps(ROW))
    assert sorted(columns(Lang).split(", ")) == sorted(f'"{name}"' for name in written)
    assert columns(Kort, "k") == 'k."id", k."casus_id", k."kleur"'
    assert read_row(Lang, written | {"namen": dumps(written["namen"])}) == ROW
