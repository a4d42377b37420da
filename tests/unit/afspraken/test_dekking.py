"""For which days the royal decrees are known, and that nobody is surprised when they run out."""

from datetime import date

import pytest
from typer.testing import CliRunner

from contracts.afspraken import RuleBook, load_rule_book, packaged_bronnen
from contracts.afspraken.dekking import Periode, find_gaps, is_known_far_enough, list_besluiten
from services.cli.afspraken import app

DAGEN = "national/gelijkgestelde-dagen.toml"


def without_decrees() -> RuleBook:
    """The rule book before anybody had typed over a decree."""
    bronnen = packaged_bronnen()
    text = bronnen[DAGEN]
    return load_rule_book(bronnen | {DAGEN: text[: text.index("[[gelijkgesteld]]")]})


def test_decrees_that_touch_are_one_period() -> None:
    assert list_besluiten(load_rule_book()) == (
        Periode(date(2017, 1, 1), date(2020, 1, 1)),
        Periode(date(2023, 1, 1), date(2029, 1, 1)),
    )


def test_a_gap_is_named_from_the_first_agreement_of_a_region_on() -> None:
    assert find_gaps(load_rule_book()) == (
        Periode(date(2020, 1, 1), date(2023, 1, 1)),
        Periode(date(2029, 1, 1), None),
    )
    assert find_gaps(without_decrees()) == (Periode(date(2017, 1, 1), None),)


@pytest.mark.parametrize(
    ("today", "enough"),
    [
        (date(2022, 12, 31), False),
        (date(2023, 1, 1), True),
        (date(2024, 2, 29), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_two_years_ahead_are_known_or_not(today: date, enough: bool) -> None:  # noqa: FBT001  what is expected
    assert is_known_far_enough(load_rule_book(), today) is enough


def test_no_decree_is_never_enough() -> None:
    assert not is_known_far_enough(without_decrees(), date(2026, 3, 2))


@pytest.mark.parametrize(
    ("start", "end"),
    [("2018-12-20T10:00", "2018-12-29T00:00:00+01:00"), ("2019-12-23T10:00", "2020-01-01T00:00:00+01:00")],
)
def test_days_of_2018_and_2019_by_decree_are_no_werkdagen(start: str, end: str) -> None:
    """24 December 2018 and 27 December 2019 lie between, and Christmas."""
    assert CliRunner().invoke(app, ["bereken", start, "3", "werkdagen"]).stdout.strip() == end
