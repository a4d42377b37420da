"""An offer is not an overdracht that was made, and what others say of a party is no act of its own."""

import pytest

from contracts.afspraken import Afspraken, Anker
from contracts.afspraken.feiten import SoortOverdracht
from contracts.afspraken.model import Omstandigheden
from contracts.afspraken.toepassing import Termijnstatus
from services.cli.afspraken.casus import Gebeurtenis
from tests.unit.afspraken.test_toepassing import (
    AANGEBODEN,
    BOOK,
    DIRECT,
    KETENPARTNER,
    MB,
    ROAD,
    WB,
    WB_2017,
    at,
    bearers,
    case,
    terms,
)

OFFER_TO_TEAM = {
    "soort_overdracht": "direct",
    "ontvanger": "lokaal-team",
    "overdrachtswijze": "aangeboden",
    "aanbieder": "meldpunt",
}


@pytest.mark.parametrize("afspraken", [WB, WB_2017, MB], ids=lambda a: a.versie)
def test_an_offer_that_is_delivered_moves_nothing_and_owes_nothing_but_an_answer(afspraken: Afspraken) -> None:
    """BK 4.4.1: until the receiver acts, all stays as it is."""
    made = Gebeurtenis(wat=Anker.OVERDRACHT_AANGEMAAKT, op=ROAD[-1].op)
    road = (*ROAD[:-1], made, ROAD[-1])
    assert [naar for _, naar in bearers(afspraken, road, OFFER_TO_TEAM)] == ["veilig-thuis"]
    owed = [item for item in terms(afspraken, road, OFFER_TO_TEAM) if item.vanaf.soort == "overdracht"]
    assert [item.regel.id for item in owed] == ["aanbod-beantwoorden-lokaal-team"]


def test_an_offer_meets_no_term_of_who_has_to_hand_over() -> None:
    """FS: that others are asked is not that Veilig Thuis handed over."""
    besluit = {"besluit": "directe-overdracht"}
    delivered = (*OFFERED, ROAD[-1])
    (owed,) = terms(MB, delivered, AANGEBODEN | besluit, "overdracht-na-melding")
    assert owed.status is Termijnstatus.VERSTREKEN
    (kept,) = terms(MB, delivered, KETENPARTNER | besluit, "overdracht-na-melding")
    assert kept.status is Termijnstatus.GEHAALD


def said(op: str, volgens: str = "veilig-thuis") -> Gebeurtenis:
    return Gebeurtenis(wat=Anker.OVERDRACHT_OPGEPAKT, op=at(op), volgens=volgens)


OFFERED = (*ROAD[:2], *case(("overdracht-aangemaakt", "2026-03-03T12:00")))


def test_what_others_say_moves_zicht_and_leaves_the_party_its_answer() -> None:
    """AEF C: it is no act of its own until it says so itself."""
    accepted = (*OFFERED, said("2026-03-03T11:00"))
    assert bearers(WB, accepted, AANGEBODEN)[-1] == ("03-03T11:00", "ketenpartner")
    (answer,) = terms(WB, accepted, AANGEBODEN, "aanbod-beantwoorden")
    assert answer.status is Termijnstatus.VERSTREKEN
    own = (*accepted, *case(("overdracht-opgepakt", "2026-03-03T16:00")))
    assert bearers(WB, own, AANGEBODEN) == bearers(WB, accepted, AANGEBODEN)
    (answer,) = terms(WB, own, AANGEBODEN, "aanbod-beantwoorden")
    assert answer.status is Termijnstatus.GEHAALD


def test_what_others_said_never_was_once_the_party_contradicts_it() -> None:
    contradicted = (*OFFERED, said("2026-03-03T11:00"), *case(("overdracht-geweigerd", "2026-03-04T11:00")))
    assert bearers(WB, contradicted, AANGEBODEN) == [("03-02T09:00", "veilig-thuis")]
    assert terms(WB, contradicted, AANGEBODEN, "opnieuw-wegen") == []


@pytest.mark.parametrize("wat", ["overdracht-geweigerd", "overdracht-ingetrokken"])
def test_what_was_handed_over_and_came_back_is_weighed_again_and_an_offer_is_not(wat: str) -> None:
    back = (*ROAD, *case((wat, "2026-03-04T11:00")))
    assert len(terms(WB, back, DIRECT, "opnieuw-wegen")) == 1
    assert terms(WB, back, AANGEBODEN | {"aanbieder": "veilig-thuis"}, "opnieuw-wegen") == []


def test_in_a_closed_case_no_term_runs() -> None:
    """Whatever is heard of afterwards."""
    closed = (*ROAD, *case(("casus-gesloten", "2026-03-04T11:00"), ("overdracht-geweigerd", "2026-03-05T11:00")))
    assert {item.status for item in terms(WB, closed, DIRECT)} <= {Termijnstatus.VERVALLEN, Termijnstatus.GEHAALD}


ALSO_OF_AN_OFFER = {
    Anker.OVERDRACHT_AANGEMAAKT,
    Anker.OVERDRACHT_AFGELEVERD,
    Anker.OVERDRACHT_GEWEIGERD,
    Anker.OVERDRACHT_INGETROKKEN,
}
"""What happens to an offer as it does to what was handed over, and means something else there."""
NEEDS_NOT_SAY = {
    "geen-monitoring-na-directe-overdracht": "it is about that overdracht alone, and of an offer nobody monitors anything",
    "terugkoppeling-venster": "what is not accepted is refused, and not given back",
    "initiatief-lokaal-team": "an initiatief knows no circumstances",
}


def test_every_rule_about_an_overdracht_says_whether_it_is_about_an_offer() -> None:
    """A rule that does not say so would bind who was only asked, or have Veilig Thuis weigh what it never let go."""
    unsaid = [
        regel.id
        for document in BOOK.documenten
        for _, regel in document.regels
        if ALSO_OF_AN_OFFER.intersection(_begins(regel)) and not _is_said(regel) and regel.id not in NEEDS_NOT_SAY
    ]
    assert unsaid == []


def _begins(regel: object) -> set[Anker]:
    named = (getattr(regel, "vanaf", None), getattr(regel, "bij", None))
    return {anker for anker in Anker for item in named if anker is item or (isinstance(item, tuple) and anker in item)}


def _is_said(regel: object) -> bool:
    """An offer is made directly, and what is contradicted was offered."""
    alleen_bij = getattr(regel, "alleen_bij", None)
    if not isinstance(alleen_bij, Omstandigheden):
        return False
    after_dienst = alleen_bij.soort_overdracht is SoortOverdracht.NA_DIENST
    return after_dienst or alleen_bij.overdrachtswijze is not None or alleen_bij.aanvaarding is not None
