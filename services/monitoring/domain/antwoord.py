"""How monitoring refuses, in words."""

from functools import partial

from contracts.messages.doorgegeven import GESLOTEN
from contracts.messages.envelope import Problem
from services.runtime.unit import outcomes
from services.runtime.unit.decision import Refused

_HET = frozenset({"signaal", "monitormoment"})
"""What is called `dit` and not `deze`."""

conflict = partial(outcomes.conflict, "Past niet bij de huidige toestand", code="conflict")
"""Understood, but it does not fit what has happened; every reason at once."""


CLOSED = outcomes.conflict("De casus is gesloten", GESLOTEN, code="gesloten")
"""Nothing begins in a closed case (AEF C)."""


def unknown(what: str) -> Refused:
    """It does not exist, or not for who asks."""
    this = "dit" if what in _HET else "deze"
    return not_found(f"{this} {what} bestaat niet, of is niet voor u")


def not_found(reason: str) -> Refused:
    """There is no answer to what was asked."""
    return Refused(404, "Niet gevonden", (Problem("$", reason),), code="niet-gevonden")


def not_theirs(reason: str, *, place: str = "$") -> Refused:
    """It is there for who asks, and for another to do."""
    return Refused(403, "Niet aan u", (Problem(place, reason),), code="niet-aan-u")


def invalid(*problems: Problem) -> Refused:
    """Not accepted, with every problem at once."""
    return Refused(400, "De aanvraag is niet geldig", problems, code="ongeldige-aanvraag")
