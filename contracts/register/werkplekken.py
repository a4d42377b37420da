"""As whom somebody can work who signed in: at which organisation, as which of its people, in which roles."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from contracts.afspraken.ankers import Rol
from contracts.messages.notifier import Notificatiekanaal
from contracts.register.aanmelding import E_MAIL, Aanmelding
from contracts.register.model import Organisatie, Persoon
from contracts.register.register import NietInRegister, Register
from contracts.register.vervanging import Medewerker, find_medewerker, works_as


@dataclass(frozen=True, slots=True)
class Werkplek:
    """A person at an organisation. `te_zwak` are the roles for which this sign-in is not strong enough."""

    partij: str
    persoon: str
    rollen: frozenset[Rol]
    te_zwak: frozenset[Rol]


@dataclass(frozen=True, slots=True)
class Aanmelder:
    """A provider as organisations share it: the first of them says how it is reached."""

    aanmelding: Aanmelding
    naam: str
    organisaties: tuple[str, ...] = ()
    """Whose people sign in there."""

    @property
    def sleutel(self) -> tuple[str, str]:
        """What makes two the same."""
        return (self.aanmelding.uitgever, self.aanmelding.client_id)

    def is_called(self, sought: str) -> bool:
        """Whether every word that somebody typed is in its name, or in that of an organisation."""
        names = [naam.casefold() for naam in (self.naam, *self.organisaties)]
        return any(all(word in naam for word in sought.casefold().split()) for naam in names)


def find_aanmelders(register: Register, *, on: date) -> tuple[Aanmelder, ...]:
    """Every provider by which people sign in on this day, by its name."""
    found: dict[tuple[str, str], Aanmelder] = {}
    for _, organisatie in _organisaties(register, on):
        if organisatie.aanmelding is not None:
            new = Aanmelder(organisatie.aanmelding, organisatie.aanmelding.naam or organisatie.naam)
            known = found.get(new.sleutel, new)
            found[new.sleutel] = replace(known, organisaties=(*known.organisaties, organisatie.naam))
    return tuple(sorted(found.values(), key=lambda aanmelder: aanmelder.naam))


def find_werkplekken(
    register: Register, sleutel: tuple[str, str], kenmerken: dict[str, str], *, acr: str | None, on: date
) -> tuple[Werkplek, ...]:
    """As whom somebody can work whom this provider says these things of; none where the register knows nobody so.

    `kenmerken` are its claims that are text. A person without a role on this day is not given. Who replaces somebody of
    another organisation works there too, signed in as at home.
    """
    found: list[Werkplek] = []
    for code, organisatie in _organisaties(register, on):
        aanmelding = organisatie.aanmelding
        if aanmelding is None or (aanmelding.uitgever, aanmelding.client_id) != sleutel:
            continue
        said = kenmerken.get(aanmelding.kenmerk)
        for persoon in organisatie.personen:
            if said is not None and aanmeldkenmerk(persoon, aanmelding.kenmerk) == said.casefold():
                who = Medewerker(code, persoon)
                found += [_werkplek(register, place, who, acr, on) for place in _organisaties(register, on)]
    return tuple(werkplek for werkplek in found if werkplek.rollen or werkplek.te_zwak)


def find_rollen(
    register: Register, partij: str, persoon: str, *, acr: str | None, by_provider: bool, on: date
) -> frozenset[Rol]:
    """The roles in which this person can work at this organisation on this day.

    Without a provider (an emergency link) it is not asked how strongly somebody signed in.
    """
    try:
        who = find_medewerker(register, partij, persoon, on)
        if who is None:
            return frozenset()
        werkplek = _werkplek(register, (partij, register.organisatie(partij, on=on)), who, acr, on)
    except NietInRegister:
        return frozenset()
    return werkplek.rollen if by_provider else werkplek.rollen | werkplek.te_zwak


def filled_roles(register: Register, partij: str, *, on: date) -> frozenset[Rol]:
    """The roles in which somebody works at this organisation on this day."""
    return frozenset(
        bezetting.rol
        for code, organisatie in _organisaties(register, on)
        if code == partij
        for bezetting in organisatie.rollen
    )


def find_people(register: Register, naam: str, *, on: date) -> tuple[tuple[str, str], ...]:
    """Everybody with a role on this day who is called so or has this mail address: code of the party, and name."""
    said = naam.strip().casefold()
    return tuple(
        (code, persoon.naam)
        for code, organisatie in _organisaties(register, on)
        for persoon in organisatie.personen
        if said in {persoon.naam.casefold(), str(persoon.adressen.get(Notificatiekanaal.E_MAIL, "")).casefold()}
        and any(works_as(register, code, bezetting, Medewerker(code, persoon), on) for bezetting in organisatie.rollen)
    )


def aanmeldkenmerk(persoon: Persoon, kenmerk: str) -> str | None:
    """By what a provider knows this person, without regard to capitals."""
    said = persoon.aanmeldnaam or (persoon.adressen.get(Notificatiekanaal.E_MAIL) if kenmerk == E_MAIL else None)
    return None if said is None else said.casefold()


def _werkplek(
    register: Register, place: tuple[str, Organisatie], who: Medewerker, acr: str | None, on: date
) -> Werkplek:
    """Who replaces somebody works in the roles of both: messages for the one go to the other.

    How strongly somebody signed in is said by the provider of their own organisation, and judged by that.
    """
    code, organisatie = place
    rollen = frozenset(
        bezetting.rol for bezetting in organisatie.rollen if works_as(register, code, bezetting, who, on)
    )
    aanmelding = register.organisatie(who.partij, on=on).aanmelding
    admitted = rollen if aanmelding is None else frozenset(rol for rol in rollen if aanmelding.admits(rol, acr))
    return Werkplek(code, who.persoon.naam, admitted, rollen - admitted)


def _organisaties(register: Register, on: date) -> Iterator[tuple[str, Organisatie]]:
    yield from ((gemeente.code, gemeente) for gemeente in register.gemeenten(on))
    yield from ((partij.code, partij) for partij in register.partijen())
