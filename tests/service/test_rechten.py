"""Who gets in: every operation of every service, for every relation to the case, as `rechten.txt` says.

The operations are those of the routers, so one without a row fails. A cell is the status of the answer; in a list it is
`+` where the case stands in it and `-` where it does not; `=` behind it where nothing happens, because it was done
before. What is refused leaves nothing behind.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from contracts.messages.topics import Service
from tests.fakes.rechtenhuis import DOOR, GOIRLE, NERGENS, RELATIES, START, Geval, Huis, open_huis
from tests.unit.triage.road import example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

TABLE = Path(__file__).with_name("rechten.txt")
BASES = {
    Service.TRIAGE: "/triage/v1",
    Service.HANDOVER: "/overdracht/v1",
    Service.MONITORING: "/monitoring/v1",
    Service.NOTIFIER: "/notificaties/v1",
}
BRIEVEN = ("overdracht", "betrokkenen-met-document")
ABOUT_PEOPLE = ("Femke", "Denkbeeld", "Singel", "glasgerinkel")
IN_DIENST = ("/triage/v1/casussen/", "/overdracht/v1/casussen/{id}/samenwerkingen")
LISTS = {
    "/triage/v1/meldingen": "",
    "/overdracht/v1/overdrachten": "?limiet=500",
    "/overdracht/v1/gebeurtenissen": "?limiet=500",
    "/overdracht/v1/samenwerkingen": "",
    "/monitoring/v1/termijnen": "?limiet=500",
    "/monitoring/v1/escalaties": "",
    "/monitoring/v1/monitormomenten": "",
    "/monitoring/v1/signalen": "",
    "/notificaties/v1/notificaties": "?limiet=500",
    "/": "?zoek={casus}",
    "/casussen": "?zoek={casus}",
}
"""Lists, and how to see all of them; what is looked for is the case, or what `SOUGHT` names. A page repeats what was
searched, so there a link to the case is looked for.
"""
SOUGHT = {"/overdracht/v1/samenwerkingen": "samenwerkingen", "/monitoring/v1/signalen": "signalen"}
AGAIN = "="
MEDEWERKER = {"medewerker.naam": "Robin Zandbak", "medewerker.functie": "medewerker"}
BODIES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "meldingen": ("melding", {"gemeente": GOIRLE}),
    "feiten": ("feiten", {}),
    "triagebesluiten": ("triagebesluit", {"ontvangers": [{"gemeente": GOIRLE}]}),
    "adviesvragen": ("adviesvraag", {"gemeente": GOIRLE}),
    "diensten": ("dienst", {}),
    "afrondingen": ("afronding", {"ontvangers": [{"gemeente": GOIRLE}]}),
    "overdrachtsgesprekken": ("overdrachtsgesprek", {"op": START.isoformat()}),
    "meldpuntmeldingen": ("meldpuntmelding", {"gemeente": GOIRLE}),
    "samenwerkingen": ("samenwerking", {"gemeente": GOIRLE, "team": None}),
    "capaciteitssignalen": ("capaciteitssignaal", {}),
    "eerste-contacten": ("eerste-contact", {}),
    "contacten": ("contact", {}),
    "meningsverschillen": ("meningsverschil", {}),
    "uitkomsten": ("monitoruitkomst", {"volgendeOp": "2026-12-01T12:00:00+01:00"}),
    "inplanningen": ("oppakking", {"ingeplandVoor": "2026-04-01T12:00:00+02:00"}),
    "verzendingen": ("oppakking", {}),
    "opschalingen": ("oppakking", {}),
    "monitormomenten": ("monitormoment", {"geplandOp": "2026-10-01T12:00:00+02:00"}),
    "stagnatiestappen": ("stagnatiestap", {}),
    "dwangmaatregelen": ("dwangmaatregel", {}),
    "antwoorden": ("signaalantwoord", {}),
    "signalen": ("signaal", {}),
}
WRITTEN: Mapping[str, Any] = {
    "/triage/v1/meldingen/{id}/informeringen": {"medewerker": DOOR, "wijze": "telefoon"},
    "/overdracht/v1/overdrachten/{id}/informeringen": {"medewerker": DOOR, "wijze": "telefoon"},
    "/triage/v1/meldingen/{id}/hermeldingen": {"casusId": NERGENS, "oordeel": "gekoppeld", "medewerker": DOOR},
    "/overdracht/v1/overdrachten/{id}/retourbeoordelingen": {"uitkomst": "bezorgd", "medewerker": DOOR},
    "/overdracht/v1/overdrachten/{id}/plannen": {"medewerker": DOOR, "plannen": ["veiligheidsplan"]},
    "/triage/v1/meldpuntmeldingen/{id}/overnames": {},
    "/overdracht/v1/samenwerkingen/{id}/verdelingen": example("vbs-verdeling"),
    "/overdracht/v1/notificaties": {
        "kanaal": "test",
        "hoofdObject": "https://zaken.example/1",
        "resource": "test",
        "resourceUrl": "https://zaken.example/1",
        "actie": "test",
        "aanmaakdatum": START.isoformat(),
    },
}


def read_table() -> dict[str, dict[str, str]]:
    """The rows by operation, each cell by its relation."""
    header, *lines = (line.split() for line in TABLE.read_text("utf-8").splitlines() if line and line[0] != "#")
    rows = {" ".join(cells[:2]): dict(zip(header[1:], cells[2:], strict=True)) for cells in lines}
    assert len(rows) == len(lines), "a row stands there twice"
    return rows


def operations(huis: Huis) -> Iterator[str]:
    """Every operation that there is: of the four APIs, pages included, and of the regiebord."""
    for service, part in huis.parts.items():
        yield from _of(part.api, BASES[service])
    board = huis.parts[Service.MONITORING]
    assert board.app.build_pages is not None
    yield from _of(board.app.build_pages(board.hub), "")


def _of(router: Any, base: str) -> Iterator[str]:
    assert isinstance(router, FastAPI) or router.routes
    for route in router.routes:
        if (included := getattr(route, "original_router", None)) is not None:
            yield from _of(included, base)
        if not isinstance(route, APIRoute):
            continue
        path = base + route.path
        for method in sorted(route.methods):
            for soort in BRIEVEN if "{soort}" in path else ("",):
                yield f"{method} {path.replace('{soort}', soort)}"


@pytest.fixture
async def huis(fresh_database: str) -> Any:
    async with open_huis(fresh_database) as huis:
        yield huis


async def test_every_operation_has_its_row_and_every_row_its_operation(huis: Huis) -> None:
    table = read_table()
    assert set(table) == set(operations(huis))
    assert {relatie for row in table.values() for relatie in row} == set(RELATIES)


@pytest.mark.parametrize("relatie", RELATIES)
async def test_every_operation_answers_this_relation_as_the_table_says(huis: Huis, relatie: str) -> None:
    """What changes something is done in a case of its own; all the rest in one, which it leaves as it was."""
    geval = await RELATIES[relatie](huis)
    expected = {operation: row[relatie] for operation, row in read_table().items()}
    seen: dict[str, str] = {}
    before = await huis.written()
    for operation in (name for name in expected if not _changes(name, expected[name])):
        seen[operation] = await _try(huis, geval, operation)
    assert _differences(seen, expected) == {}
    assert await huis.written() == before, "what was refused left something behind"
    for operation in (name for name in expected if _changes(name, expected[name])):
        seen[operation] = await _try(huis, await RELATIES[relatie](huis), operation)
    assert _differences(seen, expected) == {}


def _differences(seen: Mapping[str, str], expected: Mapping[str, str]) -> dict[str, str]:
    return {
        operation: f"{cell}, not {expected[operation]}"
        for operation, cell in seen.items()
        if cell != expected[operation].removesuffix(AGAIN)
    }


def _changes(operation: str, cell: str) -> bool:
    return operation.startswith("POST") and cell in {"201", "303"}


async def _try(huis: Huis, geval: Geval, operation: str) -> str:
    method, path = operation.split()
    answer = await call(huis, geval, method, path)
    assert geval.leest or not any(name in answer.text for name in ABOUT_PEOPLE), f"{operation} tells of people"
    if method != "GET" or path not in LISTS or answer.status_code != httpx.codes.OK:
        return str(answer.status_code)
    return cell_of_list(path, geval, answer.text)


def cell_of_list(path: str, geval: Geval, text: str) -> str:
    """Whether what is looked for stands in this list."""
    sought = geval.ids[SOUGHT.get(path, "casus")]
    if "zoek" in LISTS[path]:
        sought = f"/casus/{sought}"
    return "+" if sought in text else "-"


async def call(huis: Huis, geval: Geval, method: str, path: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {geval.wie}"} if geval.wie else {}
    filled = fill(path, geval) + (LISTS.get(path, "").format(casus=geval.ids["casus"]) if method == "GET" else "")
    if method == "GET":
        query = "?start=2026-03-02T09:00:00Z&duur=2+dagen" if path.endswith("/termijnberekeningen") else ""
        return await huis.http.get(filled + query, headers=headers)
    if "/bevestigen/" in path:
        form = _form() if path.endswith("terugkoppeling") else {**MEDEWERKER, "code": "niet-passend"}
        return await huis.http.post(filled, data=form, headers=headers)
    if path.endswith("/bijlagen"):
        kinds = {"content-type": "text/plain", "content-disposition": "attachment; filename=verslag.txt"}
        return await huis.http.post(filled, content=b"Femke was thuis.", headers=headers | kinds)
    if path.endswith("/onbestelbare-mails"):
        return await huis.http.post(filled, content=b"", headers=headers | {"content-type": "message/rfc822"})
    return await huis.http.post(filled, json=body_of(path, huis.klok.now()), headers=headers)


def fill(path: str, geval: Geval) -> str:
    """The path with the ids of this case."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        if part in {"{besluitId}", "{bijlageId}", "{bijlage_id}"}:
            parts[place] = geval.ids.get("besluitId" if part == "{besluitId}" else "bijlageId", NERGENS)
        elif part.startswith("{"):
            parts[place] = geval.ids.get(parts[place - 1], NERGENS)
    if path.startswith(IN_DIENST):
        parts[4] = geval.dienst
    return "/".join(parts)


def body_of(path: str, now: datetime) -> Any:
    """What a system sends to this operation."""
    if path.endswith("/correcties"):
        right = (now - timedelta(minutes=10)).isoformat()
        return example("correctie", feit="overdracht-afgeleverd", op=right)
    if path in WRITTEN:
        return WRITTEN[path]
    name, changes = BODIES.get(path.rpartition("/")[2], (path.rpartition("/")[2].removesuffix("en"), {}))
    return example(name, **changes)


def _form() -> dict[str, Any]:
    body = example("terugkoppeling")
    afzender = {f"afzender.{name}": value for name, value in body["afzender"].items()}
    return {
        **{
            name: body[name]
            for name in ("criteria", "toelichting", "gedragsdeskundigeToelichting", "werkdagenAfzender")
        },
        "gedragsdeskundigeGeraadpleegd": "ja",
        **afzender,
    }
