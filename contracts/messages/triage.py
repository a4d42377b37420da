"""Events of the service triage: melding, triageadvies, triagebesluit, diensten and the bridge from the meldpunt."""

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import StringConstraints

from contracts.afspraken.feiten import Besluit, Informant, Meldersoort
from contracts.messages.documenten import (
    Aanvaardingsbewijs,
    Bron,
    Informeerwijze,
    Meldpuntgegevens,
    Overdrachtsdocument,
    Persoonsgegevens,
    Professional,
    Urgentie,
)
from contracts.messages.door_mensen import DoorMensen
from contracts.messages.envelope import Bericht, Gebeurtenis
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.moment import Moment
from contracts.messages.verzegeld import COMPACT_JWE, Verzegeld


class Dienstsoort(StrEnum):
    """Which dienst Veilig Thuis delivers itself, each at most ten weken (WB b, MB 4.2)."""

    VOORWAARDEN_VERVOLG = "voorwaarden-vervolg"
    ONDERZOEK = "onderzoek"


class Advies(StrEnum):
    """What the hub advises; a professional decides."""

    DIRECTE_OVERDRACHT = "directe-overdracht"
    DIENST = "dienst"
    AFSTEMMEN_GGZ = "afstemmen-ggz"
    OVERLEG = "overleg"


class Overdrachtsgesprek(StrEnum):
    """What became of the conversation in which a dienst is handed over warm (MB 4.3)."""

    GEHOUDEN = "gehouden"
    GEPLAND = "gepland"
    NIET_HAALBAAR = "niet-haalbaar"


class MeldpuntUitkomst(StrEnum):
    """What the Meldpunt Crisiszorg concludes (BK part II)."""

    ADVIES = "advies"
    LOKALE_VELD = "lokale-veld"
    ZORGAANBIEDER = "zorgaanbieder"
    GGZ_CRISISDIENST = "ggz-crisisdienst"
    OGGZ = "oggz"
    WVGGZ_HOREN = "wvggz-horen"
    VEILIG_THUIS = "veilig-thuis"


class Bronverwijzing(Bericht):
    """Where a rule comes from: document, paragraph and the sentence itself."""

    document: str
    paragraaf: str
    citaat: str


class Reden(Bericht):
    """One rule that led to an outcome, with the facts it looked at."""

    regel_id: str
    label: str
    bron: Bronverwijzing
    feiten: tuple[str, ...] = ()
    lezing: str | None = None


class Beoordeling(Reden):
    """What only professionals can conclude: the fact they record with it, and the question put to them."""

    oordeel: str | None = None
    vraag: str | None = None


class Besluittoelichting(Bericht):
    """The sealed part of a triagebesluit: its weighings, and why it departs from the triageadvies where it does."""

    afwegingen: str
    reden_afwijking: str | None = None


class Ontvanger(Bericht):
    """Who a case is handed to: the lokaal team of `gemeente`, or another party of the register (`partij`).

    `gemeente` is never empty: with a `partij` it is the one where the people of the case live (D13).
    """

    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None


class MeldingOntvangen(DoorMensen):
    """Veilig Thuis received a melding; the term for the veiligheidsbeoordeling starts at `ontvangen_op` (D1, MB 4)."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldingen.melding-ontvangen.v1"
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    bron: Bron
    urgentie: Urgentie
    ontvangen_op: Moment
    melder_anoniem: bool
    aantal_betrokkenen: int
    minderjarigen_betrokken: bool
    meldpuntmelding_id: UUID | None = None
    persoonsgegevens: Verzegeld[Persoonsgegevens]


class HermeldingHerkend(Gebeurtenis):
    """The same household was reported before: linked by a keyed blind index (MB 3.1, radarfunctie)."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldingen.hermelding-herkend.v1"
    melding_id: UUID
    eerdere_casussen: tuple[UUID, ...]


class AdviesvraagGeregistreerd(Gebeurtenis):
    """An adviesvraag holds no personal data (AEF 2.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldingen.adviesvraag-geregistreerd.v1"
    adviesvraag_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode | None = None
    bron: Bron
    onderwerp: str
    gesteld_op: Moment


class TriageadviesBepaald(Gebeurtenis):
    """What the rules of the region advise: `redenen` that apply, and what professionals must judge (D3, MB 4)."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldingen.triageadvies-bepaald.v1"
    melding_id: UUID
    advies: Advies
    afspraken_versie: str
    redenen: tuple[Reden, ...] = ()
    te_beoordelen: tuple[Beoordeling, ...] = ()


class TriagebesluitGenomen(Gebeurtenis):
    """A named professional decided how it goes on; for a directe overdracht the document is complete (D3, D4)."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldingen.triagebesluit-genomen.v1"
    triagebesluit_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    melding_ontvangen_op: Moment
    besluit: Besluit
    genomen_op: Moment
    genomen_door: Verzegeld[Professional]
    functie: str
    wijkt_af_van_advies: bool
    toelichting: Verzegeld[Besluittoelichting] | None = None
    ontvangers: tuple[Ontvanger, ...] = ()
    overdrachtsdocument: Verzegeld[Overdrachtsdocument] | None = None
    bijlagen: tuple[UUID, ...] = ()
    """The ids of what goes along by reference; what they are stands in the document."""
    informeert: Informant | None = None
    """Who tells the people involved: the lokaal team where it is at work with them already. Empty in older events."""
    melder: Meldersoort | None = None
    """Whether there is a melder to tell what was done. Empty in older events."""


class MelderGeinformeerd(DoorMensen):
    """The melder heard what was done with the melding (BK annex 1). `was_op`: this puts right what was said before."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldingen.melder-geinformeerd.v1"
    melding_id: UUID
    geinformeerd_op: Moment
    wijze: Informeerwijze | None = None
    geinformeerd_door: PartijCode | None = None
    was_op: Moment | None = None


class DienstGestart(DoorMensen):
    """Veilig Thuis started a dienst; local team and Veilig Thuis walk together from here (D8, MB 4.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.diensten.dienst-gestart.v1"
    dienst_id: UUID
    melding_id: UUID
    dienstsoort: Dienstsoort
    regio: RegioCode
    gemeente: GemeenteCode
    melding_ontvangen_op: Moment
    gestart_op: Moment


class DienstAfgerond(DoorMensen):
    """A dienst ended and is handed over in a conversation, with the extra content of MB 4.3 (D8)."""

    soort: ClassVar[str] = "nl.sociaaldomein.diensten.dienst-afgerond.v1"
    dienst_id: UUID
    melding_id: UUID
    dienstsoort: Dienstsoort
    regio: RegioCode
    gemeente: GemeenteCode
    melding_ontvangen_op: Moment
    afgerond_op: Moment
    ontvangers: tuple[Ontvanger, ...] = ()
    overdrachtsdocument: Verzegeld[Overdrachtsdocument] | None = None
    bijlagen: tuple[UUID, ...] = ()
    """The ids of what goes along by reference; what they are stands in the document."""
    overdrachtsgesprek: Overdrachtsgesprek | None = None


class WarmeOverdrachtGehouden(DoorMensen):
    """Family, Veilig Thuis and team spoke; from here the team bears zicht op veiligheid (D8, MB 4.3).

    `partij` where it was not a lokaal team that took over, but this party.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.diensten.warme-overdracht-gehouden.v1"
    dienst_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    partij: PartijCode | None = None
    melding_ontvangen_op: Moment
    gehouden_op: Moment


class OverdrachtsgesprekGepland(DoorMensen):
    """The conversation is to be held at `gesprek_op`; with `was_op` it was to be held at that moment before (D8).

    People said so at `vastgelegd_op`.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.diensten.overdrachtsgesprek-gepland.v1"
    dienst_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    melding_ontvangen_op: Moment
    gesprek_op: Moment
    was_op: Moment | None = None
    vastgelegd_op: Moment


class OverdrachtsgesprekVervallen(DoorMensen):
    """The conversation that was planned for `was_op` turned out not to be feasible: digitally only (D8, MB 4.3)."""

    soort: ClassVar[str] = "nl.sociaaldomein.diensten.overdrachtsgesprek-vervallen.v1"
    dienst_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    melding_ontvangen_op: Moment
    was_op: Moment
    vastgelegd_op: Moment


class MeldpuntmeldingOntvangen(DoorMensen):
    """The Meldpunt Crisiszorg took in a melding; for a crisis the 24 uur to a warm handover start here (D2, BK part
    II).
    """

    soort: ClassVar[str] = "nl.sociaaldomein.meldpunt.meldpuntmelding-ontvangen.v1"
    meldpuntmelding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    crisis: bool
    vermoeden_hgkm: bool
    uitkomst: MeldpuntUitkomst
    ontvangen_op: Moment
    gegevens: Verzegeld[Meldpuntgegevens]


class MeldpuntmeldingDoorgezet(Gebeurtenis):
    """Forwarded; until another party has accepted, the meldpunt keeps the regie (BK 4.4)."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldpunt.meldpuntmelding-doorgezet.v1"
    meldpuntmelding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    crisis: bool
    naar: MeldpuntUitkomst
    ontvangen_op: Moment
    doorgezet_op: Moment
    melding_id: UUID | None = None


class MeldpuntmeldingOvergenomen(DoorMensen):
    """The next party accepted, and the regie of the meldpunt ends (D2, BK 4.4)."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldpunt.meldpuntmelding-overgenomen.v1"
    meldpuntmelding_id: UUID
    regio: RegioCode
    door: PartijCode
    overgenomen_op: Moment


class OvernameAangeboden(Gebeurtenis):
    """The meldpunt says that this party takes the melding over; until that party does, the meldpunt keeps the regie.

    `overdracht_id` is the offer that handover brings to it. `bewijs` where it is said to have accepted already.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.meldpunt.overname-aangeboden.v1"
    meldpuntmelding_id: UUID
    overdracht_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    partij: PartijCode
    melding_ontvangen_op: Moment
    aangeboden_op: Moment
    aangeboden_door: PartijCode
    bewijs: Aanvaardingsbewijs | None = None


class SamenloopGesignaleerd(Gebeurtenis):
    """The meldpunt and a gemeente both work the same household (BK 4.4)."""

    soort: ClassVar[str] = "nl.sociaaldomein.meldpunt.samenloop-gesignaleerd.v1"
    meldpuntmelding_id: UUID
    andere_casussen: tuple[UUID, ...]


class MeldpuntmeldingAangeboden(Gebeurtenis):
    """A command from an intake system outside: what `POST /triage/v1/meldpuntmeldingen` takes, as a record.

    `melding` is that body, sealed to the public key of the hub (`GET /triage/v1/sleutels`): a compact JWE, `ECDH-ES`
    with `A256GCM`. It never travels open.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.meldpunt.meldpuntmelding-aangeboden.v1"
    meldpunt: PartijCode
    melding: Annotated[str, StringConstraints(pattern=COMPACT_JWE, max_length=60_000)]


EVENTS: tuple[type[Gebeurtenis], ...] = (
    MeldingOntvangen,
    HermeldingHerkend,
    AdviesvraagGeregistreerd,
    TriageadviesBepaald,
    TriagebesluitGenomen,
    MelderGeinformeerd,
    DienstGestart,
    DienstAfgerond,
    WarmeOverdrachtGehouden,
    OverdrachtsgesprekGepland,
    OverdrachtsgesprekVervallen,
    MeldpuntmeldingOntvangen,
    MeldpuntmeldingDoorgezet,
    MeldpuntmeldingOvergenomen,
    SamenloopGesignaleerd,
    OvernameAangeboden,
)
