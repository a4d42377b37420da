"""The state of one case in triage, and the phases a melding goes through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.messages.documenten import Bron, Informeerwijze, Persoonsgegevens, Professional, Toelichting, Urgentie
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.triage import (
    Advies,
    Besluit,
    Besluittoelichting,
    Dienstsoort,
    MeldpuntUitkomst,
    Ontvanger,
    Overdrachtsgesprek,
)
from contracts.messages.verzegeld import Verzegeld


class Fase(StrEnum):
    """Where a melding stands at Veilig Thuis."""

    IN_TRIAGE = "in-triage"
    IN_OVERLEG = "in-overleg"
    ACUTE_CRISIS = "acute-crisis"
    OVERGEDRAGEN = "overgedragen"
    DIENST_BESLOTEN = "dienst-besloten"
    IN_DIENST = "in-dienst"
    TERUGGEKOPPELD = "teruggekoppeld"
    GEEN_VERVOLG = "geen-vervolg"


FASE_AFTER: Mapping[Besluit, Fase] = {
    Besluit.DIRECTE_OVERDRACHT: Fase.OVERGEDRAGEN,
    Besluit.DIENST_VOORWAARDEN_VERVOLG: Fase.DIENST_BESLOTEN,
    Besluit.DIENST_ONDERZOEK: Fase.DIENST_BESLOTEN,
    Besluit.OVERLEG: Fase.IN_OVERLEG,
    Besluit.GEEN_VERVOLG: Fase.GEEN_VERVOLG,
    Besluit.ACUTE_CRISIS: Fase.ACUTE_CRISIS,
}

_BY_BESLUIT = frozenset(FASE_AFTER.values())

TRANSITIONS: Mapping[Fase, frozenset[Fase]] = {
    Fase.IN_TRIAGE: _BY_BESLUIT,
    Fase.IN_OVERLEG: _BY_BESLUIT,
    Fase.ACUTE_CRISIS: _BY_BESLUIT,
    Fase.TERUGGEKOPPELD: _BY_BESLUIT | {Fase.TERUGGEKOPPELD},
    Fase.OVERGEDRAGEN: frozenset({Fase.TERUGGEKOPPELD}),
    Fase.DIENST_BESLOTEN: frozenset({Fase.IN_DIENST}),
    Fase.IN_DIENST: frozenset({Fase.OVERGEDRAGEN, Fase.GEEN_VERVOLG}),
    Fase.GEEN_VERVOLG: frozenset({Fase.TERUGGEKOPPELD}),
}
"""Overleg and an acute crisis leave the weighing open; a terugkoppeling opens it again (MB 4.1)."""

AWAITING_BESLUIT = frozenset(fase for fase, following in TRANSITIONS.items() if following >= _BY_BESLUIT)
"""The phases in which a triagebesluit is wanted."""


@dataclass(frozen=True, slots=True)
class Melderinformering:
    """That the melder was told what was done: when and how."""

    op: datetime
    wijze: Informeerwijze


class Hermeldinggrond(StrEnum):
    """Why an earlier case may be about the same people, the strongest first."""

    NAAM = "naam-en-geboortedatum-lijken-op-elkaar"
    NAAM_ZONDER_DATUM = "naam-gelijk-geboortedatum-niet-volledig"
    ADRES = "zelfde-adres"


class Hermeldingoordeel(StrEnum):
    """What a person says of it."""

    GEKOPPELD = "gekoppeld"
    GEEN_HERMELDING = "geen-hermelding"


@dataclass(frozen=True, slots=True)
class Beoordeeld:
    """That a person compared the two cases."""

    oordeel: Hermeldingoordeel
    op: datetime
    door: PartijCode
    medewerker: Verzegeld[Professional]


@dataclass(frozen=True, slots=True)
class MogelijkeHermelding:
    """An earlier case that may be about the same people: a person links it, or says that it is not."""

    casus_id: UUID
    gronden: tuple[Hermeldinggrond, ...]
    beoordeeld: Beoordeeld | None = None


@dataclass(frozen=True, slots=True)
class Melding:
    """A melding as Veilig Thuis has it. `feiten` are what professionals recorded, by their name in the glossary."""

    id: UUID
    afzender: PartijCode
    regio: RegioCode
    gemeente: GemeenteCode
    bron: Bron
    urgentie: Urgentie
    ontvangen_op: datetime
    vingerafdruk: str
    persoonsgegevens: Verzegeld[Persoonsgegevens]
    kenmerk: str | None = None
    feiten: dict[str, bool] = field(default_factory=dict)
    eerdere_casussen: tuple[UUID, ...] = ()
    meldpuntmelding_id: UUID | None = None
    melder_geinformeerd: Melderinformering | None = None
    mogelijke_hermeldingen: tuple[MogelijkeHermelding, ...] = ()


@dataclass(frozen=True, slots=True)
class Grond:
    """A rule that led to the advice, and the facts it found true. Its sentence stands in the afspraken."""

    regel_id: str
    feiten: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adviesuitkomst:
    """The triageadvies as it was last computed; `te_beoordelen` is what professionals still have to conclude."""

    advies: Advies
    afspraken_versie: str
    bepaald_op: datetime
    redenen: tuple[Grond, ...] = ()
    te_beoordelen: tuple[Grond, ...] = ()


@dataclass(frozen=True, slots=True)
class Triagebesluit:
    """What a professional decided, and the sealed name and weighings that go with it."""

    id: UUID
    besluit: Besluit
    genomen_op: datetime
    functie: str
    wijkt_af_van_advies: bool
    vingerafdruk: str
    genomen_door: Verzegeld[Professional]
    toelichting: Verzegeld[Besluittoelichting]
    ontvangers: tuple[Ontvanger, ...] = ()


@dataclass(frozen=True, slots=True)
class Dienst:
    """A dienst of Veilig Thuis (MB 4.2). `afgerond_op` is empty as long as it runs."""

    id: UUID
    dienstsoort: Dienstsoort
    gestart_op: datetime
    verantwoordelijke: Verzegeld[Professional]
    afgerond_op: datetime | None = None
    afronding_vingerafdruk: str | None = None
    ontvangers: tuple[Ontvanger, ...] = ()
    overdrachtsgesprek: Overdrachtsgesprek | None = None
    gesprek_op: datetime | None = None
    gesprek_toelichting: Verzegeld[Toelichting] | None = None


@dataclass(frozen=True, slots=True)
class Meldpuntmelding:
    """A melding at the Meldpunt Crisiszorg. Its content rests in the event."""

    id: UUID
    meldpunt: PartijCode
    regio: RegioCode
    gemeente: GemeenteCode
    crisis: bool
    vermoeden_hgkm: bool
    uitkomst: MeldpuntUitkomst
    ontvangen_op: datetime
    vingerafdruk: str
    kenmerk: str | None = None
    doorgezet_naar: MeldpuntUitkomst | None = None
    doorgezet_op: datetime | None = None
    overgenomen_door: PartijCode | None = None
    overgenomen_op: datetime | None = None
    aanbiedingen: Mapping[UUID, PartijCode] = field(default_factory=dict[UUID, PartijCode])
    """Which parties were asked to take over and have not answered, by their offer; how many there were in all."""
    aangeboden: int = 0
    op_bewijs: bool = False
    """It was taken over as the meldpunt says, and not by that party itself: another that it asked still can."""


@dataclass(frozen=True, slots=True)
class Adviesvraag:
    """A question for advice, without anything about a person (AEF 2.2)."""

    id: UUID
    regio: RegioCode
    gemeente: GemeenteCode | None
    bron: Bron
    onderwerp: str
    gesteld_op: datetime
    vingerafdruk: str


@dataclass(frozen=True)
class Casus:
    """Everything triage knows of one case."""

    fase: Fase | None = None
    melding: Melding | None = None
    meldpuntmelding: Meldpuntmelding | None = None
    adviesvraag: Adviesvraag | None = None
    advies: Adviesuitkomst | None = None
    besluiten: tuple[Triagebesluit, ...] = ()
    diensten: tuple[Dienst, ...] = ()
    teruggekoppeld: tuple[UUID, ...] = ()
    gecorrigeerd: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    """Per fact (and what it is about) when its moment was last put right."""
    crisisstap_op: datetime | None = None
    """When a step was last taken in a crisis: recorded at monitoring, or another party took the case over."""
    volgens_anderen: Mapping[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    """Which offers were accepted as others say, and since when; not once the receiver says so itself or contradicts it."""
    gesloten_op: datetime | None = None
    """When it was closed, as monitoring says."""

    @property
    def last_besluit(self) -> Triagebesluit | None:
        return self.besluiten[-1] if self.besluiten else None

    def dienst(self, dienst_id: UUID) -> Dienst | None:
        return next((dienst for dienst in self.diensten if dienst.id == dienst_id), None)
