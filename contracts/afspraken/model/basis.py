"""What every table of a TOML file has: strictness, a source, a validity, and to which cases it is limited."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.afspraken.feiten import (
    Aanbieder,
    Aanvaarding,
    Besluit,
    Casusurgentie,
    Informant,
    Meldersoort,
    MeldpuntUrgentie,
    MeldpuntVermoeden,
    Ontvangersoort,
    Overdrachtswijze,
    Signaalmelder,
    SoortOverdracht,
    VbsUrgentie,
)

Naam = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Tekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Dag = Annotated[date, Field(strict=True)]
Vlag = Annotated[bool, Field(strict=True)]
Getal = Annotated[int, Field(strict=True)]
Spoedigheid = Literal["gewoon", "spoed", "crisis"]
"""How soon people must see a message; crisis calls them day and night."""


class Strikt(BaseModel):
    """Frozen, and a field that does not exist is an error: a typo in law must not pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bron(Strikt):
    """Where a rule comes from: the short name of a document, its paragraph and the literal sentence."""

    document: Tekst
    paragraaf: Tekst
    citaat: Annotated[str, StringConstraints(strip_whitespace=True, min_length=8)]


VANGNET = "Houvast"
"""The source document of what nobody agreed on."""


class Regel(Strikt):
    """What every agreement carries."""

    id: Naam
    label: Tekst
    geldig_van: Dag
    geldig_tot: Dag | None = None
    bron: Bron
    lezing: Tekst | None = None

    @model_validator(mode="after")
    def _check_validity(self) -> Self:
        if self.geldig_tot is not None and self.geldig_tot <= self.geldig_van:
            raise ValueError("geldig_tot ligt niet na geldig_van")
        return self

    @model_validator(mode="after")
    def _check_reason(self) -> Self:
        """Where nobody agreed on anything, people read why the hub asks it."""
        if self.is_vangnet and self.lezing is None:
            raise ValueError("een regel van het vangnet heeft geen zin uit een afspraak: noem de reden (lezing)")
        return self

    @property
    def is_vangnet(self) -> bool:
        """Tell whether nobody agreed on this: the hub does it where the agreements say nothing."""
        return self.bron.document == VANGNET

    @property
    def herkomst(self) -> str:
        """Where it comes from, in one line for people: the sentence agreed on, or that there is none and the reason."""
        if self.is_vangnet:
            return f"{self.vindplaats[:1].upper()}{self.vindplaats[1:]}"
        return f"{self.bron.document}, {self.bron.paragraaf}: “{self.bron.citaat}”"

    @property
    def vindplaats(self) -> str:
        """The same without the sentence: where it stands, or that there is none and the reason."""
        return (
            f"{self.bron.citaat}: {self.lezing}" if self.is_vangnet else f"{self.bron.document} {self.bron.paragraaf}"
        )

    def is_valid_on(self, on: date) -> bool:
        """Tell whether the agreement is in force on that day; `geldig_tot` itself is the first day it is not."""
        return self.geldig_van <= on and (self.geldig_tot is None or on < self.geldig_tot)


class Omstandigheden(Strikt):
    """The circumstances that a rule can be limited to; in a rule an empty field means "in every case"."""

    soort_overdracht: SoortOverdracht | None = None
    ontvanger: Ontvangersoort | None = None
    overdrachtswijze: Overdrachtswijze | None = None
    aanbieder: Aanbieder | None = None
    aanvaarding: Aanvaarding | None = None
    urgentie: Casusurgentie | None = None
    vbs_urgentie: VbsUrgentie | None = None
    meldpunt_urgentie: MeldpuntUrgentie | None = None
    meldpunt_vermoeden: MeldpuntVermoeden | None = None
    besluit: Besluit | None = None
    informeert: Informant | None = None
    melder: Meldersoort | None = None
    signaal_van: Signaalmelder | None = None

    def hold_in(self, situatie: Mapping[str, str]) -> bool:
        """Tell whether every circumstance named here is what the case says; what a case does not say does not hold."""
        return all(situatie.get(name) == value for name, value in self._named)

    @cached_property
    def _named(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.model_dump(exclude_none=True).items())
