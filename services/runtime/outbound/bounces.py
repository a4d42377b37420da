"""Mail that comes back: the return address that tells which mail it was, and what can have become of it.

A relay that accepted a mail may find out hours later that it cannot be delivered. It then writes to the envelope
sender. That address is different for every mail: it holds an id and a code that only this installation can make, and
nothing about people. How what comes back is read: `retourpost`.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

_CODE_BYTES = 8
_TOKEN = re.compile(r"([a-z])([a-z2-7]{26})([0-9]{1,3})\.([a-z2-7]{13})")
_ANYWHERE = re.compile(r"[^\s<>\"'(),;:@]{1,64}@[a-z0-9.-]{1,255}", re.IGNORECASE)
_HIGHEST_ROUND = 999


class BounceKind(StrEnum):
    """What became of a mail, as far as a mail server says; the first that applies."""

    FAILED = "mislukt"
    """Undeliverable for good."""
    DELAYED = "vertraagd"
    """Not delivered yet, while a mail server goes on trying."""
    DELIVERED = "bezorgd"
    """The server of the receiver has it."""
    UNCLEAR = "onduidelijk"
    """Something came back that says none of these in a form we know: a person reads it."""


@dataclass(frozen=True, slots=True)
class MailNumber:
    """Which mail it was: the kind of mail (one letter), the id it was sent for, and the how manieth of that id."""

    kind: str
    id: UUID
    round: int = 1


@dataclass(frozen=True, slots=True)
class Bounce:
    """Something came back about one of our mails. `status` is its enhanced status code (RFC 3463), if any.

    Of what is understood nothing else is taken: it tends to hold addresses, and the mail itself. What is not understood
    goes along as `letter`, for a person to read; it is sealed before it rests anywhere.
    """

    mail: MailNumber
    kind: BounceKind
    status: str | None = None
    letter: str | None = None


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
        match = _TOKEN.fullmatch(token)
        if match is None or (name, domain) != (self._local.lower(), self._domain.lower()):
            return None
        kind, number, sequence, code = match.groups()
        if not hmac.compare_digest(code, self._code(kind, number, int(sequence))):
            return None
        return MailNumber(kind, UUID(bytes=base64.b32decode(f"{number.upper()}======")), int(sequence))

    def find_in(self, text: str) -> MailNumber | None:
        """Which mail the first address in this text was made for, where one of them was made here."""
        if "+" not in text:
            return None
        return next(self._read_all(text), None)

    def _read_all(self, text: str) -> Iterator[MailNumber]:
        for found in _ANYWHERE.finditer(text):
            mail = self.read(found.group())
            if mail is not None:
                yield mail

    def _code(self, kind: str, number: str, sequence: int) -> str:
        secret = self._derive_token(f"return address {kind} {number} {sequence}")
        digest = hashlib.blake2b(secret.encode(), digest_size=_CODE_BYTES).digest()
        return base64.b32encode(digest).decode().rstrip("=").lower()
