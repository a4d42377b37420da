"""Time in which a party was told that it had nothing to do is no time of its terms."""

import pytest

from contracts.afspraken import Afspraken, Anker
from contracts.afspraken.toepassing import Termijnstatus
from services.cli.afspraken.casus import Gebeurtenis, parse_casus
from services.cli.afspraken.explain import explain_casus
from tests.unit.afspraken.test_toepassing import BOOK, DIRECT, MB, ROAD, WB, at, case, terms


def word(since: str, until: str) -> tuple[Gebeurtenis, ...]:
    """Others say that another party took the case over, and that party contradicts it."""
    said = Gebeurtenis(wat=Anker.OVERDRACHT_OPGEPAKT, op=at(since), over="aanbod", volgens="veilig-thuis")
    return said, Gebeurtenis(wat=Anker.OVERDRACHT_GEWEIGERD, op=at(until), over="aanbod")


@pytest.mark.parametrize(
    ("afspraken", "regel", "was", "wordt"),
    [
        (WB, "ontvangstbevestiging", "2026-03-06T00:00", "2026-03-18T00:00"),
        (MB, "ontvangstbevestiging", "2026-03-11T00:00", "2026-03-23T00:00"),
        (MB, "oppakken", "2026-03-11T00:00", "2026-03-23T00:00"),
    ],
)
def test_a_term_counts_anew_from_the_contradiction(afspraken: Afspraken, regel: str, was: str, wordt: str) -> None:
    """G11: nobody is called late over time in which it was not let to act."""
    (before,) = terms(afspraken, ROAD, DIRECT, regel)
    assert before.eindigt_op == at(was)
    word_then = (*ROAD, *word("2026-03-04T09:00", "2026-03-15T10:00"))
    (anew,) = terms(afspraken, word_then, DIRECT, regel)
    assert (anew.id, anew.begint_op, anew.eindigt_op) == (before.id, before.begint_op, at(wordt))
    assert anew.geteld_vanaf == at("2026-03-15T10:00")
    (met,) = terms(afspraken, (*word_then, *case(("overdracht-opgepakt", "2026-03-17T23:59"))), DIRECT, regel)
    assert met.status is Termijnstatus.GEHAALD


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(word("2026-03-06T00:00", "2026-03-15T10:00"), id="it had passed before the word"),
        pytest.param(
            (
                *case(("ontvangst-bevestigd", "2026-03-03T15:00")),
                *word("2026-03-04T09:00", "2026-03-15T10:00"),
            ),
            id="it was met before the word",
        ),
        pytest.param(word("2026-03-03T09:00", "2026-03-03T09:30"), id="the overdracht came after the word"),
    ],
)
def test_what_the_word_ended_nothing_of_keeps_its_time(more: tuple[Gebeurtenis, ...]) -> None:
    (kept,) = terms(WB, (*ROAD, *more), DIRECT, "ontvangstbevestiging")
    assert kept.eindigt_op == at("2026-03-06T00:00")


def test_each_word_that_proves_untrue_gives_its_time_back() -> None:
    again = word("2026-03-16T09:00", "2026-03-23T10:00")
    second = tuple(item.model_copy(update={"over": "ander-aanbod"}) for item in again)
    (anew,) = terms(WB, (*ROAD, *word("2026-03-04T09:00", "2026-03-15T10:00"), *second), DIRECT, "ontvangstbevestiging")
    assert anew.eindigt_op == at("2026-03-26T00:00")


def test_explain_says_why_a_term_counts_anew() -> None:
    casus = parse_casus(
        """\
regio = "west-brabant"
gemeente = "GM0758"
melding = 2026-03-02T09:00:00
[omstandigheden]
besluit = "directe-overdracht"
soort_overdracht = "direct"
ontvanger = "lokaal-team"
[[gebeurtenis]]
wat = "overdracht-afgeleverd"
op = 2026-03-03T10:01:00
[[gebeurtenis]]
wat = "overdracht-opgepakt"
op = 2026-03-04T09:00:00
over = "aanbod"
volgens = "veilig-thuis"
[[gebeurtenis]]
wat = "overdracht-geweigerd"
op = 2026-03-15T10:00:00
over = "aanbod"
""",
        bestand="casus.toml",
    )
    said = explain_casus(BOOK, casus)
    assert "Deze tijd telt opnieuw vanaf de betwisting" in said
