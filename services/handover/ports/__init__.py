"""What handover asks of the world outside: its own read tables, and the form of a letter."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.rechten import Kring
from services.handover.domain.brieven import Brief
from services.handover.domain.casus import Casus
from services.handover.ports import rows


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a token in a mail leads to, and until when."""

    overdracht: rows.Overdrachtregel
    geldig_tot: datetime


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

    async def overdracht(self, identifier: UUID, kring: Kring) -> rows.Overdrachtregel | None: ...

    async def toestand(self, casus_id: UUID) -> Casus | None:
        """Everything that is known of this case, for judging what can be done in it; not for showing."""
        ...

    async def link(self, digest: str) -> LinkView | None: ...

    async def document(self, overdracht_id: UUID) -> str | None: ...

    async def bijlage(self, overdracht_id: UUID, bijlage_id: UUID) -> rows.Bijlageregel | None: ...

    async def retourbrief(self, overdracht_id: UUID) -> rows.Retourbriefregel | None: ...

    async def overdrachten(
        self, kring: Kring, *, status: str | None, na: UUID | None, limiet: int
    ) -> tuple[rows.Overdrachtregel, ...]: ...

    async def gebeurtenissen(self, kring: Kring, *, na: int, limiet: int) -> tuple[rows.Gebeurtenisregel, ...]: ...

    async def samenwerkingen(
        self, kring: Kring, *, samenwerking_id: UUID | None, limiet: int
    ) -> tuple[rows.Samenwerkingregel, ...]: ...

    async def afgeleverd_sinds(self, bestemming: str, sinds: datetime, *, limiet: int) -> tuple[UUID, ...]:
        """The overdrachten that were delivered there since then, the oldest first."""
        ...


class Brieven(Protocol):
    """Gives a letter its form."""

    async def render(self, brief: Brief) -> bytes:
        """The letter as PDF."""
        ...
