"""Who calls, and whether it called before: dependencies for the endpoints of the services."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Annotated, NamedTuple
from uuid import UUID, uuid4

import orjson
from fastapi import Depends
from starlette.requests import Request

from contracts.afspraken.ankers import Rol
from contracts.messages.identifiers import derived_id
from contracts.rechten import DAAD_IN_WOORDEN, ROL_MAG, SCOPES, Daad
from services.runtime.access.tokens import Caller, Verifier
from services.runtime.http.body import apart
from services.runtime.http.pages import SignInFirst
from services.runtime.http.problems import Refusal, is_json, refusal, title_of
from services.runtime.unit.decision import Refused

SESSION_COOKIE = "houvast_sessie"
DONE_COOKIE = "houvast_gedaan"
"""What this browser just did with a case, for the page of that case: an address alone would say it to anybody."""
LONGEST_KEY = 200
KEY_FORM = r"[!-~]([ -~]*[!-~])?"
"""What every client, proxy and log leaves as it is: printable ASCII that neither begins nor ends with a space."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CallerDependency = Callable[[Request], Awaitable[Caller]]


class Idempotency(NamedTuple):
    """`key` recognises a repeated call; `fingerprint` is the digest of what its body says. For `Incoming`."""

    key: UUID
    fingerprint: str


@cache
def caller(daad: Daad, *others: Daad) -> _CallerDependency:
    """A dependency that gives the `Caller` who may do this or one of `others`: 401 when there is none, 403 saying why."""

    async def with_right(request: Request) -> Caller:
        found = await identify(request)
        check_right(found, daad, *others)
        return found

    with_right.__dict__["scope"] = SCOPES[daad][0]
    return with_right


def check_right(found: Caller, *daden: Daad) -> None:
    """Raises the 403 where this caller may do none of these acts: a system by its scopes, a person by its roles."""
    if any(found.may(daad) for daad in daden):
        return
    daad = daden[0]
    if found.rollen_now is None:
        raise refusal(403, f"Hiervoor is de scope {SCOPES[daad][0]} nodig.", code="scope-ontbreekt")
    what = DAAD_IN_WOORDEN[daad]
    if not any(found.party_may(known) for known in daden):
        raise refusal(403, f"Uw organisatie kan dit niet in Houvast: {what}.", code="scope-ontbreekt")
    raise refusal(403, role_needed(found, *daden), code="rol-ontbreekt")


def role_needed(found: Caller, *daden: Daad) -> str:
    """Why a person may not what its party may, and who there may."""
    able = [rol for rol in Rol if any(daad in ROL_MAG[rol] for daad in daden)]
    there = [rol.label for rol in able if rol in found.collegas]
    mine = _listed(sorted(rol.label for rol in found.rollen_now or ()), "en")
    told = f"U werkt hier als {mine}, en kunt dit niet: {DAAD_IN_WOORDEN[daden[0]]}."
    if not able:
        return f"{told} Dat doet alleen een systeem, met een token."
    if there:
        return f"{told} Bij uw organisatie kan dat wie {_listed(there, 'of')} is."
    return f"{told} Dat kan wie {_listed([rol.label for rol in able], 'of')} is; bij uw organisatie is dat nu niemand."


def _listed(names: Sequence[str], word: str) -> str:
    """The names as they stand in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


async def identify(request: Request) -> Caller:
    """The caller, by its bearer token or by the session of its browser. Raises the 401."""
    found = await identify_or_none(request)
    if found is None:
        raise Refusal(Refused(401, title_of(401), (), "niet-aangemeld"), {"WWW-Authenticate": 'Bearer realm="houvast"'})
    return found


async def visitor(request: Request, *daden: Daad) -> Caller:
    """Who looks at a page, and may. Raises the way to sign in for a stranger, and the 403."""
    found = await identify_or_none(request)
    if found is None:
        raise SignInFirst
    if found.rollen_now is None and not any(found.may(daad) for daad in daden):
        raise refusal(403, "Uw toegang is niet voor deze bladzijde.", code="scope-ontbreekt")
    check_right(found, *daden)
    return found


async def identify_or_none(request: Request) -> Caller | None:
    """The caller if there is one."""
    verifier: Verifier = request.app.state.verifier
    token = token_of(request)
    found = None if token is None else await verifier.verify(token)
    if found is not None:
        request.scope["houvast.partij"] = found.partij
        request.scope["houvast.caller"] = found
    return found


def token_of(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind:
        return token.strip() if kind.lower() == "bearer" else None
    session = request.cookies.get(SESSION_COOKIE)
    if session is not None and request.method not in _SAFE_METHODS and not same_origin(request):
        raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")
    return session


def same_origin(request: Request) -> bool:
    """Whether a browser says that a page of this very host sent the request.

    From another site the session comes along with links alone (SameSite=Lax); this also holds for a page of a neighbour
    under the same domain.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


async def idempotency(request: Request) -> Idempotency:
    """How this call is recognised when it is repeated: the header `Idempotency-Key`, per party, method and path.

    A call without the header is always a new one. Raises the 400 for a key of the wrong form, and the 401.
    """
    key, body = await call_key(request), await request.body()
    said = _digest_of_json if is_json(request.headers.get("content-type", "")) else _digest
    return Idempotency(key, await apart(len(body), said, body))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _digest_of_json(body: bytes) -> str:
    """The same for the same JSON, whatever its spacing and the order of its keys."""
    return _digest(_as_said(body))


def _as_said(body: bytes) -> bytes:
    """The same bytes for the same JSON, whatever its spacing and the order of its keys; what is none stays as it is."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError:
        return body


async def call_key(request: Request) -> UUID:
    """The same key without a digest of the body, for a body that is read while it comes in."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return uuid4()
    if len(given) > LONGEST_KEY or not re.fullmatch(KEY_FORM, given):
        message = f"moet 1 tot {LONGEST_KEY} tekens lang zijn: letters, cijfers en leestekens zonder accenten"
        raise refusal(400, message, code="ongeldige-aanvraag", place="header.idempotency-key")
    partij: str = request.scope.get("houvast.partij") or (await identify(request)).partij
    called = f"{request.method} {request.scope['path']}"
    return derived_id("idempotentiesleutel", partij, called, given)


CallKey = Annotated[Idempotency, Depends(idempotency)]
"""`Idempotency` as the type of an endpoint's argument."""

StreamKey = Annotated[UUID, Depends(call_key)]
"""Its key alone, where the body is a stream."""
