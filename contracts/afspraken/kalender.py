"""Which days are werkdagen in the sense of the Algemene termijnenwet.

The dates themselves are data (`national/algemene-termijnenwet.toml`); this module only knows how to place them in a
year, Easter included.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

_SATURDAY = 5


class VrijeDag(Protocol):
    """A day that is free every year, under the name `label`."""

    @property
    def label(self) -> str: ...

    def in_year(self, year: int) -> date | None:
        """The day it falls on in `year`, or None where it did not exist then."""
        ...


class BuitenKalender(ValueError):
    """The moment asked for lies beyond the last year that can be counted."""


def find_pasen(year: int) -> date:
    """Give Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher)."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_correction + 15) % 30
    leap_years, year_rest = divmod(in_century, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@dataclass(frozen=True, slots=True)
class _Jaar:
    """One year, ready to count in: its werkdagen as ordinals, and the names of its feestdagen."""

    werkdagen: tuple[int, ...]
    feestdagen: dict[date, str]


class Kalender:
    """The werkdagen of every year, by the Algemene termijnenwet and the royal decrees that equate days with feestdagen.

    A year is worked out once and then kept.
    """

    def __init__(self, feestdagen: Iterable[VrijeDag], gelijkgesteld: Iterable[tuple[date, str]] = ()) -> None:
        self._feestdagen = tuple(feestdagen)
        self._gelijkgesteld = dict(gelijkgesteld)
        self._jaren: dict[int, _Jaar] = {}

    def is_werkdag(self, day: date) -> bool:
        """Tell whether `day` is neither Saturday, Sunday, feestdag nor equated with one."""
        return day.weekday() < _SATURDAY and day not in self._jaar(day.year).feestdagen

    def feestdagen(self, year: int) -> dict[date, str]:
        """Give every feestdag and equated day of a year with its name, weekends included."""
        return dict(self._jaar(year).feestdagen)

    def werkdag_after(self, day: date, aantal: int) -> date:
        """Give the `aantal`-th werkdag after `day`, which itself does not count."""
        year = day.year
        werkdagen = self._jaar(year).werkdagen
        index = bisect_right(werkdagen, day.toordinal()) + aantal - 1
        while index >= len(werkdagen):
            index -= len(werkdagen)
            year += 1
            werkdagen = self._jaar(year).werkdagen
        return date.fromordinal(werkdagen[index])

    def werkdag_from(self, day: date) -> date:
        """Give `day` itself when it is a werkdag, else the first one after it."""
        werkdagen = self._jaar(day.year).werkdagen
        index = bisect_left(werkdagen, day.toordinal())
        if index < len(werkdagen):
            return date.fromordinal(werkdagen[index])
        return self.werkdag_after(day, 1)

    def _jaar(self, year: int) -> _Jaar:
        jaar = self._jaren.get(year)
        if jaar is None:
            if year >= MAXYEAR:
                raise BuitenKalender(f"de kalender loopt tot en met {MAXYEAR - 1}")
            jaar = self._jaren[year] = self._work_out(year)
        return jaar

    def _work_out(self, year: int) -> _Jaar:
        dagen = {day: label for day, label in self._gelijkgesteld.items() if day.year == year}
        for feestdag in self._feestdagen:
            if (day := feestdag.in_year(year)) is not None:
                dagen[day] = feestdag.label
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        free = {day.toordinal() for day in dagen}
        werkdagen = tuple(
            ordinal for ordinal in range(first, last + 1) if (ordinal - 1) % 7 < _SATURDAY and ordinal not in free
        )
        return _Jaar(werkdagen, dagen)
