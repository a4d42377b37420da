"""Whose part in a case ends because another party takes it over: one rule, for every service that keeps overdrachten.

A party that takes a case over has it instead of who had it before (BK 4.4.1: "ik laat niet los voordat een ander
overneemt"; AEF C). What Veilig Thuis handed to several receivers by one besluit they have beside each other.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Aandeel:
    """What an overdracht gives its receiver: since when, whether as an offer of others, and whether to a lokaal team."""

    ontvanger: str
    gemaakt_op: datetime
    is_aanbod: bool
    is_lokaal_team: bool


def ends_by(mine: Aandeel, taken: Aandeel, *, aanvaard_op: datetime) -> bool:
    """Whether `mine` is over because `taken` was taken up at `aanvaard_op`.

    An offer that is accepted takes the case over as it then is. What Veilig Thuis hands to a ketenpartner does so where
    it was handed over later; a second lokaal team never does, for children of one household can live in two gemeenten.
    """
    if mine.ontvanger == taken.ontvanger:
        return False
    if taken.is_aanbod:
        return mine.gemaakt_op <= aanvaard_op
    return not taken.is_lokaal_team and mine.gemaakt_op < taken.gemaakt_op
