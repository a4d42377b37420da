"""What this service asks of the world: its read tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.rechten import Kring
from services.monitoring.domain import Termijnstatus
from services.monitoring.domain.toestand import Escalatiestatus
from services.runtime.unit.decision import JsonObject

Row = Mapping[str, object]
"""A row of a read table, by column name."""


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
    """The read tables, each row as JSON values by column name; only what the caller may see."""

    async def casus(self, identifier: UUID, kring: Kring) -> JsonObject | None:
        """The case with this casusId or melding id, with its termijnen, escalaties and overdrachten."""
        ...

    async def zicht(self, casus_id: UUID) -> Sequence[JsonObject]:
        """The ledger, line by line in the order in which it was written."""
        ...

    async def journaal(self, casus_id: UUID) -> Sequence[JsonObject]:
        """What happened and why, in order."""
        ...

    async def termijnen(self, vraag: TermijnVraag, kring: Kring) -> Sequence[JsonObject]:
        """Termijnen, the first to end first."""
        ...

    async def escalaties(self, vraag: EscalatieVraag, kring: Kring) -> Sequence[JsonObject]:
        """Escalaties, the newest first."""
        ...

    async def casus_of_monitormoment(self, moment_id: UUID, kring: Kring) -> UUID | None:
        """The case that a monitormoment belongs to."""
        ...

    async def monitormomenten(self, vraag: MonitorVraag, kring: Kring) -> Sequence[JsonObject]:
        """Monitormomenten, the first to be held first."""
        ...

    async def signalen(self, vraag: SignaalVraag, kring: Kring) -> Sequence[JsonObject]:
        """Structurele signalen, the newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Bord:
    """What the regiebord shows at one moment; rows by column name, moments as `datetime`."""

    tellingen: Mapping[str, int]
    escalaties: Sequence[Row]
    overdrachten: Sequence[Row]
    termijnen: Sequence[Row]
    casussen: Sequence[Row]


class BordQueries(Protocol):
    """What the regiebord asks."""

    async def bord(self, kring: Kring, rows: int) -> Bord:
        """The whole page, at most `rows` of each; what needs someone first."""
        ...
