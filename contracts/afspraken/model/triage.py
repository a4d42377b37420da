"""What speaks for or against handing a case over directly, and what the document must hold."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from contracts.afspraken.feiten import SoortOverdracht, Triagefeit
from contracts.afspraken.model.basis import Regel, Tekst, Vlag


class Uitkomst(StrEnum):
    """What the hub can advise after triage, the weightiest first; a professional decides."""

    AFSTEMMEN_GGZ = "afstemmen-ggz"
    DIENST = "dienst"
    OVERLEG = "overleg"
    DIRECTE_OVERDRACHT = "directe-overdracht"


class Uitgangspunt(Regel):
    """The advice where no contra-indicatie applies."""

    uitkomst: Uitkomst


class ContraIndicatie(Regel):
    """Facts that speak against the uitgangspunt: all of `alle_van`, at least one of `een_van`, none of `tenzij`.

    `oordeel` names a fact that only professionals can conclude: the hub asks for it and never infers it.
    """

    alle_van: tuple[Triagefeit, ...] = ()
    een_van: tuple[Triagefeit, ...] = ()
    tenzij: tuple[Triagefeit, ...] = ()
    oordeel: Triagefeit | None = None
    oordeel_van: Literal["professionals"] | None = None
    vraag: Tekst | None = None
    uitkomst: Uitkomst

    @model_validator(mode="after")
    def _check_facts(self) -> Self:
        named = (*self.alle_van, *self.een_van, *self.tenzij, *((self.oordeel,) if self.oordeel else ()))
        if not self.alle_van and not self.een_van:
            raise ValueError("noem minstens één feit in alle_van of een_van")
        if len(set(named)) != len(named):
            raise ValueError("een feit staat er twee keer in")
        if len({self.oordeel is None, self.oordeel_van is None, self.vraag is None}) != 1:
            raise ValueError("oordeel, oordeel_van en vraag horen bij elkaar: alle drie of geen")
        return self


class DocumentVeld(Regel):
    """Something the overdrachtsdocument must hold. `veld` is the key in the document as systems exchange it."""

    soort: SoortOverdracht
    veld: Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9]*$")]
    verplicht: Vlag = True
