"""Durations as the agreements write them: a number and an explicit unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer


class Eenheid(StrEnum):
    """The units that the agreements use; they differ, so nothing is converted silently."""

    UREN = "uren"
    DAGEN = "dagen"
    WEEKDAGEN = "weekdagen"
    WERKDAGEN = "werkdagen"
    WEKEN = "weken"
    MAANDEN = "maanden"


_SINGULAR = {
    Eenheid.UREN: "uur",
    Eenheid.DAGEN: "dag",
    Eenheid.WEEKDAGEN: "weekdag",
    Eenheid.WERKDAGEN: "werkdag",
    Eenheid.WEKEN: "week",
    Eenheid.MAANDEN: "maand",
}
_UNITS = {str(eenheid): eenheid for eenheid in Eenheid} | {word: eenheid for eenheid, word in _SINGULAR.items()}
EENHEDEN = tuple(_UNITS)
"""Every word that a duration may end in."""
_FORM = re.compile(r"\s*([0-9]{1,6})\s+([a-z]+)\s*")


class OngeldigeDuur(ValueError):
    """A text that is not a duration; the message says in Dutch what one looks like."""


@dataclass(frozen=True, slots=True)
class Duur:
    """A positive whole number of one unit, such as `5 werkdagen`."""

    aantal: int
    eenheid: Eenheid

    def __post_init__(self) -> None:
        if self.aantal < 1:
            raise OngeldigeDuur(f"een duur is minstens 1, niet {self.aantal}")

    @classmethod
    def parse(cls, text: str) -> Duur:
        """Read `5 werkdagen` or `1 week`. Raises `OngeldigeDuur`, in Dutch, for anything else."""
        found = _FORM.fullmatch(text.lower())
        eenheid = _UNITS.get(found[2]) if found else None
        if found is None or eenheid is None:
            raise OngeldigeDuur(f"{text!r} is geen duur; schrijf een getal en een eenheid ({', '.join(Eenheid)})")
        return cls(int(found[1]), eenheid)

    def __str__(self) -> str:
        return f"{self.aantal} {self.word}"

    @property
    def word(self) -> str:
        """The unit as Dutch writes it after this number: `1 week`, `24 uur`, `10 weken`."""
        if self.aantal == 1 or self.eenheid is Eenheid.UREN:
            return _SINGULAR[self.eenheid]
        return self.eenheid.value


def _read(value: object) -> object:
    return Duur.parse(value) if isinstance(value, str) else value


DuurVeld = Annotated[Duur, BeforeValidator(_read), PlainSerializer(str, return_type=str)]
"""A duration as a field of a pydantic model: text outside, `Duur` inside."""
