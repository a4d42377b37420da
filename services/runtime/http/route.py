"""The short road of a call that brings a command: who calls, what it brings, how it is recognised when it is repeated.

The framework works out at every call what an endpoint asks. Of an endpoint that asks a body, parts of its path and the
dependencies of `callers` that is known beforehand. Whatever does not fit goes by the framework's own road, from the
start: every refusal of what was sent is the framework's, and says all errors at once.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import orjson
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.http.body import LARGE_BYTES, apart
from services.runtime.http.problems import MOST_SHOWN, InvalidText, UnreadableText, is_json

_Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an endpoint asks, by the names of its arguments."""

    endpoint: Callable[..., Awaitable[Response]]
    body: tuple[str, type[BaseModel]]
    identifiers: tuple[tuple[str, str], ...]
    """And what they are called in the path."""
    dependencies: tuple[tuple[str, Callable[[Request], Awaitable[object]]], ...]


class ShortRoute(APIRoute):
    """A route of the framework that takes the short road where it can."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        asked = _read(self.dependant, embedded=self._embed_body_fields)
        if asked is not None:
            self.app = _Short(asked, self.app)


class _Short:
    def __init__(self, asked: _Asked, long_road: ASGIApp) -> None:
        self._asked = asked
        self._long_road = long_road

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        if not is_json(request.headers.get("content-type", "")):
            await self._long_road(scope, receive, send)
            return
        try:
            body = await request.body()
        except UnreadableText as error:
            raise await self._whatever_is_wrong(scope, receive, error) from None
        values = await self._values(request, body)
        if values is None:
            await self._long_road(scope, _once_more(body, receive), send)
            return
        response = await self._asked.endpoint(**values)
        await response(scope, receive, send)

    async def _values(self, request: Request, body: bytes) -> _Values | None:
        """Who calls comes before what is sent: a stranger learns nothing about the form of things."""
        values = await self._call_dependencies(request)
        name, model = self._asked.body
        try:
            for identifier, called in self._asked.identifiers:
                values[identifier] = UUID(request.path_params[called])
            values[name] = await apart(len(body), model.model_validate_json, body)
        except ValueError as error:  # a ValidationError is one
            if isinstance(error, ValidationError) and (len(body) > LARGE_BYTES or error.error_count() > MOST_SHOWN):
                raise RequestValidationError(await apart(len(body), _errors_in_body, error)) from None
            return None
        return values

    async def _whatever_is_wrong(self, scope: Scope, receive: Receive, error: UnreadableText) -> InvalidText:
        """The text that cannot be read, and the form of all the rest. Raises as `_values` does for who may not call."""
        body = orjson.dumps(error.document)
        await self._call_dependencies(Request(scope, _once_more(body, receive)))
        _, model = self._asked.body
        try:
            await apart(len(body), model.model_validate_json, body)
        except ValidationError as invalid:
            return InvalidText(error, await apart(len(body), _errors_in_body, invalid))
        return InvalidText(error, ())

    async def _call_dependencies(self, request: Request) -> _Values:
        return {name: await call(request) for name, call in self._asked.dependencies}


def _errors_in_body(error: ValidationError) -> list[Any]:
    """As the framework tells them, without reading a body once more on its long road that costs much there."""
    told = error.errors(include_url=False, include_context=False, include_input=False)
    return [one | {"loc": ("body", *one["loc"])} for one in told]


def _once_more(body: bytes, receive: Receive) -> Receive:
    """The body that was read already, and then whatever else comes."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def _read(dependant: Dependant, *, embedded: bool) -> _Asked | None:
    """None where an endpoint asks more than the short road can give."""
    others = (dependant.query_params, dependant.header_params, dependant.cookie_params)
    if dependant.call is None or embedded or any(others) or len(dependant.body_params) != 1:
        return None
    field = dependant.body_params[0]
    model: Any = field.field_info.annotation
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        return None
    if any(parameter.field_info.annotation is not UUID for parameter in dependant.path_params):
        return None
    if inspect.signature(dependant.call).return_annotation is not Response or not all(
        _asks_the_request(dependency) for dependency in dependant.dependencies
    ):
        return None
    return _Asked(
        endpoint=cast("Callable[..., Awaitable[Response]]", dependant.call),
        body=(field.name, model),
        identifiers=tuple((parameter.name, parameter.alias) for parameter in dependant.path_params),
        dependencies=tuple((str(one.name), cast("Any", one.call)) for one in dependant.dependencies),
    )


def _asks_the_request(dependency: Dependant) -> bool:
    """And nothing more."""
    more = (
        dependency.dependencies,
        dependency.path_params,
        dependency.query_params,
        dependency.header_params,
        dependency.cookie_params,
        dependency.body_params,
    )
    return dependency.request_param_name == "request" and dependency.name is not None and not any(more)
