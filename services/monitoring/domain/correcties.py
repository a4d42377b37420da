"""Putting the moment of a fact right: on purpose, by somebody, and never silently (D16)."""

from datetime import datetime
from uuid import UUID

from contracts.afspraken import Anker
from services.monitoring.domain.toestand import Feit, Toezicht
from services.runtime.unit.frozen import replace

OWN = frozenset(
    {Anker.ONTVANGST_BEVESTIGD, Anker.OVERDRACHT_OPGEPAKT, Anker.VBS_VERDEELD, Anker.VEILIGHEIDSPLAN_OPGESTELD}
)
"""What a gemeente reported itself, and may put right itself."""

VOLGORDE = (
    "een partij nam deze casus zelf over, nadat een ander had gemeld dat een andere partij hem overnam; die volgorde moet "
    "blijven"
)
"""Why a moment is not put right by which a word of others would come to count again (docs/decisions/0031)."""


def known(toezicht: Toezicht) -> list[Feit]:
    """Every fact that can be meant, the first one first: what a party did itself, rather than what others say it did."""
    told_itself = {(feit.anker, feit.onderwerp_id) for feit in toezicht.feiten if feit.volgens is None}
    found = (
        feit for feit in toezicht.feiten if feit.volgens is None or (feit.anker, feit.onderwerp_id) not in told_itself
    )
    return sorted(found, key=lambda feit: feit.op)


def find(toezicht: Toezicht, anker: Anker, onderwerp_id: UUID | None) -> Feit | str:
    """The fact that is meant, or in Dutch why it is not clear which."""
    found = [
        feit
        for feit in toezicht.feiten
        if feit.anker is anker and (onderwerp_id is None or feit.onderwerp_id == onderwerp_id)
    ]
    own = [feit for feit in found if feit.volgens is None]
    found = own or found  # what a party did itself, rather than what others say that it did
    if not found:
        return f"{anker.label} is in deze casus niet bekend"
    if len(found) > 1:
        known = ", ".join(str(feit.onderwerp_id) for feit in found)
        return f"noem waarover het gaat; {anker.label} is bekend van {known}"
    return found[0]


def is_own(feit: Feit, codes: frozenset[str]) -> bool:
    """Whether the party under these codes reported the fact itself."""
    return feit.anker in OWN and feit.door in codes


def why_not(toezicht: Toezicht, feit: Feit, op: datetime, *, now: datetime) -> list[str]:
    """What is wrong with the new moment."""
    reasons = ["ligt in de toekomst"] if op > now else []
    begin = toezicht.peilmoment
    if begin is not None and feit.anker is not Anker.MELDING_ONTVANGEN and op < begin:
        reasons.append("ligt vóór de melding")
    return reasons


def put_right(toezicht: Toezicht, feit: Feit, op: datetime) -> Toezicht:
    """The case with the right moment; what was reported first stays known with it."""
    right = replace(feit, op=op, was_op=feit.was_op or feit.op)
    known = replace(toezicht, feiten=tuple(right if other is feit else other for other in toezicht.feiten))
    return replace(known, melding_op=op) if feit.anker is Anker.MELDING_ONTVANGEN else known
