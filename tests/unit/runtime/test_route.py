"""The short road of a command gives the very answers of the framework's own road."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from pydantic import AwareDatetime
from starlette.responses import Response

from contracts.messages.envelope import Bericht
from contracts.messages.tekens import ONLEESBAAR
from contracts.rechten import Daad
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.http import CallKey, Front, caller, create_api, created
from services.runtime.http.provided import PathId, add_routes, provide, provided
from services.runtime.http.route import ShortRoute

pytestmark = pytest.mark.anyio

IDENTIFIER = "0190a0c0-0000-7000-8000-000000000001"
KIND = b'{"voorNaam": "Sam", "geborenOp": "2020-01-01T00:00:00Z"}'
JSON = {"content-type": "application/json"}
VEILIG_THUIS = {"authorization": "Bearer vt", "idempotency-key": "sleutel-1"}


class Kind(Bericht):
    voor_naam: str
    geboren_op: AwareDatetime


class Callers:
    """One token of Veilig Thuis, one of a gemeente."""

    async def verify(self, token: str) -> Caller | None:
        return {
            "vt": Caller("veilig-thuis-west-brabant", default_scopes("veilig-thuis")),
            "gm": Caller("GM0758", default_scopes("gemeente")),
        }.get(token)


class Balie:
    """What the endpoint works with, one for each app."""

    def __init__(self, base_path: str) -> None:
        self.base_path = base_path


async def post_kind(
    balie: Annotated[Balie, Depends(provided(Balie))],
    gezin_id: PathId,
    kind: Kind,
    wie: Annotated[Caller, Depends(caller(Daad.MELDING_REGISTREREN))],
    call: CallKey,
) -> Response:
    body = {"wie": wie.partij, "print": call.fingerprint, "key": str(call.key), "kind": kind.model_dump_json()}
    return created(f"{balie.base_path}/gezinnen/{gezin_id}", body)


def _router(route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(route_class=route_class)
    router.add_api_route("/gezinnen/{id}/kinderen", post_kind, methods=["POST"], status_code=201)
    return router


SHORT, LONG = _router(ShortRoute), _router(APIRoute)


def _api(router: APIRouter, base_path: str = "/proef/v1") -> FastAPI:
    api = create_api(
        title="Proef", version="1.2.3", description="d", base_path=base_path, name="proef", verifier=Callers()
    )
    provide(api, Balie(base_path))
    add_routes(api, router)
    return api


@pytest.fixture
async def roads() -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    def open_for(router: APIRouter) -> httpx.AsyncClient:
        app = Front({"/proef/v1": _api(router)})
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hub.test")

    async with open_for(SHORT) as short, open_for(LONG) as long:
        yield short, long


@pytest.mark.parametrize(
    ("identifier", "content", "headers"),
    [
        (IDENTIFIER, KIND, JSON | VEILIG_THUIS),
        (IDENTIFIER, KIND, {"content-type": "application/json; charset=utf-8"} | VEILIG_THUIS),
        (IDENTIFIER, KIND, {"content-type": "application/problem+json"} | VEILIG_THUIS),
        (IDENTIFIER, KIND, {"content-type": "text/plain"} | VEILIG_THUIS),
        (IDENTIFIER, KIND, VEILIG_THUIS),
        ("nergens", KIND, JSON | VEILIG_THUIS),
        ("nergens", b"{}", JSON | VEILIG_THUIS),
        (IDENTIFIER, b'{"geborenOp": "gisteren", "extra": 1}', JSON | VEILIG_THUIS),
        (IDENTIFIER, b"[]", JSON | VEILIG_THUIS),
        (IDENTIFIER, b"null", JSON | VEILIG_THUIS),
        (IDENTIFIER, b"", JSON | VEILIG_THUIS),
        (IDENTIFIER, b"{", JSON | VEILIG_THUIS),
        (IDENTIFIER, b'{"voorNaam": NaN}', JSON | VEILIG_THUIS),
        (IDENTIFIER, b"{}", JSON),
        (IDENTIFIER, b"{}", JSON | {"authorization": "Bearer gm"}),
        (IDENTIFIER, b"{}", JSON | {"authorization": "Bearer onbekend"}),
        (IDENTIFIER, KIND, JSON | {"authorization": "Bearer vt", "idempotency-key": "x" * 201}),
    ],
)
async def test_both_roads_give_the_same_answer(
    roads: tuple[httpx.AsyncClient, httpx.AsyncClient], identifier: str, content: bytes, headers: dict[str, str]
) -> None:
    """Status, headers and body: whatever is wrong, and also when nothing is."""
    path = f"/proef/v1/gezinnen/{identifier}/kinderen"
    short, long = [await road.post(path, content=content, headers=headers) for road in roads]
    assert (short.status_code, short.headers, short.content) == (long.status_code, long.headers, long.content)


async def test_an_endpoint_works_with_what_its_own_app_was_given() -> None:
    """The routes of a module are shared by every app that serves them."""
    apis = {base_path: _api(SHORT, base_path) for base_path in ("/een/v1", "/twee/v1")}
    transport = httpx.ASGITransport(app=Front(apis))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        for base_path in apis:
            path = f"{base_path}/gezinnen/{IDENTIFIER}"
            answer = await client.post(f"{path}/kinderen", content=KIND, headers=JSON | VEILIG_THUIS)
            assert answer.headers["location"] == path


async def test_routes_are_added_as_they_are() -> None:
    """A copy by the framework would go past the short road."""
    served = _api(SHORT).routes
    assert [route for route in SHORT.routes if not any(route is one for one in served)] == []


async def test_a_wrong_body_of_a_stranger_says_nothing_of_the_form_of_things(
    roads: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    answer = await roads[0].post(f"/proef/v1/gezinnen/{IDENTIFIER}/kinderen", content=b"{}", headers=JSON)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert "voorNaam" not in answer.text


@pytest.mark.parametrize("sign", [rb"\u0007", b"\x1b", rb"\ud800"])
async def test_what_is_no_text_is_told_with_everything_else_that_is_wrong(
    roads: tuple[httpx.AsyncClient, httpx.AsyncClient], sign: bytes
) -> None:
    path = f"/proef/v1/gezinnen/{IDENTIFIER}/kinderen"
    body = b'{"voorNaam": "a' + sign + b'", "geborenOp": "gisteren", "on' + sign + b'bekend": 1}'
    answer = await roads[0].post(path, content=body, headers=JSON | VEILIG_THUIS)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert [fout["plaats"] for fout in answer.json()["fouten"]] == ["$", "voorNaam", "geborenOp"]
    stranger = await roads[0].post(path, content=body, headers=JSON)
    assert stranger.status_code == httpx.codes.UNAUTHORIZED
    right = await roads[0].post(path, content=KIND.replace(b"Sam", b"S" + sign), headers=JSON | VEILIG_THUIS)
    assert right.json()["detail"] == f"voorNaam: {ONLEESBAAR}"
