"""What one caller can do to a server, over raw sockets: large heads, odd bodies, half requests, many connections."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts.messages.documenten import Invoer
from contracts.rechten import Daad
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.http import CallKey, Front, Rates, RunningServer, caller, create_api, created, serve
from services.runtime.http.connection import Patience
from services.runtime.process.limits import Limits

pytestmark = pytest.mark.anyio

MEBIBYTE = 1024 * 1024
HURRIED = Patience(head_seconds=0.3, body_seconds=0.3, bytes_per_second=1e9, answer_seconds=0.3, after_seconds=0.3)
TOKEN = {"Authorization": "Bearer vt"}


class Known:
    async def verify(self, token: str) -> Caller | None:
        return Caller("veilig-thuis-west-brabant", default_scopes("veilig-thuis")) if token == "vt" else None


class Gezin(Invoer):
    namen: list[str]


def api() -> FastAPI:
    app = create_api(
        title="Proef", version="1.2.3", description="d", base_path="/proef/v1", name="proef", verifier=Known()
    )

    @app.post("/gezinnen", status_code=201)
    async def post(
        gezin: Gezin, wie: Annotated[Caller, Depends(caller(Daad.MELDING_REGISTREREN))], call: CallKey
    ) -> Response:
        return created("/proef/v1/gezinnen/1", {"namen": len(gezin.namen), "wie": wie.partij, "key": call.fingerprint})

    @app.post("/brieven", status_code=201)
    async def post_brief(request: Request) -> Any:
        return {"bytes": len(await request.body())}

    @app.get("/veel")
    async def much() -> Response:
        return Response(b"x" * 64 * MEBIBYTE)

    @app.get("/kort")
    async def short(wie: Annotated[Caller, Depends(caller(Daad.MELDINGENLIJST_LEZEN))]) -> Any:
        return {"wie": wie.partij}

    del post, post_brief, much, short
    return app


@asynccontextmanager
async def served(
    *, limits: Limits | None = None, patience: Patience | None = None
) -> AsyncIterator[tuple[RunningServer, httpx.AsyncClient]]:
    limits = limits or Limits(per_token=100_000, per_address=100_000)
    front = Front({"/proef/v1": api()}, rates=Rates(limits))
    running = await serve(front, host="127.0.0.1", port=0, limits=limits, patience=patience)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.port}", trust_env=False) as client:
            yield running, client
    finally:
        await running.stop()


async def ask(running: RunningServer, *parts: bytes) -> bytes:
    """Everything that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


def problem_in(raw: bytes) -> dict[str, Any]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    return json.loads(body)


HEAD = b"POST /proef/v1/brieven HTTP/1.1\r\nHost: hub\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /proef/v1/" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"GET /proef/v1/kort HTTP/1.1\r\nHost: hub\r\nX-Een: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /proef/v1/kort HTTP/1.1\r\nHost: hub\r\n" + b"X-Een: xxxxxxxxxx\r\n" * 1_000 + b"\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-Een: xxxxxxxxxx\r\n" * 1_000 + b"\r\n",
    ],
)
async def test_a_head_over_sixteen_kibibyte_is_431(head: bytes) -> None:
    """Also where it is all in one line, in many lines, or behind the body."""
    async with served() as (running, _):
        problem = problem_in(await ask(running, head))
    assert (problem["status"], problem["title"]) == (431, "De headers zijn te groot")


async def test_a_head_that_does_not_end_is_431_before_it_does() -> None:
    async with served() as (running, _):
        answer = await ask(running, b"GET /proef/v1/kort HTTP/1.1\r\nX-Een: ", b"x" * 9_000, b"x" * 9_000)
    assert problem_in(answer)["status"] == 431


async def test_a_head_of_fifteen_kibibyte_is_read() -> None:
    async with served() as (_, client):
        response = await client.get("/proef/v1/kort", headers=TOKEN | {"X-Een": "x" * 15_000})
    assert response.status_code == 200


async def test_what_is_no_http_is_a_problem_too() -> None:
    async with served() as (running, _):
        assert problem_in(await ask(running, b"\x16\x03\x01\x02\x00\r\n\r\n"))["status"] == 400


@pytest.mark.parametrize(
    "half",
    [
        b"GET /proef/v1/kort HTTP/1.1\r\nHost: h",
        HEAD + b"Content-Length: 100\r\n\r\nhalf",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    ],
)
async def test_half_a_request_is_408_and_closed(half: bytes) -> None:
    async with served(patience=HURRIED) as (running, _):
        problem = problem_in(await ask(running, half))
    assert (problem["status"], problem["code"]) == (408, "de-aanvraag-kwam-te-langzaam-binnen")


@pytest.mark.parametrize("sent", [b"", b"\r\n"])
async def test_who_says_nothing_is_closed(sent: bytes) -> None:
    async with served(patience=HURRIED) as (running, _):
        answer = await ask(running, sent)
    assert answer == b"" or problem_in(answer)["status"] == 408


async def test_empty_lines_do_not_keep_a_connection_open_after_an_answer() -> None:
    async with served(patience=HURRIED) as (running, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(b"GET /proef/v1/niets HTTP/1.1\r\nHost: hub\r\n\r\n")
        await reader.readuntil(b"niet-gevonden")
        writer.write(b"\r\n")
        assert await reader.read() is not None
        writer.transport.abort()


async def test_a_body_that_trickles_in_is_closed_however_regularly_it_comes() -> None:
    async def trickle() -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with served(patience=HURRIED) as (running, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
        sending = asyncio.create_task(trickle())
        with_problem = await reader.read(65536)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.transport.abort()
    assert problem_in(with_problem)["status"] == 408


async def test_a_body_that_comes_fast_enough_is_heard_out() -> None:
    """The time that it may take grows with what came: a bijlage over a slow line is not half a request."""
    patient = Patience(body_seconds=0.0, bytes_per_second=1)
    async with served(patience=patient) as (_, client):
        response = await client.post("/proef/v1/brieven", content=b"x" * 500_000)
    assert response.json() == {"bytes": 500_000}


async def test_who_does_not_read_its_answer_is_closed() -> None:
    async with served(patience=HURRIED) as (running, client):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=1024)
        writer.write(b"GET /proef/v1/veel HTTP/1.1\r\nHost: hub\r\n\r\n")
        read = await reader.readexactly(1024)
        while running.connections > 1 or not running.connections:
            await client.get("/proef/v1/kort", headers=TOKEN)  # one connection is ours, and kept
        assert read.startswith(b"HTTP/1.1 200")
        writer.transport.abort()


async def test_who_goes_on_sending_after_its_answer_is_closed() -> None:
    async def send_on() -> None:
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with served(patience=HURRIED) as (running, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(HEAD + b"Content-Length: 10000000000\r\n\r\n")
        assert b"413" in await reader.readline()
        with pytest.raises(ConnectionError):
            await send_on()


async def test_a_body_in_pieces_of_a_byte_is_413() -> None:
    pieces = b"1\r\nx\r\n" * 40_000
    async with served() as (running, _):
        answer = await ask(running, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
    assert problem_in(answer)["status"] == 413


@pytest.mark.parametrize("trusted", [False, True])
async def test_who_is_refused_time_and_again_is_not_read_for_a_while(*, trusted: bool) -> None:
    """A trusted proxy speaks for many, so it is read on."""
    limits = Limits(trusted_proxies=(ip_network("127.0.0.0/8"),) if trusted else ())
    request = b"GET /proef/v1/niets HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"
    async with served(limits=limits, patience=HURRIED) as (running, _):
        refusals = await asyncio.gather(*(ask(running, b"no http\r\n\r\n") for _ in range(30)))
        assert {refusal[:12] for refusal in refusals} == {b"HTTP/1.1 400"}
        answer = await ask(running, request)
    assert answer[:12] == (b"HTTP/1.1 404" if trusted else b"")


async def test_one_address_has_so_many_connections_and_gets_others_back() -> None:
    limits = Limits(per_token=100_000, per_address=100_000, connections=2)
    async with served(limits=limits) as (running, _):
        held = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(2)]
        request = b"GET /proef/v1/niets HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"
        assert await ask(running, request) == b""
        for _, writer in held:
            writer.transport.abort()
        while not (answer := await ask(running, request)):
            pass
    assert answer.startswith(b"HTTP/1.1 404")


async def test_a_trusted_proxy_has_as_many_as_it_needs() -> None:
    limits = Limits(connections=1, trusted_proxies=(ip_network("127.0.0.0/8"),))
    async with served(limits=limits) as (running, _):
        held = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(3)]
        request = b"GET /proef/v1/niets HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"
        assert (await ask(running, request)).startswith(b"HTTP/1.1 404")
        for _, writer in held:
            writer.transport.abort()


async def test_too_many_requests_are_429_with_how_long_to_wait() -> None:
    async with served(limits=Limits(per_token=1, per_address=1)) as (_, client):
        answers = [await client.get("/proef/v1/kort", headers=TOKEN) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429, 429]
    refused = answers[3]
    assert refused.headers["retry-after"] in {"1", "2"}
    assert refused.headers["api-version"] == "1.2.3"
    assert refused.json()["title"] == "Te veel aanvragen"


async def test_guessing_tokens_ends_in_429_and_a_known_caller_at_the_same_address_goes_on() -> None:
    async with served(limits=Limits(per_token=1_000, per_address=5)) as (_, client):
        assert (await client.get("/proef/v1/kort", headers=TOKEN)).status_code == 200
        guesses = [
            (await client.get("/proef/v1/kort", headers={"Authorization": f"Bearer {number}"})).status_code
            for number in range(6)
        ]
        assert (await client.get("/proef/v1/kort", headers=TOKEN)).status_code == 200
    assert guesses[:2] == [401, 401]
    assert guesses[-1] == 429


def body_of(*parts: str) -> dict[str, Any]:
    return {"content": "".join(parts).encode(), "headers": TOKEN | {"Content-Type": "application/json"}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"namen": [' + '"x",' * 3_000 + '"x"]}', "bevat te veel onderdelen: samen meer dan 2000"),
        ('{"namen": [' + "{}," * 300_000 + "{}]}", "bevat te veel onderdelen: samen meer dan 2000"),
        ("{" + ",".join(f'"k{n}": {n}' for n in range(10_000)) + "}", "bevat te veel onderdelen: samen meer dan 2000"),
        ('{"namen": ' + "[" * 33 + "]" * 33 + "}", "is dieper genest dan 32 niveaus"),
        ("[" * 500_000, "bevat te veel onderdelen: samen meer dan 2000"),
    ],
)
async def test_a_body_of_another_shape_than_people_write_is_refused_before_it_is_read(body: str, said: str) -> None:
    async with served() as (_, client):
        response = await client.post("/proef/v1/gezinnen", **body_of(body))
    assert response.status_code == 400
    assert response.json()["detail"] == f"De inhoud van de aanvraag {said}"


@pytest.mark.parametrize("text", ['a, {b}, [c]", "', "\\", "é[]{},"])
async def test_what_stands_in_a_text_is_no_part_of_the_shape(text: str) -> None:
    async with served() as (_, client):
        response = await client.post("/proef/v1/gezinnen", **body_of(json.dumps({"namen": [text * 5_000]})))
    assert response.status_code == 201


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8"])
async def test_a_large_body_is_judged_as_a_small_one_is(media_type: str) -> None:
    """Outside the event loop, with the same outcome: every error at once, and the same call when it comes again."""
    wrong = {"namen": ["x" * 100_000, 3, None], "onbekend": True}
    right = {"namen": ["x" * 100_000]}
    async with served() as (_, client):
        headers = TOKEN | {"Content-Type": media_type, "Idempotency-Key": "a"}
        refused = await client.post("/proef/v1/gezinnen", content=json.dumps(wrong), headers=headers)
        first = await client.post("/proef/v1/gezinnen", content=json.dumps(right), headers=headers)
        again = await client.post("/proef/v1/gezinnen", content=json.dumps(right, indent=4), headers=headers)
    assert refused.status_code == 400
    assert [fout["plaats"] for fout in refused.json()["fouten"]] == ["namen.1", "namen.2", "onbekend"]
    assert first.status_code == 201
    assert first.json() == again.json()


async def test_at_most_a_hundred_errors_are_told_and_that_there_are_more() -> None:
    async with served() as (_, client):
        response = await client.post("/proef/v1/gezinnen", **body_of(json.dumps({"namen": [1] * 1_500})))
    assert response.json()["detail"] == "Er zijn meer dan 100 fouten; de eerste 100 staan in het veld fouten."
    assert len(response.json()["fouten"]) == 100
