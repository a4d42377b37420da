"""Endpoints as they are: redirects, half answers, garbage, silence, certificates that expired, answers that come too late.

Whatever happens, the overdracht is never lost and arrives under one id.
"""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import RSAKey

from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.identifiers import CasusId
from contracts.register import Gemeente, Register, RestEndpoint
from services.handover.adapters import Endpoints, RestAflevering
from services.runtime.access.sealing import CaseSealer
from services.runtime.outbound.network import AddressRefused, check_address, resolve
from services.runtime.outbound.webhooks import WebhookVerifier, hmac_secret
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.unit.decision import Attempt, Request, Result
from tests.fakes.ontvanger import Answer, Ontvanger, Uitgever, Vraag, listening, says
from tests.unit.triage.road import example

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
CASUS = CasusId(UUID(int=7))
OVERDRACHT = UUID(int=42)
SECRET = hmac_secret(b"k" * 32)
SEALER = CaseSealer(CASUS, b"s" * 32)
DOCUMENT = Overdrachtsdocument.model_validate(example("triagebesluit")["overdrachtsdocument"])
REQUEST = Request(
    OVERDRACHT,
    "aflevering-rest",
    "GM0758",
    {
        "overdrachtId": str(OVERDRACHT),
        "gemeente": "GM0758",
        "team": None,
        "kanaal": "rest",
        "overdrachtsoort": "direct",
        "aangemaaktOp": "2026-03-02T08:00:00Z",
        "antwoordbasis": "https://hub.example",
        "document": SEALER.seal(DOCUMENT).jwe,
    },
    NOW,
    1,
)
SECONDS = 0.5

Secrets = dict[str, str]


def aflevering(url: str, secrets: Secrets | None = None, **endpoint: Any) -> RestAflevering:
    """To one gemeente with this endpoint; the network is real."""
    given = {"env:SLEUTEL": SECRET} | (secrets or {})
    breda = Gemeente(
        code="GM0758",
        naam="Breda",
        regio="west-brabant",
        oin="00000099000000000758",
        endpoint=RestEndpoint(soort="rest", url=url, geheimen=("env:SLEUTEL",), **endpoint),
    )
    wall = SystemKlok()
    return RestAflevering(
        Endpoints(secret=given.__getitem__, wall=wall, timeout=timedelta(seconds=SECONDS)),
        register=Register(gemeenten=[breda], partijen=[]),
        source="urn:nld:oin:00000099000000001000:systeem:houvast-handover",
        klok=VirtueleKlok(NOW),
        wall=wall,
    )


async def attempts(
    ontvanger: Ontvanger,
    times: int = 1,
    secrets: Secrets | None = None,
    *,
    scheme: str = "http",
    **endpoint: Any,
) -> list[Attempt]:
    """The same request, this many times."""
    rest = aflevering(f"{scheme}://127.0.0.1:{ontvanger.port}/in", secrets, **endpoint)
    try:
        return [await rest(REQUEST, CASUS, SEALER) for _ in range(times)]
    finally:
        await rest.close()


def ids(ontvanger: Ontvanger) -> set[str]:
    """Verified as a gemeente does."""
    verifier, now = WebhookVerifier([SECRET]), SystemKlok().now()
    return {verifier.verify(asked.headers, asked.body, now=now).id for asked in ontvanger.asked}


async def test_a_redirect_is_not_followed_and_is_no_delivery() -> None:
    async with listening(says(202)) as elsewhere:
        target = f"http://127.0.0.1:{elsewhere.port}/"
        async with listening(says(307, location=target)) as ontvanger:
            (found,) = await attempts(ontvanger)
        assert (found.result, found.status) == (Result.TEMPORARY, 307)
        assert elsewhere.asked == []


async def _half(_: Vraag, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()


async def _half_head(_: Vraag, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200")
    await writer.drain()
    writer.close()


async def _hang_up(_: Vraag, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _no_http(_: Vraag, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\x01\x02 welkom bij de mailserver\r\n\r\n")


@pytest.mark.parametrize("answer", [_half, _half_head, _hang_up, _no_http])
async def test_half_an_answer_is_no_delivery_and_comes_again_under_the_same_id(answer: Answer) -> None:
    async with listening(answer) as ontvanger:
        found = await attempts(ontvanger, 2)
        assert [attempt.result for attempt in found] == [Result.TEMPORARY, Result.TEMPORARY]
        assert ids(ontvanger) == {str(OVERDRACHT)}


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\xff\xfe\x00\x80", b"<html>Welkom</html>", b'{"status": "fout"', b"x" * 200_000],
)
async def test_a_2xx_with_garbage_is_a_delivery_and_what_came_is_kept(garbage: bytes) -> None:
    """Standard Webhooks: a 2xx is success whatever stands in it."""
    async with listening(says(200, garbage)) as ontvanger:
        (found,) = await attempts(ontvanger)
    assert (found.result, found.status) == (Result.DONE, 200)
    assert found.answer is None or len(found.answer) <= 200


async def test_what_comes_back_is_kept_without_what_was_sent() -> None:
    """G6: an answer may repeat the document, wholly or in part; no name, address or sentence of it is kept."""

    async def echo(asked: Vraag, writer: asyncio.StreamWriter) -> None:
        body = b"fout bij Femke Voorbeeld, voorbeeld, BSN 999990019: " + asked.body
        writer.write(b"HTTP/1.1 400 Nee\r\ncontent-length: %d\r\n\r\n" % len(body) + body)

    async with listening(echo) as ontvanger:
        (found,) = await attempts(ontvanger)
        sent = json.loads(ontvanger.asked[0].body)["data"]["overdrachtsdocument"]
    assert found.answer is not None
    assert found.answer.startswith("fout …")
    for betrokkene in sent["betrokkenen"]:
        for part in betrokkene["naam"].split():
            assert part.casefold() not in found.answer.casefold()
    assert "999990019" not in found.answer
    assert found.sent["type"] == "nl.sociaaldomein.overdrachten.overdracht-aangeboden.v1"
    assert found.sent["bytes"] == len(ontvanger.asked[0].body)
    (key,) = found.sent["sleutels"]  # type: ignore[misc]
    assert str(key).startswith("env:SLEUTEL#")
    assert SECRET not in json.dumps(found.sent)


async def test_silence_ends_after_our_time_and_not_after_theirs() -> None:
    async def silence(_: Vraag, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    started = asyncio.get_running_loop().time()
    async with listening(silence) as ontvanger:
        (found,) = await attempts(ontvanger)
    assert found.result is Result.TEMPORARY
    assert found.detail == f"geen antwoord binnen {SECONDS:g} seconden"
    assert asyncio.get_running_loop().time() - started < 10 * SECONDS


async def test_an_answer_that_trickles_in_is_silence_too() -> None:
    async def trickle(_: Vraag, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with listening(trickle) as ontvanger:
        (found,) = await attempts(ontvanger)
    assert found.result is Result.TEMPORARY


async def test_an_endpoint_that_answers_too_late_and_then_again_has_one_overdracht() -> None:
    """The first attempt arrived, though we do not know it: the second brings the same, under the same id."""
    late = asyncio.Event()
    zaken: dict[str, bytes] = {}

    async def slow_once(asked: Vraag, writer: asyncio.StreamWriter) -> None:
        first = not zaken
        zaken.setdefault(asked.headers["webhook-id"], asked.body)
        if first:
            await late.wait()
        await says(202)(asked, writer)

    async with listening(slow_once) as ontvanger:
        first, second = await attempts(ontvanger, 2)
        late.set()
        assert (first.result, second.result) == (Result.TEMPORARY, Result.DONE)
        assert [json.loads(asked.body) for asked in ontvanger.asked] == [json.loads(*zaken.values())] * 2
    assert list(zaken) == [str(OVERDRACHT)]


async def test_429_and_503_say_how_long_to_wait() -> None:
    async with listening(says(429, retry_after="120")) as ontvanger:
        (found,) = await attempts(ontvanger)
    assert (found.result, found.retry_after) == (Result.TEMPORARY, timedelta(minutes=2))


async def test_410_stops_the_endpoint() -> None:
    async with listening(says(410)) as ontvanger:
        (found,) = await attempts(ontvanger)
    assert (found.result, found.gone) == (Result.PERMANENT, True)


CA = {"tls": {"ca": "file:ca.pem"}}


@pytest.mark.parametrize(
    ("name", "ends_in", "told"),
    [
        ("127.0.0.1", timedelta(days=-1), "het certificaat van de ontvanger is verlopen"),
        ("elders.example", timedelta(days=60), "het certificaat van de ontvanger is voor een andere naam"),
    ],
)
async def test_a_certificate_that_is_wrong_stops_the_delivery_before_anything_is_sent(
    name: str,
    ends_in: timedelta,
    told: str,
    tmp_path: Path,
) -> None:
    uitgever = Uitgever()
    context = uitgever.context(uitgever.issue(name, ends_in=ends_in), tmp_path)
    async with listening(says(202), context) as ontvanger:
        (found,) = await attempts(ontvanger, 1, {"file:ca.pem": uitgever.ca}, scheme="https", **CA)
        assert (found.result, found.detail) == (Result.TEMPORARY, told)
        assert ontvanger.asked == []


async def test_a_certificate_of_an_unknown_authority_is_not_trusted(tmp_path: Path) -> None:
    uitgever = Uitgever()
    async with listening(says(202), uitgever.context(uitgever.issue(), tmp_path)) as ontvanger:
        (found,) = await attempts(ontvanger, scheme="https")
        assert found.detail == "het certificaat van de ontvanger is niet uitgegeven door wie wij vertrouwen"
        (trusted,) = await attempts(ontvanger, 1, {"file:ca.pem": uitgever.ca}, scheme="https", **CA)
        assert trusted.result is Result.DONE


async def test_an_endpoint_that_asks_who_we_are_is_shown_our_certificate(tmp_path: Path) -> None:
    """Mutual TLS; without it the connection does not come about."""
    uitgever = Uitgever()
    own = uitgever.issue("houvast.example")
    secrets = {"file:ca.pem": uitgever.ca, "file:eigen.pem": own.certificate, "file:eigen.key": own.key}
    tls = {"ca": "file:ca.pem", "certificaat": "file:eigen.pem", "sleutel": "file:eigen.key"}
    async with listening(says(202), uitgever.context(uitgever.issue(), tmp_path, asks=True)) as ontvanger:
        (shown,) = await attempts(ontvanger, 1, secrets, scheme="https", tls=tls)
        assert shown.result is Result.DONE
        assert "houvast.example" in str(ontvanger.asked[0].certificate)
        (hidden,) = await attempts(ontvanger, 1, secrets, scheme="https", **CA)
        assert hidden.result is Result.TEMPORARY
        wrong = {**secrets, "file:eigen.key": "geen sleutel"}
        (unusable,) = await attempts(ontvanger, 1, wrong, scheme="https", tls=tls)
        assert unusable.detail.startswith("bij Houvast klopt een instelling niet: ons certificaat en zijn sleutel")
    assert len(ontvanger.asked) == 1


class Tokenserver:
    """Gives `token-1`, `token-2` …, and keeps what it was asked."""

    def __init__(self, *, status: int = 200, lifetime: object = 300) -> None:
        self._lifetime = lifetime
        self.forms: list[dict[str, str]] = []
        self.authorizations: list[str | None] = []
        self._status = status

    async def __call__(self, asked: Vraag, writer: asyncio.StreamWriter) -> None:
        self.forms.append({name: values[0] for name, values in parse_qs(asked.body.decode()).items()})
        self.authorizations.append(asked.headers.get("authorization"))
        body = {"access_token": f"token-{len(self.forms)}", "token_type": "Bearer", "expires_in": self._lifetime}
        answer = body if self._status == 200 else {"error": "invalid_client"}
        await says(self._status, json.dumps(answer).encode())(asked, writer)


def oauth2(tokens: Ontvanger, **proof: str) -> dict[str, Any]:
    return {
        "token_url": f"http://127.0.0.1:{tokens.port}/token",
        "client_id": "houvast",
        "scope": "overdracht",
        **proof,
    }


def only_with(*tokens: str) -> Answer:
    async def answer(asked: Vraag, writer: asyncio.StreamWriter) -> None:
        known = asked.headers.get("authorization") in {f"Bearer {token}" for token in tokens}
        await says(202 if known else 401)(asked, writer)

    return answer


async def test_a_token_is_asked_for_once_and_anew_when_it_is_refused() -> None:
    """OAuth2 client credentials with a secret."""
    server = Tokenserver()
    async with listening(server) as tokens, listening(only_with("token-1")) as ontvanger:
        rest = aflevering(
            f"http://127.0.0.1:{ontvanger.port}/in",
            {"env:OAUTH": "s3cret"},
            oauth2=oauth2(tokens, geheim="env:OAUTH"),
        )
        assert (await rest(REQUEST, CASUS, SEALER)).result is Result.DONE
        assert (await rest(REQUEST, CASUS, SEALER)).result is Result.DONE
        assert server.forms == [{"grant_type": "client_credentials", "scope": "overdracht"}]
        assert server.authorizations == ["Basic aG91dmFzdDpzM2NyZXQ="]
        ontvanger.answer = only_with("token-2")
        assert (await rest(REQUEST, CASUS, SEALER)).result is Result.DONE
        assert len(server.forms) == 2
        ontvanger.answer = only_with("nooit")
        refused = await rest(REQUEST, CASUS, SEALER)
        assert (refused.result, refused.status, refused.refused) == (Result.TEMPORARY, 401, True)
        await rest.close()


@pytest.mark.parametrize("lifetime", [1e300, 10**400, float("nan"), -1, 0, "300", None, True])
async def test_a_token_with_a_lifetime_that_makes_no_sense_is_a_token(lifetime: object) -> None:
    async with listening(Tokenserver(lifetime=lifetime)) as tokens, listening(says(202)) as ontvanger:
        login = oauth2(tokens, geheim="env:OAUTH")
        (found,) = await attempts(ontvanger, 1, {"env:OAUTH": "s3cret"}, oauth2=login)
    assert found.result is Result.DONE


async def test_a_token_can_be_asked_for_with_a_signed_assertion() -> None:
    """private_key_jwt, RFC 7523."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    server = Tokenserver()
    async with listening(server) as tokens, listening(only_with("token-1")) as ontvanger:
        login = oauth2(tokens, sleutel="file:oauth.key", sleutel_id="k1")
        (found,) = await attempts(ontvanger, 1, {"file:oauth.key": pem}, oauth2=login)
    assert found.result is Result.DONE
    (form,) = server.forms
    assertion = jwt.decode(form["client_assertion"], RSAKey.import_key(pem), algorithms=["PS256"])
    assert assertion.header["kid"] == "k1"
    assert (assertion.claims["iss"], assertion.claims["sub"]) == ("houvast", "houvast")
    assert assertion.claims["aud"] == login["token_url"]
    assert assertion.claims["exp"] - assertion.claims["iat"] == 120


async def test_who_is_not_let_in_keeps_its_overdracht_waiting() -> None:
    """It is about the connection, not about the overdracht: refused for all, and mended for all."""
    async with listening(Tokenserver(status=401)) as tokens, listening(says(202)) as ontvanger:
        login = oauth2(tokens, geheim="env:OAUTH")
        (found,) = await attempts(ontvanger, 1, {"env:OAUTH": "s3cret"}, oauth2=login)
        assert (found.result, found.detail) == (Result.TEMPORARY, "aanmelden lukt niet (status 401, invalid_client)")
        assert found.refused
        assert ontvanger.asked == []


async def test_an_fsc_outway_gets_its_grant_and_its_errors_are_infrastructure() -> None:
    grant = "$1$3$" + "a" * 86
    answer = says(202, fsc_transaction_id="0196f0a0-7b7b-7000-8000-000000000001")
    async with listening(answer) as outway:
        (found,) = await attempts(outway, fsc={"grant_hash": grant})
        assert outway.asked[0].headers["fsc-grant-hash"] == grant
        assert found.receipt == {"fscTransactionId": "0196f0a0-7b7b-7000-8000-000000000001"}
        outway.answer = says(400, fsc_error_code="ERROR_CODE_ACCESS_DENIED", fsc_transaction_id="a" * 36)
        (failed,) = await attempts(outway, fsc={"grant_hash": grant})
    assert failed.result is Result.TEMPORARY
    assert "ERROR_CODE_ACCESS_DENIED" in failed.detail
    assert failed.receipt == {"fscTransactionId": "a" * 36}


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("93.184.215.14", True, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True, True),
        ("10.1.2.3", False, True),
        ("192.168.1.1", False, True),
        ("100.64.0.1", False, True),
        ("192.0.0.192", False, True),
        ("240.0.0.1", False, True),
        ("fec0::1", False, True),
        ("::7f00:1", False, True),
        ("64:ff9b:1::1", False, True),
        ("fd00::1", False, True),
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("2002:7f00:1::", False, False),
    ],
)
def test_which_addresses_may_be_called(address: str, *, public: bool, private: bool) -> None:
    """STANDARDS: private, reserved and metadata addresses only where the endpoint says so, and metadata never."""
    assert (check_address(address, private_network=False) is None) is public
    assert (check_address(address, private_network=True) is None) is private


async def test_an_address_of_this_machine_is_refused_unless_it_is_written_as_such() -> None:
    with pytest.raises(AddressRefused):
        await resolve("127.0.0.2", 443, private_network=True)
    assert await resolve("127.0.0.1", 443, private_network=False) == ("127.0.0.1",)


async def test_an_address_that_is_refused_waits_and_says_why() -> None:
    rest = aflevering("https://127.0.0.2:9/in")
    found = await rest(REQUEST, CASUS, SEALER)
    await rest.close()
    assert found.result is Result.TEMPORARY
    assert found.detail.startswith("het adres van 127.0.0.2 is van deze machine")
