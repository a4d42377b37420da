"""What triage is asked to do."""

from dataclasses import dataclass
from uuid import UUID

from services.triage.domain.huishouden import Radar
from services.triage.domain.invoer import (
    AdviesvraagInvoer,
    AfrondingInvoer,
    DienstInvoer,
    FeitenAanvulling,
    GespreksverslagInvoer,
    HermeldingInvoer,
    InformeringInvoer,
    MeldingInvoer,
    MeldpuntmeldingInvoer,
    OvernameInvoer,
    TriagebesluitInvoer,
)


@dataclass(frozen=True, slots=True)
class ReceiveMelding:
    """A melding came in; `radar` is what was found about its household just before."""

    invoer: MeldingInvoer
    radar: Radar


@dataclass(frozen=True, slots=True)
class AddFeiten:
    invoer: FeitenAanvulling


@dataclass(frozen=True, slots=True)
class TakeTriagebesluit:
    invoer: TriagebesluitInvoer


@dataclass(frozen=True, slots=True)
class StartDienst:
    invoer: DienstInvoer


@dataclass(frozen=True, slots=True)
class FinishDienst:
    dienst_id: UUID
    invoer: AfrondingInvoer


@dataclass(frozen=True, slots=True)
class ReportGesprek:
    dienst_id: UUID
    invoer: GespreksverslagInvoer


@dataclass(frozen=True, slots=True)
class InformMelder:
    invoer: InformeringInvoer


@dataclass(frozen=True, slots=True)
class ReceiveMeldpuntmelding:
    """A meldpuntmelding came in; `radar` is what was found about its household just before."""

    invoer: MeldpuntmeldingInvoer
    radar: Radar


@dataclass(frozen=True, slots=True)
class TakeOverMeldpuntmelding:
    invoer: OvernameInvoer


@dataclass(frozen=True, slots=True)
class RegisterAdviesvraag:
    invoer: AdviesvraagInvoer


@dataclass(frozen=True, slots=True)
class JudgeHermelding:
    invoer: HermeldingInvoer


@dataclass(frozen=True, slots=True)
class NoteInzage:
    """The personal data of a melding are about to be shown."""

    melding_id: UUID
