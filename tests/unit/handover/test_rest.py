"""What leaves for the endpoint of a gemeente, and what its answer means."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.envelope import CONTENT_TYPE, decode
from contracts.messages.handover import AanbodIngetrokken, OverdrachtAangeboden
from contracts.messages.identifiers import CasusId
from contracts.register import Register
from services.handover.adapters import Endpoints, RestAflevering, judge
from services.runtime.access.sealing import CaseSealer, CaseShredded, ShreddedSealer
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.outbound.webhooks import WebhookVerifier, hmac_secret
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import Attempt, Request, Result
from tests.unit.triage.road import example, sample_register

pytestmark = pytest.mark.anyio

SHOWN = datetime(2026, 3, 2, 8, tzinfo=UTC)
WALL = datetime(2026, 11, 23, 12, tzinfo=UTC)
CASUS = CasusId(UUID(int=7))
OVERDRACHT = UUID(int=42)
SECRET = hmac_secret(b"k" * 32)
SEALER = CaseSealer(CASUS, b"s" * 32)
DOCUMENT = Overdrachtsdocument.model_validate(example("triagebesluit")["overdrachtsdocument"])

Answer = Callable[[HttpRequest], Awaitable[Response]]


class Gemeente:
    """Really receives over ASGI, and verifies."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self._answer = answer
        self.app = Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])

    async def _take(self, request: HttpRequest) -> Response:
        self.received.append((dict(request.headers), await request.body()))
        return await self._answer(request) if self._answer is not None else Response(status_code=202)


def delivering(
    transport: httpx.AsyncBaseTransport | None,
    *,
    secret: Callable[[str], str] = lambda _: SECRET,
) -> RestAflevering:
    wall = VirtueleKlok(WALL)
    endpoints = Endpoints(
        secret=secret,
        wall=wall,
        timeout=timedelta(seconds=0.2),
        open_with=None if transport is None else lambda _: httpx.AsyncClient(transport=transport, trust_env=False),
    )
    return RestAflevering(
        endpoints,
        register=sample_register(),
        source="urn:nld:oin:00000099000000001000:systeem:houvast-handover",
        klok=VirtueleKlok(SHOWN),
        wall=wall,
    )


def request(gemeente: str = "GM0758", *, partij: str | None = None) -> Request:
    content = {
        "overdrachtId": str(OVERDRACHT),
        "gemeente": gemeente,
        "team": None,
        "partij": partij,
        "kanaal": "rest",
        "overdrachtsoort": "direct",
        "aangemaaktOp": "2026-03-02T08:00:00Z",
        "antwoordbasis": "https://hub.example",
        "document": SEALER.seal(DOCUMENT).jwe,
    }
    return Request(OVERDRACHT, "aflevering-rest", gemeente, {**content}, SHOWN, 1)


async def attempt(answer: Answer | None = None) -> tuple[Attempt, Gemeente]:
    gemeente = Gemeente(answer)
    rest = delivering(httpx.ASGITransport(gemeente.app))
    try:
        return await rest(request(), CASUS, SEALER), gemeente
    finally:
        await rest.close()


async def test_a_gemeente_receives_a_signed_cloudevent_with_the_open_document() -> None:
    done, gemeente = await attempt()
    assert (done.result, done.status) == (Result.DONE, 202)
    ((headers, body),) = gemeente.received
    verified = WebhookVerifier([SECRET]).verify(headers, body, now=WALL)
    assert verified.id == str(OVERDRACHT)
    assert headers["content-type"] == CONTENT_TYPE
    event = decode(body, {OverdrachtAangeboden.soort: OverdrachtAangeboden})
    assert (event.casus_id, event.id) == (CASUS, str(OVERDRACHT))
    assert event.data.overdrachtsdocument == DOCUMENT
    assert event.data.reactie.ontvangstbevestiging == (
        f"https://hub.example/overdracht/v1/overdrachten/{OVERDRACHT}/ontvangstbevestigingen"
    )


async def test_a_party_receives_at_its_own_endpoint_and_is_named() -> None:
    """D13: `gemeente` stays where the case belongs; a register without its endpoint is ours to mend, and is retried."""
    gemeente = Gemeente()
    rest = delivering(httpx.ASGITransport(gemeente.app))
    done = await rest(request(partij="safegroup"), CASUS, SEALER)
    assert (done.result, done.receipt) == (Result.DONE, {})
    ((_, body),) = gemeente.received
    data = decode(body, {OverdrachtAangeboden.soort: OverdrachtAangeboden}).data
    assert (data.partij, data.gemeente) == ("safegroup", "GM0758")
    for code, told in (("niemand", "staat niet in het register"), ("veilig-thuis-west-brabant", "heeft geen endpoint")):
        waits = await rest(request(partij=code), CASUS, SEALER)
        assert waits.result is Result.TEMPORARY
        assert told in waits.detail
    await rest.close()


async def test_a_second_attempt_is_the_same_event_under_the_same_id() -> None:
    gemeente = Gemeente()
    rest = delivering(httpx.ASGITransport(gemeente.app))
    await rest(request(), CASUS, SEALER)
    await rest(request(), CASUS, SEALER)
    await rest.close()
    (first, first_body), (second, second_body) = gemeente.received
    assert first["webhook-id"] == second["webhook-id"]
    assert first_body == second_body


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.DONE),
        (204, Result.DONE),
        (301, Result.TEMPORARY),
        (400, Result.PERMANENT),
        (401, Result.TEMPORARY),
        (403, Result.TEMPORARY),
        (404, Result.PERMANENT),
        (408, Result.TEMPORARY),
        (409, Result.TEMPORARY),
        (410, Result.PERMANENT),
        (425, Result.TEMPORARY),
        (429, Result.TEMPORARY),
        (500, Result.TEMPORARY),
        (503, Result.TEMPORARY),
    ],
)
async def test_what_an_answer_means(status: int, result: Result) -> None:
    """STANDARDS: 4xx other than 408, 409, 425 and 429 is permanent, 410 disables, 3xx is a failure. 401 and 403 are about
    us and not about the case, so they wait.
    """

    async def answer(_: HttpRequest) -> Response:
        return Response(status_code=status)

    found, _ = await attempt(answer)
    assert (found.result, found.status) == (result, status)
    assert found.refused is (status in {401, 403})


async def test_a_redirect_is_not_followed() -> None:
    async def answer(_: HttpRequest) -> Response:
        return RedirectResponse("https://elders.example/", status_code=307)

    found, gemeente = await attempt(answer)
    assert found.result is Result.TEMPORARY
    assert len(gemeente.received) == 1


async def test_what_an_endpoint_writes_back_is_told_to_nobody() -> None:
    """G6: an answer may repeat the document."""

    async def answer(asked: HttpRequest) -> Response:
        return Response(await asked.body(), status_code=400)

    found, _ = await attempt(answer)
    assert found.detail == "geweigerd met status 400"
    assert found.receipt == {}


async def test_an_answer_that_does_not_end_is_not_read_to_the_end() -> None:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            yield b"x" * 4096

    class Flood(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(202, content=flood(), request=request)

    rest = delivering(Flood())
    assert (await rest(request(), CASUS, SEALER)).result is Result.DONE
    await rest.close()


async def test_an_endpoint_that_keeps_silent_is_tried_again_later() -> None:
    async def answer(_: HttpRequest) -> Response:
        await asyncio.Event().wait()
        return Response()

    found, _ = await attempt(answer)
    assert found.result is Result.TEMPORARY
    assert "geen antwoord binnen" in found.detail


async def test_an_endpoint_that_is_not_there_is_tried_again_later() -> None:
    """Port 1 of this machine: nobody listens."""
    rest = delivering(None)
    found = await rest(request(), CASUS, SEALER)
    await rest.close()
    assert (found.result, found.status) == (Result.TEMPORARY, None)
    assert found.detail == "de verbinding is geweigerd: op dat adres luistert niemand"


async def test_what_is_wrong_on_our_side_is_no_refusal_by_the_gemeente() -> None:
    def unavailable(reference: str) -> str:
        raise SecretUnavailable(reference, "deze omgevingsvariabele is niet gezet")

    gemeente = Gemeente()
    rest = delivering(httpx.ASGITransport(gemeente.app), secret=unavailable)
    found = await rest(request(), CASUS, SEALER)
    assert found.result is Result.TEMPORARY
    assert found.detail.startswith("bij Houvast ")
    unknown = await rest(request("GM9999"), CASUS, SEALER)
    assert (unknown.result, gemeente.received) == (Result.TEMPORARY, [])
    await rest.close()


async def test_a_document_that_does_not_open_is_not_sent() -> None:
    gemeente = Gemeente()
    rest = delivering(httpx.ASGITransport(gemeente.app))
    other = CaseSealer(CasusId(UUID(int=8)), b"s" * 32)
    assert (await rest(request(), CASUS, other)).result is Result.PERMANENT
    with pytest.raises(CaseShredded):
        await rest(request(), CASUS, ShreddedSealer(CASUS))
    await rest.close()
    assert gemeente.received == []


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 23 Nov 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Mon, 23 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Mon, 23 Nov 2026 11:00:00", None),
        ("straks", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, wait: timedelta | None) -> None:
    """RFC 9110, 10.2.3."""
    assert judge(503, value, WALL).retry_after == wait


async def test_an_overdracht_that_was_taken_back_is_told_without_anything_of_its_content() -> None:
    gemeente = Gemeente()
    rest = delivering(httpx.ASGITransport(gemeente.app))
    content = {
        "overdrachtId": str(OVERDRACHT),
        "gemeente": "GM0758",
        "team": None,
        "ingetrokkenOp": "2026-03-03T08:00:00Z",
    }
    notice = Request(UUID(int=43), "intrekking-rest", "GM0758", {**content}, SHOWN, 1)
    assert (await rest(notice, CASUS, ShreddedSealer(CASUS))).result is Result.DONE
    await rest.close()
    ((headers, body),) = gemeente.received
    assert headers["webhook-id"] == str(UUID(int=43))
    event = decode(body, {AanbodIngetrokken.soort: AanbodIngetrokken})
    assert (event.data.overdracht_id, event.data.gemeente) == (OVERDRACHT, "GM0758")


async def test_what_is_for_a_gemeente_that_merged_goes_to_its_successor() -> None:
    """By the register on the day of delivery; the receipt says who took it."""
    sample = sample_register()
    merged = [
        entry.model_copy(update={"geldig_tot": SHOWN.date(), "opvolger": "GM1674"}) if entry.code == "GM0758" else entry
        for entry in sample.entries()
    ]
    gemeente, wall = Gemeente(), VirtueleKlok(WALL)
    rest = RestAflevering(
        Endpoints(
            secret=lambda _: SECRET,
            wall=wall,
            timeout=timedelta(seconds=1),
            open_with=lambda _: httpx.AsyncClient(transport=httpx.ASGITransport(gemeente.app)),
        ),
        register=Register(gemeenten=merged, partijen=sample.partijen()),
        source="urn:nld:oin:00000099000000001000:systeem:houvast-handover",
        klok=VirtueleKlok(SHOWN),
        wall=wall,
    )
    done = await rest(request(), CASUS, SEALER)
    await rest.close()
    assert (done.result, done.receipt) == (Result.DONE, {"gemeente": "GM1674"})
    assert json.loads(gemeente.received[0][1])["data"]["gemeente"] == "GM1674"
