"""The read table of the notifier; an answer shows a row as it stands here."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.notifier import Aanleiding, Notificatiekanaal, NotificatieUrgentie
from services.notifier.domain import Zendingstatus
from services.runtime.unit.rows import Moment, ReadRow


class Notificatie(ReadRow):
    """Een bericht aan één persoon langs één kanaal, zonder persoonsgegevens. Verzonden is niet gelezen."""

    table = "notificatie"
    notificatie_id: UUID
    escalatie_id: UUID | None
    regio: RegioCode
    gemeente: GemeenteCode | None
    rol: str
    partij: PartijCode
    kanaal: Notificatiekanaal | None
    status: Zendingstatus
    urgentie: NotificatieUrgentie
    aanleiding: Aanleiding
    gevraagd_op: Moment
    verzonden_op: Moment | None
    onderwerp: str
    referentie: str
    link: Annotated[str, Field(description="Pad onder het adres van Houvast.")]
    wettelijk_moment: Moment | None
    pogingen: int
    reden: Annotated[str | None, Field(description="Waarom het niet is verzonden, of nog niet.")]


class Proef(ReadRow):
    """Hoe het gaat met de proefberichten langs één kanaal."""

    table = "proef"
    kanaal: Notificatiekanaal
    volgende_op: Moment
    gestuurd_op: Moment | None
    gelukt_op: Moment | None
    mislukt_op: Moment | None
    reden: str | None


TABLES = (Notificatie, Proef)
