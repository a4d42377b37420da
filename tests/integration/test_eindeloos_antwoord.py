"""Partners that answer without end: read up to a bound, by every client that leaves this house."""

import asyncio
import gzip
import json
from email.message import EmailMessage
from uuid import UUID

import httpx
import pytest

from contracts.messages.notifier import Notificatiekanaal
from services.notifier.adapters import TeamsBode
from services.notifier.adapters.sjablonen import Sjablonen
from services.runtime.outbound.bounces import MailNumber
from services.runtime.outbound.mail import MailRelay
from services.runtime.outbound.network import Uitgang, describe_failure, open_client
from services.runtime.outbound.oauth import Aanmelding, Tokens
from services.runtime.outbound.teams import TeamsWorkflow
from services.runtime.outbound.transport import AnswerTooLong
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.settings import SmtpSettings
from services.runtime.unit.decision import Result
from tests.builders.events import CASUS_ID, MOMENT
from tests.fakes.ontvanger import Ontvanger, Vraag, listening, says
from tests.unit.notifier.test_notificaties import GeenZegel
from tests.unit.notifier.test_zenden import asked, bezorger

pytestmark = pytest.mark.anyio


class Endless:
    """Sends JSON that never ends, for as long as somebody reads it; `sent` is in bytes."""

    def __init__(self) -> None:
        self.sent = 0
        self.ended = asyncio.Event()

    async def __call__(self, _: Vraag, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"access_token": "')
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
                self.sent += 65536
        finally:
            self.ended.set()


def aanmelding(ontvanger: Ontvanger) -> Aanmelding:
    return Aanmelding(token_url=f"http://127.0.0.1:{ontvanger.port}/token", client_id="houvast", secret="geheim")


async def test_a_token_endpoint_without_end_is_read_up_to_a_bound() -> None:
    endless = Endless()
    async with listening(endless) as ontvanger, open_client(Uitgang(), timeout_seconds=30) as client:
        with pytest.raises(AnswerTooLong) as raised:
            await Tokens(SystemKlok()).token(aanmelding(ontvanger), client)
        await endless.ended.wait()  # the connection is broken, not read on
    assert describe_failure(raised.value) == "het antwoord is langer dan 256 kB"
    assert endless.sent < 64 * 1024 * 1024  # what fits in the buffers in between


async def test_a_small_answer_that_unpacks_to_a_large_one_is_not_unpacked() -> None:
    """We ask for it as it is; who packs it all the same is not read."""
    packed = gzip.compress(json.dumps({"access_token": "x" * 50_000_000}).encode())
    assert len(packed) < 256 * 1024
    async with (
        listening(says(200, packed, content_encoding="gzip")) as ontvanger,
        open_client(Uitgang(), timeout_seconds=30) as client,
    ):
        response = await client.get(f"http://127.0.0.1:{ontvanger.port}/")
        (vraag,) = ontvanger.asked
    assert response.content == packed
    assert vraag.headers["accept-encoding"] == "identity"


async def test_an_answer_up_to_the_bound_is_read_whole() -> None:
    body = b"x" * 256 * 1024
    async with listening(says(200, body)) as ontvanger, open_client(Uitgang(), timeout_seconds=30) as client:
        assert (await client.get(f"http://127.0.0.1:{ontvanger.port}/")).content == body


async def test_an_answer_that_trickles_in_ends_after_our_time() -> None:
    async def trickle(_: Vraag, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with listening(trickle) as ontvanger, open_client(Uitgang(), timeout_seconds=0.5) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"http://127.0.0.1:{ontvanger.port}/")


async def test_teams_without_end_is_tried_again() -> None:
    endless = Endless()
    async with listening(endless) as ontvanger, open_client(Uitgang(), timeout_seconds=30) as client:
        teams = TeamsBode(
            TeamsWorkflow(
                client,
                klok=VirtueleKlok(MOMENT),
                secret=lambda _: f"http://127.0.0.1:{ontvanger.port}/kaart",
                allowed=(),
                local=True,
            ),
            sjablonen=Sjablonen("https://houvast.example"),
        )
        attempt = await bezorger(Notificatiekanaal.TEAMS, teams)(asked(Notificatiekanaal.TEAMS), CASUS_ID, GeenZegel())
        await endless.ended.wait()
    assert attempt.result is Result.TEMPORARY


async def test_a_mail_server_that_greets_without_end_is_tried_again() -> None:
    """The library reads an answer up to 32 kB; this holds it to that."""
    ended = asyncio.Event()

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"220-welkom\r\n" * 5_000)
                await writer.drain()
        except ConnectionError:
            ended.set()
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        settings = SmtpSettings("127.0.0.1", port, False, None, None, None, "houvast@houvast.example")
        relay = MailRelay(settings, secret=str, timeout_seconds=30)
        message = EmailMessage()
        message["From"], message["To"] = "houvast@houvast.example", "team@gemeente.example"
        attempt = await relay.send(message, MailNumber("notificatie", UUID(int=1), 1))
        await ended.wait()
    assert attempt.result is Result.TEMPORARY
