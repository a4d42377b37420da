"""Who is called and when, rung by rung, as long as nothing ends it and nobody takes it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import Anker
from contracts.afspraken.situatie import holds
from contracts.afspraken.toepassing import Termijnstatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from contracts.afspraken.duur import Duur
    from contracts.afspraken.gebeurd import Gebeurd
    from contracts.afspraken.kalender import Kalender
    from contracts.afspraken.model import LadderRegel, Opschaling, Trede
    from contracts.afspraken.rule_book import Afspraken
    from contracts.afspraken.situatie import Casus
    from contracts.afspraken.toepassing import Termijnverloop


@dataclass(frozen=True, slots=True)
class Oproep:
    """One rung that is called. `elke`: it is the last one, and is called again each time that this went by."""

    op: datetime
    trede: Trede
    elke: Duur | None = None


def follow_ladder(termijn: Termijnverloop, afspraken: Afspraken) -> list[Oproep]:
    """Give who is called after a missed term, up to the moment that ends it."""
    if termijn.status in {Termijnstatus.GEHAALD, Termijnstatus.VERVALLEN} or termijn.regel.ladder is None:
        return []
    ladder = afspraken.ladder(termijn.regel.ladder)
    return _climb(ladder, termijn.eindigt_op, afspraken.kalender, until=termijn.klaar_op)


def follow_opschalingen(casus: Casus, afspraken: Afspraken) -> Iterator[tuple[Opschaling, Gebeurd, list[Oproep]]]:
    """Give what is raised at once when something happens, with who is called until the case is closed.

    No term was missed. Said once more about the same it starts no second ladder: nobody closed the first.
    """
    closed_at = min((item.op for item in casus.gebeurd if item.anker is Anker.CASUS_GESLOTEN), default=None)
    for regel in afspraken.opschalingen:
        raised: set[UUID | None] = set()
        for item in sorted(casus.gebeurd, key=lambda item: item.op):
            is_open = (closed_at is None or item.op < closed_at) and item.onderwerp_id not in raised
            if item.anker is regel.bij and is_open and holds(regel.alleen_bij, casus, item):
                raised.add(item.onderwerp_id)
                yield regel, item, _climb(afspraken.ladder(regel.ladder), item.op, afspraken.kalender, until=closed_at)


def _climb(ladder: LadderRegel, at: datetime, kalender: Kalender, *, until: datetime | None) -> list[Oproep]:
    found: list[Oproep] = []
    for number, trede in enumerate(ladder.treden):
        if until is not None and at >= until:
            break
        following = ladder.next_at(number, at, kalender)
        comes_back = number + 1 == len(ladder.treden) and (until is None or following < until)
        found.append(Oproep(at, trede, trede.wachttijd if comes_back else None))
        at = following
    return found
