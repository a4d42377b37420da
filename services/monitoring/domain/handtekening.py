"""Who did what: the person behind an event, at the facts that it is about. Sealed; nothing here opens it."""

from contracts.afspraken import Anker
from contracts.messages.documenten import Professional
from contracts.messages.door_mensen import DoorMensen
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import OverdrachtOpgepakt, VbsVerdeeld
from contracts.messages.triage import MeldingOntvangen, TriagebesluitGenomen
from contracts.messages.verzegeld import Verzegeld
from services.monitoring.domain.toestand import Feit, Overdrachtbeeld, Toezicht
from services.runtime.unit.frozen import replace


def sign(before: Toezicht, after: Toezicht, event: Gebeurtenis) -> Toezicht:
    """What this event made known, with who did it; what was only inferred from it nobody did."""
    medewerker = _doer(event)
    if medewerker is None:
        return after
    known = frozenset(before.feiten)
    return replace(
        after,
        feiten=tuple(
            replace(feit, medewerker=medewerker) if feit not in known and _is_of(event, feit) else feit
            for feit in after.feiten
        ),
    )


def without_name(feit: Feit) -> Feit:
    """The fact as another case may have it, where its seal would not open."""
    return feit if feit.medewerker is None else replace(feit, medewerker=None)


def without_assignee(beeld: Overdrachtbeeld) -> Overdrachtbeeld:
    """The same of an overdracht."""
    return beeld if beeld.verdeeld_aan is None else replace(beeld, verdeeld_aan=None)


def _doer(event: Gebeurtenis) -> Verzegeld[Professional] | None:
    match event:
        case TriagebesluitGenomen():
            return event.genomen_door
        case OverdrachtOpgepakt() | VbsVerdeeld():
            return event.verdeler
        case DoorMensen():
            return event.medewerker
        case _:
            return None


def _is_of(event: Gebeurtenis, feit: Feit) -> bool:
    """Whether it is what the event is about: each event infers the melding that there must have been before it."""
    if feit.anker is Anker.MELDING_ONTVANGEN:
        return isinstance(event, MeldingOntvangen) and feit.onderwerp_id is not None
    return True
