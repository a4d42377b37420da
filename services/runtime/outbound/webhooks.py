"""Standard Webhooks 1.0: signing what leaves for a gemeente and verifying what claims to come from one. Pure.

The signed bytes are `id.timestamp.body`. `v1` is HMAC-SHA256 under a shared secret (`whsec_`), `v1a` is ed25519 under a
private key (`whsk_`) that is verified with its public half (`whpk_`). During rotation both sides hold several keys.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

TOLERANCE = timedelta(minutes=5)
"""How far the moment of an attempt may lie from now, in the past and in the future."""

_MIN_SECRET_BYTES = 24
_MAX_SECRET_BYTES = 64
_ED25519_BYTES = 32
_MAX_SIGNATURES = 16
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_TIMESTAMP = re.compile(r"\d{1,12}")


class UnusableKey(ValueError):
    """A key that cannot sign or verify; the message says what is wrong, never the key."""


class Ongeldig(StrEnum):
    """Why a call is not believed. The sentence is for whoever sent it."""

    KOPPEN_ONTBREKEN = "de koppen webhook-id, webhook-timestamp en webhook-signature zijn alle drie nodig"
    ID_ONGELDIG = "webhook-id bestaat uit 1 tot 200 letters, cijfers, streepjes en onderstrepingstekens"
    TIJD_ONGELDIG = "webhook-timestamp is geen aantal seconden sinds 1 januari 1970"
    TE_OUD = "webhook-timestamp ligt meer dan vijf minuten in het verleden"
    TE_NIEUW = "webhook-timestamp ligt meer dan vijf minuten in de toekomst"
    HANDTEKENING_ONJUIST = "geen van de handtekeningen past bij dit bericht en een bekende sleutel"


class WebhookNotVerified(Exception):
    """The call cannot be shown to come from who it says."""

    def __init__(self, reden: Ongeldig) -> None:
        super().__init__(reden.value)
        self.reden = reden


@dataclass(frozen=True, slots=True)
class VerifiedWebhook:
    """A call that was signed by the other side: its id, the same over retries, and the moment of this attempt (UTC)."""

    id: str
    attempted_at: datetime


class _Signing(Protocol):
    def sign(self, content: bytes) -> str: ...


class _Verifying(Protocol):
    version: str

    def matches(self, content: bytes, signature: bytes) -> bool: ...


class _Hmac:
    version = "v1"

    def __init__(self, secret: bytes) -> None:
        if not _MIN_SECRET_BYTES <= len(secret) <= _MAX_SECRET_BYTES:
            raise UnusableKey(f"een whsec_-geheim telt {_MIN_SECRET_BYTES} tot {_MAX_SECRET_BYTES} bytes")
        self._secret = secret

    def sign(self, content: bytes) -> str:
        return f"{self.version},{base64.b64encode(self._digest(content)).decode()}"

    def matches(self, content: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self._digest(content), signature)

    def _digest(self, content: bytes) -> bytes:
        return hmac.digest(self._secret, content, hashlib.sha256)


class _Ed25519Signing:
    def __init__(self, key: bytes) -> None:
        if len(key) not in {_ED25519_BYTES, 2 * _ED25519_BYTES}:
            raise UnusableKey("een whsk_-sleutel telt 32 bytes (of 64, met de openbare helft erachter)")
        self._key = Ed25519PrivateKey.from_private_bytes(key[:_ED25519_BYTES])
        if key[_ED25519_BYTES:] and key[_ED25519_BYTES:] != self._key.public_key().public_bytes_raw():
            raise UnusableKey("de openbare helft in de whsk_-sleutel hoort niet bij de geheime helft")

    def sign(self, content: bytes) -> str:
        return f"v1a,{base64.b64encode(self._key.sign(content)).decode()}"

    def to_public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()


class _Ed25519Verifying:
    version = "v1a"

    def __init__(self, key: bytes) -> None:
        if len(key) != _ED25519_BYTES:
            raise UnusableKey("een whpk_-sleutel telt 32 bytes")
        self._key = Ed25519PublicKey.from_public_bytes(key)

    def matches(self, content: bytes, signature: bytes) -> bool:
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


class WebhookSigner:
    """Signs with every key it was given, the newest first, so that a receiver may hold the old or the new one.

    Keys are `whsec_…` (v1) or `whsk_…` (v1a). Raises `UnusableKey`.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise UnusableKey("er is geen sleutel om mee te ondertekenen")
        self._keys = tuple(_signing(key) for key in keys)

    def headers(self, *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
        """The three headers of one attempt; `at` is the moment of the attempt, `message_id` stays over retries."""
        if not _ID.fullmatch(message_id):
            raise ValueError(Ongeldig.ID_ONGELDIG.value)
        timestamp = str(int(at.timestamp()))
        content = _content(message_id, timestamp, body)
        return {
            ID_HEADER: message_id,
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: " ".join(key.sign(content) for key in self._keys),
        }


class WebhookVerifier:
    """Verifies with any of the keys it was given: `whsec_…` (v1), `whpk_…` or `whsk_…` (v1a). Raises `UnusableKey`."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise UnusableKey("er is geen sleutel om handtekeningen mee te controleren")
        self._keys = tuple(_verifying(key) for key in keys)

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> VerifiedWebhook:
        """The call, when one of its signatures fits one of the keys and its timestamp lies within `TOLERANCE` of `now`.

        Header names may have any case. Raises `WebhookNotVerified` with the reason.
        """
        message_id, timestamp, signatures = _read_headers(headers)
        attempted_at = _read_timestamp(timestamp, now=now)
        content = _content(message_id, timestamp, body)
        offered = tuple(_offered(signatures))
        pairs = ((key, signature) for key in self._keys for version, signature in offered if version == key.version)
        if not any(key.matches(content, signature) for key, signature in pairs):
            raise WebhookNotVerified(Ongeldig.HANDTEKENING_ONJUIST)
        return VerifiedWebhook(message_id, attempted_at)


def hmac_secret(random_bytes: bytes) -> str:
    """A `whsec_` secret around random bytes (24 to 64 of them, 32 is usual)."""
    _Hmac(random_bytes)
    return "whsec_" + base64.b64encode(random_bytes).decode()


def ed25519_pair(random_bytes: bytes) -> tuple[str, str]:
    """A `whsk_` private key around 32 random bytes, and the `whpk_` public key that belongs to it."""
    private = _Ed25519Signing(random_bytes)
    return (
        "whsk_" + base64.b64encode(random_bytes).decode(),
        "whpk_" + base64.b64encode(private.to_public()).decode(),
    )


def _signing(key: str) -> _Signing:
    kind, raw = _split(key)
    match kind:
        case "whsec_":
            return _Hmac(raw)
        case "whsk_":
            return _Ed25519Signing(raw)
        case _:
            raise UnusableKey("met een openbare sleutel (whpk_) kan niet worden ondertekend")


def _verifying(key: str) -> _Verifying:
    kind, raw = _split(key)
    match kind:
        case "whsec_":
            return _Hmac(raw)
        case "whsk_":
            return _Ed25519Verifying(_Ed25519Signing(raw).to_public())
        case _:
            return _Ed25519Verifying(raw)


def _split(key: str) -> tuple[str, bytes]:
    kind, separator, encoded = key.partition("_")
    if not separator or kind not in {"whsec", "whsk", "whpk"}:
        raise UnusableKey("een sleutel begint met whsec_, whsk_ of whpk_")
    try:
        return f"{kind}_", base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise UnusableKey(f"na {kind}_ hoort base64 te staan") from None


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def _read_headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    lowered = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (lowered.get(name) for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if not message_id or not timestamp or not signatures:
        raise WebhookNotVerified(Ongeldig.KOPPEN_ONTBREKEN)
    if not _ID.fullmatch(message_id):
        raise WebhookNotVerified(Ongeldig.ID_ONGELDIG)
    return message_id, timestamp, signatures


def _read_timestamp(timestamp: str, *, now: datetime) -> datetime:
    if not (_TIMESTAMP.fullmatch(timestamp) and timestamp.isascii()):
        raise WebhookNotVerified(Ongeldig.TIJD_ONGELDIG)
    seconds = int(timestamp)
    difference = now.timestamp() - seconds
    if difference > TOLERANCE.total_seconds():
        raise WebhookNotVerified(Ongeldig.TE_OUD)
    if difference < -TOLERANCE.total_seconds():
        raise WebhookNotVerified(Ongeldig.TE_NIEUW)
    return datetime.fromtimestamp(seconds, tz=UTC)


def _offered(signatures: str) -> Iterable[tuple[str, bytes]]:
    """The signatures that can be read; what cannot be read is another version's business or nobody's."""
    for item in signatures.split(" ")[:_MAX_SIGNATURES]:
        version, separator, encoded = item.partition(",")
        if not separator:
            continue
        try:
            yield version, base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            continue
