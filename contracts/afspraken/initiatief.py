"""Whose initiative a coercive measure is, by what happened in a case so far."""

from collections.abc import Container, Sequence
from datetime import datetime
from uuid import UUID

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker
from contracts.afspraken.gebeurd import Gebeurd
from contracts.afspraken.model import Initiatief
from contracts.afspraken.rule_book import Afspraken


def find_initiatief(
    gebeurd: Sequence[Gebeurd], afspraken: Afspraken, op: datetime, *, aangeboden: Container[UUID | None] = ()
) -> Initiatief | None:
    """Give the rule whose beginning has come at `op` and whose end has not, the one that began last.

    An overdracht that came back counts no more: Veilig Thuis is at work in the case again. One that somebody asked for
    (`aangeboden`) counts from when its receiver took it up.
    """
    came = [item for item in gebeurd if item.op <= op]
    returned = {item.onderwerp_id for item in came if item.anker in OVERDRACHT_KWAM_TERUG}
    accepted = {item.onderwerp_id for item in came if item.anker is Anker.OVERDRACHT_OPGEPAKT}
    happened: dict[Anker, datetime] = {}
    for item in came:
        over = item.onderwerp_id
        counts = over not in returned and (over not in aangeboden or over in accepted)
        if counts or item.anker is not Anker.OVERDRACHT_AFGELEVERD:
            happened[item.anker] = max(item.op, happened.get(item.anker, item.op))
    holding = [
        regel
        for regel in afspraken.initiatieven
        if regel.vanaf in happened and (regel.tot is None or regel.tot not in happened)
    ]
    return max(holding, key=lambda regel: happened[regel.vanaf], default=None)
