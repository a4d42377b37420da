"""Dates and lists as Dutch writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


def write_date(day: date) -> str:
    """Write a day as `2 maart 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def join(parts: Iterable[str], last: str = "en") -> str:
    """Write a list as `a, b en c`."""
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
