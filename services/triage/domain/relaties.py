"""How a party stands to what triage knows: a melding, a meldpuntmelding, or what belongs to a region."""

from datetime import datetime
from typing import Protocol

from contracts.rechten import Relatie
from services.runtime.access.actor import Actor
from services.triage.domain.casus import Meldpuntmelding
from services.triage.domain.kader import Kader


class Gemeld(Protocol):
    """What a melding has in common with its row in the read table."""

    @property
    def regio(self) -> str: ...
    @property
    def afzender(self) -> str: ...


class Ingenomen(Protocol):
    """The same of a meldpuntmelding."""

    @property
    def regio(self) -> str: ...
    @property
    def meldpunt(self) -> str: ...
    @property
    def overgenomen_op(self) -> datetime | None: ...


def of_melding(actor: Actor, melding: Gemeld, kader: Kader) -> frozenset[Relatie]:
    """The relations to a melding."""
    found = of_regio(actor, melding.regio, kader)
    return found | {Relatie.AFZENDER} if actor.partij == melding.afzender else found


def of_meldpuntmelding(actor: Actor, melding: Ingenomen, kader: Kader) -> frozenset[Relatie]:
    """The relations to a meldpuntmelding: once another party took over, its meldpunt knows the status only (BK 4.2)."""
    found = of_regio(actor, melding.regio, kader)
    if actor.partij != melding.meldpunt:
        return found
    return found | {Relatie.MELDPUNT if melding.overgenomen_op is None else Relatie.MELDPUNT_NA_OVERNAME}


def of_overname(actor: Actor, melding: Meldpuntmelding, kader: Kader) -> frozenset[Relatie]:
    """The relations to taking it over: also of a party that the meldpunt asked, until another took it over."""
    found = of_meldpuntmelding(actor, melding, kader)
    asked = frozenset(melding.aanbiedingen.values())
    if melding.overgenomen_door is None:
        return found | {Relatie.GEVRAAGD} if actor.partij in asked else found
    if actor.partij == melding.overgenomen_door:
        return found | {Relatie.GEVRAAGD}
    return found | {Relatie.VOORBIJ} if actor.partij in asked else found


def of_regio(actor: Actor, regio: str, kader: Kader) -> frozenset[Relatie]:
    """The relations to what belongs to a region and to nobody else."""
    return frozenset({Relatie.VEILIG_THUIS}) if kader.is_veilig_thuis_of(actor, regio) else frozenset()
