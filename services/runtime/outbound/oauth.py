"""Logging in at the endpoint of another organisation: OAuth2 client credentials, with a secret or a signed assertion.

RFC 6749 §4.4; `private_key_jwt` by RFC 7523. A token is kept until shortly before it ends, and asked for once however
many wait for it.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from services.runtime.process.clock import Klok

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFETIME = timedelta(minutes=2)
_EARLIER = timedelta(seconds=30)
_WITHOUT_EXPIRY = timedelta(minutes=5)
_LONGEST = timedelta(hours=1)
_EC_ALGORITHMS = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True, slots=True)
class Aanmelding:
    """As whom to log in and where: with a `secret`, or else with a private `key` in PEM."""

    token_url: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    key_id: str | None = None
    scope: str | None = None
    audience: str | None = None


class NotLoggedIn(Exception):
    """No token was given; the message says why, without what was sent. `status` is what the server answered."""

    def __init__(self, reden: str, *, status: int | None = None) -> None:
        super().__init__(reden)
        self.status = status


class UnusableLoginKey(NotLoggedIn):
    """Our own key cannot sign."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    until: datetime


class Tokens:
    """The tokens of this process, by who logs in where."""

    def __init__(self, wall: Klok) -> None:
        self._wall = wall
        self._kept: dict[Aanmelding, _Token] = {}
        self._locks: dict[Aanmelding, asyncio.Lock] = {}

    async def token(self, aanmelding: Aanmelding, client: httpx.AsyncClient) -> str:
        """A token that is valid now. Raises `NotLoggedIn`, or `httpx.HTTPError` when nobody answers."""
        async with self._locks.setdefault(aanmelding, asyncio.Lock()):
            kept = self._kept.get(aanmelding)
            if kept is None or kept.until <= self._wall.now():
                kept = self._kept[aanmelding] = await self._ask(aanmelding, client)
            return kept.text

    def forget(self, aanmelding: Aanmelding, token: str) -> None:
        """This token was refused."""
        kept = self._kept.get(aanmelding)
        if kept is not None and kept.text == token:
            del self._kept[aanmelding]

    async def _ask(self, aanmelding: Aanmelding, client: httpx.AsyncClient) -> _Token:
        now = self._wall.now()
        form = {"grant_type": "client_credentials"}
        wanted = (("scope", aanmelding.scope), ("audience", aanmelding.audience))
        form |= {name: value for name, value in wanted if value}
        auth: httpx.BasicAuth | None = None
        if aanmelding.key is not None:
            assertion = sign_assertion(aanmelding, aanmelding.key, now=now)
            form |= {
                "client_id": aanmelding.client_id,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": assertion,
            }
        else:  # RFC 6749 §2.3.1: both are form-encoded first
            auth = httpx.BasicAuth(quote(aanmelding.client_id, safe=""), quote(aanmelding.secret or "", safe=""))
        headers = {"accept": "application/json"}
        response = await client.post(
            aanmelding.token_url, data=form, auth=auth or httpx.USE_CLIENT_DEFAULT, headers=headers
        )
        return _read(response, now=now)


def sign_assertion(aanmelding: Aanmelding, key: str, *, now: datetime) -> str:
    """The JWT that proves who we are, for this token endpoint and two minutes. Raises `UnusableLoginKey`."""
    try:
        private = load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError):
        raise UnusableLoginKey("de sleutel om mee aan te melden is geen PEM zonder wachtwoord") from None
    if isinstance(private, RSAPrivateKey):
        algorithm, signer = "PS256", RSAKey.import_key(key)
    elif isinstance(private, EllipticCurvePrivateKey) and private.curve.name in _EC_ALGORITHMS:
        algorithm, signer = _EC_ALGORITHMS[private.curve.name], ECKey.import_key(key)
    else:
        raise UnusableLoginKey("de sleutel om mee aan te melden is geen RSA- of EC-sleutel")
    header: dict[str, Any] = {"alg": algorithm, "typ": "JWT"}
    if aanmelding.key_id is not None:
        header["kid"] = aanmelding.key_id
    claims = {
        "iss": aanmelding.client_id,
        "sub": aanmelding.client_id,
        "aud": aanmelding.token_url,
        "jti": str(uuid4()),
        "iat": int(now.timestamp()),
        "exp": int((now + _ASSERTION_LIFETIME).timestamp()),
    }
    return jwt.encode(header, claims, signer, algorithms=[algorithm])


def _read(response: httpx.Response, *, now: datetime) -> _Token:
    body = _fields(response)
    token = body.get("access_token")
    if not response.is_success or not isinstance(token, str) or not token.isascii() or not token.isprintable():
        code = body.get("error")
        told = f", {code}" if isinstance(code, str) and code.isidentifier() else ""
        raise NotLoggedIn(f"aanmelden lukt niet (status {response.status_code}{told})", status=response.status_code)
    return _Token(token, now + _lifetime(body.get("expires_in")) - _EARLIER)


def _lifetime(told: object) -> timedelta:
    """What the server says, as far as it is a number that can be; never longer than an hour."""
    if not (isinstance(told, int | float) and told > 0):
        return _WITHOUT_EXPIRY
    return timedelta(seconds=min(told, _LONGEST.total_seconds()))


def _fields(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
