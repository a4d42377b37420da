"""Every act by its name: what a system outside would POST, and the command it becomes inside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from contracts.messages.topics import Service
from services.handover.domain import invoer as van_gemeente
from services.handover.handlers import (
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
from services.monitoring.api import signalen, vervolg
from services.monitoring.api.routes import Afhandeling, Meningsverschil, Oppakking, Opschaling
from services.monitoring.handlers import (
    BeantwoordSignaal,
    CorrigeerFeit,
    HandelEscalatieAf,
    MeldAanvaarding,
    MeldDwangmaatregel,
    MeldMeningsverschil,
    MeldStand,
    PakEscalatieOp,
    PlanMomentIn,
    PlanMonitormoment,
    SchaalEscalatieOp,
    SluitCasus,
    VerstuurSignaal,
    ZetStagnatiestap,
)
from services.triage.domain import invoer as van_veilig_thuis
from services.triage.domain.huishouden import Radar
from services.triage.handlers import (
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


def _pak_op(over: UUID, inhoud: Inhoud) -> object:
    invoer = Oppakking.model_validate(inhoud)
    return PakEscalatieOp(over, invoer.door, invoer.toelichting)


def _handel_af(over: UUID, inhoud: Inhoud) -> object:
    invoer = Afhandeling.model_validate(inhoud)
    return HandelEscalatieAf(over, invoer.door, invoer.resultaat, invoer.toelichting)


def _meningsverschil(_: UUID, inhoud: Inhoud) -> object:
    invoer = Meningsverschil.model_validate(inhoud)
    return MeldMeningsverschil(invoer.door, invoer.overdracht_id, invoer.toelichting)


def _schaal_op(over: UUID, inhoud: Inhoud) -> object:
    invoer = Opschaling.model_validate(inhoud)
    return SchaalEscalatieOp(over, invoer.door, invoer.toelichting)


def _plan(_: UUID, inhoud: Inhoud) -> object:
    invoer = vervolg.MomentPlanning.model_validate(inhoud)
    return PlanMonitormoment(invoer.door, invoer.gepland_op, invoer.reden)


def _plan_in(over: UUID, inhoud: Inhoud) -> object:
    invoer = vervolg.MomentInplanning.model_validate(inhoud)
    return PlanMomentIn(over, invoer.door, invoer.ingepland_voor, invoer.toelichting)


def _stap(_: UUID, inhoud: Inhoud) -> object:
    invoer = vervolg.Stap.model_validate(inhoud)
    return ZetStagnatiestap(invoer.stap, invoer.door, invoer.toelichting)


def _dwang(_: UUID, inhoud: Inhoud) -> object:
    invoer = vervolg.Dwang.model_validate(inhoud)
    return MeldDwangmaatregel(invoer.maatregel, invoer.door, invoer.op, invoer.toelichting)


def _aanvaarding(_: UUID, inhoud: Inhoud) -> object:
    invoer = vervolg.Aanvaarding.model_validate(inhoud)
    return MeldAanvaarding(invoer.partij, invoer.door, invoer.op, invoer.toelichting, invoer.bewijs)


def _stand(_: UUID, inhoud: Inhoud) -> object:
    invoer = vervolg.Standmelding.model_validate(inhoud)
    given = (invoer.stand, invoer.door, invoer.op, invoer.verwacht_op, invoer.partij, invoer.toelichting)
    return MeldStand(*given)


def _afsluiting(_: UUID, inhoud: Inhoud) -> object:
    invoer = vervolg.Afsluiting.model_validate(inhoud)
    return SluitCasus(invoer.reden, invoer.door, invoer.op, invoer.toelichting)


def _correctie(_: UUID, inhoud: Inhoud) -> object:
    invoer = vervolg.Correctie.model_validate(inhoud)
    return CorrigeerFeit(invoer.feit, invoer.op, invoer.door, invoer.toelichting, invoer.onderwerp_id)


def _verzending(over: UUID, inhoud: Inhoud) -> object:
    invoer = signalen.Verzending.model_validate(inhoud)
    return VerstuurSignaal(over, invoer.door, invoer.toelichting)


def _antwoord(over: UUID, inhoud: Inhoud) -> object:
    invoer = signalen.Antwoord.model_validate(inhoud)
    return BeantwoordSignaal(over, invoer.maatregel, invoer.door, invoer.toelichting)


_CASUS = "/monitoring/v1/casussen/{over}"
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
    "oppakking": Vorm(Service.MONITORING, "/monitoring/v1/escalaties/{over}/oppakkingen", _pak_op),
    "opschaling": Vorm(Service.MONITORING, "/monitoring/v1/escalaties/{over}/opschalingen", _schaal_op),
    "afhandeling": Vorm(Service.MONITORING, "/monitoring/v1/escalaties/{over}/afhandelingen", _handel_af),
    "meningsverschil": Vorm(Service.MONITORING, f"{_CASUS}/meningsverschillen", _meningsverschil),
    "uitkomst": Vorm(
        Service.MONITORING,
        "/monitoring/v1/monitormomenten/{over}/uitkomsten",
        lambda over, inhoud: vervolg.hold_command(over, vervolg.MomentUitkomst.model_validate(inhoud)),
    ),
    "inplanning": Vorm(Service.MONITORING, "/monitoring/v1/monitormomenten/{over}/inplanningen", _plan_in),
    "monitormoment": Vorm(Service.MONITORING, f"{_CASUS}/monitormomenten", _plan),
    "stagnatiestap": Vorm(Service.MONITORING, f"{_CASUS}/stagnatiestappen", _stap),
    "dwangmaatregel": Vorm(Service.MONITORING, f"{_CASUS}/dwangmaatregelen", _dwang),
    "aanvaarding": Vorm(Service.MONITORING, f"{_CASUS}/aanvaardingen", _aanvaarding),
    "stand": Vorm(Service.MONITORING, f"{_CASUS}/standen", _stand),
    "afsluiting": Vorm(Service.MONITORING, f"{_CASUS}/afsluitingen", _afsluiting),
    "correctie": Vorm(Service.MONITORING, f"{_CASUS}/correcties", _correctie),
    "verzending": Vorm(Service.MONITORING, "/monitoring/v1/signalen/{over}/verzendingen", _verzending),
    "antwoord": Vorm(Service.MONITORING, "/monitoring/v1/signalen/{over}/antwoorden", _antwoord),
}
"""Every act by its name: what a system outside would POST, and what it becomes inside."""
