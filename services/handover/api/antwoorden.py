"""What handover answers, as its API describes it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.messages.documenten import Informeerwijze, Mediatype, Overdrachtsdocument
from contracts.messages.handover import (
    Betrokkenenbrief,
    Informatieonderwerp,
    Kanaal,
    Overdrachtsoort,
    VbsUrgentie,
    Weigeringscode,
)
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from services.handover.domain.casus import Overdrachtstatus
from services.handover.domain.samenwerking import Samenwerkstatus
from services.runtime.http.answers import Antwoord, Moment

Referentie = Annotated[str, Field(description="Wat mensen op papier schrijven; zegt niets over iemand.")]

AnderePartij = Annotated[
    PartijCode | None, Field(description="De partij die ontvangt, als dat niet het lokale team van de gemeente is.")
]


class VanOverdracht(Antwoord):
    """Waar het antwoord over gaat."""

    overdracht_id: UUID
    casus_id: UUID
    referentie: Referentie


class Ontvangstbevestiging(VanOverdracht):
    """De ontvangst is bevestigd. Een tweede keer geeft hetzelfde antwoord."""

    bevestigd_op: Moment


class Verdeling(VanOverdracht):
    """De casus is opgepakt."""

    opgepakt_op: Moment


class Terugkoppeling(VanOverdracht):
    """De casus is teruggegeven aan Veilig Thuis."""

    teruggekoppeld_op: Moment


class Aflevering(VanOverdracht):
    """De overdracht wordt (opnieuw) aangeboden."""

    aangeboden_op: Moment


class Weigering(VanOverdracht):
    """De overdracht is geweigerd."""

    geweigerd_op: Moment


class Intrekking(VanOverdracht):
    """De overdracht is teruggenomen."""

    ingetrokken_op: Moment
    gemeente_wordt_verwittigd: bool | None = Field(
        default=None, description="Of de gemeente het langs haar eigen weg hoort."
    )


class Informering(VanOverdracht):
    """Vastgelegd is dat de betrokkenen zijn geïnformeerd (MB 4.1)."""

    geinformeerd_op: Moment
    wijze: Informeerwijze
    brief: Betrokkenenbrief | None
    onderwerpen: tuple[Informatieonderwerp, ...]


class Overdrachtregel(Antwoord):
    """Een overdracht met haar vier ontvangsten: afgeleverd, ontvangen, opgepakt, teruggekoppeld."""

    id: UUID
    casus_id: UUID
    referentie: Referentie
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    partij: AnderePartij
    team: str | None
    overdrachtsoort: Overdrachtsoort
    kanaal: Kanaal
    status: Overdrachtstatus
    aangemaakt_op: Moment
    uiterlijk_op: Moment = Field(description="Wanneer de gemeente het uiterlijk langs een andere weg moet horen.")
    afgeleverd_op: Moment | None = Field(description="Het endpoint nam de bytes aan. Dit stopt geen termijn.")
    ontvangen_op: Moment | None
    opgepakt_op: Moment | None
    teruggekoppeld_op: Moment | None
    gestagneerd_op: Moment | None
    geweigerd_op: Moment | None
    weigeringscode: Weigeringscode | None
    ingetrokken_op: Moment | None
    gemeente_verwittigd_op: Moment | None
    betrokkenen_geinformeerd_op: Moment | None
    generatie: int = Field(description="De hoeveelste aflevering; een nieuwe heeft een eigen webhook-id.")
    pogingen: int
    laatste_poging_op: Moment | None
    laatste_fout: str | None


class Overdracht(Overdrachtregel):
    """Een overdracht met haar document, zolang de sleutel van de casus bestaat."""

    overdrachtsdocument: Overdrachtsdocument | None


class Overdrachten(Antwoord):
    """Overdrachten, oudste eerst."""

    overdrachten: tuple[Overdrachtregel, ...]


class Gebeurtenisregel(Antwoord):
    """Iets dat met een overdracht gebeurde."""

    nummer: int
    id: UUID
    type: str = Field(description="Het type van de gebeurtenis, `nl.sociaaldomein.overdrachten.…`.")
    casus_id: UUID
    referentie: Referentie
    overdracht_id: UUID
    gemeente: GemeenteCode
    partij: AnderePartij
    op: Moment
    overdracht: str = Field(description="Waar de overdracht staat.")


class Gebeurtenissen(Antwoord):
    """Wat na een nummer gebeurde. Geef `laatste` de volgende keer mee als `na`."""

    gebeurtenissen: tuple[Gebeurtenisregel, ...]
    laatste: int


class BewaardeBijlage(Antwoord):
    """De bijlage wordt bewaard. Neem haar zo over in `overdrachtsdocument.bijlagen`, met `bewijs`."""

    id: UUID
    naam: str
    mediatype: Mediatype
    grootte: int = Field(description="In bytes.")
    sha256: str = Field(description="Van de inhoud, hexadecimaal.")
    bewijs: str = Field(description="Dat deze bijlage voor deze casus wordt bewaard; voor wie haar toevoegde.")


class Samenwerking(Antwoord):
    """Een verzoek om verbindend samenwerken (MB 4.2)."""

    id: UUID
    casus_id: UUID
    referentie: Referentie
    dienst_id: UUID
    gemeente: GemeenteCode
    team: str | None
    urgentie: VbsUrgentie
    status: Samenwerkstatus
    gevraagd_op: Moment
    verdeeld_op: Moment | None
    eerste_contact_op: Moment | None
    contact_gelegd_op: Moment | None


class Samenwerkingregel(Samenwerking):
    """Een verzoek zoals de lijst het toont."""

    regio: RegioCode
    capaciteit_gesignaleerd_op: Moment | None
    gestopt_op: Moment | None


class Samenwerkingen(Antwoord):
    """Verzoeken, nieuwste eerst."""

    samenwerkingen: tuple[Samenwerkingregel, ...]
