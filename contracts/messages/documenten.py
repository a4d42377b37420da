"""What people write down, and what is therefore sealed: the melding, the overdrachtsdocument, the forms."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from contracts.messages.envelope import Bericht
from contracts.messages.identifiers import Bsn

Tekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
KorteTekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Invoer(Bericht):
    """What a caller sends: strict, because a misspelt field that is silently dropped is a lost fact."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Bron(StrEnum):
    """Where a melding comes from (D1)."""

    BURGER = "burger"
    PROFESSIONAL = "professional"
    POLITIE = "politie"
    MELDPUNT = "meldpunt"
    AMBTSHALVE = "ambtshalve"


class Urgentie(StrEnum):
    """How urgent the melder or the meldpunt says it is (D1)."""

    REGULIER = "regulier"
    SPOED = "spoed"
    CRISIS = "crisis"


class Informeerwijze(StrEnum):
    """How a melder or the people involved were told (MB 4.1, BK annex 1)."""

    BRIEF = "brief"
    GESPREK = "gesprek"
    HUISBEZOEK = "huisbezoek"
    TELEFOON = "telefoon"
    E_MAIL = "e-mail"


class RolBetrokkene(StrEnum):
    """What someone is in the household the melding is about (D1)."""

    KIND = "kind"
    OUDER = "ouder"
    PARTNER = "partner"
    EX_PARTNER = "ex-partner"
    OUDERE = "oudere"
    HUISGENOOT = "huisgenoot"
    OVERIG = "overig"


class Adres(Invoer):
    """An address in the Netherlands."""

    straat: KorteTekst
    huisnummer: KorteTekst
    postcode: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3} ?[A-Z]{2}$")]
    plaats: KorteTekst


class Betrokkene(Invoer):
    """Someone the melding is about. Age by date of birth; BSN only when known."""

    naam: KorteTekst
    rol: RolBetrokkene
    geboortedatum: date | None = None
    bsn: Bsn | None = None
    telefoon: KorteTekst | None = None
    email: KorteTekst | None = None
    adres: Adres | None = None


class Melder(Invoer):
    """Who reports. `naam` may be absent only where the melder wants to stay anonymous."""

    naam: KorteTekst | None = None
    organisatie: KorteTekst | None = None
    functie: KorteTekst | None = None
    telefoon: KorteTekst | None = None
    email: KorteTekst | None = None
    wil_anoniem_blijven: bool = False


class Persoonsgegevens(Invoer):
    """The sealed part of a melding."""

    melder: Melder
    betrokkenen: Annotated[tuple[Betrokkene, ...], Field(min_length=1, max_length=40)]
    adres: Adres | None = None
    omschrijving: Tekst


class Professional(Invoer):
    """A named professional who takes responsibility for an act."""

    naam: KorteTekst
    functie: KorteTekst
    organisatie: KorteTekst | None = None
    telefoon: KorteTekst | None = None


class Overdrachtsdocument(Invoer):
    """The content of an overdracht (MB 4.1; the last block MB 4.3, after a dienst).

    Which of these must be filled is an agreement of the region, not of this class.
    """

    betrokkenen: tuple[Betrokkene, ...] = ()
    overdrachtspartijen: tuple[KorteTekst, ...] = ()
    identiteit_melder: Tekst | None = None
    weergave_melding: Tekst | None = None
    veiligheidstaxatie: Tekst | None = None
    grootste_zorg: Tekst | None = None
    contact_met_betrokkenen: bool | None = None
    reactie_betrokkenen: Tekst | None = None
    triagebesluit: Tekst | None = None
    verwachtingen: Tekst | None = None
    advies_risicogestuurde_zorg: Tekst | None = None
    afspraken_terugkoppeling: Tekst | None = None
    verrijking: Tekst | None = None

    verloop_betrokkenheid: Tekst | None = None
    conclusie: Tekst | None = None
    veiligheidsvoorwaarden: Tekst | None = None
    aanvullende_afspraken: Tekst | None = None
    beschermende_factoren: Tekst | None = None
    afspraken_als_het_niet_lukt: Tekst | None = None
    monitorfunctie: Tekst | None = None


class Toelichting(Invoer):
    """Why, in the words of whoever decided it, and who that is."""

    toelichting: Tekst
    afzender: Professional | None = None


class Terugkoppelformulier(Invoer):
    """The form of MB 7.1, apart from its criterium, which is no personal data."""

    toelichting: Tekst
    gedragsdeskundige_geraadpleegd: bool
    gedragsdeskundige_toelichting: Tekst | None = None
    betrokken_hulpverlening: Tekst | None = None
    afzender: Professional
    werkdagen_afzender: KorteTekst | None = None


class Meldpuntgegevens(Invoer):
    """The sealed part of a meldpuntmelding."""

    melder: Melder
    betrokkenen: Annotated[tuple[Betrokkene, ...], Field(min_length=1, max_length=40)]
    adres: Adres | None = None
    omschrijving: Tekst
