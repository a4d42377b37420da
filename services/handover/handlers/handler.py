"""Every message that handover handles, and the decision it leads to."""

from contracts.messages.doorgegeven import (
    CorrectieDoorgegeven,
    CrisisstapDoorgegeven,
    SluitingDoorgegeven,
    tell_closed,
)
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.monitoring import ZorgAangeboden, ZorgAanvaard
from contracts.messages.notifier import Doelgroep, asked_for
from contracts.messages.triage import (
    AdviesvraagGeregistreerd,
    DienstAfgerond,
    DienstGestart,
    HermeldingHerkend,
    MelderGeinformeerd,
    MeldingOntvangen,
    MeldpuntmeldingOntvangen,
    MeldpuntmeldingOvergenomen,
    OvernameAangeboden,
    TriageadviesBepaald,
    TriagebesluitGenomen,
)
from services.handover.domain.aanbod import note_meldpuntmelding, note_overname, note_zorg_aanvaard, offer
from services.handover.domain.aanmaken import create_overdrachten
from services.handover.domain.aflevering import notice_stagnatie, record_attempt
from services.handover.domain.bevestigen import note_inzage
from services.handover.domain.bijlagen import add_bijlage
from services.handover.domain.casus import Casus
from services.handover.domain.correcties import put_right, with_right_melding
from services.handover.domain.heraanbieden import offer_again
from services.handover.domain.informeren import inform
from services.handover.domain.invoer import (
    CapaciteitssignaalInvoer,
    ContactInvoer,
    EersteContactInvoer,
    VbsVerdelingInvoer,
)
from services.handover.domain.kader import INTREKKING, Kader
from services.handover.domain.leescode import LEESCODE, ask_code, record_code, try_code
from services.handover.domain.ontvangst import confirm_ontvangst, give_back, take_up
from services.handover.domain.plannen import draw_up
from services.handover.domain.retour import judge_retour, take_bounce
from services.handover.domain.samenwerken import (
    ask_samenwerking,
    assign,
    note_contact,
    note_dienst,
    note_eerste_contact,
    signal_capacity,
)
from services.handover.domain.terugnemen import refuse, withdraw
from services.handover.domain.verwittigen import record_notice
from services.handover.domain.zaakstatus import ZAAKSTATUS, ask_zaakstatus, catch_up, record_zaakstatus
from services.handover.handlers.commands import (
    AddBijlage,
    AnswerSamenwerking,
    AskLeescode,
    AskSamenwerking,
    CatchUpZaakstatus,
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    InformBetrokkenen,
    JudgeRetour,
    NoteInzage,
    NoteNotificatie,
    OfferOverdrachtAgain,
    RefuseOverdracht,
    TakeUpOverdracht,
    TryLeescode,
    WithdrawOverdracht,
)
from services.runtime.outbound.bounces import Bounce
from services.runtime.unit.decision import (
    Context,
    Decision,
    Incoming,
    Outcome,
    Rejected,
    Request,
    RequestAttempted,
    TimerDue,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import answered_with, unchanged

PASSED_OVER: frozenset[type[Gebeurtenis]] = frozenset(
    {TriageadviesBepaald, HermeldingHerkend, AdviesvraagGeregistreerd, MelderGeinformeerd, CrisisstapDoorgegeven}
)
"""What handover hears of a case and does nothing with, also before there is anything to hand over."""


class Handlers:
    """Handles one message for one case; pure, given what holds for every case."""

    def __init__(self, kader: Kader) -> None:
        self._kader = kader

    def __call__(self, state: Casus | None, incoming: Incoming, context: Context) -> Outcome[Casus]:
        """What follows from one message. What people are told is meant for whoever is there for those involved."""
        gesloten_op = None if state is None else state.gesloten_op
        outcome = answered_with(self._handle(state, incoming, context), {**tell_closed(gesloten_op)})
        if not isinstance(outcome, Decision) or not outcome.events:
            return outcome
        return replace(outcome, events=asked_for(outcome.events, outcome.state.doelgroep))

    def _handle(  # noqa: C901, PLR0911, PLR0912  a table of messages
        self, state: Casus | None, incoming: Incoming, context: Context
    ) -> Outcome[Casus]:
        kader = self._kader
        match incoming.payload:
            case CorrectieDoorgegeven() as event:
                return put_right(state, event, context=context, kader=kader)
            case SluitingDoorgegeven() as event:
                return Decision(replace(state or Casus(), gesloten_op=event.staat))
            case MeldingOntvangen() as event:
                return _note_melding(state, event)
            case MeldpuntmeldingOntvangen() as event:
                return note_meldpuntmelding(state, event)
            case ZorgAangeboden() | OvernameAangeboden() as event:
                return offer(state, event, context=context, kader=kader)
            case ZorgAanvaard() as event:
                return note_zorg_aanvaard(state, event, context=context, kader=kader)
            case MeldpuntmeldingOvergenomen() as event:
                return note_overname(state, event, context=context, kader=kader)
            case DienstGestart() as event:
                return note_dienst(state, with_right_melding(state, event))
            case DienstAfgerond() as event:
                return _finish_dienst(state, with_right_melding(state, event), context=context, kader=kader)
            case TriagebesluitGenomen() as event:
                return create_overdrachten(state, with_right_melding(state, event), context=context, kader=kader)
            case AskSamenwerking(invoer=invoer):
                return ask_samenwerking(state, invoer, context=context, kader=kader)
            case AnswerSamenwerking() as command:
                return _answer_samenwerking(state, command, context=context, kader=kader)
            case RequestAttempted(request=Request(kind=kind)) as attempted if kind == ZAAKSTATUS:
                return record_zaakstatus(state, attempted, context=context, kader=kader)
            case RequestAttempted(request=Request(kind=kind)) as attempted if kind.startswith(INTREKKING):
                return record_notice(state, attempted, context=context, kader=kader)
            case RequestAttempted(request=Request(kind=kind)) as attempted if kind == LEESCODE:
                return record_code(state, attempted, context=context)
            case RequestAttempted() as attempted:
                return record_attempt(state, attempted, context=context, kader=kader)
            case TimerDue() as timer:
                return notice_stagnatie(state, timer, context=context)
            case ConfirmOntvangst(overdracht_id=overdracht_id, invoer=invoer):
                return confirm_ontvangst(state, overdracht_id, invoer, context=context, kader=kader)
            case TakeUpOverdracht(overdracht_id=overdracht_id, invoer=invoer):
                return take_up(state, overdracht_id, invoer, context=context, kader=kader)
            case GiveBackOverdracht(overdracht_id=overdracht_id, invoer=invoer):
                return give_back(state, overdracht_id, invoer, context=context, kader=kader)
            case OfferOverdrachtAgain(overdracht_id=overdracht_id, invoer=invoer):
                return offer_again(state, overdracht_id, invoer, context=context, kader=kader)
            case RefuseOverdracht(overdracht_id=overdracht_id, invoer=invoer):
                return refuse(state, overdracht_id, invoer, context=context, kader=kader)
            case WithdrawOverdracht(overdracht_id=overdracht_id, invoer=invoer):
                return withdraw(state, overdracht_id, invoer, context=context, kader=kader)
            case InformBetrokkenen(overdracht_id=overdracht_id, invoer=invoer):
                return inform(state, overdracht_id, invoer, context=context, kader=kader)
            case DrawUpPlan(overdracht_id=overdracht_id, invoer=invoer):
                return draw_up(state, overdracht_id, invoer, context=context, kader=kader)
            case NoteNotificatie(kenmerk=kenmerk, notificatie_id=notificatie_id):
                return ask_zaakstatus(state, kenmerk, notificatie_id, context=context, kader=kader)
            case Bounce() as bounce:
                return take_bounce(state, bounce, context=context, kader=kader)
            case JudgeRetour(overdracht_id=overdracht_id, invoer=invoer):
                return judge_retour(state, overdracht_id, invoer, context=context, kader=kader)
            case CatchUpZaakstatus(overdracht_id=overdracht_id, vraag_id=vraag_id):
                return catch_up(state, overdracht_id, vraag_id, context=context, kader=kader)
            case AddBijlage() as command:
                return add_bijlage(
                    state,
                    command.bijlage_id,
                    command.mediatype,
                    command.geheim,
                    command.grootte,
                    context=context,
                    kader=kader,
                )
            case NoteInzage(overdracht_id=overdracht_id, wat=wat, medewerker=medewerker):
                return note_inzage(state, overdracht_id, wat, medewerker, context=context, kader=kader)
            case AskLeescode(overdracht_id=overdracht_id, weg=weg):
                return ask_code(state, overdracht_id, weg, context=context, kader=kader)
            case TryLeescode(overdracht_id=overdracht_id, cijfers=cijfers):
                return try_code(state, overdracht_id, cijfers, context=context, kader=kader)
            case Gebeurtenis():
                return unchanged(state)
            case payload:
                raise Rejected(f"handover kan {type(payload).__name__} niet behandelen")


def _note_melding(state: Casus | None, event: MeldingOntvangen) -> Outcome[Casus]:
    """Whose case it is and for whom it asks, before there is anything to hand over."""
    casus, doelgroep = state or Casus(), Doelgroep.of_melding(minderjarigen_betrokken=event.minderjarigen_betrokken)
    return Decision(replace(casus, regio=event.regio, doelgroep=doelgroep.along_with(casus.doelgroep)))


def _finish_dienst(state: Casus | None, event: DienstAfgerond, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """A team that never joined goes back to the normal road, and that road begins (MB 4.2, 4.3)."""
    noted = note_dienst(state, event)
    created = create_overdrachten(noted.state, event, context=context, kader=kader)
    if not isinstance(created, Decision):
        return created
    return replace(created, journal=(*noted.journal, *created.journal))


def _answer_samenwerking(
    state: Casus | None, command: AnswerSamenwerking, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    match command.invoer:
        case CapaciteitssignaalInvoer() as invoer:
            return signal_capacity(state, command.samenwerking_id, invoer, context=context, kader=kader)
        case VbsVerdelingInvoer() as invoer:
            return assign(state, command.samenwerking_id, invoer, context=context, kader=kader)
        case EersteContactInvoer() as invoer:
            return note_eerste_contact(state, command.samenwerking_id, invoer, context=context, kader=kader)
        case ContactInvoer() as invoer:
            return note_contact(state, command.samenwerking_id, invoer, context=context, kader=kader)
