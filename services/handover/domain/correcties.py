"""A moment that was put right elsewhere: the rules that handover uses look at the right one from then on (D16).

The time in which a case may be given back runs from the delivery, and which agreements hold from the melding.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from contracts.afspraken import Anker, GeenAfspraken
from contracts.messages.doorgegeven import CorrectieDoorgegeven
from contracts.messages.triage import DienstAfgerond, DienstGestart, TriagebesluitGenomen
from services.handover.domain.aanmaken import with_latest_moment
from services.handover.domain.bevestigen import with_link
from services.handover.domain.casus import Casus, Overdracht
from services.handover.domain.kader import Kader
from services.handover.domain.opdracht import warning_of
from services.handover.domain.samenwerking import Samenwerking
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome, Rejected
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import iso, unchanged

_OVERDRACHT: Mapping[Anker, Callable[[Overdracht, datetime], Overdracht]] = {
    Anker.OVERDRACHT_AANGEMAAKT: lambda known, op: replace(known, aangemaakt_op=op),
    Anker.OVERDRACHT_AFGELEVERD: lambda known, op: replace(known, afgeleverd_op=known.afgeleverd_op and op),
    Anker.ONTVANGST_BEVESTIGD: lambda known, op: replace(
        known, ontvangst=known.ontvangst and replace(known.ontvangst, op=op)
    ),
    Anker.OVERDRACHT_OPGEPAKT: lambda known, op: replace(
        known, verdeling=known.verdeling and replace(known.verdeling, op=op)
    ),
    Anker.OVERDRACHT_TERUGGEKOPPELD: lambda known, op: replace(
        known, terugkoppeling=known.terugkoppeling and replace(known.terugkoppeling, op=op)
    ),
    Anker.OVERDRACHT_GEWEIGERD: lambda known, op: replace(
        known, weigering=known.weigering and replace(known.weigering, op=op)
    ),
    Anker.OVERDRACHT_INGETROKKEN: lambda known, op: replace(
        known, intrekking=known.intrekking and replace(known.intrekking, op=op)
    ),
}
_SAMENWERKING: Mapping[Anker, Callable[[Samenwerking, datetime], Samenwerking]] = {
    Anker.VBS_GEVRAAGD: lambda known, op: replace(known, gevraagd_op=op),
    Anker.VBS_VERDEELD: lambda known, op: replace(known, verdeeld_op=known.verdeeld_op and op),
    Anker.VBS_EERSTE_CONTACT: lambda known, op: replace(known, eerste_contact_op=known.eerste_contact_op and op),
    Anker.VBS_CONTACT_GELEGD: lambda known, op: replace(known, contact_gelegd_op=known.contact_gelegd_op and op),
}
_FROM_DELIVERY = frozenset({Anker.OVERDRACHT_AANGEMAAKT, Anker.OVERDRACHT_AFGELEVERD})


def put_right(state: Casus | None, event: CorrectieDoorgegeven, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """The case with the right moment, and a line that says what it was. Twice is once; an older word changes nothing.

    Raises `Rejected` where no agreements hold on the right day of the melding.
    """
    casus = state or Casus()
    anker = Anker(event.feit)
    if (known := casus.gecorrigeerd.get(_key(event))) is not None and known >= event.gecorrigeerd_op:
        return unchanged(state)
    noted = replace(casus, gecorrigeerd={**casus.gecorrigeerd, _key(event): event.gecorrigeerd_op})
    if anker is Anker.MELDING_ONTVANGEN:
        right = _with_melding(replace(noted, melding_ontvangen_op=event.op), event.op, kader)
    else:
        right = _with_moment(noted, anker, event, context=context, kader=kader)
    if right is noted:
        return unchanged(state)
    facts: JsonObject = {
        "feit": event.feit,
        "over": None if event.onderwerp_id is None else str(event.onderwerp_id),
        "was": iso(event.was_op),
        "is": iso(event.op),
        "door": event.door,
    }
    timers = (warning_of(item, kader) for item in right.overdrachten if item not in casus.overdrachten)
    return Decision(
        right,
        timers=tuple(timer for timer in timers if timer is not None),
        journal=(JournalLine("feit-gecorrigeerd", facts=facts),),
    )


E = TypeVar("E", TriagebesluitGenomen, DienstGestart, DienstAfgerond)


def with_right_melding(state: Casus | None, event: E) -> E:
    """An event that left before the moment of its melding was put right, as it would say it now."""
    right = None if state is None else state.melding_ontvangen_op
    return event if right is None else event.model_copy(update={"melding_ontvangen_op": right})


def _key(event: CorrectieDoorgegeven) -> str:
    return event.feit if event.onderwerp_id is None else f"{event.feit}:{event.onderwerp_id}"


def _with_melding(casus: Casus, op: datetime, kader: Kader) -> Casus:
    try:
        overdrachten = tuple(
            _with_agreements(replace(item, melding_ontvangen_op=op), kader) for item in casus.overdrachten
        )
    except GeenAfspraken as error:
        raise Rejected(str(error)) from None
    return replace(
        casus,
        overdrachten=overdrachten,
        diensten=tuple(replace(item, melding_ontvangen_op=op) for item in casus.diensten),
        samenwerkingen=tuple(replace(item, melding_ontvangen_op=op) for item in casus.samenwerkingen),
    )


def _with_agreements(overdracht: Overdracht, kader: Kader) -> Overdracht:
    return with_latest_moment(overdracht, kader.afspraken(overdracht), kader)


def _with_moment(casus: Casus, anker: Anker, event: CorrectieDoorgegeven, *, context: Context, kader: Kader) -> Casus:
    """The same object where this fact is none of handover."""
    if event.onderwerp_id is None:
        return casus
    overdracht = casus.overdracht(event.onderwerp_id)
    if overdracht is not None and (put := _OVERDRACHT.get(anker)) is not None:
        changed = put(overdracht, event.op)
        if anker in _FROM_DELIVERY:
            changed = with_link(changed, now=context.now, kader=kader)
        return casus.with_overdracht(changed)
    samenwerking = casus.samenwerking(event.onderwerp_id)
    if samenwerking is not None and (right := _SAMENWERKING.get(anker)) is not None:
        return casus.with_samenwerking(right(samenwerking, event.op))
    return casus
