"""A story that was read, and what is known while it is told."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from tests.scenarios.momenten import write_moment
from tests.scenarios.wereld import Antwoord, Daad, Rij, Wereld


class KloptNiet(AssertionError):
    """What happened is not what the story says; the message names the line."""


@dataclass(frozen=True, slots=True)
class Regel:
    """One line. `moment` is when it is told; `gevraagd_op` differs where it looks back."""

    moment: datetime
    gevraagd_op: datetime
    wat: str
    doe: Callable[["Verteller", "Regel"], Awaitable[None]]
    gaten: Mapping[str, str]
    velden: Mapping[str, Any]
    casus: str
    plaats: str
    blijkt: bool

    def gat(self, name: str) -> str | None:
        return self.gaten.get(name)


@dataclass(frozen=True, slots=True)
class Verhaal:
    """A story. `echt`: also told over the real stack. `nog_niet`: why it does not hold yet."""

    bestand: str
    titel: str
    paragraaf: str
    regio: str
    gemeente: str
    regels: tuple[Regel, ...]
    echt: bool = False
    nog_niet: str | None = None


@dataclass(slots=True)
class Zaak:
    """What is known of one case of the story; a structureel signaal is followed as one."""

    casus_id: CasusId
    gemeente: str
    melding_id: UUID | None = None
    meldpuntmelding_id: UUID | None = None
    dienst_id: UUID | None = None
    samenwerking_id: UUID | None = None
    is_signaal: bool = False


@dataclass(slots=True)
class Verteller:
    """Tells one story in a world. `onbesproken` is a refusal that the story has not mentioned yet."""

    verhaal: Verhaal
    wereld: Wereld
    zaken: dict[str, Zaak] = field(default_factory=dict[str, Zaak])
    laatste: Daad | None = None
    onbesproken: Antwoord | None = None
    antwoord: Antwoord | None = None
    geteld: int | None = None
    daden: int = 0

    async def tell(self, regel: Regel) -> None:
        """Tell one line at its moment, which is now. Raises `KloptNiet`."""
        try:
            if self.onbesproken is not None and not regel.wat.startswith("geweigerd"):
                raise KloptNiet(f"werd onverwacht geweigerd: {self.onbesproken.redenen}")
            await regel.doe(self, regel)
        except KloptNiet as error:
            raise KloptNiet(f"{regel.plaats}: {regel.wat!r} ({write_moment(regel.gevraagd_op)}): {error}") from None

    async def do(self, daad: Daad) -> Antwoord:
        """Do this through a front door; a refusal waits to be mentioned."""
        self.laatste = daad
        self.antwoord = antwoord = await self.wereld.do(daad)
        self.onbesproken = None if antwoord.gelukt else antwoord
        return antwoord

    def zaak(self, regel: Regel) -> Zaak:
        """The case a line is about."""
        if regel.casus not in self.zaken:
            raise KloptNiet(f"er is nog geen melding in casus {regel.casus!r}")
        return self.zaken[regel.casus]

    async def rows(self, service: Service, table: str, regel: Regel) -> list[Rij]:
        """The rows of a read table about the case of this line."""
        return await self.wereld.rows(service, table, self.zaak(regel).casus_id)

    def new_key(self) -> str:
        """Something that is different for every act of this story, and the same in every telling."""
        self.daden += 1
        return f"{self.verhaal.bestand}#{self.daden}"
