"""A moment as it travels: with its zone, and in a year that can be counted with in every zone."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
"""Wide enough for anything that happened or was agreed; outside it calendars and databases overflow."""


def _check_year(value: datetime) -> datetime:
    if not EARLIEST <= value < LATEST:
        raise ValueError(f"ligt niet tussen {EARLIEST.year} en {LATEST.year}")
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_check_year)]
