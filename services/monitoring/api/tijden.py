"""Moments in the words of a page: when something is due, and how far off or how late that is."""

from datetime import date, datetime, time, timedelta

from contracts.afspraken import AMSTERDAM, local_date
from contracts.afspraken.zinnen import write_date, write_weekday

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def in_words(value: datetime, *, now: datetime) -> str:
    """`wo 4 maart 17:00`, with the year where that is another than now."""
    local = value.astimezone(AMSTERDAM)
    return f"{_day(local.date(), now)} {local:%H:%M}"


def end_in_words(value: datetime, *, now: datetime) -> str:
    """The end of a term: midnight belongs to the day that it ends."""
    local = value.astimezone(AMSTERDAM)
    if local.time() != time.min:
        return in_words(value, now=now)
    return f"{_day(local.date() - timedelta(days=1), now)} einde dag"


def how_far(value: datetime, *, now: datetime) -> str:
    """Between now and a moment, before or after: `20 minuten`, `5 uur`, `3 dagen`."""
    apart = abs(value - now)
    if apart < _HOUR:
        minutes = max(1, int(apart.total_seconds() // 60))
        return f"{minutes} {'minuut' if minutes == 1 else 'minuten'}"
    if apart < _DAY:
        return f"{int(apart / _HOUR)} uur"
    days = max(1, abs((local_date(value - timedelta.resolution) - local_date(now)).days))  # midnight ends its day
    return f"{days} {'dag' if days == 1 else 'dagen'}"


def _day(day: date, now: datetime) -> str:
    return f"{write_weekday(day)[:2]} {write_date(day, year=day.year != now.astimezone(AMSTERDAM).year)}"
