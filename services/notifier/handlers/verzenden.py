"""How messages of a case leave: a crisis at once and alone, everything else by the mailbox of whoever it is for."""

from collections.abc import Iterable

from contracts.messages.notifier import NotificatieUrgentie
from services.notifier.domain import Notificatie, Notificaties, Zending, leave
from services.notifier.handlers.berichten import Bezorg, case_of_postvak, request_for
from services.runtime.unit.decision import Context, Decision, Forward, Reference
from services.runtime.unit.frozen import replace

REFERENCE = "zending"
"""How the id under which something left leads to the cases that it was about."""


def send(
    decision: Decision[Notificaties], notificatie: Notificatie, zendingen: Iterable[Zending], context: Context
) -> Decision[Notificaties]:
    """A crisis leaves at once and alone; everything else goes by the mailbox of whoever it is for."""
    fresh = tuple(zendingen)
    if not goes_alone(notificatie):
        boxes = dict.fromkeys(case_of_postvak(zending) for zending in fresh)
        told = (
            Forward(
                box,
                Bezorg(
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
    return notificatie.vraag.urgentie is NotificatieUrgentie.CRISIS
