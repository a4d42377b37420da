"""How messages of a case leave: a crisis at once and alone, everything else by the mailbox of whoever it is for.

Where more is asked for the same people at the very moment of a crisis, that leaves with it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal, NotificatieUrgentie
from services.notifier.domain import Casus, Notificatie, Zending, leave
from services.notifier.handlers.commands import QueueZendingen
from services.runtime.unit.decision import Context, Decision, Forward, JsonObject, Reference, Request
from services.runtime.unit.frozen import replace

REFERENCE = "zending"
"""How the id under which something left leads to the cases that it was about."""


def send(
    decision: Decision[Casus], notificatie: Notificatie, zendingen: Iterable[Zending], context: Context
) -> Decision[Casus]:
    """A crisis leaves at once and alone; everything else goes by the mailbox of whoever it is for."""
    fresh = tuple(zendingen)
    if not goes_alone(notificatie):
        boxes = dict.fromkeys(case_of_postvak(zending) for zending in fresh)
        told = (
            Forward(
                box,
                QueueZendingen(
                    tuple(zending for zending in fresh if case_of_postvak(zending) == box),
                    context.casus_id,
                    notificatie.vraag,
                ),
            )
            for box in boxes
        )
        return replace(decision, forwards=(*decision.forwards, *told))
    state = decision.state
    for zending in fresh:
        state = state.put(leave(state.alle[notificatie.vraag.notificatie_id], zending.id, zending.id))
    requests = (
        request_for(
            zending.id,
            zending.kanaal,
            zending.partij,
            zending.persoon,
            vragen=(notificatie.vraag,),
            due_at=context.now,
        )
        for zending in fresh
    )
    references = (Reference(REFERENCE, str(zending.id)) for zending in fresh)
    return replace(
        decision,
        state=state,
        requests=(*decision.requests, *requests),
        references=(*decision.references, *references),
    )


def goes_alone(notificatie: Notificatie) -> bool:
    """Whether it waits for no other message."""
    return notificatie.vraag.urgentie is NotificatieUrgentie.CRISIS and not notificatie.vraag.samen


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
