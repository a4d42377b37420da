"""What handover is asked to do."""

from dataclasses import dataclass
from uuid import UUID

from contracts.messages.documenten import Mediatype, Professional
from services.handover.domain.casus import Bijlagegeheim
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
class OfferOverdrachtAgain:
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
class CatchUpZaakstatus:
    """Whoever runs the hub wants to know what a zaaksysteem has to tell about an overdracht by now."""

    overdracht_id: UUID
    vraag_id: UUID


@dataclass(frozen=True, slots=True)
class NoteInzage:
    """`wat` is what is about to be shown: the overdrachtsdocument, or a letter."""

    overdracht_id: UUID
    wat: str
    medewerker: Professional | None = None


@dataclass(frozen=True, slots=True)
class AskLeescode:
    """Who has the link wants a code to read by, by this road."""

    overdracht_id: UUID
    weg: str


@dataclass(frozen=True, slots=True)
class TryLeescode:
    overdracht_id: UUID
    cijfers: str


@dataclass(frozen=True, slots=True)
class AddBijlage:
    """The bytes of a file are kept; from now on it belongs to the case. `grootte` in bytes."""

    bijlage_id: UUID
    mediatype: Mediatype
    geheim: Bijlagegeheim
    grootte: int
