"""Whose initiative a coercive measure is, at any moment: from melding to overdracht, and after it (D13, MB 6)."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from contracts.afspraken import OVERDRACHT_KWAM_TERUG, Anker, Initiatief
from services.monitoring.domain.toestand import Toezicht

if TYPE_CHECKING:
    from contracts.afspraken import Afspraken

Gebeurd = tuple[Anker, datetime]
"""A moment in a case that an agreement may refer to."""


def rule_at(toezicht: Toezicht, afspraken: "Afspraken", op: datetime) -> Initiatief | None:
    """The agreement that says whose initiative it is at `op`; None where the region has none about it.

    An overdracht that came back counts no more: Veilig Thuis is at work in the case again.
    """
    returned = {feit.onderwerp_id for feit in toezicht.feiten if feit.anker in OVERDRACHT_KWAM_TERUG and feit.op <= op}
    standing = [
        (feit.anker, feit.op)
        for feit in toezicht.feiten
        if feit.anker is not Anker.OVERDRACHT_AFGELEVERD or feit.onderwerp_id not in returned
    ]
    return choose(standing, afspraken.initiatieven, op)


def choose(gebeurd: Iterable[Gebeurd], initiatieven: Iterable[Initiatief], op: datetime) -> Initiatief | None:
    """The agreement whose beginning has come and whose end has not; the one that began last."""
    happened: dict[Anker, datetime] = {}
    for anker, at in gebeurd:
        if at <= op:
            happened[anker] = max(at, happened.get(anker, at))
    holding = [
        regel for regel in initiatieven if regel.vanaf in happened and (regel.tot is None or regel.tot not in happened)
    ]
    return max(holding, key=lambda regel: happened[regel.vanaf], default=None)
