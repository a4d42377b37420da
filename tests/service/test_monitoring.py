"""Monitoring over real PostgreSQL and its own HTTP: what was written is what is shown, to whom it may be shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.afspraken import load_rule_book
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.topics import Service
from services.monitoring.adapters import (
    PostgresBord,
    PostgresCijfers,
    PostgresQueries,
    RegisterPartijen,
    VerzegeldeNamen,
)
from services.monitoring.api import BASE_PATH, build_api, build_casusblad, build_pages
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.handlers import Handlers, project
from services.runtime.access.opening import SealedRows
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.database.migrate import migrate
from services.runtime.http import create_site
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import ServiceDefinition
from tests.builders.events import CASUS_ID
from tests.fakes.desk import MASTER, Desk, lay_schema, open_desk, record
from tests.fixtures.beschreven import check_each
from tests.unit.monitoring.verhalen import MELDING, ONTVANGEN, Verhaal, at
from tests.unit.notifier.test_notificaties import register

pytestmark = [pytest.mark.anyio, pytest.mark.database]

WB = Verhaal()
VT = "veilig-thuis-west-brabant"
DOOR = {"naam": "Noor van Voorbeeld", "functie": "gedragswetenschapper"}


class Callers:
    """The token is the name of the party."""

    async def verify(self, token: str) -> Caller | None:
        return Caller(token, default_scopes("gemeente" if token.startswith("GM") else "veilig-thuis"))


@dataclass
class Ground:
    """Monitoring at work: deliver events, let time pass, call its API."""

    desk: Desk
    client: httpx.AsyncClient
    number: int = 0

    async def deliver(self, *events: Gebeurtenis) -> None:
        records = []
        for event in events:
            self.number += 1
            records.append(record(event, CASUS_ID, self.number))
        await self.desk.hub.take(records)

    async def move_to(self, moment: Any) -> None:
        """Fire every timer at its own moment."""
        while True:
            due = await self.desk.pool.fetchval("select min(due_at) from timer")
            if due is None or due > moment:
                break
            self.desk.klok.move_to(max(due, self.desk.klok.now()))
            await self.desk.unit_of_work.run_due(100)
        self.desk.klok.move_to(moment)

    async def get(self, path: str, *, wie: str = VT, **query: str) -> httpx.Response:
        return await self.client.get(BASE_PATH + path, params=query, headers={"Authorization": f"Bearer {wie}"})

    async def post(self, path: str, body: dict[str, Any], *, wie: str = VT, key: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {wie}", "Idempotency-Key": key or uuid4().hex}
        return await self.client.post(BASE_PATH + path, json=body, headers=headers)


@asynccontextmanager
async def monitoring(url: str) -> AsyncIterator[Ground]:
    await lay_schema(url, "monitoring")
    connection = await asyncpg.connect(url)
    await migrate(connection, "monitoring", [("monitoring", "services.monitoring.migrations")])
    await connection.close()
    definition = ServiceDefinition(
        service=Service.MONITORING,
        state=Toezicht,
        handle=Handlers(load_rule_book(), RegisterPartijen(register())),
        project=project,
    )
    async with open_desk(url, definition, klok=VirtueleKlok(ONTVANGEN)) as desk:
        api = build_api(
            desk.hub,
            PostgresQueries(desk.pool),
            PostgresCijfers(desk.pool),
            VerzegeldeNamen(SealedRows(desk.pool, MASTER)),
            rule_book=load_rule_book(),
            register=register(),
            partijen=RegisterPartijen(register()),
            verifier=Callers(),
        )
        transport = httpx.ASGITransport(app=api)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://houvast", event_hooks={"response": [check_each]}
        ) as client:
            yield Ground(desk, client)


async def never_confirmed(ground: Ground) -> None:
    await ground.deliver(WB.melding())
    await ground.move_to(at("03-03 10:00"))
    await ground.deliver(
        WB.besluit(at("03-03 09:30")),
        WB.aangemaakt(at("03-03 09:31")),
        WB.afgeleverd(at("03-03 10:00")),
    )
    await ground.move_to(at("03-06 09:00"))


async def test_a_case_is_shown_with_its_terms_ladders_and_receipts(fresh_database: str) -> None:
    """The whole of a case, found by casusId and by the id of its melding."""
    async with monitoring(fresh_database) as ground:
        await never_confirmed(ground)
        by_case = (await ground.get(f"/casussen/{CASUS_ID}")).json()
        assert (await ground.get(f"/casussen/{MELDING}")).json() == by_case
        assert {item["regelId"]: item["status"] for item in by_case["termijnen"]} == {
            "veiligheidsbeoordeling": "gehaald",
            "overdracht-na-melding": "gehaald",
            "ontvangstbevestiging": "verstreken",
        }
        assert [item["rol"] for item in by_case["escalaties"]] == ["leidinggevende"]
        (overdracht,) = by_case["overdrachten"]
        assert overdracht["afgeleverdOp"] == "2026-03-03T09:00:00Z"
        assert overdracht["ontvangenOp"] is None
        assert by_case["zichtPartij"] == "GM0758"


async def test_who_bore_zicht_is_answered_for_any_past_moment_with_rule_and_sentence(fresh_database: str) -> None:
    """G3, G9: who, since when, by which rule, on whose act."""
    async with monitoring(fresh_database) as ground:
        await never_confirmed(ground)
        path = f"/casussen/{CASUS_ID}/zicht-op-veiligheid"
        then = (await ground.get(path, op="2026-03-05T23:59:00+01:00")).json()
        now = (await ground.get(path)).json()
        assert (then["partij"], now["partij"]) == (VT, "GM0758")
        assert "2 werkdagen" in now["regel"]["bron"]["citaat"]
        assert (await ground.get(path, op="2026-03-02T08:59:00+01:00")).status_code == 404
        assert (await ground.get(path, op="2026-04-02T08:59:00+01:00")).status_code == 400


async def test_a_moment_that_no_calendar_holds_is_refused_with_its_place(fresh_database: str) -> None:
    async with monitoring(fresh_database) as ground:
        await never_confirmed(ground)
        for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
            for path, name in (
                (f"/casussen/{CASUS_ID}/zicht-op-veiligheid", "op"),
                (f"/casussen/{CASUS_ID}/initiatief", "op"),
                ("/termijnen", "voor"),
                ("/monitormomenten", "voor"),
            ):
                refused = await ground.get(path, **{name: moment})
                assert refused.status_code == 400, (path, refused.text)
                assert refused.json()["fouten"][0]["plaats"] == f"query.{name}"


async def test_uitleg_tells_every_step_with_its_rule(fresh_database: str) -> None:
    """Houvast legt uit: the journal in order, with the sentence of the agreement."""
    async with monitoring(fresh_database) as ground:
        await never_confirmed(ground)
        lines = (await ground.get(f"/casussen/{CASUS_ID}/uitleg")).json()["regels"]
        told = [line["wat"] for line in lines]
        assert told[:2] == ["termijn gestart", "zicht op veiligheid overgegaan"]
        assert told.index("termijn verstreken") < told.index("escalatie gestart")
        assert all(line["regel"]["bron"]["citaat"] for line in lines)


async def test_a_gemeente_sees_only_its_own_cases_and_only_after_the_overdracht(fresh_database: str) -> None:
    """Others are 404; a melding that is still at Veilig Thuis is not the gemeente's yet."""
    async with monitoring(fresh_database) as ground:
        await ground.deliver(WB.melding())
        assert (await ground.get(f"/casussen/{CASUS_ID}", wie="GM0758")).status_code == 404
        assert (await ground.get("/termijnen", wie="GM0758")).json() == {"termijnen": []}
        await never_confirmed(ground)
        assert (await ground.get(f"/casussen/{CASUS_ID}", wie="GM0758")).status_code == 200
        for wie in ("GM1674", "veilig-thuis-midden-brabant"):
            assert (await ground.get(f"/casussen/{CASUS_ID}", wie=wie)).status_code == 404
            assert (await ground.get(f"/casussen/{CASUS_ID}/uitleg", wie=wie)).status_code == 404
            assert (await ground.get("/termijnen", wie=wie)).json() == {"termijnen": []}
            assert (await ground.get("/escalaties", wie=wie)).json() == {"escalaties": []}


async def test_termijnen_and_escalaties_are_listed_by_status_and_page(fresh_database: str) -> None:
    """Filters and pages."""
    async with monitoring(fresh_database) as ground:
        await never_confirmed(ground)
        late = (await ground.get("/termijnen", status="verstreken", gemeente="GM0758")).json()["termijnen"]
        assert [item["regelId"] for item in late] == ["ontvangstbevestiging"]
        first = (await ground.get("/termijnen", limiet="1")).json()
        assert (len(first["termijnen"]), first["volgendePagina"]) == (1, 2)
        assert (await ground.get("/termijnen", voor="2026-03-01T00:00:00Z")).json() == {"termijnen": []}
        wrong = await ground.get("/termijnen", status="onzin", gemeente="Breda")
        assert wrong.status_code == 400
        assert {fout["plaats"] for fout in wrong.json()["fouten"]} == {"query.status", "query.gemeente"}


async def test_an_escalatie_is_taken_up_and_closed_by_named_people_whose_names_stay_sealed(
    fresh_database: str,
) -> None:
    """D11; repeated with the same key it is one act with the same answer."""
    async with monitoring(fresh_database) as ground:
        await never_confirmed(ground)
        (escalatie,) = (await ground.get("/escalaties", status="open")).json()["escalaties"]
        path = f"/escalaties/{escalatie['id']}"
        body = {"door": DOOR, "toelichting": "Ik bel het team."}
        first = await ground.post(f"{path}/oppakkingen", body, wie="GM0758", key="een")
        again = await ground.post(f"{path}/oppakkingen", body, wie="GM0758", key="een")
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        assert first.json()["status"] == "opgepakt"
        closing = {"door": DOOR, "resultaat": "werkafspraak-gemaakt"}
        assert (await ground.post(f"{path}/afhandelingen", closing, wie="GM1674")).status_code == 404
        assert (await ground.post(f"{path}/afhandelingen", {"door": DOOR, "resultaat": "klaar"})).status_code == 400
        assert (await ground.post(f"{path}/afhandelingen", closing)).status_code == 201
        assert (await ground.post(f"{path}/afhandelingen", closing)).status_code == 409
        for table in ("aggregaat", "journaal", "escalatie"):
            rows = await ground.desk.pool.fetch(f"select * from {table}")
            assert "Noor" not in str([dict(row) for row in rows])


async def test_a_difference_of_opinion_starts_a_ladder(fresh_database: str) -> None:
    """MB 6.1, AEF F: both sides are called."""
    async with monitoring(fresh_database) as ground:
        await never_confirmed(ground)
        answer = await ground.post(f"/casussen/{CASUS_ID}/meningsverschillen", {"door": DOOR}, wie="GM0758")
        assert answer.status_code == 201
        assert answer.headers["location"] == f"{BASE_PATH}/casussen/{CASUS_ID}"
        listed = (await ground.get("/escalaties")).json()["escalaties"]
        assert answer.json()["id"] in {item["id"] for item in listed}


async def test_a_term_is_computed_for_whoever_asks(fresh_database: str) -> None:
    """Issue 3: Thursday 30 April 2026 and 5 werkdagen ends when Friday 8 May ends."""
    async with monitoring(fresh_database) as ground:
        found = (await ground.get("/termijnberekeningen", start="2026-04-30T10:00:00+02:00", duur="5 werkdagen")).json()
        assert (found["eindeLokaal"], found["laatsteDag"]) == ("2026-05-09T00:00:00+02:00", "2026-05-08")
        wrong = await ground.get("/termijnberekeningen", start="2026-04-30T10:00:00+02:00", duur="vijf dagen")
        assert (wrong.status_code, wrong.json()["fouten"][0]["plaats"]) == (400, "query.duur")


async def test_openapi_describes_every_path(fresh_database: str) -> None:
    """Public, at the base of the API."""
    async with monitoring(fresh_database) as ground:
        document = (await ground.client.get(BASE_PATH + "/openapi.json")).json()
        assert "/casussen/{casusId}/zicht-op-veiligheid" in document["paths"]


async def test_the_link_in_a_message_leads_to_a_page_that_explains_the_case(fresh_database: str) -> None:
    """D12: a message holds a link; behind it stands who bears what, and the sentence it rests on."""
    async with monitoring(fresh_database) as ground:
        await never_confirmed(ground)
        site = create_site(name="site", verifier=Callers())
        pool = ground.desk.pool
        klok, book, namen = ground.desk.klok, load_rule_book(), VerzegeldeNamen(SealedRows(pool, MASTER))
        site.include_router(
            build_pages(
                PostgresBord(pool), PostgresCijfers(pool), namen, klok=klok, register=register(), rule_book=book
            )
        )
        site.include_router(
            build_casusblad(
                PostgresQueries(pool),
                RegisterPartijen(register()),
                namen,
                klok=klok,
                register=register(),
                rule_book=book,
            )
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://houvast") as client:

            async def get(path: str, wie: str) -> httpx.Response:
                return await client.get(path, headers={"Authorization": f"Bearer {wie}"})

            home, board = await get("/", "GM0758"), await get("/casussen", VT)
            page = await get(f"/casus/{CASUS_ID}", VT)
            assert (home.status_code, board.status_code, page.status_code) == (200, 200, 200)
            assert f'href="/casus/{CASUS_ID}"' in home.text
            assert f'href="/casus/{CASUS_ID}"' in board.text
            assert f'href="/casus/{CASUS_ID}"' not in (await get("/", "GM1674")).text
            assert f'href="/casus/{CASUS_ID}"' not in (await get("/casussen", "GM1674")).text
            assert "ook bij een interne wachtlijst" in page.text
            assert "Breda" in page.text
            assert (await get(f"/casus/{CASUS_ID}", "GM1674")).status_code == 404
            assert (await client.get(f"/casus/{CASUS_ID}")).status_code == 303
