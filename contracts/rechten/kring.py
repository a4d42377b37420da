"""Among which cases a party looks at all: those of its region, those that are its own, or everything.

For lists: the circle says where to look, the table what may be seen there.
"""

from dataclasses import dataclass
from datetime import date

from contracts.rechten.tabel import Daad, Relatie, may
from contracts.register import NietInRegister, Partijsoort, Register

HUB = "houvast"
"""The party that runs the hub."""


@dataclass(frozen=True, slots=True)
class Kring:
    """The cases of one region, or those under these codes of parties; everything where both are empty."""

    partijen: frozenset[str] | None = None
    regio: str | None = None


def kring_of(daad: Daad, partij: str, register: Register, *, on: date) -> Kring | None:
    """The circle in which this party may do this on this day; None where there is none.

    A gemeente is known by its own code and by those whose cases it goes on with.
    """
    if partij == HUB:
        return Kring() if may(daad, {Relatie.BEHEER}) else None
    try:
        known = register.partij(partij)
    except NietInRegister:
        codes = register.codes_of(partij, on=on)
        return Kring(partijen=codes) if codes else None
    if known.soort is not Partijsoort.VEILIG_THUIS:
        return Kring(partijen=frozenset({partij}))
    return Kring(regio=known.regio) if may(daad, {Relatie.VEILIG_THUIS}) else None


def is_veilig_thuis_of(partij: str, regio: str, register: Register) -> bool:
    """Whether this party is the Veilig Thuis of this region."""
    try:
        known = register.partij(partij)
    except NietInRegister:
        return False
    return known.soort is Partijsoort.VEILIG_THUIS and known.regio == regio
