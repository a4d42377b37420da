"""What this service asks of the world: its read tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.afspraken import Termijnstatus
from contracts.rechten import Kring
from services.monitoring.domain.toestand import Escalatiestatus, Toezicht
from services.monitoring.ports import rows
from services.runtime.database.connection import Row


@dataclass(frozen=True, slots=True)
class TermijnVraag:
    """Which termijnen are asked for. `voor`: that end before this moment."""

    status: Termijnstatus | None = None
    gemeente: str | None = None
    voor: datetime | None = None
    limiet: int = 100
    overslaan: int = 0


@dataclass(frozen=True, slots=True)
class EscalatieVraag:
    """Which escalaties are asked for."""

    status: Escalatiestatus | None = None
    gemeente: str | None = None
    limiet: int = 100
    overslaan: int = 0


@dataclass(frozen=True, slots=True)
class MonitorVraag:
    """Which monitormomenten are asked for. `voor`: planned before this moment."""

    status: Termijnstatus | None = None
    voor: datetime | None = None
    limiet: int = 100
    overslaan: int = 0


@dataclass(frozen=True, slots=True)
class SignaalVraag:
    """Which structurele signalen are asked for. `beantwoord`: only those with, or only those without an answer."""

    beantwoord: bool | None = None
    limiet: int = 100
    overslaan: int = 0


class Queries(Protocol):
    """The read tables; only what the caller may see."""

    async def casus(self, identifier: UUID, kring: Kring) -> rows.Casus | None:
        """The case with this casusId or melding id, with its termijnen, escalaties and overdrachten."""
        ...

    async def toezicht(self, casus_id: UUID) -> Toezicht | None:
        """Everything that is known of this case, for judging what can be done in it; not for showing."""
        ...

    async def zicht(self, casus_id: UUID) -> Sequence[rows.Zichtregel]:
        """The ledger, line by line in the order in which it was written."""
        ...

    async def journaal(self, casus_id: UUID) -> Sequence[Row]:
        """What happened and why, in order; by column name."""
        ...

    async def termijnen(self, vraag: TermijnVraag, kring: Kring) -> Sequence[rows.Termijn]:
        """Termijnen, the first to end first."""
        ...

    async def escalaties(self, vraag: EscalatieVraag, kring: Kring) -> Sequence[rows.Escalatie]:
        """Escalaties, the newest first."""
        ...

    async def casus_of_monitormoment(self, moment_id: UUID, kring: Kring) -> UUID | None:
        """The case that a monitormoment belongs to."""
        ...

    async def monitormomenten(self, vraag: MonitorVraag, kring: Kring) -> Sequence[rows.Monitormoment]:
        """Monitormomenten, the first to be held first."""
        ...

    async def signalen(self, vraag: SignaalVraag, kring: Kring) -> Sequence[rows.Signaal]:
        """Structurele signalen, the newest first."""
        ...


class Bordescalatie(rows.Escalatie):
    """With what its termijn is called."""

    label: str | None


class Bordoverdracht(rows.Overdracht):
    """With who bears zicht op veiligheid in its case."""

    zicht_partij: str | None
    zicht_vanaf: datetime | None


@dataclass(frozen=True, slots=True)
class Bord:
    """What the regiebord shows at one moment."""

    tellingen: Mapping[str, int]
    escalaties: Sequence[Bordescalatie]
    overdrachten: Sequence[Bordoverdracht]
    termijnen: Sequence[rows.Termijn]
    casussen: Sequence[rows.Casusregel]


class BordQueries(Protocol):
    """What the regiebord asks."""

    async def bord(self, kring: Kring, most: int) -> Bord:
        """The whole page, at most `most` of each; what needs someone first."""
        ...
