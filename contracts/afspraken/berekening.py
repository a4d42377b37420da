"""When a term ends. Pure: a start, a duration and a calendar in, a moment out.

The day on which a term starts does not count. A term in days of any kind, weeks or months ends at the end of its last
day: local midnight (Europe/Amsterdam) after it. Hours are elapsed time, to the second, over clock changes too.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

from contracts.afspraken.duur import Duur, Eenheid
from contracts.afspraken.kalender import BuitenKalender

if TYPE_CHECKING:
    from contracts.afspraken.kalender import Kalender

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

_ONE_DAY = timedelta(days=1)
_WEEK = 7
_WEEKDAYS = 5
_MONTHS = 12


def local_date(moment: datetime) -> date:
    """Give the day it is in Europe/Amsterdam at this moment: the day that people, letters and zaken mean."""
    return moment.astimezone(AMSTERDAM).date()


class MomentZonderZone(ValueError):
    """A start without a time zone is not a moment."""


def end_of(start: datetime, duur: Duur, kalender: Kalender, *, verlengen: bool) -> datetime:
    """Give the moment (Europe/Amsterdam) at which a term of `duur` that began at `start` has passed.

    `verlengen` applies the extension of the Algemene termijnenwet, art. 1: a last day that is a Saturday, Sunday or
    feestdag moves to the next day that is none of these. Hours are never extended (art. 4). Raises `MomentZonderZone`
    for a naive start, and `BuitenKalender` beyond the year 9998.
    """
    if start.tzinfo is None:
        raise MomentZonderZone("het begin van een termijn heeft een tijdzone nodig")
    try:
        if duur.eenheid is Eenheid.UREN:
            return (start.astimezone(UTC) + timedelta(hours=duur.aantal)).astimezone(AMSTERDAM)
        last_day = last_day_of(local_date(start), duur, kalender)
        if verlengen:
            last_day = kalender.werkdag_from(last_day)
        after = last_day + _ONE_DAY
    except OverflowError:
        raise BuitenKalender(f"een termijn van {duur} eindigt voorbij het einde van de kalender") from None
    return datetime(after.year, after.month, after.day, tzinfo=AMSTERDAM)


def last_day_of(first: date, duur: Duur, kalender: Kalender) -> date:
    """Give the last day of a term that started on day `first`, before any extension. Not for hours."""
    match duur.eenheid:
        case Eenheid.DAGEN:
            return first + timedelta(days=duur.aantal)
        case Eenheid.WEKEN:
            return first + timedelta(days=_WEEK * duur.aantal)
        case Eenheid.WERKDAGEN:
            return kalender.werkdag_after(first, duur.aantal)
        case Eenheid.WEEKDAGEN:
            return _weekdag_after(first, duur.aantal)
        case Eenheid.MAANDEN:
            return _month_after(first, duur.aantal)
        case Eenheid.UREN:
            raise ValueError("uren hebben geen laatste dag")
    assert_never(duur.eenheid)


def _weekdag_after(first: date, aantal: int) -> date:
    """Count Monday to Friday, whatever the holiday."""
    position = min(first.weekday(), _WEEKDAYS - 1)
    monday = first.toordinal() - first.weekday()
    weeks, offset = divmod(position + aantal, _WEEKDAYS)
    return date.fromordinal(_checked(monday + weeks * _WEEK + offset))


def _month_after(first: date, aantal: int) -> date:
    """Keep the day of the month, or take the last one where the month is shorter."""
    years, month = divmod(first.month - 1 + aantal, _MONTHS)
    year = first.year + years
    if year > MAXYEAR:
        raise OverflowError
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def _checked(ordinal: int) -> int:
    if ordinal >= date.max.toordinal():
        raise OverflowError
    return ordinal
