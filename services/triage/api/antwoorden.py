"""What triage answers, as its API describes it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from contracts.messages.documenten import Adres, Betrokkene, Informeerwijze, Melder
from contracts.messages.doorgegeven import GESLOTEN_SINDS
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.triage import Advies, Besluit, MeldpuntUitkomst
from services.runtime.http.answers import Antwoord, Moment
from services.triage.domain.casus import Fase, Hermeldingoordeel
from services.triage.ports import rows

Referentie = Annotated[str, Field(description="Wat mensen op papier schrijven; zegt niets over iemand.")]


class VanCasus(Antwoord):
    """Waar het antwoord over gaat."""

    id: UUID
    casus_id: UUID
    referentie: Referentie
    casus_gesloten_op: Moment | None = Field(default=None, description=GESLOTEN_SINDS)


class Overnamestand(VanCasus):
    """De status na een overname, of na de vraag aan een ander om over te nemen (`aangebodenAan`: die antwoordt nog).

    In `openAanbiedingen` staan alle partijen die gevraagd zijn en nog niet antwoordden.
    """

    status: Literal["vastgelegd", "doorgezet", "overgenomen"]
    crisis: bool
    uitkomst: MeldpuntUitkomst
    ontvangen_op: Moment
    doorgezet_naar: MeldpuntUitkomst | None = None
    doorgezet_op: Moment | None = None
    overgenomen_door: PartijCode | None = None
    overgenomen_op: Moment | None = None
    aangeboden_aan: PartijCode | None = None
    open_aanbiedingen: tuple[PartijCode, ...] = ()


class Grond(Antwoord):
    """Een regel die meewoog, en de feiten waardoor."""

    regel_id: str
    feiten: tuple[str, ...]


class Bronvermelding(Antwoord):
    """De zin van de afspraak."""

    document: str
    paragraaf: str
    citaat: str


class UitgelegdeGrond(Grond):
    """Een regel die meewoog, met de zin waarop zij rust. Waar professionals oordelen ook de vraag aan hen."""

    label: str | None = None
    lezing: str | None = Field(default=None, description="Hoe een zin is gelezen die meer dan één ding kan zeggen.")
    bron: Bronvermelding | None = None
    oordeel: str | None = None
    vraag: str | None = None


class Adviesuitslag(Antwoord):
    """Wat Houvast adviseert. Een professional besluit."""

    advies: Advies
    afspraken_versie: str
    bepaald_op: Moment
    redenen: tuple[Grond, ...]
    te_beoordelen: tuple[Grond, ...] = Field(description="Waarover professionals samen nog moeten oordelen.")


class Triageadvies(Antwoord):
    """Het triageadvies met zijn bronnen."""

    melding_id: UUID
    casus_id: UUID
    advies: Advies
    afspraken_versie: str
    bepaald_op: Moment
    redenen: tuple[UitgelegdeGrond, ...]
    te_beoordelen: tuple[UitgelegdeGrond, ...]


class MeldingOntvangst(VanCasus):
    """De melding is vastgelegd, met het advies dat erop volgt."""

    regio: RegioCode
    gemeente: GemeenteCode
    ontvangen_op: Moment
    hermelding: bool = Field(description="Er waren al casussen over dit huishouden (MB 3.1).")
    mogelijke_hermeldingen: int = Field(
        default=0, description="Hoeveel casussen een mens moet vergelijken: zie `GET /meldingen/{id}`."
    )
    triageadvies: Adviesuitslag | None


class MeldingInzage(rows.Melding):
    """Voor Veilig Thuis de hele melding; voor de afzender alleen de status."""

    feiten: dict[str, JsonValue] | None = None
    triageadvies: Triageadvies | None = None
    triagebesluiten: tuple[rows.Besluitregel, ...] | None = None
    melder: Melder | None = None
    betrokkenen: tuple[Betrokkene, ...] | None = None
    adres: Adres | None = None
    omschrijving: str | None = None
    vernietigd: Annotated[Literal[True] | None, Field(description="De sleutel is vernietigd; de inhoud is weg.")] = None


class Hermelding(VanCasus):
    """Vastgelegd is of een eerdere casus over dezelfde mensen gaat."""

    eerdere_casus: UUID
    oordeel: Hermeldingoordeel
    beoordeeld_op: Moment


class Informering(VanCasus):
    """Vastgelegd is dat de melder is geïnformeerd (BK bijlage 1)."""

    geinformeerd_op: Moment
    wijze: Informeerwijze


class Meldingen(Antwoord):
    """De werkvoorraad, oudste eerst; leeg voor wie geen Veilig Thuis is."""

    meldingen: tuple[rows.Meldingstatus, ...]


class Triagebesluit(VanCasus):
    """Het besluit is vastgelegd."""

    besluit: Besluit
    genomen_op: Moment
    wijkt_af_van_advies: bool
    ontvangers: tuple[rows.Ontvanger, ...]
    status: Fase | None


class Sleutel(Antwoord):
    """Een openbare sleutel (JWK, RFC 7517)."""

    kty: str
    kid: str
    use: str | None = None
    alg: str | None = None
    crv: str | None = None
    x: str | None = None
    y: str | None = None
    key_ops: tuple[str, ...] | None = Field(default=None, alias="key_ops")


class Sleutels(Antwoord):
    """De sleutels waarmee een innamesysteem verzegelt."""

    keys: tuple[Sleutel, ...]
