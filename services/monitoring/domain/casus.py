"""A case as the agreements ask about it (`contracts.afspraken.toepassing`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.afspraken import (
    Aanbieder,
    Drager,
    Gebeurd,
    MeldpuntUrgentie,
    MeldpuntVermoeden,
    Ontvangersoort,
    Overdrachtswijze,
    Signaalmelder,
    local_date,
)
from contracts.afspraken.gebeurd import Woord
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Toezicht
from services.runtime.unit.frozen import replace


@dataclass(frozen=True, slots=True)
class Casus:
    """What monitoring knows of a case, and who is who in it."""

    casus_id: UUID
    toezicht: Toezicht
    partijen: Partijen
    _owners: Mapping[Gebeurd, Toezicht] = field(init=False, repr=False, compare=False)
    """Which other case of the household each of its facts is of: asked for every rule and every fact."""
    _known: dict[int, tuple[Gebeurd, Mapping[str, str]]] = field(init=False, repr=False, compare=False)
    """The circumstances of each fact that was asked about, by which object it is: to compare facts takes longer."""

    def __post_init__(self) -> None:
        others = self.toezicht.huishouden.values()
        owners: dict[Gebeurd, Toezicht] = {feit: other for other in others for feit in other.feiten}
        object.__setattr__(self, "_owners", owners)
        object.__setattr__(self, "_known", {})

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
    def betwiste_woorden(self) -> Mapping[UUID, Woord]:
        """From when to when others said so, and the party had not contradicted it."""
        return self.toezicht.betwiste_woorden

    @property
    def alone(self) -> "Casus":
        """The case as if it were the only one of its household."""
        return Casus(self.casus_id, replace(self.toezicht, huishouden={}), self.partijen)

    def _known_in(self, over: Gebeurd) -> Toezicht:
        """The case of the household in which this happened."""
        return self._owners.get(over, self.toezicht) if self._owners else self.toezicht

    def omstandigheden(self, over: Gebeurd) -> Mapping[str, str]:
        """The circumstances that a rule may be limited to, as far as this case tells them."""
        known = self._known.get(id(over))
        if known is None:
            known = self._known[id(over)] = over, self._omstandigheden(over)
        return known[1]

    def _omstandigheden(self, over: Gebeurd) -> Mapping[str, str]:
        toezicht, identifier = self._known_in(over), over.onderwerp_id
        found: dict[str, str] = {} if toezicht.urgentie is None else {"urgentie": toezicht.urgentie}
        if toezicht.meldpunt_acuut is not None:
            found["meldpunt_urgentie"] = (
                MeldpuntUrgentie.ACUUT if toezicht.meldpunt_acuut else MeldpuntUrgentie.NIET_ACUUT
            )
        if toezicht.meldpunt_hgkm is not None:
            found["meldpunt_vermoeden"] = MeldpuntVermoeden.HGKM if toezicht.meldpunt_hgkm else MeldpuntVermoeden.GEEN
        found |= _about_besluit(toezicht, over)
        if toezicht.signaal is not None:
            own = toezicht.signaal.van is Drager.LOKAAL_TEAM
            found["signaal_van"] = Signaalmelder.LOKAAL_TEAM if own else Signaalmelder.VEILIG_THUIS
        if over.anker.soort == "dienst" or (over.anker.soort == "overdracht" and identifier in toezicht.overdrachten):
            partner = toezicht.ketenpartner_of(identifier)
            found["ontvanger"] = Ontvangersoort.LOKAAL_TEAM if partner is None else Ontvangersoort.KETENPARTNER
        if over.anker.soort == "overdracht":
            found |= self._offered(identifier)
        beeld = None if identifier is None else toezicht.overdrachten.get(identifier)
        if beeld is not None and beeld.soort is not None:
            found["soort_overdracht"] = beeld.soort
        asked = None if identifier is None else toezicht.samenwerkingen.get(identifier)
        if asked is not None and asked.urgentie is not None:
            found["vbs_urgentie"] = asked.urgentie
        return found

    def _offered(self, overdracht_id: UUID | None) -> dict[str, str]:
        """Whether it was handed over or offered, and by whom."""
        beeld = None if overdracht_id is None else self.toezicht.overdrachten.get(overdracht_id)
        if beeld is None or beeld.aangeboden_door is None:
            return {"overdrachtswijze": Overdrachtswijze.OVERGEDRAGEN, "aanbieder": Aanbieder.VEILIG_THUIS}
        kinds = {self._code(drager): Aanbieder(drager) for drager in (Drager.MELDPUNT, Drager.VEILIG_THUIS)}
        gemeenten = {
            beeld.gemeente,
            self.toezicht.gemeente,
            *(item.gemeente for item in self.toezicht.overdrachten.values()),
        }
        kinds |= {gemeente: Aanbieder.LOKAAL_TEAM for gemeente in gemeenten if gemeente is not None}
        aanbieder = kinds.get(beeld.aangeboden_door, Aanbieder.KETENPARTNER)
        return {"overdrachtswijze": Overdrachtswijze.AANGEBODEN, "aanbieder": aanbieder}

    def aanbieder(self, over: Gebeurd) -> str:
        """The code of the party that made the offer that this fact is about; what nobody offered is of Veilig Thuis."""
        beeld = None if over.onderwerp_id is None else self._known_in(over).overdrachten.get(over.onderwerp_id)
        aangeboden_door = None if beeld is None else beeld.aangeboden_door
        return aangeboden_door or self._code(Drager.VEILIG_THUIS)

    def _code(self, drager: Drager) -> str:
        regio, gemeente = self.toezicht.regio or "", self.toezicht.gemeente or ""
        return self.partijen.code(drager, regio=regio, gemeente=gemeente)

    def namens(self, partij: str, op: datetime) -> frozenset[str]:
        """The code of this party, and of those whose cases it goes on with on that day."""
        return self.partijen.codes_of(partij, on=local_date(op))

    def partij(self, drager: Drager, over: Gebeurd) -> str:
        """The code of the party that this bearer is, for what this fact is about."""
        assert self.toezicht.regio is not None
        known = self._known_in(over)
        gemeente, _ = known.place_of(over.onderwerp_id)
        partner = known.ketenpartner_of(over.onderwerp_id)
        return self.partijen.code(drager, regio=self.toezicht.regio, gemeente=gemeente, partij=partner)


def _about_besluit(toezicht: Toezicht, over: Gebeurd) -> dict[str, str]:
    """What the triagebesluit that this is says; of anything else, whether a team was at work already."""
    beeld = None if over.bron_id is None else toezicht.besluiten.get(over.bron_id)
    if beeld is not None:
        said = {"besluit": beeld.besluit, "informeert": beeld.informeert, "melder": beeld.melder}
        return {name: value for name, value in said.items() if value is not None}
    known = {str(item.informeert) for item in toezicht.besluiten.values() if item.informeert is not None}
    return {"informeert": known.pop()} if len(known) == 1 else {}
