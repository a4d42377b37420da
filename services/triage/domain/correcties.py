"""A moment that was put right elsewhere: what triage publishes and which agreements it uses follow the right one (D16)."""

from datetime import datetime

from contracts.afspraken import Anker, GeenAfspraken
from contracts.messages.doorgegeven import CorrectieDoorgegeven
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome, Rejected
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import iso, unchanged
from services.triage.domain.advies import determine_advies
from services.triage.domain.casus import AWAITING_BESLUIT, Casus, Melding
from services.triage.domain.kader import Kader


def put_right(state: Casus | None, event: CorrectieDoorgegeven, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """The case with the right moment, and a line that says what it was. Twice is once; an older word changes nothing.

    Another date of the melding can mean other agreements: then the advice is given anew, as long as one is wanted.
    Raises `Rejected` where no agreements hold on that day.
    """
    key = event.feit if event.onderwerp_id is None else f"{event.feit}:{event.onderwerp_id}"
    if state is None or _is_older(state.gecorrigeerd.get(key), event.gecorrigeerd_op):
        return unchanged(state)
    right = _with_moment(state, event)
    if right is state:
        return unchanged(state)
    noted = replace(right, gecorrigeerd={**state.gecorrigeerd, key: event.gecorrigeerd_op})
    decision = Decision(noted, journal=(_line(event),))
    melding = noted.melding
    if melding is None or Anker(event.feit) is not Anker.MELDING_ONTVANGEN:
        return decision
    return _advise_anew(decision, melding, context=context, kader=kader)


def _is_older(known: datetime | None, heard: datetime) -> bool:
    return known is not None and known >= heard


def _with_moment(state: Casus, event: CorrectieDoorgegeven) -> Casus:  # noqa: PLR0911  a table of facts
    """The same object where this fact is none of triage."""
    over, op = event.onderwerp_id, event.op
    match Anker(event.feit):
        case Anker.MELDING_ONTVANGEN if state.melding is not None and over in {None, state.melding.id}:
            return replace(state, melding=replace(state.melding, ontvangen_op=op))
        case Anker.TRIAGEBESLUIT_GENOMEN:
            return _with_besluit(state, was_op=event.was_op, op=op)
        case Anker.DIENST_GESTART | Anker.DIENST_AFGEROND | Anker.WARME_OVERDRACHT_GEHOUDEN as anker:
            return _with_dienst(state, event, anker)
        case Anker.MELDPUNTMELDING_ONTVANGEN if state.meldpuntmelding is not None and over == state.meldpuntmelding.id:
            return replace(state, meldpuntmelding=replace(state.meldpuntmelding, ontvangen_op=op))
        case Anker.MELDPUNTMELDING_OVERGENOMEN if state.meldpuntmelding is not None:
            if over != state.meldpuntmelding.id:
                return state
            return replace(state, meldpuntmelding=replace(state.meldpuntmelding, overgenomen_op=op))
        case _:
            return state


def _with_besluit(state: Casus, *, was_op: datetime, op: datetime) -> Casus:
    """The besluit that was taken at the moment that turned out wrong."""
    if all(besluit.genomen_op != was_op for besluit in state.besluiten):
        return state
    besluiten = (
        replace(besluit, genomen_op=op) if besluit.genomen_op == was_op else besluit for besluit in state.besluiten
    )
    return replace(state, besluiten=tuple(besluiten))


def _with_dienst(state: Casus, event: CorrectieDoorgegeven, anker: Anker) -> Casus:
    dienst = None if event.onderwerp_id is None else state.dienst(event.onderwerp_id)
    if dienst is None:
        return state
    if anker is Anker.DIENST_GESTART:
        right = replace(dienst, gestart_op=event.op)
    elif anker is Anker.DIENST_AFGEROND:
        right = replace(dienst, afgerond_op=event.op)
    else:
        right = replace(dienst, gesprek_op=event.op)
    return replace(state, diensten=tuple(right if other.id == dienst.id else other for other in state.diensten))


def _advise_anew(decision: Decision[Casus], melding: Melding, *, context: Context, kader: Kader) -> Decision[Casus]:
    try:
        afspraken = kader.afspraken(regio=melding.regio, gemeente=melding.gemeente, ontvangen_op=melding.ontvangen_op)
    except GeenAfspraken as error:
        raise Rejected(str(error)) from None
    state = decision.state
    same = state.advies is None or state.advies.afspraken_versie == afspraken.versie
    if same or state.fase not in AWAITING_BESLUIT:
        return decision
    bepaling = determine_advies(afspraken, melding.feiten, melding_id=melding.id, now=context.now)
    return replace(
        decision,
        state=replace(state, advies=bepaling.uitkomst),
        events=(bepaling.event,),
        journal=(*decision.journal, *bepaling.journal),
    )


def _line(event: CorrectieDoorgegeven) -> JournalLine:
    facts: JsonObject = {
        "feit": event.feit,
        "over": None if event.onderwerp_id is None else str(event.onderwerp_id),
        "was": iso(event.was_op),
        "is": iso(event.op),
        "door": event.door,
    }
    return JournalLine("feit-gecorrigeerd", facts=facts)
