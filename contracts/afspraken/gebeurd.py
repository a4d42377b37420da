"""Something that happened in a case, as the agreements look at it, and who says so."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from uuid import UUID

from contracts.afspraken.ankers import Anker
from contracts.afspraken.feiten import Aanvaarding, Besluit, Overdrachtswijze


@dataclass(frozen=True, slots=True)
class Gebeurd:
    """Something that happened in a case: what (`anker`), when in the real world, on whose act, and about what.

    `bron_id` tells apart what can happen more than once about the same thing. What names no `onderwerp_id` counts for
    zicht op veiligheid and starts no term. `voor` is the moment that it names: what something was planned for, or
    until when somebody waits. The time of a term counts from there, and a message can be about that moment (`op_voor`).
    `volgens` is who says so, where that is not the party whose act it would be: until that party says so itself it is
    no act of its own. `betwist`: that party contradicts what others said of it.
    """

    anker: Anker
    op: datetime
    door: str
    onderwerp_id: UUID | None = None
    bron_id: UUID | None = None
    _: KW_ONLY
    voor: datetime | None = None
    volgens: str | None = None
    betwist: bool = False

    @property
    def aanvaarding(self) -> Aanvaarding | None:
        """Who says that the receiver took it over, or did not; None where this is about something else."""
        if self.anker is Anker.OVERDRACHT_OPGEPAKT:
            return Aanvaarding.ZELF if self.volgens is None else Aanvaarding.VOLGENS_EEN_ANDER
        return Aanvaarding.BETWIST if self.betwist else None


Woord = tuple[datetime, datetime]
"""From when to when others said that a party bore zicht op veiligheid, and that party had not contradicted it."""


def rests_on_a_word(anker: Anker, op: datetime, woorden: Iterable[Woord]) -> bool:
    """Tell whether a case was closed on no more than what others said, where that proved untrue: it is open again."""
    return anker is Anker.CASUS_GESLOTEN and any(begin <= op <= end for begin, end in woorden)


_GAAT_VERDER = frozenset(
    {
        Anker.TRIAGEBESLUIT_GENOMEN,
        Anker.OVERDRACHT_AANGEMAAKT,
        Anker.OVERDRACHT_OPGEPAKT,
        Anker.OVERDRACHT_TERUGGEKOPPELD,
        Anker.DIENST_GESTART,
        Anker.VBS_GEVRAAGD,
        Anker.VBS_VERDEELD,
        Anker.MELDPUNTMELDING_OVERGENOMEN,
        Anker.ANDERE_PARTIJ_AANVAARD,
    }
)


def goes_on(item: Gebeurd, omstandigheden: Mapping[str, str]) -> bool:
    """Tell whether somebody hands the case over, takes it up, gives it back or starts something in it.

    Not a besluit that nothing follows, an offer that waits for another, or what others say of a party.
    """
    if item.anker is Anker.TRIAGEBESLUIT_GENOMEN:
        return omstandigheden.get("besluit") != Besluit.GEEN_VERVOLG
    if item.anker is Anker.OVERDRACHT_AANGEMAAKT:
        return omstandigheden.get("overdrachtswijze") != Overdrachtswijze.AANGEBODEN
    return item.anker in _GAAT_VERDER and item.volgens is None
