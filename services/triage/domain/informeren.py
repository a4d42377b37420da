"""The melder hears that something was done with the melding, and nothing about the people it is about (BK annex 1)."""

from contracts.messages.envelope import Problem
from contracts.messages.identifiers import short_reference
from contracts.messages.triage import MelderGeinformeerd
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, iso, seal, unchanged
from services.triage.domain.antwoord import NOT_FOUND
from services.triage.domain.casus import Casus, Melderinformering, Melding
from services.triage.domain.invoer import InformeringInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.melding import accessible_melding

UNDECIDED = conflict(
    "Nog niet besloten",
    "de melder hoort wat er met de melding is gedaan; leg eerst het triagebesluit vast",
    code="nog-niet-besloten",
)


def inform_melder(state: Casus | None, invoer: InformeringInvoer, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """Veilig Thuis told the melder. Said again it changes nothing; said otherwise it needs to be a correction."""
    melding = None if state is None else accessible_melding(state, context=context, kader=kader)
    if state is None or melding is None:
        return NOT_FOUND
    if state.last_besluit is None:
        return UNDECIDED
    earlier = melding.melder_geinformeerd
    again = earlier is not None and not invoer.correctie
    op = invoer.geinformeerd_op or (earlier.op if earlier is not None and again else context.now)
    informering = Melderinformering(op, invoer.wijze)
    if earlier is not None and informering == earlier:
        return unchanged(state, _answer(context, melding, earlier))
    problems = _check(informering, melding, context=context, kader=kader)
    if refused := _not_as_meant(earlier, correctie=invoer.correctie) or (invalid(problems) if problems else None):
        return refused
    noted = replace(melding, melder_geinformeerd=informering)
    event = MelderGeinformeerd(
        melding_id=melding.id,
        geinformeerd_op=informering.op,
        wijze=informering.wijze,
        geinformeerd_door=context.actor.partij,
        medewerker=seal(context, invoer.medewerker),
        was_op=None if earlier is None else earlier.op,
    )
    facts: JsonObject = {
        "wijze": informering.wijze.value,
        "op": iso(informering.op),
        "was": None if earlier is None else iso(earlier.op),
    }
    what = "melder-geinformeerd" if earlier is None else "melder-geinformeerd-gecorrigeerd"
    return Decision(
        replace(state, melding=noted),
        events=(event,),
        journal=(JournalLine(what, facts=facts),),
        answer=_answer(context, noted, informering),
    )


def _not_as_meant(known: Melderinformering | None, *, correctie: bool) -> Refused | None:
    """What is known is only replaced on purpose, and only what is known can be replaced."""
    if known is not None and not correctie:
        message = f"is al vastgelegd, op {iso(known.op)}; met correctie: true wordt dat vervangen"
        return conflict("Al vastgelegd", message, code="al-vastgelegd")
    if known is None and correctie:
        return conflict("Niets te corrigeren", "er is nog niets vastgelegd", code="niets-te-corrigeren")
    return None


def _check(told: Melderinformering, melding: Melding, *, context: Context, kader: Kader) -> list[Problem]:
    if told.op > context.now + kader.grenzen.vooruit:
        return [Problem("geinformeerdOp", "ligt in de toekomst")]
    if told.op < melding.ontvangen_op:
        return [Problem("geinformeerdOp", f"ligt vóór de melding van {iso(melding.ontvangen_op)}")]
    return []


def _answer(context: Context, melding: Melding, told: Melderinformering) -> JsonObject:
    return {
        "id": str(melding.id),
        "casusId": str(context.casus_id),
        "referentie": short_reference(context.casus_id),
        "geinformeerdOp": iso(told.op),
        "wijze": told.wijze.value,
    }
