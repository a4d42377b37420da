"""Every act by its name: what a system outside would POST, and the command it becomes inside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from contracts.messages.topics import Service
from services.handover.domain import invoer as van_gemeente
from services.handover.handlers.commands import (
    AnswerSamenwerking,
    AskSamenwerking,
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    InformBetrokkenen,
    OfferOverdrachtAgain,
    RefuseOverdracht,
    TakeUpOverdracht,
    WithdrawOverdracht,
)
from services.monitoring.domain import invoer as van_iedereen
from services.monitoring.handlers import (
    AnswerSignaal,
    CloseCasus,
    CorrectFeit,
    HoldMonitormoment,
    PlanMonitormoment,
    RaiseEscalatie,
    ReportAanvaarding,
    ReportDwangmaatregel,
    ReportMeningsverschil,
    ReportStand,
    ScheduleMonitormoment,
    SendSignaal,
    SettleEscalatie,
    TakeStagnatiestap,
    TakeUpEscalatie,
)
from services.triage.domain import invoer as van_veilig_thuis
from services.triage.domain.huishouden import Radar
from services.triage.handlers.commands import (
    AddFeiten,
    FinishDienst,
    InformMelder,
    ReceiveMelding,
    ReceiveMeldpuntmelding,
    ReportGesprek,
    StartDienst,
    TakeOverMeldpuntmelding,
    TakeTriagebesluit,
)
from tests.scenarios.wereld import Inhoud


@dataclass(frozen=True, slots=True)
class Vorm:
    """One kind of act: the service that takes it, its address, and the command it becomes inside.

    `opent` names what a case is called after where this act begins one.
    """

    service: Service
    pad: str
    command: Callable[[UUID, Inhoud], object]
    opent: str | None = None


def _melding(_: UUID, inhoud: Inhoud) -> object:
    return ReceiveMelding(van_veilig_thuis.MeldingInvoer.model_validate(inhoud), Radar())


def _meldpuntmelding(_: UUID, inhoud: Inhoud) -> object:
    return ReceiveMeldpuntmelding(van_veilig_thuis.MeldpuntmeldingInvoer.model_validate(inhoud), Radar())


_CASUS = "/monitoring/v1/casussen/{over}"
_ESCALATIE = "/monitoring/v1/escalaties/{over}"
_MONITORMOMENT = "/monitoring/v1/monitormomenten/{over}"
_SIGNAAL = "/monitoring/v1/signalen/{over}"
_OVERDRACHT = "/overdracht/v1/overdrachten/{over}"
_SAMENWERKING = "/overdracht/v1/samenwerkingen/{over}"

VORMEN: Mapping[str, Vorm] = {
    "melding": Vorm(Service.TRIAGE, "/triage/v1/meldingen", _melding, opent="melding"),
    "feiten": Vorm(
        Service.TRIAGE,
        "/triage/v1/meldingen/{over}/feiten",
        lambda _, inhoud: AddFeiten(van_veilig_thuis.FeitenAanvulling.model_validate(inhoud)),
    ),
    "triagebesluit": Vorm(
        Service.TRIAGE,
        "/triage/v1/meldingen/{over}/triagebesluiten",
        lambda _, inhoud: TakeTriagebesluit(van_veilig_thuis.TriagebesluitInvoer.model_validate(inhoud)),
    ),
    "dienst": Vorm(
        Service.TRIAGE,
        "/triage/v1/casussen/{over}/diensten",
        lambda _, inhoud: StartDienst(van_veilig_thuis.DienstInvoer.model_validate(inhoud)),
    ),
    "afronding": Vorm(
        Service.TRIAGE,
        "/triage/v1/diensten/{over}/afrondingen",
        lambda over, inhoud: FinishDienst(over, van_veilig_thuis.AfrondingInvoer.model_validate(inhoud)),
    ),
    "overdrachtsgesprek": Vorm(
        Service.TRIAGE,
        "/triage/v1/diensten/{over}/overdrachtsgesprekken",
        lambda over, inhoud: ReportGesprek(over, van_veilig_thuis.GespreksverslagInvoer.model_validate(inhoud)),
    ),
    "meldpuntmelding": Vorm(Service.TRIAGE, "/triage/v1/meldpuntmeldingen", _meldpuntmelding, opent="meldpuntmelding"),
    "overname": Vorm(
        Service.TRIAGE,
        "/triage/v1/meldpuntmeldingen/{over}/overnames",
        lambda _, inhoud: TakeOverMeldpuntmelding(van_veilig_thuis.OvernameInvoer.model_validate(inhoud)),
    ),
    "ontvangstbevestiging": Vorm(
        Service.HANDOVER,
        f"{_OVERDRACHT}/ontvangstbevestigingen",
        lambda over, inhoud: ConfirmOntvangst(over, van_gemeente.OntvangstbevestigingInvoer.model_validate(inhoud)),
    ),
    "verdeling": Vorm(
        Service.HANDOVER,
        f"{_OVERDRACHT}/verdelingen",
        lambda over, inhoud: TakeUpOverdracht(over, van_gemeente.VerdelingInvoer.model_validate(inhoud)),
    ),
    "terugkoppeling": Vorm(
        Service.HANDOVER,
        f"{_OVERDRACHT}/terugkoppelingen",
        lambda over, inhoud: GiveBackOverdracht(over, van_gemeente.TerugkoppelingInvoer.model_validate(inhoud)),
    ),
    "aflevering": Vorm(
        Service.HANDOVER,
        f"{_OVERDRACHT}/afleveringen",
        lambda over, inhoud: OfferOverdrachtAgain(over, van_gemeente.AfleveringInvoer.model_validate(inhoud)),
    ),
    "weigering": Vorm(
        Service.HANDOVER,
        f"{_OVERDRACHT}/weigeringen",
        lambda over, inhoud: RefuseOverdracht(over, van_gemeente.WeigeringInvoer.model_validate(inhoud)),
    ),
    "informering": Vorm(
        Service.HANDOVER,
        f"{_OVERDRACHT}/informeringen",
        lambda over, inhoud: InformBetrokkenen(over, van_gemeente.InformeringInvoer.model_validate(inhoud)),
    ),
    "plan": Vorm(
        Service.HANDOVER,
        f"{_OVERDRACHT}/plannen",
        lambda over, inhoud: DrawUpPlan(over, van_gemeente.PlanInvoer.model_validate(inhoud)),
    ),
    "melderinformering": Vorm(
        Service.TRIAGE,
        "/triage/v1/meldingen/{over}/informeringen",
        lambda _, inhoud: InformMelder(van_veilig_thuis.InformeringInvoer.model_validate(inhoud)),
    ),
    "intrekking": Vorm(
        Service.HANDOVER,
        f"{_OVERDRACHT}/intrekkingen",
        lambda over, inhoud: WithdrawOverdracht(over, van_gemeente.IntrekkingInvoer.model_validate(inhoud)),
    ),
    "samenwerking": Vorm(
        Service.HANDOVER,
        "/overdracht/v1/casussen/{over}/samenwerkingen",
        lambda _, inhoud: AskSamenwerking(van_gemeente.SamenwerkingInvoer.model_validate(inhoud)),
    ),
    "capaciteitssignaal": Vorm(
        Service.HANDOVER,
        f"{_SAMENWERKING}/capaciteitssignalen",
        lambda over, inhoud: AnswerSamenwerking(over, van_gemeente.CapaciteitssignaalInvoer.model_validate(inhoud)),
    ),
    "vbs-verdeling": Vorm(
        Service.HANDOVER,
        f"{_SAMENWERKING}/verdelingen",
        lambda over, inhoud: AnswerSamenwerking(over, van_gemeente.VbsVerdelingInvoer.model_validate(inhoud)),
    ),
    "eerste-contact": Vorm(
        Service.HANDOVER,
        f"{_SAMENWERKING}/eerste-contacten",
        lambda over, inhoud: AnswerSamenwerking(over, van_gemeente.EersteContactInvoer.model_validate(inhoud)),
    ),
    "contact": Vorm(
        Service.HANDOVER,
        f"{_SAMENWERKING}/contacten",
        lambda over, inhoud: AnswerSamenwerking(over, van_gemeente.ContactInvoer.model_validate(inhoud)),
    ),
    "oppakking": Vorm(
        Service.MONITORING,
        f"{_ESCALATIE}/oppakkingen",
        lambda over, inhoud: TakeUpEscalatie(over, van_iedereen.OppakkingInvoer.model_validate(inhoud)),
    ),
    "opschaling": Vorm(
        Service.MONITORING,
        f"{_ESCALATIE}/opschalingen",
        lambda over, inhoud: RaiseEscalatie(over, van_iedereen.OpschalingInvoer.model_validate(inhoud)),
    ),
    "afhandeling": Vorm(
        Service.MONITORING,
        f"{_ESCALATIE}/afhandelingen",
        lambda over, inhoud: SettleEscalatie(over, van_iedereen.AfhandelingInvoer.model_validate(inhoud)),
    ),
    "meningsverschil": Vorm(
        Service.MONITORING,
        f"{_CASUS}/meningsverschillen",
        lambda _, inhoud: ReportMeningsverschil(van_iedereen.MeningsverschilInvoer.model_validate(inhoud)),
    ),
    "uitkomst": Vorm(
        Service.MONITORING,
        f"{_MONITORMOMENT}/uitkomsten",
        lambda over, inhoud: HoldMonitormoment(over, van_iedereen.UitkomstInvoer.model_validate(inhoud)),
    ),
    "inplanning": Vorm(
        Service.MONITORING,
        f"{_MONITORMOMENT}/inplanningen",
        lambda over, inhoud: ScheduleMonitormoment(over, van_iedereen.InplanningInvoer.model_validate(inhoud)),
    ),
    "monitormoment": Vorm(
        Service.MONITORING,
        f"{_CASUS}/monitormomenten",
        lambda _, inhoud: PlanMonitormoment(van_iedereen.MonitormomentInvoer.model_validate(inhoud)),
    ),
    "stagnatiestap": Vorm(
        Service.MONITORING,
        f"{_CASUS}/stagnatiestappen",
        lambda _, inhoud: TakeStagnatiestap(van_iedereen.StagnatiestapInvoer.model_validate(inhoud)),
    ),
    "dwangmaatregel": Vorm(
        Service.MONITORING,
        f"{_CASUS}/dwangmaatregelen",
        lambda _, inhoud: ReportDwangmaatregel(van_iedereen.DwangmaatregelInvoer.model_validate(inhoud)),
    ),
    "aanvaarding": Vorm(
        Service.MONITORING,
        f"{_CASUS}/aanvaardingen",
        lambda _, inhoud: ReportAanvaarding(van_iedereen.AanvaardingInvoer.model_validate(inhoud)),
    ),
    "stand": Vorm(
        Service.MONITORING,
        f"{_CASUS}/standen",
        lambda _, inhoud: ReportStand(van_iedereen.StandInvoer.model_validate(inhoud)),
    ),
    "afsluiting": Vorm(
        Service.MONITORING,
        f"{_CASUS}/afsluitingen",
        lambda _, inhoud: CloseCasus(van_iedereen.AfsluitingInvoer.model_validate(inhoud)),
    ),
    "correctie": Vorm(
        Service.MONITORING,
        f"{_CASUS}/correcties",
        lambda _, inhoud: CorrectFeit(van_iedereen.CorrectieInvoer.model_validate(inhoud)),
    ),
    "verzending": Vorm(
        Service.MONITORING,
        f"{_SIGNAAL}/verzendingen",
        lambda _, inhoud: SendSignaal(van_iedereen.VerzendingInvoer.model_validate(inhoud)),
    ),
    "antwoord": Vorm(
        Service.MONITORING,
        f"{_SIGNAAL}/antwoorden",
        lambda _, inhoud: AnswerSignaal(van_iedereen.SignaalantwoordInvoer.model_validate(inhoud)),
    ),
}
"""Every act by its name: what a system outside would POST, and what it becomes inside."""
