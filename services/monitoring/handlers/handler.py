"""Every message that monitoring handles, and the decision it leads to."""

from contracts.afspraken import RuleBook
from contracts.messages.dlq import DodeBrief, DodeBriefAfgehandeld
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import (
    AfleveringGestagneerd,
    OverdrachtAfgeleverd,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    OverdrachtOpgepakt,
)
from contracts.messages.monitoring import Drager
from contracts.messages.notifier import NotificatieMislukt, asked_for
from contracts.messages.triage import HermeldingHerkend, MeldpuntmeldingOvergenomen
from services.monitoring.domain.feiten import accepted_instead, note
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.stagnatie import follow_retour, tell_stalled
from services.monitoring.domain.toestand import Escalatiestatus, Toezicht
from services.monitoring.handlers.casussen import close_casus, correct_feit, follow_heropening, report_dwangmaatregel
from services.monitoring.handlers.commands import (
    AnswerSignaal,
    CloseCasus,
    ComposeSignaal,
    CorrectFeit,
    CountMisser,
    DraftSignaal,
    HoldMonitormoment,
    NoteAntwoord,
    NoteHermelding,
    NoteHuishoudencrisis,
    NoteHuishoudenGesloten,
    PlanMonitormoment,
    RaiseEscalatie,
    ReportAanvaarding,
    ReportDwangmaatregel,
    ReportMeningsverschil,
    ReportStand,
    ScheduleMonitormoment,
    SendSignaal,
    SettleEscalatie,
    ShareHuishouden,
    StrikeMisser,
    TakeStagnatiestap,
    TakeUpEscalatie,
)
from services.monitoring.handlers.escalaties import (
    raise_escalatie,
    report_meningsverschil,
    settle_escalatie,
    take_up_escalatie,
)
from services.monitoring.handlers.huishouden import (
    note_gesloten,
    note_hermelding,
    note_huishoudencrisis,
    share_huishouden,
    tell_crises,
    tell_earlier,
)
from services.monitoring.handlers.kader import Kader
from services.monitoring.handlers.missers import compose_signaal, count_misser, note_antwoord, strike_misser
from services.monitoring.handlers.monitormomenten import (
    hold_monitormoment,
    plan_monitormoment,
    schedule_monitormoment,
    take_stagnatiestap,
)
from services.monitoring.handlers.overnames import follow_betwisting, report_aanvaarding, tell_taken_back
from services.monitoring.handlers.signalen import answer_signaal, draft_signaal, send_signaal, strike_bewijs
from services.monitoring.handlers.standen import report_stand
from services.monitoring.handlers.stilstand import go_on, stop_at
from services.runtime.unit.decision import Context, Decision, Incoming, Outcome, Rejected, TimerDue, TooEarly
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import unchanged


class Handlers:
    """Handles one message for one case; pure, given what holds for every case."""

    def __init__(self, rule_book: RuleBook, partijen: Partijen) -> None:
        self._kader = Kader(rule_book, partijen)

    def __call__(self, state: Toezicht | None, incoming: Incoming, context: Context) -> Outcome[Toezicht]:
        """What follows from one message. What people are told is meant for whoever is there for those involved."""
        outcome = self._handle(state, incoming, context)
        if not isinstance(outcome, Decision) or not outcome.events:
            return outcome
        return replace(outcome, events=asked_for(outcome.events, outcome.state.doelgroep))

    def _handle(  # noqa: C901, PLR0911, PLR0912  a table of messages
        self, state: Toezicht | None, incoming: Incoming, context: Context
    ) -> Outcome[Toezicht]:
        toezicht, kader = state or Toezicht(), self._kader
        match incoming.payload:
            case TimerDue() as timer:
                return self._on_timer(toezicht, timer, context)
            case TakeUpEscalatie(escalatie_id=escalatie_id, invoer=invoer):
                return take_up_escalatie(toezicht, escalatie_id, invoer, context=context, kader=kader)
            case SettleEscalatie(escalatie_id=escalatie_id, invoer=invoer):
                return settle_escalatie(toezicht, escalatie_id, invoer, context=context, kader=kader)
            case RaiseEscalatie(escalatie_id=escalatie_id, invoer=invoer):
                return raise_escalatie(toezicht, escalatie_id, invoer, context=context, kader=kader)
            case ReportMeningsverschil(invoer=invoer):
                return report_meningsverschil(toezicht, invoer, context=context, kader=kader, key=incoming.key)
            case ReportStand(invoer=invoer):
                return report_stand(toezicht, invoer, context=context, kader=kader, key=incoming.key)
            case HoldMonitormoment(monitormoment_id=monitormoment_id, invoer=invoer):
                return hold_monitormoment(toezicht, monitormoment_id, invoer, context=context, kader=kader)
            case ScheduleMonitormoment(monitormoment_id=monitormoment_id, invoer=invoer):
                return schedule_monitormoment(toezicht, monitormoment_id, invoer, context=context, kader=kader)
            case PlanMonitormoment(invoer=invoer):
                return plan_monitormoment(toezicht, invoer, context=context, kader=kader)
            case TakeStagnatiestap(invoer=invoer):
                return take_stagnatiestap(toezicht, invoer, context=context, kader=kader)
            case ReportDwangmaatregel(invoer=invoer):
                return report_dwangmaatregel(toezicht, invoer, context=context, kader=kader)
            case ReportAanvaarding(invoer=invoer):
                return report_aanvaarding(toezicht, invoer, context=context, kader=kader)
            case CloseCasus(invoer=invoer):
                return close_casus(toezicht, invoer, context=context, kader=kader)
            case CorrectFeit(invoer=invoer):
                return correct_feit(toezicht, invoer, context=context, kader=kader)
            case ComposeSignaal() as command:
                return compose_signaal(toezicht, command, context=context, kader=kader)
            case SendSignaal(invoer=invoer):
                return send_signaal(toezicht, invoer, context=context, kader=kader)
            case AnswerSignaal(invoer=invoer):
                return answer_signaal(toezicht, invoer, context=context, kader=kader)
            case CountMisser(misser=misser):
                return count_misser(toezicht, misser, context=context, kader=kader)
            case StrikeMisser(misser=misser) if toezicht.signaal is not None:
                return strike_bewijs(toezicht, misser, context=context, kader=kader)
            case StrikeMisser(misser=misser):
                return strike_misser(toezicht, misser, context=context)
            case DraftSignaal() as command:
                return draft_signaal(toezicht, command, context=context, kader=kader)
            case NoteAntwoord(signaal_id=signaal_id):
                return note_antwoord(toezicht, signaal_id, context=context)
            case NoteHermelding() as command:
                return note_hermelding(toezicht, command, context=context, kader=kader)
            case NoteHuishoudencrisis() as command:
                return note_huishoudencrisis(toezicht, command, context=context, kader=kader)
            case NoteHuishoudenGesloten() as command:
                return note_gesloten(toezicht, command, context=context, kader=kader)
            case ShareHuishouden() as command:
                return share_huishouden(toezicht, command, context=context, kader=kader)
            case DodeBrief() as brief:
                return stop_at(toezicht, brief, incoming, context=context, kader=kader)
            case DodeBriefAfgehandeld() as event:
                return go_on(toezicht, event)
            case HermeldingHerkend() as event:
                return tell_earlier(toezicht, event, context)
            case NotificatieMislukt() as event:
                return self._on_notificatie_mislukt(toezicht, event, context)
            case Gebeurtenis() as event:
                return self._on_event(toezicht, event, context)
            case payload:
                raise Rejected(f"monitoring kan {type(payload).__name__} niet behandelen")

    def _note(self, toezicht: Toezicht, event: Gebeurtenis, context: Context) -> Toezicht | None:
        """What the event says. A party other than Veilig Thuis that takes over from the meldpunt has accepted."""
        noted = note(toezicht, event, door=context.actor.partij)
        if not isinstance(event, MeldpuntmeldingOvergenomen) or noted is None:
            return noted
        code = self._kader.partijen.code(Drager.VEILIG_THUIS, regio=event.regio, gemeente=noted.gemeente or "")
        return noted if event.door == code else accepted_instead(noted, event)

    def _on_event(self, toezicht: Toezicht, event: Gebeurtenis, context: Context) -> Outcome[Toezicht]:
        noted = self._note(toezicht, event, context)
        if noted is None:
            return unchanged(toezicht)
        verloop = self._kader.verloop(noted, context)
        if isinstance(verloop, TooEarly):
            return verloop
        if isinstance(event, AfleveringGestagneerd | OverdrachtAfgeleverd):
            follow_retour(verloop, event.overdracht_id)
        if _is_contradicted(verloop.toezicht, event):
            follow_betwisting(verloop)
        follow_heropening(toezicht, verloop)
        verloop.follow_facts()
        if isinstance(event, AfleveringGestagneerd):
            tell_stalled(verloop, event)
        if isinstance(event, OverdrachtIngetrokken) and event.betwist:
            tell_taken_back(verloop, toezicht, event)
        return tell_crises(toezicht, self._kader.decide(toezicht, verloop), context)

    def _on_timer(self, toezicht: Toezicht, timer: TimerDue, context: Context) -> Outcome[Toezicht]:
        wekkers = {name: at for name, at in toezicht.wekkers.items() if name != timer.name}
        rung = replace(toezicht, wekkers=wekkers)
        verloop = self._kader.verloop(rung, context, now=max(context.now, timer.due_at))
        if isinstance(verloop, TooEarly):
            return Decision(rung)
        verloop.gewekt = toezicht.wekkers
        verloop.follow_facts()
        verloop.run_due(verloop.now if context.heard_until is None else context.heard_until)
        return self._kader.decide(rung, verloop)

    def _on_notificatie_mislukt(
        self, toezicht: Toezicht, event: NotificatieMislukt, context: Context
    ) -> Outcome[Toezicht]:
        """Nobody on this rung can be reached: the next one is called at once, or the last one again in its time."""
        escalatie = next(
            (item for item in toezicht.escalaties.values() if event.notificatie_id in item.notificaties[:1]), None
        )
        if escalatie is None or not event.niemand_bereikt or escalatie.status is not Escalatiestatus.OPEN:
            return unchanged(toezicht)
        verloop = self._kader.verloop(toezicht, context)
        if isinstance(verloop, TooEarly):
            return verloop
        if escalatie.trede + 1 >= len(verloop.afspraken.ladder(escalatie.ladder_id).treden):
            return unchanged(toezicht)
        verloop.climb(escalatie)
        return self._kader.decide(toezicht, verloop)


def _is_contradicted(toezicht: Toezicht, event: Gebeurtenis) -> bool:
    """Whether the party that others said had accepted, or who said so, says that it did not; whichever is heard last."""
    if isinstance(event, OverdrachtOpgepakt) and event.bewijs is not None:
        return toezicht.overdrachten[event.overdracht_id].betwist
    return isinstance(event, OverdrachtGeweigerd | OverdrachtIngetrokken) and event.betwist
