"""What a gemeente answers by giving its zaak a status: asked for, read, and then the same two receipts as any other."""

from datetime import datetime
from uuid import UUID

from contracts.afspraken import local_date
from contracts.messages.handover import Kanaal
from contracts.messages.identifiers import derived_id
from contracts.register import Zaakantwoord
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus, Overdracht
from services.handover.domain.invoer import OntvangstbevestigingInvoer, VerdelingInvoer
from services.handover.domain.kader import BEHEER, Kader
from services.handover.domain.ontvangst import confirm_ontvangst, take_up
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import (
    Attempt,
    Context,
    Decision,
    JournalLine,
    JsonObject,
    Outcome,
    Reference,
    Refused,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import iso, unchanged

ZAAKSTATUS = "zaakstatus-zgw"
"""The kind of request that reads the statussen of a zaak."""
REFERENCE = "zaak"


def zaak_key(gemeente: str, kenmerk: str) -> str:
    """How a zaak leads to its case: two zaaksystemen may use the same number."""
    return f"{gemeente}/{kenmerk}"


def with_kenmerk(
    delivered: Decision[Casus], overdracht_id: UUID, attempted: RequestAttempted, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """The delivery, with what the receiver calls it where it told. A zaak is asked at once how far people are with it:
    who was quick may have given it a status before we knew that it was ours.
    """
    overdracht, kenmerk = delivered.state.overdracht(overdracht_id), attempted.attempt.receipt.get("kenmerk")
    if overdracht is None or not isinstance(kenmerk, str):
        return delivered
    known = replace(overdracht, kenmerk=kenmerk)
    facts: JsonObject = {"overdracht": str(known.id), "kenmerk": kenmerk}
    asked: tuple[Request, ...] = ()
    if known.kanaal is Kanaal.ZGW:
        request_id = derived_id(ZAAKSTATUS, str(attempted.request.id))
        asked = (_question(known, kenmerk, request_id, context=context, kader=kader),)
    return replace(
        delivered,
        state=delivered.state.with_overdracht(known),
        requests=(*delivered.requests, *asked),
        journal=(*delivered.journal, JournalLine("kenmerk-ontvangen", facts=facts)),
        references=(*delivered.references, Reference(REFERENCE, zaak_key(known.ontvanger, kenmerk))),
    )


def ask_zaakstatus(
    state: Casus | None, kenmerk: str, notificatie_id: UUID, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The gemeente says that there is news of its zaak. What the news is we read there, never in what it sent."""
    overdracht = None if state is None else _with_kenmerk(state, kenmerk, context=context, kader=kader)
    if state is None or overdracht is None:
        return NOT_FOUND
    return _ask(state, overdracht, notificatie_id, context=context, kader=kader)


def catch_up(
    state: Casus | None, overdracht_id: UUID, vraag_id: UUID, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Read what may have been missed while nobody told: on request of whoever runs the hub, who sees nothing of it."""
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None or context.actor.rol != BEHEER:
        return NOT_FOUND
    return _ask(state, overdracht, vraag_id, context=context, kader=kader)


def _ask(state: Casus, overdracht: Overdracht, why: UUID, *, context: Context, kader: Kader) -> Decision[Casus]:
    if overdracht.kenmerk is None or overdracht.kanaal is not Kanaal.ZGW or _is_answered(overdracht):
        return unchanged(state)
    request_id = derived_id(ZAAKSTATUS, str(overdracht.id), str(why))
    asked = _question(overdracht, overdracht.kenmerk, request_id, context=context, kader=kader)
    return Decision(state, requests=(asked,))


def record_zaakstatus(
    state: Casus | None, attempted: RequestAttempted, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The zaaksysteem was asked: its answer becomes receipts of this gemeente, no answer is asked again later."""
    overdracht = None if state is None else state.overdracht(UUID(str(attempted.request.content["overdrachtId"])))
    if state is None or overdracht is None or _is_answered(overdracht):
        return unchanged(state)
    request, attempt = attempted.request, attempted.attempt
    match attempt.result:
        case Result.DONE:
            moved = _moved(state, overdracht, attempt, context=context, kader=kader)
            return _take_answers(moved, overdracht, attempt, context=context, kader=kader)
        case Result.PERMANENT:
            facts: JsonObject = {"overdracht": str(overdracht.id), "reden": attempt.detail}
            return Decision(state, journal=(JournalLine("zaakstatus-niet-gelezen", facts=facts),))
        case Result.TEMPORARY:
            due_at = kader.herhaling.next_at(
                context.now,
                request.id,
                attempts=request.attempts,
                since=datetime.fromisoformat(str(request.content["gevraagdOp"])),
                retry_after=attempt.retry_after,
            )
            return Decision(state, requests=(RetryRequest(request.id, due_at),))


def _moved(
    state: Casus, overdracht: Overdracht, attempt: Attempt, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """The zaak went along to whoever goes on for its gemeente and is numbered anew there: by that it is told of now."""
    kenmerk = attempt.receipt.get("kenmerk")
    if not isinstance(kenmerk, str) or kenmerk == overdracht.kenmerk:
        return Decision(state)
    door = _receiver_on(context.now, overdracht, kader)
    facts: JsonObject = {"overdracht": str(overdracht.id), "kenmerk": kenmerk}
    return Decision(
        state.with_overdracht(replace(overdracht, kenmerk=kenmerk)),
        journal=(JournalLine("kenmerk-ontvangen", facts=facts),),
        references=(Reference(REFERENCE, zaak_key(door, kenmerk)),),
    )


def _receiver_on(at: datetime, overdracht: Overdracht, kader: Kader) -> str:
    """Who it was with on that day."""
    return kader.register.bearer_of(overdracht.ontvanger, on=local_date(at))


def _take_answers(
    before: Decision[Casus], overdracht: Overdracht, attempt: Attempt, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """Each status that the register gives a meaning is that receipt and no other: taken up does not say received."""
    decision = before
    acting = replace(context, actor=Actor(_receiver_on(context.now, overdracht, kader)))
    for antwoord in Zaakantwoord:
        given = attempt.receipt.get(antwoord.value)
        if not isinstance(given, str):
            continue
        op = _possible(datetime.fromisoformat(given), overdracht, context=context, kader=kader)
        door = _receiver_on(op or context.now, overdracht, kader)
        match antwoord:
            case Zaakantwoord.ONTVANGEN:
                confirmed = OntvangstbevestigingInvoer(bevestigd_op=op)
                outcome = confirm_ontvangst(
                    decision.state, overdracht.id, confirmed, door=door, context=acting, kader=kader
                )
            case Zaakantwoord.OPGEPAKT:
                current = decision.state.overdracht(overdracht.id)
                known = current is not None and current.verdeling is not None and not current.is_op_bewijs
                taken = VerdelingInvoer(opgepakt_op=None if known else op)
                outcome = take_up(decision.state, overdracht.id, taken, door=door, context=acting, kader=kader)
        decision = _followed_by(decision, outcome, overdracht, antwoord)
    return decision


def _followed_by(
    before: Decision[Casus], outcome: Outcome[Casus], overdracht: Overdracht, antwoord: Zaakantwoord
) -> Decision[Casus]:
    if isinstance(outcome, Decision):
        return replace(
            before,
            state=outcome.state,
            events=(*before.events, *outcome.events),
            journal=(*before.journal, *outcome.journal),
        )
    reden = outcome.code if isinstance(outcome, Refused) else outcome.waits_for
    facts: JsonObject = {"overdracht": str(overdracht.id), "antwoord": antwoord.value, "reden": reden}
    return replace(before, journal=(*before.journal, JournalLine("zaakstatus-niet-overgenomen", facts=facts)))


def _possible(given: datetime, overdracht: Overdracht, *, context: Context, kader: Kader) -> datetime | None:
    """The moment that the zaaksysteem names. One that cannot be, such as midnight of that day, becomes now."""
    earliest, latest = overdracht.aangemaakt_op, context.now + kader.moment_vooruit
    return given if earliest <= given <= latest else None


def _question(overdracht: Overdracht, kenmerk: str, request_id: UUID, *, context: Context, kader: Kader) -> Request:
    return Request(
        id=request_id,
        kind=ZAAKSTATUS,
        destination=kader.destination(overdracht, context.now),
        content={
            "overdrachtId": str(overdracht.id),
            "gemeente": overdracht.gemeente,
            "team": overdracht.team,
            "partij": overdracht.partij,
            "kenmerk": kenmerk,
            "gevraagdOp": iso(context.now),
        },
        due_at=context.now,
    )


def _with_kenmerk(state: Casus, kenmerk: str, *, context: Context, kader: Kader) -> Overdracht | None:
    own = (item for item in state.overdrachten if kader.goes_to(context.actor, item.ontvanger, context.now))
    return next((overdracht for overdracht in own if overdracht.kenmerk == kenmerk), None)


def _is_answered(overdracht: Overdracht) -> bool:
    """Whether there is nothing left that a status could tell: it was, or the overdracht has ended another way."""
    told = overdracht.ontvangst is not None and overdracht.verdeling is not None
    return told or overdracht.is_over
