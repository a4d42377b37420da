"""The register for whoever runs the hub: what holds, who set what when and why, another version, and back to one."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID, uuid4

from fastapi import APIRouter
from jinja2 import Environment
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from contracts.rechten import Daad
from contracts.register import Organisatie
from contracts.toml_plaats import BestandFouten, Fout
from services.runtime.access.tokens import Caller
from services.runtime.http import look
from services.runtime.http.beheer.grond import TEMPLATES, back_to, build_environment, number_of, typed_reason
from services.runtime.http.callers import same_origin, visitor
from services.runtime.http.forms.coding import Typed
from services.runtime.http.owner import FIELD, check_owner
from services.runtime.http.page_route import PageRoute
from services.runtime.http.problems import refusal
from services.runtime.process.clock import Klok
from services.runtime.register import (
    Bezwaren,
    Bron,
    Change,
    ChangedMeanwhile,
    FileHolds,
    RegisterKeeper,
    Versie,
    find_version,
    list_versions,
)

PATH = "/beheer/register"
CHANGE_PATH, DIFFERENCE_PATH = f"{PATH}/wijzigen", f"{PATH}/verschil"
PART = "Register"
SHOWN = 20
_IN_WORDS = {
    Bron.BESTAND: "bestand",
    Bron.OPDRACHT: "houvast register",
    Bron.BLAD: "deze bladzijde",
    Bron.MENSEN: "Onze mensen",
}
_CHANGED_MEANWHILE = (
    "Een ander wijzigde het register intussen. Wat u typte staat hieronder nog, en geldt niet. Kijk bij het verschil wat er"
    " nu geldt voor u opnieuw verstuurt."
)
_AGAINST = "Er is nog niets gewijzigd. Is dit de bedoeling, vink dan onderaan aan dat het toch moet gelden."


class _Line(NamedTuple):
    """A line of a difference; `kind` is `+`, `-`, `@` or a space."""

    kind: str
    text: str


@dataclass(slots=True)
class _Form:
    """A version under way, and what is said about it."""

    tekst: str
    waarom: str
    basis: int
    sleutel: UUID | str
    fout: str = ""
    fouten: Sequence[Fout] = ()
    bezwaren: Sequence[str] = ()
    status: int = HTTPStatus.OK
    terug: int = 0
    """The number of the version that is gone back to; 0 where it is a text of its own."""
    toch: bool = False


def register_router(keeper: RegisterKeeper, klok: Klok) -> APIRouter:
    """`/beheer/register` and what stands below it."""
    pages = _Register(keeper, build_environment(TEMPLATES, klok=klok, naam=keeper.register.naam))
    router = APIRouter()
    router.routes += [
        PageRoute(PATH, pages.show, methods=["GET"], include_in_schema=False),
        PageRoute(CHANGE_PATH, pages.change, methods=["GET", "POST"], include_in_schema=False),
        PageRoute(DIFFERENCE_PATH, pages.difference, methods=["GET"], include_in_schema=False),
    ]
    return router


class _Register:
    def __init__(self, keeper: RegisterKeeper, environment: Environment) -> None:
        self._keeper = keeper
        self._overview = environment.get_template("register.html.j2")
        self._form = environment.get_template("registerformulier.html.j2")
        self._difference = environment.get_template("registerverschil.html.j2")

    async def show(self, request: Request) -> Response:
        wie = await visitor(request, Daad.REGISTER_BEHEREN)
        await self._keeper.refresh()
        before = number_of(request, "voor") or None
        versies = await list_versions(self._keeper.pool, number=SHOWN + 1, before=before)
        register, set_now = self._keeper.register, number_of(request, "gezet")
        told = f"Versie {set_now} is gezet. Binnen enkele seconden geldt zij bij elke dienst." if set_now else ""
        return look.page(
            self._overview,
            wie,
            titel="Register",
            onderdeel=PART,
            gedaan="Er was niets te wijzigen." if "ongewijzigd" in request.query_params else told,
            pad=PATH,
            wijzigen=CHANGE_PATH,
            verschil=DIFFERENCE_PATH,
            versie=self._keeper.versie,
            versies=versies[:SHOWN],
            meer=len(versies) > SHOWN,
            later=before is not None,
            langs=_IN_WORDS,
            vast=self._keeper.locked,
            probleem=self._keeper.trouble,
            aantal={
                "gemeenten": len(register.gemeenten(self._keeper.today)),
                "partijen": len(register.partijen()),
                "mensen": len({mens.naam for place in self._places() for mens in place.personen}),
            },
        )

    def _places(self) -> Iterator[Organisatie]:
        register = self._keeper.register
        yield from register.gemeenten(self._keeper.today)
        yield from register.partijen()

    async def difference(self, request: Request) -> Response:
        wie = await visitor(request, Daad.REGISTER_BEHEREN)
        naar = await self._version(number_of(request, "naar") or self._keeper.versie.nummer)
        van = await self._version(number_of(request, "van") or max(naar.nummer - 1, 1))
        return look.page(
            self._difference,
            wie,
            titel=f"Register: versie {naar.nummer} naast {van.nummer}",
            onderdeel=PART,
            pad=PATH,
            van=van,
            naar=naar,
            regels=[*_difference(van.tekst, naar.tekst)],
        )

    async def change(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._take(request)
        wie = await visitor(request, Daad.REGISTER_BEHEREN)
        await self._keeper.refresh()
        now = self._keeper.versie
        form = _Form(now.tekst, "", now.nummer, uuid4())
        if former := number_of(request, "terug"):
            form.tekst, form.terug = (await self._version(former)).tekst, former
        return self._show_form(wie, form)

    async def _take(self, request: Request) -> Response:
        if not same_origin(request):
            raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")
        wie = await visitor(request, Daad.REGISTER_BEHEREN)
        form = await _read_form(request, wie)
        if form.terug:
            form.tekst = (await self._version(form.terug)).tekst
        try:
            waarom = typed_reason(Typed({"waarom": [form.waarom]}))
            prefix = f"Terug naar versie {form.terug}. " if form.terug else ""
            sleutel = form.sleutel if isinstance(form.sleutel, UUID) else None
            change = Change(form.tekst, form.basis, str(wie.actor), Bron.BLAD, prefix + waarom, sleutel)
            made = await self._keeper.change(change, toch=form.toch)
        except ValueError as error:
            form.fout, form.status = str(error), HTTPStatus.BAD_REQUEST
        except FileHolds as holds:
            form.fout, form.status = str(holds), HTTPStatus.CONFLICT
        except BestandFouten as wrong:
            form.fouten, form.status = wrong.fouten, HTTPStatus.BAD_REQUEST
        except Bezwaren as against:
            form.bezwaren, form.status = against.zinnen, HTTPStatus.BAD_REQUEST
        except ChangedMeanwhile:
            await self._keeper.refresh()
            form.fout, form.status, form.basis = _CHANGED_MEANWHILE, HTTPStatus.CONFLICT, self._keeper.versie.nummer
        else:
            return back_to(PATH, **({"ongewijzigd": 1} if made.nummer == form.basis else {"gezet": made.nummer}))
        form.sleutel = uuid4()
        return self._show_form(wie, form)

    def _show_form(self, wie: Caller, form: _Form) -> Response:
        return look.page(
            self._form,
            wie,
            status=form.status,
            titel=f"Terug naar versie {form.terug}" if form.terug else "Register wijzigen",
            onderdeel=PART,
            pad=PATH,
            doel=CHANGE_PATH,
            verschil=DIFFERENCE_PATH,
            formulier=form,
            fout=form.fout or (_AGAINST if form.bezwaren else ""),
            vast=self._keeper.locked,
            versie=self._keeper.versie,
        )

    async def _version(self, nummer: int) -> Versie:
        found = await find_version(self._keeper.pool, nummer)
        if found is None:
            raise refusal(404, "Deze versie van het register is er niet.", code="niet-gevonden")
        return found


async def _read_form(request: Request, wie: Caller) -> _Form:
    """What was typed; of a file that came along its text goes first. Raises the 400, and the 409 for one of another."""
    async with request.form(max_files=1, max_fields=10, max_part_size=1024 * 1024) as typed:
        check_owner(str(typed.get(f"_{FIELD}", "")), wie)
        given = typed.get("bestand")
        tekst = str(typed.get("tekst", "")).replace("\r\n", "\n")
        if isinstance(given, UploadFile) and given.size:
            try:
                tekst = (await given.read()).decode().replace("\r\n", "\n")
            except UnicodeDecodeError:
                raise refusal(400, "Dit bestand is geen tekst (UTF-8).", code="ongeldige-aanvraag") from None
        number = {name: str(typed.get(name, "")) for name in ("basis", "terug")}
        key = str(typed.get("sleutel", ""))
        try:
            sleutel: UUID | str = UUID(key)
        except ValueError:
            sleutel = key
        return _Form(
            tekst=tekst,
            waarom=str(typed.get("waarom", "")),
            basis=_whole(number["basis"]),
            sleutel=sleutel,
            terug=_whole(number["terug"]),
            toch=typed.get("toch") == "ja",
        )


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < len("1000000000000000000") else 0


def _difference(old: str, new: str) -> Iterator[_Line]:
    """What changed, with some lines around it."""
    lines = difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=3)
    for line in list(lines)[2:]:
        yield _Line("@", "") if line.startswith("@@") else _Line(line[:1], line[1:])
