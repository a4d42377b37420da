"""Delivery to the REST endpoint of a gemeente or another party."""

import asyncio
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast
from uuid import UUID

import httpx

from contracts.afspraken import local_date
from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.envelope import CONTENT_TYPE, CloudEvent, encode
from contracts.messages.handover import AanbodIngetrokken, OverdrachtAangeboden, Overdrachtsoort, Reactie
from contracts.messages.identifiers import CasusId, short_reference
from contracts.messages.verzegeld import Verzegeld
from contracts.register import Gemeente, NietInRegister, Partij, Register, RestEndpoint
from services.handover.adapters.uitgang import uitgang_of
from services.handover.domain.kader import INTREKKING, code_of_partij, gemeente_of, receiver_of
from services.runtime.access.sealing import SealBroken, Sealer
from services.runtime.outbound.network import Uitgang, UnusableCertificate, describe_failure, open_client
from services.runtime.outbound.oauth import Aanmelding, NotLoggedIn, Tokens, UnusableLoginKey
from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.retry_after import read_retry_after
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.outbound.webhooks import UnusableKey, WebhookSigner
from services.runtime.process.clock import Klok
from services.runtime.process.logging import redact
from services.runtime.unit.decision import Attempt, JsonObject, Request, Result
from services.runtime.unit.frozen import replace

_parsed = lru_cache(httpx.URL)
_OF_US = {"user-agent": "houvast", "accept": "*/*"}
_MOST_READ = 64 * 1024
_MOST_KEPT = 200
_WORD = re.compile(r"[^\W_]+")
_SHORTEST_WORD = 3
_FSC_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_FSC_CODE = re.compile(r"[A-Z0-9_]{1,80}")

_UNAUTHORIZED = 401
NOT_LET_IN = frozenset({_UNAUTHORIZED, 403})
"""How an endpoint says that it does not know us or gave us no right: about us, whatever we bring."""
_LOGIN_REFUSED = frozenset({400, *NOT_LET_IN})
_REQUEST_TIMEOUT = 408
_CONFLICT = 409
_GONE = 410
_TOO_EARLY = 425
_TOO_MANY_REQUESTS = 429
_WORTH_ANOTHER_TRY = frozenset({_REQUEST_TIMEOUT, _CONFLICT, _TOO_EARLY, _TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class _Post:
    """One message as it leaves."""

    endpoint: RestEndpoint
    receiver: Gemeente | Partij
    message_id: str
    event: CloudEvent[AanbodIngetrokken] | CloudEvent[OverdrachtAangeboden]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as far as it is looked at."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Endpoints:
    """The clients that reach endpoints: one per endpoint and set of certificates, kept while those stay the same."""

    def __init__(
        self,
        *,
        secret: Callable[[str], str],
        wall: Klok,
        timeout: timedelta,
        at_once: int = 8,
        open_with: Callable[[Uitgang], httpx.AsyncClient] | None = None,
    ) -> None:
        self._secret = secret
        self._wall = wall
        self.seconds = timeout.total_seconds()
        self._at_once = at_once
        self._open = open_with or self._open_client
        self._clients: dict[tuple[str, Uitgang], httpx.AsyncClient] = {}
        self._tokens = Tokens(wall)
        self._signers: dict[tuple[str, ...], tuple[WebhookSigner, list[str]]] = {}

    def _open_client(self, uitgang: Uitgang) -> httpx.AsyncClient:
        return open_client(uitgang, timeout_seconds=self.seconds)

    def uitgang(self, endpoint: RestEndpoint) -> Uitgang:
        """How to reach it, with its certificates read anew. Raises `SecretUnavailable`."""
        return uitgang_of(endpoint, secret=self._secret, at_once=self._at_once)

    def signer(self, endpoint: RestEndpoint) -> tuple[WebhookSigner, list[str]]:
        """What signs, and the names of its keys. Raises `SecretUnavailable` or `UnusableKey`."""
        keys = tuple(self._secret(reference) for reference in endpoint.geheimen)
        all_keys = (*endpoint.geheimen, *keys)
        if all_keys not in self._signers:
            names = [_key_name(reference, key) for reference, key in zip(endpoint.geheimen, keys, strict=True)]
            self._signers[all_keys] = WebhookSigner(keys), names
        return self._signers[all_keys]

    async def post(self, endpoint: RestEndpoint, *, message_id: str, body: bytes) -> Answer:
        """Sign, log in where that is asked, and send; once more with a new token when the old one is refused.

        Raises `TimeoutError`, `httpx.HTTPError`, `NotLoggedIn`, `SecretUnavailable`, `UnusableKey`,
        `UnusableCertificate`.
        """
        client = self._client(endpoint)
        signer, _ = self.signer(endpoint)
        headers = signer.headers(message_id=message_id, at=self._wall.now(), body=body) | {"content-type": CONTENT_TYPE}
        if endpoint.fsc is not None:
            headers["Fsc-Grant-Hash"] = endpoint.fsc.grant_hash
        async with asyncio.timeout(self.seconds):
            aanmelding = self.aanmelding(endpoint)
            if aanmelding is None:
                return await _send(client, endpoint.url, body, headers)
            token = await self._tokens.token(aanmelding, client)
            answer = await _send(client, endpoint.url, body, headers | {"authorization": f"Bearer {token}"})
            if answer.status == _UNAUTHORIZED:
                self._tokens.forget(aanmelding, token)
                token = await self._tokens.token(aanmelding, client)
                answer = await _send(client, endpoint.url, body, headers | {"authorization": f"Bearer {token}"})
            return answer

    async def log_in(self, endpoint: RestEndpoint) -> bool:
        """Whether there was anything to log in to; then it went well. Raises as `post` does."""
        if (aanmelding := self.aanmelding(endpoint)) is None:
            return False
        async with asyncio.timeout(self.seconds):
            await self._tokens.token(aanmelding, self._client(endpoint))
        return True

    def aanmelding(self, endpoint: RestEndpoint) -> Aanmelding | None:
        """As whom to log in, where that is asked. Raises `SecretUnavailable`."""
        if (asked := endpoint.oauth2) is None:
            return None
        return Aanmelding(
            token_url=asked.token_url,
            client_id=asked.client_id,
            secret=None if asked.geheim is None else self._secret(asked.geheim),
            key=None if asked.sleutel is None else self._secret(asked.sleutel),
            key_id=asked.sleutel_id,
            scope=asked.scope,
            audience=asked.audience,
        )

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    def _client(self, endpoint: RestEndpoint) -> httpx.AsyncClient:
        uitgang = self.uitgang(endpoint)
        key = (endpoint.url, uitgang)
        if key not in self._clients:
            self._clients[key] = self._open(uitgang)
        return self._clients[key]


class RestAflevering:
    """Posts an overdracht, or its withdrawal, to the endpoint of its receiver: a CloudEvent by Standard Webhooks.

    The document is opened for the sending alone. `klok` says which entry of the register holds; `wall` is the clock
    that the receiver checks the signature by. The id of the request is the webhook-id: the same over every attempt, and
    another for a generation that people asked for.
    """

    def __init__(self, endpoints: Endpoints, *, register: Register, source: str, klok: Klok, wall: Klok) -> None:
        self._endpoints = endpoints
        self._register = register
        self._source = source
        self._klok = klok
        self._wall = wall

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """One attempt. Raises `CaseShredded` where there is nothing left to send."""
        try:
            post = self._read(request, casus_id, sealer)
            _, keys = self._endpoints.signer(post.endpoint)
        except (NietInRegister, SecretUnavailable, UnusableKey, _NoRestEndpoint) as error:
            return own_fault(error)
        except SealBroken as error:
            return Attempt(Result.PERMANENT, str(error))
        attempt = await self._send(post)
        sent: JsonObject = {"type": type(post.event.data).soort, "bytes": len(post.body), "sleutels": [*keys]}
        return replace(attempt, sent=sent, receipt=attempt.receipt | _moved(request, post.receiver))

    async def close(self) -> None:
        await self._endpoints.close()

    async def _send(self, post: _Post) -> Attempt:
        try:
            answer = await self._endpoints.post(post.endpoint, message_id=post.message_id, body=post.body)
        except TimeoutError:
            return Attempt(Result.TEMPORARY, f"geen antwoord binnen {self._endpoints.seconds:g} seconden")
        except httpx.HTTPError as error:
            return Attempt(Result.TEMPORARY, describe_failure(error))
        except NotLoggedIn as error:
            refused = error.status in _LOGIN_REFUSED or isinstance(error, UnusableLoginKey)
            return Attempt(Result.TEMPORARY, str(error), refused=refused)
        except (SecretUnavailable, UnusableKey, UnusableCertificate) as error:
            return own_fault(error)
        return self._judge(answer, post)

    def _judge(self, answer: Answer, post: _Post) -> Attempt:
        attempt = judge(answer.status, answer.headers.get("retry-after"), self._wall.now())
        code = answer.headers.get("fsc-error-code")
        if code is not None:  # the outway or inway speaks, not the gemeente
            told = code if _FSC_CODE.fullmatch(code) else "onleesbaar"
            detail = f"FSC-infrastructuur: {told} (status {answer.status})"
            attempt = Attempt(Result.TEMPORARY, detail, answer.status, refused=attempt.refused)
        receipt: JsonObject = {}
        transaction = answer.headers.get("fsc-transaction-id")
        if transaction is not None and _FSC_ID.fullmatch(transaction):
            receipt["fscTransactionId"] = transaction
        told = summarise(answer.body, hide=words_of(post.event.data)) if answer.body else None
        return replace(attempt, answer=told, receipt=receipt)

    def _read(self, request: Request, casus_id: CasusId, sealer: Sealer) -> _Post:
        receiver = receiver_of(self._register, request.content, on=local_date(self._klok.now()))
        endpoint = receiver.endpoint_for(_text(request.content["team"]), "rest")
        if not isinstance(endpoint, RestEndpoint):
            raise _NoRestEndpoint(f"{receiver.naam} heeft nu een endpoint van soort {endpoint.soort}")
        event = self._event(request, casus_id, sealer, receiver)
        return _Post(endpoint, receiver, str(request.id), event, encode(event))

    def _event(
        self, request: Request, casus_id: CasusId, sealer: Sealer, receiver: Gemeente | Partij
    ) -> CloudEvent[AanbodIngetrokken] | CloudEvent[OverdrachtAangeboden]:
        if request.kind.startswith(INTREKKING):
            return self._withdrawal(request, casus_id, receiver)
        content = request.content
        made_at = datetime.fromisoformat(str(content["aangemaaktOp"]))
        overdracht_id = UUID(str(content["overdrachtId"]))
        sealed: Verzegeld[Overdrachtsdocument] = Verzegeld(str(content["document"]))
        data = OverdrachtAangeboden(
            overdracht_id=overdracht_id,
            casus_id=casus_id,
            referentie=short_reference(casus_id),
            gemeente=gemeente_of(content, receiver),
            team=_text(content["team"]),
            partij=code_of_partij(content),
            overdrachtsoort=Overdrachtsoort(str(content["overdrachtsoort"])),
            aangemaakt_op=made_at,
            reactie=_reactie(str(content["antwoordbasis"]), overdracht_id),
            overdrachtsdocument=sealer.open(sealed, Overdrachtsdocument),
        )
        return CloudEvent(str(request.id), self._source, casus_id, made_at, None, data)

    def _withdrawal(
        self, request: Request, casus_id: CasusId, receiver: Gemeente | Partij
    ) -> CloudEvent[AanbodIngetrokken]:
        content = request.content
        at = datetime.fromisoformat(str(content["ingetrokkenOp"]))
        data = AanbodIngetrokken(
            overdracht_id=UUID(str(content["overdrachtId"])),
            casus_id=casus_id,
            referentie=short_reference(casus_id),
            gemeente=gemeente_of(content, receiver),
            team=_text(content["team"]),
            partij=code_of_partij(content),
            ingetrokken_op=at,
        )
        return CloudEvent(str(request.id), self._source, casus_id, at, None, data)


class _NoRestEndpoint(LookupError):
    """The register gives this receiver another kind of endpoint by now."""


def _reactie(public_url: str, overdracht_id: UUID) -> Reactie:
    base = f"{public_url}/overdracht/v1/overdrachten/{overdracht_id}"
    return Reactie(
        ontvangstbevestiging=f"{base}/ontvangstbevestigingen",
        verdeling=f"{base}/verdelingen",
        terugkoppeling=f"{base}/terugkoppelingen",
        weigering=f"{base}/weigeringen",
    )


def judge(status: int, retry_after: str | None, now: datetime) -> Attempt:
    """What the answer of an endpoint means: taken, to be tried again, or refused for good."""
    if httpx.codes.is_success(status):
        return Attempt(Result.DONE, f"afgeleverd met status {status}", status)
    if status == _GONE:
        return Attempt(Result.PERMANENT, "het endpoint is opgeheven (status 410)", status, gone=True)
    if status in NOT_LET_IN:
        told = f"wij worden niet toegelaten (status {status})"
        return Attempt(Result.TEMPORARY, told, status, retry_after=read_retry_after(retry_after, now), refused=True)
    if httpx.codes.is_client_error(status) and status not in _WORTH_ANOTHER_TRY:
        return Attempt(Result.PERMANENT, f"geweigerd met status {status}", status)
    detail = f"antwoordde met status {status}"
    return Attempt(Result.TEMPORARY, detail, status, retry_after=read_retry_after(retry_after, now))


def summarise(body: bytes, *, hide: Collection[str]) -> str | None:
    """At most 200 characters of an answer, without what stood in the document and what looks like a person's data.

    An answer may repeat what was sent; every word of the document is left out, whatever it means there.
    """
    text = body[:_MOST_READ].decode("utf-8", errors="replace")
    shown = _WORD.sub(lambda found: "…" if _is_hidden(found[0], hide) else found[0], text[: 4 * _MOST_KEPT])
    tidy = " ".join(redact("".join(c if c.isprintable() else " " for c in shown)).split())
    return tidy[:_MOST_KEPT] or None


def words_of(data: AanbodIngetrokken | OverdrachtAangeboden) -> frozenset[str]:
    """Every word that people wrote in the document, and the numbers in it; in lower case."""
    if isinstance(data, AanbodIngetrokken):
        return frozenset()
    return frozenset(_words(data.overdrachtsdocument.model_dump(mode="json", exclude_none=True)))


def _words(value: object) -> Collection[str]:
    match value:
        case dict():
            return {word for inner in cast("dict[str, object]", value).values() for word in _words(inner)}
        case list():
            return {word for inner in cast("list[object]", value) for word in _words(inner)}
        case str():
            return {word.casefold() for word in _WORD.findall(value)}
        case _:
            return ()


def _is_hidden(word: str, hide: Collection[str]) -> bool:
    """Short words say nothing by themselves; long ones may be a name that was written together with another."""
    folded = word.casefold()
    if len(folded) < _SHORTEST_WORD and not folded.isdigit():
        return False
    return folded in hide


def _moved(request: Request, receiver: Gemeente | Partij) -> JsonObject:
    """Which gemeente took it, where that is another than it was made for."""
    took = gemeente_of(request.content, receiver)
    return {} if took == request.content["gemeente"] else {"gemeente": took}


def _key_name(reference: str, key: str) -> str:
    """Where a key stands and which one it is, so that a rotation can be followed; it tells nothing of the key."""
    return f"{reference}#{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


async def _send(client: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    limits = {"timeout": client.timeout.as_dict()}
    request = httpx.Request("POST", _parsed(url), headers={**_OF_US, **headers}, content=body, extensions=limits)
    response = await client.send(request, stream=True)
    try:
        return Answer(response.status_code, response.headers, await _read_some(response))
    finally:
        await response.aclose()


async def _read_some(response: httpx.Response) -> bytes:
    """Read a short answer, so that the connection can be used again; a long one is not worth it."""
    kept = bytearray()
    async for chunk in response.aiter_raw():
        kept += chunk
        if len(kept) > _MOST_READ:
            break
    return bytes(kept[:_MOST_READ])
