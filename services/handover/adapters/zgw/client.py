"""Calls to a zaaksysteem: a token minted for each, nothing followed, and every answer read with suspicion.

Addresses that a zaaksysteem gives are values to hand back to it, never places to go to: what is called is always made
of our own register and a UUID.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

import httpx
import orjson
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import JsonValue

from contracts.register import ZgwEndpoint
from services.handover.adapters.uitgang import uitgang_of
from services.handover.adapters.zgw.fouten import Fout, ZaaksysteemOnbereikbaar, ZaaksysteemWeigert, read_fout
from services.runtime.outbound.network import Uitgang, describe_failure
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject

_MOST_READ = 4 * 1024 * 1024
_MOST_PAGES = 20
_NOT_FOUND = 404
_CRS = {"Accept-Crs": "EPSG:4326", "Content-Crs": "EPSG:4326"}


class Api(StrEnum):
    """The ZGW APIs that are spoken to, by the first segment of their paths."""

    ZAKEN = "zaken"
    DOCUMENTEN = "documenten"
    CATALOGI = "catalogi"
    NOTIFICATIES = "notificaties"


class Verbinding:
    """What every call has in common, and the connections to each zaaksysteem, kept open as long as its way and our
    certificates stay the same. `wall` is the clock that tokens are judged by; `timeout` is in seconds.
    """

    def __init__(
        self,
        open_with: Callable[[Uitgang], httpx.AsyncClient],
        *,
        secret: Callable[[str], str],
        wall: Klok,
        timeout: float,
        at_once: int = 8,
    ) -> None:
        self.wall = wall
        self.timeout = timeout
        self._open = open_with
        self._secret = secret
        self._at_once = at_once
        self._clients: dict[tuple[str, Uitgang], httpx.AsyncClient] = {}

    def http(self, endpoint: ZgwEndpoint) -> httpx.AsyncClient:
        """The client that reaches it. Raises `SecretUnavailable` or `UnusableCertificate`."""
        uitgang = uitgang_of(endpoint, secret=self._secret, at_once=self._at_once)
        known = endpoint.url, uitgang
        if known not in self._clients:
            self._clients[known] = self._open(uitgang)
        return self._clients[known]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    raw: bytes
    headers: httpx.Headers


class ZgwClient:
    """One zaaksysteem, under one name of ours there."""

    def __init__(self, verbinding: Verbinding, endpoint: ZgwEndpoint, *, secret: str) -> None:
        self.endpoint = endpoint
        self._verbinding = verbinding
        self._secret = secret

    @property
    def patience(self) -> float:
        """Seconds that one call may take."""
        return self._verbinding.timeout

    async def get(self, api: Api, path: str, *, stap: str) -> JsonValue:
        """What stands there. Raises `ZaaksysteemWeigert` or `ZaaksysteemOnbereikbaar`."""
        return await self._call("GET", api, path, stap=stap)

    async def find(self, api: Api, collection: str, *, stap: str, **criteria: str) -> list[JsonObject]:
        """Everything that fits, of all pages. A collection without pages comes as a bare list."""
        resources: list[JsonObject] = []
        for page in range(1, _MOST_PAGES + 1):
            params = criteria if page == 1 else {**criteria, "page": str(page)}
            answer = await self._call("GET", api, collection, stap=stap, params=params)
            items = answer.get("results") if isinstance(answer, dict) else answer
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise unreadable(stap)
            resources += cast("list[JsonObject]", items)
            if not isinstance(answer, dict) or answer.get("next") is None:
                break
        return resources

    async def create(self, api: Api, collection: str, body: JsonObject, *, stap: str) -> JsonObject:
        """The resource as the zaaksysteem made it."""
        return _resource(await self._call("POST", api, collection, stap=stap, body=body), stap)

    async def replace(self, api: Api, path: str, body: JsonObject, *, stap: str) -> JsonObject:
        """The resource as it is now; doing it twice is doing it once."""
        return _resource(await self._call("PUT", api, path, stap=stap, body=body), stap)

    async def change(self, api: Api, path: str, body: JsonObject, *, stap: str) -> JsonObject:
        """The resource with these fields changed."""
        return _resource(await self._call("PATCH", api, path, stap=stap, body=body), stap)

    async def remove(self, api: Api, path: str, *, stap: str) -> None:
        """It is gone, also where it was already."""
        try:
            await self._call("DELETE", api, path, stap=stap)
        except ZaaksysteemWeigert as refused:
            if refused.fout.status != _NOT_FOUND:
                raise

    async def _call(
        self,
        method: str,
        api: Api,
        path: str,
        *,
        stap: str,
        params: Mapping[str, str] | None = None,
        body: JsonObject | None = None,
    ) -> JsonValue:
        """One call, and a second with a new token when the first one's was found too old."""
        url = f"{base_of(self.endpoint, api)}/{path}"
        request = self._verbinding.http(self.endpoint).build_request(
            method,
            url,
            params=params,
            content=None if body is None else orjson.dumps(body),
            headers=_headers(api, with_body=body is not None),
        )
        answer = await self._send(request, minted_at=self._verbinding.wall.now(), stap=stap)
        fout = _fout_of(answer, body)
        if fout is not None and fout.expired:
            answer = await self._send(request, minted_at=self._moment_there(answer), stap=stap)
            fout = _fout_of(answer, body)
        if fout is not None:
            about_one = "zaak" in (body or {}) or "/" in path
            raise ZaaksysteemWeigert(stap, fout, answer.headers.get("retry-after"), about_one=about_one)
        return None if method == "DELETE" else _read(answer, stap)

    async def _send(self, request: httpx.Request, *, minted_at: datetime, stap: str) -> _Answer:
        request.headers["Authorization"] = f"Bearer {mint_token(self.endpoint, self._secret, minted_at)}"
        try:
            async with asyncio.timeout(self._verbinding.timeout):
                response = await self._verbinding.http(self.endpoint).send(request, stream=True)
                try:
                    return _Answer(response.status_code, await _read_body(response, stap), response.headers)
                finally:
                    await response.aclose()
        except TimeoutError:
            detail = f"{stap}: geen antwoord binnen {self._verbinding.timeout:g} seconden"
            raise ZaaksysteemOnbereikbaar(detail) from None
        except httpx.HTTPError as error:
            raise ZaaksysteemOnbereikbaar(f"{stap}: {describe_failure(error)}") from None

    def _moment_there(self, answer: _Answer) -> datetime:
        """By whose clock our token was too old: that of the zaaksysteem, where it tells it and runs ahead of ours."""
        ours = self._verbinding.wall.now()
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return ours
        return max(theirs, ours) if theirs.tzinfo is not None else ours


def base_of(endpoint: ZgwEndpoint, api: Api) -> str:
    """What stands before the path of a collection."""
    elsewhere = endpoint.apis.get(api.value)
    return f"{endpoint.url.rstrip('/')}/{api.value}/api/v1" if elsewhere is None else elsewhere.rstrip("/")


def mint_token(endpoint: ZgwEndpoint, secret: str, at: datetime) -> str:
    """A JWT (HS256) of this moment."""
    claims = {
        "iss": endpoint.client_id,
        "iat": int(at.timestamp()),
        "client_id": endpoint.client_id,
        "user_id": "houvast",
        "user_representation": "Houvast",
    }
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))


def resource_id(resource: JsonValue, *, stap: str) -> UUID:
    """The UUID of a resource, or of the address of one: the last segment."""
    url = resource.get("url") if isinstance(resource, dict) else resource
    try:
        return UUID(str(url).rstrip("/").rpartition("/")[2])
    except ValueError:
        raise unreadable(stap) from None


def text_of(resource: JsonObject, field: str, *, stap: str) -> str:
    """A field that must be there."""
    value = resource.get(field)
    if not isinstance(value, str):
        raise unreadable(stap)
    return value


def moment_of(resource: JsonObject, field: str, *, stap: str) -> datetime:
    """A moment that must be there, with its zone."""
    try:
        moment = datetime.fromisoformat(text_of(resource, field, stap=stap))
    except ValueError:
        raise unreadable(stap) from None
    if moment.tzinfo is None:
        raise unreadable(stap)
    return moment


def _resource(answer: JsonValue, stap: str) -> JsonObject:
    """What was made says where it stands; anything else comes from something that made nothing."""
    if not isinstance(answer, dict):
        raise unreadable(stap)
    resource_id(answer, stap=stap)
    return answer


def unreadable(stap: str) -> ZaaksysteemOnbereikbaar:
    """The answer is none that the ZGW APIs know: whatever stands between us and the zaaksysteem wrote it."""
    return ZaaksysteemOnbereikbaar(f"{stap}: het antwoord is niet te lezen")


def _headers(api: Api, *, with_body: bool) -> dict[str, str]:
    content = {"Content-Type": "application/json"} if with_body else {}
    return {"Accept": "application/json", **content, **(_CRS if api is Api.ZAKEN else {})}


def _fout_of(answer: _Answer, body: JsonObject | None) -> Fout | None:
    return None if httpx.codes.is_success(answer.status) else read_fout(answer.status, answer.raw, (body or {}).keys())


def _read(answer: _Answer, stap: str) -> JsonValue:
    try:
        return cast("JsonValue", orjson.loads(answer.raw))
    except orjson.JSONDecodeError:
        raise unreadable(stap) from None


async def _read_body(response: httpx.Response, stap: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MOST_READ:
            raise unreadable(stap)
    return bytes(body)
