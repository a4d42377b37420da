"""The people of the own organisation: who they are, in which roles, when they are away; and the form of one of them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.messages.tekens import read_invoer
from contracts.rechten import Daad
from contracts.register import NietInRegister, Persoon
from contracts.register.mensen import GEDEELDE_VELDEN, PersoonInvoer
from services.runtime.http import look
from services.runtime.http.callers import identify_or_none, same_origin, visitor
from services.runtime.http.forms.coding import Decoded, Typed, UnreadableForm, decode
from services.runtime.http.forms.known import Known
from services.runtime.http.forms.pages import TEMPLATES as FORMS
from services.runtime.http.forms.shapes import shape_of
from services.runtime.http.forms.told import Told, session_ended
from services.runtime.http.forms.views import Builder, Wording, spoken, wrong_fields
from services.runtime.http.mensen.velden import FIRST, Plek, asked_of, body_of, not_allowed, spoken_role
from services.runtime.http.mensen.wijzigen import Afgewezen, Mensenwijziging, Wens
from services.runtime.http.owner import FIELD, check_owner, owner_of
from services.runtime.http.page_route import PageRoute
from services.runtime.http.pages import SignInFirst
from services.runtime.http.problems import refusal
from services.runtime.register import RegisterKeeper

TEMPLATES = Path(__file__).with_name("templates")
PATH = "/mensen"
FORM_PATH = f"{PATH}/persoon"
_MOST_DIGITS = 18
_DONE: Mapping[str, str] = {
    "toegevoegd": "Toegevoegd. Binnen enkele seconden geldt het overal in Houvast.",
    "gewijzigd": "Gewijzigd. Binnen enkele seconden geldt het overal in Houvast.",
    "weggehaald": "Weggehaald. Binnen enkele seconden geldt het overal in Houvast.",
    "ongewijzigd": "Er was niets te wijzigen.",
}
_MEANWHILE = Told(
    "Een collega wijzigde de mensen intussen ook",
    "Wat u typte staat hieronder nog, en is niet vastgelegd. Kijk eerst bij Onze mensen wat er nu staat. Verstuurt u dit"
    " formulier daarna opnieuw, dan geldt wat hieronder staat.",
)
_SPOKEN: Mapping[str, tuple[str, str]] = {
    "is niet te bereiken: geef e_mail of teams": ("e_mail", "vul een e-mailadres in, of kies een kanaal in Teams"),
    "tot_en_met ligt vóór van": ("", "de laatste dag ligt vóór de eerste"),
}
"""What the register says in the words of its file: at which field it stands here, and how."""


def mensen_router(keeper: RegisterKeeper) -> APIRouter:
    """`/mensen` and the form below it."""
    pages = _Mensen(keeper)
    router = APIRouter()
    router.routes += [
        PageRoute(PATH, pages.answer, methods=["GET", "POST"], include_in_schema=False),
        PageRoute(FORM_PATH, pages.answer_form, methods=["GET", "POST"], include_in_schema=False),
    ]
    return router


def key_of(partij: str, naam: str) -> str:
    """A person in an address, without the name."""
    return hashlib.sha256(f"{partij}\n{naam}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class _Act:
    """What the form is called, in its own template."""

    knop: str
    uitleg: str


_NEW = _Act("Persoon toevoegen", "Iemand die bij uw organisatie met Houvast werkt of er berichten van krijgt.")
_CHANGE = _Act("Persoon wijzigen", "Wat hier staat, geldt binnen enkele seconden overal in Houvast.")
_NOT_YOURS = (
    "Deze persoon heeft een rol die u niet kunt geven. Vraag iemand met een hogere rol bij uw organisatie, of de beheerder"
    " van Houvast."
)


@dataclass(slots=True)
class _Filled:
    """A form under way: what is in it, which version its reader saw, and what is said about it."""

    body: Mapping[str, Any]
    basis: int
    key: str = ""
    owner: str = ""
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    told: Told | None = None
    more_rows: Mapping[str, int] = field(default_factory=dict[str, int])


class _Mensen:
    def __init__(self, keeper: RegisterKeeper) -> None:
        self._keeper = keeper
        self._change = Mensenwijziging(keeper)
        filters = {"naam": keeper.register.naam}
        self._list = look.environment(TEMPLATES, filters=filters).get_template("mensen.html.j2")
        self._form = look.environment(FORMS, filters=filters).get_template("formulier.html.j2")

    async def answer(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._take_out(request)
        return self._show(await self._place(request), done=request.query_params.get("gedaan", ""))

    async def answer_form(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._take(request)
        place = await self._place(request)
        body = {} if place.persoon is None else body_of(place.persoon, place.organisatie)
        return self._show_form(request, place, _Filled(body, self._keeper.versie.nummer))

    async def _place(self, request: Request) -> Plek:
        """Raises the way to sign in, the 403, and the 404 where the person or the organisation is not there."""
        wie = await visitor(request, Daad.MENSEN_BEHEREN)
        register, on = self._keeper.register, self._keeper.today
        try:
            is_gemeente = wie.partij.startswith("GM")
            organisatie = register.gemeente(wie.partij, on=on) if is_gemeente else register.partij(wie.partij)
        except NietInRegister:
            raise refusal(404, "Uw organisatie staat niet in het register.", code="niet-gevonden") from None
        place = Plek(wie, organisatie)
        key = request.query_params.get("wie")
        if key is None:
            return place
        for persoon in organisatie.personen:
            if key_of(wie.partij, persoon.naam) == key:
                if not place.keeps(persoon.naam):
                    raise refusal(403, _NOT_YOURS, code="rol-ontbreekt")
                return Plek(wie, organisatie, persoon)
        raise refusal(404, "Deze persoon staat niet (meer) bij uw organisatie.", code="niet-gevonden")

    async def _read(self, request: Request) -> Typed:
        if not same_origin(request):
            raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")
        try:
            typed = Typed.read(await request.body())
        except UnreadableForm:
            raise refusal(400, "Dit formulier is niet te lezen.", code="ongeldige-aanvraag") from None
        if (wie := await identify_or_none(request)) is not None:
            check_owner(typed.control(FIELD), wie)
        return typed

    async def _take(self, request: Request) -> Response:
        typed = await self._read(request)
        wanted, _, row = typed.control("doe").partition(":")
        if wanted == "weg":
            typed.drop_row(row)
        read = decode(shape_of(PersoonInvoer), typed)
        filled = _Filled(read.body, _number(request), typed.control("sleutel"), owner=typed.control(FIELD))
        if (key := _uuid(filled.key)) is not None and await self._change.was_done(key):
            await visitor(request, Daad.MENSEN_BEHEREN)
            return _back("gewijzigd")
        try:
            place = await self._place(request)
        except SignInFirst:
            filled.told = session_ended(_target(request, filled.basis))
            return self._show_form(request, None, filled, status=401)
        if read.unknown:
            raise refusal(400, "Dit formulier heeft velden die hier niet bestaan.", code="ongeldige-aanvraag")
        if wanted:
            filled.more_rows = {row: 1} if wanted == "erbij" else {}
            return self._show_form(request, place, filled)
        return await self._act(request, place, filled, read)

    async def _act(self, request: Request, place: Plek, filled: "_Filled", read: Decoded) -> Response:
        invoer = read_invoer(PersoonInvoer, orjson.dumps(read.body))
        if isinstance(invoer, tuple):
            problems: dict[str, list[str]] = {}
            for problem in (*invoer, *not_allowed(place, read.body)):
                at, message = _SPOKEN.get(problem.message, (problem.place, problem.message))
                problems.setdefault(at or problem.place, []).append(message)
            return self._show_wrong(request, place, filled, problems)
        if against := list(not_allowed(place, read.body)):
            return self._show_wrong(request, place, filled, {problem.place: [problem.message] for problem in against})
        naam = None if place.persoon is None else place.persoon.naam
        key = _uuid(filled.key) or uuid4()
        wens = Wens(place.wie.partij, place.organisatie.naam, naam, invoer, filled.basis, key, str(place.wie.actor))
        return self._answered(request, place, filled, await self._change.do(wens), wens)

    def _answered(self, request: Request, place: Plek, filled: "_Filled", done: object, wens: Wens) -> Response:
        if not isinstance(done, Afgewezen):
            same = getattr(done, "nummer", None) == wens.basis
            return _back("ongewijzigd" if same else "toegevoegd" if wens.naam is None else "gewijzigd")
        if done.intussen:
            filled.basis, filled.key, filled.told = self._keeper.versie.nummer, str(uuid4()), _MEANWHILE
            return self._show_form(request, place, filled, status=409)
        return self._show_wrong(request, place, filled, done.fouten)

    async def _take_out(self, request: Request) -> Response:
        typed = await self._read(request)
        key = _uuid(typed.control("sleutel"))
        if key is None:
            raise refusal(400, "Dit formulier is niet te lezen.", code="ongeldige-aanvraag")
        if await self._change.was_done(key):
            await visitor(request, Daad.MENSEN_BEHEREN)
            return _back("weggehaald")
        place = await self._place(request)
        if place.persoon is None:
            raise refusal(400, "Zeg wie u weghaalt.", code="ongeldige-aanvraag")
        wens = Wens(
            place.wie.partij,
            place.organisatie.naam,
            place.persoon.naam,
            None,
            _number(request),
            key,
            str(place.wie.actor),
        )
        done = await self._change.do(wens)
        if not isinstance(done, Afgewezen):
            return _back("weggehaald")
        said = _MEANWHILE.title + ". Er is niets gewijzigd." if done.intussen else " ".join(_sentences(done.fouten))
        return self._show(place, wrong=said, status=409)

    def _show(self, place: Plek, *, done: str = "", wrong: str = "", status: int = 200) -> Response:
        return look.page(
            self._list,
            place.wie,
            status=status,
            organisatie=place.organisatie,
            mensen=[self._row(place, persoon) for persoon in place.organisatie.personen],
            vast=self._keeper.locked,
            gedaan=_DONE.get(done, ""),
            fout=wrong,
            formulier=FORM_PATH,
            pad=PATH,
            hier=PATH,
            versie=self._keeper.versie.nummer,
            mag_geven=bool(place.gives),
        )

    def _row(self, place: Plek, persoon: Persoon) -> dict[str, Any]:
        filled = [rol for rol in place.organisatie.rollen if persoon.naam in rol.personen]
        return {
            "persoon": persoon,
            "sleutel": key_of(place.wie.partij, persoon.naam),
            "kanalen": [veld for veld in GEDEELDE_VELDEN if getattr(persoon, veld) is not None],
            "rollen": [spoken_role(rol.rol, rol.team, rol.doelgroep, place.organisatie) for rol in filled],
            "afwezig": [
                f"{away.van:%d-%m-%Y} t/m {away.tot_en_met:%d-%m-%Y}"
                for away in persoon.afwezig
                if away.tot_en_met >= self._keeper.today
            ],
            "mag": place.keeps(persoon.naam),
            "weg": uuid4(),
        }

    def _show_wrong(
        self, request: Request, place: Plek, filled: "_Filled", problems: Mapping[str, Sequence[str]]
    ) -> Response:
        number = sum(map(len, problems.values()))
        many = "Er is één ding" if number == 1 else f"Er zijn {number} dingen"
        filled.problems, filled.key = problems, str(uuid4())
        filled.told = Told(f"{many} om te verbeteren", "Er is nog niets vastgelegd.")
        return self._show_form(request, place, filled, status=400)

    def _show_form(self, request: Request, place: Plek | None, filled: "_Filled", *, status: int = 200) -> Response:
        shape, options = asked_of(place)
        wording = Wording(look_up=lambda _: (), options=options)
        builder = Builder(wording, problems=filled.problems, more_rows=filled.more_rows, always=frozenset())
        whole = builder.build(shape, filled.body, first=FIRST)
        is_new = request.query_params.get("wie") is None
        told = filled.told or (Told("Hier niet te wijzigen", self._keeper.locked) if self._keeper.locked else None)
        return look.page(
            self._form,
            None if place is None else place.wie,
            status=status,
            hier=PATH,
            act=_NEW if is_new else _CHANGE,
            whole=whole,
            told=told,
            wrong=[*wrong_fields(whole, filled.problems)],
            key=filled.key or uuid4(),
            owner=filled.owner if place is None else owner_of(place.wie),
            target=_target(request, filled.basis),
            known=Known(),
            others=[],
        )


def _back(done: str) -> Response:
    return RedirectResponse(f"{PATH}?gedaan={done}", status_code=303)


def _target(request: Request, basis: int) -> str:
    key = request.query_params.get("wie")
    whom = {} if key is None else {"wie": key}
    return f"{FORM_PATH}?{urlencode({**whom, 'basis': basis})}"


def _number(request: Request) -> int:
    """The version that the reader saw; 0, which there never is, where the address does not say."""
    text = request.query_params.get("basis", "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS else 0


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _sentences(fouten: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for messages in fouten.values():
        yield from (f"{spoken(message).removesuffix('.')}." for message in messages)
