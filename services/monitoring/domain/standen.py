"""Which overdracht waits with whoever says where it stands."""

from collections.abc import Collection
from uuid import UUID

from contracts.afspraken import OVERDRACHT_KWAM_TERUG, Anker
from services.monitoring.domain.toestand import Toezicht


def waits_at(toezicht: Toezicht, codes: Collection[str]) -> UUID | None:
    """The overdracht that waits with the party under these codes, the last one made; None where none does."""
    over = (Anker.OVERDRACHT_OPGEPAKT, *OVERDRACHT_KWAM_TERUG)
    taken = {feit.onderwerp_id for feit in toezicht.feiten if feit.anker in over}
    waiting = [
        beeld.overdracht_id
        for beeld in toezicht.overdrachten.values()
        if beeld.ontvanger in codes and beeld.overdracht_id not in taken
    ]
    return waiting[-1] if waiting else None
