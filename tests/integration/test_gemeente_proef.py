"""`houvast gemeente test` against endpoints with something wrong: what it is, and who has to mend it."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lab.sandbox.mail import MailSink
from services.cli.gemeente import app
from services.runtime.process.clock import SystemKlok
from tests.fakes.ontvanger import Answer, Ontvanger, Uitgever, listening, says
from tests.integration.proef import BREDA, THEM, US, fault_of, trial, write_register

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("answer", "told", "who"),
    [
        (says(307, location="/elders"), "een doorverwijzing wordt niet gevolgd", US),
        (says(401), "de handtekening wordt niet aanvaard", US),
        (says(404), "op dit pad is niets", US),
        (says(405), "op dit pad wordt geen POST aangenomen", US),
        (says(409), "een botsing", THEM),
        (says(410), "het endpoint is opgeheven", THEM),
        (says(415), "application/cloudevents+json", THEM),
        (says(422), "verwacht de ontvanger een ander formaat", THEM),
        (says(429), "verlaag het tempo", US),
        (says(502), "geeft een fout", THEM),
        (
            says(401, Fsc_Error_Code="ERROR_CODE_ACCESS_DENIED"),
            "meldt ERROR_CODE_ACCESS_DENIED",
            "de beheerder van de FSC",
        ),
    ],
)
async def test_an_answer_is_told_with_what_it_means(tmp_path: Path, answer: Answer, told: str, who: str) -> None:
    async with listening(answer) as ontvanger:
        finding, mends = fault_of(await trial(tmp_path, f"http://127.0.0.1:{ontvanger.port}/in"))
    assert finding.startswith("✗ proeflevering")
    assert told in finding
    assert mends.startswith(who)


@pytest.mark.parametrize("geheim", ["file:nergens", "env:HOUVAST_TEST_NERGENS"])
async def test_a_secret_that_is_missing_is_ours(tmp_path: Path, geheim: str) -> None:
    register = write_register(tmp_path, "https://breda.example/in")
    register.write_text(register.read_text().replace(f"file:{tmp_path}/geheim", geheim))
    asked = ["test", "GM0758", "--data", str(tmp_path), "--register", str(register)]
    finding, mends = fault_of(await asyncio.to_thread(CliRunner().invoke, app, asked, env={"COLUMNS": "200"}))
    assert f"bij Houvast ontbreekt {geheim}: " in finding
    assert mends == US


async def test_an_endpoint_that_takes_what_is_falsely_signed_is_unsafe(tmp_path: Path) -> None:
    async with listening(says(202)) as ontvanger:
        finding, mends = fault_of(await trial(tmp_path, f"http://127.0.0.1:{ontvanger.port}/in"))
    assert "neemt ook een valse handtekening aan" in finding
    assert mends == THEM


async def certificate_fault(folder: Path, ontvanger: Ontvanger, tls: dict[str, str]) -> tuple[str, str]:
    """What is said of an endpoint with TLS; `tls` is what the register says, as files."""
    lines = []
    for name, text in tls.items():
        (folder / name).write_text(text)
        lines.append(f'{name} = "file:{folder / name}"')
    more = f"tls = {{ {', '.join(lines)} }}" if lines else ""
    return fault_of(await trial(folder, f"https://127.0.0.1:{ontvanger.port}/in", more))


async def test_an_issuer_that_we_do_not_know_can_be_put_in_the_register(tmp_path: Path) -> None:
    uitgever = Uitgever()
    async with listening(says(202), uitgever.context(uitgever.issue(), tmp_path)) as ontvanger:
        finding, mends = await certificate_fault(tmp_path, ontvanger, {})
    assert "niet uitgegeven door wie wij vertrouwen" in finding
    assert mends == f"{THEM}, of {US} door de ca van de ontvanger in het register te zetten"


async def test_a_certificate_of_another_name_may_be_an_address_that_is_wrong(tmp_path: Path) -> None:
    uitgever = Uitgever()
    async with listening(says(202), uitgever.context(uitgever.issue("elders.example"), tmp_path)) as ontvanger:
        finding, mends = await certificate_fault(tmp_path, ontvanger, {"ca": uitgever.ca})
    assert "voor een andere naam" in finding
    assert mends == f"{THEM}, of {US} als het adres in het register niet klopt"


async def test_a_receiver_that_misses_our_certificate_is_said_to_also_where_it_tells_after_the_handshake(
    tmp_path: Path,
) -> None:
    """TLS 1.3: for the caller the handshake is over before the receiver has looked at its certificate."""
    uitgever, stranger = Uitgever(), Uitgever()
    async with listening(says(202), uitgever.context(uitgever.issue(), tmp_path, asks=True)) as ontvanger:
        without, ours = await certificate_fault(tmp_path, ontvanger, {"ca": uitgever.ca})
        other = stranger.issue("houvast")
        tls = {"ca": uitgever.ca, "certificaat": other.certificate, "sleutel": other.key}
        strange, together = await certificate_fault(tmp_path, ontvanger, tls)
    assert without.startswith("✗ TLS")
    assert "een certificaat van ons (mTLS)" in without
    assert ours.startswith(f"{US} (tls in het register)")
    assert strange.startswith("✗ TLS")
    assert together.startswith(f"{US} en {THEM} samen")


async def test_https_where_nobody_speaks_it_is_no_question_of_certificates(tmp_path: Path) -> None:
    async def speak_plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 X\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak_plainly, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        finding, mends = fault_of(await trial(tmp_path, f"https://127.0.0.1:{port}/in"))
    assert finding.endswith("op deze poort wordt geen TLS gesproken")
    assert mends.startswith(US)


@pytest.mark.parametrize(
    ("answer", "who"),
    [
        (says(401, json.dumps({"error": "invalid_client"}).encode()), f"{US} en {THEM} samen: client_id"),
        (says(500), f"{THEM} (tokenserver)"),
        (says(200, b"[1,"), f"{THEM} (tokenserver)"),
    ],
)
async def test_who_mends_a_login_that_fails(tmp_path: Path, answer: Answer, who: str) -> None:
    async with listening(answer) as server:
        login = f'token_url = "http://127.0.0.1:{server.port}/token", client_id = "houvast", geheim = "file:{tmp_path}/geheim"'
        finding, mends = fault_of(
            await trial(tmp_path, f"http://127.0.0.1:{server.port}/in", f"oauth2 = {{ {login} }}")
        )
    assert finding.startswith("✗ aanmelding")
    assert mends.startswith(who)


async def test_a_name_that_does_not_exist_may_be_a_typing_error_of_ours(tmp_path: Path) -> None:
    finding, mends = fault_of(await trial(tmp_path, "https://bestaat-niet.invalid/in"))
    assert finding.endswith("bestaat-niet.invalid is niet bekend")
    assert mends == f"{US} (adres in het register) of {THEM} (DNS)"


MAILBOX = (
    BREDA
    + """endpoint = { soort = "e-mail", adres = "team@breda.example", nta_7516 = true }
"""
)


async def mail_trial(folder: Path, sink: MailSink | None, **environment: str) -> Result:
    register = folder / "register.toml"
    register.write_text(MAILBOX)
    asked = ["test", "GM0758", "--data", str(folder), "--register", str(register)]
    if sink is not None:
        environment |= {"HOUVAST_SMTP_HOST": "localhost", "HOUVAST_SMTP_PORT": str(sink.port)}
    return await asyncio.to_thread(CliRunner().invoke, app, asked, env={"COLUMNS": "200"} | environment)


async def test_a_mailbox_gets_a_mail_about_nobody(tmp_path: Path) -> None:
    """Over the mail server that overdrachten go by, with STARTTLS and its certificate checked."""
    sink = MailSink(SystemKlok(), wall=SystemKlok(), data_dir=tmp_path)
    await sink.start()
    try:
        taken = await mail_trial(tmp_path, sink, HOUVAST_SMTP_CA_FILE=str(sink.ca_file))
        assert taken.exit_code == 0, taken.stdout
        (mail,) = sink.mails
        assert (mail.aan, mail.over_tls) == (("team@breda.example",), True)
        assert "gaat over niemand" in mail.tekst
        finding, mends = fault_of(await mail_trial(tmp_path, sink))
        assert "het certificaat van de mailserver" in finding
        assert mends == f"{US} (mailserver)"
        sink.onbekend = {"team@breda.example"}
        finding, mends = fault_of(await mail_trial(tmp_path, sink, HOUVAST_SMTP_CA_FILE=str(sink.ca_file)))
        assert "SMTP 550" in finding
        assert mends == f"{US} (adres in het register) of {THEM}"
    finally:
        await sink.stop()


async def test_a_mailbox_without_a_mail_server_is_ours_to_mend(tmp_path: Path) -> None:
    finding, mends = fault_of(await mail_trial(tmp_path, None))
    assert "HOUVAST_SMTP_HOST" in finding
    assert mends == US


async def test_a_mail_server_without_starttls_is_given_nothing(tmp_path: Path) -> None:
    """STANDARDS: STARTTLS is enforced."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 kaal\r\n")
        while (line := await reader.readline()) and not line.startswith(b"QUIT"):
            writer.write(b"250 kaal\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = str(server.sockets[0].getsockname()[1])
        told = await mail_trial(tmp_path, None, HOUVAST_SMTP_HOST="127.0.0.1", HOUVAST_SMTP_PORT=port)
    finding, mends = fault_of(told)
    assert finding.endswith("de mailserver biedt geen STARTTLS; onbeveiligd gaat er niets uit")
    assert mends == f"{US} (mailserver)"
