"""Which forms an operation has: one for each act that it stands for, and one for each other way to do that act."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request

from contracts.formulieren import INDELING, Indeling
from contracts.rechten import HANDELINGEN, Handeling
from services.runtime.access.tokens import Caller
from services.runtime.http.forms.shapes import Shape, shape_of, without, without_options

_CallerDependency = Callable[[Request], Awaitable[Caller]]
_ANDERS = "anders"
"""The whole query of the address of the other way to do an act."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that has a form: who may call it, what it asks, and the acts that it stands for."""

    who: _CallerDependency
    model: type[BaseModel]
    acts: tuple[Handeling, ...]


@dataclass(frozen=True, slots=True)
class Vorm:
    """One form of an operation: its act, the order of what it asks, and what in the address tells it from others."""

    act: Handeling
    order: Indeling
    query: str = ""

    @property
    def is_other(self) -> bool:
        """Whether it is the other way to do its act: what is known of the thing is not for it."""
        return self.query == _ANDERS


def operations(api: FastAPI, base_path: str) -> Iterator[tuple[str, Operation]]:
    for route in api.router.routes:
        if not isinstance(route, APIRoute):
            continue
        acts = tuple(
            act for act in HANDELINGEN if act.pad == base_path + route.path and act.methode in (route.methods or ())
        )
        if acts:
            yield route.path, Operation(_who_of(route.dependant), _model_of(route), acts)


def _model_of(route: APIRoute) -> type[BaseModel]:
    model: Any = None if route.body_field is None else route.body_field.field_info.annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(f"{route.path} heeft geen inhoud waarvan een formulier te maken is")
    return model


def _who_of(dependant: Dependant) -> _CallerDependency:
    """The dependency by which the operation knows who calls: the page lets in whom it lets in."""
    found: list[Any] = [one.call for one in dependant.dependencies if getattr(one.call, "scope", None) is not None]
    (who,) = found
    return who


def asked(operation: Operation, vorm: Vorm) -> Shape:
    """What this act asks of all that its operation takes."""
    shape = without(shape_of(operation.model), vorm.order.zonder | frozenset(vorm.act.vast))
    return without_options(shape, vorm.order.zonder_keuze)


def vormen(operation: Operation) -> Iterator[Vorm]:
    """Every form of this operation: one for each act, and one for each other way to do it."""
    for act in operation.acts:
        order = INDELING.get(act.naam, Indeling())
        yield Vorm(act, order, f"handeling={quote(act.naam)}" if act.vast else "")
        if order.anders is not None:
            other = replace(act, knop=order.anders.knop, uitleg=order.anders.uitleg)
            yield Vorm(other, order.anders.indeling, _ANDERS)


def chosen(operation: Operation, request: Request) -> Vorm | None:
    """The form that the address names; without a name the one that fills nothing in, or the only one."""
    named = request.query_params.get("handeling")
    if named is None:
        wanted = _ANDERS if request.url.query == _ANDERS else ""
        found = [vorm for vorm in vormen(operation) if vorm.query == wanted]
        return found[0] if len(found) == 1 else None
    return next((vorm for vorm in vormen(operation) if vorm.act.naam == named), None)


def address(request: Request, vorm: Vorm) -> str:
    return request.scope["path"] + (f"?{vorm.query}" if vorm.query else "")
