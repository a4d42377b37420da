"""The read tables of monitoring, a row each; an answer shows a row as it stands here."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, Json

from contracts.afspraken import Termijnstatus
from contracts.messages.documenten import Bron, Urgentie
from contracts.messages.handover import Kanaal, Overdrachtsoort
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.monitoring import Drager, Escalatieresultaat, Gesprekswijze, Kindgesprek, Sluitreden
from contracts.messages.signalen import Signaalmaatregel
from services.monitoring.domain.toestand import Escalatiestatus
from services.monitoring.domain.werk import Werksoort
from services.runtime.unit.rows import HIDDEN, Moment, ReadRow

Referentie = Annotated[str, Field(description="Wat mensen op papier schrijven; zegt niets over iemand.")]
AnderePartij = Annotated[
    PartijCode | None, Field(description="De partij die ontving, als dat niet het lokale team van de gemeente is.")
]


class BijCasus(ReadRow):
    """Iets dat bij een casus hoort."""

    regio: RegioCode
    gemeente: GemeenteCode


class Termijn(BijCasus):
    """Een termijn die loopt of liep."""

    table = "termijn"
    partij: AnderePartij
    team: str | None
    regel_id: str
    afspraken_versie: str
    label: str
    onderwerp_id: UUID
    verantwoordelijke: Drager
    begint_op: Moment
    nadert_op: Moment | None
    eindigt_op: Moment
    status: Termijnstatus
    gehaald_op: Moment | None
    gehaald_door: str | None
    vervangen_door: UUID | None


class Escalatie(BijCasus):
    """Een escalatie op de ladder van de regio."""

    table = "escalatie"
    partij: AnderePartij
    team: str | None
    regel_id: str
    ladder_id: str
    afspraken_versie: str
    termijn_id: UUID | None
    onderwerp_id: UUID
    trede: int
    rol: str
    bij: PartijCode
    status: Escalatiestatus
    gestart_op: Moment
    trede_op: Moment
    volgende_op: Moment | None
    opgepakt_op: Moment | None
    opgepakt_door: str | None
    afgehandeld_op: Moment | None
    resultaat: Escalatieresultaat | None


class Overdracht(BijCasus):
    """Een overdracht met haar vier ontvangsten."""

    table = "overdracht"
    partij: AnderePartij
    team: str | None
    overdrachtsoort: Overdrachtsoort | None
    kanaal: Kanaal | None
    aangemaakt_op: Moment | None
    afgeleverd_op: Moment | None
    ontvangen_op: Moment | None
    opgepakt_op: Moment | None
    teruggekoppeld_op: Moment | None
    geweigerd_op: Moment | None
    ingetrokken_op: Moment | None
    gestagneerd_op: Moment | None


class Monitormoment(BijCasus):
    """Een moment waarop Veilig Thuis nagaat of het veilig blijft; `ingeplandVoor` is de dag die daarvoor is afgesproken."""

    table = "monitormoment"
    partij: AnderePartij
    regel_id: str
    label: str
    status: Termijnstatus
    gepland_op: Moment
    ingepland_voor: Moment | None
    gehouden_op: Moment | None
    wijze: Gesprekswijze | None
    kinderen: Kindgesprek | None
    stabiel_en_veilig: bool | None


class Casusregel(BijCasus):
    """Een casus in één regel. Geen persoonsgegevens."""

    table = "casus"
    referentie: Referentie
    gemeenten: Json[tuple[GemeenteCode, ...]]
    partijen: Annotated[
        Json[tuple[PartijCode, ...]],
        Field(description="Van wie de casus is of was: gemeenten, Veilig Thuis en andere partijen."),
    ] = ()
    lezers: Annotated[Json[tuple[PartijCode, ...]], HIDDEN]
    geroepenen: Annotated[Json[tuple[str, ...]], HIDDEN] = ()
    soort: Literal["casus", "signaal"]
    staat_stil_bij: Annotated[
        Json[tuple[str, ...]],
        Field(description="Diensten die een bericht in deze casus niet kunnen verwerken; tot dan wacht de rest."),
    ] = ()
    melding_id: UUID | None
    melding_ontvangen_op: Moment | None
    bron: Bron | None
    urgentie: Urgentie | None
    afspraken_versie: str | None
    zicht_drager: Drager | None
    zicht_partij: PartijCode | None
    zicht_vanaf: Moment | None
    zicht_regel: str | None
    gesloten_op: Moment | None
    sluitreden: Sluitreden | None
    eerste_einde: Annotated[Moment, HIDDEN]


class Werk(BijCasus):
    """Iets dat nu van iemand gevraagd wordt."""

    table = "werk"
    referentie: Referentie
    aan: str
    team: str | None
    rol: str | None
    soort: Werksoort
    wat: str | None
    regel_id: str | None
    onderwerp_id: UUID
    sinds: Moment
    nadert_op: Moment | None
    uiterlijk_op: Moment | None
    rang: Moment
    opgepakt: bool
    verstreken: bool
    crisis: bool
    verder: Annotated[str | None, HIDDEN]


class Casus(Casusregel):
    """Een casus met alles wat erbij bewaakt wordt. Geen persoonsgegevens."""

    termijnen: tuple[Termijn, ...]
    escalaties: tuple[Escalatie, ...]
    overdrachten: tuple[Overdracht, ...]
    monitormomenten: tuple[Monitormoment, ...]


class Zichtregel(BijCasus):
    """Een regel van het logboek: wie zicht op veiligheid droeg, vanaf wanneer, op wiens handeling."""

    table = "zicht"
    volgnummer: int
    drager: Drager | None
    partij: PartijCode | None
    vanaf: Moment
    geldt_tot: Moment | None
    vervangen: Annotated[bool, Field(description="Later bleek het anders; deze regel telt niet meer mee.")]
    regel_id: str
    afspraken_versie: str
    handeling: str
    vastgesteld_op: Moment


class Signaal(BijCasus):
    """Een structureel signaal: een partij voert de afspraken niet uit."""

    table = "signaal"
    over: PartijCode
    drager: Drager
    meldt: PartijCode
    regel_id: str
    afspraken_versie: str
    aantal: int
    sinds: Moment
    bewijs: Annotated[
        Json[tuple[str, ...]],
        Field(description="Waarop het signaal rust: per gemiste termijn de verwijzing van de casus en de afspraak."),
    ] = ()
    opgesteld_op: Moment | None
    opgesteld_door: Annotated[
        str | None, Field(description="Wie het opstelde; leeg als Houvast erom vraagt vanaf de drempel van de regio.")
    ]
    afgegeven_op: Annotated[
        Moment | None, Field(description="Wanneer een persoon het verstuurde; leeg zolang het klaarstaat.")
    ]
    verstuurd_door: str | None
    vervallen_op: Moment | None
    antwoord_voor: Moment | None
    maatregel: Signaalmaatregel | None
    beantwoord_op: Moment | None


TABLES = (Casusregel, Termijn, Zichtregel, Escalatie, Monitormoment, Signaal, Overdracht, Werk)
