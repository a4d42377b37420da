"""Sending for real: SMTP with STARTTLS to a mail server, and cards to a workflow that checks them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult

from contracts.afspraken import load_rule_book
from contracts.messages.notifier import Notificatiekanaal
from lab.sandbox import MailSink, Storing, TeamsSink
from services.notifier.adapters import Bezorger, MailBode, RegisterMensen, TeamsBode
from services.notifier.adapters.bezorging import vragen_of
from services.notifier.adapters.sjablonen import Sjablonen
from services.notifier.handlers import MAIL
from services.notifier.ports import Bode
from services.runtime.access.sealing import MasterKey
from services.runtime.outbound.bounces import MailNumber, ReturnAddress
from services.runtime.outbound.mail import RELAY, MailRelay
from services.runtime.outbound.secrets import Geheimen, SecretUnavailable
from services.runtime.outbound.teams import TeamsWorkflow, allowed_hosts
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.settings import SmtpSettings
from services.runtime.unit.decision import Attempt, Request, Result
from tests.builders.events import CASUS_ID, MOMENT
from tests.unit.notifier.test_notificaties import GONE, GeenZegel, Loop, register, vraag

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("machine_trusts_nobody")]


def asked(kanaal: Notificatiekanaal) -> Request:
    """The first request by this channel for a role in which somebody has it."""
    for partij, rol in (
        ("GM0758", "gemeente-ambtelijk"),
        ("GM0758", "leidinggevende"),
        ("GM0758", "gedragswetenschapper"),
    ):
        loop = Loop()
        loop.handle(vraag(partij=partij, rol=rol))
        for request in loop.open.values():
            if request.kind == kanaal.value:
                return request
    raise AssertionError(f"nobody in the sample register has {kanaal}")


def address_of(request: Request) -> str:
    found = RegisterMensen(register(), load_rule_book()).adres(
        Notificatiekanaal.E_MAIL,
        str(request.content["partij"]),
        str(request.content["persoon"]),
        at=MOMENT,
    )
    assert found is not None
    return found


@asynccontextmanager
async def mail_server(tmp_path: Path, **how: object) -> AsyncIterator[MailSink]:
    sink = MailSink(VirtueleKlok(MOMENT), wall=SystemKlok(), data_dir=tmp_path, **how)  # type: ignore[arg-type]
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()


def bezorger(kanaal: Notificatiekanaal, bode: Bode) -> Bezorger:
    return Bezorger(kanaal, bode, adresboek=RegisterMensen(register(), load_rule_book()), klok=VirtueleKlok(MOMENT))


def mail_by(relay: MailRelay | None) -> Bezorger:
    bode = MailBode(relay, sjablonen=Sjablonen("https://houvast.example"), klok=VirtueleKlok(MOMENT))
    return bezorger(Notificatiekanaal.E_MAIL, bode)


def performer(sink: MailSink, **changes: object) -> Bezorger:
    settings = SmtpSettings(
        host="localhost",
        port=sink.port,
        starttls=True,
        ca_file=sink.ca_file,
        user=None,
        password=None,
        sender="houvast@houvast.example",
    )
    chosen = replace(settings, **changes)  # type: ignore[arg-type]
    return mail_by(MailRelay(chosen, secret=lambda reference: reference, timeout_seconds=5))


async def send(mail: Bezorger, request: Request) -> Attempt:
    return await mail(request, CASUS_ID, GeenZegel())


async def test_a_mail_arrives_over_tls_with_an_id_that_a_repetition_shares(tmp_path: Path) -> None:
    """STANDARDS: STARTTLS with a checked certificate; the same message has the same Message-ID."""
    request = asked(Notificatiekanaal.E_MAIL)
    async with mail_server(tmp_path) as sink:
        for _ in range(2):
            assert (await send(performer(sink), request)).result is Result.DONE
    first, second = sink.mails
    assert first.over_tls
    assert first.message_id == second.message_id == f"<{request.id}@houvast.example>"
    assert first.aan == (address_of(request),)
    assert "HV-00000001" in first.onderwerp
    assert first.html is not None


@pytest.mark.parametrize(("ehlo", "greeting"), [(None, "houvast.example"), ("hub.regio.example", "hub.regio.example")])
async def test_we_greet_by_a_name_of_our_own(tmp_path: Path, ehlo: str | None, greeting: str) -> None:
    """RFC 5321, 4.1.1.1; a relay refuses whoever calls itself localhost."""
    async with mail_server(tmp_path) as sink:
        assert (await send(performer(sink, ehlo=ehlo), asked(Notificatiekanaal.E_MAIL))).result is Result.DONE
    assert sink.mails[0].begroeting == greeting
    assert sink.mails[0].over_tls


async def test_whatever_a_message_is_about_it_is_one_header_and_arrives_as_it_was_written(tmp_path: Path) -> None:
    wild = "Team 😢 [Noord] 漢字\r\nBcc: iemand@elders.example\x1b\u2028\x85X-Kop: ja"
    request = asked(Notificatiekanaal.E_MAIL)
    (given,) = vragen_of(request)
    changed = given.model_copy(update={"onderwerp": wild, "gevraagd": wild})
    content = {**request.content, "vragen": [changed.model_dump(mode="json", by_alias=True)]}
    async with mail_server(tmp_path) as sink:
        assert (await send(performer(sink), replace(request, content=content))).result is Result.DONE
    (mail,) = sink.mails
    assert mail.aan == (address_of(request),)
    assert mail.onderwerp == f"Team 😢 [Noord] 漢字 Bcc: iemand@elders.example X-Kop: ja ({given.referentie})"
    assert "😢 [Noord] 漢字" in mail.tekst


async def test_a_password_that_is_missing_is_ours(tmp_path: Path) -> None:
    def nowhere(reference: str) -> str:
        raise SecretUnavailable(reference, "deze omgevingsvariabele is niet gezet")

    async with mail_server(tmp_path) as sink:
        settings = SmtpSettings("localhost", sink.port, True, sink.ca_file, "u", "env:MAIL", "houvast@houvast.example")
        relay = MailRelay(settings, secret=nowhere, timeout_seconds=5)
        attempt = await relay.send(EmailMessage(), MailNumber(MAIL, UUID(int=1)))
    assert (attempt.result, attempt.ours) == (Result.TEMPORARY, True)
    assert attempt.detail == "bij Houvast ontbreekt env:MAIL: deze omgevingsvariabele is niet gezet"


async def test_somebody_who_is_told_instead_of_another_reads_why(tmp_path: Path) -> None:
    """D12: the role of the gemeente that nobody could be reached in, by mail and on a card."""
    loop = Loop()
    loop.handle(vraag(rol="gemeente-ambtelijk"))
    for request in [*loop.open.values()]:
        loop.attempt(request.id, GONE)
    instead = [request for request in loop.open.values() if request.content["partij"] != "GM0758"]
    assert {request.kind for request in instead} >= {"e-mail"}
    why = "Dit bericht was voor de rol"
    async with mail_server(tmp_path) as sink:
        for request in instead:
            if request.kind == Notificatiekanaal.E_MAIL.value:
                assert (await send(performer(sink), request)).result is Result.DONE
    for mail in sink.mails:
        assert why in mail.tekst
        assert "bij Breda. Daar is niemand bereikt; daarom krijgt u het." in mail.tekst
        assert mail.html is not None
        assert why in mail.html
        assert "in uw rol" not in mail.tekst


async def test_a_certificate_that_is_not_trusted_sends_nothing(tmp_path: Path) -> None:
    """Fail closed: no mail without a checked certificate, and it is tried again when that is mended."""
    async with mail_server(tmp_path) as sink:
        attempt = await send(performer(sink, ca_file=None), asked(Notificatiekanaal.E_MAIL))
    assert attempt.result is Result.TEMPORARY
    assert sink.mails == []


async def test_refused_for_good_and_refused_for_now_are_told_apart_without_the_address(tmp_path: Path) -> None:
    """A 5xx is permanent, a 4xx is not; what a relay says is not repeated, it tends to name the address."""
    request = asked(Notificatiekanaal.E_MAIL)
    async with mail_server(tmp_path, onbekend={address_of(request)}) as sink:
        gone = await send(performer(sink), request)
    out = Storing(MOMENT - timedelta(hours=1), MOMENT + timedelta(hours=1))
    async with mail_server(tmp_path, storingen=(out,)) as sink:
        busy = await send(performer(sink), request)
    assert (gone.result, gone.status) == (Result.PERMANENT, 550)
    assert (busy.result, busy.status) == (Result.TEMPORARY, 451)
    assert "@" not in gone.detail + busy.detail


async def test_a_relay_that_does_not_take_our_login_is_trouble_of_the_relay() -> None:
    """Not of this mail, nor of its mailbox: it waits, with all the others."""

    def refuse(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Sink(), authenticator=refuse, auth_require_tls=False), "127.0.0.1", 0
    )
    async with server:
        settings = SmtpSettings(
            host="127.0.0.1",
            port=server.sockets[0].getsockname()[1],
            starttls=False,
            ca_file=None,
            user="houvast",
            password="verkeerd",
            sender="houvast@houvast.example",
        )
        mail = mail_by(MailRelay(settings, secret=lambda reference: reference, timeout_seconds=5))
        attempt = await send(mail, asked(Notificatiekanaal.E_MAIL))
    assert (attempt.result, attempt.refused, attempt.via, attempt.status) == (Result.TEMPORARY, True, RELAY, 535)


async def test_a_relay_that_is_away_is_tried_again(tmp_path: Path) -> None:
    """Nobody listens there."""
    async with mail_server(tmp_path) as sink:
        mail = performer(sink)
    assert (await send(mail, asked(Notificatiekanaal.E_MAIL))).result is Result.TEMPORARY


def cards(
    answer: Callable[[httpx.Request], httpx.Response],
    geheimen: Geheimen,
    *,
    local: bool = True,
) -> Bezorger:
    workflow = TeamsWorkflow(
        httpx.AsyncClient(transport=httpx.MockTransport(answer)),
        klok=VirtueleKlok(MOMENT),
        secret=geheimen.resolve,
        allowed=allowed_hosts(""),
        local=local,
    )
    bode = TeamsBode(workflow, sjablonen=Sjablonen("https://houvast.example"))
    return bezorger(Notificatiekanaal.TEAMS, bode)


async def test_a_card_is_one_that_teams_can_show(tmp_path: Path) -> None:
    """The sink checks what Workflows would only find out after its 202."""
    geheimen = Geheimen(data_dir=tmp_path, variabelen={"sandbox": "http://127.0.0.1:9/sandbox"})
    sink = TeamsSink(VirtueleKlok(MOMENT), secret=geheimen.resolve)

    def receive(request: httpx.Request) -> httpx.Response:
        kanaal, sleutel = request.url.path.split("/")[-2:]
        assert sink.knows(kanaal, sleutel)
        sink.receive(kanaal, request.content)
        return httpx.Response(202)

    attempt = await cards(receive, geheimen)(asked(Notificatiekanaal.TEAMS), CASUS_ID, GeenZegel())
    (kaart,) = sink.kaarten
    assert attempt.result is Result.DONE
    assert kaart.links == (("Open in Houvast", f"https://houvast.example/casus/{CASUS_ID}"),)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.DONE),
        (302, Result.PERMANENT),
        (400, Result.PERMANENT),
        (401, Result.PERMANENT),
        (403, Result.PERMANENT),
        (410, Result.PERMANENT),
        (408, Result.TEMPORARY),
        (429, Result.TEMPORARY),
        (503, Result.TEMPORARY),
    ],
)
async def test_what_a_workflow_answers(status: int, result: Result, tmp_path: Path) -> None:
    """No redirects; Retry-After is honoured; the secret address is in no detail. Who is not let in tells people another way
    at once, and that the address has to be mended.
    """
    geheimen = Geheimen(data_dir=tmp_path, variabelen={"sandbox": "http://127.0.0.1:9/sandbox"})
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(status, headers={"Retry-After": "120", "Location": "https://elders.example"})

    attempt = await cards(answer, geheimen)(asked(Notificatiekanaal.TEAMS), CASUS_ID, GeenZegel())
    assert (attempt.result, attempt.refused) == (result, status in {401, 403})
    assert attempt.retry_after == (timedelta(seconds=120) if result is Result.TEMPORARY else None)
    (url,) = seen
    assert url.rpartition("/")[2] not in attempt.detail


async def test_a_card_goes_to_allowed_hosts_only(tmp_path: Path) -> None:
    """In production not to this machine, and never to a host that is not a workflow."""
    geheimen = Geheimen(data_dir=tmp_path, variabelen={"sandbox": "http://127.0.0.1:9/sandbox"})

    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"a card went to {request.url.host}")

    request = asked(Notificatiekanaal.TEAMS)
    attempt = await cards(answer, geheimen, local=False)(request, CASUS_ID, GeenZegel())
    assert attempt.result is Result.PERMANENT
    elsewhere = Geheimen(data_dir=tmp_path / "2", variabelen={"sandbox": "https://logic.azure.com.elders.example"})
    attempt = await cards(answer, elsewhere)(request, CASUS_ID, GeenZegel())
    assert attempt.result is Result.PERMANENT


async def test_someone_who_left_the_register_is_no_way_to_reach_anyone(tmp_path: Path) -> None:
    """Between asking and sending the register may change."""
    request = replace(asked(Notificatiekanaal.E_MAIL), id=UUID(int=5), content={"partij": "GM0758", "persoon": "weg"})
    async with mail_server(tmp_path) as sink:
        assert (await send(performer(sink), request)).result is Result.PERMANENT


class Scripted:
    """A mail server on a socket that says which extensions it has, and remembers what it was told."""

    def __init__(self, *extensions: str) -> None:
        self.extensions = extensions
        self.heard: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 localhost\r\n")
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            match line.split()[0].upper():
                case "EHLO":
                    lines = ["localhost", *self.extensions]
                    ends = [f"250{'-' if index < len(lines) else ' '}{text}" for index, text in enumerate(lines, 1)]
                    writer.write("".join(f"{text}\r\n" for text in ends).encode())
                case "DATA":
                    writer.write(b"354 ga door\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    writer.write(b"250 OK\r\n")
                case "QUIT":
                    writer.write(b"221 dag\r\n")
                    break
                case _:
                    writer.write(b"250 OK\r\n")
        writer.close()


@pytest.mark.parametrize("extensions", [(), ("8BITMIME", "DSN")])
async def test_a_mail_leaves_from_an_address_of_its_own_and_asks_to_come_back_without_its_content(
    extensions: tuple[str, ...],
) -> None:
    """RFC 3461: only where the server says that it knows how, or it would refuse the mail."""
    script = Scripted(*extensions)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        plain = SmtpSettings("127.0.0.1", port, False, None, None, None, "houvast@houvast.example")
        addresses = ReturnAddress("terugpost@houvast.example", MasterKey(bytes(32)).token_of)
        relay = MailRelay(plain, secret=lambda reference: reference, timeout_seconds=5, return_address=addresses)
        mail = mail_by(relay)
        request = asked(Notificatiekanaal.E_MAIL)
        assert (await send(mail, request)).result is Result.DONE
    (sender,) = (line for line in script.heard if line.startswith("MAIL FROM"))
    address = sender[sender.index("<") + 1 : sender.index(">")]
    assert addresses.read(address) == MailNumber(MAIL, request.id)
    assert ("RET=HDRS" in sender) == ("DSN" in extensions)
