"""Whether a case is closed: not by a closure that rests on what others said of a party, where that contradicts it."""

from contracts.afspraken import Anker
from contracts.afspraken.gebeurd import Woord, rests_on_a_word
from services.monitoring.domain.toestand import Toezicht
from services.runtime.unit.frozen import replace


def without_closures_on_hearsay(toezicht: Toezicht) -> Toezicht:
    """The case without a closure from the time in which others said that a party bore it, and it did not: open again."""
    woorden = _contradicted(toezicht)
    kept = tuple(feit for feit in toezicht.feiten if not rests_on_a_word(feit.anker, feit.op, woorden))
    return toezicht if len(kept) == len(toezicht.feiten) else replace(toezicht, feiten=kept, sluitreden=None)


def _contradicted(toezicht: Toezicht) -> list[Woord]:
    """From when to when others said so, and the party had not contradicted it."""
    refused = {feit.onderwerp_id: feit.op for feit in toezicht.feiten if feit.anker is Anker.OVERDRACHT_GEWEIGERD}
    return [
        (beeld.bewijs_op, refused[beeld.overdracht_id])
        for beeld in toezicht.overdrachten.values()
        if beeld.betwist and beeld.bewijs_op is not None and beeld.overdracht_id in refused
    ]
