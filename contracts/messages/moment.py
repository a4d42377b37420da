"""A moment and a day as they travel: as text, a moment with its zone, in a year that can be counted with everywhere."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticKnownError

from contracts.messages.gevraagd import asked

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
"""Wide enough for anything that happened or was agreed; outside it calendars and databases overflow."""

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}")
_DATUM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = "^(19[0-9]|2[0-9]{2})[0-9]-"
"""The zone decides about the first and the last hours."""


def _check_moment(value: object) -> object:
    """A number, also one in quotes, is no moment: it does not say what it counts, nor from when."""
    if isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.match(value)):
        return value
    raise PydanticKnownError("datetime_type")


def _check_datum(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _DATUM.fullmatch(value)):
        return value
    raise PydanticKnownError("date_type")


def _check_year(value: datetime) -> datetime:
    if not EARLIEST <= value < LATEST:
        raise ValueError(f"ligt niet tussen {EARLIEST.year} en {LATEST.year}")
    return value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_check_moment),
    AfterValidator(_check_year),
    Field(json_schema_extra=asked(pattern=_YEARS)),
]

Datum = Annotated[date, BeforeValidator(_check_datum)]
"""A day of the calendar, without a time."""
