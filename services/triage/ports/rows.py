"""The read tables of triage, a row each; an answer shows a row as it stands here."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, Json, JsonValue
from pydantic.alias_generators import to_camel

from contracts.messages.documenten import Bron, Urgentie
from contracts.messages.identifiers import CasusId, GemeenteCode, PartijCode, RegioCode
from contracts.messages.triage import Besluit, Dienstsoort, MeldpuntUitkomst, Overdrachtsgesprek
from services.runtime.unit.rows import HIDDEN, Moment, ReadRow, ReferredRow
from services.triage.domain.casus import Fase, Hermeldinggrond, Hermeldingoordeel

ABSENT: Any = Field(exclude_if=lambda value: value is None)
"""Marks what an answer leaves out where there is none."""


@dataclass(frozen=True, kw_only=True)
class MogelijkeHermelding:
    """Een eerdere casus die over dezelfde mensen kan gaan: te koppelen of af te wijzen door een mens."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    casus_id: UUID
    gronden: tuple[Hermeldinggrond, ...]
    oordeel: Hermeldingoordeel | None
    beoordeeld_op: Moment | None


class Meldingstatus(ReferredRow):
    """Wat ook de afzender mag weten: hoe ver het is, niets over de inhoud."""

    kenmerk: str | None
    regio: RegioCode
    gemeente: GemeenteCode
    ontvangen_op: Moment
    status: Fase


class Melding(Meldingstatus):
    """De hele melding; wat mensen erin schreven is verzegeld."""

    table = "melding"
    afzender: Annotated[PartijCode, HIDDEN]
    bron: Bron | None = None
    urgentie: Urgentie | None = None
    meldpuntmelding_id: UUID | None = None
    melder_geinformeerd_op: Moment | None = None
    eerdere_casussen: Json[tuple[UUID, ...]] | None = None
    mogelijke_hermeldingen: Json[tuple[MogelijkeHermelding, ...]] | None = None
    feiten: Annotated[Json[dict[str, JsonValue]] | None, HIDDEN]
    triageadvies: Annotated[Json[Any] | None, HIDDEN]
    persoonsgegevens: Annotated[str, HIDDEN]


class Meldpuntmelding(ReferredRow):
    """Wat het meldpunt mag weten: de status, nooit de inhoud (BK 4.2)."""

    table = "meldpuntmelding"
    meldpunt: Annotated[PartijCode, HIDDEN]
    kenmerk: Annotated[str | None, HIDDEN]
    regio: Annotated[RegioCode, HIDDEN]
    gemeente: Annotated[GemeenteCode, HIDDEN]
    vermoeden_hgkm: Annotated[bool, HIDDEN]
    status: Literal["vastgelegd", "doorgezet", "overgenomen"]
    crisis: bool
    uitkomst: MeldpuntUitkomst
    ontvangen_op: Moment
    doorgezet_naar: MeldpuntUitkomst | None = None
    doorgezet_op: Moment | None = None
    overgenomen_door: PartijCode | None = None
    overgenomen_op: Moment | None = None


class Adviesvraag(ReferredRow):
    """De adviesvraag is vastgelegd, zonder persoonsgegevens."""

    table = "adviesvraag"
    regio: RegioCode
    gemeente: Annotated[GemeenteCode | None, HIDDEN]
    bron: Annotated[Bron, HIDDEN]
    onderwerp: str
    gesteld_op: Moment


@dataclass(frozen=True, kw_only=True)
class Ontvanger:
    """Aan wie de casus gaat: het lokale team van de gemeente, of een andere partij voor mensen die daar wonen."""

    gemeente: GemeenteCode
    team: Annotated[str | None, ABSENT] = None
    partij: Annotated[PartijCode | None, ABSENT] = None


class Besluitregel(ReadRow):
    """Een triagebesluit zoals het is genomen."""

    table = "triagebesluit"
    casus_id: Annotated[CasusId, HIDDEN]
    besluit: Besluit
    genomen_op: Moment
    functie: str
    wijkt_af_van_advies: bool
    ontvangers: Json[tuple[Ontvanger, ...]]


class Dienst(ReferredRow):
    """Een dienst van Veilig Thuis: voorwaarden en vervolg, of onderzoek."""

    table = "dienst"
    dienstsoort: Dienstsoort
    gestart_op: Moment
    afgerond_op: Moment | None
    ontvangers: Json[tuple[Ontvanger, ...]]
    overdrachtsgesprek: Overdrachtsgesprek | None
    gesprek_op: Annotated[Moment | None, HIDDEN]


TABLES = (Melding, Meldpuntmelding, Adviesvraag, Besluitregel, Dienst)
