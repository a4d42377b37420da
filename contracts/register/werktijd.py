"""When people are at work and read what is not urgent, in Europe/Amsterdam; clock changes and public holidays included."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.afspraken import AMSTERDAM, Kalender, local_date
from contracts.register.velden import Strikt


class Dagsoort(StrEnum):
    """A day of the week, or a public holiday on whichever day it falls."""

    MAANDAG = "maandag"
    DINSDAG = "dinsdag"
    WOENSDAG = "woensdag"
    DONDERDAG = "donderdag"
    VRIJDAG = "vrijdag"
    ZATERDAG = "zaterdag"
    ZONDAG = "zondag"
    FEESTDAG = "feestdag"

    @classmethod
    def of_weekday(cls, day: date) -> "Dagsoort":
        """Which day of the week it is."""
        return tuple(cls)[day.weekday()]


Tijd = Annotated[time, Field(strict=True)]
"""A time of the day as TOML writes it: `22:00:00`, in Europe/Amsterdam."""
WERKWEEK = tuple(Dagsoort)[:5]


class Werktijd(Strikt):
    """From `van` up to `tot` on these days of the week; on public holidays only where `feestdag` is among them."""

    van: Tijd = time(8)
    tot: Tijd = time(18)
    dagen: Annotated[tuple[Dagsoort, ...], Field(min_length=1)] = WERKWEEK

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.tot <= self.van:
            raise ValueError("tot ligt niet na van: een werktijd loopt niet door tot de volgende dag")
        return self

    def on(self, day: date, kalender: Kalender) -> tuple[datetime, datetime] | None:
        """From when until when it is work time on a day, in UTC; None where it is a day off."""
        kind = Dagsoort.FEESTDAG if is_feestdag(day, kalender) else Dagsoort.of_weekday(day)
        return period(day, self.van, self.tot) if kind in self.dagen else None

    def next_from(self, moment: datetime, kalender: Kalender) -> datetime:
        """The moment itself where it lies within work time, else when that begins next."""
        for day in days_from(local_date(moment)):
            hours = self.on(day, kalender)
            if hours is not None and moment < hours[1]:
                return max(moment, hours[0])
        raise AssertionError("every week has a day of it")

    def includes(self, moment: datetime, kalender: Kalender) -> bool:
        """Whether it is work time at this moment."""
        hours = self.on(local_date(moment), kalender)
        return hours is not None and hours[0] <= moment < hours[1]


STANDAARD = Werktijd()
"""Where nobody said otherwise."""


def is_feestdag(day: date, kalender: Kalender) -> bool:
    """Whether the day is a public holiday, or equated with one."""
    return day in kalender.feestdagen(day.year)


def period(day: date, van: time, tot: time) -> tuple[datetime, datetime]:
    """The same in UTC; `tot` is on the next day where it does not lie after `van`.

    Of a night of 23 or 25 hours the clock on the wall counts. A time that a clock change leaves out is an hour later, one
    that comes twice is the first.
    """
    last = day if tot > van else day + timedelta(days=1)
    begin = _utc(day, van)
    return begin, max(begin, _utc(last, tot))


def days_from(first: date) -> Iterator[date]:
    """This day and every day after it."""
    day = first
    while True:
        yield day
        day += timedelta(days=1)


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, AMSTERDAM).astimezone(UTC)
