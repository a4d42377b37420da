"""Delivery by mail: the document only over the road that may carry it, and a link that works for one team."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdf
import pytest

from contracts.afspraken import load_rule_book
from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.identifiers import CasusId, short_reference
from lab.sandbox import Mail, MailSink, Storing
from services.handover.adapters import Bevestigpagina, MailAflevering, TypstBrieven
from services.runtime.access.sealing import CaseSealer, CaseShredded, MasterKey, ShreddedSealer
from services.runtime.outbound.mail import MailRelay
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.settings import SmtpSettings
from services.runtime.unit.decision import Request, Result
from services.runtime.unit.outcomes import iso
from tests.fakes.postkamer import GOIRLE, LINK, REGIO, RUCPHEN
from tests.unit.triage.road import START, example, sample_register

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("machine_trusts_nobody")]

CASUS = CasusId(UUID(int=7))
OVERDRACHT = UUID(int=42)
SEALER = CaseSealer(CASUS, b"s" * 32)
MASTER = MasterKey(b"m" * 32)
DOCUMENT = Overdrachtsdocument.model_validate(example("triagebesluit")["overdrachtsdocument"])
ABOUT_PEOPLE = ("Femke", "Voorbeeld", "999912008", "Singel", "glasgerinkel", "Wijkagent", "ruzie")


def asked(gemeente: str = RUCPHEN, **changes: Any) -> Request:
    content = {
        "overdrachtId": str(OVERDRACHT),
        "gemeente": gemeente,
        "team": None,
        "overdrachtsoort": "direct",
        "aangemaaktOp": iso(START),
        "meldingOntvangenOp": iso(START),
        "regio": REGIO.get(gemeente, "west-brabant"),
        "ronde": 1,
        "linkGeldigTot": iso(START + timedelta(days=90)),
        "document": SEALER.seal(DOCUMENT).jwe,
    } | changes
    return Request(OVERDRACHT, "aflevering-e-mail", gemeente, content, START)


@asynccontextmanager
async def mail_server(tmp_path: Path, **how: Any) -> AsyncIterator[MailSink]:
    sink = MailSink(VirtueleKlok(START), wall=SystemKlok(), data_dir=tmp_path, **how)
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()


def settings_of(sink: MailSink) -> SmtpSettings:
    return SmtpSettings("localhost", sink.port, True, sink.ca_file, None, None, "houvast@houvast.example")


def mailing(settings: SmtpSettings | None) -> MailAflevering:
    relay = None if settings is None else MailRelay(settings, secret=lambda name: name, timeout_seconds=5)
    return MailAflevering(
        relay,
        register=sample_register(),
        rule_book=load_rule_book(),
        brieven=TypstBrieven(),
        pagina=Bevestigpagina("https://houvast.example", MASTER.token_of),
        klok=VirtueleKlok(START),
    )


async def mailed(tmp_path: Path, request: Request) -> Mail:
    async with mail_server(tmp_path) as sink:
        attempt = await mailing(settings_of(sink))(request, CASUS, SEALER)
        assert attempt.result is Result.DONE, attempt
        (mail,) = sink.mails
    return mail


def everything_in(mail: Mail) -> str:
    return f"{mail.onderwerp} {mail.tekst} {mail.html} {mail.message_id} {[item.naam for item in mail.bijlagen]}"


async def test_without_a_compliant_road_the_mail_says_nothing_about_people(tmp_path: Path) -> None:
    """NTA 7516: a reference, what is asked, by when, and a link."""
    mail = await mailed(tmp_path, asked(RUCPHEN))
    assert mail.aan == ("lokaalteam@rucphen.example",)
    assert mail.over_tls
    assert mail.bijlagen == ()
    assert short_reference(CASUS) in mail.onderwerp
    assert "Rucphen" in mail.tekst
    assert "Ontvangst van de overdracht bevestigen: uiterlijk woensdag 4 maart 2026" in mail.tekst
    assert LINK.search(mail.tekst)
    assert mail.html is not None
    assert LINK.search(mail.html)
    assert not any(word in everything_in(mail) for word in ABOUT_PEOPLE)


async def test_over_a_compliant_road_the_document_goes_along_as_a_letter(tmp_path: Path) -> None:
    """And only there: subject, text and file name say nothing about people."""
    mail = await mailed(tmp_path, asked(GOIRLE))
    (letter,) = mail.bijlagen
    assert (letter.naam, letter.soort) == (f"overdracht-{short_reference(CASUS)}.pdf", "application/pdf")
    pages = pypdf.PdfReader(io.BytesIO(letter.inhoud)).pages
    assert "Femke Voorbeeld" in " ".join(page.extract_text() for page in pages)
    assert "Overdracht oppakken en verdelen: uiterlijk maandag 9 maart 2026" in mail.tekst
    assert LINK.search(mail.tekst)
    assert not any(word in everything_in(mail) for word in ABOUT_PEOPLE)


async def test_with_an_offer_goes_a_letter_that_says_what_an_offer_is(tmp_path: Path) -> None:
    """docs/decisions/0019: nothing was handed over; an answer is asked, and until then zicht stays where it is."""
    mail = await mailed(tmp_path, asked(GOIRLE, aangebodenDoor="meldpunt-west-brabant"))
    (letter,) = mail.bijlagen
    text = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(letter.inhoud)).pages).split())
    assert letter.naam == f"aanbod-{short_reference(CASUS)}.pdf"
    assert "Een aanbod is een vraag en geen overdracht" in text
    assert "Tot u zelf aanvaardt, blijft het zicht op veiligheid waar het nu is" in text
    assert "Antwoorden op de vraag om een casus over te nemen: uiterlijk dinsdag 3 maart 2026" in text
    assert "dragen deze casus aan u over" not in text


async def test_the_document_never_leaves_for_a_relay_that_is_not_reached_over_tls(tmp_path: Path) -> None:
    """Fail closed: the relay refuses, and had it not, there would have been nothing to read."""
    async with mail_server(tmp_path) as sink:
        plain = mailing(replace(settings_of(sink), starttls=False))
        attempt = await plain(asked(GOIRLE), CASUS, SEALER)
        assert attempt.result is Result.PERMANENT
        assert attempt.sent["metDocument"] is False
        assert sink.mails == []


async def test_every_attempt_mails_the_same_message(tmp_path: Path) -> None:
    """G2: an attempt whose answer was lost is recognised by its Message-ID, and its link goes on working."""
    async with mail_server(tmp_path) as sink:
        performer = mailing(settings_of(sink))
        for _ in range(2):
            await performer(asked(), CASUS, SEALER)
        first, second = sink.mails
    assert first.message_id == second.message_id == f"<{OVERDRACHT}.1@houvast.example>"
    assert first.tekst == second.tekst


async def test_a_new_round_has_another_link(tmp_path: Path) -> None:
    first = await mailed(tmp_path, asked())
    second = await mailed(tmp_path, asked(ronde=2))
    links = [LINK.search(mail.tekst) for mail in (first, second)]
    assert all(links)
    assert len({found[0] for found in links if found is not None}) == 2
    assert first.message_id != second.message_id


async def test_an_address_that_does_not_exist_is_refused_for_good(tmp_path: Path) -> None:
    async with mail_server(tmp_path, onbekend={"lokaalteam@rucphen.example"}) as sink:
        attempt = await mailing(settings_of(sink))(asked(), CASUS, SEALER)
    assert (attempt.result, attempt.status) == (Result.PERMANENT, 550)
    assert "rucphen" not in attempt.detail


async def test_a_relay_that_is_busy_is_tried_again(tmp_path: Path) -> None:
    busy = Storing(START - timedelta(hours=1), START + timedelta(hours=1))
    async with mail_server(tmp_path, storingen=(busy,)) as sink:
        attempt = await mailing(settings_of(sink))(asked(), CASUS, SEALER)
    assert (attempt.result, attempt.status) == (Result.TEMPORARY, 451)


async def test_a_relay_that_is_away_is_tried_again(tmp_path: Path) -> None:
    async with mail_server(tmp_path) as sink:
        settings = settings_of(sink)
    assert (await mailing(settings)(asked(), CASUS, SEALER)).result is Result.TEMPORARY


async def test_without_a_relay_it_waits(tmp_path: Path) -> None:
    """Parked, never dropped: people are told in time, and it goes when a relay is set."""
    del tmp_path
    attempt = await mailing(None)(asked(), CASUS, SEALER)
    assert attempt.result is Result.TEMPORARY
    assert "HOUVAST_SMTP_HOST" in attempt.detail


async def test_a_gemeente_that_receives_otherwise_by_now_is_not_mailed(tmp_path: Path) -> None:
    async with mail_server(tmp_path) as sink:
        attempt = await mailing(settings_of(sink))(asked("GM0758"), CASUS, SEALER)
        assert attempt.result is Result.TEMPORARY
        assert sink.mails == []


async def test_of_a_case_that_was_destroyed_nothing_is_mailed(tmp_path: Path) -> None:
    async with mail_server(tmp_path) as sink:
        with pytest.raises(CaseShredded):
            await mailing(settings_of(sink))(asked(), CASUS, ShreddedSealer(CASUS))
        altered = asked(document=SEALER.seal(DOCUMENT).jwe[:-4] + "AAAA")
        assert (await mailing(settings_of(sink))(altered, CASUS, SEALER)).result is Result.PERMANENT
        assert sink.mails == []
