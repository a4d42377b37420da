"""Who fills a form in is known, and what the register lets them choose is shown by name."""

from datetime import date

import pytest

from contracts.rechten import HUB
from services.runtime.access.tokens import Caller
from services.runtime.http.forms.people import choices_for, with_myself
from services.runtime.http.forms.shapes import Shape, shape_of
from services.triage.domain.invoer import (
    DienstInvoer,
    FeitenAanvulling,
    OntvangerInvoer,
    OvernameInvoer,
    TriagebesluitInvoer,
)
from tests.unit.triage.road import sample_register

VT = "veilig-thuis-west-brabant"
TRIAGIST = Caller(VT, frozenset(), persoon="Roderick Vermeulen", rollen=frozenset({"triagist"}))
SYSTEM = Caller(VT, frozenset())
TODAY = date(2026, 3, 2)


def field(shape: Shape, name: str) -> Shape:
    return next(inner for inner in shape.inner if inner.name == name)


def test_a_name_is_asked_once_when_somebody_signs_in() -> None:
    filled = with_myself(shape_of(FeitenAanvulling), {}, TRIAGIST, sample_register())
    assert filled["vastgesteldDoor"] == {
        "naam": "Roderick Vermeulen",
        "functie": "triagist",
        "organisatie": "Veilig Thuis West-Brabant",
    }


def test_a_system_is_nobody_and_fills_in_no_name() -> None:
    assert with_myself(shape_of(FeitenAanvulling), {}, SYSTEM, sample_register()) == {}


def test_what_was_known_of_who_acts_is_left() -> None:
    known = {"vastgesteldDoor": {"naam": "Een ander"}}
    assert with_myself(shape_of(FeitenAanvulling), known, TRIAGIST, sample_register()) == known


def test_somebody_without_a_role_gives_no_function() -> None:
    nobody = Caller("GM0758", frozenset(), persoon="Otto Franken")
    filled = with_myself(shape_of(TriagebesluitInvoer), {}, nobody, sample_register())
    assert filled["genomenDoor"] == {"naam": "Otto Franken", "organisatie": "Breda"}


def test_where_somebody_else_is_asked_for_nobody_is_filled_in() -> None:
    asked = shape_of(DienstInvoer)
    assert "verantwoordelijke" in with_myself(asked, {}, TRIAGIST, sample_register())
    assert with_myself(asked, {}, TRIAGIST, sample_register(), een_ander=frozenset({"verantwoordelijke"})) == {}


def test_the_gemeenten_of_the_own_region_come_first_by_name() -> None:
    register = sample_register()
    options = choices_for(field(shape_of(OntvangerInvoer), "gemeente"), TRIAGIST, register, on=TODAY)
    own = sorted(one.naam for one in register.gemeenten(TODAY, regio="west-brabant"))
    assert [option.label for option in options][: len(own)] == own
    assert len(options) == len(register.gemeenten(TODAY))


@pytest.mark.parametrize("wie", [None, Caller("GM0758", frozenset()), Caller("onbekend", frozenset())])
def test_whoever_looks_can_choose(wie: Caller | None) -> None:
    options = choices_for(field(shape_of(OntvangerInvoer), "gemeente"), wie, sample_register(), on=TODAY)
    assert "GM0758" in {option.value for option in options}


def test_a_team_is_shown_with_its_gemeente() -> None:
    options = choices_for(field(shape_of(OntvangerInvoer), "team"), TRIAGIST, sample_register(), on=TODAY)
    assert ("breda-noord", "Breda: Lokaal team Breda Noord") in options


def test_only_who_can_receive_can_be_handed_to() -> None:
    register = sample_register()
    receivers = choices_for(field(shape_of(OntvangerInvoer), "partij"), TRIAGIST, register, on=TODAY)
    assert VT not in {option.value for option in receivers}
    takers = {
        option.value for option in choices_for(field(shape_of(OvernameInvoer), "door"), TRIAGIST, register, on=TODAY)
    }
    assert "GM0758" in takers
    assert takers.isdisjoint({VT, HUB}), (
        "left empty it is the own organisation; whoever runs the hub takes over no case"
    )


def test_what_is_no_matter_of_the_register_is_typed() -> None:
    afwegingen = field(shape_of(TriagebesluitInvoer), "afwegingen")
    assert choices_for(afwegingen, TRIAGIST, sample_register(), on=TODAY) == ()
