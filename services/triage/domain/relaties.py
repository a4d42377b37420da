"""How a party stands to what triage knows: a melding, a meldpuntmelding, or what belongs to a region."""

from datetime import datetime
from typing import Protocol

from contracts.rechten import Relatie, standing
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
    relaties = of_regio(actor, melding.regio, kader)
    return standing(relaties | {Relatie.AFZENDER} if actor.partij == melding.afzender else relaties, actor.rollen)


def of_meldpuntmelding(actor: Actor, melding: Ingenomen, kader: Kader) -> frozenset[Relatie]:
    """The relations to a meldpuntmelding: once another party took over, its meldpunt knows the status only (BK 4.2)."""
    relaties = of_regio(actor, melding.regio, kader)
    if actor.partij != melding.meldpunt:
        return relaties
    mine = Relatie.MELDPUNT if melding.overgenomen_op is None else Relatie.MELDPUNT_NA_OVERNAME
    return standing(relaties | {mine}, actor.rollen)


def of_overname(actor: Actor, melding: Meldpuntmelding, kader: Kader) -> frozenset[Relatie]:
    """The relations to taking it over: of the meldpunt and of a party that it asked, until another took it over itself."""
    asks = melding.op_bewijs and actor.partij == melding.meldpunt
    mine = frozenset({Relatie.MELDPUNT}) if asks else of_meldpuntmelding(actor, melding, kader)
    return standing(mine | _asked(actor, melding), actor.rollen)


def _asked(actor: Actor, melding: Meldpuntmelding) -> frozenset[Relatie]:
    if actor.partij == melding.overgenomen_door:
        return frozenset({Relatie.GEVRAAGD})
    if actor.partij not in melding.aanbiedingen.values():
        return frozenset()
    is_open = melding.overgenomen_door is None or melding.op_bewijs
    return frozenset({Relatie.GEVRAAGD if is_open else Relatie.VOORBIJ})


def of_regio(actor: Actor, regio: str, kader: Kader) -> frozenset[Relatie]:
    """The relations to what belongs to a region and to nobody else."""
    relaties = frozenset({Relatie.VEILIG_THUIS}) if kader.is_veilig_thuis_of(actor, regio) else frozenset[Relatie]()
    return standing(relaties, actor.rollen)
