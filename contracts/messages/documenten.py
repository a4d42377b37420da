"""What people write down, and what is therefore sealed: the melding, the overdrachtsdocument, the forms."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, cast
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.alias_generators import to_camel

from contracts.messages.envelope import Bericht, Problem
from contracts.messages.geboortedatum import EARLIEST, Geboortedatum
from contracts.messages.gevraagd import asked, given
from contracts.messages.identifiers import Bsn, CasusId, PartijCode
from contracts.messages.moment import Moment
from contracts.messages.tekens import NO_TEXT


def _whole(value: object) -> object:
    """JSON writes 3 also as 3.0; a text is no number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""For a `StrictInt`, after its limits."""

_BLANK = r"\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What a blank is differs per language of patterns; this is every text that one of them calls so."""
Geschreven = Field(json_schema_extra=asked(pattern=rf"^[{_BLANK}]*[^{_BLANK}{NO_TEXT}][^{NO_TEXT}]*$"))
"""For the schema: there is something to read, and nothing that is not text."""

Tekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), Geschreven]
KorteTekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Geschreven]

OLDEST = 130


def wrong_geboortedatums(place: str, betrokkenen: Iterable["Betrokkene"], today: date) -> list[Problem]:
    """What cannot be true on this day, with its place in the body."""
    return [
        problem
        for index, betrokkene in enumerate(betrokkenen)
        for problem in wrong_geboortedatum(f"{place}.{index}", betrokkene.geboortedatum, betrokkene.leeftijd, today)
    ]


def wrong_geboortedatum(place: str, born: Geboortedatum | None, leeftijd: int | None, today: date) -> Iterator[Problem]:
    """The same of one person at this place."""
    if born is None:
        return
    if born.jaar < EARLIEST or born.vroegst > today:
        yield Problem(f"{place}.geboortedatum", f"ligt niet tussen 1 januari {EARLIEST} en vandaag")
    elif leeftijd is not None and not age_on(today, born.laatst) - 1 <= leeftijd <= age_on(today, born.vroegst) + 1:
        yield Problem(f"{place}.leeftijd", "past niet bij de geboortedatum")


def wrong_in_body(body: Mapping[str, object], today: date) -> Iterator[Problem]:
    """The same of a body whose form is wrong as well: of everybody of whom it can be read."""
    document = body.get("overdrachtsdocument")
    inner: Mapping[str, object] = cast("Mapping[str, object]", document) if isinstance(document, Mapping) else {}
    for place, people in (("", body), ("overdrachtsdocument.", inner)):
        betrokkenen = people.get("betrokkenen")
        for index, who in enumerate(cast("list[object]", betrokkenen) if isinstance(betrokkenen, list) else ()):
            try:
                seen = _Gezien.model_validate(who)
            except ValidationError:
                continue
            yield from wrong_geboortedatum(f"{place}betrokkenen.{index}", seen.geboortedatum, None, today)


def age_on(day: date, born: date) -> int:
    """In whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


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


def _check_postcode(value: object, check: ValidatorFunctionWrapHandler) -> str:
    """What people are told is how it is written, not a pattern."""
    try:
        return str(check(value))
    except ValidationError:
        raise ValueError("schrijf de postcode als 1234 AB") from None


class Adres(Invoer):
    """An address in the Netherlands."""

    straat: KorteTekst
    huisnummer: KorteTekst
    postcode: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3} ?[A-Z]{2}$"), WrapValidator(_check_postcode)]
    plaats: KorteTekst


class _Gezien(BaseModel):
    geboortedatum: Geboortedatum | None = None


class Betrokkene(Invoer):
    """Someone the melding is about. Age by date of birth, as far as that is known; BSN only when known."""

    naam: KorteTekst
    rol: RolBetrokkene
    geboortedatum: Geboortedatum | None = None
    leeftijd: Annotated[StrictInt, Field(ge=0, le=OLDEST), WHOLE] | None = None
    bsn: Bsn | None = None
    telefoon: KorteTekst | None = None
    email: KorteTekst | None = None
    adres: Adres | None = None


class Melder(Invoer):
    """Who reports. `naam` may be absent only where the melder wants to stay anonymous."""

    model_config = ConfigDict(json_schema_extra=asked(anyOf=[given("naam"), given(wilAnoniemBlijven=True)]))

    naam: KorteTekst | None = None
    organisatie: KorteTekst | None = None
    functie: KorteTekst | None = None
    telefoon: KorteTekst | None = None
    email: KorteTekst | None = None
    wil_anoniem_blijven: StrictBool = False


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


class Aanvaardingsbewijs(Invoer):
    """Who of another party is said to have accepted (a function, no name), and when. Whoever says so answers for it."""

    functie: KorteTekst
    op: Moment


class Mediatype(StrEnum):
    """What kind of file may go along: what people can read without running anything."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ODT = "application/vnd.oasis.opendocument.text"
    JPEG = "image/jpeg"
    PNG = "image/png"
    TEKST = "text/plain"


LARGEST_BIJLAGE = 10 * 1024 * 1024
"""Bytes."""
MOST_BIJLAGEN = 20
"""With one overdrachtsdocument, and in one case."""


class Bijlage(Invoer):
    """A file that goes along by reference: what it is, while its bytes stay at the hub until they are fetched.

    `grootte` is in bytes, `sha256` that of the content. `bewijs` is what the hub gave to whoever added it, and shows
    that it is kept, for this case; a receiver does not get it.
    """

    id: UUID
    naam: KorteTekst
    mediatype: Mediatype
    grootte: Annotated[StrictInt, Field(ge=1, le=LARGEST_BIJLAGE), WHOLE]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    bewijs: Annotated[str, StringConstraints(max_length=100)] | None = None

    def proven_text(self, casus_id: CasusId, door: PartijCode) -> str:
        """What `bewijs` is made of: everything it holds, for which case and added by whom."""
        return "\n".join(
            ("bijlage", str(casus_id), door, str(self.id), self.mediatype, str(self.grootte), self.sha256, self.naam)
        )


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
    contact_met_betrokkenen: StrictBool | None = None
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
    planafspraken: Tekst | None = None
    consequenties: Tekst | None = None

    bijlagen: Annotated[tuple[Bijlage, ...], Field(min_length=1, max_length=MOST_BIJLAGEN)] | None = None

    def as_sent(self) -> "Overdrachtsdocument":
        """The same without what only its maker has to show."""
        if self.bijlagen is None:
            return self
        bare = tuple(bijlage.model_copy(update={"bewijs": None}) for bijlage in self.bijlagen)
        return self.model_copy(update={"bijlagen": bare})


class Toelichting(Invoer):
    """Why, in the words of whoever decided it, and who that is."""

    toelichting: Tekst
    afzender: Professional | None = None


class Terugkoppelformulier(Invoer):
    """The form of MB 7.1, apart from its criterium, which is no personal data."""

    toelichting: Tekst
    gedragsdeskundige_geraadpleegd: StrictBool
    gedragsdeskundige_toelichting: Tekst | None = None
    betrokken_hulpverlening: Tekst | None = None
    hulp_gericht_op_geweld: StrictBool | None = None
    veiligheid_centraal: StrictBool | None = None
    afzender: Professional
    werkdagen_afzender: KorteTekst | None = None


class Meldpuntgegevens(Invoer):
    """The sealed part of a meldpuntmelding."""

    melder: Melder
    betrokkenen: Annotated[tuple[Betrokkene, ...], Field(min_length=1, max_length=40)]
    adres: Adres | None = None
    omschrijving: Tekst
