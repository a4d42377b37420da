"""The people of the register as the hub lets them in: their roles now, and what their party may do."""

from collections.abc import Callable
from datetime import date

from contracts.afspraken import local_date
from contracts.rechten import HUB
from contracts.register import Register
from contracts.register.werkplekken import filled_roles, find_rollen
from services.runtime.access.sessions import RolesNow
from services.runtime.access.tokens import Scope, default_scopes
from services.runtime.process.clock import Klok


def kind_of(register: Register, partij: str) -> str:
    """What kind of caller a party is, for the scopes that it has. Raises `LookupError` for one that is not known."""
    if partij == HUB:
        return "beheer"
    return "gemeente" if partij.startswith("GM") else register.partij(partij).soort.value


def scopes_of(register: Register, partij: str) -> frozenset[Scope]:
    """What the people of a party may at most do."""
    return default_scopes(kind_of(register, partij))


def today_by(klok: Klok) -> Callable[[], date]:
    """The day it is in Europe/Amsterdam by this clock, each time that it is asked."""
    return lambda: local_date(klok.now())


def roles_now(register: Register, klok: Klok) -> RolesNow:
    """The roles of a person as the register has them on the day that it is."""

    def roles(partij: str, persoon: str, *, acr: str | None, by_provider: bool) -> frozenset[str]:
        found = find_rollen(register, partij, persoon, acr=acr, by_provider=by_provider, on=local_date(klok.now()))
        return frozenset(rol.value for rol in found)

    return roles


def colleagues_now(register: Register, klok: Klok) -> Callable[[str], frozenset[str]]:
    """The roles that are filled at a party on the day that it is."""
    return lambda partij: frozenset(rol.value for rol in filled_roles(register, partij, on=local_date(klok.now())))
