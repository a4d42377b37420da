"""Who steps in for somebody who is away or has left, also at another organisation, also where that person is away too."""

from dataclasses import dataclass
from datetime import date

from contracts.register.model import Persoon, Rolbezetting
from contracts.register.register import NietInRegister, Register
from contracts.register.velden import split_naam


@dataclass(frozen=True, slots=True)
class Medewerker:
    """A person, and of which party."""

    partij: str
    persoon: Persoon

    def is_called(self, partij: str, naam: str) -> bool:
        return (self.partij, self.persoon.naam) == (partij, naam)


@dataclass(frozen=True, slots=True)
class Vervanging:
    """Who is there instead: `keten` are the people who are not, the first of them who was meant.

    `er_is` is None where it ends with nobody: the last has no replacement, or, `in_kring`, one who was asked before.
    """

    er_is: Medewerker | None
    keten: tuple[Medewerker, ...]
    in_kring: bool = False


def find_vervanging(register: Register, partij: str, persoon: Persoon, on: date) -> Vervanging:
    """The person, or whoever replaces them, or whoever replaces those; people may replace each other."""
    keten: list[Medewerker] = []
    current: Medewerker | None = Medewerker(partij, persoon)
    while current is not None and not current.persoon.is_present(on):
        if any(current.is_called(seen.partij, seen.persoon.naam) for seen in keten):
            return Vervanging(None, tuple(keten), in_kring=True)
        keten.append(current)
        current = _vervanger(register, current, on)
    return Vervanging(current, tuple(keten))


def works_as(register: Register, partij: str, bezetting: Rolbezetting, medewerker: Medewerker, on: date) -> bool:
    """Whether this person fills a role of a party on this day: its own, or that of whom it replaces."""
    organisatie = register.organisatie(partij, on=on)
    people = [persoon for naam in bezetting.personen if (persoon := organisatie.persoon(naam)) is not None]
    if any(medewerker.is_called(partij, persoon.naam) and not persoon.has_left(on) for persoon in people):
        return True
    found = (find_vervanging(register, partij, persoon, on).er_is for persoon in people)
    return any(there is not None and medewerker.is_called(there.partij, there.persoon.naam) for there in found)


def find_medewerker(register: Register, partij: str, naam: str, on: date) -> Medewerker | None:
    """Who is called so at a party: one of its own people, or one of another who replaces somebody there."""
    organisatie = register.organisatie(partij, on=on)
    if (own := organisatie.persoon(naam)) is not None:
        return Medewerker(partij, own)
    found = (find_vervanging(register, partij, persoon, on).er_is for persoon in organisatie.personen)
    return next((there for there in found if there is not None and there.persoon.naam == naam), None)


def _vervanger(register: Register, medewerker: Medewerker, on: date) -> Medewerker | None:
    if medewerker.persoon.vervanger is None:
        return None
    elders, naam = split_naam(medewerker.persoon.vervanger)
    partij = elders or medewerker.partij
    try:
        found = register.organisatie(partij, on=on).persoon(naam)
    except NietInRegister:
        return None
    return None if found is None else Medewerker(partij, found)
