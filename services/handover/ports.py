"""What handover asks of the world outside: its own read tables, and the form of a letter."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.rechten import Kring
from services.handover.domain.brieven import Brief
from services.runtime.unit.decision import JsonObject


@dataclass(frozen=True, slots=True)
class OverdrachtView:
    """An overdracht as the read table has it; the four receipts side by side."""

    id: UUID
    casus_id: CasusId
    melding_id: UUID
    regio: str
    gemeente: str
    team: str | None
    soort: str
    kanaal: str
    status: str
    aflevering: str
    melding_ontvangen_op: datetime
    aangemaakt_op: datetime
    uiterlijk_op: datetime
    afgeleverd_op: datetime | None
    gestagneerd_op: datetime | None
    ontvangen_op: datetime | None
    opgepakt_op: datetime | None
    teruggekoppeld_op: datetime | None
    pogingen: int
    laatste_poging_op: datetime | None
    laatste_fout: str | None
    geweigerd_op: datetime | None = None
    weigeringscode: str | None = None
    ingetrokken_op: datetime | None = None
    verwittigd_op: datetime | None = None
    betrokkenen_geinformeerd_op: datetime | None = None
    ronde: int = 1
    partij: str | None = None

    @property
    def ontvanger(self) -> str:
        """The code of who receives it."""
        return self.partij or self.gemeente

    @property
    def is_aanvaard(self) -> bool:
        """Whether the receiver confirmed it or took it up."""
        return self.ontvangen_op is not None or self.opgepakt_op is not None

    @property
    def is_over(self) -> bool:
        """Given back, refused or taken back: nothing is asked of the receiver any more, and nothing shown to it."""
        ends = (self.teruggekoppeld_op, self.geweigerd_op, self.ingetrokken_op)
        return any(end is not None for end in ends)


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a token in a mail leads to, and until when."""

    overdracht: OverdrachtView
    geldig_tot: datetime


@dataclass(frozen=True, slots=True)
class GebeurtenisView:
    """Something that happened to an overdracht, under a number that only grows."""

    nummer: int
    id: UUID
    casus_id: CasusId
    overdracht_id: UUID
    gemeente: str
    soort: str
    op: datetime
    partij: str | None = None


@dataclass(frozen=True, slots=True)
class BijlageView:
    """A file that goes along with an overdracht; its name and key are sealed in `geheim`. `grootte` in bytes."""

    id: UUID
    casus_id: CasusId
    mediatype: str
    grootte: int
    geheim: str


class Bijlageopslag(Protocol):
    """Keeps the bytes of files, sealed under the key that is given along, and never whole in memory."""

    async def keep(self, bijlage_id: UUID, sleutel: bytes, parts: AsyncIterator[bytes]) -> None:
        """All of them, or what was kept is dropped again and the error goes on."""
        ...

    async def drop(self, bijlage_id: UUID) -> None: ...

    def read(self, bijlage_id: UUID, sleutel: bytes) -> AsyncIterator[bytes]:
        """The bytes in order. Raises `SealBroken` where a part is missing or altered."""
        ...


class Queries(Protocol):
    """The read tables, each within the circle of whoever asks."""

    async def overdracht(self, identifier: UUID, kring: Kring) -> OverdrachtView | None: ...

    async def link(self, digest: str) -> LinkView | None: ...

    async def document(self, overdracht_id: UUID) -> str | None: ...

    async def bijlage(self, overdracht_id: UUID, bijlage_id: UUID) -> BijlageView | None: ...

    async def overdrachten(
        self, kring: Kring, *, status: str | None, na: UUID | None, limiet: int
    ) -> tuple[OverdrachtView, ...]: ...

    async def gebeurtenissen(self, kring: Kring, *, na: int, limiet: int) -> tuple[GebeurtenisView, ...]: ...

    async def samenwerkingen(
        self, kring: Kring, *, samenwerking_id: UUID | None, limiet: int
    ) -> Sequence[JsonObject]: ...


class Brieven(Protocol):
    """Gives a letter its form."""

    async def render(self, brief: Brief) -> bytes:
        """The letter as PDF."""
        ...
