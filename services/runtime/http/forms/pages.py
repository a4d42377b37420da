"""The page beside an operation: shows what it asks, takes what was typed, and sends it through that very operation."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.afspraken import local_date
from contracts.formulieren import INDELING, Indeling
from contracts.messages.identifiers import short_reference
from contracts.rechten import HANDELINGEN, Handeling
from contracts.rechten.handeling import FORM_SUFFIX
from contracts.register import Register
from services.runtime.access.tokens import Caller
from services.runtime.http import look
from services.runtime.http.callers import same_origin
from services.runtime.http.forms.coding import Decoded, Typed, UnreadableForm, decode
from services.runtime.http.forms.known import Desk, Known
from services.runtime.http.forms.operation import Answer, call
from services.runtime.http.forms.people import choices_for, with_myself
from services.runtime.http.forms.shapes import Shape, shape_of, without, without_options
from services.runtime.http.forms.views import Builder, View, Wording, spoken
from services.runtime.http.page_route import PageRoute
from services.runtime.http.pages import sign_in_for
from services.runtime.http.problems import Refusal, plain_problem, problem_response, refusal
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Refused

TEMPLATES = Path(__file__).with_name("templates")
_FORM = "application/x-www-form-urlencoded"
_CallerDependency = Callable[[Request], Awaitable[Caller]]
_OURS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE})
"""Where nobody knows whether it was done: the same form is sent again under the same key."""


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation that has a form: who may call it, what it asks, and the acts that it stands for."""

    who: _CallerDependency
    model: type[BaseModel]
    acts: tuple[Handeling, ...]


@dataclass(slots=True)
class _Filled:
    """A form under way: what is in it, and what is said about it."""

    act: Handeling
    body: Mapping[str, Any]
    known: Known
    key: str
    problems: Mapping[str, Sequence[str]]
    told: "_Told | None" = None
    more_rows: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said above the form. `sign_in` leads to signing in beside this page, `casus` to how the case is now."""

    title: str
    text: str
    sign_in: str = ""
    casus: str = ""


def add_forms(api: FastAPI, *, base_path: str, desk: Desk, register: Register, klok: Klok) -> None:
    """A page beside every operation of this app that the table of acts names. Call it when its routes are there."""
    forms = _Forms(desk, register, klok)
    pages = [
        PageRoute(path + FORM_SUFFIX, forms.page_of(operation), methods=["GET", "POST"], include_in_schema=False)
        for path, operation in _operations(api, base_path)
    ]
    api.router.routes[:0] = pages  # before the things whose id could be `formulier`


def _operations(api: FastAPI, base_path: str) -> Iterator[tuple[str, _Operation]]:
    for route in api.router.routes:
        if not isinstance(route, APIRoute):
            continue
        acts = tuple(
            act for act in HANDELINGEN if act.pad == base_path + route.path and act.methode in (route.methods or ())
        )
        if acts:
            yield route.path, _Operation(_who_of(route.dependant), _model_of(route), acts)


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


class _Forms:
    """The forms of one service."""

    def __init__(self, desk: Desk, register: Register, klok: Klok) -> None:
        self._desk = desk
        self._register = register
        self._klok = klok
        environment = look.environment(TEMPLATES, filters={"naam": register.naam, "referentie": short_reference})
        self._form = environment.get_template("formulier.html.j2")
        self._choice = environment.get_template("keuze.html.j2")

    def page_of(self, operation: _Operation) -> Callable[[Request], Awaitable[Response]]:
        async def page(request: Request) -> Response:
            act = _chosen(operation, request)
            about = _about(request)
            if isinstance(about, Refused):
                return problem_response(about)
            if request.method == "POST":
                return await self._take(request, operation, act, about)
            wie = await operation.who(request)
            if act is None:
                return await self._let_choose(operation, about, wie)
            return await self._begin(request, operation, act, about, wie)

        return page

    async def _let_choose(self, operation: _Operation, about: UUID | None, wie: Caller) -> Response:
        known = await self._desk.look(operation.acts[0], about, wie, fill=False)
        if isinstance(known, Refused):
            return problem_response(known)
        return look.page(self._choice, wie, acts=[*filter(known.leaves, operation.acts)], about=about)

    async def _begin(
        self, request: Request, operation: _Operation, act: Handeling, about: UUID | None, wie: Caller
    ) -> Response:
        known = await self._desk.look(act, about, wie, fill=True)
        if isinstance(known, Refused):
            return problem_response(known)
        order = INDELING.get(act.naam, Indeling())
        body = with_myself(_asked(operation, act), known.body, wie, self._register, een_ander=order.een_ander)
        return self._show(request, operation, wie, _Filled(act, body, known, str(uuid4()), {}))

    async def _take(
        self, request: Request, operation: _Operation, act: Handeling | None, about: UUID | None
    ) -> Response:
        if not same_origin(request):
            raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM or act is None:
            return problem_response(plain_problem(415 if act else 400))
        try:
            typed = Typed.read(await request.body())
        except UnreadableForm:
            return problem_response(plain_problem(400))
        return await self._act(request, operation, act, about, typed)

    async def _act(
        self, request: Request, operation: _Operation, act: Handeling, about: UUID | None, typed: Typed
    ) -> Response:
        shape = _asked(operation, act)
        wanted, _, place = typed.control("doe").partition(":")
        if wanted == "weg":
            typed.drop_row(place)
        read = decode(shape, typed)
        filled = _Filled(act, read.body, Known(), typed.control("sleutel") or str(uuid4()), {})
        try:
            wie = await operation.who(request)
        except Refusal as error:
            if error.refused.status != HTTPStatus.UNAUTHORIZED:
                raise
            filled.told = _session_ended(request, act)
            return self._show(request, operation, None, filled, status=401)
        if read.unknown:
            raise refusal(400, "Dit formulier heeft velden die hier niet bestaan.", code="ongeldige-aanvraag")
        known = await self._desk.look(act, about, wie, fill=False)
        filled.known = Known() if isinstance(known, Refused) else known
        if wanted:
            filled.more_rows = {place: 1} if wanted == "erbij" else {}
            return self._show(request, operation, wie, filled)
        path = request.scope["path"].removesuffix(FORM_SUFFIX)
        body = {**read.body, **act.vast}
        answer = await call(request, method=act.methode, path=path, body=body, key=filled.key)
        if answer.is_done:
            return _on_to(act, filled.known.casus_id or answer.body.get("casusId"), about)
        return self._show_refused(request, operation, wie, filled, read, answer)

    def _show_refused(
        self,
        request: Request,
        operation: _Operation,
        wie: Caller,
        filled: _Filled,
        read: Decoded,
        answer: Answer,
    ) -> Response:
        """The form again, with everything that was typed, and what the operation said at the fields it spoke of."""
        problems: dict[str, list[str]] = {problem.place: [problem.message] for problem in read.problems}
        for fout in answer.body.get("fouten", ()):
            if fout["plaats"] not in {problem.place for problem in read.problems}:
                problems.setdefault(fout["plaats"], []).append(fout["melding"])
        if answer.status == HTTPStatus.BAD_REQUEST:
            for place in _unwritten(filled):
                problems.setdefault(place, ["ontbreekt"])
        filled.problems = problems
        filled.told = _told(answer, filled.known, problems)
        if answer.status not in _OURS:
            filled.key = str(uuid4())
        return self._show(request, operation, wie, filled, status=answer.status)

    def _show(
        self, request: Request, operation: _Operation, wie: Caller | None, filled: _Filled, *, status: int = 200
    ) -> Response:
        order = INDELING.get(filled.act.naam, Indeling())
        shown = filled.known.needless - {place for place in filled.known.needless if place in filled.problems}
        shape = without(_asked(operation, filled.act), shown)
        on = local_date(self._klok.now())
        wording = Wording(
            look_up=lambda field: choices_for(field, wie, self._register, on=on),
            labels=filled.known.labels,
            required=filled.known.required,
            options=filled.known.options,
        )
        builder = Builder(wording, problems=filled.problems, more_rows=filled.more_rows or {}, always=order.gaat_mee)
        whole = builder.build(shape, filled.body, first=order.eerst)
        return look.page(
            self._form,
            wie,
            status=status,
            act=filled.act,
            whole=whole,
            told=filled.told,
            wrong=[*_wrong(whole, filled.problems)],
            key=filled.key,
            target=_address(request, filled.act),
            known=filled.known,
            others=[] if wie is None else _others(request, operation, filled),
        )


def _asked(operation: _Operation, act: Handeling) -> Shape:
    """What this act asks of all that its operation takes."""
    order = INDELING.get(act.naam, Indeling())
    shape = without(shape_of(operation.model), order.zonder | frozenset(act.vast))
    return without_options(shape, order.zonder_keuze)


def _chosen(operation: _Operation, request: Request) -> Handeling | None:
    """The act that the address names; without a name the one that fills nothing in, or the only one."""
    named = request.query_params.get("handeling")
    if named is not None:
        return next((act for act in operation.acts if act.naam == named), None)
    plain = [act for act in operation.acts if not act.vast]
    return plain[0] if len(plain) == 1 else None


def _about(request: Request) -> UUID | Refused | None:
    found = next(iter(request.path_params.values()), None)
    try:
        return None if found is None else UUID(str(found))
    except ValueError:
        return plain_problem(404)


def _address(request: Request, act: Handeling) -> str:
    return request.scope["path"] + (f"?handeling={quote(act.naam)}" if act.vast else "")


def _unwritten(filled: _Filled) -> Iterator[str]:
    """What the agreements ask in a part that is always sent, and is not there: told together with all the rest."""
    for part in INDELING.get(filled.act.naam, Indeling()).altijd:
        written = filled.body.get(part, {})
        for place in sorted(filled.known.required):
            above, _, name = place.rpartition(".")
            if above == part and name not in written:
                yield place


def _others(request: Request, operation: _Operation, filled: _Filled) -> list[tuple[str, Handeling]]:
    """What else can be done by the same operation with the same thing."""
    if filled.act.onderwerp is None:
        return []
    path: str = request.scope["path"]
    return [
        (f"{path}?handeling={quote(other.naam)}" if other.vast else path, other)
        for other in operation.acts
        if other is not filled.act and filled.known.leaves(other)
    ]


def _on_to(act: Handeling, casus_id: object, about: UUID | None) -> Response:
    """To the case, which says what was done and about which thing of it."""
    done = f"gedaan={quote(act.naam)}"
    if not INDELING.get(act.naam, Indeling()).opent_casus:
        casus_id = None
    over = "" if about is None else f"&over={about}"
    return RedirectResponse(f"/casus/{casus_id}?{done}{over}" if casus_id else f"/?{done}", status_code=303)


def _session_ended(request: Request, act: Handeling) -> _Told:
    return _Told(
        "Uw sessie is verlopen",
        "Er is nog niets vastgelegd, en wat u typte staat hieronder nog. Meld u aan in het nieuwe tabblad, kom hier terug"
        " en verstuur het formulier opnieuw.",
        sign_in=sign_in_for(_address(request, act)),
    )


def _told(answer: Answer, known: Known, problems: Mapping[str, Sequence[str]]) -> _Told:
    """In words what the operation answered, and what is true now."""
    casus = "" if known.casus_id is None else f"/casus/{known.casus_id}"
    detail = _sentence(str(answer.body.get("detail", "")))
    if answer.body.get("code") == _REUSED:
        return _Told(*_SENT_BEFORE, casus=casus)
    if answer.status == HTTPStatus.BAD_REQUEST and problems:
        many = "Er is één ding" if len(problems) == 1 else f"Er zijn {len(problems)} dingen"
        return _Told(f"{many} om te verbeteren", "Er is nog niets vastgelegd.")
    if answer.status in _OURS:
        return _Told(*_NOT_NOW)
    if answer.status == HTTPStatus.NOT_FOUND:
        return _Told(*_NOT_HERE, casus=casus)
    title = _TITLES.get(answer.status) or _sentence(str(answer.body.get("title", "Dit lukte niet")))
    return _Told(title, detail, casus=casus)


_REUSED = "idempotentiesleutel-hergebruikt"
_SENT_BEFORE = (
    "Dit formulier is al verstuurd",
    "Wat u eerder verstuurde, is vastgelegd. Kijk eerst in de casus voor u iets opnieuw verstuurt.",
)
_NOT_NOW = (
    "Het lukt nu even niet",
    (
        "Verstuur het formulier over een minuut opnieuw. Het wordt niet dubbel vastgelegd. Kan uw casus niet wachten, bel"
        " dan met Veilig Thuis."
    ),
)
_NOT_HERE = (
    "Dit is er niet, of niet voor u",
    "Misschien is het intussen afgesloten of aan een ander overgedragen. Er is niets vastgelegd.",
)
_TITLES: Mapping[int, str] = {
    400: "Er is iets om te verbeteren",
    403: "Hiervoor hebt u geen toegang",
    409: "Dit kan nu niet (meer)",
    410: "Dit is voorbij",
}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if not text or text.endswith('.') else '.'}"


def _wrong(whole: View, problems: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """Every problem with the id of its field and its label; those of no field that is shown come without."""
    shown = {view.name: view for view in whole.walk() if view.name}
    for view in shown.values():
        yield from ((_first_input(view), view.label, message) for message in view.errors)
    for place, messages in problems.items():
        if place not in shown:
            yield from (("", "" if place == "$" else place, spoken(message)) for message in messages)


def _first_input(view: View) -> str:
    """Where the focus goes: a field itself, or the first choice of several."""
    return f"{view.id}-1" if view.kind in {"radios", "several"} else view.id
