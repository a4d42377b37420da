"""How handover answers: decisions without effect, refusals in words, and what a caller gets back."""

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from contracts.messages.documenten import Professional
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId, short_reference
from contracts.messages.verzegeld import Verzegeld
from services.handover.domain.casus import Overdracht
from services.runtime.unit.decision import Context, JsonObject, Refused
from services.runtime.unit.outcomes import conflict, iso

M = TypeVar("M", bound=BaseModel)

NOT_FOUND = Refused(404, "Niet gevonden", (), code="niet-gevonden")
VOORBIJ = Refused(
    410,
    "Niet meer beschikbaar",
    (Problem("$", "deze overdracht is voorbij: geweigerd, teruggegeven of ingetrokken; er is niets meer in te zien"),),
    code="overdracht-voorbij",
)


def why_otherwise(
    known: tuple[datetime, Verzegeld[Professional] | None],
    said: tuple[datetime | None, Professional | None],
    *,
    wat: str,
    context: Context,
    bij: str = "door",
) -> Refused | None:
    """Why this is no repetition: it was done already, by another or at another moment; None where both say the same.

    `known` and `said`: when, and which worker; what somebody does not say is no difference. `wat`: what was done, in
    Dutch; `bij`: how the worker is named after it.
    """
    op, sealed = known
    given_op, given = said
    before = None if sealed is None else context.sealer.open(sealed, Professional)
    if given is not None and (before is None or given.naam != before.naam):
        who = f"zonder dat bekend is {bij} wie" if before is None else f"{bij} {before.naam}"
        return conflict(f"Al {wat}", f"deze casus is al {wat} {who}", code=f"al-{wat}")
    if given_op is not None and given_op != op:
        message = f"deze casus is al {wat}, op {iso(op)}; klopt dat niet, corrigeer dan het moment"
        return conflict(f"Al {wat}", message, code=f"al-{wat}")
    return None


def receipt(casus_id: CasusId, overdracht: Overdracht, *, moment: str, op: datetime) -> JsonObject:
    """What whoever answers an overdracht gets back, the first time and every next one."""
    return {
        "overdrachtId": str(overdracht.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        moment: iso(op),
    }
