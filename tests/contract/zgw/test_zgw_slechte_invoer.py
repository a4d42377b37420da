"""A zaaksysteem that misbehaves, or stands behind something that does: the case is never lost and never there twice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from contracts.messages.identifiers import CasusId
from lab.sandbox.gedrag import Gedrag, Storing, Storingsoort
from services.handover.adapters.zgw import Api, Verbinding, ZgwClient
from services.handover.adapters.zgw.catalogus import KEPT_FOR
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar
from services.runtime.access.sealing import CaseSealer, CaseShredded, ShreddedSealer
from services.runtime.outbound.network import open_client
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.unit.decision import Attempt, Result
from tests.contract.zgw.opstelling import COMPLETE, DOCUMENT, Opstelling, Weg, build, make_endpoint, no_secret, sandbox

pytestmark = pytest.mark.anyio

ENDPOINT = make_endpoint("https://zaken.example", zaaktype="https://zaken.example/catalogi/api/v1/zaaktypen/1")
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)

Answer = Callable[[httpx.Request], httpx.Response]


class Vreemd(httpx.AsyncBaseTransport):
    """Whatever it is that answers; keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)


class Traag(httpx.AsyncBaseTransport):
    """Carries everything out, and answers too late for as long as it is slow."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport
        self.slow = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        if self.slow and request.method == "POST":
            await response.aread()
            await asyncio.Event().wait()
        return response


async def attempt(answer: Answer) -> tuple[Attempt, list[httpx.Request]]:
    vreemd = Vreemd(answer)
    opstelling = build(ENDPOINT, Weg(vreemd), klok=SystemKlok(), timeout=0.5)
    return await opstelling.deliver(uuid4()), vreemd.asked


@asynccontextmanager
async def with_sandbox(
    tmp_path: Path,
    *,
    gedrag: Gedrag | None = None,
    wall: VirtueleKlok | None = None,
    seconds: float = 15.0,
) -> AsyncIterator[Opstelling]:
    async with (
        sandbox(tmp_path, klok=SystemKlok(), wall=wall, gedrag=gedrag) as (zaaksysteem, _),
        httpx.AsyncHTTPTransport() as transport,
    ):
        yield build(zaaksysteem.endpoint, Weg(transport), klok=SystemKlok(), sandbox=zaaksysteem, timeout=seconds)


def fout(code: str, *velden: dict[str, str], status: int = 400, problem: bool = False) -> Answer:
    body = {"code": code, "title": "Fout", "status": status, "detail": "Femke Voorbeeld", "invalidParams": velden}
    kind = "application/problem+json" if problem else "application/json"

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=orjson.dumps(body), headers={"content-type": kind})

    return answer


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    """Our token and the document stay where the register says."""
    found, asked = await attempt(lambda _: httpx.Response(status, headers={"location": "https://elders.example/"}))
    assert (found.result, found.status) == (Result.TEMPORARY, status)
    assert {request.url.host for request in asked} == {"zaken.example"}


@pytest.mark.parametrize(
    "content",
    [
        b"<html>Welkom</html>",
        b"",
        b"null",
        b"[1]",
        b'{"results": 1}',
        b'{"results": [1]}',
        b'{"results": [{}]}',
        b"\xff",
    ],
)
async def test_200_with_garbage_is_no_receipt(content: bytes) -> None:
    """Something between us and the zaaksysteem answered; nothing is known, so it is tried again."""
    found, _ = await attempt(lambda _: httpx.Response(200, content=content))
    assert (found.result, found.detail) == (Result.TEMPORARY, "zaaktype opzoeken: het antwoord is niet te lezen")


async def test_201_with_garbage_is_tried_again_and_then_found(tmp_path: Path) -> None:
    async with with_sandbox(tmp_path) as opstelling:
        real = opstelling.weg.transport

        class Gateway(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                response = await real.handle_async_request(request)
                if request.method == "POST":
                    await response.aread()
                    return httpx.Response(201, content=b"OK")
                return response

        overdracht_id = uuid4()
        weird = build(opstelling.endpoint, Weg(Gateway()), klok=SystemKlok())
        for number in range(1, 10):
            await weird.deliver(overdracht_id, attempts=number)
        assert (await opstelling.deliver(overdracht_id)).result is Result.DONE
        assert (await opstelling.look(overdracht_id)).counts == COMPLETE


@pytest.mark.parametrize("collection", ["rollen", "zaakinformatieobjecten", "statussen"])
async def test_200_with_json_of_something_else_has_made_nothing(tmp_path: Path, collection: str) -> None:
    """A gateway that says ok by itself: without its first status the zaak is not complete, and not delivered."""
    async with with_sandbox(tmp_path) as opstelling:
        real = opstelling.weg.transport

        class Gateway(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                if request.method == "POST" and request.url.path.endswith(collection):
                    return httpx.Response(200, json={"status": "ok"})
                return await real.handle_async_request(request)

        overdracht_id = uuid4()
        found = await build(opstelling.endpoint, Weg(Gateway()), klok=SystemKlok()).deliver(overdracht_id)
        assert found.result is Result.TEMPORARY
        assert found.detail.endswith("het antwoord is niet te lezen")
        assert (await opstelling.deliver(overdracht_id, attempts=2)).result is Result.DONE
        assert (await opstelling.look(overdracht_id)).counts == COMPLETE


async def test_an_audittrail_that_is_none_is_not_said_to_be_read(tmp_path: Path) -> None:
    async with with_sandbox(tmp_path) as opstelling:
        real = opstelling.weg.transport

        class Gateway(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                if request.url.path.endswith("audittrail"):
                    return httpx.Response(200, json={"status": "ok"})
                return await real.handle_async_request(request)

        found = await build(opstelling.endpoint, Weg(Gateway()), klok=SystemKlok()).deliver(uuid4())
        assert found.result is Result.DONE
        reden = "audittrail lezen: het antwoord is niet te lezen"
        assert found.receipt["audittrail"] == {"gelezen": False, "reden": reden}


@pytest.mark.parametrize("soort", Storingsoort)
async def test_an_endpoint_that_is_out_is_tried_again_later(tmp_path: Path, soort: Storingsoort) -> None:
    """503, half a response, silence."""
    now = SystemKlok().now()
    gedrag = replace(Gedrag.nooit(), storingen=(Storing(now - timedelta(hours=1), now + timedelta(hours=1), soort),))
    async with with_sandbox(tmp_path, gedrag=gedrag, seconds=0.3) as opstelling:
        overdracht_id = uuid4()
        down = await opstelling.deliver(overdracht_id)
        assert down.result is Result.TEMPORARY, down
        assert opstelling.sandbox is not None
        opstelling.sandbox.gedrag = Gedrag.nooit()
        assert (await opstelling.deliver(overdracht_id)).result is Result.DONE


async def test_a_zaaksysteem_that_answers_after_our_timeout_and_then_again_has_one_zaak(tmp_path: Path) -> None:
    """Each attempt gets one step further than the one before; none is repeated."""
    async with with_sandbox(tmp_path) as opstelling:
        traag = Traag(opstelling.weg.transport)
        slow = build(opstelling.endpoint, Weg(traag), klok=SystemKlok(), timeout=0.3)
        overdracht_id = uuid4()
        attempts = [await slow.deliver(overdracht_id, attempts=number) for number in (1, 2, 3)]
        assert {attempt.result for attempt in attempts} == {Result.TEMPORARY}
        assert "geen antwoord binnen 0.3 seconden" in attempts[0].detail
        traag.slow = False
        assert (await slow.deliver(overdracht_id)).result is Result.DONE
        assert (await opstelling.look(overdracht_id)).counts == COMPLETE


async def test_looking_what_is_there_takes_no_longer_than_a_slow_call(tmp_path: Path) -> None:
    """Where each call takes most of its time an attempt would end before it had looked everywhere, and so would the next."""
    async with with_sandbox(tmp_path) as opstelling:
        real, together = opstelling.weg.transport, asyncio.Barrier(3)

        class Geduldig(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                if request.method == "GET" and request.url.path.endswith(
                    ("rollen", "zaakinformatieobjecten", "statussen")
                ):
                    await together.wait()
                return await real.handle_async_request(request)

        overdracht_id = uuid4()
        assert (await opstelling.deliver(overdracht_id)).result is Result.DONE
        slow = build(opstelling.endpoint, Weg(Geduldig()), klok=SystemKlok(), timeout=2.0)
        assert (await slow.deliver(overdracht_id, attempts=2)).result is Result.DONE
        assert (await opstelling.look(overdracht_id)).counts == COMPLETE


async def test_an_address_in_our_own_network_is_not_called() -> None:
    """STANDARDS (SSRF): not unless the register says that this endpoint stands there."""
    private = ENDPOINT.model_copy(update={"url": "https://10.1.2.3", "prive_netwerk": False})
    connected = Verbinding(partial(open_client, timeout_seconds=1.0), secret=no_secret, wall=SystemKlok(), timeout=1.0)
    with pytest.raises(ZaaksysteemOnbereikbaar, match="prive_netwerk"):
        await ZgwClient(connected, private, secret="geheim" * 4).get(Api.ZAKEN, "zaken", stap="zoeken")
    await connected.close()


async def test_an_attempt_as_a_whole_ends_in_time() -> None:
    """A zaaksysteem that takes its time for every call may not outlast our lease."""

    class Kruipend(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.08):
                    await asyncio.Event().wait()
            url = f"https://{request.url.host}/{uuid4()}"
            item = {
                "url": url,
                "omschrijving": "x",
                "volgnummer": 1,
                "richting": "inkomend",
                "informatieobjecttype": url,
            }
            return httpx.Response(200, json={"results": [item], "next": "https://zaken.example/verder"})

    opstelling = build(ENDPOINT, Weg(Kruipend()), klok=SystemKlok(), timeout=0.1)
    found = await opstelling.deliver(uuid4())
    assert (found.result, found.detail) == (Result.TEMPORARY, "niet klaar binnen 0.3 seconden")


async def test_a_flood_is_not_read_to_its_end() -> None:
    found, _ = await attempt(lambda _: httpx.Response(200, content=b"[" + b" " * 5_000_000 + b"]"))
    assert found.result is Result.TEMPORARY


async def test_nobody_there_is_tried_again_later() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("niemand", request=request)

    found, _ = await attempt(gone)
    assert (found.result, found.detail) == (Result.TEMPORARY, "zaaktype opzoeken: niet te bereiken (ConnectError)")


async def test_a_token_is_minted_for_every_call(tmp_path: Path) -> None:
    """STANDARDS: a stale one gives 403. Ours are never older than the call."""
    wall = VirtueleKlok(SystemKlok().now())
    async with with_sandbox(tmp_path, wall=wall) as opstelling:
        told = build(opstelling.endpoint, opstelling.weg, klok=SystemKlok(), wall=wall, sandbox=opstelling.sandbox)
        assert (await told.deliver(uuid4())).result is Result.DONE
        wall.move(timedelta(hours=2))
        assert (await told.deliver(uuid4())).result is Result.DONE


async def test_a_token_that_is_stale_by_their_clock_is_renewed_once(tmp_path: Path) -> None:
    """Their clock runs two hours ahead of ours; it says so with the refusal."""
    theirs = VirtueleKlok(SystemKlok().now() + timedelta(hours=2))
    async with with_sandbox(tmp_path, wall=theirs) as opstelling:
        real = opstelling.weg.transport
        refused: list[str] = []

        class Dated(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                response = await real.handle_async_request(request)
                response.headers["date"] = format_datetime(theirs.now(), usegmt=True)
                if response.status_code == 403:
                    refused.append(request.url.path)
                return response

        overdracht_id = uuid4()
        ours = build(opstelling.endpoint, Weg(Dated()), klok=SystemKlok())
        assert (await ours.deliver(overdracht_id)).result is Result.DONE
        assert refused
        assert opstelling.sandbox is not None
        assert len(opstelling.sandbox.resources["zaken"]) == 1


async def test_a_zaaksysteem_whose_clock_is_behind_ours_gets_its_status_a_moment_later(tmp_path: Path) -> None:
    """It takes no status from the future; that passes by itself."""
    theirs = VirtueleKlok(SystemKlok().now() - timedelta(minutes=2))
    async with (
        sandbox(tmp_path, klok=theirs, wall=SystemKlok()) as (zaaksysteem, _),
        httpx.AsyncHTTPTransport() as transport,
    ):
        ours = build(zaaksysteem.endpoint, Weg(transport), klok=SystemKlok())
        overdracht_id = uuid4()
        early = await ours.deliver(overdracht_id)
        assert (early.result, early.status) == (Result.TEMPORARY, 400)
        assert "ligt in de toekomst" in early.detail
        theirs.move(timedelta(minutes=2))
        assert (await ours.deliver(overdracht_id, attempts=2)).result is Result.DONE
        assert (await ours.look(overdracht_id)).counts == COMPLETE


async def test_a_token_that_stays_stale_is_no_refusal_of_the_case() -> None:
    """One renewal and no more; clocks are put right."""
    found, asked = await attempt(fout("jwt-expired", status=403))
    assert (found.result, found.status) == (Result.TEMPORARY, 403)
    assert "het token was verlopen" in found.detail
    assert len(asked) == 2


@pytest.mark.parametrize("problem", [False, True], ids=["Fout", "problem+json"])
async def test_both_error_formats_become_a_sentence_without_personal_data(*, problem: bool) -> None:
    """G6: a reason may repeat what was sent. Only our own field names and known codes are told on."""
    velden = (
        {"name": "betrokkeneIdentificatie.naam", "code": "max_length", "reason": "Femke Voorbeeld is te lang"},
        {"name": "Femke Voorbeeld", "code": "femke-voorbeeld", "reason": "Femke Voorbeeld"},
        {"name": "nonFieldErrors", "code": "zaak-closed", "reason": "Femke Voorbeeld"},
    )
    found, _ = await attempt(fout("invalid", *velden, problem=problem))
    assert found.result is Result.PERMANENT
    assert found.detail == (
        "geweigerd met status 400 (zaaktype opzoeken: de gegevens samen: is te lang; de gegevens samen: de zaak is al"
        " gesloten)"
    )
    assert found.receipt == {}


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (400, Result.PERMANENT),
        (401, Result.TEMPORARY),
        (403, Result.TEMPORARY),
        (404, Result.PERMANENT),
        (409, Result.TEMPORARY),
        (412, Result.PERMANENT),
        (429, Result.TEMPORARY),
        (500, Result.TEMPORARY),
        (503, Result.TEMPORARY),
    ],
)
async def test_what_passes_and_what_does_not(status: int, result: Result) -> None:
    found, _ = await attempt(lambda _: httpx.Response(status, headers={"retry-after": "120"}))
    assert (found.result, found.status) == (result, status)
    if result is Result.TEMPORARY:
        assert found.retry_after == timedelta(minutes=2)


async def test_an_identificatie_that_is_taken_but_not_to_be_seen_is_tried_again(tmp_path: Path) -> None:
    """Whoever may not see the zaak cannot complete it; the autorisatie there may be put right."""
    async with with_sandbox(tmp_path) as opstelling:
        real, overdracht_id = opstelling.weg.transport, uuid4()
        await opstelling.deliver(overdracht_id)

        class Blind(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                if request.method == "GET" and request.url.path.endswith("/zaken"):
                    return httpx.Response(200, json={"count": 0, "next": None, "previous": None, "results": []})
                return await real.handle_async_request(request)

        found = await build(opstelling.endpoint, Weg(Blind()), klok=SystemKlok()).deliver(overdracht_id, attempts=2)
        assert (found.result, found.status) == (Result.TEMPORARY, 400)
        assert "identificatie: bestaat al" in found.detail


async def test_all_pages_are_read_by_number_and_not_by_address() -> None:
    """Addresses that a zaaksysteem gives are not gone to: it may be behind a gateway, or be somebody else."""

    def pages(request: httpx.Request) -> httpx.Response:
        page = request.url.params.get("page", "1")
        items = [{"url": f"https://zaken.example/{UUID(int=int(page))}", "omschrijving": "x", "volgnummer": 1}]
        following = "https://elders.example/?page=9" if page != "3" else None
        return httpx.Response(200, json={"results": items, "next": following})

    vreemd = Vreemd(pages)
    opstelling = build(ENDPOINT, Weg(vreemd), klok=SystemKlok())
    assert len(await opstelling.statustypen()) == 3
    assert {request.url.host for request in vreemd.asked} == {"zaken.example"}


async def test_zaaktypen_are_looked_up_once_in_a_while(tmp_path: Path) -> None:
    wall = VirtueleKlok(SystemKlok().now())
    async with with_sandbox(tmp_path, wall=wall) as opstelling:
        told = build(opstelling.endpoint, opstelling.weg, klok=SystemKlok(), wall=wall)

        async def looked_up() -> int:
            told.weg.gets.clear()
            assert (await told.deliver(uuid4())).result is Result.DONE
            return sum("/catalogi/" in path for path in told.weg.gets)

        assert [await looked_up(), await looked_up()] == [3, 0]
        wall.move(KEPT_FOR)
        assert await looked_up() == 3


async def test_a_zaaktype_that_cannot_hold_an_overdracht_makes_no_zaak(tmp_path: Path) -> None:
    """What cannot be finished is not begun; the sentence is for who keeps the catalogus."""
    async with with_sandbox(tmp_path) as opstelling:
        assert opstelling.sandbox is not None
        opstelling.sandbox.resources["zaaktype-informatieobjecttypen"].clear()
        overdracht_id = uuid4()
        found = await opstelling.deliver(overdracht_id)
        assert (found.result, found.detail) == (
            Result.PERMANENT,
            "het zaaktype heeft geen informatieobjecttype voor wat binnenkomt",
        )
        opstelling.sandbox.resources["statustypen"].clear()
        assert (await opstelling.deliver(overdracht_id)).detail == "het zaaktype heeft geen statustypen"
        assert opstelling.sandbox.resources["zaken"] == {}


async def test_a_zaaktype_without_roltypen_receives_all_the_same(tmp_path: Path) -> None:
    """A missing role in a catalogus is no reason to keep a case from the people who should have it."""
    async with with_sandbox(tmp_path) as opstelling:
        assert opstelling.sandbox is not None
        opstelling.sandbox.resources["roltypen"].clear()
        overdracht_id = uuid4()
        assert (await opstelling.deliver(overdracht_id)).result is Result.DONE
        assert (await opstelling.look(overdracht_id)).rollen == []


async def test_a_zaaksysteem_that_shows_no_receipt_has_received_all_the_same(tmp_path: Path) -> None:
    async with with_sandbox(tmp_path) as opstelling:
        real = opstelling.weg.transport

        class Gesloten(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                if request.url.path.endswith("/audittrail"):
                    return fout("permission_denied", status=403)(request)
                if request.method == "GET" and "/zaken/api/v1/zaken/" in request.url.path:
                    return fout("not_found", status=404)(request)
                return await real.handle_async_request(request)

        found = await build(opstelling.endpoint, Weg(Gesloten()), klok=SystemKlok()).deliver(uuid4())
        assert found.result is Result.DONE
        reden = "audittrail lezen: ons client_id mag dit niet (autorisatie)"
        assert found.receipt["audittrail"] == {"gelezen": False, "reden": reden}
        reden = "zaak teruglezen: bestaat daar niet"
        assert found.receipt["teruggelezen"] == {"gelezen": False, "reden": reden}


async def test_what_is_wrong_on_our_side_is_no_refusal_by_the_gemeente() -> None:
    vreemd = Vreemd(lambda _: httpx.Response(500))
    found = await build(ENDPOINT, Weg(vreemd), klok=SystemKlok(), secret=no_secret).deliver(uuid4())
    assert (found.result, vreemd.asked) == (Result.TEMPORARY, [])
    assert found.detail.startswith("bij Houvast ")


async def test_a_document_that_does_not_open_is_not_sent() -> None:
    vreemd = Vreemd(lambda _: httpx.Response(500))
    opstelling = build(ENDPOINT, Weg(vreemd), klok=SystemKlok())
    request, casus_id, _ = opstelling.request(uuid4())
    other = CaseSealer(CasusId(UUID(int=8)), b"s" * 32)
    zgw = opstelling.aflevering
    assert (await zgw(request, casus_id, other)).result is Result.PERMANENT
    with pytest.raises(CaseShredded):
        await zgw(request, casus_id, ShreddedSealer(casus_id))
    assert vreemd.asked == []


async def test_what_went_wrong_never_tells_who_it_is_about(tmp_path: Path) -> None:
    """Every refusal that the sandbox knows, with reasons full of what was sent."""
    async with with_sandbox(tmp_path) as opstelling:
        told: list[str] = []
        for change in ({"zaaktype": "https://x.example/1"}, {"rsin": "000000012"}, {"client_id": "ander"}):
            endpoint = opstelling.endpoint.model_copy(update=change)
            told.append((await build(endpoint, opstelling.weg, klok=SystemKlok()).deliver(uuid4())).detail)
        assert [naam for person in DOCUMENT.betrokkenen for naam in [person.naam] if naam in " ".join(told)] == []
        assert "ons client_id is daar niet bekend" in told[2]
