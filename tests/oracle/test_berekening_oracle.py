"""Every day of 2015-2045 and every duration in the agreements, against a slow count that shares no code with ours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest

from contracts.afspraken import Duur, Eenheid, Kalender, end_of, load_rule_book
from contracts.afspraken.model import MonitoringRegel, Regel, TermijnRegel, Trede, Venster, ZichtRegel

FIRST, LAST = date(2015, 1, 1), date(2045, 12, 31)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")

PASCHAL_FULL_MOON = (
    (4, 14), (4, 3), (3, 23), (4, 11), (3, 31), (4, 18), (4, 8), (3, 28), (4, 16), (4, 5),
    (3, 25), (4, 13), (4, 2), (3, 22), (4, 10), (3, 30), (4, 17), (4, 7), (3, 27),
)  # fmt: skip
"""By golden number, 1900-2199: the table printed in almanacs, not a formula."""

BY_ROYAL_DECREE = {
    date(2017, 4, 28), date(2017, 5, 26), date(2018, 5, 11), date(2018, 12, 24), date(2018, 12, 31),
    date(2019, 5, 31), date(2019, 12, 27),
    date(2023, 4, 28), date(2023, 5, 19), date(2024, 5, 10), date(2024, 12, 27), date(2025, 5, 30),
    date(2026, 1, 2), date(2026, 5, 15), date(2027, 5, 7), date(2028, 4, 28), date(2028, 5, 26),
}  # fmt: skip


def walk_to_easter(year: int) -> date:
    """The first Sunday after the paschal full moon."""
    day = date(year, *PASCHAL_FULL_MOON[year % 19]) + timedelta(days=1)
    while day.isoweekday() != 7:
        day += timedelta(days=1)
    return day


def list_feestdagen(year: int) -> set[date]:
    easter = walk_to_easter(year)
    kings_day = date(year, 4, 27)
    if kings_day.isoweekday() == 7:
        kings_day = date(year, 4, 26)
    fixed = {date(year, 1, 1), kings_day, date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)}
    return fixed | {easter + timedelta(days=offset) for offset in (-2, 1, 39, 50)}


FREE = {day.toordinal() for year in range(2015, 2048) for day in list_feestdagen(year)} | {
    day.toordinal() for day in BY_ROYAL_DECREE
}


def is_free(ordinal: int) -> bool:
    return ordinal % 7 in {6, 0} or ordinal in FREE


def count_last_day(first: date, duur: Duur, *, verlengen: bool) -> date:
    """Walk one day at a time; the first day does not count."""
    ordinal = first.toordinal()
    if duur.eenheid is Eenheid.MAANDEN:
        ordinal = walk_months(first, duur.aantal).toordinal()
    else:
        left = duur.aantal * (7 if duur.eenheid is Eenheid.WEKEN else 1)
        while left:
            ordinal += 1
            if duur.eenheid is Eenheid.WERKDAGEN and is_free(ordinal):
                continue
            if duur.eenheid is Eenheid.WEEKDAGEN and ordinal % 7 in {6, 0}:
                continue
            left -= 1
    while verlengen and is_free(ordinal):
        ordinal += 1
    return date.fromordinal(ordinal)


def walk_months(first: date, months: int) -> date:
    year, month = first.year, first.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for day in (first.day, 30, 29, 28):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise AssertionError(first)


def durations_of(regel: Regel) -> set[tuple[Duur, bool]]:
    match regel:
        case TermijnRegel() | Venster():
            return {(regel.duur, regel.verlengen)}
        case ZichtRegel(na=Duur() as na):
            return {(na, regel.verlengen)}
        case MonitoringRegel():
            found: list[Duur] = [moment.na for moment in regel.momenten]
            return {(duur, False) for duur in (*found, *regel.vervroegd_stoppen_na, regel.gemiddelde_looptijd)}
        case _:
            treden: tuple[Trede, ...] = getattr(regel, "treden", ())
            return {(trede.wachttijd, False) for trede in treden}


RULES = sorted(
    {
        found
        for document in load_rule_book().documenten
        for _, regel in document.regels
        for found in durations_of(regel)
        if found[0].eenheid is not Eenheid.UREN
    }
    | {(Duur(7, Eenheid.WEEKDAGEN), True), (Duur(7, Eenheid.DAGEN), True), (Duur(1, Eenheid.MAANDEN), True)},
    key=str,
)


@pytest.fixture(scope="module")
def kalender() -> Kalender:
    return load_rule_book().kalender


@pytest.mark.parametrize(("duur", "verlengen"), RULES, ids=[f"{duur}{'+' * ext}" for duur, ext in RULES])
def test_every_day_of_thirty_years_ends_where_the_slow_count_ends(
    kalender: Kalender,
    duur: Duur,
    *,
    verlengen: bool,
) -> None:
    """D16 and the clock table: each rule in the agreements, started at noon on each day."""
    assert RULES
    for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
        first = date.fromordinal(ordinal)
        start = datetime(first.year, first.month, first.day, 12, tzinfo=AMSTERDAM)
        after = count_last_day(first, duur, verlengen=verlengen) + timedelta(days=1)
        expected = datetime(after.year, after.month, after.day, tzinfo=AMSTERDAM)
        assert end_of(start, duur, kalender, verlengen=verlengen) == expected, first


def test_hours_are_elapsed_hours_on_every_day_of_thirty_years(kalender: Kalender) -> None:
    """The 24 hours of the meldpunt, both clock changes of every year included."""
    duur = Duur(24, Eenheid.UREN)
    for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
        day = date.fromordinal(ordinal)
        start = datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)
        assert end_of(start, duur, kalender, verlengen=True).astimezone(UTC) - start == timedelta(hours=24), day


def test_every_werkdag_of_thirty_years_is_one_for_the_slow_count_too(kalender: Kalender) -> None:
    for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
        day = date.fromordinal(ordinal)
        assert kalender.is_werkdag(day) is not is_free(ordinal), day


def test_feestdagen_agree_with_the_holidays_package() -> None:
    """Where they should agree: that package lists Easter and Whit Sunday too, and no royal decrees."""
    feestdagen = load_rule_book().kalender
    theirs = holidays.country_holidays("NL", years=range(2015, 2046), categories=("public", "optional"))
    for year in range(2015, 2046):
        easter = walk_to_easter(year)
        ours = {day for day in feestdagen.feestdagen(year) if day not in BY_ROYAL_DECREE}
        expected = {day for day in theirs if day.year == year} - {easter, easter + timedelta(days=49)}
        assert ours == expected, year
