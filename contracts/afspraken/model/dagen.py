"""Which days are no werkdagen, and how far the law extends a term."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.afspraken.duur import DuurVeld
from contracts.afspraken.model.basis import Dag, Getal, Regel, Vlag


class Feestdag(Regel):
    """A day that is no werkdag: fixed (`maand`, `dag`) or counted from Easter Sunday (`dagen_na_pasen`)."""

    maand: Annotated[Getal, Field(ge=1, le=12)] | None = None
    dag: Annotated[Getal, Field(ge=1, le=31)] | None = None
    dagen_na_pasen: Getal | None = None
    op_zondag_dag_eerder: Vlag = False

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        fixed, from_pasen = self.maand is not None and self.dag is not None, self.dagen_na_pasen is not None
        if fixed == from_pasen:
            raise ValueError("geef maand en dag, of dagen_na_pasen")
        return self


class GelijkgesteldeDagen(Regel):
    """Days that a royal decree equates with feestdagen."""

    dagen: Annotated[tuple[Dag, ...], Field(min_length=1)]


class VerlengingsRegel(Regel):
    """The longest terms that the extension of the Algemene termijnenwet holds for (art. 4)."""

    hoogstens: tuple[DuurVeld, ...]
