"""What a case tells a mailbox and a mailbox a case; and what both ask of the world outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal
from services.notifier.domain import Zending
from services.runtime.unit.decision import Attempt, JsonObject, Request


@dataclass(frozen=True, slots=True)
class Bezorg:
    """To a mailbox: this message of this case is for you; once, also where more people read it."""

    zendingen: tuple[Zending, ...]
    casus_id: CasusId
    vraag: NotificatieGevraagd


@dataclass(frozen=True, slots=True)
class Vertrokken:
    """To a case: your message is on its way, under this id."""

    zending_id: UUID
    opdracht_id: UUID


@dataclass(frozen=True, slots=True)
class Bezorgd:
    """To a case: how an attempt ended; `final` when there will be no other."""

    zending_id: UUID
    attempt: Attempt
    attempts: int
    final: bool


@dataclass(frozen=True, slots=True)
class Haal:
    """To a mailbox: this message is not to leave any more."""

    zending_id: UUID


def case_of_postvak(zending: Zending) -> CasusId:
    """Under which id the mailbox that a message goes to is kept."""
    return CasusId(derived_id("postvak", zending.kanaal.value, zending.partij, zending.postvak))


def request_for(
    request_id: UUID,
    kanaal: Notificatiekanaal,
    partij: str,
    persoon: str,
    *,
    vragen: Sequence[NotificatieGevraagd],
    due_at: datetime,
) -> Request:
    """One mail or card to one person or channel. Nobody waits behind somebody else whose mailbox is full."""
    asked = [vraag.model_dump(mode="json", by_alias=True, exclude_none=True) for vraag in vragen]
    content: JsonObject = {"vragen": [*asked], "partij": partij, "persoon": persoon}
    return Request(
        id=request_id,
        kind=kanaal.value,
        destination=f"{kanaal.value}/{partij}/{persoon}",
        content=content,
        due_at=due_at,
    )
