"""When a term ends: the rules of the calculation, one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import (
    AMSTERDAM,
    BuitenKalender,
    Duur,
    Eenheid,
    Kalender,
    MomentZonderZone,
    OngeldigeDuur,
    end_of,
    load_rule_book,
)
from contracts.afspraken.berekening import last_day_of

KALENDER = load_rule_book().kalender

moments = st.datetimes(
    datetime.fromisoformat("2015-01-01"),
    datetime.fromisoformat("2045-12-31"),
    timezones=st.just(AMSTERDAM),
    allow_imaginary=False,
)
day_units = st.sampled_from([eenheid for eenheid in Eenheid if eenheid is not Eenheid.UREN])
durations = st.builds(Duur, st.integers(1, 60), st.sampled_from(list(Eenheid)))
day_durations = st.builds(Duur, st.integers(1, 60), day_units)


def end(start: str, duur: str, *, verlengen: bool = False) -> str:
    return end_of(datetime.fromisoformat(start), Duur.parse(duur), KALENDER, verlengen=verlengen).isoformat()


@pytest.mark.parametrize(
    ("start", "duur", "expected"),
    [
        ("2026-04-30T10:00+02:00", "5 werkdagen", "2026-05-09T00:00:00+02:00"),
        ("2026-03-02T09:00+01:00", "2 werkdagen", "2026-03-05T00:00:00+01:00"),
        ("2026-03-02T09:00+01:00", "7 dagen", "2026-03-10T00:00:00+01:00"),
        ("2026-03-02T09:00+01:00", "7 weekdagen", "2026-03-12T00:00:00+01:00"),
        ("2026-03-02T09:00+01:00", "10 weken", "2026-05-12T00:00:00+02:00"),
        ("2026-01-31T09:00+01:00", "1 maand", "2026-03-01T00:00:00+01:00"),
        ("2028-01-31T09:00+01:00", "1 maand", "2028-03-01T00:00:00+01:00"),
        ("2026-10-24T12:00+02:00", "24 uur", "2026-10-25T11:00:00+01:00"),
        ("2026-03-28T12:00+01:00", "24 uur", "2026-03-29T13:00:00+02:00"),
        ("2026-04-02T23:59+02:00", "1 werkdag", "2026-04-08T00:00:00+02:00"),
        ("2026-04-02T22:30+00:00", "1 werkdag", "2026-04-08T00:00:00+02:00"),
        ("2026-04-03T22:30+00:00", "1 dag", "2026-04-06T00:00:00+02:00"),
    ],
)
def test_examples_end_when_people_expect(start: str, duur: str, expected: str) -> None:
    """Worked by hand: the example of the brief, both clock changes, clipped months, a start that is tomorrow here."""
    assert end(start, duur) == expected


def test_extension_moves_a_last_day_on_a_feestdag_to_the_next_werkdag() -> None:
    """ATW art. 1: Friday 20 March plus 2 weeks is Goede Vrijdag; the next werkdag is Tuesday after Easter."""
    assert end("2026-03-20T10:00+01:00", "2 weken") == "2026-04-04T00:00:00+02:00"
    assert end("2026-03-20T10:00+01:00", "2 weken", verlengen=True) == "2026-04-08T00:00:00+02:00"


def test_extension_leaves_hours_alone() -> None:
    """ATW art. 4: not for terms in hours."""
    assert end("2026-04-03T10:00+02:00", "24 uur", verlengen=True) == "2026-04-04T10:00:00+02:00"


def test_five_may_and_goede_vrijdag_are_no_werkdagen_in_any_year() -> None:
    for year in range(2015, 2046):
        assert not KALENDER.is_werkdag(date(year, 5, 5))
        assert "Goede Vrijdag" in KALENDER.feestdagen(year).values()


def test_koningsdag_is_a_day_earlier_when_it_would_be_a_sunday() -> None:
    assert KALENDER.feestdagen(2025)[date(2025, 4, 26)] == "Koningsdag"
    assert date(2025, 4, 27) not in KALENDER.feestdagen(2025)
    assert KALENDER.feestdagen(2026)[date(2026, 4, 27)] == "Koningsdag"
    assert KALENDER.feestdagen(2013)[date(2013, 4, 30)] == "Koninginnedag"


def test_days_by_royal_decree_are_no_werkdagen() -> None:
    assert not KALENDER.is_werkdag(date(2026, 5, 15))
    assert KALENDER.is_werkdag(date(2025, 1, 2))


@given(moments, durations, st.booleans())
def test_a_term_never_ends_before_it_starts(start: datetime, duur: Duur, verlengen: bool) -> None:  # noqa: FBT001
    assert end_of(start, duur, KALENDER, verlengen=verlengen).astimezone(UTC) > start.astimezone(UTC)


@given(moments, day_durations, st.booleans())
def test_a_term_in_days_ends_at_local_midnight(start: datetime, duur: Duur, verlengen: bool) -> None:  # noqa: FBT001
    ends = end_of(start, duur, KALENDER, verlengen=verlengen)
    assert (ends.hour, ends.minute, ends.second, ends.microsecond, ends.tzinfo) == (0, 0, 0, 0, AMSTERDAM)


def in_utc(start: datetime, duur: Duur) -> datetime:
    """The end, to be compared: two moments of one zone are compared by what the clock on the wall says."""
    return end_of(start, duur, KALENDER, verlengen=False).astimezone(UTC)


@given(moments, durations)
def test_a_longer_term_never_ends_earlier(start: datetime, duur: Duur) -> None:
    longer = Duur(duur.aantal + 1, duur.eenheid)
    assert in_utc(start, longer) > in_utc(start, duur)


@given(moments, durations)
def test_a_later_start_never_ends_earlier(start: datetime, duur: Duur) -> None:
    later = (start.astimezone(UTC) + timedelta(hours=7)).astimezone(AMSTERDAM)
    assert in_utc(later, duur) >= in_utc(start, duur)


@given(moments, durations, st.integers(-12, 14))
def test_the_zone_in_which_the_start_is_written_makes_no_difference(start: datetime, duur: Duur, hours: int) -> None:
    elsewhere = start.astimezone(timezone(timedelta(hours=hours)))
    assert end_of(elsewhere, duur, KALENDER, verlengen=False) == end_of(start, duur, KALENDER, verlengen=False)


@given(moments, day_durations)
def test_an_extended_term_has_a_werkdag_as_its_last_day(start: datetime, duur: Duur) -> None:
    last_day = (end_of(start, duur, KALENDER, verlengen=True) - timedelta(minutes=1)).date()
    assert KALENDER.is_werkdag(last_day)
    assert last_day >= last_day_of(start.date(), duur, KALENDER)


@given(st.integers(1, 999), st.sampled_from(list(Eenheid)))
def test_a_duration_reads_back_as_it_was_written(aantal: int, eenheid: Eenheid) -> None:
    assert Duur.parse(str(Duur(aantal, eenheid))) == Duur(aantal, eenheid)


@pytest.mark.parametrize("text", ["", "5", "werkdagen", "vijf werkdagen", "0 dagen", "-1 dagen", "5 jaren", "1.5 uur"])
def test_what_is_no_duration_is_refused_in_dutch(text: str) -> None:
    with pytest.raises(OngeldigeDuur, match="duur"):
        Duur.parse(text)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(MomentZonderZone):
        end_of(datetime(2026, 3, 2, 9), Duur.parse("1 dag"), KALENDER, verlengen=False)  # noqa: DTZ001


@pytest.mark.parametrize("duur", [f"999999 {eenheid}" for eenheid in ("dagen", "weekdagen", "weken", "maanden")])
def test_a_term_beyond_the_calendar_is_refused(duur: str) -> None:
    start = datetime(9990, 12, 31, 12, tzinfo=UTC)
    with pytest.raises(BuitenKalender):
        end_of(start, Duur.parse(duur), KALENDER, verlengen=False)


def test_werkdagen_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(BuitenKalender):
        KALENDER.werkdag_after(date(9998, 12, 31), 1)


def test_hours_have_no_last_day() -> None:
    with pytest.raises(ValueError, match="uren"):
        last_day_of(date(2026, 1, 1), Duur.parse("3 uur"), Kalender(()))
