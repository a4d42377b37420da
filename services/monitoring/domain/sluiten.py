"""Whether a case is closed: not by a closure that rests on what others said of a party, where that contradicts it."""

from datetime import datetime

from contracts.afspraken import Anker
from services.monitoring.domain.toestand import Feit, Toezicht
from services.runtime.unit.frozen import replace


def without_closures_on_hearsay(toezicht: Toezicht) -> Toezicht:
    """The case without a closure from the time in which others said that a party bore it, and it did not: open again."""
    spans = _contradicted(toezicht)
    kept = tuple(feit for feit in toezicht.feiten if not _rests_on(feit, spans))
    return toezicht if len(kept) == len(toezicht.feiten) else replace(toezicht, feiten=kept, sluitreden=None)


def _contradicted(toezicht: Toezicht) -> list[tuple[datetime, datetime]]:
    """From when to when others said so, and the party had not contradicted it."""
    refused = {feit.onderwerp_id: feit.op for feit in toezicht.feiten if feit.anker is Anker.OVERDRACHT_GEWEIGERD}
    return [
        (beeld.bewijs_op, refused[beeld.overdracht_id])
        for beeld in toezicht.overdrachten.values()
        if beeld.betwist and beeld.bewijs_op is not None and beeld.overdracht_id in refused
    ]


def _rests_on(feit: Feit, spans: list[tuple[datetime, datetime]]) -> bool:
    return feit.anker is Anker.CASUS_GESLOTEN and any(begin <= feit.op <= end for begin, end in spans)
