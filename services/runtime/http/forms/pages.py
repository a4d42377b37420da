"""The page beside an operation: shows what it asks, takes what was typed, and sends it through that very operation."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.afspraken import local_date
from contracts.formulieren import INDELING, Indeling
from contracts.messages.identifiers import short_reference
from contracts.rechten import Handeling
from contracts.rechten.handeling import FORM_SUFFIX
from contracts.register import Register
from services.runtime.access.tokens import Caller
from services.runtime.http import look
from services.runtime.http.callers import DONE_COOKIE, identify_or_none, same_origin
from services.runtime.http.forms.coding import Decoded, Typed, UnreadableForm, decode
from services.runtime.http.forms.known import Desk, Known
from services.runtime.http.forms.operation import Answer, call
from services.runtime.http.forms.people import choices_for, with_myself
from services.runtime.http.forms.shapes import without
from services.runtime.http.forms.told import OURS, Told, session_ended, told
from services.runtime.http.forms.views import Builder, Wording, wrong_fields
from services.runtime.http.forms.vormen import Operation, Vorm, address, asked, chosen, operations, vormen
from services.runtime.http.owner import FIELD, KEPT, give_back, is_of_another, keep, owner_of
from services.runtime.http.page_route import PageRoute
from services.runtime.http.problems import NOT_TYPED, Refusal, plain_problem, problem_response, refusal
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Refused

TEMPLATES = Path(__file__).with_name("templates")
_FORM = "application/x-www-form-urlencoded"
_SAID_FOR_SECONDS = 600


@dataclass(slots=True)
class _Filled:
    """A form under way: what is in it, and what is said about it."""

    vorm: Vorm
    body: Mapping[str, Any]
    known: Known
    key: str
    problems: Mapping[str, Sequence[str]]
    told: Told | None = None
    more_rows: Mapping[str, int] | None = None
    owner: str = ""
    """For whom it was made, where nobody is signed in any more."""
    over: Refused | None = None
    """What whoever opens this form now is told, where it is over."""

    @property
    def act(self) -> Handeling:
        return self.vorm.act


def add_forms(api: FastAPI, *, base_path: str, desk: Desk, register: Register, klok: Klok) -> None:
    """A page beside every operation of this app that the table of acts names. Call it when its routes are there."""
    forms = _Forms(desk, register, klok)
    pages = [
        PageRoute(path + FORM_SUFFIX, forms.page_of(operation), methods=["GET", "POST"], include_in_schema=False)
        for path, operation in operations(api, base_path)
    ]
    api.router.routes[:0] = pages  # before the things whose id could be `formulier`


class _Forms:
    """The forms of one service."""

    def __init__(self, desk: Desk, register: Register, klok: Klok) -> None:
        self._desk = desk
        self._register = register
        self._klok = klok
        environment = look.environment(TEMPLATES, filters={"naam": register.naam, "referentie": short_reference})
        self._form = environment.get_template("formulier.html.j2")
        self._other = environment.get_template("ander.html.j2")
        self._choice = environment.get_template("keuze.html.j2")

    def page_of(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def page(request: Request) -> Response:
            vorm = chosen(operation, request)
            about = _about(request)
            if isinstance(about, Refused):
                return problem_response(about)
            if request.method == "POST":
                return await self._take(request, operation, vorm, about)
            wie = await operation.who(request)
            if vorm is None:
                return await self._let_choose(operation, about, wie)
            return await self._begin(request, operation, vorm, about, wie)

        return page

    async def _let_choose(self, operation: Operation, about: UUID | None, wie: Caller) -> Response:
        known = await self._desk.look(operation.acts[0], about, wie, fill=False)
        if isinstance(known, Refused):
            return problem_response(known)
        return look.page(self._choice, wie, acts=[*filter(known.leaves, operation.acts)], about=about)

    async def _begin(
        self, request: Request, operation: Operation, vorm: Vorm, about: UUID | None, wie: Caller
    ) -> Response:
        known = await self._desk.look(vorm.act, about, wie, fill=not vorm.is_other)
        if isinstance(known, Refused):
            return problem_response(known)
        if known.over is not None:
            return problem_response(known.over)
        shape = asked(operation, vorm)
        body = with_myself(shape, known.body, wie, self._register, een_ander=vorm.order.een_ander)
        return self._show(request, operation, wie, _Filled(vorm, body, known, str(uuid4()), {}))

    async def _take(self, request: Request, operation: Operation, vorm: Vorm | None, about: UUID | None) -> Response:
        if not same_origin(request):
            raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM or vorm is None:
            return problem_response(plain_problem(415 if vorm else 400))
        try:
            typed = Typed.read(await request.body())
        except UnreadableForm:
            return problem_response(plain_problem(400))
        said = typed.control(FIELD)
        if (wie := await identify_or_none(request)) is not None and is_of_another(said, wie):
            return await self._keep_for(said, request, vorm, wie, typed)
        if wie is not None and (kept := typed.control(KEPT)):
            raw = give_back(kept, owner_of(wie), address(request, vorm), request.app.state.derive_token)
            if raw is None:
                return problem_response(plain_problem(400))
            return await self._act(request, operation, vorm, about, Typed.read(raw), again=True)
        return await self._act(request, operation, vorm, about, typed)

    async def _keep_for(self, owner: str, request: Request, vorm: Vorm, wie: Caller, typed: Typed) -> Response:
        """Nothing is sent under the name of who is signed in now; what was typed stays for whoever typed it."""
        target = address(request, vorm)
        raw = await request.body()
        kept = typed.control(KEPT) or keep(raw, owner, target, request.app.state.derive_token)
        return look.page(self._other, wie, status=409, act=vorm.act, owner=owner, kept=kept, target=target)

    async def _act(
        self,
        request: Request,
        operation: Operation,
        vorm: Vorm,
        about: UUID | None,
        typed: Typed,
        *,
        again: bool = False,
    ) -> Response:
        """`again`: it is shown as it was typed, to whoever typed it, and not sent."""
        shape, act = asked(operation, vorm), vorm.act
        wanted, _, place = typed.control("doe").partition(":")
        if wanted == "weg":
            typed.drop_row(place)
        read = decode(shape, typed)
        filled = _Filled(
            vorm, read.body, Known(), typed.control("sleutel") or str(uuid4()), {}, owner=typed.control(FIELD)
        )
        try:
            wie = await operation.who(request)
        except Refusal as error:
            if error.refused.status != HTTPStatus.UNAUTHORIZED:
                raise
            filled.told = session_ended(address(request, vorm))
            return self._show(request, operation, None, filled, status=401)
        if read.unknown:
            raise refusal(400, "Dit formulier heeft velden die hier niet bestaan.", code="ongeldige-aanvraag")
        known = await self._desk.look(act, about, wie, fill=False)
        over = known if isinstance(known, Refused) else known.over
        filled.over = over if over is not None and _says_why(over) else None
        filled.known = Known(_read_casus(typed)) if isinstance(known, Refused) else known
        if wanted or again:
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
        operation: Operation,
        wie: Caller,
        filled: _Filled,
        read: Decoded,
        answer: Answer,
    ) -> Response:
        """The form again, with everything that was typed, and what the operation said at the fields it spoke of."""
        problems: dict[str, list[str]] = {problem.place: [problem.message] for problem in read.problems}
        for fout in answer.body.get("fouten", ()):
            if fout["plaats"].startswith(NOT_TYPED):
                continue
            if fout["plaats"] not in {problem.place for problem in read.problems}:
                problems.setdefault(fout["plaats"], []).append(fout["melding"])
        if filled.over is not None:
            problems = {}
        elif answer.status == HTTPStatus.BAD_REQUEST:
            for place in _unwritten(filled):
                problems.setdefault(place, ["ontbreekt"])
        filled.problems = problems
        filled.told = told(answer, filled.known, problems, over=filled.over)
        if answer.status not in OURS:
            filled.key = str(uuid4())
        return self._show(request, operation, wie, filled, status=answer.status)

    def _show(
        self, request: Request, operation: Operation, wie: Caller | None, filled: _Filled, *, status: int = 200
    ) -> Response:
        order = filled.vorm.order
        shown = filled.known.needless - {place for place in filled.known.needless if place in filled.problems}
        shape = without(asked(operation, filled.vorm), shown)
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
            wrong=[*wrong_fields(whole, filled.problems)],
            key=filled.key,
            owner=owner_of(wie) or filled.owner,
            target=address(request, filled.vorm),
            known=filled.known,
            others=[] if wie is None else _others(request, operation, filled),
        )


def _about(request: Request) -> UUID | Refused | None:
    found = next(iter(request.path_params.values()), None)
    try:
        return None if found is None else UUID(str(found))
    except ValueError:
        return plain_problem(404)


def _says_why(refused: Refused) -> bool:
    """Whether it says what became of the thing, and not only that there is none for who asks."""
    return refused.code != "niet-gevonden" and [problem.place for problem in refused.problems] == ["$"]


def _read_casus(typed: Typed) -> UUID | None:
    """The case that the page led back to when it was opened."""
    try:
        return UUID(typed.control("casus"))
    except ValueError:
        return None


def _unwritten(filled: _Filled) -> Iterator[str]:
    """What the agreements ask in a part that is always sent, and is not there: told together with all the rest."""
    for part in filled.vorm.order.altijd:
        written = filled.body.get(part, {})
        for place in sorted(filled.known.required):
            above, _, name = place.rpartition(".")
            if above == part and name not in written:
                yield place


def _others(request: Request, operation: Operation, filled: _Filled) -> list[tuple[str, Handeling]]:
    """What else can be done by the same operation with the same thing."""
    if filled.act.onderwerp is None:
        return []
    return [
        (address(request, other), other.act)
        for other in vormen(operation)
        if other.query != filled.vorm.query and filled.known.leaves(other.act)
    ]


def _on_to(act: Handeling, casus_id: object, about: UUID | None) -> Response:
    """To the case, which says what was done and about which thing of it."""
    done = f"gedaan={quote(act.naam)}"
    if not INDELING.get(act.naam, Indeling()).opent_casus:
        casus_id = None
    if not casus_id:
        return RedirectResponse(f"/?{done}", status_code=303)
    path, over = f"/casus/{casus_id}", "" if about is None else f"&over={about}"
    response = RedirectResponse(f"{path}?{done}{over}", status_code=303)
    response.set_cookie(DONE_COOKIE, act.naam, max_age=_SAID_FOR_SECONDS, path=path, httponly=True, samesite="lax")
    return response
