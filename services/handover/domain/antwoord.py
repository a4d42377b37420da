"""How handover answers: decisions without effect, refusals in words, and what a caller gets back."""

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId, short_reference
from services.handover.domain.casus import Overdracht
from services.runtime.unit.decision import JsonObject, Refused
from services.runtime.unit.outcomes import iso

M = TypeVar("M", bound=BaseModel)

NOT_FOUND = Refused(404, "Niet gevonden", (), code="niet-gevonden")
VOORBIJ = Refused(
    410,
    "Niet meer beschikbaar",
    (Problem("$", "deze overdracht is voorbij: geweigerd, teruggegeven of ingetrokken; er is niets meer in te zien"),),
    code="overdracht-voorbij",
)


def receipt(casus_id: CasusId, overdracht: Overdracht, *, moment: str, op: datetime) -> JsonObject:
    """What whoever answers an overdracht gets back, the first time and every next one."""
    return {
        "overdrachtId": str(overdracht.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        moment: iso(op),
    }
