"""What triage asks of the world outside: its own read tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.messages.identifiers import CasusId
from services.runtime.unit.decision import JsonObject


@dataclass(frozen=True, slots=True)
class EarlierCases:
    """The cases about the same household, and those of them that still run."""

    eerdere: tuple[CasusId, ...] = ()
    lopende: tuple[CasusId, ...] = ()


@dataclass(frozen=True, slots=True)
class MeldingView:
    """A melding as the read table has it."""

    id: UUID
    casus_id: CasusId
    afzender: str
    kenmerk: str | None
    regio: str
    gemeente: str
    bron: str
    urgentie: str
    ontvangen_op: datetime
    status: str
    meldpuntmelding_id: UUID | None
    eerdere_casussen: tuple[str, ...]
    feiten: dict[str, bool]
    triageadvies: JsonObject | None
    persoonsgegevens: str
    melder_geinformeerd_op: datetime | None = None


@dataclass(frozen=True, slots=True)
class MeldpuntmeldingView:
    """A meldpuntmelding as the read table has it: its status, nothing of its content."""

    id: UUID
    casus_id: CasusId
    meldpunt: str
    regio: str
    status: str
    crisis: bool
    uitkomst: str
    ontvangen_op: datetime
    doorgezet_naar: str | None
    doorgezet_op: datetime | None
    overgenomen_door: str | None
    overgenomen_op: datetime | None


@dataclass(frozen=True, slots=True)
class BesluitView:
    """A triagebesluit as the read table has it; its weighings stay sealed."""

    id: UUID
    besluit: str
    genomen_op: datetime
    functie: str
    wijkt_af_van_advies: bool
    ontvangers: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class DienstView:
    """A dienst as the read table has it, and the region of its case."""

    id: UUID
    casus_id: CasusId
    regio: str
    dienstsoort: str
    gestart_op: datetime
    afgerond_op: datetime | None
    ontvangers: tuple[JsonObject, ...]
    overdrachtsgesprek: str | None


@dataclass(frozen=True, slots=True)
class AdviesvraagView:
    """A question for advice as the read table has it: nothing about anyone."""

    id: UUID
    casus_id: CasusId
    regio: str
    onderwerp: str
    gesteld_op: datetime


class Queries(Protocol):
    """The read tables. An id is that of the melding (or meldpuntmelding) or of its case."""

    async def earlier_cases(self, huishouden: Sequence[str]) -> EarlierCases: ...

    async def melding(self, identifier: UUID) -> MeldingView | None: ...

    async def meldingen(
        self, *, regio: str, status: str | None, na: UUID | None, limiet: int
    ) -> tuple[MeldingView, ...]: ...

    async def meldpuntmelding(self, identifier: UUID) -> MeldpuntmeldingView | None: ...

    async def besluiten(self, casus_id: CasusId) -> tuple[BesluitView, ...]: ...

    async def dienst(self, identifier: UUID) -> DienstView | None: ...

    async def adviesvraag(self, identifier: UUID) -> AdviesvraagView | None: ...
