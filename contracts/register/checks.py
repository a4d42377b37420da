"""What must hold between the tables of a register, checked on the tables as they are written.

A table with a wrong field still takes part, so that one reading names everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, TypeAlias, cast

from contracts.messages.notifier import Doelgroep
from contracts.register.aanmelding import E_MAIL
from contracts.register.model import Partijsoort
from contracts.register.velden import split_naam
from contracts.toml_plaats import Pad

Complaint: TypeAlias = tuple[Pad, str]
"""Where something is wrong, and what."""


@dataclass(frozen=True, slots=True)
class Tabel:
    """One table of the file, at its place."""

    pad: Pad
    inhoud: Mapping[str, Any]

    def text(self, key: str) -> str | None:
        value = self.inhoud.get(key)
        return value.strip() if isinstance(value, str) else None

    def day(self, key: str, default: date) -> date:
        value = self.inhoud.get(key)
        return value if type(value) is date else default

    def tables(self, key: str) -> tuple["Tabel", ...]:
        return tables(self.inhoud, key, self.pad)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.inhoud.get(key)
        items = cast("list[Any]", value) if isinstance(value, list) else []
        return tuple(item.strip() for item in items if isinstance(item, str))

    @property
    def title(self) -> str:
        return self.text("naam") or self.text("code") or "deze tabel"


def tables(inhoud: Mapping[str, Any], key: str, pad: Pad = ()) -> tuple[Tabel, ...]:
    """The tables under a key; what is no table is left to the models."""
    value = inhoud.get(key)
    items = cast("list[Any]", value) if isinstance(value, list) else []
    numbered = enumerate(items)
    return tuple(
        Tabel((*pad, key, index), cast("dict[str, Any]", item)) for index, item in numbered if isinstance(item, dict)
    )


def check_register(*, gemeenten: Sequence[Tabel], partijen: Sequence[Tabel]) -> Iterator[Complaint]:
    """Everything that does not hold between the tables."""
    everybody = (*gemeenten, *partijen)
    for organisatie in everybody:
        yield from _check_people(organisatie, everybody)
        yield from _check_roles(organisatie)
        yield from _check_roosters(organisatie)
        yield from _check_sign_in(organisatie)
    for gemeente in gemeenten:
        yield from _check_twice(gemeente.tables("team"), "code")
        yield from _check_inkoop(gemeente, partijen)
    yield from _check_twice(partijen, "code")
    yield from _check_validity(gemeenten)
    yield from _check_successors(gemeenten)
    yield from _check_oins((*gemeenten, *partijen))
    yield from _check_regions(gemeenten, partijen)


def _check_people(organisatie: Tabel, everybody: Sequence[Tabel]) -> Iterator[Complaint]:
    personen = organisatie.tables("persoon")
    known = {persoon.text("naam") for persoon in personen}
    yield from _check_twice(personen, "naam")
    for persoon in personen:
        vervanger = persoon.text("vervanger")
        if vervanger is None:
            continue
        elders, naam = split_naam(vervanger)
        if vervanger == persoon.text("naam"):
            wrong = "iemand kan zichzelf niet vervangen"
        elif elders is not None:
            wrong = _wrong_elsewhere(organisatie, elders, naam, everybody)
        else:
            wrong = "" if vervanger in known else f"{vervanger} {_unknown_person(organisatie)}"
        if wrong:
            yield (*persoon.pad, "vervanger"), wrong


def _wrong_elsewhere(organisatie: Tabel, elders: str, naam: str, everybody: Sequence[Tabel]) -> str:
    """Somebody of another organisation works here under their own name, which nobody here has then."""
    others = [other for other in everybody if other.text("code") == elders]
    if elders == organisatie.text("code"):
        return f"schrijf {naam} zonder {elders}: dat is een collega"
    if not others:
        return f"partij {elders} staat niet in het register"
    if not any(persoon.text("naam") == naam for other in others for persoon in other.tables("persoon")):
        return f"{naam} staat niet als persoon bij {others[0].title}"
    if any(persoon.text("naam") == naam for persoon in organisatie.tables("persoon")):
        return f"ook hier heet iemand {naam}; wie van een ander vervangt, werkt hier onder de eigen naam"
    return ""


def _check_inkoop(gemeente: Tabel, partijen: Sequence[Tabel]) -> Iterator[Complaint]:
    """A role is bought from a party of the register."""
    known = {partij.text("code") for partij in partijen}
    for place in (gemeente, *gemeente.tables("team")):
        bought = place.inhoud.get("ingekocht_bij")
        for rol, partij in (cast("dict[str, Any]", bought) if isinstance(bought, dict) else {}).items():
            if partij not in known:
                yield (*place.pad, "ingekocht_bij", rol), f"partij {partij} staat niet in het register"


def _check_roles(organisatie: Tabel) -> Iterator[Complaint]:
    known = {persoon.text("naam") for persoon in organisatie.tables("persoon")}
    teams = {team.text("code") for team in organisatie.tables("team")}
    for rol in organisatie.tables("rol"):
        for index, naam in enumerate(rol.texts("personen")):
            if naam not in known:
                yield (*rol.pad, "personen", index), f"{naam} {_unknown_person(organisatie)}"
        team = rol.text("team")
        if team is not None and team not in teams:
            yield (*rol.pad, "team"), f"{organisatie.title} heeft geen team {team}"


def _check_roosters(organisatie: Tabel) -> Iterator[Complaint]:
    """A rota is about a role as it stands there, and names only people who are in it: the others could do nothing."""
    filled: dict[tuple[str | None, ...], set[str]] = {}
    for rol in organisatie.tables("rol"):
        filled.setdefault(_plek(rol), set()).update(rol.texts("personen"))
    for rooster in organisatie.tables("rooster"):
        people = filled.get(_plek(rooster))
        if people is None:
            yield (
                (*rooster.pad, "rol"),
                f"{organisatie.title} heeft deze rol zo niet: rol, team en doelgroep zijn dezelfde",
            )
            continue
        for shift in (*rooster.tables("dienst"), *rooster.tables("afwijking")):
            for index, naam in enumerate(shift.texts("personen")):
                if naam not in people:
                    yield (*shift.pad, "personen", index), f"{naam} heeft deze rol niet"


def _plek(table: Tabel) -> tuple[str | None, ...]:
    return table.text("rol"), table.text("team"), table.text("doelgroep") or Doelgroep.ALLE.value


def _check_sign_in(organisatie: Tabel) -> Iterator[Complaint]:
    """Whoever signs in is one person of the organisation, and nobody shares that name with a colleague."""
    aanmelding = organisatie.inhoud.get("aanmelding")
    if not isinstance(aanmelding, dict):
        return
    by_mail = cast("dict[str, Any]", aanmelding).get("kenmerk", E_MAIL) == E_MAIL
    seen: dict[str, str | None] = {}
    for persoon in organisatie.tables("persoon"):
        field = "aanmeldnaam" if persoon.text("aanmeldnaam") is not None else "e_mail"
        said = persoon.text(field) if field == "aanmeldnaam" or by_mail else None
        if said is None:
            continue
        if said.casefold() in seen:
            yield (
                (*persoon.pad, field),
                f"hiermee meldt {seen[said.casefold()]} zich al aan; geef ieder een aanmeldnaam",
            )
        seen.setdefault(said.casefold(), persoon.text("naam"))


def _unknown_person(organisatie: Tabel) -> str:
    return f"staat niet als [[{organisatie.pad[0]}.persoon]] bij {organisatie.title}"


def _check_twice(items: Sequence[Tabel], field: str) -> Iterator[Complaint]:
    seen: set[str] = set()
    for item in items:
        value = item.text(field)
        if value is not None and value in seen:
            yield (*item.pad, field), f"{value} staat er twee keer in"
        elif value is not None:
            seen.add(value)


def _check_validity(gemeenten: Sequence[Tabel]) -> Iterator[Complaint]:
    """The same gemeente may stand in the register twice, for periods that follow each other."""
    for first, second in combinations(gemeenten, 2):
        code = second.text("code")
        if code is not None and first.text("code") == code and _overlap(first, second):
            yield (*second.pad, "code"), f"{code} staat er twee keer in voor dezelfde dagen"


def _check_successors(gemeenten: Sequence[Tabel]) -> Iterator[Complaint]:
    """Whoever goes on with the cases of a gemeente is there on the day that it ends, and leads to no circle."""
    for gemeente in gemeenten:
        opvolger = gemeente.text("opvolger")
        if opvolger is None:
            continue
        ends = gemeente.day("geldig_tot", date.max)
        there = [
            other
            for other in gemeenten
            if other.text("code") == opvolger
            and other.day("geldig_van", date.min) <= ends < other.day("geldig_tot", date.max)
        ]
        if not there:
            yield (*gemeente.pad, "opvolger"), f"{opvolger} staat op die dag niet in het register"


def _overlap(first: Tabel, second: Tabel) -> bool:
    starts = max(item.day("geldig_van", date.min) for item in (first, second))
    ends = min(item.day("geldig_tot", date.max) for item in (first, second))
    return starts < ends


def _check_oins(organisaties: Sequence[Tabel]) -> Iterator[Complaint]:
    owners: dict[str, Tabel] = {}
    for item in organisaties:
        oin = item.text("oin")
        if oin is None:
            continue
        owner = owners.setdefault(oin, item)
        if owner.text("code") != item.text("code"):
            yield (*item.pad, "oin"), f"is ook het OIN van {owner.title}"


def _check_regions(gemeenten: Sequence[Tabel], partijen: Sequence[Tabel]) -> Iterator[Complaint]:
    """A region exists when exactly one Veilig Thuis serves it."""
    centres = [partij for partij in partijen if partij.text("soort") == Partijsoort.VEILIG_THUIS]
    known: set[str] = set()
    for partij in centres:
        regio = partij.text("regio")
        if regio is not None and regio in known:
            yield (*partij.pad, "regio"), f"regio {regio} heeft al een Veilig Thuis"
        elif regio is not None:
            known.add(regio)
    choices = " of ".join(sorted(known)) or "geen, want er staat geen Veilig Thuis in het register"
    for item in (*gemeenten, *partijen):
        regio = item.text("regio")
        if regio is not None and regio not in known:
            yield (*item.pad, "regio"), f"onbekende regio {regio}; bekend: {choices}"
