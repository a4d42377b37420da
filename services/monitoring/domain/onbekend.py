"""What the hub does not know it says it does not know: no miss of anybody, and no escalatie (G11)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.afspraken import Afspraken, Termijnstatus
from contracts.messages.notifier import NotificatieUrgentie
from services.monitoring.domain import berichten
from services.monitoring.domain.toestand import Escalatiestatus, Termijn, Toezicht


@dataclass(frozen=True, slots=True)
class Oordeel:
    """Something about which nothing can be said before everything up to `op` was heard: a term, or a rung about it."""

    name: str
    op: datetime
    termijn: Termijn


def oordelen(toezicht: Toezicht) -> Iterator[Oordeel]:
    """Give what is still to be judged in this case."""
    for termijn in toezicht.termijnen.values():
        if termijn.status is Termijnstatus.LOPEND:
            yield Oordeel(f"termijn:{termijn.id}", termijn.eindigt_op, termijn)
    for escalatie in toezicht.escalaties.values():
        termijn = None if escalatie.termijn_id is None else toezicht.termijnen.get(escalatie.termijn_id)
        open_ = escalatie.status is not Escalatiestatus.AFGEHANDELD
        if open_ and escalatie.volgende_op is not None and termijn is not None:
            yield Oordeel(f"trede:{escalatie.id}", escalatie.volgende_op, termijn)


def told_at(oordeel: Oordeel, toezicht: Toezicht, afspraken: Afspraken) -> datetime | None:
    """When people hear that it is not known, if it is not by then; None where they were told, or nothing is agreed."""
    regel = next(iter(afspraken.onzekerheden), None)
    if regel is None or toezicht.onbekend.get(oordeel.name) == oordeel.op:
        return None
    crisis = berichten.urgentie_of(toezicht) is NotificatieUrgentie.CRISIS
    return oordeel.op + timedelta(minutes=regel.bij_crisis_na_minuten if crisis else regel.melden_na_minuten)


def unanswered(toezicht: Toezicht, afspraken: Afspraken, *, heard_until: datetime, now: datetime) -> list[Oordeel]:
    """Give what has been due for too long and cannot be judged, of which nobody was told yet."""
    due = [(item, told_at(item, toezicht, afspraken)) for item in oordelen(toezicht) if item.op > heard_until]
    return [item for item, at in due if at is not None and at <= now]
