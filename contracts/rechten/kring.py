"""Among which cases a party looks at all: those of its region, those that are its own, or everything.

For lists: the circle says where to look, the table what may be seen there.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from contracts.afspraken.ankers import Rol
from contracts.rechten.rollen import ROL_MAG, STAAT_IN, may
from contracts.rechten.tabel import Daad, Relatie
from contracts.register import NietInRegister, Partijsoort, Register

HUB = "houvast"
"""The party that runs the hub."""


@dataclass(frozen=True, slots=True)
class Kring:
    """The cases of one region, or those under these codes of parties; everything where both are empty.

    `geroepen`: of those of its parties only the cases in which these roles at the gemeente itself are called, told or
    addressed (`GEROEPEN_ALS`).
    """

    partijen: frozenset[str] | None = None
    regio: str | None = None
    geroepen: frozenset[Rol] = frozenset()


def kring_of(
    daad: Daad, partij: str, register: Register, *, on: date, rollen: Collection[Rol] | None = None
) -> Kring | None:
    """The circle in which this party may do this on this day, or its person in these roles; None where there is none.

    A gemeente is known by its own code and by those whose cases it goes on with.
    """
    if rollen is None:
        return _kring_of_party(daad, partij, register, on)
    able = [rol for rol in rollen if daad in ROL_MAG[rol]]
    found = _kring_of_party(daad, partij, register, on) if able else None
    if found is None or found.partijen is None or any(_LOOKS & STAAT_IN[rol] for rol in able):
        return found
    return replace(found, geroepen=frozenset(able))


_LOOKS = frozenset({Relatie.ONTVANGER, Relatie.INFORMEERT})
"""Who stands in one of these looks among all that its party has."""


def _kring_of_party(daad: Daad, partij: str, register: Register, on: date) -> Kring | None:
    if partij == HUB:
        return Kring() if may(daad, {Relatie.BEHEER}) else None
    try:
        known = register.partij(partij)
    except NietInRegister:
        codes = register.codes_of(partij, on=on)
        return Kring(partijen=codes) if codes else None
    if known.soort is not Partijsoort.VEILIG_THUIS:
        return Kring(partijen=frozenset({partij}))
    return Kring(regio=known.regio) if may(daad, {Relatie.VEILIG_THUIS, Relatie.PARTIJ}) else None


def is_veilig_thuis_of(partij: str, regio: str, register: Register) -> bool:
    """Whether this party is the Veilig Thuis of this region."""
    try:
        known = register.partij(partij)
    except NietInRegister:
        return False
    return known.soort is Partijsoort.VEILIG_THUIS and known.regio == regio


def standing_outside(partij: str, register: Register) -> frozenset[Relatie]:
    """How this party stands to what is done outside any case, by what it is."""
    if partij == HUB:
        return frozenset({Relatie.BEHEER})
    try:
        soort = register.partij(partij).soort
    except NietInRegister:
        return frozenset({Relatie.PARTIJ})
    return frozenset({Relatie.PARTIJ, *_BY_KIND.get(soort, ())})


_BY_KIND = {Partijsoort.VEILIG_THUIS: (Relatie.VEILIG_THUIS,), Partijsoort.MELDPUNT: (Relatie.MELDPUNT,)}
