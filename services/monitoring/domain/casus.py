"""A case as the agreements ask about it (`contracts.afspraken.toepassing`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.afspraken import (
    Drager,
    Gebeurd,
    MeldpuntUrgentie,
    MeldpuntVermoeden,
    Ontvangersoort,
    Signaalmelder,
    local_date,
)
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Toezicht
from services.runtime.unit.frozen import replace


@dataclass(frozen=True, slots=True)
class Casus:
    """What monitoring knows of a case, and who is who in it."""

    casus_id: UUID
    toezicht: Toezicht
    partijen: Partijen

    @property
    def gebeurd(self) -> Sequence[Gebeurd]:
        """The facts, in the order in which they were heard of."""
        return self.toezicht.feiten

    @property
    def huishouden(self) -> Sequence[Gebeurd]:
        """The facts of this case and of those that are one household with it."""
        others = self.toezicht.huishouden.values()
        return (*self.toezicht.feiten, *(feit for other in others for feit in other.feiten))

    @property
    def alone(self) -> "Casus":
        """The case as if it were the only one of its household."""
        return replace(self, toezicht=replace(self.toezicht, huishouden={}))

    def _known_in(self, over: Gebeurd) -> Toezicht:
        """The case of the household in which this happened."""
        others = self.toezicht.huishouden.values()
        return next((other for other in others if over in other.feiten), self.toezicht)

    def omstandigheden(self, over: Gebeurd) -> Mapping[str, str]:
        """The circumstances that a rule may be limited to, as far as this case tells them."""
        toezicht, identifier = self._known_in(over), over.onderwerp_id
        found: dict[str, str] = {}
        if toezicht.meldpunt_acuut is not None:
            found["meldpunt_urgentie"] = (
                MeldpuntUrgentie.ACUUT if toezicht.meldpunt_acuut else MeldpuntUrgentie.NIET_ACUUT
            )
        if toezicht.meldpunt_hgkm is not None:
            found["meldpunt_vermoeden"] = MeldpuntVermoeden.HGKM if toezicht.meldpunt_hgkm else MeldpuntVermoeden.GEEN
        if toezicht.signaal is not None:
            own = toezicht.signaal.van is Drager.LOKAAL_TEAM
            found["signaal_van"] = Signaalmelder.LOKAAL_TEAM if own else Signaalmelder.VEILIG_THUIS
        if over.anker.soort in {"overdracht", "dienst"}:
            partner = toezicht.ketenpartner_of(identifier)
            found["ontvanger"] = Ontvangersoort.LOKAAL_TEAM if partner is None else Ontvangersoort.KETENPARTNER
        beeld = None if identifier is None else toezicht.overdrachten.get(identifier)
        if beeld is not None and beeld.soort is not None:
            found["soort_overdracht"] = beeld.soort
        asked = None if identifier is None else toezicht.samenwerkingen.get(identifier)
        if asked is not None and asked.urgentie is not None:
            found["vbs_urgentie"] = asked.urgentie
        return found

    def partij(self, drager: Drager, over: Gebeurd) -> str:
        """The code of the party that this bearer is, for what this fact is about."""
        assert self.toezicht.regio is not None
        known = self._known_in(over)
        gemeente, _ = known.place_of(over.onderwerp_id)
        partner = known.ketenpartner_of(over.onderwerp_id)
        return self.partijen.code(drager, regio=self.toezicht.regio, gemeente=gemeente, partij=partner)

    def namens(self, partij: str, op: datetime) -> frozenset[str]:
        """The code of this party, and of those whose cases it goes on with on that day."""
        return self.partijen.codes_of(partij, on=local_date(op))
