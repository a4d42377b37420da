"""What a story is told in: the hub, by its front doors and what it shows, whatever it runs on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from contracts.register import Register
from services.monitoring.domain.toestand import Toezicht

Rij = Mapping[str, Any]
Inhoud = dict[str, Any]


class Eindpunt(StrEnum):
    """How the endpoint of a gemeente takes what it is sent."""

    WERKT = "werkt"
    PLAT = "plat"
    WEIGERT = "weigert"


@dataclass(frozen=True, slots=True)
class Daad:
    """Someone does something: the body of the request, who sends it, and what it is about."""

    vorm: str
    door: str
    inhoud: Inhoud
    sleutel: str
    casus_id: CasusId | None = None
    over: UUID | None = None


@dataclass(frozen=True, slots=True)
class Antwoord:
    """What came back. `redenen` in words where it was refused."""

    gelukt: bool
    inhoud: Inhoud = field(default_factory=dict[str, Any])
    redenen: str = ""


class Wereld(Protocol):
    """The hub as a story meets it. Everything that follows from an act has happened when the act returns."""

    register: Register

    def now(self) -> datetime: ...

    async def until(self, moment: datetime) -> None:
        """Let time pass; whatever becomes due happens at its own moment."""
        ...

    async def do(self, daad: Daad) -> Antwoord: ...

    async def rows(self, service: Service, table: str, casus_id: CasusId) -> list[Rij]: ...

    async def toezicht(self, casus_id: CasusId) -> Toezicht | None:
        """What monitoring knows of a case."""
        ...

    async def signalen(self, gemeente: str) -> list[Rij]:
        """The structurele signalen that this gemeente got."""
        ...

    async def zicht(self, casus_id: CasusId, op: datetime, *, als: str) -> tuple[str | None, str | None] | None:
        """Who bore zicht op veiligheid: the kind of party and the party. None: there was no melding yet."""
        ...

    async def events(self, casus_id: CasusId) -> list[Gebeurtenis]:
        """What the four services published about a case."""
        ...

    async def set_endpoint(self, gemeente: str, eindpunt: Eindpunt) -> None: ...

    async def publish_again(self, casus_id: CasusId) -> None:
        """Every event of a case comes once more."""
        ...

    async def stop(self, service: Service) -> None: ...

    async def start(self, service: Service) -> None: ...

    async def set_aside(self, casus_id: CasusId) -> list[str]:
        """Why messages of this case were set aside, if any."""
        ...
