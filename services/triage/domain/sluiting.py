"""That a case was closed at monitoring: from then on nothing is decided in it or taken on (AEF C)."""

from contracts.messages.doorgegeven import GESLOTEN, SluitingDoorgegeven
from services.runtime.unit.decision import Decision, Outcome, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, unchanged
from services.triage.domain.casus import Casus


def note_sluiting(state: Casus | None, event: SluitingDoorgegeven) -> Outcome[Casus]:
    """It was closed, or that was overtaken by something that had begun."""
    if state is None or state.gesloten_op == event.staat:
        return unchanged(state)
    return Decision(replace(state, gesloten_op=event.staat))


def why_closed(state: Casus) -> Refused | None:
    """Why nothing is decided or taken on any more; None while the case is open."""
    return None if state.gesloten_op is None else conflict("De casus is gesloten", GESLOTEN, code="gesloten")
