"""What the form of a person asks, of what there is to choose, and what whoever is signed in may not say in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from contracts.afspraken.ankers import Rol
from contracts.formulieren import choice_label
from contracts.messages.envelope import Problem
from contracts.rechten.geven import may_keep, roles_to_give
from contracts.register import Doelgroep, Gemeente, Organisatie, Persoon, Team
from contracts.register.mensen import GEDEELDE_VELDEN, PersoonInvoer
from contracts.register.velden import split_naam
from services.runtime.access.tokens import Caller
from services.runtime.http.forms.shapes import Shape, shape_of, without
from services.runtime.http.forms.views import Option

FIRST = ("naam", "e_mail", "teams", "rollen", "vervanger", "afwezig")
"""What is asked before the fold, in this order."""


@dataclass(frozen=True, slots=True)
class Plek:
    """Who acts, at which organisation, and about whom: None for somebody new."""

    wie: Caller
    organisatie: Organisatie
    persoon: Persoon | None = None

    @property
    def gives(self) -> frozenset[Rol]:
        return roles_to_give(self.wie.rollen_now or (), self.organisatie)

    @property
    def teams(self) -> tuple[Team, ...]:
        return self.organisatie.teams if isinstance(self.organisatie, Gemeente) else ()

    def keeps(self, naam: str) -> bool:
        """Whether who acts may change what stands there of this person."""
        return may_keep(self.wie.rollen_now or (), self.organisatie, naam)

    def in_use(self, veld: str) -> Sequence[str]:
        """What the organisation uses already of a channel whose address is a secret: nobody names another here."""
        return sorted({found for mens in self.organisatie.personen if (found := getattr(mens, veld)) is not None})


def asked_of(plek: Plek | None) -> tuple[Shape, Mapping[str, Sequence[Option]]]:
    """The form, without what there is nothing of to choose; and by place what can be chosen.

    Of nobody who is signed in, all of it.
    """
    if plek is None:
        return shape_of(PersoonInvoer), {}
    options: dict[str, Sequence[Option]] = {
        "rollen.rol": [Option(rol.value, _capital(rol.label)) for rol in Rol if rol in plek.gives],
        "rollen.team": [Option(team.code, team.naam) for team in plek.teams],
        "vervanger": [*_vervangers(plek)],
        **{veld: [Option(found, found) for found in plek.in_use(veld)] for veld in GEDEELDE_VELDEN},
    }
    nothing = frozenset(place for place, choices in options.items() if not choices)
    nothing |= {"rollen"} if "rollen.rol" in nothing else set[str]()
    return without(shape_of(PersoonInvoer), nothing), options


def _vervangers(plek: Plek) -> Iterator[Option]:
    """The colleagues, and who stands there already of another organisation: that is for the beheerder to change."""
    yield from (Option(mens.naam, mens.naam) for mens in plek.organisatie.personen if mens != plek.persoon)
    now = None if plek.persoon is None else plek.persoon.vervanger
    if now is not None and (elders := split_naam(now))[0] is not None:
        yield Option(now, f"{elders[1]} ({elders[0]})")


def not_allowed(plek: Plek, body: Mapping[str, Any]) -> Iterator[Problem]:
    """What may not be said by who acts, whatever the form offered."""
    for veld in GEDEELDE_VELDEN:
        if (said := body.get(veld)) is not None and said not in plek.in_use(veld):
            yield Problem(veld, "kies iets wat uw organisatie al gebruikt; iets nieuws zet de beheerder klaar")
    gives = {rol.value for rol in plek.gives}
    rollen = body.get("rollen", ())
    for index, item in enumerate(cast("Sequence[Any]", rollen if isinstance(rollen, list) else ())):
        rol = cast("Mapping[str, Any]", item).get("rol") if isinstance(item, dict) else None
        if rol in set(Rol) and rol not in gives:
            yield Problem(f"rollen.{index}.rol", "deze rol kunt u niet geven")


def body_of(persoon: Persoon, organisatie: Organisatie) -> dict[str, Any]:
    """What stands in the register of somebody, as the form has it."""
    known = persoon.model_dump(mode="json", exclude_none=True, include=set(PersoonInvoer.model_fields))
    rollen = [rol for rol in organisatie.rollen if persoon.naam in rol.personen]
    known["rollen"] = [rol.model_dump(mode="json", exclude_none=True, exclude={"personen"}) for rol in rollen]
    return known


def spoken_role(rol: Rol, team: str | None, doelgroep: Doelgroep, organisatie: Organisatie) -> str:
    """A role with what limits it, as it is read."""
    limits = [] if team is None else [organisatie.naam_of_team(team)]
    limits += [] if doelgroep is Doelgroep.ALLE else [choice_label("Doelgroep", doelgroep.value).lower()]
    return f"{rol.label} ({', '.join(limits)})" if limits else rol.label


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
