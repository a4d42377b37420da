"""The people involved are told of the overdracht, by Veilig Thuis or by the team; professionals record that they did.

Veilig Thuis sends what it handed over, or where there was no contact only a letter that it did; then the team tells who
reported, what, and why it makes an appointment (MB 4.1). Where a team is at work already, telling is mostly theirs (AEF A).
No agreement names a term for it.
"""

from uuid import UUID

from contracts.messages.documenten import Informeerwijze, Overdrachtsdocument
from contracts.messages.envelope import Problem
from contracts.messages.handover import Betrokkenenbrief, BetrokkenenGeinformeerd
from contracts.rechten import Daad
from services.handover.domain.antwoord import NOT_FOUND, receipt
from services.handover.domain.brieven import GEEN_CONTACT
from services.handover.domain.casus import Casus, Informering, Overdracht
from services.handover.domain.invoer import InformeringInvoer
from services.handover.domain.kader import Kader
from services.handover.domain.terugnemen import refuse_act
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, iso, seal, unchanged


def inform(
    state: Casus | None, overdracht_id: UUID, invoer: InformeringInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """They were told. Said again it changes nothing; said otherwise it needs to be a correction."""
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None:
        return NOT_FOUND
    if refused := refuse_act(Daad.BETROKKENEN_INFORMEREN, overdracht, context=context, kader=kader):
        return refused
    known = next((item for item in overdracht.informeringen if item.door == context.actor.partij), None)
    told = _read(invoer, known, context=context)
    if known is not None and told == known:
        return unchanged(state, _answer(context, overdracht, known))
    refused = _not_as_meant(known, correctie=invoer.correctie) or _why_not(
        told, overdracht, context=context, kader=kader
    )
    return refused or _note(state, overdracht, told, known, invoer, context=context)


def _not_as_meant(known: Informering | None, *, correctie: bool) -> Refused | None:
    """What is known is only replaced on purpose, and only what is known can be replaced."""
    if known is not None and not correctie:
        message = f"is al vastgelegd, op {iso(known.op)}; met correctie: true wordt dat vervangen"
        return conflict("Al vastgelegd", message, code="al-vastgelegd")
    if known is None and correctie:
        return conflict("Niets te corrigeren", "er is nog niets vastgelegd", code="niets-te-corrigeren")
    return None


def _why_not(told: Informering, overdracht: Overdracht, *, context: Context, kader: Kader) -> Refused | None:
    if problems := _check(told, overdracht, context=context, kader=kader):
        return invalid(problems)
    if told.brief is Betrokkenenbrief.MET_DOCUMENT and _without_contact(overdracht, context):
        return GEEN_CONTACT
    return None


def _read(invoer: InformeringInvoer, known: Informering | None, *, context: Context) -> Informering:
    """Without a moment it is now; and said again without one, the moment that was known."""
    again = known is not None and not invoer.correctie
    op = invoer.geinformeerd_op or (known.op if known is not None and again else context.now)
    onderwerpen = tuple(sorted(set(invoer.onderwerpen)))
    return Informering(op, context.actor.partij, invoer.wijze, invoer.brief, onderwerpen)


def _check(told: Informering, overdracht: Overdracht, *, context: Context, kader: Kader) -> list[Problem]:
    """A letter of Veilig Thuis is one of the two of MB 4.1; telling happens after the melding and not tomorrow."""
    problems: list[Problem] = []
    if told.op > context.now + kader.moment_vooruit:
        problems.append(Problem("geinformeerdOp", "ligt in de toekomst"))
    if told.op < overdracht.melding_ontvangen_op:
        since = iso(overdracht.melding_ontvangen_op)
        problems.append(Problem("geinformeerdOp", f"ligt vóór de melding van {since}"))
    by_letter = told.wijze is Informeerwijze.BRIEF
    if told.brief is not None and not by_letter:
        problems.append(Problem("brief", "hoort alleen bij een brief"))
    if told.brief is None and by_letter and kader.is_veilig_thuis_of(context.actor, overdracht.regio):
        names = ", ".join(brief.value for brief in Betrokkenenbrief)
        problems.append(Problem("brief", f"ontbreekt: welke brief? ({names})"))
    return problems


def _without_contact(overdracht: Overdracht, context: Context) -> bool:
    document = context.sealer.open(overdracht.document, Overdrachtsdocument)
    return document.contact_met_betrokkenen is False


def _note(
    state: Casus,
    overdracht: Overdracht,
    told: Informering,
    known: Informering | None,
    invoer: InformeringInvoer,
    *,
    context: Context,
) -> Decision[Casus]:
    others = tuple(item for item in overdracht.informeringen if item.door != told.door)
    noted = replace(overdracht, informeringen=(*others, told))
    event = BetrokkenenGeinformeerd(
        overdracht_id=noted.id,
        geinformeerd_op=told.op,
        wijze=told.wijze.value,
        brief=told.brief,
        onderwerpen=told.onderwerpen,
        geinformeerd_door=told.door,
        medewerker=seal(context, invoer.medewerker),
        was_op=None if known is None else known.op,
    )
    facts: JsonObject = {
        "overdracht": str(noted.id),
        "wijze": told.wijze.value,
        "brief": told.brief,
        "op": iso(told.op),
        "was": None if known is None else iso(known.op),
    }
    what = "betrokkenen-geinformeerd" if known is None else "betrokkenen-geinformeerd-gecorrigeerd"
    return Decision(
        state.with_overdracht(noted),
        events=(event,),
        journal=(JournalLine(what, facts=facts),),
        answer=_answer(context, noted, told),
    )


def _answer(context: Context, overdracht: Overdracht, told: Informering) -> JsonObject:
    about: JsonObject = {
        "wijze": told.wijze.value,
        "brief": None if told.brief is None else told.brief.value,
        "onderwerpen": [onderwerp.value for onderwerp in told.onderwerpen],
    }
    return receipt(context.casus_id, overdracht, moment="geinformeerdOp", op=told.op) | about
