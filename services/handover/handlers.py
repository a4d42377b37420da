"""Every message that handover handles, and the decision it leads to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.messages.documenten import Mediatype, Professional
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import (
    BetrokkenenGeinformeerd,
    OntvangstBevestigd,
    OverdrachtAangeboden,
    OverdrachtAfgeleverd,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    OverdrachtOpgepakt,
    OverdrachtTeruggekoppeld,
    PlanOpgesteld,
)
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import CorrectieDoorgegeven, SluitingDoorgegeven, ZorgAangeboden, ZorgAanvaard
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
from services.handover.domain.aflevering import create_overdrachten, notice_stagnatie, offer_again, record_attempt
from services.handover.domain.bevestigen import note_reading
from services.handover.domain.bijlagen import add_bijlage
from services.handover.domain.casus import Bevestiglink, Bijlage, Bijlagegeheim, Casus, Overdracht, Retourbrief
from services.handover.domain.correcties import put_right, with_right_melding
from services.handover.domain.informeren import inform
from services.handover.domain.invoer import (
    AfleveringInvoer,
    CapaciteitssignaalInvoer,
    ContactInvoer,
    EersteContactInvoer,
    InformeringInvoer,
    IntrekkingInvoer,
    OntvangstbevestigingInvoer,
    PlanInvoer,
    RetourbeoordelingInvoer,
    SamenwerkingInvoer,
    TerugkoppelingInvoer,
    VbsVerdelingInvoer,
    VerdelingInvoer,
    WeigeringInvoer,
)
from services.handover.domain.kader import INTREKKING, Kader
from services.handover.domain.ontvangst import confirm_ontvangst, give_back, take_up
from services.handover.domain.plannen import draw_up
from services.handover.domain.retour import judge_retour, take_back
from services.handover.domain.samenwerken import (
    ask_samenwerking,
    assign,
    note_contact,
    note_dienst,
    note_eerste_contact,
    signal_capacity,
)
from services.handover.domain.samenwerking import Samenwerking
from services.handover.domain.terugnemen import refuse, withdraw
from services.handover.domain.verwittigen import record_notice
from services.handover.domain.zaakstatus import ZAAKSTATUS, ask_zaakstatus, catch_up, record_zaakstatus
from services.handover.ports import rows
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
    ViewRow,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import unchanged
from services.runtime.unit.rows import row_of


@dataclass(frozen=True, slots=True)
class ConfirmOntvangst:
    overdracht_id: UUID
    invoer: OntvangstbevestigingInvoer


@dataclass(frozen=True, slots=True)
class TakeUpOverdracht:
    overdracht_id: UUID
    invoer: VerdelingInvoer


@dataclass(frozen=True, slots=True)
class GiveBackOverdracht:
    overdracht_id: UUID
    invoer: TerugkoppelingInvoer


@dataclass(frozen=True, slots=True)
class OfferAgain:
    overdracht_id: UUID
    invoer: AfleveringInvoer


@dataclass(frozen=True, slots=True)
class AskSamenwerking:
    invoer: SamenwerkingInvoer


@dataclass(frozen=True, slots=True)
class AnswerSamenwerking:
    """What team and Veilig Thuis tell about verbindend samenwerken."""

    samenwerking_id: UUID
    invoer: CapaciteitssignaalInvoer | VbsVerdelingInvoer | EersteContactInvoer | ContactInvoer


@dataclass(frozen=True, slots=True)
class RefuseOverdracht:
    overdracht_id: UUID
    invoer: WeigeringInvoer


@dataclass(frozen=True, slots=True)
class WithdrawOverdracht:
    overdracht_id: UUID
    invoer: IntrekkingInvoer


@dataclass(frozen=True, slots=True)
class JudgeRetour:
    overdracht_id: UUID
    invoer: RetourbeoordelingInvoer


@dataclass(frozen=True, slots=True)
class InformBetrokkenen:
    overdracht_id: UUID
    invoer: InformeringInvoer


@dataclass(frozen=True, slots=True)
class DrawUpPlan:
    overdracht_id: UUID
    invoer: PlanInvoer


@dataclass(frozen=True, slots=True)
class NoteNotificatie:
    """A zaaksysteem says that something happened to the zaak it calls `kenmerk`."""

    kenmerk: str
    notificatie_id: UUID


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Whoever runs the hub wants to know what a zaaksysteem has to tell about an overdracht by now."""

    overdracht_id: UUID
    vraag_id: UUID


@dataclass(frozen=True, slots=True)
class NoteReading:
    """`wat` is what is about to be shown: the overdrachtsdocument, or a letter."""

    overdracht_id: UUID
    wat: str
    medewerker: Professional | None = None


@dataclass(frozen=True, slots=True)
class AddBijlage:
    """The bytes of a file are kept; from now on it belongs to the case. `grootte` in bytes."""

    bijlage_id: UUID
    mediatype: Mediatype
    geheim: Bijlagegeheim
    grootte: int


PASSED_OVER: frozenset[type[Gebeurtenis]] = frozenset(
    {TriageadviesBepaald, HermeldingHerkend, AdviesvraagGeregistreerd, MelderGeinformeerd}
)
"""What handover hears of a case before there is anything to hand over."""


class Handlers:
    """Handles one message for one case; pure, given what holds for every case."""

    def __init__(self, kader: Kader) -> None:
        self._kader = kader

    def __call__(  # noqa: C901, PLR0911, PLR0912  a table of messages
        self, state: Casus | None, incoming: Incoming, context: Context
    ) -> Outcome[Casus]:
        kader = self._kader
        match incoming.payload:
            case CorrectieDoorgegeven() as event:
                return put_right(state, event, context=context, kader=kader)
            case SluitingDoorgegeven(gesloten_op=gesloten_op):
                return Decision(replace(state or Casus(), gesloten_op=gesloten_op))
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
            case OfferAgain(overdracht_id=overdracht_id, invoer=invoer):
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
                return take_back(state, bounce, context=context, kader=kader)
            case JudgeRetour(overdracht_id=overdracht_id, invoer=invoer):
                return judge_retour(state, overdracht_id, invoer, context=context, kader=kader)
            case CatchUp(overdracht_id=overdracht_id, vraag_id=vraag_id):
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
            case NoteReading(overdracht_id=overdracht_id, wat=wat, medewerker=medewerker):
                return note_reading(state, overdracht_id, wat, medewerker, context=context, kader=kader)
            case Gebeurtenis():
                return unchanged(state)
            case payload:
                raise Rejected(f"handover kan {type(payload).__name__} niet behandelen")


def _note_melding(state: Casus | None, event: MeldingOntvangen) -> Outcome[Casus]:
    """Whose case it is, before there is anything to hand over."""
    return Decision(replace(state or Casus(), regio=event.regio))


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


def project(casus_id: CasusId, state: Casus) -> Iterable[ViewRow]:
    """The rows that the GETs read: the overdracht, its sealed document, its link, and what its gemeente can fetch."""
    for overdracht in state.overdrachten:
        yield ViewRow(rows.Overdrachtregel, overdracht.id, _overdracht_row, casus_id, overdracht)
        yield ViewRow(rows.Documentregel, overdracht.id, _document_row, casus_id, overdracht)
        if overdracht.link is not None:
            yield ViewRow(rows.Linkregel, overdracht.id, _link_row, casus_id, overdracht.id, overdracht.link)
        if overdracht.retourbrief is not None:
            yield ViewRow(
                rows.Retourbriefregel, overdracht.id, _retour_row, casus_id, overdracht.id, overdracht.retourbrief
            )
        for bijlage_id in overdracht.bijlagen:
            row_id = derived_id("overdrachtsbijlage", str(overdracht.id), str(bijlage_id))
            yield ViewRow(rows.Meegaandebijlage, row_id, _goes_along_row, casus_id, row_id, overdracht.id, bijlage_id)
        for soort, op in _happened(overdracht):
            row_id = derived_id(str(overdracht.id), soort)
            yield ViewRow(rows.Gebeurtenis, row_id, _gebeurtenis_row, casus_id, row_id, overdracht, soort, op)
    for bijlage in state.bijlagen:
        yield ViewRow(rows.Bijlageregel, bijlage.id, _bijlage_row, casus_id, bijlage)
    for samenwerking in state.samenwerkingen:
        yield ViewRow(rows.Samenwerkingregel, samenwerking.id, _samenwerking_row, casus_id, samenwerking)


def _happened(overdracht: Overdracht) -> Iterator[tuple[str, datetime]]:
    """What a gemeente can have missed about its overdracht, by CloudEvents type."""
    yield OverdrachtAangeboden.soort, overdracht.aangemaakt_op
    if overdracht.afgeleverd_op is not None:
        yield OverdrachtAfgeleverd.soort, overdracht.afgeleverd_op
    if overdracht.ontvangst is not None:
        yield OntvangstBevestigd.soort, overdracht.ontvangst.op
    if overdracht.verdeling is not None:
        yield OverdrachtOpgepakt.soort, overdracht.verdeling.op
    if overdracht.terugkoppeling is not None:
        yield OverdrachtTeruggekoppeld.soort, overdracht.terugkoppeling.op
    if overdracht.weigering is not None:
        yield OverdrachtGeweigerd.soort, overdracht.weigering.op
    if (told_op := _informed_at(overdracht)) is not None:
        yield BetrokkenenGeinformeerd.soort, told_op
    if overdracht.plannen:
        yield PlanOpgesteld.soort, overdracht.plannen[0].op
    if overdracht.intrekking is not None:
        yield OverdrachtIngetrokken.soort, overdracht.intrekking.op


def _retour_row(casus_id: CasusId, overdracht_id: UUID, brief: Retourbrief) -> rows.Retourbriefregel:
    return rows.Retourbriefregel(
        id=overdracht_id,
        casus_id=casus_id,
        ontvangen_op=brief.op,
        uitkomst=brief.oordeel and brief.oordeel.uitkomst,
        beoordeeld_op=brief.oordeel and brief.oordeel.op,
        tekst=brief.tekst.jwe,
    )


def _informed_at(overdracht: Overdracht) -> datetime | None:
    return max((item.op for item in overdracht.informeringen), default=None)


def _overdracht_row(casus_id: CasusId, overdracht: Overdracht) -> rows.Overdrachtregel:
    weigering, intrekking = overdracht.weigering, overdracht.intrekking
    return row_of(
        rows.Overdrachtregel,
        overdracht,
        casus_id=casus_id,
        ontvangen_op=overdracht.ontvangst and overdracht.ontvangst.op,
        opgepakt_op=overdracht.verdeling and overdracht.verdeling.op,
        teruggekoppeld_op=overdracht.terugkoppeling and overdracht.terugkoppeling.op,
        geweigerd_op=weigering and weigering.op,
        weigeringscode=weigering and weigering.code,
        ingetrokken_op=intrekking and intrekking.op,
        verwittigd_op=intrekking and intrekking.verwittigd_op,
        betrokkenen_geinformeerd_op=_informed_at(overdracht),
        aanvaard_volgens_bewijs=_bewijs_of(overdracht),
    )


def _bewijs_of(overdracht: Overdracht) -> str | None:
    bewijs = overdracht.verdeling and overdracht.verdeling.bewijs
    return bewijs and bewijs.functie


def _samenwerking_row(casus_id: CasusId, samenwerking: Samenwerking) -> rows.Samenwerkingregel:
    return row_of(rows.Samenwerkingregel, samenwerking, casus_id=casus_id)


def _bijlage_row(casus_id: CasusId, bijlage: Bijlage) -> rows.Bijlageregel:
    return row_of(rows.Bijlageregel, bijlage, casus_id=casus_id, geheim=bijlage.geheim.jwe)


def _goes_along_row(casus_id: CasusId, row_id: UUID, overdracht_id: UUID, bijlage_id: UUID) -> rows.Meegaandebijlage:
    return rows.Meegaandebijlage(id=row_id, casus_id=casus_id, overdracht_id=overdracht_id, bijlage_id=bijlage_id)


def _document_row(casus_id: CasusId, overdracht: Overdracht) -> rows.Documentregel:
    return rows.Documentregel(id=overdracht.id, casus_id=casus_id, document=overdracht.document.jwe)


def _link_row(casus_id: CasusId, overdracht_id: UUID, link: Bevestiglink) -> rows.Linkregel:
    return rows.Linkregel(id=overdracht_id, casus_id=casus_id, digest=link.digest, geldig_tot=link.geldig_tot)


def _gebeurtenis_row(
    casus_id: CasusId, row_id: UUID, overdracht: Overdracht, soort: str, op: datetime
) -> rows.Gebeurtenis:
    return row_of(
        rows.Gebeurtenis, overdracht, id=row_id, casus_id=casus_id, overdracht_id=overdracht.id, soort=soort, op=op
    )
