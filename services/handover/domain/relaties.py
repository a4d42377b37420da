"""How a party stands to what handover knows: an overdracht, a samenwerking, a case."""

from datetime import datetime
from typing import Protocol

from contracts.rechten import Daad, Relatie, Toegang, decide, standing
from services.handover.domain.antwoord import NOT_FOUND, VOORBIJ
from services.handover.domain.casus import Casus
from services.handover.domain.kader import BEHEER, Kader
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import Refused


class Gericht(Protocol):
    """What an overdracht has in common with its row in the read table: to whom it went, and how far it is."""

    @property
    def regio(self) -> str: ...
    @property
    def ontvanger(self) -> str: ...
    @property
    def aangeboden_door(self) -> str | None: ...
    @property
    def is_over(self) -> bool: ...
    @property
    def is_gevraagd(self) -> bool: ...
    @property
    def is_aanvaard(self) -> bool: ...


class Gevraagd(Protocol):
    """The same of a samenwerking."""

    @property
    def regio(self) -> str: ...
    @property
    def gemeente(self) -> str: ...
    @property
    def is_over(self) -> bool: ...


def of_overdracht(actor: Actor, overdracht: Gericht, *, kader: Kader, at: datetime) -> frozenset[Relatie]:
    """The relations to one overdracht. Who goes on with the cases of a gemeente stands in its place."""
    return standing(_of_overdracht(actor, overdracht, kader, at), actor.rollen)


def _of_overdracht(actor: Actor, overdracht: Gericht, kader: Kader, at: datetime) -> frozenset[Relatie]:
    relaties = _of_region(actor, overdracht.regio, kader)
    is_unanswered = overdracht.is_gevraagd and not overdracht.is_over
    aanbieder = overdracht.aangeboden_door if is_unanswered else None
    if aanbieder is not None and kader.goes_to(actor, aanbieder, at):
        relaties |= {Relatie.AANBIEDER}
    if not kader.goes_to(actor, overdracht.ontvanger, at):
        return relaties
    if overdracht.is_over:
        return relaties | {Relatie.VOORBIJ}
    if overdracht.is_gevraagd:
        return relaties | {Relatie.GEVRAAGD}
    return relaties | {Relatie.ONTVANGER if overdracht.is_aanvaard else Relatie.AANGEBODEN}


def of_samenwerking(actor: Actor, samenwerking: Gevraagd, *, kader: Kader, at: datetime) -> frozenset[Relatie]:
    """The relations to one request to walk along."""
    relaties = _of_region(actor, samenwerking.regio, kader)
    if not kader.goes_to(actor, samenwerking.gemeente, at):
        return relaties
    mine = Relatie.VOORBIJ if samenwerking.is_over else Relatie.SAMENWERKER
    return standing(relaties | {mine}, actor.rollen)


def of_casus(actor: Actor, casus: Casus, *, kader: Kader) -> frozenset[Relatie]:
    """The relations to a case as a whole."""
    return frozenset(relatie for regio in casus.regios for relatie in _of_region(actor, regio, kader))


def refuse_reading(daad: Daad, relaties: frozenset[Relatie]) -> Refused | None:
    """Why this may not be read; None where it may."""
    match decide(daad, relaties):
        case Toegang.MAG:
            return None
        case Toegang.VOORBIJ:
            return VOORBIJ
        case Toegang.GEEN | Toegang.ROL:
            return NOT_FOUND


def _of_region(actor: Actor, regio: str, kader: Kader) -> frozenset[Relatie]:
    if actor.rol == BEHEER:
        return frozenset({Relatie.BEHEER})
    relaties = frozenset({Relatie.VEILIG_THUIS}) if kader.is_veilig_thuis_of(actor, regio) else frozenset[Relatie]()
    return standing(relaties, actor.rollen)
