"""What the agreements make of a sequence of moments: which terms run, and who bears zicht op veiligheid. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker
from contracts.afspraken.berekening import end_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from contracts.afspraken.ankers import Drager
    from contracts.afspraken.model import TermijnRegel, Trede, ZichtRegel
    from contracts.afspraken.rule_book import Afspraken

OVERDRACHT_ONDERWEG = frozenset({Anker.OVERDRACHT_AANGEMAAKT, Anker.OVERDRACHT_AFGELEVERD})
"""Moments from which a term about one overdracht can run."""


@dataclass(frozen=True, slots=True)
class Gebeurd:
    """Something that happened in a case."""

    wat: Anker
    op: datetime


@dataclass(frozen=True, slots=True)
class TermijnVerloop:
    """One term in one case. `gehaald_op` is empty when nothing met it; `vervallen_door` is what ended it instead."""

    regel: TermijnRegel
    begint_op: datetime
    eindigt_op: datetime
    gehaald_op: datetime | None
    vervallen_door: Gebeurd | None = None

    @property
    def is_missed(self) -> bool:
        """Whether it was met too late, or never: a term is met up to, not at, the moment it ends."""
        if self.gehaald_op is None and self.vervallen_door is not None:
            return self.vervallen_door.op >= self.eindigt_op
        return self.gehaald_op is None or self.gehaald_op >= self.eindigt_op


@dataclass(frozen=True, slots=True)
class Overgang:
    """Zicht op veiligheid going over: when, from whom to whom, by which rule and on whose act."""

    op: datetime
    regel: ZichtRegel
    handeling: Gebeurd

    @property
    def van(self) -> Drager | None:
        """Who bore it."""
        return self.regel.van

    @property
    def naar(self) -> Drager | None:
        """Who bears it from then on; nobody when the case is closed."""
        return self.regel.naar


@dataclass(frozen=True, slots=True)
class Oproep:
    """One rung that is called because a term was missed."""

    op: datetime
    trede: Trede


def follow_termijnen(
    afspraken: Afspraken, gebeurd: Iterable[Gebeurd], situatie: Mapping[str, str]
) -> tuple[TermijnVerloop, ...]:
    """Give every term that starts, in order of its end, with what met it."""
    in_order = sorted(gebeurd, key=lambda item: item.op)
    found: list[TermijnVerloop] = []
    for index, start in enumerate(in_order):
        for regel in afspraken.termijnen_from(start.wat):
            if regel.applies(situatie):
                met = next((later.op for later in in_order[index:] if later.wat in regel.tot), None)
                ended = None if met is not None else _end_of(regel, in_order[index:])
                found.append(TermijnVerloop(regel, start.op, regel.end(start.op, afspraken.kalender), met, ended))
    return tuple(sorted(found, key=lambda item: item.eindigt_op))


def follow_zicht(afspraken: Afspraken, gebeurd: Iterable[Gebeurd], situatie: Mapping[str, str]) -> tuple[Overgang, ...]:
    """Give every transition of zicht op veiligheid, in order; between two of them exactly one party bears it."""
    in_order = sorted(gebeurd, key=lambda item: item.op)
    candidates = [
        Overgang(regel.moves_at(item.op, afspraken.kalender), regel, item)
        for item in in_order
        for regel in afspraken.zicht
        if regel.vanaf is item.wat and regel.applies(situatie) and not _lapses(regel, item, in_order, afspraken)
    ]
    bearer: Drager | None = None
    started = False
    found: list[Overgang] = []
    for overgang in sorted(candidates, key=lambda item: item.op):
        if overgang.van is bearer and (bearer is not None or not started):
            found.append(overgang)
            bearer, started = overgang.naar, True
    return tuple(found)


def follow_ladder(afspraken: Afspraken, verloop: TermijnVerloop) -> tuple[Oproep, ...]:
    """Give who is called and when after a missed term, as long as nothing meets it and nobody takes it up."""
    if not verloop.is_missed or verloop.regel.ladder is None:
        return ()
    found: list[Oproep] = []
    at = verloop.eindigt_op
    ended_op = verloop.vervallen_door.op if verloop.vervallen_door is not None else verloop.gehaald_op
    for trede in afspraken.ladder(verloop.regel.ladder).treden:
        if ended_op is not None and at >= ended_op:
            break
        found.append(Oproep(at, trede))
        at = wait_until(at, trede, afspraken)
    return tuple(found)


def wait_until(at: datetime, trede: Trede, afspraken: Afspraken) -> datetime:
    """Give the moment at which the rung after `trede` is called when `trede` was called at `at`."""
    return end_of(at, trede.wachttijd, afspraken.kalender, verlengen=False)


def _end_of(regel: TermijnRegel, later: Iterable[Gebeurd]) -> Gebeurd | None:
    """What makes a term apply no more: the case is closed, or the overdracht that it is about came back."""
    about_overdracht = regel.vanaf in OVERDRACHT_ONDERWEG
    return next(
        (
            item
            for item in later
            if item.wat is Anker.CASUS_GESLOTEN or (about_overdracht and item.wat in OVERDRACHT_KWAM_TERUG)
        ),
        None,
    )


def _lapses(regel: ZichtRegel, start: Gebeurd, in_order: Iterable[Gebeurd], afspraken: Afspraken) -> bool:
    moves_at = regel.moves_at(start.op, afspraken.kalender)
    return any(item.wat in regel.vervalt_bij and start.op <= item.op < moves_at for item in in_order)
