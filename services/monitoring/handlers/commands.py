"""What monitoring is asked to do, and what its cases tell each other."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.messages.documenten import Professional
from services.monitoring.domain.invoer import (
    AanvaardingInvoer,
    AfhandelingInvoer,
    AfsluitingInvoer,
    CorrectieInvoer,
    DwangmaatregelInvoer,
    InplanningInvoer,
    MeningsverschilInvoer,
    MonitormomentInvoer,
    OppakkingInvoer,
    OpschalingInvoer,
    SignaalantwoordInvoer,
    SignaalInvoer,
    StagnatiestapInvoer,
    StandInvoer,
    UitkomstInvoer,
    VerzendingInvoer,
)
from services.monitoring.domain.signalen import Misser
from services.monitoring.domain.toestand import Toezicht


@dataclass(frozen=True, slots=True)
class TakeUpEscalatie:
    escalatie_id: UUID
    invoer: OppakkingInvoer


@dataclass(frozen=True, slots=True)
class RaiseEscalatie:
    """Who was called cannot solve it, and says that the next rung has to decide."""

    escalatie_id: UUID
    invoer: OpschalingInvoer


@dataclass(frozen=True, slots=True)
class SettleEscalatie:
    escalatie_id: UUID
    invoer: AfhandelingInvoer


@dataclass(frozen=True, slots=True)
class ReportMeningsverschil:
    """Veilig Thuis and the team differ about a case, or about one overdracht of it."""

    invoer: MeningsverschilInvoer


@dataclass(frozen=True, slots=True)
class HoldMonitormoment:
    monitormoment_id: UUID
    invoer: UitkomstInvoer


@dataclass(frozen=True, slots=True)
class ScheduleMonitormoment:
    """A moment that is to be held is planned for a day."""

    monitormoment_id: UUID
    invoer: InplanningInvoer


@dataclass(frozen=True, slots=True)
class PlanMonitormoment:
    """A moment besides the fixed ones."""

    invoer: MonitormomentInvoer


@dataclass(frozen=True, slots=True)
class TakeStagnatiestap:
    """Help stagnates during monitoring (MB 5)."""

    invoer: StagnatiestapInvoer


@dataclass(frozen=True, slots=True)
class ReportDwangmaatregel:
    """A coercive measure was taken or asked for."""

    invoer: DwangmaatregelInvoer


@dataclass(frozen=True, slots=True)
class ReportAanvaarding:
    """A party takes the care for safety over: it says so itself, or another says so of it."""

    invoer: AanvaardingInvoer


@dataclass(frozen=True, slots=True)
class ReportStand:
    """A party says where it stands."""

    invoer: StandInvoer


@dataclass(frozen=True, slots=True)
class CloseCasus:
    """Whoever bears zicht op veiligheid decides that nobody needs to any more."""

    invoer: AfsluitingInvoer


@dataclass(frozen=True, slots=True)
class CorrectFeit:
    invoer: CorrectieInvoer


@dataclass(frozen=True, slots=True)
class Geval:
    """A case in which a party did not carry out the agreements: every term that it missed there."""

    casus_id: UUID
    missers: tuple[Misser, ...]


@dataclass(frozen=True, slots=True)
class ComposeSignaal:
    """A person composes a signal about these cases; one is enough (FS)."""

    invoer: SignaalInvoer
    regio: str
    gemeente: str
    gevallen: tuple[Geval, ...]


@dataclass(frozen=True, slots=True)
class SendSignaal:
    """A person of the party that has to informs the gemeente: the signal that was drafted leaves."""

    invoer: VerzendingInvoer


@dataclass(frozen=True, slots=True)
class AnswerSignaal:
    """The gemeente says what it will do about a structureel signaal."""

    invoer: SignaalantwoordInvoer


@dataclass(frozen=True, slots=True)
class CountMisser:
    """A case tells where the misses of a party are counted: this term passed."""

    misser: Misser


@dataclass(frozen=True, slots=True)
class StrikeMisser:
    """A case takes that back: it was kept after all."""

    misser: Misser


@dataclass(frozen=True, slots=True)
class DraftSignaal:
    """The count tells a signal that it begins: this party failed so often, since that moment; `door` where a person says so."""

    misser: Misser
    aantal: int
    sinds: datetime
    bewijs: tuple[Misser, ...] = ()
    door: Professional | None = None
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class NoteAntwoord:
    """A signal tells the count that the gemeente answered, or that it lapsed; counting begins anew."""

    signaal_id: UUID


@dataclass(frozen=True, slots=True)
class NoteHermelding:
    """A new case tells an earlier one that its household was reported again; `gemonitord`: while that was monitored.

    `spoed`: with urgency spoed or crisis. `samen`: it tells more of them, whose people may be the same.
    """

    nieuwe_casus: UUID
    op: datetime
    spoed: bool = False
    crisis: bool = False
    gemonitord: bool = False
    samen: bool = False


@dataclass(frozen=True, slots=True)
class NoteHuishoudencrisis:
    """A case tells another about the same household that it is an acute crisis since `op`; `samen`: it tells more."""

    casus_id: UUID
    op: datetime
    samen: bool = False


@dataclass(frozen=True, slots=True)
class NoteHuishoudenGesloten:
    """A case tells another about the same household since when it is closed; None where it is open again."""

    casus_id: UUID
    op: datetime | None


@dataclass(frozen=True, slots=True)
class ShareHuishouden:
    """A case tells another that is one household with it what happened in it; `sinds` is when they became that."""

    casus_id: UUID
    deel: Toezicht
    sinds: datetime
