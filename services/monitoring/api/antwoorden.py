"""What monitoring answers, as its API describes it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from contracts.afspraken import Anker
from contracts.messages.doorgegeven import GESLOTEN_SINDS
from contracts.messages.identifiers import PartijCode
from contracts.messages.monitoring import Drager, Dwangmaatregel, Escalatieresultaat, Sluitreden, Stand
from contracts.messages.signalen import Signaalmaatregel
from services.monitoring.domain.toestand import Escalatiestatus
from services.monitoring.ports import rows
from services.runtime.http.answers import Antwoord, Moment

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


class ZichtOpVeiligheid(rows.Zichtregel):
    """Wie op dat moment zicht op veiligheid droeg, door welke regel, en hoe het verliep."""

    op: Moment
    regel: Regel | None
    verloop: tuple[rows.Zichtregel, ...]


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


class Uitleghandeling(Antwoord):
    """Wat iemand deed; `door` is een persoon met functie en organisatie, of de organisatie als die meer niet zei."""

    feit: Anker
    op: Moment
    onderwerp_id: UUID | None
    door: str


class CasusUitleg(Antwoord):
    """Houvast legt uit."""

    casus_id: UUID
    afspraken_versie: str | None
    regels: tuple[Uitlegregel, ...]
    handelingen: tuple[Uitleghandeling, ...]


class Termijnen(Antwoord):
    """Termijnen, de eerste die afloopt vooraan."""

    termijnen: tuple[rows.Termijn, ...]
    volgende_pagina: VolgendePagina = None


class Escalaties(Antwoord):
    """Escalaties, de nieuwste vooraan."""

    escalaties: tuple[rows.Escalatie, ...]
    volgende_pagina: VolgendePagina = None


class Monitormomenten(Antwoord):
    """Monitormomenten, het eerste vooraan."""

    monitormomenten: tuple[rows.Monitormoment, ...]
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
    ingepland_voor: Moment | None
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
    """Aanvaard door de partij zelf, aanvaard volgens een ander, of aangeboden; en wie zicht op veiligheid draagt.

    Een aanbod wacht op die partij: tot zij antwoordt is `aanvaardOp` leeg en verandert er niets.
    """

    partij: PartijCode
    status: Literal["aanvaard", "aanvaard-volgens-bewijs", "aangeboden"]
    overdracht_id: UUID
    aanvaard_op: Moment | None
    zicht_op_veiligheid: PartijCode | None


class Standantwoord(Antwoord):
    """De stand is vastgelegd."""

    stand: Stand
    gemeld_op: Moment
    verwacht_op: Moment | None


class Sluiting(Antwoord):
    """De casus is gesloten."""

    reden: Sluitreden
    gesloten_op: Moment


class Herstel(Antwoord):
    """Het moment van een feit is hersteld; wat ervan afhing is opnieuw berekend."""

    feit: Anker
    was: Moment
    op: Moment
    casus_gesloten_op: Moment | None = Field(default=None, description=GESLOTEN_SINDS)


class Signalen(Antwoord):
    """Structurele signalen, de nieuwste vooraan."""

    signalen: tuple[rows.Signaal, ...]
    volgende_pagina: VolgendePagina = None


class Signaalantwoord(Antwoord):
    """Het signaal zoals het er nu voor staat: verstuurd, of beantwoord door de gemeente (MB 6.2)."""

    id: UUID
    over: PartijCode
    afgegeven_op: Moment | None
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


class Tijdigheid(Antwoord):
    """Hoe vaak iets op tijd gebeurde, en hoe vaak te laat of nog niet terwijl de termijn voorbij is."""

    op_tijd: int | None
    te_laat: int | None


class Kerncijfer(Antwoord):
    """Een ontvanger, een team en een maand. Leeg is een getal dat te klein is om te tonen, of daaruit te berekenen."""

    ontvanger: PartijCode
    team: str | None
    maand: str = Field(description="De maand waarin is overgedragen: `2026-03`.")
    overgedragen: int | None
    bevestigd: Tijdigheid
    opgepakt: Tijdigheid
    mediaan_dagen_tot_oppakken: float | None
    open: int | None = Field(description="Niet opgepakt en ook niet teruggegeven of geweigerd.")
    signalen: int = Field(description="Structurele signalen die in deze maand aan de gemeente zijn gestuurd.")


class Kerncijfers(Antwoord):
    """Kerncijfers, de nieuwste maand vooraan."""

    van: str
    tot_en_met: str
    kerncijfers: tuple[Kerncijfer, ...]
