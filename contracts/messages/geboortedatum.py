"""A date of birth as far as it is known: the day, the month, or only the year, as the registers of people write it."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from contracts.messages.gevraagd import asked

_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2}))?")
_UNKNOWN = 0
_NO_DATE = "is geen geboortedatum (JJJJ-MM-DD; wat niet bekend is als 00, zoals 1989-00-00, of alleen het jaar)"


EARLIEST = 1900
_ASKED = asked(
    pattern="^(19|20)[0-9]{2}(-|$)",
    description=f"Vanaf {EARLIEST}, niet in de toekomst. Wat niet bekend is als 00 (1989-00-00), of alleen het jaar.",
)
"""Whether it can be true depends on the day on which it is said: see `wrong_geboortedatums` in `documenten`."""


class Precisie(IntEnum):
    """How much of it is known."""

    JAAR = 1
    MAAND = 2
    DAG = 3


@dataclass(frozen=True, slots=True)
class Geboortedatum:
    """`1989-04-17`, `1989-04-00` or `1989-00-00`; what is not known is 0."""

    jaar: int
    maand: int = _UNKNOWN
    dag: int = _UNKNOWN

    @classmethod
    def read(cls, tekst: str) -> Self:
        """The date in one of its forms; a year alone will do. Raises `ValueError` for a day that the calendar lacks."""
        found = _FORM.fullmatch(tekst)
        if found is None:
            raise ValueError(f"{tekst!r} is geen datum")
        jaar, maand, dag = (int(part or _UNKNOWN) for part in found.groups())
        if dag != _UNKNOWN or maand > 12:  # noqa: PLR2004  months
            date(max(jaar, 1), maand, dag)
        return cls(jaar, maand, dag)

    @property
    def precisie(self) -> Precisie:
        """How much of it is known."""
        if self.dag != _UNKNOWN:
            return Precisie.DAG
        return Precisie.JAAR if self.maand == _UNKNOWN else Precisie.MAAND

    @property
    def vroegst(self) -> date:
        """The first day that it can be."""
        return date(max(self.jaar, 1), self.maand or 1, self.dag or 1)

    @property
    def laatst(self) -> date:
        """The last day that it can be."""
        maand = self.maand or 12
        return date(max(self.jaar, 1), maand, self.dag or monthrange(max(self.jaar, 1), maand)[1])

    @property
    def omgedraaid(self) -> "Geboortedatum | None":
        """The same with day and month the other way round, as people mistake them; None where that is no other date."""
        if self.dag in {_UNKNOWN, self.maand} or self.dag > 12:  # noqa: PLR2004  months
            return None
        return Geboortedatum(self.jaar, self.dag, self.maand)

    def until(self, precisie: Precisie) -> str:
        """Of what is known no more than this: `1989`, `1989-04`, `1989-04-17`."""
        return str(self)[: (4, 7, 10)[precisie - 1]]

    def __str__(self) -> str:
        return f"{self.jaar:04}-{self.maand:02}-{self.dag:02}"

    @classmethod
    def _check(cls, value: object) -> "Geboortedatum":
        """A number is no date: it does not say what it counts."""
        if isinstance(value, cls):
            return value
        if isinstance(value, date):
            return cls(value.year, value.month, value.day)
        try:
            if isinstance(value, str):
                return cls.read(value)
        except ValueError:
            pass
        raise PydanticCustomError("geboortedatum", _NO_DATE)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(
            cls._check, serialization=core_schema.to_string_ser_schema(when_used="json")
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        del schema, handler
        return {
            **_ASKED,
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": "^[0-9]{4}(-(0[0-9]|1[0-2])-00)?$"},
            ],
        }
