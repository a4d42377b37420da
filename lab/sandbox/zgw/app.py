"""The ZGW APIs of the sandbox over HTTP, with the habits that a real zaaksysteem was seen to have."""

from collections.abc import Awaitable, Callable
from typing import cast
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.sandbox.storing import out_of_order
from lab.sandbox.zgw.fout import ZgwFout, forbidden, fout_response
from lab.sandbox.zgw.gemeenten import ZgwGemeenten
from lab.sandbox.zgw.notificaties import Abonnement
from lab.sandbox.zgw.rechten import READ, SUBSCRIBE, UPDATE
from lab.sandbox.zgw.zaaksysteem import MADE, Zaaksysteem, uuid_of
from services.runtime.unit.decision import JsonObject

ZGW_PATH = "/zgw"
_PAGE = 100
_TOKEN_SECONDS = 3600
_WITHOUT_PAGES = frozenset({"zaakinformatieobjecten"})
_APIS = {
    "zaken": frozenset(MADE) - {"enkelvoudiginformatieobjecten"},
    "documenten": frozenset({"enkelvoudiginformatieobjecten"}),
    "catalogi": frozenset(
        {
            "zaaktypen",
            "statustypen",
            "roltypen",
            "resultaattypen",
            "informatieobjecttypen",
            "zaaktype-informatieobjecttypen",
        }
    ),
}

_Endpoint = Callable[[Zaaksysteem, Request], Awaitable[Response]]


def build_zgw(gemeenten: ZgwGemeenten) -> Starlette:
    """Every zaaksysteem under the code of its gemeente: `/{code}/zaken/api/v1/zaken` and so on."""
    notificaties = gemeenten.notificaties

    async def show_abonnementen(zaaksysteem: Zaaksysteem, request: Request) -> Response:
        shown: list[JsonValue] = [
            _abonnement(request, known, abonnement) for known, abonnement in notificaties.of(zaaksysteem.code).items()
        ]
        return _json(shown)

    async def take_abonnement(zaaksysteem: Zaaksysteem, request: Request) -> Response:
        known = await notificaties.put(zaaksysteem.code, await _read(request))
        return _json(_abonnement(request, known, notificaties.of(zaaksysteem.code)[known]), status=201)

    async def replace_abonnement(zaaksysteem: Zaaksysteem, request: Request) -> Response:
        known = await notificaties.put(zaaksysteem.code, await _read(request), _id_of(request))
        return _json(_abonnement(request, known, notificaties.of(zaaksysteem.code)[known]))

    async def remove_abonnement(zaaksysteem: Zaaksysteem, request: Request) -> Response:
        notificaties.remove(zaaksysteem.code, _id_of(request))
        return Response(status_code=204)

    abonnementen = "/{code}/notificaties/api/v1/abonnement"
    return Starlette(
        routes=[
            Route(abonnementen, _at(gemeenten, _subscribed(show_abonnementen)), methods=["GET"]),
            Route(abonnementen, _at(gemeenten, _subscribed(take_abonnement)), methods=["POST"]),
            Route(abonnementen + "/{id}", _at(gemeenten, _subscribed(replace_abonnement)), methods=["PUT"]),
            Route(abonnementen + "/{id}", _at(gemeenten, _subscribed(remove_abonnement)), methods=["DELETE"]),
            Route("/{code}/zaken/api/v1/zaken/{id}/audittrail", _at(gemeenten, _get_audittrail), methods=["GET"]),
            Route("/{code}/{api}/api/v1/{collection}", _at(gemeenten, _search), methods=["GET"]),
            Route("/{code}/{api}/api/v1/{collection}", _at(gemeenten, _create), methods=["POST"]),
            Route("/{code}/{api}/api/v1/{collection}/{id}", _at(gemeenten, _get), methods=["GET"]),
            Route("/{code}/{api}/api/v1/{collection}/{id}", _at(gemeenten, _update), methods=["PATCH"]),
        ]
    )


def _at(gemeenten: ZgwGemeenten, endpoint: _Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """What goes before every call: whose zaaksysteem it is, whether it is up, who calls, and in which coordinates."""

    async def called(request: Request) -> Response:
        zaaksysteem = gemeenten.zaaksystemen.get(request.path_params["code"])
        try:
            if zaaksysteem is None:
                raise _not_found()
            storing = zaaksysteem.gedrag.storing_at(zaaksysteem.klok.now())
            if storing is not None:
                return out_of_order(storing)
            _check_token(zaaksysteem, request)
            _check_crs(request)
            return await endpoint(zaaksysteem, request)
        except ZgwFout as fout:
            return fout_response(fout, request.url.path)

    return called


def _subscribed(endpoint: _Endpoint) -> _Endpoint:
    async def allowed(zaaksysteem: Zaaksysteem, request: Request) -> Response:
        if not zaaksysteem.applicatie.may("notificaties", SUBSCRIBE):
            raise forbidden()
        return await endpoint(zaaksysteem, request)

    return allowed


async def _search(zaaksysteem: Zaaksysteem, request: Request) -> Response:
    collection = _collection(request)
    _check_reading(zaaksysteem, request)
    criteria = dict(request.query_params)
    page = _page(criteria.pop("page", "1"))
    found = [item for item in zaaksysteem.search(collection, criteria) if _shows(zaaksysteem, collection, item)]
    shown: list[JsonValue] = [_shown(item) for item in found[(page - 1) * _PAGE : page * _PAGE]]
    if collection in _WITHOUT_PAGES:
        return _json(shown)
    following = str(request.url.include_query_params(page=page + 1)) if len(found) > page * _PAGE else None
    return _json({"count": len(found), "next": following, "previous": None, "results": shown})


def _page(given: str) -> int:
    if not given.isdecimal() or not int(given):
        raise _not_found()
    return int(given)


async def _create(zaaksysteem: Zaaksysteem, request: Request) -> Response:
    collection = _collection(request)
    if collection not in MADE:
        raise ZgwFout(405, "method_not_allowed", "Methode niet toegestaan.")
    body = await _read(request)
    zaaksysteem.check_rights(collection, body)
    return _json(_shown(zaaksysteem.create(collection, body)), status=201)


async def _get(zaaksysteem: Zaaksysteem, request: Request) -> Response:
    collection = _collection(request)
    _check_reading(zaaksysteem, request)
    found = _resource(zaaksysteem, collection, request)
    if not _shows(zaaksysteem, collection, found):
        raise forbidden()
    return _json(_shown(found))


async def _update(zaaksysteem: Zaaksysteem, request: Request) -> Response:
    """Nobody changes anything here; but whether one might is told before whether it is there."""
    if not zaaksysteem.applicatie.may(request.path_params["api"], UPDATE):
        raise forbidden()
    _resource(zaaksysteem, _collection(request), request)
    raise ZgwFout(405, "method_not_allowed", "Methode niet toegestaan.")


async def _get_audittrail(zaaksysteem: Zaaksysteem, request: Request) -> Response:
    """Only for who may do everything: the scope `audittrails.lezen` is no help, as in Open Zaak up to 1.30."""
    if not zaaksysteem.applicatie.alle_autorisaties:
        raise forbidden()
    zaak = _resource(zaaksysteem, "zaken", request)
    return _json([*zaaksysteem.audittrail.get(uuid_of(zaak["url"]), [])])


def _check_reading(zaaksysteem: Zaaksysteem, request: Request) -> None:
    api = request.path_params["api"]
    if not zaaksysteem.applicatie.may(api, READ[api]):
        raise forbidden()


def _shows(zaaksysteem: Zaaksysteem, collection: str, resource: JsonObject) -> bool:
    return collection not in MADE or zaaksysteem.shows(collection, resource)


def _resource(zaaksysteem: Zaaksysteem, collection: str, request: Request) -> JsonObject:
    try:
        found = zaaksysteem.resources[collection].get(uuid_of(request.path_params["id"]))
    except ValueError:
        found = None
    if found is None:
        raise _not_found()
    return found


def _id_of(request: Request) -> UUID:
    try:
        return uuid_of(request.path_params["id"])
    except ValueError:
        raise _not_found() from None


def _abonnement(request: Request, known: UUID, abonnement: Abonnement) -> JsonObject:
    """As it is shown: without its `auth`."""
    base = str(request.url.replace(query="")).partition("/abonnement")[0]
    shown: JsonObject = abonnement.model_dump(mode="json", by_alias=True, exclude={"auth"})
    return {"url": f"{base}/abonnement/{known}", **shown}


def _collection(request: Request) -> str:
    collection: str = request.path_params["collection"]
    if collection not in _APIS.get(request.path_params["api"], frozenset()):
        raise _not_found()
    return collection


def _check_token(zaaksysteem: Zaaksysteem, request: Request) -> None:
    """HS256 under the secret of this client, and less than an hour old by the clock on the wall."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind != "Bearer":
        raise forbidden()
    try:
        claims = jwt.decode(token, OctKey.import_key(zaaksysteem.secret()), algorithms=["HS256"]).claims
    except (JoseError, ValueError):
        raise ZgwFout(403, "invalid-jwt-signature", "Client credentials zijn niet geldig") from None
    if claims.get("client_id") != zaaksysteem.endpoint.client_id:
        raise ZgwFout(403, "invalid-client-identifier", "Client identifier bestaat niet")
    age = zaaksysteem.wall.now().timestamp() - float(claims.get("iat", 0))
    if age >= _TOKEN_SECONDS:
        raise ZgwFout(403, "jwt-expired", "The JWT used for this request is expired")


def _check_crs(request: Request) -> None:
    """Only where geometry can be: at the zaak itself."""
    if request.path_params.get("collection") != "zaken":
        return
    wanted = ["accept-crs"] + (["content-crs"] if request.method in {"POST", "PATCH"} else [])
    if any(request.headers.get(name) != "EPSG:4326" for name in wanted):
        raise ZgwFout(412, "precondition_failed", "De Accept-Crs of Content-Crs header ontbreekt.")


async def _read(request: Request) -> JsonObject:
    try:
        body: object = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise ZgwFout(400, "parse_error", "JSON parse error") from None
    if not isinstance(body, dict):
        raise ZgwFout(400, "parse_error", "JSON parse error")
    return cast("JsonObject", body)


def _shown(resource: JsonObject) -> JsonObject:
    """The content of a document is fetched elsewhere."""
    return {**resource, "inhoud": f"{resource['url']}/download"} if "inhoud" in resource else resource


def _not_found() -> ZgwFout:
    return ZgwFout(404, "not_found", "Niet gevonden.")


def _json(body: JsonValue, *, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json", headers={"API-version": "1.5.1"})
