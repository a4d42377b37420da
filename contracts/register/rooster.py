"""Who of a role is on duty when: shifts that repeat, public holidays, exceptions and swaps, as data.

From the first day of a rota on somebody has to be on duty at every moment that it covers. Where nobody is, everybody in
the role is told, and the beheerder hears of the hole.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.afspraken import Kalender, local_date
from contracts.afspraken.ankers import Rol
from contracts.messages.notifier import Doelgroep
from contracts.register.velden import Dag, Strikt, Teamcode, Tekst
from contracts.register.werktijd import Dagsoort, Tijd, Werktijd, is_feestdag, period

_MOST_WEEKS = 52


class Bezet(StrEnum):
    """When somebody has to be on duty."""

    ALTIJD = "altijd"
    WERKTIJD = "werktijd"


Namen = tuple[Tekst, ...]


class Roosterdienst(Strikt):
    """A shift: on which days of which weeks of the cycle it begins, from when until when, and who does it.

    It belongs to the day on which it begins; `tot` is on the next day where it does not lie after `van`.
    """

    naam: Tekst
    dagen: Annotated[tuple[Dagsoort, ...], Field(min_length=1)]
    weken: tuple[Annotated[int, Field(strict=True, ge=1, le=_MOST_WEEKS)], ...] = ()
    """Of the cycle, from 1; without it every week."""
    van: Tijd
    tot: Tijd
    personen: Annotated[Namen, Field(min_length=1)]


class Afwijking(Strikt):
    """On one day a shift is done by others, or by nobody; also one that does not begin on such a day otherwise."""

    op: Dag
    dienst: Tekst
    personen: Namen = ()


class Ruil(Strikt):
    """Whoever has this shift on the one day does it on the other, and the other way round."""

    dienst: Tekst
    op: Dag
    met: Dag


class Rooster(Strikt):
    """Shifts that repeat every `cyclus` weeks from `begin`, a Monday, up to and including `tot_en_met`.

    It is about the role as it is filled in the same words: with the same `team` and `doelgroep`. Another may follow on
    it; where none does, what follows is a hole.
    """

    rol: Rol
    team: Teamcode | None = None
    doelgroep: Doelgroep = Doelgroep.ALLE
    bezet: Bezet = Bezet.ALTIJD
    begin: Dag
    tot_en_met: Dag | None = None
    cyclus: Annotated[int, Field(strict=True, ge=1, le=_MOST_WEEKS)] = 1
    diensten: Annotated[tuple[Roosterdienst, ...], Field(min_length=1, alias="dienst")]
    afwijkingen: tuple[Afwijking, ...] = Field(default=(), alias="afwijking")
    ruil: tuple[Ruil, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if Dagsoort.of_weekday(self.begin) is not Dagsoort.MAANDAG:
            raise ValueError("begin is geen maandag")
        if self.tot_en_met is not None and self.tot_en_met < self.begin:
            raise ValueError("tot_en_met ligt vóór begin")
        names = [dienst.naam for dienst in self.diensten]
        if len(set(names)) < len(names):
            raise ValueError("twee diensten met dezelfde naam")
        if unknown := {item.dienst for item in (*self.afwijkingen, *self.ruil)} - set(names):
            raise ValueError(f"er is geen dienst {min(unknown)}")
        if any(week > self.cyclus for dienst in self.diensten for week in dienst.weken):
            raise ValueError(f"een week na de {self.cyclus}e bestaat niet in deze cyclus")
        return self

    @property
    def plek(self) -> tuple[Rol, str | None, Doelgroep]:
        """Which role it is about, of which team, and for whom."""
        return self.rol, self.team, self.doelgroep

    def begins_on(self, day: date, kalender: Kalender) -> Iterator[tuple[Roosterdienst, Sequence[str]]]:
        """The shifts that begin on a day, and who does each of them."""
        if day < self.begin or (self.tot_en_met is not None and day > self.tot_en_met):
            return
        for dienst in self.diensten:
            afwijking = next((item for item in self.afwijkingen if (item.op, item.dienst) == (day, dienst.naam)), None)
            if afwijking is not None:
                personen: Sequence[str] = afwijking.personen
            else:
                personen = self._usual(dienst, self._swapped(dienst, day), kalender)
                personen = personen if self._usual(dienst, day, kalender) else ()
            if personen:
                yield dienst, personen

    def _usual(self, dienst: Roosterdienst, day: date, kalender: Kalender) -> Sequence[str]:
        """Who does it on such a day, by the cycle; nobody where it does not begin then.

        A public holiday is a day like any other, but for a rota with shifts of its own for public holidays.
        """
        week = (day - self.begin).days // 7 % self.cyclus + 1
        own = is_feestdag(day, kalender) and any(Dagsoort.FEESTDAG in item.dagen for item in self.diensten)
        kind = Dagsoort.FEESTDAG if own else Dagsoort.of_weekday(day)
        return dienst.personen if kind in dienst.dagen and (not dienst.weken or week in dienst.weken) else ()

    def _swapped(self, dienst: Roosterdienst, day: date) -> date:
        for ruil in self.ruil:
            if ruil.dienst == dienst.naam and day in {ruil.op, ruil.met}:
                return ruil.met if day == ruil.op else ruil.op
        return day


@dataclass(frozen=True, slots=True)
class Roosterstand:
    """Who is on duty, in which shifts. With nobody, `vereist` says whether somebody has to be: then it is a hole."""

    namen: tuple[str, ...]
    diensten: tuple[str, ...]
    vereist: bool


@dataclass(frozen=True, slots=True)
class Beurt:
    """A shift on a day: from when until when, in UTC, and who does it."""

    van: datetime
    tot: datetime
    dienst: str
    personen: tuple[str, ...]


def stand_of(
    roosters: Iterable[Rooster], moment: datetime, kalender: Kalender, werktijd: Werktijd
) -> Roosterstand | None:
    """Who is on duty by these rotas of one role; None before the first of them begins."""
    known, today = tuple(roosters), local_date(moment)
    begun = [rooster for rooster in known if rooster.begin <= today]
    if not begun:
        return None
    beurten = [
        beurt
        for beurt in find_beurten(known, today - timedelta(days=1), today, kalender)
        if beurt.van <= moment < beurt.tot
    ]
    names = dict.fromkeys(naam for beurt in beurten for naam in beurt.personen)
    always = max(begun, key=lambda rooster: rooster.begin).bezet is Bezet.ALTIJD
    return Roosterstand(
        tuple(names),
        tuple(dict.fromkeys(beurt.dienst for beurt in beurten)),
        vereist=always or werktijd.includes(moment, kalender),
    )


def find_beurten(roosters: Iterable[Rooster], first: date, last: date, kalender: Kalender) -> Iterator[Beurt]:
    """Every shift that begins from one day up to and including another."""
    for rooster in roosters:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for dienst, personen in rooster.begins_on(day, kalender):
                yield Beurt(*period(day, dienst.van, dienst.tot), dienst.naam, tuple(personen))
