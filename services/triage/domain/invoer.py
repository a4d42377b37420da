"""What callers send to triage: the body of every POST. Strict, so that a misspelt field is told and not lost."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StrictBool, StringConstraints, model_validator

from contracts.afspraken import Triagefeit
from contracts.messages.documenten import (
    Aanvaardingsbewijs,
    Adres,
    Betrokkene,
    Bron,
    Geschreven,
    Informeerwijze,
    Invoer,
    Melder,
    Meldpuntgegevens,
    Overdrachtsdocument,
    Persoonsgegevens,
    Professional,
    Tekst,
    Urgentie,
)
from contracts.messages.gevraagd import absent, asked, both, given, refused
from contracts.messages.identifiers import CasusId, GemeenteCode, PartijCode, RegioCode
from contracts.messages.moment import Moment
from contracts.messages.triage import Besluit, Dienstsoort, MeldpuntUitkomst, Overdrachtsgesprek
from services.triage.domain.casus import Hermeldingoordeel

Kenmerk = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), Geschreven]
"""The sender's own reference; the same reference from the same party is the same melding."""

Afweging = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000), Geschreven]

Teamcode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


def _recorded(feit: Triagefeit) -> Any:
    return Field(default=None, description=feit.label)


class FeitenInvoer(Invoer):
    """Facts that a professional recorded: true, false, or left out when not known."""

    melder_wil_anoniem: StrictBool | None = _recorded(Triagefeit.MELDER_WIL_ANONIEM)
    betrokkenen_niet_open_voor_hulp: StrictBool | None = _recorded(Triagefeit.BETROKKENEN_NIET_OPEN_VOOR_HULP)
    veiligheid_acuut_bedreigd: StrictBool | None = _recorded(Triagefeit.VEILIGHEID_ACUUT_BEDREIGD)
    lokaal_team_betrokken: StrictBool | None = _recorded(Triagefeit.LOKAAL_TEAM_BETROKKEN)
    onduidelijk_of_hgkm: StrictBool | None = _recorded(Triagefeit.ONDUIDELIJK_OF_HGKM)
    gezin_wil_geen_hulp: StrictBool | None = _recorded(Triagefeit.GEZIN_WIL_GEEN_HULP)
    ernstig_letsel: StrictBool | None = _recorded(Triagefeit.ERNSTIG_LETSEL)
    geweld_tegen_ongeboren_kind: StrictBool | None = _recorded(Triagefeit.GEWELD_TEGEN_ONGEBOREN_KIND)
    acute_psychiatrie: StrictBool | None = _recorded(Triagefeit.ACUTE_PSYCHIATRIE)
    pcf: StrictBool | None = _recorded(Triagefeit.PCF)
    vgv: StrictBool | None = _recorded(Triagefeit.VGV)
    mensenhandel: StrictBool | None = _recorded(Triagefeit.MENSENHANDEL)
    loverboy: StrictBool | None = _recorded(Triagefeit.LOVERBOY)
    eergerelateerd: StrictBool | None = _recorded(Triagefeit.EERGERELATEERD)
    seksueel_misbruik: StrictBool | None = _recorded(Triagefeit.SEKSUEEL_MISBRUIK)
    structureel_geweld: StrictBool | None = _recorded(Triagefeit.STRUCTUREEL_GEWELD)
    stalking: StrictBool | None = _recorded(Triagefeit.STALKING)
    sash_score_laag: StrictBool | None = _recorded(Triagefeit.SASH_SCORE_LAAG)
    kennis_lokaal_team_onvoldoende: StrictBool | None = _recorded(Triagefeit.KENNIS_LOKAAL_TEAM_ONVOLDOENDE)
    twijfel_over_overdracht: StrictBool | None = _recorded(Triagefeit.TWIJFEL_OVER_OVERDRACHT)

    def known(self) -> dict[str, bool]:
        """What was recorded, by name in the glossary of the afspraken."""
        return self.model_dump(exclude_none=True)


_WISH = refused(
    {
        "required": ["melder", "feiten"],
        "properties": {"melder": given(wilAnoniemBlijven=True), "feiten": given(melderWilAnoniem=False)},
    }
)
"""The facts do not deny the wish of the melder."""


class MeldingInvoer(Invoer):
    """A melding of (suspected) huiselijk geweld or kindermishandeling."""

    model_config = ConfigDict(json_schema_extra=_WISH)

    kenmerk: Kenmerk | None = None
    ontvangen_op: Moment | None = None
    bron: Bron
    urgentie: Urgentie = Urgentie.REGULIER
    gemeente: GemeenteCode
    melder: Melder
    betrokkenen: Annotated[tuple[Betrokkene, ...], Field(min_length=1, max_length=40)]
    adres: Adres | None = None
    omschrijving: Tekst
    feiten: FeitenInvoer = FeitenInvoer()

    def persoonsgegevens(self) -> Persoonsgegevens:
        """The part that is sealed."""
        return Persoonsgegevens(
            melder=self.melder, betrokkenen=self.betrokkenen, adres=self.adres, omschrijving=self.omschrijving
        )

    def known_feiten(self) -> dict[str, bool]:
        """The facts, with what the melder's own wish to stay anonymous says."""
        wish = {Triagefeit.MELDER_WIL_ANONIEM.value: True} if self.melder.wil_anoniem_blijven else {}
        return wish | self.feiten.known()


class FeitenAanvulling(Invoer):
    """Facts that became known later, and the professional who recorded them."""

    vastgesteld_door: Professional
    feiten: Annotated[FeitenInvoer, Field(json_schema_extra=refused({"additionalProperties": {"type": "null"}}))]


class OntvangerInvoer(Invoer):
    """Who a case is handed to: a gemeente, and its lokaal team where it has several; or another party."""

    model_config = ConfigDict(
        json_schema_extra=asked(
            oneOf=[both(given("gemeente"), absent("partij")), both(given("partij"), absent("gemeente", "team"))]
        )
    )

    gemeente: GemeenteCode | None = None
    team: Teamcode | None = None
    partij: PartijCode | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.gemeente is None) == (self.partij is None):
            raise ValueError("noem óf een gemeente óf een partij")
        if self.partij is not None and self.team is not None:
            raise ValueError("alleen een gemeente heeft lokale teams")
        return self


Ontvangers = Annotated[tuple[OntvangerInvoer, ...], Field(max_length=10, json_schema_extra=asked(uniqueItems=True))]


class TriagebesluitInvoer(Invoer):
    """What a named professional decided after weighing. `oordelen` answers what only professionals can conclude."""

    model_config = ConfigDict(
        json_schema_extra=asked(
            oneOf=[
                both(given(besluit=Besluit.DIRECTE_OVERDRACHT.value), given("overdrachtsdocument")),
                both(
                    given(besluit=[besluit.value for besluit in Besluit if besluit is not Besluit.DIRECTE_OVERDRACHT]),
                    absent("ontvangers", "overdrachtsdocument"),
                ),
            ]
        )
    )

    besluit: Besluit
    genomen_door: Professional
    afwegingen: Afweging
    reden_afwijking: Afweging | None = None
    oordelen: FeitenInvoer = FeitenInvoer()
    ontvangers: Ontvangers = ()
    overdrachtsdocument: Overdrachtsdocument | None = None


class DienstInvoer(Invoer):
    """The start of a dienst that was decided on, and who is responsible for it."""

    dienstsoort: Dienstsoort
    verantwoordelijke: Professional


class GesprekInvoer(Invoer):
    """The conversation in which a dienst is handed over: held, planned, or why it cannot be (MB 4.3).

    `op` is when it was held or will be.
    """

    model_config = ConfigDict(
        json_schema_extra=asked(
            oneOf=[
                both(given("reden", uitkomst=Overdrachtsgesprek.NIET_HAALBAAR.value), absent("op")),
                given("op", uitkomst=[Overdrachtsgesprek.GEHOUDEN.value, Overdrachtsgesprek.GEPLAND.value]),
            ]
        )
    )

    uitkomst: Overdrachtsgesprek
    op: Moment | None = None
    reden: Afweging | None = None


class GespreksverslagInvoer(GesprekInvoer):
    """What became of a conversation that was planned, and who says so."""

    door: Professional


class HermeldingInvoer(Invoer):
    """Somebody compared this melding with an earlier case that may be about the same people."""

    casus_id: CasusId
    oordeel: Hermeldingoordeel
    medewerker: Professional


class InformeringInvoer(Invoer):
    """The melder was told. Without a moment it is now; `correctie` replaces what was said before."""

    medewerker: Professional
    wijze: Informeerwijze
    geinformeerd_op: Moment | None = None
    correctie: StrictBool = False


class AfrondingInvoer(Invoer):
    """The end of a dienst: an overdracht with its document and its conversation (MB 4.3), or why there is none."""

    model_config = ConfigDict(
        json_schema_extra=asked(
            oneOf=[
                both(given("overdrachtsdocument", "overdrachtsgesprek"), absent("redenGeenOverdracht")),
                both(given("redenGeenOverdracht"), absent("overdrachtsdocument", "overdrachtsgesprek", "ontvangers")),
            ]
        )
    )

    afgerond_door: Professional
    ontvangers: Ontvangers = ()
    overdrachtsdocument: Overdrachtsdocument | None = None
    overdrachtsgesprek: GesprekInvoer | None = None
    reden_geen_overdracht: Afweging | None = None


class MeldpuntmeldingInvoer(Invoer):
    """A melding at the Meldpunt Crisiszorg, with what the meldpunt concluded (BK part II)."""

    model_config = ConfigDict(json_schema_extra=_WISH)

    kenmerk: Kenmerk | None = None
    ontvangen_op: Moment | None = None
    gemeente: GemeenteCode
    crisis: StrictBool
    vermoeden_hgkm: StrictBool
    uitkomst: MeldpuntUitkomst
    melder: Melder
    betrokkenen: Annotated[tuple[Betrokkene, ...], Field(min_length=1, max_length=40)]
    adres: Adres | None = None
    omschrijving: Tekst
    feiten: FeitenInvoer = FeitenInvoer()

    def gegevens(self) -> Meldpuntgegevens:
        """The part that is sealed."""
        return Meldpuntgegevens(
            melder=self.melder, betrokkenen=self.betrokkenen, adres=self.adres, omschrijving=self.omschrijving
        )

    def persoonsgegevens(self) -> Persoonsgegevens:
        """The part that is sealed, as Veilig Thuis gets it when the melding is forwarded."""
        return Persoonsgegevens(
            melder=self.melder, betrokkenen=self.betrokkenen, adres=self.adres, omschrijving=self.omschrijving
        )

    def known_feiten(self) -> dict[str, bool]:
        """The facts, with what the melder's own wish to stay anonymous says."""
        wish = {Triagefeit.MELDER_WIL_ANONIEM.value: True} if self.melder.wil_anoniem_blijven else {}
        return wish | self.feiten.known()


class OvernameInvoer(Invoer):
    """A party takes a meldpuntmelding over. Whoever says so itself has done so; the meldpunt asks the one it names.

    With `bewijs` the meldpunt says who there accepted; that counts until that party contradicts it.
    """

    door: PartijCode | None = None
    bewijs: Aanvaardingsbewijs | None = None


class AdviesvraagOnderwerp(StrEnum):
    """What a question for advice is about: a closed list, so that nothing about a person can be written in it."""

    PARTNERGEWELD = "partnergeweld"
    EX_PARTNERGEWELD = "ex-partnergeweld"
    KINDERMISHANDELING = "kindermishandeling"
    VERWAARLOZING = "verwaarlozing"
    GETUIGE_VAN_GEWELD = "getuige-van-geweld"
    OUDERENMISHANDELING = "ouderenmishandeling"
    OUDERMISHANDELING = "oudermishandeling"
    SEKSUEEL_MISBRUIK = "seksueel-misbruik"
    EERGERELATEERD_GEWELD = "eergerelateerd-geweld"
    HUWELIJKSDWANG = "huwelijksdwang"
    STALKING = "stalking"
    MELDCODE = "meldcode"
    OVERIG = "overig"


class AdviesvraagInvoer(Invoer):
    """A question for advice. It has no field for anything about a person (AEF 2.2)."""

    kenmerk: Kenmerk | None = None
    gesteld_op: Moment | None = None
    bron: Bron
    onderwerp: AdviesvraagOnderwerp
    gemeente: GemeenteCode | None = None
    regio: RegioCode | None = None
