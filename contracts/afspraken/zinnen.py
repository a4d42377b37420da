"""Dates and lists as Dutch writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


def write_date(day: date, *, year: bool = True) -> str:
    """Write a day as `2 maart 2026`, or as `2 maart`."""
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def write_weekday(day: date) -> str:
    """Write the day of the week as `maandag`; its first two letters are its abbreviation."""
    return _DAYS[day.weekday()]


def join(parts: Iterable[str], last: str = "en") -> str:
    """Write a list as `a, b en c`."""
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
