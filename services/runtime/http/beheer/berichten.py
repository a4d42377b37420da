"""Records that lie aside: see why, let them go on once the cause is mended, or leave them aside for good."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response

from contracts.rechten import Daad
from services.runtime.access.tokens import Caller
from services.runtime.http import look
from services.runtime.http.beheer.grond import (
    DIENSTEN,
    Grond,
    back_to,
    number_of,
    read_typed,
    typed_reason,
    typed_text,
)
from services.runtime.http.callers import visitor
from services.runtime.http.forms.coding import Typed
from services.runtime.http.problems import refusal
from services.runtime.unit.care import latest_deeds, note_deed, read_backlog, read_letters, read_reasons
from services.runtime.unit.fold import Done, Reply
from services.runtime.unit.releasing import Released
from services.runtime.unit.writes import TOLD_KINDS, UNKNOWN_KINDS, ParkedKind

PAGE = 50
MOST_REASONS = 20
_MENDED = TOLD_KINDS | UNKNOWN_KINDS
KIND_IN_WORDS = {
    ParkedKind.DEAD_LETTER: "niet te verwerken; de casus staat hier stil",
    ParkedKind.HELD: "wacht op een eerder bericht van deze casus",
    ParkedKind.TOO_EARLY: "kwam te vroeg; gaat vanzelf verder",
    ParkedKind.UNKNOWN: "soort die deze versie niet kent; gaat vanzelf verder na een nieuwe versie",
    ParkedKind.OTHER_VERSION: "andere versie van een bericht; gaat vanzelf verder na een nieuwe versie",
    ParkedKind.TOLD_BEFORE: "eigen bericht dat deze database niet kent: een oudere back-up",
}

log = structlog.get_logger(__name__)

Afhandelen = Callable[[UUID | None, str | None, str], Awaitable[Released]]
"""Of a case, by the beginning of a reason, or all of it; and by whom."""
LaatVallen = Callable[[UUID, str | None, str], Awaitable[Reply | None]]
"""One, for good where a reason is given; and by whom."""


class Berichten:
    """The page and its acts."""

    def __init__(self, grond: Grond, environment: Environment, *, release: LaatVallen, release_all: Afhandelen) -> None:
        self._grond = grond
        self._page = environment.get_template("berichten.html.j2")
        self._release = release
        self._release_all = release_all
        self._pad = f"{grond.pad}/berichten"

    async def answer(self, request: Request) -> Response:
        """GET shows, POST acts."""
        if request.method != "POST":
            return await self._show(request, await visitor(request, Daad.DODE_BERICHTEN_BEHANDELEN))
        wie, typed = await read_typed(request, Daad.DODE_BERICHTEN_BEHANDELEN)
        try:
            return await self._act(wie, typed)
        except ValueError as error:
            return await self._show(request, wie, fout=str(error), status=400)

    async def _show(self, request: Request, wie: Caller, *, fout: str = "", status: int = 200) -> Response:
        pool, after = self._grond.pool, number_of(request, "na")
        letters = await read_letters(pool, after=after, number=PAGE + 1)
        backlog = await read_backlog(pool, now=self._grond.klok.now())
        return look.page(
            self._page,
            wie,
            status=status,
            titel=f"Vastgelopen berichten: {DIENSTEN[self._grond.service][1]}",
            onderdeel="Vastgelopen berichten",
            diensten=[(f"{pad}/berichten", naam) for pad, naam in DIENSTEN.values()],
            pad=self._pad,
            fout=fout,
            gedaan=_told(request) if request.method == "GET" else "",
            let_op=number_of(request, "over") > 0,
            totaal=sum(aside.number for aside in backlog.aside),
            te_doen=sum(aside.number for aside in backlog.aside if aside.kind in _MENDED),
            redenen=await read_reasons(pool, _MENDED, number=MOST_REASONS),
            berichten=letters[:PAGE],
            meer=len(letters) > PAGE,
            na=after,
            soorten=KIND_IN_WORDS,
            te_herstellen=_MENDED,
            daden=await latest_deeds(pool),
        )

    async def _act(self, wie: Caller, typed: Typed) -> Response:
        wanted = typed_text(typed, "doe")
        if wanted == "opnieuw":
            return await self._retry(wie, typed)
        if wanted == "laat-vallen":
            return await self._drop(wie, typed)
        raise refusal(400, "Deze handeling bestaat hier niet.", code="ongeldige-aanvraag")

    async def _retry(self, wie: Caller, typed: Typed) -> Response:
        key, casus, reden = (typed_text(typed, name) for name in ("bericht", "casus", "reden"))
        by = str(wie.actor)
        about = [("bericht", key), ("casus", casus), ("reden", reden)]
        waarover = ", ".join(f"{name} {value}" for name, value in about if value) or "alles"
        await self._note("opnieuw laten afhandelen", wie, waarover=waarover)
        if key:
            reply = await self._release(_id(key), None, by)
            return back_to(
                self._pad, gedaan="opnieuw", af=int(reply is None or isinstance(reply, Done)), over=_left(reply)
            )
        found = await self._release_all(_id(casus) if casus else None, reden or None, by)
        return back_to(self._pad, gedaan="opnieuw", af=found.done, over=found.left)

    async def _drop(self, wie: Caller, typed: Typed) -> Response:
        key, waarom = _id(typed_text(typed, "bericht")), typed_reason(typed)
        await self._note("voorgoed laten vallen", wie, waarover=f"bericht {key}", toelichting=waarom)
        reply = await self._release(key, waarom, str(wie.actor))
        return back_to(self._pad, gedaan="laat-vallen", af=int(reply is not None))

    async def _note(self, wat: str, wie: Caller, *, waarover: str, toelichting: str = "") -> None:
        log.warning("dead_letters_handled", service=self._grond.service.value, partij=wie.partij)
        await note_deed(
            self._grond.pool,
            wat,
            wie=str(wie.actor),
            now=self._grond.klok.now(),
            waarover=waarover,
            toelichting=toelichting,
        )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusal(400, "Dit bericht of deze casus bestaat niet.", code="ongeldige-aanvraag") from None


def _left(reply: Reply | None) -> int:
    return int(not (reply is None or isinstance(reply, Done)))


def _told(request: Request) -> str:
    done, left = number_of(request, "af"), number_of(request, "over")
    match request.query_params.get("gedaan"):
        case "opnieuw" if not done and not left:
            return "Er lag niets terzijde om af te handelen."
        case "opnieuw" if not left:
            return f"{_many(done)} afgehandeld. Wat erachter wachtte, volgt vanzelf."
        case "opnieuw":
            return f"{_many(done)} afgehandeld; {_many(left)} niet te verwerken. De reden staat hieronder."
        case "laat-vallen" if done:
            return "Het bericht blijft voorgoed terzijde, met uw reden in het journaal. De casus gaat verder zonder."
        case "laat-vallen":
            return "Dit bericht lag hier niet meer. Er is niets gedaan."
        case _:
            return ""


def _many(number: int) -> str:
    return "1 bericht is" if number == 1 else f"{number} berichten zijn"
