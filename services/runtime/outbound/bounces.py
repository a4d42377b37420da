"""Mail that comes back: the return address that tells which mail it was, and reading what a mail server says (RFC 3464).

A relay that accepted a mail may find out hours later that it cannot be delivered. It then writes to the envelope
sender. That address is different for every mail: it holds an id and a code that only this installation can make, and
nothing about people.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from typing import cast
from uuid import UUID

_CODE_BYTES = 8
_TOKEN = re.compile(r"([a-z])([a-z2-7]{26})([0-9]{1,3})\.([a-z2-7]{13})")
_STATUS = re.compile(r"\b([245])\.([0-9]{1,3})\.([0-9]{1,3})\b")
_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
_HIGHEST_ROUND = 999


class BounceKind(StrEnum):
    """What became of a mail: undeliverable for good, or not delivered yet while its mail server goes on trying."""

    FAILED = "mislukt"
    DELAYED = "vertraagd"


@dataclass(frozen=True, slots=True)
class MailNumber:
    """Which mail it was: the kind of mail (one letter), the id it was sent for, and the how manieth of that id."""

    kind: str
    id: UUID
    round: int = 1


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail server says what became of one of our mails. `status` is its enhanced status code (RFC 3463), if any.

    Nothing else is taken from what it wrote: that tends to hold addresses, and the mail itself.
    """

    mail: MailNumber
    kind: BounceKind
    status: str | None = None


class ReturnAddress:
    """Makes and reads return addresses `<mailbox>+<token>@<domain>`. `derive_token` makes secrets of this installation."""

    def __init__(self, mailbox: str, derive_token: Callable[[str], str]) -> None:
        self._local, _, self._domain = mailbox.rpartition("@")
        self._derive_token = derive_token

    def write(self, mail: MailNumber) -> str:
        """The envelope sender of this mail; the same for every attempt."""
        number = base64.b32encode(mail.id.bytes).decode().rstrip("=").lower()
        sequence = min(mail.round, _HIGHEST_ROUND)
        return f"{self._local}+{mail.kind}{number}{sequence}.{self._code(mail.kind, number, sequence)}@{self._domain}"

    def read(self, address: str) -> MailNumber | None:
        """Which mail this address was made for; None for one that was not made here."""
        local, _, domain = address.strip().lower().rpartition("@")
        name, _, token = local.partition("+")
        found = _TOKEN.fullmatch(token)
        if found is None or (name, domain) != (self._local.lower(), self._domain.lower()):
            return None
        kind, number, sequence, code = found.groups()
        if not hmac.compare_digest(code, self._code(kind, number, int(sequence))):
            return None
        return MailNumber(kind, UUID(bytes=base64.b32decode(f"{number.upper()}======")), int(sequence))

    def _code(self, kind: str, number: str, sequence: int) -> str:
        secret = self._derive_token(f"return address {kind} {number} {sequence}")
        digest = hashlib.blake2b(secret.encode(), digest_size=_CODE_BYTES).digest()
        return base64.b32encode(digest).decode().rstrip("=").lower()


def read_bounce(raw: bytes, return_address: ReturnAddress) -> Bounce | None:
    """What a mail server says about a mail of ours; None for anything else that lands in that mailbox.

    Somebody's automatic reply, a receipt that it was read or a letter to nobody is no bounce. Neither is a message
    that claims to be one but was sent to an address that was not made here.
    """
    message = message_from_bytes(raw, policy=policy.compat32)
    if message.get_content_type() != "multipart/report" or _parameter(message, "report-type") != "delivery-status":
        return None
    mail = next((found for found in map(return_address.read, _addressees(message)) if found is not None), None)
    recipients = list(_recipients(message))
    kind = _kind_of(recipients)
    if mail is None or kind is None:
        return None
    return Bounce(mail, kind, _status_of(recipients, kind))


def _addressees(message: Message) -> Iterator[str]:
    for name in _TO:
        given = [str(value) for value in message.get_all(name, [])]
        yield from (address for _, address in getaddresses(given))


def _parameter(message: Message, name: str) -> str:
    value = message.get_param(name, "")
    return value.lower() if isinstance(value, str) else ""


def _recipients(message: Message) -> Iterator[Message]:
    """What is said per recipient; the first block of a delivery status is about the message as a whole."""
    for part in _parts_of(message):
        if part.get_content_type() == "message/delivery-status":
            yield from _parts_of(part)[1:]


def _parts_of(message: Message) -> list[Message]:
    payload: object = message.get_payload()
    return (
        [part for part in cast("list[object]", payload) if isinstance(part, Message)]
        if isinstance(payload, list)
        else []
    )


def _action_of(recipient: Message) -> BounceKind | None:
    """Failed is for good whatever its code: nobody goes on trying. Without an action the code says it."""
    action = str(recipient.get("Action", "")).partition("(")[0].strip().lower()
    if action == "failed" or (not action and _code_of(recipient).startswith("5")):
        return BounceKind.FAILED
    return BounceKind.DELAYED if action == "delayed" else None


def _kind_of(recipients: list[Message]) -> BounceKind | None:
    """One that failed counts for all: a mail has one address, and behind it may be people who do not get it."""
    found = {_action_of(recipient) for recipient in recipients}
    return next((kind for kind in BounceKind if kind in found), None)


def _status_of(recipients: list[Message], kind: BounceKind) -> str | None:
    about = (_code_of(recipient) for recipient in recipients if _action_of(recipient) is kind)
    return next((code for code in about if code), None)


def _code_of(recipient: Message) -> str:
    found = _STATUS.search(str(recipient.get("Status", "")))
    return "" if found is None else ".".join(str(int(part)) for part in found.groups())
