"""What the notifier asks of the world: who a role means, where and how a person is reached, and its read table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal
from contracts.rechten import Kring
from services.notifier.domain import Bereikbaar, Zendingstatus
from services.notifier.ports import rows
from services.runtime.unit.decision import Attempt


class Mensen(Protocol):
    """Who a role means. Answered from memory."""

    def who(self, vraag: NotificatieGevraagd, *, at: datetime) -> tuple[Bereikbaar, ...]:
        """The people of the role that is asked for; empty when nobody fills it."""
        ...

    def instead(self, vraag: NotificatieGevraagd, *, at: datetime) -> tuple[Bereikbaar, ...]:
        """The people to turn to when nobody of the role could be reached."""
        ...

    def reads_from(self, vraag: NotificatieGevraagd, partij: str, persoon: str, *, at: datetime) -> datetime:
        """From when on this person reads what is not urgent: at once in their work time, else when that begins."""
        ...

    def tekort(self, vraag: NotificatieGevraagd, *, at: datetime) -> NotificatieGevraagd | None:
        """What the beheerder is told of the register because of this; None where nothing is lacking."""
        ...

    def who_runs_hub(self, kanaal: Notificatiekanaal, *, at: datetime) -> "Beheerder | None":
        """Somebody who runs the hub and has an address for this channel; None where nobody does."""
        ...


@dataclass(frozen=True, slots=True)
class Beheerder:
    """Who runs the hub, by the key of the person, and in which role."""

    partij: str
    persoon: str
    rol: str


class Adresboek(Protocol):
    """Where a person is reached. Only asked at the moment of sending, so that no address is stored."""

    def adres(self, kanaal: Notificatiekanaal, partij: str, persoon: str, *, at: datetime) -> str | None:
        """The address for this channel, or None when this person has none in the register any more."""
        ...

    def waarom(self, vraag: NotificatieGevraagd, persoon: str, *, at: datetime) -> str | None:
        """A sentence on why this person is told what was meant for somebody else; None where it was meant for them."""
        ...


Waarom = Callable[[NotificatieGevraagd], str | None]
"""Why somebody is told what was meant for somebody else."""


@dataclass(frozen=True, slots=True)
class Bericht:
    """What is told at one address. A repetition has the same `id`."""

    id: UUID
    adres: str
    vragen: tuple[NotificatieGevraagd, ...]
    waarom: Waarom


class Bode(Protocol):
    """Takes messages to people by one channel, in the words and the form of that channel."""

    async def send(self, bericht: Bericht) -> Attempt:
        """Send it once. Accepted is not read."""
        ...


@dataclass(frozen=True, slots=True)
class Vraag:
    """Which notificaties are asked for. `kring` is what the caller may see: of its region, or told to its own people."""

    casus: UUID | None = None
    status: Zendingstatus | None = None
    gemeente: str | None = None
    kring: Kring = field(default_factory=Kring)
    limiet: int = 100
    overslaan: int = 0


@dataclass(frozen=True, slots=True)
class Kanaalstand:
    """When something was last taken by a channel, when it last failed there and why, and how the last try by the clock went."""

    kanaal: Notificatiekanaal
    verzonden_op: datetime | None
    mislukt_op: datetime | None
    reden: str | None
    proef: rows.Proef | None = None


class Proefpost(Protocol):
    """Tries a channel on whoever asks for it."""

    async def send(self, kanaal: Notificatiekanaal, partij: str, persoon: str, *, rol: str) -> Attempt | None:
        """Send a message about nothing to this person, once; None where the register has no such address of theirs."""
        ...


class Queries(Protocol):
    """The read table."""

    async def kanalen(self) -> Sequence[Kanaalstand]:
        """Each channel that there is."""
        ...

    async def notificaties(self, vraag: Vraag) -> tuple[rows.Notificatie, ...]:
        """Messages per person and channel, the newest first."""
        ...
