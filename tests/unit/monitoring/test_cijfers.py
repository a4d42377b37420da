"""Figures over many cases: kept in time or late, and nothing that tells of few people (D14)."""

from datetime import date

from contracts.afspraken import Anker, Termijnstatus
from services.monitoring.domain.cijfers import (
    FEWEST,
    Kerncijfer,
    Overdrachttelling,
    Plaats,
    Termijntelling,
    Tijdigheid,
    add_up,
)

MAART = Plaats("GM0758", "jeugd", date(2026, 3, 1))
HIDDEN = Tijdigheid(None, None)


def ends_of(regio: str, regel_id: str, maand: date) -> frozenset[Anker]:
    assert (regio, maand) == ("west-brabant", MAART.maand)
    return {
        "bevestigen": frozenset({Anker.ONTVANGST_BEVESTIGD}),
        "oppakken": frozenset({Anker.OVERDRACHT_OPGEPAKT, Anker.OVERDRACHT_TERUGGEKOPPELD}),
    }.get(regel_id, frozenset())


def terms(regel_id: str, **numbers: int) -> list[Termijntelling]:
    return [
        Termijntelling(MAART, "west-brabant", regel_id, Termijnstatus(status.replace("_", "-")), aantal=number)
        for status, number in numbers.items()
    ]


def told(gemaakt: int, *termijnen: Termijntelling, opgepakt: int = 0, open_: int = 0) -> Kerncijfer:
    made = Overdrachttelling(MAART, gemaakt, opgepakt, open_, 2.5 if opgepakt else None)
    (cijfer,) = add_up([made], termijnen, {}, ends_of)
    return cijfer


def test_what_was_done_late_and_what_is_late_still_count_as_late() -> None:
    confirmed = terms("bevestigen", gehaald=10, te_laat_gehaald=6, verstreken=4, lopend=20, vervallen=5)
    cijfer = told(60, *confirmed, *terms("oppakken", gehaald=7, verstreken=8), *terms("iets-anders", gehaald=50))
    assert (cijfer.bevestigd, cijfer.opgepakt) == (Tijdigheid(10, 10), Tijdigheid(7, 8))


def test_a_small_number_is_hidden_and_so_is_what_it_could_be_worked_out_from() -> None:
    few = FEWEST - 1
    for cijfer in (
        told(30, *terms("bevestigen", gehaald=20, verstreken=few)),
        told(20 + few, *terms("bevestigen", gehaald=20)),
    ):
        assert (cijfer.overgedragen is None, cijfer.bevestigd) == (False, HIDDEN)
    assert told(few, opgepakt=few) == Kerncijfer(MAART, None, HIDDEN, HIDDEN, None, None)
    assert told(30, opgepakt=few, open_=FEWEST).mediaan is None
    assert told(30, opgepakt=FEWEST, open_=few).open is None
    whole = told(30, opgepakt=FEWEST, open_=FEWEST)
    assert (whole.mediaan, whole.open) == (2.5, FEWEST)


def test_none_is_told() -> None:
    """That there was nothing late says nothing about anybody."""
    cijfer = told(30, *terms("bevestigen", gehaald=30))
    assert (cijfer.bevestigd, cijfer.open) == (Tijdigheid(30, 0), 0)


def test_signals_are_told_beside_the_figures_and_the_newest_month_comes_first() -> None:
    april = Plaats("GM0758", None, date(2026, 4, 1))
    found = add_up([Overdrachttelling(MAART, 9, 9, 0, 1.0)], [], {april: 1}, ends_of)
    assert [(cijfer.plaats, cijfer.signalen) for cijfer in found] == [(april, 1), (MAART, 0)]
