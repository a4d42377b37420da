"""The mail that says that an overdracht was taken back: to the same address, and about nobody."""

from pathlib import Path
from uuid import UUID

import pytest

from contracts.messages.identifiers import short_reference
from lab.sandbox import Mail
from services.handover.adapters import MailIntrekking
from services.runtime.access.sealing import ShreddedSealer
from services.runtime.outbound.mail import MailRelay
from services.runtime.process.clock import VirtueleKlok
from services.runtime.settings import SmtpSettings
from services.runtime.unit.decision import Request, Result
from services.runtime.unit.outcomes import iso
from tests.fakes.postkamer import GOIRLE, LINK, REGIO, RUCPHEN
from tests.unit.handover.test_mail_aflevering import (
    ABOUT_PEOPLE,
    CASUS,
    OVERDRACHT,
    everything_in,
    mail_server,
    settings_of,
)
from tests.unit.triage.road import START, sample_register

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("machine_trusts_nobody")]


def notice(gemeente: str, **more: str) -> Request:
    content = {
        "overdrachtId": str(OVERDRACHT),
        "gemeente": gemeente,
        "team": None,
        "kanaal": "e-mail",
        "regio": REGIO.get(gemeente, "west-brabant"),
        "ingetrokkenOp": iso(START),
    }
    return Request(UUID(int=43), "intrekking-e-mail", gemeente, {**content, **more}, START, 1)


def telling(settings: SmtpSettings | None) -> MailIntrekking:
    relay = None if settings is None else MailRelay(settings, secret=lambda name: name, timeout_seconds=5)
    return MailIntrekking(relay, register=sample_register(), klok=VirtueleKlok(START))


async def mailed(tmp_path: Path, gemeente: str, **more: str) -> Mail:
    async with mail_server(tmp_path) as sink:
        attempt = await telling(settings_of(sink))(notice(gemeente, **more), CASUS, ShreddedSealer(CASUS))
        assert attempt.result is Result.DONE, attempt
        (mail,) = sink.mails
    return mail


async def test_a_team_hears_that_it_has_nothing_more_to_do(tmp_path: Path) -> None:
    """NTA 7516: a reference and no more; nothing of the case is opened for it."""
    mail = await mailed(tmp_path, RUCPHEN)
    assert mail.aan == ("lokaalteam@rucphen.example",)
    assert mail.onderwerp == f"Overdracht {short_reference(CASUS)} is ingetrokken"
    assert "U hoeft niets meer te doen" in mail.tekst
    assert mail.html is not None
    assert "U hoeft niets meer te doen" in mail.html
    assert mail.message_id == f"<{OVERDRACHT}.ingetrokken@houvast.example>"
    assert LINK.search(mail.tekst) is None
    assert not any(word in everything_in(mail) for word in ABOUT_PEOPLE)


async def test_who_took_an_offer_back_signs(tmp_path: Path) -> None:
    """docs/decisions/0019: the meldpunt asked and took it back; Veilig Thuis did nothing."""
    meldpunt = "meldpunt-west-brabant"
    mail = await mailed(tmp_path, RUCPHEN, aangebodenDoor=meldpunt, ingetrokkenDoor=meldpunt)
    naam = sample_register().naam(meldpunt)
    assert mail.onderwerp == f"Aanbod {short_reference(CASUS)} is ingetrokken"
    assert f"{naam}, via Houvast" in mail.tekst
    assert f"Bel dan {naam}." in mail.tekst
    assert "Veilig Thuis" not in everything_in(mail)


async def test_where_the_document_went_along_the_team_is_asked_to_remove_that_mail(tmp_path: Path) -> None:
    assert "Verwijder die mail" in (await mailed(tmp_path, GOIRLE)).tekst
    assert "Verwijder" not in (await mailed(tmp_path, RUCPHEN)).tekst


async def test_every_attempt_is_the_same_mail(tmp_path: Path) -> None:
    """G2."""
    async with mail_server(tmp_path) as sink:
        performer = telling(settings_of(sink))
        for _ in range(2):
            await performer(notice(RUCPHEN), CASUS, ShreddedSealer(CASUS))
        first, second = sink.mails
    assert (first.message_id, first.tekst) == (second.message_id, second.tekst)


async def test_an_address_that_does_not_exist_is_refused_for_good(tmp_path: Path) -> None:
    async with mail_server(tmp_path, onbekend={"lokaalteam@rucphen.example"}) as sink:
        attempt = await telling(settings_of(sink))(notice(RUCPHEN), CASUS, ShreddedSealer(CASUS))
    assert (attempt.result, attempt.status) == (Result.PERMANENT, 550)


async def test_without_a_relay_or_an_address_it_waits(tmp_path: Path) -> None:
    waits = await telling(None)(notice(RUCPHEN), CASUS, ShreddedSealer(CASUS))
    assert (waits.result, "HOUVAST_SMTP_HOST" in waits.detail) == (Result.TEMPORARY, True)
    async with mail_server(tmp_path) as sink:
        elsewhere = await telling(settings_of(sink))(notice("GM0758"), CASUS, ShreddedSealer(CASUS))
        assert elsewhere.result is Result.TEMPORARY
        assert sink.mails == []
