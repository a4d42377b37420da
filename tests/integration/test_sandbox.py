"""The sandbox, met as the hub meets it: over HTTP with real signatures, over SMTP with real STARTTLS."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosmtplib
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.envelope import CONTENT_TYPE, CloudEvent, encode, source_urn
from contracts.messages.handover import OverdrachtAangeboden, Overdrachtsoort, Reactie
from contracts.messages.identifiers import CasusId, short_reference
from contracts.register import parse_register
from lab.sandbox import Gedrag, Sandbox, Storing, Storingsoort, build_sandbox
from services.runtime.http.server import serve
from services.runtime.outbound.secrets import Geheimen
from services.runtime.outbound.webhooks import WebhookSigner
from services.runtime.process.clock import SystemKlok, VirtueleKlok

SAMPLE = Path(__file__).parents[2] / "deploy" / "register.toml"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CASUS = CasusId(UUID("0195567a-1c00-7000-8000-00000000abcd"))
OVERDRACHT = UUID("0195567a-1c00-7000-8000-000000000000")
TOKEN = "hv_breda"
WALL = SystemKlok()

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop of production."""
    return "asyncio", {"use_uvloop": True}


@dataclass
class Hub:
    """Takes answers as the hub does, or refuses them with the statuses it is given first."""

    url: str = ""
    answers: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        if self.refusals:
            return Response(status_code=self.refusals.pop(0))
        self.answers.append((request.url.path, request.headers["authorization"], await request.json()))
        return Response(status_code=201)


@dataclass
class Ground:
    """A running sandbox, its clock, a hub to answer to, and what the sender needs."""

    sandbox: Sandbox
    klok: VirtueleKlok
    hub: Hub
    client: httpx.AsyncClient
    base: str
    geheimen: Geheimen

    async def deliver(
        self,
        body: bytes,
        *,
        gemeente: str = "GM0758",
        key: str = "",
        webhook_id: str = "",
    ) -> httpx.Response:
        signer = WebhookSigner([key or self.geheimen.resolve(f"sandbox:{gemeente}")])
        headers = signer.headers(message_id=webhook_id or str(OVERDRACHT), at=WALL.now(), body=body)
        headers["content-type"] = CONTENT_TYPE
        return await self.client.post(f"{self.base}/sandbox/{gemeente}", content=body, headers=headers)

    def offer(self, *, gemeente: str = "GM0758", overdracht_id: UUID = OVERDRACHT, reactie: str = "") -> bytes:
        where = f"{reactie or self.hub.url}/overdracht/v1/overdrachten/{overdracht_id}"
        data = OverdrachtAangeboden(
            overdracht_id=overdracht_id,
            casus_id=CASUS,
            referentie=short_reference(CASUS),
            gemeente=gemeente,
            overdrachtsoort=Overdrachtsoort.DIRECT,
            aangemaakt_op=START,
            reactie=Reactie(ontvangstbevestiging=f"{where}/ontvangstbevestigingen", verdeling=f"{where}/verdelingen"),
            overdrachtsdocument=Overdrachtsdocument(weergave_melding="Geheim verhaal"),
        )
        source = source_urn("00000099900000000001", "handover")
        event = CloudEvent(str(overdracht_id), source, CASUS, START, None, data)
        return encode(event)


@asynccontextmanager
async def running(tmp_path: Path, gedrag: Gedrag | None = None, *, hub_url: str = "") -> AsyncIterator[Ground]:
    klok, hub = VirtueleKlok(START), Hub()
    hub_server = await serve(
        Starlette(routes=[Route("/{path:path}", hub.take, methods=["POST"])]),
        host="127.0.0.1",
        port=int(hub_url.rpartition(":")[2] or 0),
    )
    hub.url = f"http://127.0.0.1:{hub_server.port}"
    geheimen = Geheimen(data_dir=tmp_path, variabelen={"sandbox": "http://127.0.0.1:1"})
    register = parse_register(SAMPLE.read_text(), bestand=SAMPLE.name, variabelen={"sandbox": "http://127.0.0.1:1"})
    sandbox = build_sandbox(
        register=register,
        klok=klok,
        wall=WALL,
        secret=geheimen.resolve,
        data_dir=tmp_path,
        gedrag={"GM0758": gedrag or Gedrag.nooit()},
    )
    await sandbox.start()
    server = await serve(sandbox.app, host="127.0.0.1", port=0)
    sandbox.connect(hub_url=hub.url, tokens={"GM0758": TOKEN})
    base = f"http://127.0.0.1:{server.port}"
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            yield Ground(sandbox, klok, hub, client, base, geheimen)
    finally:
        await sandbox.stop()
        await server.stop()
        await hub_server.stop()


async def until(condition: Callable[[], bool], after_each: Callable[[], Awaitable[None]] | None = None) -> None:
    """Wait for a condition, five seconds at most."""
    async with asyncio.timeout(5):
        while not condition():
            await (after_each() if after_each is not None else asyncio.sleep(0))


async def test_a_signed_overdracht_is_received_once_however_often_it_comes(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        body = ground.offer()
        responses = [await ground.deliver(body) for _ in range(3)]
        assert [response.status_code for response in responses] == [202, 202, 202]
        assert [response.json()["herhaling"] for response in responses] == [False, True, True]
        (ontvangst,) = ground.sandbox.ontvangsten
        assert (ontvangst.aangeboden, ontvangst.overdracht_id) == (3, OVERDRACHT)
        assert ontvangst.ontvangen_op == START


async def test_a_wrong_signature_is_401_with_the_reason(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        response = await ground.deliver(ground.offer(), key=ground.geheimen.resolve("sandbox:GM0748"))
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"] == "geen van de handtekeningen past bij dit bericht en een bekende sleutel"
        assert ground.sandbox.ontvangsten == ()
        assert len(ground.sandbox.gemeenten["GM0758"].weigeringen) == 1


async def test_an_unsigned_call_is_401(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        where, announced = f"{ground.base}/sandbox/GM0758", {"content-type": CONTENT_TYPE}
        assert (await ground.client.post(where, json={})).status_code == 415
        response = await ground.client.post(where, content=ground.offer(), headers=announced)
        assert response.status_code == 401
        assert "webhook-signature" in response.json()["detail"]


async def test_what_cannot_be_read_is_400_with_every_problem_and_no_content(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        offer = json.loads(ground.offer())
        del offer["data"]["referentie"], offer["data"]["reactie"]["verdeling"]
        response = await ground.deliver(json.dumps(offer).encode())
        assert response.status_code == 400
        assert {fout["plaats"] for fout in response.json()["fouten"]} == {"data.referentie", "data.reactie.verdeling"}
        assert "Geheim verhaal" not in response.text


async def test_another_gemeente_is_422_and_an_unknown_one_404(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        assert (await ground.deliver(ground.offer(gemeente="GM0748"))).status_code == 422
        missing = await ground.client.post(f"{ground.base}/sandbox/GM9999", content=b"{}")
        assert missing.status_code == 404


async def test_the_same_id_with_other_content_is_409(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        await ground.deliver(ground.offer())
        changed = ground.offer().replace(b"Geheim", b"Ander ")
        assert (await ground.deliver(changed)).status_code == 409
        assert (await ground.deliver(changed, webhook_id="anders")).status_code == 409


async def test_a_gemeente_confirms_and_takes_up_after_its_own_while_with_its_own_token(tmp_path: Path) -> None:
    gedrag = Gedrag(bevestigt_na=timedelta(hours=2), verdeelt_na=timedelta(days=1), spreiding=0)
    async with running(tmp_path, gedrag) as ground:
        await ground.deliver(ground.offer())
        (ontvangst,) = ground.sandbox.ontvangsten
        where = f"/overdracht/v1/overdrachten/{OVERDRACHT}"
        await until(lambda: bool(ground.klok._sleepers))
        ground.klok.move(timedelta(hours=1, minutes=59))
        assert ground.hub.answers == []
        ground.klok.move(timedelta(minutes=1))
        await until(lambda: ontvangst.bevestigd_op is not None)
        assert [(path, authorization) for path, authorization, _ in ground.hub.answers] == [
            (f"{where}/ontvangstbevestigingen", f"Bearer {TOKEN}"),
        ]
        assert ontvangst.verdeeld_op is None
        await until(lambda: bool(ground.klok._sleepers))
        ground.klok.move(timedelta(days=1))
        await until(lambda: ontvangst.verdeeld_op is not None)
        assert ground.hub.answers[-1][0] == f"{where}/verdelingen"


async def test_an_answer_that_the_hub_cannot_take_is_given_later(tmp_path: Path) -> None:
    gedrag = Gedrag(bevestigt_na=timedelta(0), verdeelt_na=None)
    async with running(tmp_path, gedrag) as ground:
        ground.hub.refusals = [503, 429, 500]

        async def move() -> None:
            ground.klok.move(timedelta(minutes=1))
            await asyncio.sleep(0)

        await ground.deliver(ground.offer())
        (ontvangst,) = ground.sandbox.ontvangsten
        await until(lambda: ontvangst.bevestigd_op is not None, move)
        assert len(ground.hub.answers) == 1


async def test_an_answer_that_the_hub_refuses_is_shown_and_not_repeated(tmp_path: Path) -> None:
    async with running(tmp_path, Gedrag(bevestigt_na=timedelta(0), verdeelt_na=None)) as ground:
        ground.hub.refusals = [403]
        await ground.deliver(ground.offer())
        (ontvangst,) = ground.sandbox.ontvangsten
        await until(lambda: ontvangst.antwoordfout is not None)
        assert ontvangst.antwoordfout == "de hub weigert het antwoord (403)"
        assert ontvangst.bevestigd_op is None


async def test_a_gemeente_remembers_over_a_restart_and_writes_nothing_about_people(tmp_path: Path) -> None:
    gedrag = Gedrag(bevestigt_na=timedelta(0), verdeelt_na=timedelta(hours=1), spreiding=0)
    async with running(tmp_path, gedrag) as ground:
        await ground.deliver(ground.offer())
        (ontvangst,) = ground.sandbox.ontvangsten
        await until(lambda: ontvangst.bevestigd_op is not None)
        url = ground.hub.url
    kept = tmp_path / "sandbox-gemeenten.jsonl"
    assert b"Geheim verhaal" not in kept.read_bytes()
    with kept.open("ab") as file:
        file.write(b'\n{"wat": "ontv')
    async with running(tmp_path, gedrag, hub_url=url) as ground:
        (ontvangst,) = ground.sandbox.ontvangsten
        assert ontvangst.bevestigd_op == START
        response = await ground.deliver(ground.offer(reactie=url))
        assert response.json()["herhaling"] is True
        await until(lambda: bool(ground.klok._sleepers))
        ground.klok.move(timedelta(hours=1))
        await until(lambda: ontvangst.antwoordfout is not None or ontvangst.verdeeld_op is not None)
        assert ontvangst.verdeeld_op is not None
        assert [path.rpartition("/")[2] for path, _, _ in ground.hub.answers] == ["verdelingen"]


async def test_a_gemeente_without_a_token_cannot_answer(tmp_path: Path) -> None:
    async with running(tmp_path, Gedrag(bevestigt_na=timedelta(0), verdeelt_na=None)) as ground:
        bergen = ground.sandbox.gemeenten["GM0748"]
        bergen.gedrag = Gedrag(bevestigt_na=timedelta(0), verdeelt_na=None)
        await ground.deliver(ground.offer(gemeente="GM0748"), gemeente="GM0748")
        (ontvangst,) = bergen.ontvangsten.values()
        await until(lambda: ontvangst.antwoordfout is not None)
        assert ontvangst.antwoordfout == "deze gemeente heeft geen token bij de hub"


async def test_a_token_only_goes_to_the_hub(tmp_path: Path) -> None:
    async with running(tmp_path, Gedrag(bevestigt_na=timedelta(0), verdeelt_na=None)) as ground:
        await ground.deliver(ground.offer(reactie="http://127.0.0.1:9"))
        (ontvangst,) = ground.sandbox.ontvangsten
        await until(lambda: ontvangst.antwoordfout is not None)
        assert ontvangst.antwoordfout == "het antwoordadres is niet van de hub"
        assert ground.hub.answers == []


@pytest.mark.parametrize("soort", [Storingsoort.ONBESCHIKBAAR, Storingsoort.VERBROKEN, Storingsoort.STIL])
async def test_an_endpoint_is_out_for_as_long_as_the_clock_says(tmp_path: Path, soort: Storingsoort) -> None:
    storing = Storing(START, START + timedelta(days=2), soort)
    async with running(tmp_path, Gedrag(bevestigt_na=None, verdeelt_na=None, storingen=(storing,))) as ground:
        ground.client.timeout = httpx.Timeout(0.2)
        match soort:
            case Storingsoort.ONBESCHIKBAAR:
                assert (await ground.deliver(ground.offer())).status_code == 503
            case Storingsoort.VERBROKEN:
                with pytest.raises(httpx.RemoteProtocolError):
                    await ground.deliver(ground.offer())
            case Storingsoort.STIL:
                with pytest.raises(httpx.ReadTimeout):
                    await ground.deliver(ground.offer())
        assert ground.sandbox.ontvangsten == ()
        ground.client.timeout = httpx.Timeout(5)
        ground.klok.move(timedelta(days=2))
        assert (await ground.deliver(ground.offer())).status_code == 202


CARD: dict[str, Any] = {
    "type": "message",
    "attachments": [
        {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": {
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [
                    {"type": "TextBlock", "text": "Ontvangst niet bevestigd"},
                    {
                        "type": "Container",
                        "items": [{"type": "FactSet", "facts": [{"title": "Kenmerk", "value": "HV-1"}]}],
                    },
                ],
                "actions": [{"type": "Action.OpenUrl", "title": "Openen", "url": "http://127.0.0.1:8080/casus/1"}],
            },
        },
    ],
}


def workflow(ground: Ground) -> str:
    address = ground.geheimen.resolve("sandbox:teams-GM0758")
    return address.replace("http://127.0.0.1:1", ground.base)


async def test_a_card_is_taken_and_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        response = await ground.client.post(workflow(ground), json=CARD)
        assert response.status_code == 202
        (kaart,) = ground.sandbox.teams.kaarten
        assert kaart.kanaal == "GM0758"
        assert kaart.teksten == ("Ontvangst niet bevestigd", "Kenmerk HV-1")
        assert kaart.links == (("Openen", "http://127.0.0.1:8080/casus/1"),)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"attachments": []}, "attachments"),
        ({"type": "card"}, "type"),
        ({"attachments": [CARD["attachments"][0] | {"contentType": "text/plain"}]}, "attachments.0.contentType"),
        (
            {
                "attachments": [
                    CARD["attachments"][0] | {"content": {"type": "AdaptiveCard", "version": "1.4", "body": []}},
                ],
            },
            "attachments.0.content.body",
        ),
        (
            {
                "attachments": [
                    CARD["attachments"][0]
                    | {"content": CARD["attachments"][0]["content"] | {"actions": [{"type": "Action.Submit"}]}},
                ],
            },
            "attachments.0.content.actions.0.type",
        ),
    ],
)
async def test_a_card_that_teams_would_not_show_is_refused_with_the_place(
    tmp_path: Path,
    change: dict[str, Any],
    place: str,
) -> None:
    async with running(tmp_path) as ground:
        response = await ground.client.post(workflow(ground), json=CARD | change)
        assert response.status_code == 400
        assert place in [fout["plaats"] for fout in response.json()["fouten"]]
        assert ground.sandbox.teams.kaarten == []


async def test_a_card_that_is_too_large_or_without_the_secret_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        assert (await ground.client.post(workflow(ground), json=CARD | {"vulling": "x" * 30_000})).status_code == 413
        guessed = f"{ground.base}/sandbox/teams/GM0758/geraden"
        assert (await ground.client.post(guessed, json=CARD)).status_code == 401


def mail(to: str = "anna@breda.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "houvast@houvast.example",
        to,
        "Een overdracht wacht op bevestiging",
    )
    message["Message-ID"] = "<1@houvast.example>"
    message.set_content("Kenmerk HV-1 é")
    message.add_alternative("<p>Kenmerk HV-1</p>", subtype="html")
    return message


async def test_a_mail_arrives_over_starttls_with_the_sandbox_ca(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        sink = ground.sandbox.mail
        context = ssl.create_default_context(cafile=str(sink.ca_file))
        await aiosmtplib.send(mail(), hostname=sink.host, port=sink.port, start_tls=True, tls_context=context)
        (kept,) = sink.mails
        assert kept.over_tls
        assert (kept.aan, kept.onderwerp) == (("anna@breda.example",), "Een overdracht wacht op bevestiging")
        assert (kept.tekst, kept.html, kept.message_id) == (
            "Kenmerk HV-1 é\n",
            "<p>Kenmerk HV-1</p>\n",
            "<1@houvast.example>",
        )


async def test_a_mail_without_starttls_or_with_another_ca_does_not_arrive(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        sink = ground.sandbox.mail
        with pytest.raises(aiosmtplib.SMTPException):
            await aiosmtplib.send(mail(), hostname=sink.host, port=sink.port, start_tls=False)
        with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError)):
            await aiosmtplib.send(
                mail(),
                hostname=sink.host,
                port=sink.port,
                start_tls=True,
                tls_context=ssl.create_default_context(),
            )
        assert sink.mails == []


async def test_the_mail_server_can_refuse_for_now_and_for_good(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        sink = ground.sandbox.mail
        sink.onbekend, sink.storingen = {"weg@breda.example"}, (Storing(START, START + timedelta(hours=1)),)
        context = ssl.create_default_context(cafile=str(sink.ca_file))

        async def refused(to: str) -> int:
            with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as caught:
                await aiosmtplib.send(mail(to), hostname=sink.host, port=sink.port, start_tls=True, tls_context=context)
            return caught.value.recipients[0].code

        assert await refused("anna@breda.example") == 451
        ground.klok.move(timedelta(hours=1))
        assert await refused("weg@breda.example") == 550


async def test_the_certificate_outlives_a_restart_and_only_its_owner_reads_the_key(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        ca = ground.sandbox.mail.ca_file.read_bytes()
    async with running(tmp_path) as ground:
        assert ground.sandbox.mail.ca_file.read_bytes() == ca
    assert (tmp_path / "sandbox-mail.pem").stat().st_mode & 0o777 == 0o600


async def test_the_page_shows_what_arrived_in_dutch_and_nothing_of_the_document(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        await ground.deliver(ground.offer())
        await ground.client.post(workflow(ground), json=CARD)
        context = ssl.create_default_context(cafile=str(ground.sandbox.mail.ca_file))
        sink = ground.sandbox.mail
        await aiosmtplib.send(mail(), hostname=sink.host, port=sink.port, start_tls=True, tls_context=context)
        page = await ground.client.get(f"{ground.base}/sandbox/")
        assert page.status_code == 200
        assert '<html lang="nl">' in page.text
        for shown in (
            short_reference(CASUS),
            "Breda (GM0758)",
            "02-03-2026 09:00",
            "Kenmerk HV-1 é",
            "Ontvangst niet bevestigd",
        ):
            assert shown in page.text
        assert "Geheim verhaal" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await ground.client.get(f"{ground.base}/sandbox")).headers["location"] == "/sandbox/"


async def test_what_a_sender_writes_is_shown_as_text(tmp_path: Path) -> None:
    async with running(tmp_path) as ground:
        card = json.loads(json.dumps(CARD).replace("Ontvangst niet bevestigd", "<script>alert(1)</script>"))
        await ground.client.post(workflow(ground), json=card)
        page = await ground.client.get(f"{ground.base}/sandbox/")
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text
