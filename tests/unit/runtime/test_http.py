"""How every API of the house answers (NL API Design Rules, RFC 9457)."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import AwareDatetime, Field

from contracts.messages.envelope import Bericht, Problem
from contracts.messages.tekens import ONLEESBAAR
from contracts.rechten import Daad
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.http import (
    CallKey,
    Front,
    PortUnavailable,
    caller,
    create_api,
    create_site,
    created,
    health_router,
    json_response,
    problem_response,
    serve,
)
from services.runtime.process.probing import Finding
from services.runtime.process.tracing import current_traceparent
from services.runtime.unit.decision import Refused

pytestmark = pytest.mark.anyio

VEILIG_THUIS = {"Authorization": "Bearer vt"}
GEMEENTE = {"Authorization": "Bearer gm"}


class KnownCallers:
    """Tokens as a test writes them."""

    async def verify(self, token: str) -> Caller | None:
        return {
            "vt": Caller("veilig-thuis-west-brabant", default_scopes("veilig-thuis")),
            "gm": Caller("GM0758", default_scopes("gemeente")),
        }.get(token)


class Kind(Bericht):
    voor_naam: str
    geboren_op: AwareDatetime


class Gezin(Bericht):
    kinderen: list[Kind]
    buren: Annotated[tuple[Kind, ...], Field(min_length=1)] | None = None
    straat: str


def _api() -> FastAPI:
    api = create_api(
        title="Proef",
        version="1.2.3",
        description="d",
        base_path="/proef/v1",
        name="proef",
        verifier=KnownCallers(),
    )
    router = APIRouter()

    @router.post("/gezinnen", status_code=201)
    async def post(
        gezin: Gezin,
        partij: Annotated[Caller, Depends(caller(Daad.MELDING_REGISTREREN))],
        call: CallKey,
    ) -> Any:
        body = {"partij": partij.partij, "kinderen": len(gezin.kinderen), "key": call.key, "print": call.fingerprint}
        return created(f"/proef/v1/gezinnen/{call.key}", body)

    @router.post("/afdrukken", status_code=201)
    async def post_afdruk(call: CallKey) -> Any:
        return created("/proef/v1/afdrukken", {"print": call.fingerprint})

    @router.get("/gezinnen/{gezin_id}")
    async def get(gezin_id: UUID, op: AwareDatetime | None = None) -> Any:
        return json_response({"id": gezin_id, "op": op})

    @router.get("/storing")
    async def crash() -> Any:
        raise RuntimeError("Jan Jansen 999990019")

    @router.get("/spoor")
    async def trace() -> Any:
        return json_response({"traceparent": current_traceparent.get()})

    @router.get("/weigering")
    async def refuse() -> Any:
        problems = (Problem("besluit", "ontbreekt"), Problem("oordelen.1", "is onbekend"))
        return problem_response(Refused(409, "Kan nu niet", problems, "al-besloten"))

    @router.get("/weigeringen-zonder-plaats")
    async def refuse_as_a_whole() -> Any:
        problems = (Problem("$", "te vroeg"), Problem("$", "nog niet gesproken"))
        return problem_response(Refused(409, "Kan nu niet", problems, "conflict"))

    api.include_router(router)
    return api


@cache
def _front() -> Front:
    async def fine() -> Finding | None:
        return None

    async def broken() -> Finding | None:
        return Finding("de database antwoordt niet")

    site = create_site(name="site", verifier=KnownCallers())
    site.include_router(health_router(live={"lus": fine}, ready={"lus": fine, "database": broken}))
    return Front({"/proef/v1": _api()}, site)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=_front())
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as opened:
        yield opened


GOOD = {"kinderen": [{"voorNaam": "Sam", "geborenOp": "2020-01-01T00:00+01:00"}], "straat": "Dorpsstraat"}


async def test_a_good_call_is_created_with_its_location(client: httpx.AsyncClient) -> None:
    response = await client.post("/proef/v1/gezinnen", json=GOOD, headers=VEILIG_THUIS)
    assert response.status_code == 201
    assert response.headers["location"] == f"/proef/v1/gezinnen/{response.json()['key']}"
    assert response.json()["partij"] == "veilig-thuis-west-brabant"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/proef/v1/openapi.json", 200),
        ("GET", "/proef/v1/bestaat-niet", 404),
        ("GET", "/proef/v1/gezinnen/", 404),
        ("GET", "/proef/v1/weigering/", 404),
        ("DELETE", "/proef/v1/weigering", 405),
        ("POST", "/proef/v1/gezinnen", 401),
        ("GET", "/proef/v1/gezinnen/geen-uuid", 400),
        ("GET", "/proef/v1/storing", 500),
        ("GET", "/proef/v1/weigering", 409),
    ],
)
async def test_every_answer_has_its_version_and_its_shields(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    status: int,
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert response.headers["api-version"] == "1.2.3"
    assert response.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert "max-age" in response.headers["strict-transport-security"]
    if status >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status
        assert response.json()["title"]
        assert response.json()["detail"]


@pytest.mark.parametrize(
    "path",
    ["/gezinnen/0195f2f0-0000-7000-8000-000000000001", "/proef/v1x/weigering", "/proef/v1"],
)
async def test_outside_the_base_path_there_is_nothing(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


async def test_invalid_input_is_400_with_every_error_in_dutch_and_no_value(client: httpx.AsyncClient) -> None:
    body = {"kinderen": [{"voorNaam": 999990019, "geborenOp": "2020-01-01T00:00"}, {"geborenOp": "Jan Jansen"}]}
    response = await client.post("/proef/v1/gezinnen", json=body, headers=VEILIG_THUIS)
    assert response.status_code == 400
    assert response.json()["fouten"] == [
        {"plaats": "kinderen.0.voorNaam", "melding": "moet tekst zijn"},
        {"plaats": "kinderen.0.geborenOp", "melding": "mist de tijdzone (bijvoorbeeld +01:00)"},
        {"plaats": "kinderen.1.voorNaam", "melding": "ontbreekt"},
        {"plaats": "kinderen.1.geborenOp", "melding": "is geen moment (ISO 8601 met tijdzone)"},
        {"plaats": "straat", "melding": "ontbreekt"},
    ]
    assert "999990019" not in response.text
    assert "Jansen" not in response.text


@pytest.mark.parametrize("body", [b"{", b"", b'"tekst"', b"[1]", b"null", b"[" * 5000, b"\xff\xfe"])
async def test_a_body_that_is_no_json_object_is_400(client: httpx.AsyncClient, body: bytes) -> None:
    headers = VEILIG_THUIS | {"Content-Type": "application/json"}
    response = await client.post("/proef/v1/gezinnen", content=body, headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("street", "status"),
    [
        (rb"Dorpsstraat", 201),
        (rb"\\u0000 voluit", 201),
        (rb"a\u0000b", 400),
        (rb"a\\\u0000", 400),
        (rb"half \ud800", 400),
        (b"a\x00b", 400),
        (b"a\x1bb", 400),
        (rb"a\uFFFFb", 400),
        ("漢字 😢\\n".encode(), 201),
        (b"\xff", 400),
    ],
)
async def test_text_that_no_database_keeps_is_400(client: httpx.AsyncClient, street: bytes, status: int) -> None:
    body = b'{"kinderen": [], "straat": "' + street + b'"}'
    headers = VEILIG_THUIS | {"Content-Type": "application/json; charset=utf-8"}
    response = await client.post("/proef/v1/gezinnen", content=body, headers=headers)
    assert response.status_code == status


async def test_a_list_is_not_called_too_short_because_of_what_is_wrong_in_it(client: httpx.AsyncClient) -> None:
    for buren, place in (([{"voorNaam": "Sam", "geborenOp": "gisteren"}], "buren.0.geborenOp"), ([], "buren")):
        body = {"kinderen": [], "straat": "x", "buren": buren}
        response = await client.post("/proef/v1/gezinnen", json=body, headers=VEILIG_THUIS)
        assert [fout["plaats"] for fout in response.json()["fouten"]] == [place]


async def test_a_number_that_is_none_is_400(client: httpx.AsyncClient) -> None:
    body = b'{"kinderen": [], "straat": "x", "onbekend": NaN}'
    headers = VEILIG_THUIS | {"Content-Type": "application/json"}
    response = await client.post("/proef/v1/gezinnen", content=body, headers=headers)
    assert response.status_code == 400
    assert response.json()["detail"] == "De inhoud van de aanvraag is geen geldige JSON"


@pytest.mark.parametrize(
    "announced", ["application/JSON", "application/vnd.gezin+json", "Application/Json;charset=utf-8"]
)
async def test_json_is_read_by_the_letter_however_it_is_announced(client: httpx.AsyncClient, announced: str) -> None:
    body = b'{"kinderen": [], "straat": "a\\u0000b"}'
    headers = VEILIG_THUIS | {"Content-Type": announced}
    response = await client.post("/proef/v1/gezinnen", content=body, headers=headers)
    assert response.status_code == 400
    assert response.json()["detail"] == f"straat: {ONLEESBAAR}"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "De inhoud van de aanvraag ontbreekt; stuur een JSON-object, al is het leeg: {}"),
        (b"[]", "De inhoud van de aanvraag moet een JSON-object zijn"),
        (b"{", "De inhoud van de aanvraag is geen geldige JSON"),
    ],
)
async def test_a_body_that_is_wrong_as_a_whole_is_told_in_a_sentence(
    client: httpx.AsyncClient, body: bytes, detail: str
) -> None:
    headers = VEILIG_THUIS | {"Content-Type": "application/json"}
    response = await client.post("/proef/v1/gezinnen", content=body, headers=headers)
    assert (response.status_code, response.json()["detail"]) == (400, detail)


def test_several_reasons_about_the_whole_are_all_told() -> None:
    reasons = (Problem("$", "het gezin is niet gesproken"), Problem("$", "het team stemt niet in"))
    body = json.loads(problem_response(Refused(409, "Kan niet", reasons, "conflict")).body)
    assert [fout["melding"] for fout in body["fouten"]] == [reason.message for reason in reasons]


async def test_a_body_in_another_media_type_is_415(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/proef/v1/gezinnen",
        content=b"a=b",
        headers=VEILIG_THUIS | {"Content-Type": "text/plain"},
    )
    assert response.status_code == 415
    assert response.json()["fouten"][0]["plaats"] == "header.content-type"


@pytest.mark.parametrize("query", ["op=gisteren", "op=%00", "op=2026-03-02T09:00"])
async def test_a_query_that_cannot_be_read_is_400(client: httpx.AsyncClient, query: str) -> None:
    response = await client.get(f"/proef/v1/gezinnen/0195f2f0-0000-7000-8000-000000000001?{query}")
    assert response.status_code == 400


async def test_moments_go_out_in_utc(client: httpx.AsyncClient) -> None:
    identifier = "0195f2f0-0000-7000-8000-000000000001"
    response = await client.get(f"/proef/v1/gezinnen/{identifier}", params={"op": "2026-03-02T09:00:00Z"})
    assert response.json() == {"id": identifier, "op": "2026-03-02T09:00:00Z"}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer onbekend"}, {"Authorization": "Basic dnQ6dnQ="}])
async def test_without_a_valid_token_it_is_401_with_the_way_in(
    client: httpx.AsyncClient,
    headers: dict[str, str],
) -> None:
    response = await client.post("/proef/v1/gezinnen", json=GOOD, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_without_the_scope_it_is_403_that_names_it(client: httpx.AsyncClient) -> None:
    response = await client.post("/proef/v1/gezinnen", json=GOOD, headers=GEMEENTE)
    assert response.status_code == 403
    assert "meldingen:schrijven" in response.json()["detail"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 201),
        ({"Origin": "http://hub.test"}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "https://elders.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_a_session_is_not_accepted_from_another_website(
    client: httpx.AsyncClient,
    sent: dict[str, str],
    status: int,
) -> None:
    headers = {"Cookie": "houvast_sessie=vt"} | sent
    assert (await client.post("/proef/v1/gezinnen", json=GOOD, headers=headers)).status_code == status


async def test_the_same_key_is_the_same_call_and_another_body_shows(client: httpx.AsyncClient) -> None:
    async def call(key: str | None, straat: str) -> dict[str, str]:
        headers = VEILIG_THUIS | ({} if key is None else {"Idempotency-Key": key})
        return (await client.post("/proef/v1/gezinnen", json=GOOD | {"straat": straat}, headers=headers)).json()

    first, again, other_body, other_key = (
        await call("a", "x"),
        await call("a", "x"),
        await call("a", "y"),
        await call("b", "x"),
    )
    assert (first["key"], first["print"]) == (again["key"], again["print"])
    assert first["key"] == other_body["key"]
    assert first["print"] != other_body["print"]
    assert first["key"] != other_key["key"]
    assert (await call(None, "x"))["key"] != (await call(None, "x"))["key"]


@pytest.mark.parametrize(
    ("media_type", "one", "other", "prints"),
    [
        ("application/json", b'{"a": 1, "b": [2, {"c": 3, "d": 4}]}', b'{"b":[2,{"d":4,"c":3}],"a":1}', 1),
        ("application/json; charset=utf-8", b'{"a": "\xc3\xab"}', b'{ "a": "\\u00eb" }\n', 1),
        ("application/json", b'{"a": [1, 2]}', b'{"a": [2, 1]}', 2),
        ("application/json", b'{"a": 1}', b'{"a": "1"}', 2),
        ("application/json", b"[" * 32 + b"]" * 32, b"[" * 32 + b" ]" * 32, 1),
        ("text/plain", b'{"a":1}', b'{"a": 1}', 2),
    ],
)
async def test_the_same_json_written_otherwise_is_the_same_call(
    client: httpx.AsyncClient, media_type: str, one: bytes, other: bytes, prints: int
) -> None:
    """A caller that builds its JSON anew for a second try has not said anything else; other bodies count by the byte."""
    headers = VEILIG_THUIS | {"Idempotency-Key": "a", "Content-Type": media_type}
    first, second = [await client.post("/proef/v1/afdrukken", content=body, headers=headers) for body in (one, other)]
    assert first.status_code == second.status_code == 201
    assert len({first.json()["print"], second.json()["print"]}) == prints


@pytest.mark.parametrize("key", [b"x" * 201, b"", b" ", "sleutel-één".encode("latin-1"), b"a\tb", b"\x7f"])
async def test_a_key_of_another_form_than_described_is_400(client: httpx.AsyncClient, key: bytes) -> None:
    headers = [(b"Authorization", b"Bearer vt"), (b"Idempotency-Key", key)]
    response = await client.post("/proef/v1/gezinnen", json=GOOD, headers=headers)
    assert response.status_code == 400
    assert response.json()["fouten"][0]["plaats"] == "header.idempotency-key"


async def test_a_body_over_one_mebibyte_is_413(client: httpx.AsyncClient) -> None:
    response = await client.post("/proef/v1/gezinnen", content=b"x" * (1024 * 1024 + 1), headers=VEILIG_THUIS)
    assert response.status_code == 413
    assert response.headers["api-version"] == "1.2.3"


async def test_a_body_over_one_mebibyte_in_pieces_is_413() -> None:
    """No Content-Length to go by, so it is counted as it comes."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b" " * 300_000, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    names = {b"transfer-encoding": b"chunked", b"content-type": b"application/json", b"authorization": b"Bearer vt"}
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/proef/v1/gezinnen", "query_string": b""}
    async with asyncio.timeout(5):
        await _api()(scope | {"headers": list(names.items())}, receive, send)
    assert sent[0]["status"] == 413


async def test_a_crash_tells_nothing_of_what_was_sent(client: httpx.AsyncClient) -> None:
    response = await client.get("/proef/v1/storing")
    assert response.status_code == 500
    assert "Jansen" not in response.text
    assert response.json()["code"] == "er-ging-iets-mis"


async def test_a_refusal_gives_every_reason(client: httpx.AsyncClient) -> None:
    response = await client.get("/proef/v1/weigering")
    assert response.json() == {
        "type": "urn:houvast:probleem:al-besloten",
        "title": "Kan nu niet",
        "status": 409,
        "detail": "Er zijn 2 fouten; ze staan in het veld fouten.",
        "code": "al-besloten",
        "fouten": [
            {"plaats": "besluit", "melding": "ontbreekt"},
            {"plaats": "oordelen.1", "melding": "is onbekend"},
        ],
    }


async def test_reasons_about_the_whole_are_given_as_well(client: httpx.AsyncClient) -> None:
    told = (await client.get("/proef/v1/weigeringen-zonder-plaats")).json()
    assert told["fouten"] == [{"plaats": "$", "melding": "te vroeg"}, {"plaats": "$", "melding": "nog niet gesproken"}]


async def test_a_trace_goes_on_and_rubbish_starts_a_new_one(client: httpx.AsyncClient) -> None:
    async def trace(sent: str) -> str:
        return (await client.get("/proef/v1/spoor", headers={"traceparent": sent})).json()["traceparent"]

    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    went_on = await trace(f"00-{trace_id}-00f067aa0ba902b7-01")
    assert went_on.split("-")[1] == trace_id
    assert went_on.split("-")[2] != "00f067aa0ba902b7"
    assert (await trace("Jan Jansen")).split("-")[1] != (await trace("Jan Jansen")).split("-")[1]
    assert current_traceparent.get() is None


async def test_the_description_is_public_and_tells_scopes_and_problems(client: httpx.AsyncClient) -> None:
    description = (await client.get("/proef/v1/openapi.json")).json()
    assert description["openapi"].startswith("3.1")
    assert description["info"]["contact"]["name"]
    assert description["servers"] == [{"url": "/proef/v1"}]
    operation = description["paths"]["/gezinnen"]["post"]
    assert operation["security"] == [{"token": []}]
    assert "meldingen:schrijven" in operation["description"]
    assert operation["responses"]["422"]["description"].startswith("De Idempotency-Key is eerder gebruikt")
    problem = operation["responses"]["400"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Probleem"}
    assert "fouten" in description["components"]["schemas"]["Probleem"]["properties"]
    assert description["paths"]["/weigering"]["get"]["security"] == []


async def test_health_says_what_is_wrong(client: httpx.AsyncClient) -> None:
    assert (await client.get("/gezond/live")).json() == {"status": "ok", "onderdelen": {"lus": "ok"}}
    ready = await client.get("/gezond/klaar")
    assert ready.status_code == 503
    assert ready.json()["onderdelen"] == {"lus": "ok", "database": "de database antwoordt niet"}


async def test_metrics_name_routes_and_never_what_was_filled_in(client: httpx.AsyncClient) -> None:
    await client.get("/proef/v1/gezinnen/0195f2f0-0000-7000-8000-000000000001")
    metrics = (await client.get("/metrics")).text
    assert 'route="/gezinnen/{gezin_id}"' in metrics
    assert "0195f2f0" not in metrics


async def test_serving_takes_a_free_port_answers_and_stops() -> None:
    running = await serve(Front({"/proef/v1": _api()}), host="127.0.0.1", port=0)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.port}") as caller_:
            response = await caller_.get("/proef/v1/weigering")
            assert response.status_code == 409
            assert "server" not in response.headers
            missing = await caller_.get("/elders")
            assert missing.headers["content-type"] == "application/problem+json"
        with pytest.raises(PortUnavailable, match=str(running.port)):
            await serve(_api(), host="127.0.0.1", port=running.port)
    finally:
        await running.stop()
    async with httpx.AsyncClient() as caller_:
        with pytest.raises(httpx.ConnectError):
            await caller_.get(f"http://127.0.0.1:{running.port}/proef/v1/weigering")
