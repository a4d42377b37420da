"""The files themselves: their head, the gemeenten of a region, and the documents that are quoted."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from contracts.afspraken.model.basis import Bron, Dag, Naam, Strikt, Tekst


class Brondocument(Strikt):
    """A document that a `bron` can name. `zaad` is its file in the collection of seeds, when it is in there."""

    id: Tekst
    titel: Tekst
    zaad: Tekst | None = None
    vindplaats: Tekst | None = None


class Bronzin(Strikt):
    """A sentence of a source that binds somebody, whole: what is done with it, or why no rule is (`reden`).

    The rules that quote it are found by their quote; `regels` names those that follow it by another sentence. Both can
    stand here where a rule says one part of it and the reason another.
    """

    bron: Bron
    regels: tuple[Naam, ...] = ()
    reden: Tekst | None = None


class Lidgemeente(Strikt):
    """A gemeente of a region, for as long as it takes part."""

    code: Annotated[str, StringConstraints(pattern=r"^GM[0-9]{4}$")]
    naam: Tekst
    geldig_van: Dag | None = None
    geldig_tot: Dag | None = None

    def is_valid_on(self, on: date) -> bool:
        """Tell whether the gemeente takes part on that day."""
        return (self.geldig_van is None or self.geldig_van <= on) and (self.geldig_tot is None or on < self.geldig_tot)


class Laag(StrEnum):
    """Which layer a file belongs to; a later one overlays an earlier one, table by table."""

    LANDELIJK = "landelijk"
    REGIO = "regio"
    ADDENDUM = "addendum"


class Kop(Strikt):
    """The head of a file: which agreement it is, of whom, and when it is in force."""

    id: Naam
    laag: Laag
    titel: Tekst
    geldig_van: Dag
    geldig_tot: Dag | None = None
    regio: Naam | None = None
    regionaam: Tekst | None = None
    gemeente: Annotated[str, StringConstraints(pattern=r"^GM[0-9]{4}$")] | None = None
    lezing: Tekst | None = None

    @model_validator(mode="after")
    def _check_layer(self) -> Self:
        expected = {Laag.LANDELIJK: (False, False), Laag.REGIO: (True, False), Laag.ADDENDUM: (True, True)}[self.laag]
        if (self.regio is not None, self.gemeente is not None) != expected:
            raise ValueError("landelijk kent geen regio of gemeente, regio alleen een regio, addendum allebei")
        if self.geldig_tot is not None and self.geldig_tot <= self.geldig_van:
            raise ValueError("geldig_tot ligt niet na geldig_van")
        return self

    def is_valid_on(self, on: date) -> bool:
        """Tell whether the agreement is in force on that day."""
        return self.geldig_van <= on and (self.geldig_tot is None or on < self.geldig_tot)
