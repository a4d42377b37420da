"""Every message that triage handles, and the decision it leads to."""

from contracts.messages.doorgegeven import (
    CorrectieDoorgegeven,
    CrisisstapDoorgegeven,
    SluitingDoorgegeven,
    tell_closed,
)
from contracts.messages.envelope import Gebeurtenis, Problem
from contracts.messages.handover import (
    AfleveringGestagneerd,
    BetrokkenenGeinformeerd,
    OntvangstBevestigd,
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    OverdrachtOpgepakt,
    OverdrachtTeruggekoppeld,
    PlanOpgesteld,
)
from contracts.messages.tekens import read_invoer
from contracts.messages.triage import MeldpuntmeldingAangeboden
from services.runtime.access.actor import Actor
from services.runtime.access.sealing import SealBroken
from services.runtime.unit.decision import Context, Incoming, Outcome, Rejected
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import answered_with, invalid, unchanged
from services.triage.domain.adviesvraag import register_adviesvraag
from services.triage.domain.besluit import take_besluit
from services.triage.domain.casus import Casus
from services.triage.domain.correcties import put_right
from services.triage.domain.dienst import finish_dienst, start_dienst
from services.triage.domain.elders import note_aanbod, note_stap
from services.triage.domain.hermelding import judge_hermelding
from services.triage.domain.huishouden import Radar, huishouden_sleutels
from services.triage.domain.informeren import inform_melder
from services.triage.domain.invoer import MeldpuntmeldingInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.melding import add_feiten, note_inzage, receive_melding, take_back
from services.triage.domain.meldpunt import receive_meldpuntmelding, take_over
from services.triage.domain.overdrachtsgesprek import report_gesprek
from services.triage.domain.sluiting import note_sluiting
from services.triage.handlers.commands import (
    AddFeiten,
    FinishDienst,
    InformMelder,
    JudgeHermelding,
    NoteInzage,
    ReceiveMelding,
    ReceiveMeldpuntmelding,
    RegisterAdviesvraag,
    ReportGesprek,
    StartDienst,
    TakeOverMeldpuntmelding,
    TakeTriagebesluit,
)

PASSED_OVER: frozenset[type[Gebeurtenis]] = frozenset(
    {
        OverdrachtAangemaakt,
        OverdrachtAfgeleverd,
        AfleveringGestagneerd,
        OntvangstBevestigd,
        BetrokkenenGeinformeerd,
        PlanOpgesteld,
    }
)
"""What triage hears of an overdracht and does nothing with."""


class Handlers:
    """Handles one message for one case; pure, given what holds for every case."""

    def __init__(self, kader: Kader) -> None:
        self._kader = kader

    def __call__(self, state: Casus | None, incoming: Incoming, context: Context) -> Outcome[Casus]:
        gesloten_op = None if state is None else state.gesloten_op
        return answered_with(self._handle(state, incoming, context), {**tell_closed(gesloten_op)})

    def _handle(  # noqa: C901, PLR0911, PLR0912  a table of messages
        self, state: Casus | None, incoming: Incoming, context: Context
    ) -> Outcome[Casus]:
        kader = self._kader
        match incoming.payload:
            case ReceiveMelding(invoer=invoer, radar=radar):
                return receive_melding(state, invoer, radar, context=context, kader=kader)
            case AddFeiten(invoer=invoer):
                return add_feiten(state, invoer, context=context, kader=kader)
            case TakeTriagebesluit(invoer=invoer):
                return take_besluit(state, invoer, context=context, kader=kader)
            case StartDienst(invoer=invoer):
                return start_dienst(state, invoer, context=context, kader=kader)
            case FinishDienst(dienst_id=dienst_id, invoer=invoer):
                return finish_dienst(state, dienst_id, invoer, context=context, kader=kader)
            case ReportGesprek(dienst_id=dienst_id, invoer=invoer):
                return report_gesprek(state, dienst_id, invoer, context=context, kader=kader)
            case InformMelder(invoer=invoer):
                return inform_melder(state, invoer, context=context, kader=kader)
            case JudgeHermelding(invoer=invoer):
                return judge_hermelding(state, invoer, context=context, kader=kader)
            case ReceiveMeldpuntmelding(invoer=invoer, radar=radar):
                return receive_meldpuntmelding(state, invoer, radar, context=context, kader=kader)
            case TakeOverMeldpuntmelding(invoer=invoer):
                return take_over(state, invoer, context=context, kader=kader)
            case RegisterAdviesvraag(invoer=invoer):
                return register_adviesvraag(state, invoer, context=context, kader=kader)
            case NoteInzage(melding_id=melding_id):
                return note_inzage(state, melding_id, context=context, kader=kader)
            case MeldpuntmeldingAangeboden() as event:
                return self._receive_offered(state, event, context)
            case CrisisstapDoorgegeven() as event:
                return note_stap(state, event)
            case SluitingDoorgegeven() as event:
                return note_sluiting(state, event)
            case OverdrachtOpgepakt() as event:
                return note_aanbod(state, event)
            case OverdrachtGeweigerd(aangeboden_door=str()) | OverdrachtIngetrokken(aangeboden_door=str()) as event:
                return note_aanbod(state, event)
            case OverdrachtTeruggekoppeld() | OverdrachtGeweigerd() | OverdrachtIngetrokken() as event:
                return take_back(state, event)
            case CorrectieDoorgegeven() as event:
                return put_right(state, event, context=context, kader=kader)
            case Gebeurtenis():
                return unchanged(state)
            case payload:
                raise Rejected(f"triage kan {type(payload).__name__} niet behandelen")

    def _receive_offered(
        self, state: Casus | None, event: MeldpuntmeldingAangeboden, context: Context
    ) -> Outcome[Casus]:
        """The record of an intake system takes the road of the POST; a refusal becomes its dead letter."""
        try:
            offered = self._kader.open_offered(event.melding)
        except SealBroken as error:
            return invalid((Problem("melding", str(error)),))
        invoer = read_invoer(MeldpuntmeldingInvoer, offered, place="melding")
        if isinstance(invoer, tuple):
            return invalid(invoer)
        radar = Radar(huishouden=huishouden_sleutels(invoer, self._kader.blind, now=context.now).eigen)
        as_meldpunt = replace(context, actor=Actor(event.meldpunt))
        return receive_meldpuntmelding(state, invoer, radar, context=as_meldpunt, kader=self._kader)
