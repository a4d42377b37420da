"""What the notifier answers, as its API describes it."""

from uuid import UUID

from pydantic import Field

from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.notifier import Aanleiding, Notificatiekanaal, NotificatieUrgentie
from services.notifier.domain import Zendingstatus
from services.runtime.http.answers import Antwoord, Moment


class Notificatie(Antwoord):
    """Een bericht aan één persoon langs één kanaal, zonder persoonsgegevens. Verzonden is niet gelezen."""

    id: UUID
    casus_id: UUID
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
    link: str = Field(description="Pad onder het adres van Houvast.")
    wettelijk_moment: Moment | None
    pogingen: int
    reden: str | None = Field(description="Waarom het niet is verzonden, of nog niet.")


class Notificaties(Antwoord):
    """Berichten, de nieuwste vooraan."""

    notificaties: tuple[Notificatie, ...]
    volgende_pagina: int | None = Field(default=None, description="Alleen als er meer is.")
