"""The FastAPI app of a service, set up the way the NL API Design Rules ask."""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.messages.gevraagd import with_asked
from services.runtime.access.tokens import Verifier
from services.runtime.http.callers import KEY_FORM, LONGEST_KEY
from services.runtime.http.edge import Edge
from services.runtime.http.pages import SignInFirst, on_sign_in_first
from services.runtime.http.problems import (
    PROBLEM_TYPE,
    Probleem,
    Refusal,
    on_http_exception,
    on_invalid_request,
    on_refusal,
    plain_problem,
    problem_response,
)
from services.runtime.http.rates import RATES, Rates

CONTACT = {"name": "Houvast", "url": "https://houvast.example/contact", "email": "contact@houvast.example"}
_LICENCE = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
_UNTOLD = "Successful Response"
"""What the framework writes where nobody said anything."""
_LOCATION = {"description": "Waar staat wat er is gemaakt.", "schema": {"type": "string"}}
_VERSION_HEADER = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
_IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Herkent een herhaling: dezelfde sleutel met dezelfde inhoud geeft hetzelfde antwoord.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": f"^{KEY_FORM}$"},
}
_ERRORS: Mapping[str, str] = {
    "400": "De aanvraag is niet geldig; alle fouten staan erin. Tekens die geen tekst zijn mogen nergens in staan.",
    "401": "Niet aangemeld.",
    "403": "De scope ontbreekt.",
    "404": "Bestaat niet, of is niet voor deze partij.",
    "409": "Past niet bij de huidige toestand.",
    "413": "De aanvraag is te groot.",
    "429": "Te veel aanvragen; `Retry-After` zegt hoeveel seconden te wachten.",
}


def create_api(
    *,
    title: str,
    version: str,
    description: str,
    base_path: str,
    name: str,
    verifier: Verifier,
    public_url: str = "",
    streams: re.Pattern[str] | None = None,
) -> FastAPI:
    """An app whose paths lie under `base_path` (`/triage/v1`); routes are declared without it.

    Errors are problem+json, invalid input is 400 with every error, `API-Version` is on every response, `openapi.json`
    is public. `name` is the service in log lines and metrics; `verifier` knows the callers. `streams` are the paths
    whose body is read while it comes in.
    """
    api = _Api(
        title=title,
        version=version,
        description=description,
        license_info=_LICENCE,
        servers=[{"url": public_url + base_path}],
        root_path_in_servers=False,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    api.state.verifier = verifier
    add_problem_handlers(api)
    api.add_middleware(
        Edge, name=name, base_path=base_path, headers=((b"api-version", version.encode()),), streams=streams
    )
    api.openapi = lambda: _openapi(api)
    return api


class _Api(FastAPI):
    """The framework's app without the rings that the edge makes needless: that of errors nobody caught, that of
    measuring, and that of large bodies.
    """

    def setup(self) -> None:
        """The description is written out once: anybody may ask for it, and it is half a megabyte."""
        written: list[bytes] = []

        async def show(request: Request) -> Response:
            del request
            if not written:
                written.append(orjson.dumps(self.openapi()))
            return Response(written[0], media_type="application/json")

        if self.openapi_url:
            self.add_route(self.openapi_url, show, include_in_schema=False)

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = ExceptionMiddleware(AsyncExitStackMiddleware(self.router), handlers=self.exception_handlers)
        for ring in reversed(self.user_middleware):
            app = ring.cls(app, *ring.args, **ring.kwargs)
        return app


def create_site(*, name: str, verifier: Verifier) -> FastAPI:
    """An app for pages and technical endpoints: the same ring around it, no API description."""
    site = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    site.state.verifier = verifier
    add_problem_handlers(site)
    site.add_middleware(Edge, name=name)
    return site


def add_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(SignInFirst, on_sign_in_first)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)


class Front:
    """Several apps on one port: each gets the requests under its base path, `site` gets the rest.

    With `rates` nobody may ask faster than that, of all of them together.
    """

    def __init__(self, apis: Mapping[str, ASGIApp], site: ASGIApp | None = None, *, rates: Rates | None = None) -> None:
        self._rates = rates
        self._apis = tuple((path, path + "/", app) for path, app in apis.items())
        self._site = site or Edge(_nothing_here, name="front")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if self._rates is not None:
            scope[RATES] = self._rates
        for exact, prefix, app in self._apis:
            if path.startswith(prefix) or path == exact:
                await app(scope, receive, send)
                return
        await self._site(scope, receive, send)


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(plain_problem(404))(scope, receive, send)


def created(location: str, body: Mapping[str, Any] | None) -> Response:
    """201 with where the new resource is."""
    return json_response(body or {}, status=201, headers={"Location": location})


def json_response(body: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON of plain values; UUIDs and UTC datetimes (with `Z`) included."""
    raw = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return Response(raw, status, headers=headers, media_type="application/json")


def _openapi(api: FastAPI) -> dict[str, Any]:
    if api.openapi_schema is None:
        schema = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            license_info=api.license_info,
            servers=api.servers,
            routes=api.routes,
        )
        schema["info"]["contact"] = CONTACT  # the framework checks an address by a package that nothing else needs
        _describe_common(schema, api)
        api.openapi_schema = with_asked(schema)
    return api.openapi_schema


def _describe_common(schema: dict[str, Any], api: FastAPI) -> None:
    """What every operation has: who may call, the errors as problems, the version header."""
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Probleem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Probleem"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components["headers"] = {
        "API-Version": {"description": "Volledige versie van deze API.", "schema": {"type": "string"}}
    }
    components["parameters"] = {"Idempotency-Key": _IDEMPOTENCY_KEY}
    for route in iter_route_contexts(api.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            scopes = _scopes_of(route.dependant)
            for method in route.methods or ():
                operation = schema["paths"][route.path_format][method.lower()]
                _describe(operation, scopes)
                _describe_success(operation["responses"], schemas)
                if method == "POST" and "201" in operation["responses"]:
                    _describe_repeating(operation)


def _describe(operation: dict[str, Any], scopes: set[str]) -> None:
    operation["security"] = [{"token": []}] if scopes else []
    if scopes:
        needed = f"Vereist scope: {', '.join(sorted(scopes))}."
        operation["description"] = "\n\n".join(filter(None, (operation.get("description"), needed)))
    responses: dict[str, Any] = operation["responses"]
    responses.pop("422", None)
    for status, meaning in _ERRORS.items():
        responses.setdefault(status, _problem(meaning))
    for status, response in responses.items():
        if status[0] in "45":
            response.setdefault("content", _problem("")["content"])
        response.setdefault("headers", {}).update(_VERSION_HEADER)


def _describe_success(responses: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """A success says in Dutch what came of it: what its body is, in the words of that."""
    for status in [status for status in responses if status.startswith("2")]:
        response = responses[status]
        reference: str = response.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
        about = schemas.get(reference.rpartition("/")[2], {}).get("description")
        if response["description"] == _UNTOLD:
            response["description"] = about or "Gedaan."
        if status == "201":
            response["headers"]["Location"] = _LOCATION


def _describe_repeating(operation: dict[str, Any]) -> None:
    """A POST may be sent again: the same key and content give the same answer and one effect."""
    operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/Idempotency-Key"})
    operation["responses"]["422"] = _problem("De Idempotency-Key is eerder gebruikt voor een andere inhoud.")


def _problem(meaning: str) -> dict[str, Any]:
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Probleem"}}}
    return {"description": meaning, "content": content, "headers": dict(_VERSION_HEADER)}


def _scopes_of(dependant: Dependant) -> set[str]:
    own = getattr(dependant.call, "scope", None)
    found = {str(own)} if own is not None else set[str]()
    return found.union(*(_scopes_of(dependency) for dependency in dependant.dependencies))
