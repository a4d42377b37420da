"""What people can ask of monitoring, and what its cases tell each other, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.afspraken import Anker
from contracts.messages.documenten import Aanvaardingsbewijs, Professional
from contracts.messages.monitoring import (
    Drager,
    Dwangmaatregel,
    Escalatieresultaat,
    Gesprekswijze,
    Kindgesprek,
    Sluitreden,
    Stand,
)
from contracts.messages.signalen import Signaalmaatregel
from services.monitoring.domain.monitoring import Instemming
from services.monitoring.domain.signalen import Misser
from services.monitoring.domain.toestand import Toezicht


@dataclass(frozen=True, slots=True)
class PakEscalatieOp:
    """Someone takes an escalatie."""

    escalatie_id: UUID
    door: Professional
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class SchaalEscalatieOp:
    """Who was called cannot solve it, and says that the next rung has to decide."""

    escalatie_id: UUID
    door: Professional
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class HandelEscalatieAf:
    """Someone closes an escalatie with a result."""

    escalatie_id: UUID
    door: Professional
    resultaat: Escalatieresultaat
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class MeldMeningsverschil:
    """Veilig Thuis and the team differ about a case. `overdracht_id` when it is about one overdracht."""

    door: Professional
    overdracht_id: UUID | None = None
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class HoudMonitormoment:
    """What came out of a monitormoment. `stoppen`: whether monitoring stops with it, and who agrees.

    `volgende_op` plans the next one, where no other is to come.
    """

    monitormoment_id: UUID
    door: Professional
    wijze: Gesprekswijze
    kinderen: Kindgesprek
    stabiel_en_veilig: bool
    gehouden_op: datetime | None = None
    toelichting: str | None = None
    stoppen: Instemming | None = None
    volgende_op: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanMomentIn:
    """A moment that is to be held is planned for a day."""

    monitormoment_id: UUID
    door: Professional
    ingepland_voor: datetime
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class PlanMonitormoment:
    """A moment besides the fixed ones, to be held before `gepland_op`; `reden` where there is no monitoring yet."""

    door: Professional
    gepland_op: datetime
    reden: str | None = None


@dataclass(frozen=True, slots=True)
class ZetStagnatiestap:
    """Help stagnates during monitoring, and this step is taken (MB 5)."""

    stap: int
    door: Professional
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class MeldDwangmaatregel:
    """A coercive measure was taken or asked for."""

    maatregel: Dwangmaatregel
    door: Professional
    op: datetime | None = None
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class MeldAanvaarding:
    """A party takes the care for safety over: it says so itself, or another says so of it (`bewijs`: with a proof)."""

    partij: str
    door: Professional
    op: datetime | None = None
    toelichting: str | None = None
    bewijs: Aanvaardingsbewijs | None = None


@dataclass(frozen=True, slots=True)
class MeldStand:
    """A party says where it stands. `verwacht_op` with a waiting list, `partij` where another takes a step in a crisis."""

    stand: Stand
    door: Professional
    op: datetime | None = None
    verwacht_op: datetime | None = None
    partij: str | None = None
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class SluitCasus:
    """Whoever bears zicht op veiligheid decides that nobody needs to any more."""

    reden: Sluitreden
    door: Professional
    op: datetime | None = None
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class CorrigeerFeit:
    """The moment of a fact was wrong. `onderwerp_id` when there is more than one such fact in the case."""

    feit: Anker
    op: datetime
    door: Professional
    toelichting: str
    onderwerp_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Geval:
    """A case in which a party did not carry out the agreements: every term that it missed there."""

    casus_id: UUID
    missers: tuple[Misser, ...]


@dataclass(frozen=True, slots=True)
class StelSignaalOp:
    """A person drafts a signal about these cases; one is enough (FS)."""

    over: Drager
    regio: str
    gemeente: str
    gevallen: tuple[Geval, ...]
    door: Professional
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class VerstuurSignaal:
    """A person of the party that has to informs the gemeente: the signal that was drafted leaves."""

    signaal_id: UUID
    door: Professional
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class BeantwoordSignaal:
    """The gemeente says what it will do about a structureel signaal."""

    signaal_id: UUID
    maatregel: Signaalmaatregel
    door: Professional
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class TelMisser:
    """A case tells where the misses of a party are counted: this term passed."""

    misser: Misser


@dataclass(frozen=True, slots=True)
class StreepMisserDoor:
    """A case takes that back: it was kept after all."""

    misser: Misser


@dataclass(frozen=True, slots=True)
class GeefSignaalAf:
    """The count tells a signal that it begins: this party failed so often, since that moment; `door` where a person says so."""

    misser: Misser
    aantal: int
    sinds: datetime
    bewijs: tuple[Misser, ...] = ()
    door: Professional | None = None
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class NoteerAntwoord:
    """A signal tells the count that the gemeente answered, or that it lapsed; counting begins anew."""

    signaal: UUID


@dataclass(frozen=True, slots=True)
class NoteerHermelding:
    """A new case tells an earlier one that its household was reported again; `gemonitord`: while that was monitored."""

    nieuwe_casus: UUID
    op: datetime
    spoed: bool = False
    gemonitord: bool = False


@dataclass(frozen=True, slots=True)
class DeelHuishouden:
    """A case tells another that is one household with it what happened in it; `sinds` is when they became that."""

    casus: UUID
    deel: Toezicht
    sinds: datetime
