"""What the agreements ask about a case, and the circumstances that a rule can be limited to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.afspraken.ankers import Anker, Drager
from contracts.afspraken.feiten import Casusurgentie, MeldpuntUrgentie, Overdrachtswijze
from contracts.afspraken.gebeurd import Gebeurd, Woord
from contracts.afspraken.model import Omstandigheden


class Casus(Protocol):
    """What the agreements ask about a case."""

    @property
    def casus_id(self) -> UUID:
        """Which case it is."""
        ...

    @property
    def gebeurd(self) -> Sequence[Gebeurd]:
        """Everything that happened, in any order."""
        ...

    @property
    def huishouden(self) -> Sequence[Gebeurd]:
        """The same, with what happened in the cases that are one household with it by the agreements: who bears zicht."""
        ...

    @property
    def betwiste_woorden(self) -> Mapping[UUID, Woord]:
        """Each overdracht of which others said that it was accepted, and whose receiver contradicted it: that word."""
        ...

    def omstandigheden(self, over: Gebeurd) -> Mapping[str, str]:
        """The circumstances that a rule can be limited to, as far as they are known of what `over` is about."""
        ...

    def partij(self, drager: Drager, over: Gebeurd) -> str:
        """The party that is this bearer for what `over` is about."""
        ...

    def aanbieder(self, over: Gebeurd) -> str:
        """The party that made the offer that `over` is about."""
        ...

    def namens(self, partij: str, op: datetime) -> Collection[str]:
        """In whose name this party acted at that moment: its own, and of those whose cases it goes on with."""
        ...


def is_offered(casus: Casus, over: Gebeurd) -> bool:
    """Tell whether this is about an offer: until its receiver accepts, all stays as it is."""
    return casus.omstandigheden(over).get("overdrachtswijze") == Overdrachtswijze.AANGEBODEN


def holds(alleen_bij: Omstandigheden | None, casus: Casus, over: Gebeurd) -> bool:
    """Tell whether a rule that is limited to these circumstances is about this."""
    if alleen_bij is None:
        return True
    follows = alleen_bij.urgentie is not None or alleen_bij.aanvaarding is not None
    return alleen_bij.hold_in(situatie_of(casus, over) if follows else casus.omstandigheden(over))


def situatie_of(casus: Casus, over: Gebeurd) -> Mapping[str, str]:
    """Give the circumstances of what this is about, with what follows from what happened by then: who accepted, a crisis.

    A melding that came in as an ordinary one is a crisis from the besluit that it is one, and a crisis that Veilig Thuis
    takes over from the meldpunt, or gets back from who had, stays one; neither ends by what is done in it.
    """
    said = over.aanvaarding
    situatie = dict(casus.omstandigheden(over))
    if said is not None:
        situatie["aanvaarding"] = said
    if situatie.get("urgentie") != Casusurgentie.CRISIS and any(
        item.op <= over.op and _makes_crisis(casus, item) for item in casus.gebeurd
    ):
        situatie["urgentie"] = Casusurgentie.CRISIS
    return situatie


def _makes_crisis(casus: Casus, item: Gebeurd) -> bool:
    if item.anker in {Anker.MELDPUNTMELDING_OVERGENOMEN, Anker.OVERDRACHT_TERUGGEKOPPELD}:
        return casus.omstandigheden(item).get("meldpunt_urgentie") == MeldpuntUrgentie.ACUUT
    return item.anker is Anker.ACUTE_CRISIS_VASTGESTELD
