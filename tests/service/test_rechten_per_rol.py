"""Who gets in as a person: every operation, for every role at the party, in every relation of that party to the case.

What is right follows from what the party gets (`rechten.txt`) and from the principles below, which say in words who does
what; the table of the product is not asked. What is refused leaves nothing behind.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from contracts.afspraken import Rol
from tests.fakes.rechtenhuis import BEHEER, NERGENS, RELATIES, VT, VT_ELDERS, Geval, Huis, open_huis
from tests.service.test_rechten import ABOUT_PEOPLE, AGAIN, LISTS, call, is_listed, read_table

pytestmark = [pytest.mark.anyio, pytest.mark.database]

VT_ROLLEN = frozenset({Rol.TRIAGIST, Rol.COORDINATOR, Rol.GEDRAGSWETENSCHAPPER, Rol.LEIDINGGEVENDE})
TEAM = frozenset({Rol.TEAMCOORDINATOR, Rol.COORDINATOR, Rol.GEDRAGSWETENSCHAPPER, Rol.LEIDINGGEVENDE})
MELDPUNT = frozenset({Rol.MELDPUNTMEDEWERKER})
GEMEENTE = frozenset({Rol.GEMEENTE_AMBTELIJK, Rol.GEMEENTE_BESTUURLIJK})
BELEID = frozenset({Rol.BELEIDSMEDEWERKER})
HUB = frozenset({Rol.BEHEERDER})
PROFESSIONALS = VT_ROLLEN | TEAM
IEDEREEN = frozenset(Rol)


class Principe(NamedTuple):
    """In words, which operations it is about, and who."""

    woorden: str
    gaat_over: str
    wie: frozenset[Rol]


PRINCIPES = (
    Principe(
        "een systeem meldt zaken en teruggekomen mail",
        r"POST (/overdracht/v1/notificaties|\S+/onbestelbare-mails)",
        frozenset(),
    ),
    Principe("de werkplek is er voor iedereen", r"GET /", IEDEREEN),
    Principe("rekenen en signalen volgen", r"GET \S+/termijnberekeningen", IEDEREEN),
    Principe(
        "cijfers zijn voor wie stuurt en voor beleid",
        r"GET (/cijfers|/cijfers\.csv|\S+/kerncijfers)",
        frozenset({Rol.COORDINATOR, Rol.LEIDINGGEVENDE}) | GEMEENTE | BELEID,
    ),
    Principe("de beheerder volgt geen signalen", r"GET \S+/signalen", IEDEREEN - HUB),
    Principe(
        "beleid leest geen casussen",
        r"GET (/casus/\S+|/casussen|/monitoring/v1/casussen/\S+|\S+/escalaties)",
        IEDEREEN - BELEID,
    ),
    Principe(
        "de gemeente zelf leest geen lijsten van casussen",
        r"GET \S+/(termijnen|monitormomenten)",
        PROFESSIONALS | MELDPUNT | HUB,
    ),
    Principe("wie verstuurde berichten ziet", r"GET \S+/notificaties", PROFESSIONALS | HUB),
    Principe(
        "het meldpunt kent de status van wat het aannam",
        r"GET \S+/meldpuntmeldingen/\S+",
        PROFESSIONALS | MELDPUNT,
    ),
    Principe(
        "wie teruggekomen mail leest, beoordeelt haar ook",
        r"\S+ \S+/(retourbrief|retourbeoordelingen)",
        frozenset({Rol.TRIAGIST, Rol.COORDINATOR}),
    ),
    Principe("over mensen leest alleen wie met mensen werkt", r"GET /(triage|overdracht)/\S+", PROFESSIONALS),
    Principe("het meldpunt neemt meldpuntmeldingen aan", r"POST \S+/meldpuntmeldingen", MELDPUNT | {Rol.COORDINATOR}),
    Principe("overnemen", r"POST \S+/meldpuntmeldingen/\S+/overnames", PROFESSIONALS | MELDPUNT),
    Principe(
        "Veilig Thuis neemt aan",
        r"POST \S+/(meldingen|adviesvragen|bijlagen)",
        frozenset({Rol.TRIAGIST, Rol.COORDINATOR}),
    ),
    Principe(
        "een signaal stelt op wie de gemeente informeert, ook beleid",
        r"POST \S+/casussen/\S+/signalen",
        frozenset({Rol.COORDINATOR, Rol.LEIDINGGEVENDE}) | BELEID,
    ),
    Principe(
        "en afgeven doet beleid niet",
        r"POST \S+/signalen/\S+/verzendingen",
        frozenset({Rol.COORDINATOR, Rol.LEIDINGGEVENDE}),
    ),
    Principe("de gemeente zelf antwoordt", r"POST \S+/signalen/\S+/antwoorden", GEMEENTE),
    Principe("een escalatie behandelt wie zij roept", r"POST \S+/escalaties/\S+", PROFESSIONALS | GEMEENTE),
    Principe(
        "aan het team is het om te antwoorden",
        r"POST \S+/(ontvangstbevestigingen|terugkoppelingen|weigeringen|capaciteitssignalen|plannen|verdelingen)",
        TEAM,
    ),
    Principe("intrekken kan ook wie bij het meldpunt aanbood", r"POST \S+/intrekkingen", PROFESSIONALS | MELDPUNT),
    Principe("de beheerder laat opnieuw aanbieden", r"POST \S+/afleveringen", PROFESSIONALS | HUB),
    Principe(
        "informeren doet niet wie er alleen over adviseert",
        r"POST /overdracht\S+/informeringen",
        PROFESSIONALS - {Rol.GEDRAGSWETENSCHAPPER},
    ),
    Principe("samenwerken", r"POST \S+/(eerste-contacten|contacten)", PROFESSIONALS),
    Principe("over een melding beslist Veilig Thuis", r"POST (/triage/\S+|\S+/samenwerkingen)", VT_ROLLEN),
    Principe("sluiten doet niet wie alleen aanneemt", r"POST \S+/afsluitingen", PROFESSIONALS),
    Principe("de loop van een casus", r"POST /monitoring/\S+", PROFESSIONALS | MELDPUNT),
)
BIJ_GEMEENTE = TEAM | GEMEENTE | BELEID
BIJ_VT = VT_ROLLEN | BELEID
BIJ_KETEN = frozenset({Rol.COORDINATOR, Rol.LEIDINGGEVENDE, Rol.GEDRAGSWETENSCHAPPER})
OPEN = ("/bevestigen/", "/sleutels")
"""What hangs on a link, or is for anybody."""
MERGED = {"opvolger", "opgevolgd"}
"""Which party a case is with by now is decided before any role is looked at."""
RELATIES_VAN_MENSEN = [name for name in RELATIES if not name.startswith("geen-") and name not in MERGED]


def roles_at(partij: str) -> frozenset[Rol]:
    if partij == BEHEER:
        return HUB
    if partij.startswith("GM"):
        return BIJ_GEMEENTE
    if partij in {VT, VT_ELDERS}:
        return BIJ_VT
    return BIJ_KETEN | MELDPUNT if partij.startswith("meldpunt") else BIJ_KETEN


def principe(operation: str) -> Principe:
    named = " ".join(operation.split())
    return next(found for found in PRINCIPES if re.fullmatch(found.gaat_over, named))


def test_every_operation_is_under_a_principle_and_every_principle_about_an_operation() -> None:
    used = {principe(name).woorden for name in read_table() if not any(part in name for part in OPEN)}
    assert used == {found.woorden for found in PRINCIPES}


@pytest.fixture
async def huis(fresh_database: str) -> Any:
    async with open_huis(fresh_database) as huis:
        yield huis


@pytest.mark.parametrize("relatie", RELATIES_VAN_MENSEN)
async def test_every_operation_answers_every_role_in_this_relation_as_the_principles_say(
    huis: Huis, relatie: str
) -> None:
    geval = await RELATIES[relatie](huis)
    cells = {
        operation: row[relatie]
        for operation, row in read_table().items()
        if not any(part in operation for part in OPEN)
    }
    wrong: dict[str, str] = {}
    before = await huis.written()
    for rol in sorted(roles_at(geval.wie)):
        for operation, cell in cells.items():
            if rol in principe(operation).wie and cell != "403" and _writes(operation, cell):
                continue
            seen, said = await _try(huis, geval, operation, rol)
            expected = _expected(operation, cell, rol)
            if seen != expected:
                wrong[f"{rol.value} {operation}"] = f"{seen}, not {expected}"
            assert not said or _names_who_may(said, operation), said
    assert wrong == {}
    assert await huis.written() == before, "what was refused left something behind"
    for rol in sorted(roles_at(geval.wie)):
        for operation, cell in cells.items():
            if rol in principe(operation).wie and _writes(operation, cell):
                seen, said = await _try(huis, replace(geval, ids={}, dienst=NERGENS), operation, rol)
                if said or (seen == "403" and cell != "403"):
                    wrong[f"{rol.value} {operation}"] = f"{seen} where its party gets {cell}"
    assert wrong == {}


def _writes(operation: str, cell: str) -> bool:
    return operation.startswith("POST") and cell.removesuffix(AGAIN) in {"201", "303"}


def _expected(operation: str, cell: str, rol: Rol) -> str:
    """What its party gets, or no; nobody called the gemeente itself, so it sees no case and handles no escalatie."""
    cell = cell.removesuffix(AGAIN)
    if rol not in principe(operation).wie:
        return "403"
    if rol in GEMEENTE and not any(part in operation for part in ("signalen", "termijnberekeningen", "cijfers")):
        return {"+": "-", "200": "404", "201": "404"}.get(cell, cell)
    return "-" if (rol in BELEID and operation == "GET  /") or (rol in BELEID and operation == "GET /") else cell


async def _try(huis: Huis, geval: Geval, operation: str, rol: Rol) -> tuple[str, str]:
    """The cell, and what is said where the role does not allow it."""
    method, path = operation.split()
    answer = await call(huis, replace(geval, wie=f"{geval.wie}/{rol.value}"), method, path)
    reads = geval.leest and rol in PROFESSIONALS
    assert reads or not any(name in answer.text for name in ABOUT_PEOPLE), f"{rol.value} {operation} tells of people"
    said = ""
    if answer.status_code == 403 and "rol-ontbreekt" in answer.text:
        said = str(answer.json()["detail"])
    if method != "GET" or path not in LISTS or answer.status_code != 200:
        return str(answer.status_code), said
    return ("+" if is_listed(geval, path, answer.text) else "-"), said


def _names_who_may(said: str, operation: str) -> bool:
    """A refusal says what the person is, and who may instead."""
    able = principe(operation).wie
    names: Mapping[bool, list[str]] = {True: [rol.label for rol in able], False: ["alleen een systeem"]}
    return said.startswith("U werkt hier als ") and any(name in said for name in names[bool(able)])
