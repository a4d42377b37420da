"""Who reads personal data is noted first (NEN 7513): every door of triage and handover, over HTTP and PostgreSQL."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pypdf
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.handover.domain.brieven import Briefsoort
from services.runtime.running import ServiceProcess
from tests.architecture.sources import python_sources
from tests.fakes.postkamer import GOIRLE, REGIO, VT, Postkamer, open_postkamer
from tests.fixtures.sleutels import destroy_key
from tests.unit.triage.road import example

ABOUT_PEOPLE = ("Femke", "999912008", "Singel", "glasgerinkel")
WHO = {"medewerker.naam": "Robin Zandbak", "medewerker.functie": "medewerker lokaal team"}
BY = VT[REGIO[GOIRLE]]
OPENS = ("SealerBatch", "load_keys", "CaseSealer(", "unwrap(")


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    async with open_postkamer(fresh_database, tmp_path) as kamer:
        yield kamer


def test_a_service_has_no_key_but_through_the_door_that_notes() -> None:
    """Outside the runtime nobody touches a key; what a handler or performer gets is the seal of its one case."""
    touching = [
        f"{source.name}: {word}"
        for service in ("triage", "handover", "monitoring", "notifier")
        for source in python_sources(f"services/{service}")
        for word in OPENS
        if word in source.text
    ]
    assert touching == []


@pytest.mark.anyio
@pytest.mark.database
async def test_every_answer_with_personal_data_was_noted_before_it_was_given(kamer: Postkamer) -> None:
    """Every route there is, called; those that showed something about people are exactly these."""
    link = await _hand_over_with_bijlage(kamer)
    token = link.rpartition("/")[2]
    showing: set[str] = set()
    for process, base in ((kamer.triage, "/triage/v1"), (kamer.handover, "/overdracht/v1")):
        for route, method in _routes(process.api):
            for path in await _filled(kamer, route.path, token):
                before = await _notes(process)
                answer = await _call(kamer, method, base + path)
                after = await _notes(process)
                if any(word in _text_of(answer) for word in ABOUT_PEOPLE):
                    showing.add(f"{method} {base}{route.path}")
                    assert len(after) == len(before) + 1, f"{method} {path} shows what nobody noted"
                    assert after[-1]["actor"].startswith((BY, GOIRLE))
                    assert not any(word in after[-1]["feiten"] for word in (*ABOUT_PEOPLE, "Zandbak"))
    assert showing == {
        "GET /triage/v1/meldingen/{id}",
        "GET /overdracht/v1/overdrachten/{id}",
        "GET /overdracht/v1/overdrachten/{id}/bijlagen/{bijlageId}",
        "GET /overdracht/v1/overdrachten/{id}/brieven/{soort}",
        "GET /overdracht/v1/overdrachten/{id}/document",
        "POST /overdracht/v1/bevestigen/{token}/bijlagen/{bijlage_id}",
        "POST /overdracht/v1/bevestigen/{token}/document",
    }


@pytest.mark.anyio
@pytest.mark.database
async def test_what_cannot_be_noted_is_not_shown(kamer: Postkamer, fresh_database: str) -> None:
    """The journal refuses the line: the caller gets an error and nothing about people."""
    await kamer.hand_over(GOIRLE)
    overdracht = (await kamer.overdracht(REGIO[GOIRLE]))["id"]
    (melding,) = await kamer.triage.hub.pool.fetch("select id from melding")
    connection = await asyncpg.connect(fresh_database)
    for schema in ("triage", "handover"):
        await connection.execute(
            f"alter table {schema}.journaal add constraint vol check (wat not like '%ingezien') not valid"
        )
    await connection.close()
    for path in (f"/triage/v1/meldingen/{melding['id']}", f"/overdracht/v1/overdrachten/{overdracht}"):
        answer = await _call(kamer, "GET", path)
        assert answer.status_code == 500, answer.text
        assert not any(word in answer.text for word in ABOUT_PEOPLE)


@pytest.mark.anyio
@pytest.mark.database
async def test_of_a_destroyed_case_nothing_is_read_and_so_nothing_noted(kamer: Postkamer, fresh_database: str) -> None:
    await kamer.hand_over(GOIRLE)
    (row,) = await kamer.triage.hub.pool.fetch("select id, casus_id from melding")
    connection = await asyncpg.connect(fresh_database)
    await destroy_key(connection, row["casus_id"], now=kamer.klok.now())
    await connection.close()
    answer = await _call(kamer, "GET", f"/triage/v1/meldingen/{row['id']}")
    assert answer.json()["vernietigd"] is True
    assert await _notes(kamer.triage) == []


async def _hand_over_with_bijlage(kamer: Postkamer) -> str:
    """The link that was mailed."""
    by = {"authorization": f"Bearer {BY}"}
    melding = await kamer.browser.post("/triage/v1/meldingen", json=example("melding", gemeente=GOIRLE), headers=by)
    casus = melding.json()["casusId"]
    await kamer.carry()
    kinds = {"content-type": "text/plain", "content-disposition": "attachment; filename=verslag.txt"}
    content = b"Femke was thuis."
    path = f"/overdracht/v1/casussen/{casus}/bijlagen"
    bijlage = await kamer.browser.post(path, content=content, headers=by | kinds)
    assert bijlage.status_code == 201, bijlage.text
    body = example("triagebesluit", ontvangers=[{"gemeente": GOIRLE}])
    body["overdrachtsdocument"]["bijlagen"] = [bijlage.json()]
    besluit = await kamer.browser.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", json=body, headers=by)
    assert besluit.status_code == 201, besluit.text
    _, link = await kamer.until_handed_over()
    return link


def _routes(api: Any) -> list[tuple[APIRoute, str]]:
    """What a call of the API can end comes last."""
    assert isinstance(api, FastAPI)
    routes = [route for route in api.routes if isinstance(route, APIRoute)]
    assert len(routes) > 10
    found = [(route, method) for route in routes for method in sorted(route.methods)]
    return sorted(found, key=lambda item: item[1] == "POST" and "/bevestigen/" not in item[0].path)


async def _filled(kamer: Postkamer, path: str, token: str) -> list[str]:
    """The path with every id that there is, and every kind of letter."""
    (melding,) = await kamer.triage.hub.pool.fetch("select id, casus_id from melding")
    (overdracht,) = await kamer.rows("select id from overdracht")
    (bijlage,) = await kamer.rows("select id from bijlage")
    ids = {"meldingen": melding["id"], "casussen": melding["casus_id"], "overdrachten": overdracht["id"]}
    known = ids.get(path.split("/")[1], UUID(int=0))
    filled = path.replace("{id}", str(known)).replace("{token}", token)
    filled = filled.replace("{bijlageId}", str(bijlage["id"])).replace("{bijlage_id}", str(bijlage["id"]))
    return [filled.replace("{soort}", soort.value) for soort in Briefsoort] if "{soort}" in path else [filled]


async def _call(kamer: Postkamer, method: str, path: str) -> httpx.Response:
    if "/bevestigen/" in path:
        return await kamer.browser.request(method, path, data=WHO if method == "POST" else None)
    json = {} if method == "POST" else None
    return await kamer.browser.request(method, path, json=json, headers={"authorization": f"Bearer {BY}"})


async def _notes(process: ServiceProcess[Any]) -> list[asyncpg.Record]:
    query = "select actor, feiten::text as feiten from journaal where wat like '%ingezien' order by nummer"
    return await process.hub.pool.fetch(query)


def _text_of(answer: httpx.Response) -> str:
    if answer.headers.get("content-type") == "application/pdf":
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    return answer.text
