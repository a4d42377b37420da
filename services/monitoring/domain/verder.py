"""Who goes on with a case: to whom an overdracht or samenwerking was assigned, and who took an escalatie up. Sealed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.afspraken import Anker
from contracts.messages.documenten import Professional
from contracts.messages.verzegeld import Verzegeld
from services.monitoring.domain.relaties import dienst_ended, ended_at
from services.monitoring.domain.toestand import Escalatiestatus, Overdrachtbeeld, Toezicht


class Verdersoort(StrEnum):
    """What somebody does."""

    OVERDRACHT = "overdracht"
    SAMENWERKING = "samenwerking"
    ESCALATIE = "escalatie"


@dataclass(frozen=True, slots=True)
class Verder:
    """Somebody who goes on with one thing of the case, for a party."""

    soort: Verdersoort
    over_id: UUID
    partij: str
    wie: Verzegeld[Professional]


def goes_on(toezicht: Toezicht) -> Iterator[Verder]:
    """Everybody who goes on with something now; nobody in a case that is closed."""
    if toezicht.first(Anker.CASUS_GESLOTEN, None) is not None:
        return
    for beeld in toezicht.overdrachten.values():
        if beeld.verdeeld_aan is not None and _has_it(toezicht, beeld):
            yield Verder(Verdersoort.OVERDRACHT, beeld.overdracht_id, beeld.ontvanger, beeld.verdeeld_aan)
    for samen in toezicht.samenwerkingen.values():
        if samen.verdeeld_aan is not None and not dienst_ended(toezicht, samen):
            yield Verder(Verdersoort.SAMENWERKING, samen.samenwerking_id, samen.gemeente, samen.verdeeld_aan)
    for escalatie in toezicht.escalaties.values():
        if escalatie.status is Escalatiestatus.OPGEPAKT and escalatie.oppakker is not None:
            yield Verder(Verdersoort.ESCALATIE, escalatie.id, escalatie.bij, escalatie.oppakker)


@dataclass(frozen=True, slots=True)
class Wacht:
    """An overdracht that its receiver has not taken up, as it said: `tot` when, or it cannot (None). Since `op`."""

    overdracht_id: UUID
    op: datetime
    tot: datetime | None


def waits(toezicht: Toezicht) -> Iterator[Wacht]:
    """What waits with a receiver by its own word, the last that it said of each overdracht."""
    if toezicht.first(Anker.CASUS_GESLOTEN, None) is not None:
        return
    for beeld in toezicht.overdrachten.values():
        said = [feit for feit in toezicht.feiten if feit.onderwerp_id == beeld.overdracht_id and feit.anker in _WAITS]
        taken = toezicht.first(Anker.OVERDRACHT_OPGEPAKT, beeld.overdracht_id) is not None
        if said and not taken and ended_at(toezicht, beeld) is None:
            last = max(said, key=lambda feit: feit.op)
            yield Wacht(beeld.overdracht_id, last.op, last.voor)


_WAITS = frozenset({Anker.WACHTLIJST_GEMELD, Anker.NIET_OP_TE_PAKKEN})


def at(found: Collection[Verder], onderwerp_id: UUID, aan: str) -> Verzegeld[Professional] | None:
    """Who goes on with this thing; where it is of the case as a whole, who has the overdracht at the party that is asked."""
    of_thing = (one.wie for one in found if one.over_id == onderwerp_id)
    of_party = (one.wie for one in found if one.partij == aan and one.soort is Verdersoort.OVERDRACHT)
    return next(of_thing, None) or next(of_party, None)


def _has_it(toezicht: Toezicht, beeld: Overdrachtbeeld) -> bool:
    taken = toezicht.first(Anker.OVERDRACHT_OPGEPAKT, beeld.overdracht_id)
    return taken is not None and ended_at(toezicht, beeld) is None
