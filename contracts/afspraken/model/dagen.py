"""Which days are no werkdagen, and how far the law extends a term."""

from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.afspraken.duur import DuurVeld
from contracts.afspraken.kalender import find_pasen
from contracts.afspraken.model.basis import Dag, Getal, Regel, Vlag

_SUNDAY = 6


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

    def in_year(self, year: int) -> date | None:
        """The day it falls on in `year`, or None where it did not exist then."""
        if self.dagen_na_pasen is not None:
            day = find_pasen(year) + timedelta(days=self.dagen_na_pasen)
        else:
            assert self.maand is not None
            assert self.dag is not None
            day = date(year, self.maand, self.dag)
            if day.weekday() == _SUNDAY and self.op_zondag_dag_eerder:
                day -= timedelta(days=1)
        return day if self.is_valid_on(day) else None


class GelijkgesteldeDagen(Regel):
    """Days that a royal decree equates with feestdagen."""

    dagen: Annotated[tuple[Dag, ...], Field(min_length=1)]


class VerlengingsRegel(Regel):
    """The longest terms that the extension of the Algemene termijnenwet holds for (art. 4)."""

    hoogstens: tuple[DuurVeld, ...]
