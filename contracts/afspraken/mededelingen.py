"""Whom the agreements have told without a term: at once by what happens (`bericht`), or again and again (`herinnering`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, pairwise, takewhile
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG
from contracts.afspraken.berekening import end_of
from contracts.afspraken.duur import Duur
from contracts.afspraken.model import Bericht, Herinnering
from contracts.afspraken.toepassing import follow_zicht, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.afspraken.kalender import Kalender
    from contracts.afspraken.rule_book import Afspraken
    from contracts.afspraken.toepassing import Beweging, Casus, Gebeurd, Wisseling


@dataclass(frozen=True, slots=True)
class Mededeling:
    """What a rule has a party told because of what happened. From `tot` on nobody is told any more (None: not yet)."""

    regel: Bericht | Herinnering
    gebeurd: Gebeurd
    partij: str
    vanaf: datetime
    tot: datetime | None

    @property
    def name(self) -> str:
        """What tells this from everything else that people are told in its case."""
        return f"{self.regel.id}:{self.gebeurd.onderwerp_id or '-'}:{self.gebeurd.bron_id or '-'}:{self.partij}"

    def is_settled(self, op: datetime) -> bool:
        """Whether at this moment it need not be told any more."""
        return self.tot is not None and self.tot <= op

    def momenten(self, kalender: Kalender) -> Iterator[datetime]:
        """Give the moments at which it is told, in order; of a reminder that nothing ends there is no last one."""
        return takewhile(lambda op: not self.is_settled(op), self._planned(kalender))

    def _planned(self, kalender: Kalender) -> Iterator[datetime]:
        if isinstance(self.regel, Bericht):
            yield self.vanaf
            return
        elke = self.regel.elke
        for times in count(1):
            at = end_of(self.vanaf, Duur(times * elke.aantal, elke.eenheid), kalender, verlengen=False)
            yield at.astimezone(UTC)


def find_mededelingen(casus: Casus, bewegingen: Iterable[Beweging], afspraken: Afspraken) -> list[Mededeling]:
    """Give everything that people are told because of what happened, past and to come."""
    return [*_berichten(casus, afspraken), *_herinneringen(casus, bewegingen, afspraken)]


def _berichten(casus: Casus, afspraken: Afspraken) -> Iterator[Mededeling]:
    for regel in afspraken.berichten:
        for item in casus.gebeurd:
            if item.anker is regel.bij and holds(regel.alleen_bij, casus, item):
                settled = (
                    other.op for other in casus.gebeurd if other.anker in regel.vervalt_bij and other.op >= item.op
                )
                yield Mededeling(regel, item, casus.partij(regel.aan, item), item.op, min(settled, default=None))


def _herinneringen(casus: Casus, bewegingen: Iterable[Beweging], afspraken: Afspraken) -> Iterator[Mededeling]:
    if not afspraken.herinneringen:
        return
    for line, following in pairwise((*follow_zicht(casus, bewegingen), None)):
        for regel in afspraken.herinneringen:
            if line is None or line.partij is None or line.regel.naar is not regel.drager:
                continue
            if line.gebeurd in casus.gebeurd:  # of another case of the household that case reminds
                ends = [item.op for item in casus.gebeurd if _is_done(casus, regel, item, line)]
                ends += () if following is None else (following.op,)
                yield Mededeling(regel, line.gebeurd, line.partij, line.op, min(ends, default=None))


def _is_done(casus: Casus, regel: Herinnering, item: Gebeurd, line: Wisseling) -> bool:
    """Tell whether the bearer did this: with what gave it zicht, or else with what had not come back by then."""
    if item.anker not in regel.tot:
        return False
    if item.anker.soort == line.gebeurd.anker.soort:
        return item.onderwerp_id == line.gebeurd.onderwerp_id
    return not any(
        other.anker in OVERDRACHT_KWAM_TERUG and other.onderwerp_id == item.onderwerp_id and other.op <= line.op
        for other in casus.gebeurd
    )
