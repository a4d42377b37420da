"""Signing people in at the OpenID provider of their own organisation: authorization code with PKCE (OpenID Connect Core).

The rules of the protocol are Authlib's, signatures joserfc's, the road outward our own guarded one. Nothing is kept of a
provider but what it says of itself, for an hour, and its keys, until it signs with one that is not among them.
"""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import orjson
from authlib.common.security import generate_token
from authlib.common.urls import add_params_to_uri
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from services.runtime.process.clock import Klok

SKEW_SECONDS = 60
"""How far the clock of a provider may be from ours."""
TIMEOUT_SECONDS = 5.0
_SAID_SECONDS = 3600.0
_KEYS_SECONDS = 30.0
"""How soon at the earliest keys are asked for again: whoever sends nonsense cannot have us ask without end."""
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Provider:
    """Where people sign in (`issuer`), and as whom the hub is known there; without a secret as a public client."""

    issuer: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    private_network: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where the browser goes, and what only this browser may come back with."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a provider says of somebody. `claims` are those that are text; `session` is its own name for the session."""

    subject: str
    claims: Mapping[str, str]
    acr: str | None
    session: str | None


class ProviderAway(Exception):
    """The provider cannot be reached, or does not say where one signs in there. Trying again later may help."""


class SignInRefused(Exception):
    """What came back is not to be believed, or the provider did not sign in; the message says why, without content."""


OpenClient = Callable[[Provider], httpx.AsyncClient]


class OpenId:
    """The providers of this process, by what they say of themselves."""

    def __init__(self, open_client: OpenClient, wall: Klok, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._open_client = open_client
        self._wall = wall
        self._monotonic = monotonic
        self._said: dict[str, tuple[float, Mapping[str, Any]]] = {}
        self._keys: dict[str, tuple[float, KeySet]] = {}

    async def begin(self, provider: Provider, *, redirect_uri: str, acr_values: tuple[str, ...]) -> Begun:
        """Where the browser goes to sign in. Raises `ProviderAway`."""
        said = await self._metadata(provider)
        state, nonce, verifier = generate_token(32), generate_token(32), generate_token(64)
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
            **({"acr_values": " ".join(acr_values)} if acr_values else {}),
        }
        url = add_params_to_uri(said["authorization_endpoint"], list(asked.items()))
        return Begun(url, state, nonce, verifier)

    async def finish(self, provider: Provider, *, code: str, nonce: str, verifier: str, redirect_uri: str) -> SignedIn:
        """Who came back with this code. Raises `ProviderAway` and `SignInRefused`."""
        said = await self._metadata(provider)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": provider.client_id,
        }
        answer = await self._post(provider, said["token_endpoint"], form, said)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused("er kwam geen identiteitsbewijs mee")
        decoded = await self._decode(provider, token, said)
        params = {"nonce": nonce, "client_id": provider.client_id, "access_token": answer.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, _expected(provider), params)
        self._validate(claims)
        return _read(claims)

    async def end_session(self, provider: Provider, *, back_to: str) -> str | None:
        """Where the browser goes to sign out there too, and then comes back; None where the provider has no such place.

        No identity token is kept, so the provider is told as whom we are known there, and may ask for a confirmation
        (RP-Initiated Logout). Raises `ProviderAway`.
        """
        there = (await self._metadata(provider)).get("end_session_endpoint")
        if not _is_sound(there, provider):
            return None
        asked = {"client_id": provider.client_id, "post_logout_redirect_uri": back_to}
        return add_params_to_uri(cast("str", there), list(asked.items()))

    async def read_logout(self, provider: Provider, token: str) -> tuple[str | None, str | None]:
        """Whose session the provider ended: subject and session (back-channel logout). Raises as `finish` does."""
        said = await self._metadata(provider)
        decoded = await self._decode(provider, token, said)
        options = {**_expected(provider), "jti": {"essential": True}, "events": {"essential": True}}
        claims = CodeIDToken({"sub": "", **decoded.claims}, decoded.header, options, {"client_id": provider.client_id})
        self._validate(claims)
        events: object = claims.get("events")
        if not isinstance(events, dict) or _LOGOUT_EVENT not in events or "nonce" in claims:
            raise SignInRefused("dit is geen bericht over uitloggen")
        return claims.get("sub") or None, claims.get("sid")

    def _validate(self, claims: CodeIDToken) -> None:
        try:
            claims.validate(now=int(self._wall.now().timestamp()), leeway=SKEW_SECONDS)
        except JoseError as error:
            raise SignInRefused(f"het identiteitsbewijs klopt niet ({error.error})") from None

    async def _decode(self, provider: Provider, token: str, said: Mapping[str, Any]) -> jwt.Token:
        """The token, once it is signed by a key of the provider: with fresh keys where it names one that is not known."""
        try:
            try:
                return jwt.decode(token, await self._key_set(provider, said), algorithms=_ALGORITHMS)
            except (InvalidKeyIdError, ValueError):
                fresh = await self._key_set(provider, said, again=True)
                return jwt.decode(token, fresh, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            raise SignInRefused("de handtekening van het identiteitsbewijs klopt niet") from None

    async def _key_set(self, provider: Provider, said: Mapping[str, Any], *, again: bool = False) -> KeySet:
        kept = self._keys.get(provider.issuer)
        now = self._monotonic()
        if kept is not None and (not again or now - kept[0] < _KEYS_SECONDS):
            return kept[1]
        try:
            keys = KeySet.import_key_set(cast("Any", await self._get(provider, said["jwks_uri"])))
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderAway("de sleutels van de aanmelddienst zijn niet te lezen") from None
        self._keys[provider.issuer] = (now, keys)
        return keys

    async def _metadata(self, provider: Provider) -> Mapping[str, Any]:
        kept = self._said.get(provider.issuer)
        if kept is not None and self._monotonic() - kept[0] < _SAID_SECONDS:
            return kept[1]
        said = await self._get(provider, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if said.get("issuer") != provider.issuer:
            raise ProviderAway("de aanmelddienst noemt zich anders dan in het register staat")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_sound(said.get(name), provider):
                raise ProviderAway(f"de aanmelddienst zegt niet goed waar haar {name} is")
        self._said[provider.issuer] = (self._monotonic(), said)
        return said

    async def _get(self, provider: Provider, url: str) -> Mapping[str, Any]:
        try:
            async with self._open_client(provider) as client:
                response = await client.get(url, headers={"accept": "application/json"})
        except (httpx.HTTPError, OSError):
            raise ProviderAway("de aanmelddienst is niet bereikbaar") from None
        if not response.is_success:
            raise ProviderAway(f"de aanmelddienst antwoordt met {response.status_code}")
        if not (said := _fields(response)):
            raise ProviderAway("de aanmelddienst antwoordt onleesbaar")
        return said

    async def _post(
        self, provider: Provider, url: str, form: dict[str, str], said: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        auth: httpx.BasicAuth | None = None
        if provider.secret is not None:
            methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in methods:
                auth = httpx.BasicAuth(provider.client_id, provider.secret)
            else:
                form["client_secret"] = provider.secret
        try:
            async with self._open_client(provider) as client:
                response = await client.post(url, data=form, auth=auth or httpx.USE_CLIENT_DEFAULT)
        except (httpx.HTTPError, OSError):
            raise ProviderAway("de aanmelddienst is niet bereikbaar") from None
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderAway(f"de aanmelddienst antwoordt met {response.status_code}")
        if not response.is_success:
            raise SignInRefused("de aanmelddienst neemt deze aanmelding niet (meer) aan")
        return _fields(response)


def issuer_of(token: str) -> str | None:
    """Who a token says it is from, before that is believed: to know whom to ask for keys."""
    try:
        said = orjson.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError):
        return None
    issuer = cast("dict[str, object]", said).get("iss") if isinstance(said, dict) else None
    return issuer if isinstance(issuer, str) else None


def _challenge(verifier: str) -> str:
    """RFC 7636 §4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _expected(provider: Provider) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }


def _read(claims: CodeIDToken) -> SignedIn:
    """A mail address that the provider itself does not vouch for names nobody."""
    said = {name: value for name, value in cast("dict[str, object]", claims).items() if isinstance(value, str)}
    if claims.get("email_verified", True) is not True:
        said.pop("email", None)
    return SignedIn(said["sub"], said, said.get("acr"), said.get("sid"))


def _is_sound(url: object, provider: Provider) -> bool:
    """A provider over https does not lead elsewhere than over https."""
    return isinstance(url, str) and url.startswith("https://" if provider.issuer.startswith("https://") else "http")


def _fields(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
