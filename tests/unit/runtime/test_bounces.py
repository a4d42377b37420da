"""Mail that comes back: an address that only we can make, and what a mail server says about it."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.sandbox.retour import write_dsn
from services.runtime.access.sealing import MasterKey
from services.runtime.outbound.bounces import Bounce, BounceKind, MailNumber, ReturnAddress
from services.runtime.outbound.retourpost import read_bounce
from services.runtime.settings import MAX_LOCAL

OURS = ReturnAddress("terugpost@houvast.example", MasterKey(bytes(range(32))).token_of)
THEIRS = ReturnAddress("terugpost@houvast.example", MasterKey(bytes(32)).token_of)
MAIL = MailNumber("o", UUID(int=42), 3)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def dsn(to: str | None = None, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Overdracht HV-00000001"
    recipient = "team@gemeente.example"
    letter = write_dsn(
        to=to or OURS.write(MAIL), recipient=recipient, returned=mail, now=NOW, action=action, status=status
    )
    return letter.as_bytes()


@given(st.uuids(), st.integers(1, 999), st.sampled_from("oni"))
def test_an_address_tells_which_mail_it_was_and_fits_in_what_smtp_allows(
    identifier: UUID, sequence: int, kind: str
) -> None:
    """RFC 5321: 64 characters before the @; a server may change capitals."""
    mail = MailNumber(kind, identifier, sequence)
    longest = ReturnAddress(f"{'m' * MAX_LOCAL}@houvast.example", MasterKey(bytes(32)).token_of)
    for addresses in (OURS, longest):
        written = addresses.write(mail)
        assert len(written.partition("@")[0]) <= 64
        assert addresses.read(written) == addresses.read(written.upper()) == mail


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address.replace("terugpost", "elders"),
        lambda address: address.replace("houvast.example", "elders.example"),
        lambda address: address.replace("+o", "+n"),
        lambda address: address.replace("3.", "4."),
        lambda address: address[: address.index("@") - 1] + "@houvast.example",
        lambda _: "terugpost@houvast.example",
        lambda _: "terugpost+@houvast.example",
        lambda _: "",
    ],
)
def test_an_address_that_was_not_made_here_is_of_no_mail(change: Callable[[str], str]) -> None:
    assert OURS.read(change(OURS.write(MAIL))) is None
    assert OURS.read(THEIRS.write(MAIL)) is None


def test_what_failed_is_for_good_also_when_its_server_gave_up_after_days() -> None:
    """RFC 3464: failed means that nobody goes on trying, whatever the code."""
    assert read_bounce(dsn(), OURS) == Bounce(MAIL, BounceKind.FAILED, "5.1.1")
    assert read_bounce(dsn(status="4.4.7"), OURS) == Bounce(MAIL, BounceKind.FAILED, "4.4.7")
    assert read_bounce(dsn(action="delayed", status="4.4.1"), OURS) == Bounce(MAIL, BounceKind.DELAYED, "4.4.1")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_good_news_is_that_it_was_delivered(action: str) -> None:
    assert read_bounce(dsn(action=action, status="2.0.0"), OURS) == Bounce(MAIL, BounceKind.DELIVERED, "2.0.0")


def test_a_forged_report_to_an_address_of_another_installation_is_no_bounce() -> None:
    assert read_bounce(dsn(THEIRS.write(MAIL)), OURS) is None
    assert read_bounce(dsn("terugpost@houvast.example"), OURS) is None


WRITTEN_BY_A_GATEWAY = """\
Return-Path: <>
Delivered-To: {address}
From: Microsoft Outlook <postmaster@gemeente.example>
To: <houvast@houvast.example>
Subject: =?utf-8?Q?Onbestelbaar?=
MIME-Version: 1.0
Content-Type: multipart/report; report-type="Delivery-Status";\r
 boundary=grens

--grens
Content-Type: text/plain

Helaas.
--grens
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.gemeente.example
Arrival-Date: Mon, 2 Mar 2026 08:59:58 +0000

Original-Recipient: rfc822;team@gemeente.example
Final-Recipient: rfc822;een.collega@gemeente.example
Action: relayed (naar een ander stelsel)
Status: 2.0.0

Final-Recipient: rfc822;nog.een@gemeente.example
Action: Failed
Status: 5.2.2 (mailbox full)
Diagnostic-Code: smtp;550 5.2.2 <nog.een@gemeente.example> is vol

--grens--
"""


def test_one_of_several_that_failed_counts_and_the_mailbox_may_be_told_by_the_server() -> None:
    """Behind one address may be several people, and a gateway may have rewritten the To."""
    raw = WRITTEN_BY_A_GATEWAY.format(address=OURS.write(MAIL)).encode()
    assert read_bounce(raw, OURS) == Bounce(MAIL, BounceKind.FAILED, "5.2.2")


def test_an_automatic_reply_or_a_receipt_of_reading_is_no_bounce() -> None:
    """Who is on holiday has received it."""
    reply = EmailMessage()
    reply["To"] = OURS.write(MAIL)
    reply["Auto-Submitted"] = "auto-replied"
    reply.set_content("Ik ben er niet.\nAction: failed\nStatus: 5.1.1\n")
    assert read_bounce(reply.as_bytes(), OURS) is None
    read = WRITTEN_BY_A_GATEWAY.replace("Delivery-Status", "disposition-notification")
    read = read.replace("message/delivery-status", "message/disposition-notification")
    assert read_bounce(read.format(address=OURS.write(MAIL)).encode(), OURS) is None


def test_a_report_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    """A mail server may hand over the first part of what is too large."""
    raw = dsn()
    assert read_bounce(raw[: raw.index(b"Diagnostic-Code")], OURS) == Bounce(MAIL, BounceKind.FAILED, "5.1.1")


@given(st.binary(max_size=400), st.integers(0, 2000))
def test_whatever_lands_in_the_mailbox_is_read_without_falling_over(noise: bytes, at: int) -> None:
    raw = dsn()
    for message in (noise, raw[:at] + noise + raw[at:], raw[:at]):
        read_bounce(message, OURS)
