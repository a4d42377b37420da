"""How handover answers: decisions without effect, refusals in words, and what a caller gets back."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar, cast

from pydantic import BaseModel

from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId, short_reference
from contracts.messages.verzegeld import Verzegeld
from services.handover.domain.casus import Casus, Overdracht
from services.handover.domain.kader import iso
from services.runtime.unit.decision import Context, Decision, JsonObject, Refused

M = TypeVar("M", bound=BaseModel)

NOT_FOUND = Refused(404, "Niet gevonden", (), code="niet-gevonden")
VOORBIJ = Refused(
    410,
    "Niet meer beschikbaar",
    (Problem("$", "deze overdracht is voorbij: geweigerd, teruggegeven of ingetrokken; er is niets meer in te zien"),),
    code="overdracht-voorbij",
)


def unchanged(state: Casus | None, answer: JsonObject | None = None) -> Decision[Casus]:
    """Nothing follows; the caller, if there is one, gets the answer it got before."""
    return Decision(cast("Casus", state), answer=answer)


def invalid(problems: Sequence[Problem]) -> Refused:
    """Not accepted, with every problem at once."""
    return Refused(400, "De aanvraag klopt niet", tuple(problems), code="ongeldige-invoer")


def conflict(title: str, message: str, *, code: str) -> Refused:
    """Understood, but it does not fit what has already happened."""
    return Refused(409, title, (Problem("$", message),), code=code)


def seal(context: Context, value: M | None) -> Verzegeld[M] | None:
    """The value under the key of this case, where there is one."""
    return None if value is None else cast("Verzegeld[M]", context.sealer.seal(value))


def receipt(casus_id: CasusId, overdracht: Overdracht, *, moment: str, op: datetime) -> JsonObject:
    """What whoever answers an overdracht gets back, the first time and every next one."""
    return {
        "overdrachtId": str(overdracht.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        moment: iso(op),
    }


def joined(first: Decision[Casus], second: Decision[Casus]) -> Decision[Casus]:
    """Both, the second of which began where the first ended."""
    return Decision(
        second.state,
        events=(*first.events, *second.events),
        timers=(*first.timers, *second.timers),
        requests=(*first.requests, *second.requests),
        journal=(*first.journal, *second.journal),
        references=(*first.references, *second.references),
    )
