"""Moments and roles on the pages, as people write them."""

from datetime import UTC, datetime

import pytest

from services.monitoring.api.pages import show_drager, show_end, show_moment


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        (datetime(2026, 3, 9, 23, 0, tzinfo=UTC), "ma 09-03 einde dag"),
        (datetime(2026, 4, 30, 22, 0, tzinfo=UTC), "do 30-04 einde dag"),
        (datetime(2026, 3, 9, 9, 30, tzinfo=UTC), "ma 09-03 10:30"),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "za 28-03 einde dag"),
        (None, "–"),
    ],
    ids=["winter", "summer", "in hours", "the night before the clock changes", "no end"],
)
def test_a_term_in_days_ends_when_its_last_day_ends(end: datetime | None, shown: str) -> None:
    assert show_end(end) == shown


def test_a_moment_is_shown_in_amsterdam() -> None:
    assert show_moment(datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) == "ma 02-03 09:00"


def test_a_moment_in_another_year_tells_which() -> None:
    """The second monitormoment is a year away: without its year it reads as long past."""
    now = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    assert show_end(datetime(2027, 3, 2, 23, 0, tzinfo=UTC), now=now) == "di 02-03-2027 einde dag"
    assert show_moment(datetime(2026, 12, 31, 23, 0, tzinfo=UTC), now=now) == "vr 01-01-2027 00:00"
    assert show_end(datetime(2026, 12, 31, 23, 0, tzinfo=UTC), now=now) == "do 31-12 einde dag"


@pytest.mark.parametrize(("drager", "shown"), [("veilig-thuis", "Veilig Thuis"), ("lokaal-team", "lokaal team")])
def test_who_has_to_act_is_written_as_in_the_agreements(drager: str, shown: str) -> None:
    assert show_drager(drager) == shown
