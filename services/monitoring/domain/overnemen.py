"""Whether another party can take over the care for safety, and which offer it can still answer (docs/decisions/0019)."""

from collections.abc import Container
from datetime import date, datetime

from contracts.afspraken import Anker
from contracts.afspraken.overname import DOORGEZET
from contracts.messages.envelope import Problem
from contracts.messages.monitoring import Drager
from services.monitoring.domain.antwoord import conflict, invalid
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.relaties import ended_at, stands_by_proof
from services.monitoring.domain.toestand import Feit, Overdrachtbeeld, Overgang, Toezicht
from services.runtime.unit.decision import Refused

HANDS_ON = frozenset({Drager.VEILIG_THUIS, Drager.LOKAAL_TEAM, Drager.MELDPUNT})
"""Whose zicht op veiligheid can be offered: a ketenpartner gives a case back to Veilig Thuis instead."""


def open_offer(toezicht: Toezicht, partij: str) -> Overdrachtbeeld | None:
    """The offer that this party itself can still answer."""
    offers = (item for item in toezicht.overdrachten.values() if item.is_gevraagd and item.ontvanger == partij)
    return next((item for item in offers if ended_at(toezicht, item) is None), None)


def not_before_words(toezicht: Toezicht, partij: str, op: datetime) -> datetime:
    """From when a party takes over that says so itself: not before others said that yet another did."""
    words = [item for item in toezicht.overdrachten.values() if item.op_bewijs and ended_at(toezicht, item) is None]
    made = (
        toezicht.first(Anker.OVERDRACHT_AANGEMAAKT, item.overdracht_id) for item in words if item.ontvanger != partij
    )
    said = (item.bewijs_op for item in words if item.ontvanger != partij)
    return max((op, *(feit.op for feit in made if feit), *(word for word in said if word)))


def is_forwarded(toezicht: Toezicht, bearer: Overgang | None, codes: Container[str]) -> bool:
    """Whether these are the codes of a meldpunt that bears what went to Veilig Thuis: that asks nobody else (BK deel II).

    What went there is a melding, whether the meldpunt suspected something or chose to.
    """
    if bearer is None or bearer.partij is None or bearer.drager is not Drager.MELDPUNT:
        return False
    is_melding = any(feit.anker is Anker.MELDING_ONTVANGEN for feit in toezicht.feiten)
    return is_melding and bearer.partij in codes


def why_nobody(casus: Casus, bearer: Overgang | None) -> str | None:
    """Why there is nothing to take over in this case, in Dutch; None where there is."""
    if bearer is None or bearer.partij is None:
        return "niemand draagt zicht op veiligheid in deze casus; er is niets over te nemen"
    if bearer.drager not in HANDS_ON and not stands_by_proof(casus.toezicht, bearer.partij):
        return f"{casus.partijen.naam(bearer.partij)} heeft de zorg om de veiligheid al overgenomen"
    return None


def why_not_asked(
    casus: Casus, bearer: Overgang | None, partij: str, *, codes: Container[str], on: date
) -> Refused | None:
    """Why this party cannot be asked to take over on this day, by whoever has these codes; None where it can."""
    naam = casus.partijen.naam(partij)
    if bearer is not None and bearer.drager not in HANDS_ON:
        return conflict(f"{casus.partijen.naam(bearer.partij or '')} heeft volgens een bewijs al aanvaard")
    if bearer is not None and bearer.partij == partij:
        return conflict("deze partij draagt zicht op veiligheid al")
    if is_forwarded(casus.toezicht, bearer, codes):
        return invalid(Problem("partij", DOORGEZET))
    if not casus.partijen.takes_over(partij, on=on):
        message = (
            f"{naam} staat niet in het register als andere partij die een casus kan overnemen; een gemeente of Veilig "
            "Thuis neemt over langs de overdracht en de terugkoppeling"
        )
        return invalid(Problem("partij", message))
    return None


def passed_on(toezicht: Toezicht) -> Feit | None:
    """The melding by which the meldpunt asks Veilig Thuis to take over; nothing where it did not, or nothing is left to."""
    happened = {feit.anker: feit for feit in toezicht.feiten}
    over = Anker.MELDPUNTMELDING_OVERGENOMEN in happened or Anker.CASUS_GESLOTEN in happened
    return None if over or Anker.MELDPUNTMELDING_ONTVANGEN not in happened else happened.get(Anker.MELDING_ONTVANGEN)
