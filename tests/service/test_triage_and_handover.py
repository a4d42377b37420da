"""Triage and handover over HTTP and PostgreSQL, with a gemeente that really receives; only Kafka is carried by hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import asyncpg
import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.afspraken import load_rule_book
from contracts.register import parse_register
from services.handover import app as handover
from services.runtime.access.sealing import MasterKey, blind_index
from services.runtime.access.tokens import Caller, Scope, default_scopes
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.database.signals import Signals
from services.runtime.http import Front, RunningServer, serve
from services.runtime.outbound.webhooks import WebhookVerifier, hmac_secret
from services.runtime.outbound.worker import Worker
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.running import Deps, Ground, ServiceProcess
from services.runtime.unit.decision import Record
from services.triage import app as triage
from tests.fixtures.beschreven import check_each
from tests.fixtures.sleutels import destroy_key
from tests.unit.triage.road import DEPLOY, START, example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

SECRET = hmac_secret(b"k" * 32)
VT, MELDPUNT, BREDA, OOSTERHOUT = "veilig-thuis-west-brabant", "meldpunt-west-brabant", "GM0758", "GM0826"
VT_MB, SAFEGROUP = "veilig-thuis-midden-brabant", "safegroup"
KINDS = {
    "houvast": "beheer",
    VT: "veilig-thuis",
    VT_MB: "veilig-thuis",
    MELDPUNT: "meldpunt",
    BREDA: "gemeente",
    OOSTERHOUT: "gemeente",
    SAFEGROUP: "safegroup",
}


class Toegang:
    """Whoever calls itself a party is that party."""

    async def verify(self, token: str) -> Caller | None:
        kind = KINDS.get(token)
        return None if kind is None else Caller(token, default_scopes(kind))


class Gemeenten:
    """One server for all endpoints; keeps what arrived with a good signature."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.traces: list[str] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        WebhookVerifier([SECRET]).verify(request.headers, body, now=SystemKlok().now())
        self.received.append(await request.json())
        self.traces.append(request.headers["traceparent"])
        return Response(status_code=202)


@dataclass
class Huis:
    """The two services, their one front, and the gemeenten."""

    http: httpx.AsyncClient
    gemeenten: Gemeenten
    triage: ServiceProcess[Any]
    handover: ServiceProcess[Any]
    url: str
    carried: dict[str, int]

    async def post(self, path: str, body: Any, *, by: str = VT, key: str | None = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {by}"} | ({"idempotency-key": key} if key is not None else {})
        return await self.http.post(path, json=body, headers=headers)

    async def get(self, path: str, *, by: str = VT) -> httpx.Response:
        return await self.http.get(path, headers={"authorization": f"Bearer {by}"})

    async def carry(self) -> None:
        """Bring the events of each service to the other."""
        for source, target in ((self.triage, self.handover), (self.handover, self.triage)):
            name = source.service.value
            pool: Any = source.hub.pool
            rows = await pool.fetch(
                "select positie, topic, bericht from outbox where positie > $1 order by positie",
                self.carried[name],
            )
            own = [row for row in rows if row["topic"].startswith(f"houvast.{name}.")]
            await target.hub.take([Record(row["topic"], 0, row["positie"], bytes(row["bericht"])) for row in own])
            self.carried[name] = rows[-1]["positie"] if rows else self.carried[name]

    async def received(self, count: int) -> None:
        """Wait until the gemeenten have this many, and it is noted."""
        async with asyncio.timeout(10):
            while await self.handover.hub.pool.fetchval("select count(*) from poging") < count:  # noqa: ASYNC110  a condition in the database, with a limit
                await asyncio.sleep(0.01)


async def on_database(url: str, act: Callable[[Any], Awaitable[object]]) -> None:
    connection = cast("Any", await asyncpg.connect(url))
    try:
        await act(connection)
    finally:
        await connection.close()


@pytest.fixture
async def huis(fresh_database: str) -> AsyncIterator[Huis]:
    gemeenten = Gemeenten()
    server: RunningServer = await serve(gemeenten.app, host="127.0.0.1", port=0)
    text = (DEPLOY / "register.toml").read_text("utf-8")
    klok, master = VirtueleKlok(START), MasterKey.generate()
    deps = Deps(
        klok=klok,
        wall=SystemKlok(),
        rule_book=load_rule_book(),
        register=parse_register(
            text,
            bestand="register.toml",
            variabelen={"sandbox": f"http://127.0.0.1:{server.port}"},
        ),
        master=master,
        secret=lambda _: SECRET,
        oin="00000099000000001000",
        public_url="http://hub.example",
        settings=SimpleNamespace(production=False),
        toegang=Toegang(),
    )
    await on_database(fresh_database, migrate_gedeeld)
    ground = Ground(fresh_database, "geen-kafka:9092")
    parts: list[ServiceProcess[Any]] = [
        ServiceProcess(app=app.build(deps), deps=deps, ground=ground) for app in (triage, handover)
    ]
    for part in parts:
        await part.prepare()
    apis = {"/triage/v1": parts[0].api, "/overdracht/v1": parts[1].api}
    signals = Signals(fresh_database, "handover")
    worker = Worker(parts[1].hub, signals, master, instance="test")
    running = [asyncio.create_task(job()) for job in (parts[0].hub.run, parts[1].hub.run, signals.run, worker.run)]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Front(apis)), base_url="http://hub", event_hooks={"response": [check_each]}
    ) as http:
        yield Huis(http, gemeenten, parts[0], parts[1], fresh_database, {"triage": 0, "handover": 0})
    for task in running:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*running)
    for part in parts:
        await part.stop()
    await server.stop()


async def hand_over(huis: Huis) -> tuple[dict[str, Any], dict[str, Any]]:
    """A melding and its overdracht, delivered."""
    melding = (await huis.post("/triage/v1/meldingen", example("melding"))).json()
    besluit = await huis.post(f"/triage/v1/meldingen/{melding['id']}/triagebesluiten", example("triagebesluit"))
    assert besluit.status_code == 201, besluit.text
    await huis.carry()
    await huis.received(1)
    (overdracht,) = (await huis.get("/overdracht/v1/overdrachten")).json()["overdrachten"]
    return melding, overdracht


async def test_the_road_of_one_melding(huis: Huis) -> None:
    made = await huis.post("/triage/v1/meldingen", example("melding", kenmerk="VT-1"))
    assert made.status_code == 201
    melding = made.json()
    assert made.headers["location"] == f"/triage/v1/meldingen/{melding['id']}"
    advies = (await huis.get(f"/triage/v1/meldingen/{melding['id']}/triageadvies")).json()
    assert advies["advies"] == "directe-overdracht"
    assert advies["redenen"][0]["bron"]["citaat"]

    path = f"/triage/v1/meldingen/{melding['casusId']}/triagebesluiten"
    onvolledig = await huis.post(path, example("triagebesluit-onvolledig"))
    assert onvolledig.status_code == 400
    assert onvolledig.headers["content-type"] == "application/problem+json"
    assert {fout["plaats"] for fout in onvolledig.json()["fouten"]} == {
        "overdrachtsdocument.grootsteZorg",
        "overdrachtsdocument.verrijking",
    }
    assert (await huis.post(path, example("triagebesluit"))).status_code == 201
    await huis.carry()
    await huis.received(1)
    (event,) = huis.gemeenten.received
    assert event["data"]["overdrachtsdocument"]["betrokkenen"][0]["naam"] == "Femke Voorbeeld"
    overdracht = event["data"]["overdrachtId"]

    base = f"/overdracht/v1/overdrachten/{overdracht}"
    received = await huis.post(f"{base}/ontvangstbevestigingen", example("ontvangstbevestiging"), by=BREDA)
    assert received.status_code == 201, received.text
    assert received.headers["location"] == base
    assert (await huis.post(f"{base}/verdelingen", example("verdeling"), by=BREDA)).status_code == 201
    seen = (await huis.get(base, by=BREDA)).json()
    assert seen["status"] == "opgepakt"
    assert all(seen[receipt] for receipt in ("afgeleverdOp", "ontvangenOp", "opgepaktOp"))
    assert seen["overdrachtsdocument"]["grootsteZorg"]

    assert (await huis.post(f"{base}/terugkoppelingen", example("terugkoppeling"), by=BREDA)).status_code == 201
    await huis.carry()
    whole = (await huis.get(f"/triage/v1/meldingen/{melding['id']}")).json()
    assert whole["status"] == "teruggekoppeld"
    assert whole["betrokkenen"][0]["naam"] == "Femke Voorbeeld"
    assert whole["triagebesluiten"][0]["besluit"] == "directe-overdracht"
    assert (await huis.post(path, example("triagebesluit"))).status_code == 201


async def test_a_trace_goes_from_the_call_over_the_events_to_the_delivery(huis: Huis) -> None:
    """One thread over two services and a crash: it is kept with the events and with the request."""
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    huis.http.headers["traceparent"] = f"00-{trace_id}-00f067aa0ba902b7-01"
    melding, _ = await hand_over(huis)
    await huis.carry()
    await huis.received(1)
    spans: list[str] = []
    for process in (huis.triage, huis.handover):
        rows = await cast("Any", process.hub.pool).fetch(
            "select bericht from outbox where casus_id = $1::uuid order by positie", melding["casusId"]
        )
        spans += [orjson.loads(row["bericht"])["traceparent"] for row in rows]
    assert any(b"overdracht-afgeleverd" in row["bericht"] for row in rows), "what follows from the delivery too"
    spans += huis.gemeenten.traces
    assert {span.split("-")[1] for span in spans} == {trace_id}
    assert {span.split("-")[3] for span in spans} == {"01"}
    assert len(set(spans)) == len(spans), "every event and every call is a span of its own"


async def test_a_repeated_call_gives_the_same_answer(huis: Huis) -> None:
    """G2: by its idempotency key, and the same key with something else is a mistake."""
    body = example("melding")
    first = await huis.post("/triage/v1/meldingen", body, key="k1")
    second = await huis.post("/triage/v1/meldingen", body, key="k1")
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    other = await huis.post("/triage/v1/meldingen", body | {"omschrijving": "iets anders"}, key="k1")
    assert other.status_code == 422
    assert len((await huis.get("/triage/v1/meldingen")).json()["meldingen"]) == 1


async def test_a_second_melding_about_the_household_is_a_hermelding(huis: Huis) -> None:
    """MB 3.1."""
    first = (await huis.post("/triage/v1/meldingen", example("melding", kenmerk="1"))).json()
    again = (await huis.post("/triage/v1/meldingen", example("melding", kenmerk="1"))).json()
    assert again == first
    second = (await huis.post("/triage/v1/meldingen", example("melding", kenmerk="2"))).json()
    assert (first["hermelding"], second["hermelding"]) == (False, True)
    seen = (await huis.get(f"/triage/v1/meldingen/{second['id']}")).json()
    assert seen["eerdereCasussen"] == [first["casusId"]]


PAREN = orjson.loads((Path(__file__).parents[1] / "fixtures" / "hermelding-paren.json").read_bytes())


def about(naam: str, geboortedatum: str, *, postcode: str | None = None, huisnummer: str = "") -> dict[str, Any]:
    """A melding about this one person."""
    adres = {"straat": "Singel", "plaats": "Breda", "postcode": postcode, "huisnummer": huisnummer}
    who = {"naam": naam, "rol": "ouder", "geboortedatum": geboortedatum}
    return example("melding", betrokkenen=[who], adres=None if postcode is None else adres)


async def test_the_same_people_are_recognised_however_they_are_written(huis: Huis) -> None:
    """MB 3.1: linked, or shown to a person who links or declines; strangers in another house are neither."""
    for paar in PAREN:
        first = (await huis.post("/triage/v1/meldingen", about(**paar["a"]))).json()
        second = (await huis.post("/triage/v1/meldingen", about(**paar["b"]))).json()
        assert (second["hermelding"] or second["mogelijkeHermeldingen"] > 0) is paar["juist"], paar["label"]
        if not second["mogelijkeHermeldingen"]:
            continue
        waiting = (await huis.get("/triage/v1/meldingen?teVergelijken=true")).json()["meldingen"]
        assert [melding["id"] for melding in waiting] == [second["id"]]
        path = f"/triage/v1/meldingen/{second['id']}"
        (offered,) = (await huis.get(path)).json()["mogelijkeHermeldingen"]
        assert (offered["casusId"], offered["oordeel"]) == (first["casusId"], None)
        judged = {
            "casusId": offered["casusId"],
            "oordeel": "gekoppeld",
            "medewerker": {"naam": "Robin Zandbak", "functie": "triagist"},
        }
        assert (await huis.post(f"{path}/hermeldingen", judged)).status_code == 201
        seen = (await huis.get(path)).json()
        assert seen["eerdereCasussen"] == [first["casusId"]]
        assert seen["mogelijkeHermeldingen"][0]["oordeel"] == "gekoppeld"
        assert (await huis.get("/triage/v1/meldingen?teVergelijken=true")).json()["meldingen"] == []


async def test_a_case_under_the_keys_of_the_first_release_is_still_found(huis: Huis) -> None:
    """An index is derived: what stands in it from before an upgrade is looked up as it was written then."""
    first = (await huis.post("/triage/v1/meldingen", about("Femke Verzonne", "1989-04-17"))).json()
    pool: Any = huis.triage.hub.pool
    await pool.execute("delete from verwijzing where soort = 'huishouden'")
    key = blind_index(huis.triage.deps.master, "persoon Femke Verzonne 1989-04-17")
    await pool.execute(
        "insert into verwijzing (soort, sleutel, casus_id) values ('huishouden', $1, $2)", key, UUID(first["casusId"])
    )
    second = (await huis.post("/triage/v1/meldingen", about("femke VERZONNE", "1989-04-17"))).json()
    assert second["hermelding"] is True


async def test_a_date_of_birth_that_cannot_be_is_told_with_all_that_is_wrong(huis: Huis) -> None:
    people = [
        {"naam": "Noor", "rol": "kind", "geboortedatum": day} for day in ("2031-01-01", "1650-01-01", 19890417, "1989")
    ]
    people.append({"naam": "Bram", "rol": "ouder", "geboortedatum": "1989-00-00", "leeftijd": 12})
    reply = await huis.post("/triage/v1/meldingen", example("melding", betrokkenen=people))
    assert reply.status_code == 400
    told = {fout["plaats"] for fout in reply.json()["fouten"]}
    assert told == {f"betrokkenen.{index}.geboortedatum" for index in range(3)}
    people.pop(2)
    reply = await huis.post("/triage/v1/meldingen", example("melding", betrokkenen=people))
    told = {fout["plaats"] for fout in reply.json()["fouten"]}
    assert told == {"betrokkenen.0.geboortedatum", "betrokkenen.1.geboortedatum", "betrokkenen.3.leeftijd"}
    reply = await huis.post("/triage/v1/meldingen", example("melding", betrokkenen=people[2:3]))
    seen = (await huis.get(f"/triage/v1/meldingen/{reply.json()['id']}")).json()
    assert seen["betrokkenen"][0]["geboortedatum"] == "1989-00-00"


async def test_each_party_sees_its_own(huis: Huis) -> None:
    melding, overdracht = await hand_over(huis)
    paths = [f"/triage/v1/meldingen/{melding['id']}", f"/overdracht/v1/overdrachten/{overdracht['id']}"]
    assert [(await huis.get(path)).status_code for path in paths] == [200, 200]
    assert [(await huis.get(path, by=VT_MB)).status_code for path in paths] == [404, 404]
    assert (await huis.get(paths[0], by=BREDA)).status_code == 403
    assert (await huis.get(paths[1], by=OOSTERHOUT)).status_code == 404
    assert (await huis.get(paths[1], by="niemand")).status_code == 401
    strangers = await huis.get("/overdracht/v1/overdrachten", by=OOSTERHOUT)
    assert strangers.json() == {"overdrachten": []}
    denied = await huis.post(f"{paths[1]}/verdelingen", {}, by=OOSTERHOUT)
    assert denied.status_code == 404
    missing = await huis.post(f"/overdracht/v1/overdrachten/{UUID(int=0)}/verdelingen", {}, by=BREDA)
    assert missing.status_code == 404


async def test_the_meldpunt_sees_the_status_and_never_the_content(huis: Huis) -> None:
    """BK 4.2."""
    made = (await huis.post("/triage/v1/meldpuntmeldingen", example("meldpuntmelding"), by=MELDPUNT)).json()
    (melding,) = (await huis.get("/triage/v1/meldingen")).json()["meldingen"]
    status = await huis.get(f"/triage/v1/meldingen/{melding['id']}", by=MELDPUNT)
    assert set(status.json()) == {
        "id", "casusId", "referentie", "kenmerk", "regio", "gemeente", "ontvangenOp", "status",
    }  # fmt: skip
    assert (await huis.get(f"/triage/v1/meldingen/{melding['id']}/triageadvies", by=MELDPUNT)).status_code == 404
    path = f"/triage/v1/meldpuntmeldingen/{made['id']}"
    assert (await huis.get(path, by=MELDPUNT)).json()["status"] == "doorgezet"
    assert (await huis.post(f"{path}/overnames", {})).status_code == 201
    assert (await huis.get(path, by=MELDPUNT)).json()["overgenomenDoor"] == VT
    assert (await huis.get(path, by=VT_MB)).status_code == 404


async def test_a_gemeente_fetches_what_it_missed(huis: Huis) -> None:
    _, overdracht = await hand_over(huis)
    await huis.post(f"/overdracht/v1/overdrachten/{overdracht['id']}/verdelingen", {}, by=BREDA)
    found = (await huis.get("/overdracht/v1/gebeurtenissen?na=0", by=BREDA)).json()
    kinds = [item["type"].removesuffix(".v1").rpartition(".")[2] for item in found["gebeurtenissen"]]
    assert kinds == ["overdracht-aangeboden", "overdracht-afgeleverd", "overdracht-opgepakt"]
    numbers = [item["nummer"] for item in found["gebeurtenissen"]]
    assert numbers == sorted(set(numbers))
    rest = (await huis.get(f"/overdracht/v1/gebeurtenissen?na={numbers[1]}", by=BREDA)).json()
    assert [item["nummer"] for item in rest["gebeurtenissen"]] == numbers[2:]
    assert (await huis.get(f"/overdracht/v1/gebeurtenissen?na={found['laatste']}", by=BREDA)).json() == {
        "gebeurtenissen": [],
        "laatste": found["laatste"],
    }
    assert (await huis.get("/overdracht/v1/gebeurtenissen", by=OOSTERHOUT)).json()["gebeurtenissen"] == []


async def test_lists_can_be_narrowed_and_paged(huis: Huis) -> None:
    for number in range(3):
        await huis.post("/triage/v1/meldingen", example("melding", kenmerk=str(number)))
    first = (await huis.get("/triage/v1/meldingen?limiet=2&status=in-triage")).json()["meldingen"]
    rest = (await huis.get(f"/triage/v1/meldingen?limiet=2&na={first[-1]['id']}")).json()["meldingen"]
    assert (len(first), len(rest)) == (2, 1)
    assert (await huis.get("/triage/v1/meldingen?status=overgedragen")).json()["meldingen"] == []
    assert (await huis.get("/triage/v1/meldingen", by=MELDPUNT)).json()["meldingen"] == []
    assert (await huis.get("/overdracht/v1/overdrachten?status=zoek")).status_code == 400


async def test_every_location_that_triage_gives_leads_to_what_was_made(huis: Huis) -> None:
    """STANDARDS: create calls answer 201 with Location; of Veilig Thuis alone, as what it leads to."""
    made = [await huis.post("/triage/v1/adviesvragen", example("adviesvraag"))]
    made.append(await huis.post("/triage/v1/meldingen", example("melding")))
    melding = made[-1].json()
    path = f"/triage/v1/meldingen/{melding['id']}"
    made.append(await huis.post(f"{path}/feiten", example("feiten")))
    dienst = example("dienst")
    besluit = example(
        "triagebesluit",
        besluit=f"dienst-{dienst['dienstsoort']}",
        ontvangers=None,
        overdrachtsdocument=None,
        redenAfwijking="Samen zo besloten.",
    )
    made.append(await huis.post(f"{path}/triagebesluiten", besluit))
    told = {"medewerker": {"naam": "Elise Bastiaansen", "functie": "triagist"}, "wijze": "telefoon"}
    made.append(await huis.post(f"{path}/informeringen", told))
    made.append(await huis.post(f"/triage/v1/casussen/{melding['casusId']}/diensten", dienst))
    made.append(await huis.post(f"/triage/v1/diensten/{made[-1].json()['id']}/afrondingen", example("afronding")))
    made.append(await huis.post("/triage/v1/meldpuntmeldingen", example("meldpuntmelding"), by=MELDPUNT))
    made.append(await huis.post(f"{made[-1].headers['location']}/overnames", example("overname")))
    for answer in made:
        assert answer.status_code == 201, answer.text
        seen = await huis.get(answer.headers["location"])
        assert (seen.status_code, seen.json()["id"]) == (200, answer.json()["id"]), answer.headers["location"]
        elsewhere = await huis.get(answer.headers["location"], by=VT_MB)
        assert elsewhere.status_code == 404


async def test_an_unknown_gemeente_is_told_along_with_what_is_wrong_with_the_form(huis: Huis) -> None:
    """All errors at once, also those that only the register knows."""
    melding = example("melding") | {"gemeente": "GM9999", "bron": "buurman", "omschrijving": ""}
    refused = await huis.post("/triage/v1/meldingen", melding)
    assert refused.status_code == httpx.codes.BAD_REQUEST
    assert {fout["plaats"] for fout in refused.json()["fouten"]} == {"gemeente", "bron", "omschrijving"}


async def test_what_is_not_there_is_not_found(huis: Huis) -> None:
    nowhere = UUID(int=0)
    paths = ("meldingen", "meldpuntmeldingen")
    assert [(await huis.get(f"/triage/v1/{path}/{nowhere}")).status_code for path in paths] == [404, 404]
    assert (await huis.get(f"/triage/v1/meldingen/{nowhere}/triageadvies")).status_code == 404
    assert (await huis.get(f"/overdracht/v1/overdrachten/{nowhere}", by=MELDPUNT)).status_code == 404
    body = example("triagebesluit")
    assert (await huis.post(f"/triage/v1/meldingen/{nowhere}/triagebesluiten", body)).status_code == 404


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_a_moment_that_no_calendar_holds_is_told_with_its_place(huis: Huis, moment: str) -> None:
    """Issue 2, bad input: such a year overflows in another zone; it is refused before anything reckons with it."""
    for path, name, field in (
        ("meldingen", "melding", "ontvangenOp"),
        ("meldpuntmeldingen", "meldpuntmelding", "ontvangenOp"),
        ("adviesvragen", "adviesvraag", "gesteldOp"),
    ):
        by = MELDPUNT if name == "meldpuntmelding" else VT
        refused = await huis.post(f"/triage/v1/{path}", example(name, **{field: moment}), by=by)
        assert refused.status_code == 400, refused.text
        assert refused.json()["fouten"] == [{"plaats": field, "melding": "ligt niet tussen 1900 en 3000"}]


async def test_a_question_for_professionals_is_told_with_the_advice(huis: Huis) -> None:
    """MB 4: the bijzondere vormen."""
    body = example("melding", feiten={"stalking": True}, kenmerk="1")
    melding = (await huis.post("/triage/v1/meldingen", body)).json()
    advies = (await huis.get(f"/triage/v1/meldingen/{melding['id']}/triageadvies")).json()
    (vraag,) = advies["teBeoordelen"]
    assert (vraag["oordeel"], vraag["feiten"]) == ("kennisLokaalTeamOnvoldoende", ["stalking"])
    assert vraag["vraag"]


async def test_of_a_case_whose_key_was_destroyed_nothing_can_be_read(huis: Huis) -> None:
    """G6."""
    melding, overdracht = await hand_over(huis)
    await on_database(huis.url, lambda connection: destroy_key(connection, melding["casusId"], now=START))
    seen = (await huis.get(f"/triage/v1/meldingen/{melding['id']}")).json()
    assert seen["vernietigd"] is True
    assert "betrokkenen" not in seen
    gone = (await huis.get(f"/overdracht/v1/overdrachten/{overdracht['id']}")).json()
    assert gone["overdrachtsdocument"] is None


async def test_every_example_is_taken_by_its_post(huis: Huis) -> None:
    adviesvraag = await huis.post("/triage/v1/adviesvragen", example("adviesvraag"))
    assert adviesvraag.status_code == 201, adviesvraag.text
    melding = (await huis.post("/triage/v1/meldingen", example("melding"))).json()
    path = f"/triage/v1/meldingen/{melding['id']}"
    feiten = await huis.post(f"{path}/feiten", example("feiten", feiten={"ernstigLetsel": True}))
    assert feiten.json()["triageadvies"]["advies"] == "dienst"
    dienst = example("dienst")
    besluit = example(
        "triagebesluit",
        besluit=f"dienst-{dienst['dienstsoort']}",
        ontvangers=None,
        overdrachtsdocument=None,
        redenAfwijking="Samen zo besloten.",
    )
    assert (await huis.post(f"{path}/triagebesluiten", besluit)).status_code == 201
    started = await huis.post(f"/triage/v1/casussen/{melding['casusId']}/diensten", dienst)
    assert started.status_code == 201, started.text
    finished = await huis.post(f"/triage/v1/diensten/{started.json()['id']}/afrondingen", example("afronding"))
    assert finished.status_code == 201, finished.text
    await huis.carry()
    await huis.received(1)
    assert huis.gemeenten.received[0]["data"]["overdrachtsoort"] == "na-dienst"
    (overdracht,) = (await huis.get("/overdracht/v1/overdrachten")).json()["overdrachten"]
    again = await huis.post(f"/overdracht/v1/overdrachten/{overdracht['id']}/afleveringen", example("aflevering"))
    assert again.status_code == 201, again.text


CALLBACKS = {"/notificaties", "/onbestelbare-mails"}
"""Where a zaaksysteem or a mailbox says that there is news: answered with 204, as nothing is made that has an address."""


@pytest.mark.parametrize("path", ["/triage/v1/openapi.json", "/overdracht/v1/openapi.json"])
async def test_the_api_describes_itself(huis: Huis, path: str) -> None:
    described = (await huis.http.get(path)).json()
    posts = {route: found for route, item in described["paths"].items() if (found := item.get("post"))}
    assert posts
    assert all(operation["security"] for operation in posts.values())
    assert {route for route, operation in posts.items() if "201" not in operation["responses"]} <= CALLBACKS


def test_scopes_of_a_gemeente_are_enough_to_answer() -> None:
    assert {Scope.OVERDRACHTEN_LEZEN, Scope.OVERDRACHTEN_BEVESTIGEN} <= default_scopes("gemeente")


async def test_the_road_of_a_case_to_another_party(huis: Huis) -> None:
    """D13: its own endpoint, its own token, its own receipts; the gemeente of the case sees nothing of it."""
    melding = (await huis.post("/triage/v1/meldingen", example("melding"))).json()
    body = example("triagebesluit", ontvangers=[{"partij": SAFEGROUP}])
    besluit = await huis.post(f"/triage/v1/meldingen/{melding['id']}/triagebesluiten", body)
    assert besluit.json()["ontvangers"] == [{"gemeente": BREDA, "partij": SAFEGROUP}]
    await huis.carry()
    await huis.received(1)
    (event,) = huis.gemeenten.received
    assert (event["data"]["partij"], event["data"]["gemeente"]) == (SAFEGROUP, BREDA)
    base = f"/overdracht/v1/overdrachten/{event['data']['overdrachtId']}"
    assert (await huis.get(base, by=BREDA)).status_code == 404
    seen = (await huis.get(base, by=SAFEGROUP)).json()
    assert seen["overdrachtsdocument"]["betrokkenen"][0]["naam"] == "Femke Voorbeeld"
    for act in ("ontvangstbevestigingen", "verdelingen"):
        assert (await huis.post(f"{base}/{act}", {}, by=BREDA)).status_code == 404
        first, again = [await huis.post(f"{base}/{act}", {}, by=SAFEGROUP, key=act) for _ in range(2)]
        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, first.json())
    assert (await huis.get(base)).json()["status"] == "opgepakt"
