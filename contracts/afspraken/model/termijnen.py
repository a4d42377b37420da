"""Who has to do what within which time, who is called when it was missed, and who bears zicht op veiligheid."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from contracts.afspraken.ankers import Anker, Drager, Rol
from contracts.afspraken.berekening import end_of
from contracts.afspraken.duur import DuurVeld
from contracts.afspraken.kalender import Kalender
from contracts.afspraken.model.basis import Naam, Omstandigheden, Regel, Spoedigheid, Strikt, Tekst, Vlag


class Bewaakt(Regel):
    """What is called out when it was missed and warned of before: `waarschuw_na` is the share of the time after which.

    No document that was read speaks of a warning, so a share says in `waarschuw_lezing` where it comes from.
    """

    bij_verstrijken: Naam | None = None
    waarschuw_na: Annotated[float, Field(gt=0, lt=1)] | None = None
    waarschuw_lezing: Tekst | None = None

    @model_validator(mode="after")
    def _check_warning(self) -> Self:
        if self.waarschuw_na is not None and self.waarschuw_lezing is None:
            raise ValueError("waarschuw_na vraagt om waarschuw_lezing: waar komt dit deel vandaan?")
        if self.waarschuw_na is None and self.waarschuw_lezing is not None:
            raise ValueError("waarschuw_lezing hoort bij waarschuw_na")
        return self

    def nears_at(self, start: datetime, end: datetime) -> datetime | None:
        """Give the moment of the warning for what runs from `start` to `end`; None where nobody is warned."""
        return None if self.waarschuw_na is None else start + self.waarschuw_na * (end - start)


class TermijnRegel(Bewaakt):
    """Somebody has to do something within a time. `tot` are the moments of which the first one meets the term.

    It lapses when the case is closed, when the overdracht it is about came back, and when one of `vervalt_bij` happens.
    `telt_vanaf`: its time counts from this earlier moment about the same thing; where that has passed, it does not begin.
    `telt_mee`: whether missing it counts for a structureel signaal; a time that no parties agreed does not. `urgentie`: how
    soon at least people see that it nears or passed.
    """

    duur: DuurVeld
    vanaf: Anker
    telt_vanaf: Anker | None = None
    tot: Annotated[tuple[Anker, ...], Field(min_length=1)]
    vervalt_bij: tuple[Anker, ...] = ()
    verantwoordelijke: Drager
    verlengen: Vlag = False
    wettelijk: Vlag = False
    telt_mee: Vlag = True
    urgentie: Spoedigheid = "gewoon"
    alleen_bij: Omstandigheden | None = None

    @property
    def is_agreed(self) -> bool:
        """Whether parties agreed on this time, so that missing it counts."""
        return self.telt_mee and not self.is_vangnet

    @property
    def ladder(self) -> str | None:
        """The id of the ladder that a missed term climbs, or None when nobody is called."""
        return self.bij_verstrijken

    def end(self, start: datetime, kalender: Kalender) -> datetime:
        """Give the moment (Europe/Amsterdam) at which the term has passed when it began at `start`."""
        return end_of(start, self.duur, kalender, verlengen=self.verlengen)

    def applies(self, situatie: Mapping[str, str]) -> bool:
        """Tell whether the term exists in a case with these circumstances (`soort_overdracht`, `vbs_urgentie`, …)."""
        return self.alleen_bij is None or self.alleen_bij.hold_in(situatie)


class Trede(Strikt):
    """One rung: who is called (`rol` at party `bij`, and the same role at `ook_bij`), and how long before the next."""

    rol: Rol
    bij: Drager
    ook_bij: tuple[Drager, ...] = ()
    wachttijd: DuurVeld


class LadderRegel(Regel):
    """In which order people are called when a term was missed or a difference of opinion was reported."""

    treden: Annotated[tuple[Trede, ...], Field(min_length=1, alias="trede")]

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def next_at(self, number: int, called_at: datetime, kalender: Kalender) -> datetime:
        """Give when the rung after `number` (from 0) is called; there is none after the last, which is called again."""
        return end_of(called_at, self.treden[number].wachttijd, kalender, verlengen=False)


class ZichtRegel(Regel):
    """When zicht op veiligheid goes from one party to another.

    It goes `na` the moment `vanaf` (at once when `na` is empty), and only if `van` bears it by then. An empty `van` is
    the beginning; an empty `naar` means that nobody needs to bear it any more. A transition that is still
    pending lapses when one of `vervalt_bij` happens. With `van_woord` it goes only from who bears it by what others say
    and did not say so itself by then, to another party, of the same kind or not.
    """

    vanaf: Anker
    na: DuurVeld | None = None
    verlengen: Vlag = False
    van: Drager | None = None
    naar: Drager | None = None
    van_woord: Vlag = False
    vervalt_bij: tuple[Anker, ...] = ()
    alleen_bij: Omstandigheden | None = None

    @model_validator(mode="after")
    def _check_parties(self) -> Self:
        if self.van == self.naar and not self.van_woord:
            raise ValueError("van en naar zijn gelijk; zicht op veiligheid gaat dan niet over")
        if self.vervalt_bij and self.na is None:
            raise ValueError("wat meteen overgaat kan niet meer vervallen; vervalt_bij hoort bij na")
        return self

    def applies(self, situatie: Mapping[str, str]) -> bool:
        """Tell whether the rule is about a case with these circumstances."""
        return self.alleen_bij is None or self.alleen_bij.hold_in(situatie)

    def moves_at(self, start: datetime, kalender: Kalender) -> datetime:
        """Give the moment at which zicht op veiligheid goes over when `vanaf` happened at `start`."""
        return start if self.na is None else end_of(start, self.na, kalender, verlengen=self.verlengen)


class Venster(Regel):
    """How long something may still be done; when it closes nobody is late, it is simply no longer possible."""

    duur: DuurVeld
    vanaf: Anker
    verlengen: Vlag = False
    alleen_bij: Omstandigheden | None = None
    daarna: Tekst

    def end(self, start: datetime, kalender: Kalender) -> datetime:
        """Give the moment (Europe/Amsterdam) at which the window has closed."""
        return end_of(start, self.duur, kalender, verlengen=self.verlengen)
