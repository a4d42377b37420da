"""Who fills a form in, and what the register lets them choose."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from contracts.rechten import HUB
from contracts.register import NietInRegister, Register
from services.runtime.access.tokens import Caller
from services.runtime.http.forms.shapes import Kind, Shape
from services.runtime.http.forms.views import Option

PROFESSIONAL = "Professional"
"""The model of somebody who takes responsibility."""


def with_myself(
    shape: Shape, body: Mapping[str, Any], wie: Caller, register: Register, *, een_ander: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The body with whoever is signed in as the one who acts: a name is asked once, when somebody signs in.

    Who is asked for at `een_ander` is somebody else, whom only a person can name.
    """
    me = _professional(wie, register)
    mine = {
        field.name: me
        for field in shape.inner
        if me and field.kind is Kind.GROUP and field.model == PROFESSIONAL and field.name not in {*body, *een_ander}
    }
    return {**body, **mine}


def choices_for(shape: Shape, wie: Caller | None, register: Register, *, on: date) -> Sequence[Option]:
    """What the register lets choose for a field of this name; nothing where it is no matter of the register."""
    match shape.name, shape.owner:
        case "gemeente", _:
            return _gemeenten(wie, register, on)
        case "team", _:
            return [
                Option(team.code, f"{gemeente.naam}: {team.naam}")
                for gemeente in _own_first(wie, register, on)
                for team in gemeente.teams
            ]
        case ("partij", _) | ("door", "OvernameInvoer"):
            beside_gemeenten = shape.owner == "OntvangerInvoer"
            itself = wie.partij if wie is not None and not shape.required else None  # what is left empty means itself
            parties = (party for party in register.partijen() if party.endpoint is not None or not beside_gemeenten)
            options = [Option(party.code, party.naam) for party in parties]
            if not beside_gemeenten:
                options += _gemeenten(wie, register, on)
            return [option for option in options if option.value not in {itself, HUB}]
        case "regio", _:
            return [Option(regio, register.veilig_thuis(regio).naam) for regio in register.regios()]
        case _:
            return ()


def _gemeenten(wie: Caller | None, register: Register, on: date) -> Sequence[Option]:
    return [Option(gemeente.code, gemeente.naam) for gemeente in _own_first(wie, register, on)]


def _own_first(wie: Caller | None, register: Register, on: date) -> Sequence[Any]:
    """Those of the own region before the others, each by name."""
    regio = None if wie is None else _regio_of(wie.partij, register, on)
    found = register.gemeenten(on)
    return sorted(found, key=lambda gemeente: (gemeente.regio != regio, gemeente.naam))


def _regio_of(partij: str, register: Register, on: date) -> str | None:
    try:
        return register.gemeente(partij, on=on).regio if partij.startswith("GM") else register.partij(partij).regio
    except NietInRegister:
        return None


def _professional(wie: Caller, register: Register) -> dict[str, str]:
    """A person of the register by name and role; nobody where a system calls."""
    if wie.persoon is None:
        return {}
    named = {"naam": wie.persoon, "organisatie": register.naam(wie.partij)}
    functie = wie.actor.functie
    return named if functie is None else named | {"functie": functie}
