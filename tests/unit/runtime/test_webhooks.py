"""Standard Webhooks 1.0, as a gemeente meets it: our signatures in the reference library and its signatures in ours."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from services.runtime.outbound.webhooks import (
    TOLERANCE,
    Ongeldig,
    UnusableKey,
    WebhookNotVerified,
    WebhookSigner,
    WebhookVerifier,
    ed25519_pair,
    hmac_secret,
)
from services.runtime.process.clock import SystemKlok

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SECRET = hmac_secret(bytes(range(32)))
OTHER_SECRET = hmac_secret(bytes(range(1, 33)))
PRIVATE, PUBLIC = ed25519_pair(bytes(range(2, 34)))
BODY = json.dumps({"omschrijving": "één"}, ensure_ascii=False).encode()


def signed(*keys: str, body: bytes = BODY, at: datetime = NOW) -> dict[str, str]:
    return WebhookSigner(keys).headers(message_id="0199-a_b", at=at, body=body)


def refused(headers: dict[str, str], *keys: str, body: bytes = BODY, now: datetime = NOW) -> Ongeldig:
    with pytest.raises(WebhookNotVerified) as caught:
        WebhookVerifier(keys or (SECRET,)).verify(headers, body, now=now)
    return caught.value.reden


def test_the_reference_library_accepts_our_signature() -> None:
    """The library reads the wall clock itself, so this attempt is made now."""
    headers = signed(SECRET, at=SystemKlok().now())
    assert Webhook(SECRET).verify(BODY, headers) == {"omschrijving": "één"}


def test_the_reference_library_refuses_our_signature_under_another_key() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(BODY, signed(SECRET, at=SystemKlok().now()))


def test_we_accept_the_signature_of_the_reference_library() -> None:
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(NOW.timestamp())),
        "Webhook-Signature": Webhook(SECRET).sign("msg_1", NOW, BODY.decode()),
    }
    verified = WebhookVerifier([SECRET]).verify(headers, BODY, now=NOW)
    assert (verified.id, verified.attempted_at) == ("msg_1", NOW)


def test_the_signed_bytes_are_id_timestamp_and_body() -> None:
    expected = hmac.digest(
        bytes(range(32)),
        b"0199-a_b." + str(int(NOW.timestamp())).encode() + b"." + BODY,
        hashlib.sha256,
    )
    assert signed(SECRET)["webhook-signature"] == "v1," + base64.b64encode(expected).decode()


def test_v1a_is_verified_with_the_public_half() -> None:
    headers = signed(PRIVATE)
    assert headers["webhook-signature"].startswith("v1a,")
    assert WebhookVerifier([PUBLIC]).verify(headers, BODY, now=NOW).id == "0199-a_b"


def test_v1a_under_another_key_is_refused() -> None:
    _, other_public = ed25519_pair(bytes(32))
    assert refused(signed(PRIVATE), other_public) is Ongeldig.HANDTEKENING_ONJUIST


def test_a_public_key_cannot_sign() -> None:
    with pytest.raises(UnusableKey, match="openbare"):
        WebhookSigner([PUBLIC])


@pytest.mark.parametrize("known", [SECRET, OTHER_SECRET, PUBLIC])
def test_during_rotation_a_receiver_may_hold_the_old_or_the_new_key(known: str) -> None:
    headers = signed(OTHER_SECRET, SECRET, PRIVATE)
    assert WebhookVerifier([known]).verify(headers, BODY, now=NOW).id == "0199-a_b"


def test_a_receiver_may_hold_several_keys() -> None:
    assert WebhookVerifier([OTHER_SECRET, PUBLIC, SECRET]).verify(signed(SECRET), BODY, now=NOW).id == "0199-a_b"


def test_a_v1_signature_does_not_count_as_v1a() -> None:
    headers = signed(SECRET)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v1a,")
    assert refused(headers, SECRET, PUBLIC) is Ongeldig.HANDTEKENING_ONJUIST


@pytest.mark.parametrize(
    ("difference", "reden"),
    [
        (TOLERANCE, None),
        (-TOLERANCE, None),
        (TOLERANCE + timedelta(seconds=1), Ongeldig.TE_OUD),
        (-TOLERANCE - timedelta(seconds=1), Ongeldig.TE_NIEUW),
    ],
)
def test_five_minutes_either_way_are_tolerated(difference: timedelta, reden: Ongeldig | None) -> None:
    headers = signed(SECRET, at=NOW)
    if reden is None:
        assert WebhookVerifier([SECRET]).verify(headers, BODY, now=NOW + difference).attempted_at == NOW
    else:
        assert refused(headers, now=NOW + difference) is reden


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed(name: str) -> None:
    headers = signed(SECRET)
    del headers[name]
    assert refused(headers) is Ongeldig.KOPPEN_ONTBREKEN


@pytest.mark.parametrize("timestamp", ["nu", "1e9", "-5", "٣", "1.5", "9" * 40])
def test_a_timestamp_is_whole_seconds(timestamp: str) -> None:
    assert refused(signed(SECRET) | {"webhook-timestamp": timestamp}) is Ongeldig.TIJD_ONGELDIG


@pytest.mark.parametrize("signature", ["v1", "v1,", "v1,%%%", "v1,é", ",", "v2,AAAA", "v1,AAAA v1a,AAAA"])
def test_an_unreadable_signature_is_refused(signature: str) -> None:
    assert refused(signed(SECRET) | {"webhook-signature": signature}) is Ongeldig.HANDTEKENING_ONJUIST


def test_an_id_that_could_shift_the_signed_bytes_is_refused() -> None:
    assert refused(signed(SECRET) | {"webhook-id": "a.b"}) is Ongeldig.ID_ONGELDIG
    with pytest.raises(ValueError, match="webhook-id"):
        WebhookSigner([SECRET]).headers(message_id="a.b", at=NOW, body=BODY)


@given(body=st.binary(max_size=200), where=st.integers(min_value=0, max_value=10_000), flip=st.integers(1, 255))
def test_any_changed_byte_of_the_body_is_noticed(body: bytes, where: int, flip: int) -> None:
    changed = bytearray(body + b"!")
    changed[where % len(changed)] ^= flip
    headers = signed(SECRET, PRIVATE, body=body + b"!")
    assert refused(headers, SECRET, PUBLIC, body=bytes(changed)) is Ongeldig.HANDTEKENING_ONJUIST


@pytest.mark.parametrize(
    "key",
    [
        "",
        "geheim",
        "whsec_",
        "whsec_a",
        "whsec_====",
        "whsec_" + base64.b64encode(bytes(8)).decode(),
        "whsk_AAAA",
        "whpk_AAAA",
    ],
)
def test_an_unusable_key_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(UnusableKey) as caught:
        WebhookVerifier([key])
    assert not key.partition("_")[2] or key not in str(caught.value)


def test_a_private_key_may_carry_its_public_half() -> None:
    seed, public = bytes(range(2, 34)), base64.b64decode(PUBLIC.removeprefix("whpk_"))
    both = "whsk_" + base64.b64encode(seed + public).decode()
    assert signed(both) == signed(PRIVATE)
    with pytest.raises(UnusableKey, match="openbare helft"):
        WebhookSigner(["whsk_" + base64.b64encode(seed + bytes(32)).decode()])


def test_without_a_key_nothing_is_signed_or_believed() -> None:
    with pytest.raises(UnusableKey):
        WebhookSigner([])
    with pytest.raises(UnusableKey):
        WebhookVerifier([])
