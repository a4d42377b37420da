"""Endpoints as plain functions of a module: what they work with is given to the app once, and asked for by its type."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, FastAPI, Path
from starlette.requests import Request

P = TypeVar("P")

PathId = Annotated[UUID, Path(alias="id")]
"""`{id}` in the path of an endpoint, which gives it a name that says whose id it is."""


def provide(app: FastAPI, *parts: object) -> None:
    """Give the endpoints of this app what they work with; one of each type."""
    app.state.provided = {type(part): part for part in parts}


def provided(kind: type[P]) -> Callable[[Request], Awaitable[P]]:
    """A dependency: the part of this very type that was given to the app. Short enough for `ShortRoute`."""

    async def take(request: Request) -> P:
        parts: dict[type[Any], Any] = request.app.state.provided
        return parts[kind]

    return take


def add_routes(app: FastAPI, *routers: APIRouter) -> None:
    """Serve the endpoints of these routers, in this order.

    The routes themselves: `include_router` makes a copy of each by what it knows of the framework's own, and that goes
    past the short road of a `ShortRoute`.
    """
    for router in routers:
        app.router.routes.extend(router.routes)
