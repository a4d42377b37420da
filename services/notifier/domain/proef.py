"""A message about nothing, to who runs the hub: whether a channel works is known before somebody has to be told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal

BEHEERPAGINA = "notificaties/v1/beheer/kanalen"


@dataclass(frozen=True, slots=True)
class Proef:
    """How it goes with the messages that try one channel by the clock.

    `opdracht_id` is one that is under way: tried until the channel takes it, or the next one takes its place.
    """

    kanaal: Notificatiekanaal
    volgende_op: datetime
    opdracht_id: UUID | None = None
    gestuurd_op: datetime | None = None
    gelukt_op: datetime | None = None
    mislukt_op: datetime | None = None
    reden: str | None = None


def case_of_proef(kanaal: Notificatiekanaal) -> CasusId:
    """Under which id the trying of a channel is kept."""
    return CasusId(derived_id("proef", kanaal.value))


def write_proefbericht(proef_id: UUID, partij: str, rol: str, *, waarom: str) -> NotificatieGevraagd:
    """What it says; `waarom` is a sentence."""
    return NotificatieGevraagd(
        notificatie_id=proef_id,
        regio="proef",
        partij=partij,
        rol=rol,
        onderwerp="Proefbericht van Houvast",
        gevraagd=f"U hoeft niets te doen. {waarom}",
        referentie="proef",
        link=BEHEERPAGINA,
    )
