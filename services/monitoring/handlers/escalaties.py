"""What people do about an escalatie: take it up, settle it, bring it to the next rung, or begin one by disagreeing (MB 6.1)."""

from uuid import UUID

from contracts.afspraken import Afspraken, Anker, LadderRegel
from contracts.messages.documenten import Professional
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import derived_id
from contracts.rechten import Daad, may
from services.monitoring.domain.antwoord import CLOSED, conflict, invalid, not_theirs, unknown
from services.monitoring.domain.escalaties import Escalatiegrond, why_not_theirs
from services.monitoring.domain.feiten import add_feit
from services.monitoring.domain.invoer import (
    AfhandelingInvoer,
    MeningsverschilInvoer,
    OppakkingInvoer,
    OpschalingInvoer,
)
from services.monitoring.domain.relaties import of_escalatie
from services.monitoring.domain.sluiten import is_closed
from services.monitoring.domain.toestand import Escalatie, Escalatiestatus, Feit, Toezicht
from services.monitoring.handlers.kader import Kader, may_act, seal, who
from services.runtime.unit.decision import Context, JsonObject, Outcome, Refused, TooEarly
from services.runtime.unit.frozen import replace

MENINGSVERSCHIL = "meningsverschil"
"""The ladder for a difference of opinion; a region without one uses its first."""
OPSCHALEN_KETENPARTNER = "opschalen-ketenpartner"
"""The same where it is about an overdracht to another party than a lokaal team."""


def take_up_escalatie(
    toezicht: Toezicht, escalatie_id: UUID, invoer: OppakkingInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """Somebody goes and solves it; its rung is not called again for a while."""
    escalatie = _escalatie_for(toezicht, escalatie_id, context=context, kader=kader)
    if isinstance(escalatie, Refused):
        return escalatie
    if escalatie.status is not Escalatiestatus.OPEN:
        return conflict(f"deze escalatie is al {escalatie.status.value}")
    verloop = kader.verloop(toezicht, context)
    if isinstance(verloop, TooEarly):
        return verloop
    if reason := why_not_theirs(escalatie, verloop.afspraken, kader.wie(toezicht, context)):
        return not_theirs(reason)
    taken = verloop.take_up_escalatie(escalatie, door=who(invoer.door, context))
    taken = replace(taken, oppakker=context.sealer.seal(invoer.door))
    verloop.keep_escalatie(_with_words(taken, invoer.door, invoer.toelichting, context))
    return kader.decide(toezicht, verloop, answer=_answer(taken))


def settle_escalatie(
    toezicht: Toezicht, escalatie_id: UUID, invoer: AfhandelingInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """It is closed with a result."""
    escalatie = _unsettled_for(toezicht, escalatie_id, context=context, kader=kader)
    if isinstance(escalatie, Refused):
        return escalatie
    verloop = kader.verloop(toezicht, context)
    if isinstance(verloop, TooEarly):
        return verloop
    if reason := why_not_theirs(escalatie, verloop.afspraken, kader.wie(toezicht, context)):
        return not_theirs(reason)
    facts = {"door": who(invoer.door, context)}
    closed = verloop.settle_escalatie(escalatie, invoer.resultaat.value, {**facts})
    verloop.keep_escalatie(_with_words(closed, invoer.door, invoer.toelichting, context))
    return kader.decide(toezicht, verloop, answer=_answer(closed))


def raise_escalatie(
    toezicht: Toezicht, escalatie_id: UUID, invoer: OpschalingInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """They solve it and decide (MB 6.1); the next rung is called when they say so, or when their time passes."""
    escalatie = _unsettled_for(toezicht, escalatie_id, context=context, kader=kader)
    if isinstance(escalatie, Refused):
        return escalatie
    verloop = kader.verloop(toezicht, context)
    if isinstance(verloop, TooEarly):
        return verloop
    climbed = verloop.climb(escalatie, door=who(invoer.door, context))
    if climbed is escalatie:
        return conflict("deze escalatie staat al op de hoogste trede")
    verloop.keep_escalatie(_with_words(climbed, invoer.door, invoer.toelichting, context))
    return kader.decide(toezicht, verloop, answer=_answer(climbed))


def report_meningsverschil(
    toezicht: Toezicht, invoer: MeningsverschilInvoer, *, context: Context, kader: Kader, key: UUID
) -> Outcome[Toezicht]:
    """Veilig Thuis and the team differ; the first rung of the ladder for that is called.

    In a closed case nobody has to agree any more: who differs about the closing makes a new melding (0023).
    """
    if not may_act(toezicht, context=context, kader=kader, daad=Daad.MENINGSVERSCHIL_MELDEN):
        return unknown("casus")
    if invoer.overdracht_id is not None and invoer.overdracht_id not in toezicht.overdrachten:
        return invalid(Problem("overdrachtId", "is geen overdracht van deze casus"))
    if is_closed(toezicht):
        return CLOSED
    identifier = derived_id("meningsverschil", str(context.casus_id), str(key))
    feit = Feit(
        Anker.MENINGSVERSCHIL_GEMELD,
        context.now,
        context.actor.partij,
        identifier,
        medewerker=context.sealer.seal(invoer.door),
    )
    verloop = kader.verloop(add_feit(toezicht, feit), context)
    if isinstance(verloop, TooEarly):
        return verloop
    verloop.follow_facts()
    grond = _grond(toezicht, invoer, identifier)
    escalatie = verloop.start_escalatie(grond, _ladder_for(grond, verloop.afspraken))
    verloop.keep_escalatie(_with_words(escalatie, invoer.door, invoer.toelichting, context))
    return kader.decide(toezicht, verloop, answer=_answer(escalatie))


def _unsettled_for(toezicht: Toezicht, escalatie_id: UUID, *, context: Context, kader: Kader) -> Escalatie | Refused:
    escalatie = _escalatie_for(toezicht, escalatie_id, context=context, kader=kader)
    if isinstance(escalatie, Refused) or escalatie.status is not Escalatiestatus.AFGEHANDELD:
        return escalatie
    return conflict("deze escalatie is al afgehandeld")


def _escalatie_for(toezicht: Toezicht, escalatie_id: UUID, *, context: Context, kader: Kader) -> Escalatie | Refused:
    escalatie = toezicht.escalaties.get(escalatie_id)
    if escalatie is None:
        return unknown("escalatie")
    relaties = of_escalatie(kader.codes(context), kader.relaties(toezicht, context), escalatie)
    return escalatie if may(Daad.ESCALATIE_BEHANDELEN, relaties, context.actor.rollen) else unknown("escalatie")


def _grond(toezicht: Toezicht, invoer: MeningsverschilInvoer, identifier: UUID) -> Escalatiegrond:
    assert toezicht.gemeente is not None
    beeld = toezicht.overdrachten.get(invoer.overdracht_id) if invoer.overdracht_id is not None else None
    return Escalatiegrond(
        id=derived_id("escalatie", str(identifier)),
        regel_id=MENINGSVERSCHIL if beeld is None or beeld.partij is None else OPSCHALEN_KETENPARTNER,
        onderwerp_id=invoer.overdracht_id or identifier,
        gemeente=toezicht.gemeente if beeld is None else beeld.gemeente,
        team=None if beeld is None else beeld.team,
        partij=None if beeld is None else beeld.partij,
    )


def _ladder_for(grond: Escalatiegrond, afspraken: Afspraken) -> LadderRegel:
    return next((ladder for ladder in afspraken.ladders if ladder.id == grond.regel_id), afspraken.ladders[0])


def _with_words(escalatie: Escalatie, door: Professional, toelichting: str | None, context: Context) -> Escalatie:
    sealed = seal(context, door, toelichting)
    return replace(escalatie, vastleggingen=(*escalatie.vastleggingen, sealed))


def _answer(escalatie: Escalatie) -> JsonObject:
    return {
        "id": str(escalatie.id),
        "status": escalatie.status.value,
        "trede": escalatie.trede + 1,
        "rol": escalatie.rol,
        "bij": escalatie.bij,
        "resultaat": escalatie.resultaat,
    }
