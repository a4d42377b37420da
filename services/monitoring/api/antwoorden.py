"""What monitoring answers, as its API describes it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from contracts.afspraken import Anker
from contracts.messages.documenten import Bron, Urgentie
from contracts.messages.handover import Kanaal, Overdrachtsoort
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.monitoring import (
    Drager,
    Dwangmaatregel,
    Escalatieresultaat,
    Gesprekswijze,
    Kindgesprek,
    Signaalmaatregel,
    Sluitreden,
)
from services.monitoring.domain import Escalatiestatus, Termijnstatus
from services.runtime.http.answers import Antwoord, Moment

Referentie = Annotated[str, Field(description="Wat mensen op papier schrijven; zegt niets over iemand.")]
AnderePartij = Annotated[
    PartijCode | None, Field(description="De partij die ontving, als dat niet het lokale team van de gemeente is.")
]
VolgendePagina = Annotated[int | None, Field(description="Alleen als er meer is.")]


class Bronvermelding(Antwoord):
    """De zin van de afspraak."""

    document: str
    paragraaf: str
    citaat: str


class Regel(Antwoord):
    """Een regel van de afspraken die voor deze casus gelden; alleen het id als zij daar niet in staat."""

    id: str
    label: str | None = None
    bron: Bronvermelding | None = None
    lezing: str | None = Field(default=None, description="Hoe een zin is gelezen die meer dan één ding kan zeggen.")


class BijCasus(Antwoord):
    """Iets dat bij een casus hoort."""

    id: UUID
    casus_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode


class Termijn(BijCasus):
    """Een termijn die loopt of liep."""

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
    """Een moment waarop het lokale team kijkt of het veilig blijft."""

    partij: AnderePartij
    regel_id: str
    label: str
    status: Termijnstatus
    gepland_op: Moment
    gehouden_op: Moment | None
    wijze: Gesprekswijze | None
    kinderen: Kindgesprek | None
    stabiel_en_veilig: bool | None


class Casus(BijCasus):
    """Een casus met alles wat erbij bewaakt wordt. Geen persoonsgegevens."""

    referentie: Referentie
    gemeenten: tuple[GemeenteCode, ...]
    partijen: tuple[PartijCode, ...] = Field(
        default=(), description="Van wie de casus is of was: gemeenten, Veilig Thuis en andere partijen."
    )
    soort: Literal["casus", "signaal"]
    staat_stil_bij: tuple[str, ...] = Field(
        default=(), description="Diensten die een bericht in deze casus niet kunnen verwerken; tot dan wacht de rest."
    )
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
    termijnen: tuple[Termijn, ...]
    escalaties: tuple[Escalatie, ...]
    overdrachten: tuple[Overdracht, ...]
    monitormomenten: tuple[Monitormoment, ...]


class Zichtregel(BijCasus):
    """Een regel van het logboek: wie zicht op veiligheid droeg, vanaf wanneer, op wiens handeling."""

    volgnummer: int
    drager: Drager | None
    partij: PartijCode | None
    vanaf: Moment
    geldt_tot: Moment | None
    vervangen: bool = Field(description="Later bleek het anders; deze regel telt niet meer mee.")
    regel_id: str
    afspraken_versie: str
    handeling: str
    vastgesteld_op: Moment


class ZichtOpVeiligheid(Zichtregel):
    """Wie op dat moment zicht op veiligheid droeg, door welke regel, en hoe het verliep."""

    op: Moment
    regel: Regel | None
    verloop: tuple[Zichtregel, ...]


class Uitlegregel(Antwoord):
    """Wat er gebeurde, door welke regel, met welke feiten."""

    nummer: int
    op: Moment
    wat: str
    regel_id: str | None
    regel_versie: str | None
    feiten: dict[str, JsonValue]
    actor: str
    regel: Regel | None


class CasusUitleg(Antwoord):
    """Houvast legt uit."""

    casus_id: UUID
    afspraken_versie: str | None
    regels: tuple[Uitlegregel, ...]


class Termijnen(Antwoord):
    """Termijnen, de eerste die afloopt vooraan."""

    termijnen: tuple[Termijn, ...]
    volgende_pagina: VolgendePagina = None


class Escalaties(Antwoord):
    """Escalaties, de nieuwste vooraan."""

    escalaties: tuple[Escalatie, ...]
    volgende_pagina: VolgendePagina = None


class Monitormomenten(Antwoord):
    """Monitormomenten, het eerste vooraan."""

    monitormomenten: tuple[Monitormoment, ...]
    volgende_pagina: VolgendePagina = None


class Escalatiestand(Antwoord):
    """Hoe de escalatie er nu voor staat."""

    id: UUID
    status: Escalatiestatus
    trede: int
    rol: str
    bij: PartijCode
    resultaat: Escalatieresultaat | None


class Momentstand(Antwoord):
    """Hoe het monitormoment er nu voor staat."""

    id: UUID
    label: str
    gepland_op: Moment
    gehouden_op: Moment | None
    te_laat: bool
    monitoring: Literal["loopt", "gestopt"]


class Stagnatiestap(Antwoord):
    """De stap die is gezet (MB 5)."""

    stap: int
    label: str
    hermelding: bool


class Initiatief(Antwoord):
    """Wie het initiatief neemt voor een dwangmaatregel (MB 6)."""

    casus_id: UUID
    op: Moment
    initiatief: Drager | None
    voorwaarde: str | None
    regel: Regel | None


class Dwangstand(Antwoord):
    """De dwangmaatregel is vastgelegd."""

    maatregel: Dwangmaatregel
    ingezet_op: Moment
    initiatief: Drager | None
    initiatief_regel: str | None
    monitoring: Literal["loopt", "geen"]


class Aanvaardingstand(Antwoord):
    """De aanvaarding is vastgelegd, en wie daarna zicht op veiligheid draagt."""

    partij: PartijCode
    aanvaard_op: Moment
    zicht_op_veiligheid: PartijCode | None


class Sluiting(Antwoord):
    """De casus is gesloten."""

    reden: Sluitreden
    gesloten_op: Moment


class Herstel(Antwoord):
    """Het moment van een feit is hersteld; wat ervan afhing is opnieuw berekend."""

    feit: Anker
    was: Moment
    op: Moment


class Signaal(BijCasus):
    """Een structureel signaal: een partij haalt de afspraken vaker niet."""

    over: PartijCode
    drager: Drager
    meldt: PartijCode
    regel_id: str
    afspraken_versie: str
    aantal: int
    sinds: Moment
    afgegeven_op: Moment
    antwoord_voor: Moment | None
    maatregel: Signaalmaatregel | None
    beantwoord_op: Moment | None


class Signalen(Antwoord):
    """Structurele signalen, de nieuwste vooraan."""

    signalen: tuple[Signaal, ...]
    volgende_pagina: VolgendePagina = None


class Signaalantwoord(Antwoord):
    """Het antwoord van de gemeente is vastgelegd (MB 6.2)."""

    id: UUID
    over: PartijCode
    maatregel: Signaalmaatregel | None
    beantwoord_op: Moment | None


class Termijnberekening(Antwoord):
    """Wanneer een termijn eindigt."""

    start: Moment
    duur: str
    verlengen: bool = Field(description="Of de Algemene termijnenwet het einde verschuift.")
    einde: Moment
    einde_lokaal: Moment
    laatste_dag: date = Field(description="De laatste dag waarop het nog op tijd is.")
