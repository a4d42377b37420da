"""Getting overdrachten delivered, or telling people in time that they do not arrive."""

from datetime import datetime

from contracts.messages.handover import AfleveringGestagneerd, OverdrachtAfgeleverd
from services.handover.domain.casus import TRANSITIONS, Aflevering, Casus, Overdracht
from services.handover.domain.kader import Kader
from services.handover.domain.opdracht import line_about, of_request, timer_name
from services.handover.domain.terugnemen import ended_because
from services.handover.domain.verwittigen import note_late_attempt
from services.handover.domain.zaakstatus import with_kenmerk
from services.runtime.unit.decision import (
    Attempt,
    CancelTimer,
    Context,
    Decision,
    Outcome,
    RequestAttempted,
    Result,
    RetryRequest,
    TimerDue,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import unchanged


def record_attempt(
    state: Casus | None, attempted: RequestAttempted, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """An attempt was made: delivered, tried again later, or refused for good and people are told."""
    overdracht = of_request(state, attempted.request.content)
    if state is None or overdracht is None or overdracht.opdracht_id != attempted.request.id:
        return unchanged(state)
    if ended_because(overdracht) is not None:
        return note_late_attempt(state, overdracht, attempted, context=context, kader=kader)
    if Aflevering.AFGELEVERD not in TRANSITIONS[overdracht.aflevering] or overdracht.onzeker_sinds is not None:
        return unchanged(state)
    attempt = attempted.attempt
    tried = replace(
        overdracht,
        pogingen=overdracht.pogingen + 1,
        laatste_poging_op=context.now,
        laatste_fout=None if attempt.result is Result.DONE else attempt.detail,
        fout_bij_houvast=attempt.ours,
    )
    tried = _taken_over(tried, attempt, kader)
    if attempt.result is Result.DONE:
        return with_kenmerk(_deliver(state, tried, context=context), tried.id, attempted, context=context, kader=kader)
    if attempt.result is Result.PERMANENT and not attempt.gone:
        return refuse_for_good(state, tried, context=context)
    due_at = kader.herhaling.next_at(
        context.now,
        attempted.request.id,
        attempts=attempted.request.attempts,
        since=tried.ronde_begonnen_op or tried.aangemaakt_op,
        retry_after=attempt.retry_after,
    )
    for_people = attempt.gone or attempt.ours
    waits = _park(state, tried, attempt, context=context) if for_people else Decision(state.with_overdracht(tried))
    return replace(waits, requests=(RetryRequest(attempted.request.id, due_at),))


def _park(state: Casus, overdracht: Overdracht, attempt: Attempt, *, context: Context) -> Decision[Casus]:
    """Only people can mend it: an endpoint was stopped, or something of ours is missing. They are told at once, and once."""
    if overdracht.aflevering is not Aflevering.ONDERWEG:
        return Decision(state.with_overdracht(overdracht))
    parked = replace(overdracht.moved_to(Aflevering.GESTAGNEERD), gestagneerd_op=context.now)
    reden = parked.laatste_fout or "het endpoint is opgeheven"
    told = _tell(state, parked, reden=reden, context=context, tot_hervatten=attempt.gone)
    return replace(told, timers=(CancelTimer(timer_name(parked)),))


def _taken_over(overdracht: Overdracht, attempt: Attempt, kader: Kader) -> Overdracht:
    """It went to whoever goes on with the cases of its gemeente: from then on it is theirs."""
    code = attempt.receipt.get("gemeente")
    if overdracht.partij is not None or attempt.result is not Result.DONE:
        return overdracht
    if not isinstance(code, str) or not kader.register.knows(code):
        return overdracht
    return replace(overdracht, gemeente=code)


def notice_stagnatie(state: Casus | None, timer: TimerDue, *, context: Context) -> Outcome[Casus]:
    """The moment to tell people has come and the overdracht has not arrived."""
    overdracht = of_request(state, timer.data)
    if state is None or overdracht is None or overdracht.aflevering is not Aflevering.ONDERWEG:
        return unchanged(state)
    stalled = replace(overdracht.moved_to(Aflevering.GESTAGNEERD), gestagneerd_op=context.now)
    return _tell(state, stalled, reden=stalled.laatste_fout or "nog geen poging gelukt", context=context)


def _deliver(state: Casus, overdracht: Overdracht, *, context: Context) -> Decision[Casus]:
    """The first delivery is the one that counts; a later generation only adds to the journal."""
    first = overdracht.afgeleverd_op is None
    delivered = replace(
        overdracht.moved_to(Aflevering.AFGELEVERD), afgeleverd_op=overdracht.afgeleverd_op or context.now
    )
    if not first:
        line = line_about("opnieuw-afgeleverd", delivered, ronde=delivered.ronde)
        timer = CancelTimer(timer_name(delivered))
        return Decision(state.with_overdracht(delivered), timers=(timer,), journal=(line,))
    delivered = replace(delivered, afgeleverde_ronde=delivered.ronde)
    return Decision(
        state.with_overdracht(delivered),
        events=(afgeleverd_event(delivered, op=context.now),),
        timers=(CancelTimer(timer_name(delivered)),),
        journal=(line_about("overdracht-afgeleverd", delivered, pogingen=delivered.pogingen),),
    )


def refuse_for_good(state: Casus, overdracht: Overdracht, *, context: Context) -> Decision[Casus]:
    """No further attempts by themselves; people are told at once, also who heard before that it was still tried."""
    refused = replace(
        overdracht.moved_to(Aflevering.GEWEIGERD), gestagneerd_op=overdracht.gestagneerd_op or context.now
    )
    decision = _tell(state, refused, reden=refused.laatste_fout or "geweigerd", context=context)
    return replace(decision, timers=(CancelTimer(timer_name(refused)),))


def afgeleverd_event(
    overdracht: Overdracht, *, op: datetime, teruggekomen_op: datetime | None = None
) -> OverdrachtAfgeleverd:
    """That the endpoint took it; `teruggekomen_op` is an earlier delivery that turned out to be none."""
    return OverdrachtAfgeleverd(
        overdracht_id=overdracht.id,
        regio=overdracht.regio,
        gemeente=overdracht.gemeente,
        team=overdracht.team,
        partij=overdracht.partij,
        aangeboden_door=overdracht.aangeboden_door,
        overdrachtsoort=overdracht.soort,
        kanaal=overdracht.kanaal,
        melding_ontvangen_op=overdracht.melding_ontvangen_op,
        afgeleverd_op=op,
        pogingen=overdracht.pogingen,
        teruggekomen_op=teruggekomen_op,
    )


def stagnatie_event(
    overdracht: Overdracht,
    *,
    reden: str,
    now: datetime,
    teruggekomen_op: datetime | None = None,
    tot_hervatten: bool = False,
) -> AfleveringGestagneerd:
    """That it does not arrive; `teruggekomen_op` is the delivery that was told and came back."""
    return AfleveringGestagneerd(
        overdracht_id=overdracht.id,
        regio=overdracht.regio,
        gemeente=overdracht.gemeente,
        team=overdracht.team,
        partij=overdracht.partij,
        aangeboden_door=overdracht.aangeboden_door,
        overdrachtsoort=overdracht.soort,
        kanaal=overdracht.kanaal,
        melding_ontvangen_op=overdracht.melding_ontvangen_op,
        gestagneerd_op=now,
        pogingen=overdracht.pogingen,
        reden=reden,
        blijvend=overdracht.aflevering is Aflevering.GEWEIGERD,
        uiterlijk_op=overdracht.uiterlijk_op,
        teruggekomen_op=teruggekomen_op,
        bij_houvast=overdracht.fout_bij_houvast and teruggekomen_op is None,
        tot_hervatten=tot_hervatten,
    )


def _tell(
    state: Casus, overdracht: Overdracht, *, reden: str, context: Context, tot_hervatten: bool = False
) -> Decision[Casus]:
    event = stagnatie_event(overdracht, reden=reden, now=context.now, tot_hervatten=tot_hervatten)
    return Decision(
        state.with_overdracht(overdracht),
        events=(event,),
        journal=(line_about("aflevering-gestagneerd", overdracht, reden=reden, pogingen=overdracht.pogingen),),
    )
