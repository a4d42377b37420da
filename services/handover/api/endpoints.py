"""The endpoints of receivers, for whoever runs the hub: how each stands, what waits for it, and letting it go again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import structlog
from fastapi import FastAPI
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response

from contracts.afspraken import AMSTERDAM
from contracts.messages.handover import Kanaal
from contracts.messages.identifiers import derived_id
from contracts.rechten import Daad
from contracts.register import Gemeente, Register
from services.handover.api.bladzijden import TEMPLATES
from services.handover.domain.casus import Casus
from services.handover.domain.invoer import AfleveringInvoer
from services.handover.domain.kader import destination_of
from services.handover.handlers.commands import OfferOverdrachtAgain
from services.handover.ports import Queries
from services.runtime.access.tokens import Caller
from services.runtime.http import look, visitor
from services.runtime.http.beheer.grond import (
    back_to,
    build_environment,
    number_of,
    read_typed,
    typed_reason,
    typed_text,
)
from services.runtime.http.forms.coding import Typed
from services.runtime.http.page_route import PageRoute
from services.runtime.http.problems import plain_problem, problem_response, refusal
from services.runtime.unit.attempts import latest_attempts, open_requests
from services.runtime.unit.care import latest_deeds, note_deed
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.destinations import Standing, pause, resume, standings
from services.runtime.unit.hub import Hub
from services.runtime.unit.in_words import show_second, show_stand

PATH = "/overdracht/v1/beheer/endpoints"
NO_ROAD = "staat niet meer in het register"
MOST_PARKED = 100
MOST_ATTEMPTS = 25
MOST_AT_ONCE = 500
"""Overdrachten that one press sends again."""
_NAME = "bestemming"
_WORK = "select pg_notify('houvast_handover', 'work')"

log = structlog.get_logger(__name__)


def add_endpoints(api: FastAPI, hub: Hub[Casus], queries: Queries, register: Register) -> None:
    """`/beheer/endpoints` and one below it, beside the operations of this app."""
    environment = build_environment(TEMPLATES, klok=hub.klok, naam=register.naam)
    environment.filters["seconde"] = show_second
    pages = Endpointbalie(hub, queries, register, environment)
    api.router.routes[:0] = [
        PageRoute("/beheer/endpoints", pages.show_all, methods=["GET"], include_in_schema=False),
        PageRoute("/beheer/endpoints/een", pages.answer, methods=["GET", "POST"], include_in_schema=False),
    ]


class Endpointbalie:
    """The list, and the page of one endpoint with what can be done there."""

    def __init__(self, hub: Hub[Casus], queries: Queries, register: Register, environment: Environment) -> None:
        self._hub = hub
        self._queries = queries
        self._register = register
        self._all = environment.get_template("endpoints.html.j2")
        self._one = environment.get_template("endpoint.html.j2")

    async def show_all(self, request: Request) -> Response:
        wie = await visitor(request, Daad.ENDPOINTS_BEHEREN)
        now = self._hub.klok.now()
        rows = [(item, show_stand(item, now=now), light_of(item, now)) for item in await standings(self._hub.pool)]
        return look.page(
            self._all,
            wie,
            titel="Endpoints",
            onderdeel="Endpoints",
            pad=PATH,
            endpoints=sorted(rows, key=lambda row: _urgency(row[0], now)),
            kanalen=roads_of(self._register),
            zonder=NO_ROAD,
            code=code_in,
        )

    async def answer(self, request: Request) -> Response:
        """One endpoint, named in the address: GET shows, POST acts."""
        wie = await visitor(request, Daad.ENDPOINTS_BEHEREN)
        naam = request.query_params.get(_NAME, "")
        standing = next((item for item in await standings(self._hub.pool) if item.name == naam), None)
        if standing is None:
            return problem_response(plain_problem(404))
        if request.method != "POST":
            return await self._show(request, wie, standing)
        wie, typed = await read_typed(request, Daad.ENDPOINTS_BEHEREN)
        try:
            return await self._act(wie, standing, typed)
        except ValueError as error:
            return await self._show(request, wie, standing, fout=str(error), status=400)

    async def _show(
        self, request: Request, wie: Caller, standing: Standing, *, fout: str = "", status: int = 200
    ) -> Response:
        pool, now = self._hub.pool, self._hub.klok.now()
        parked = await open_requests(pool, standing.name, number=MOST_PARKED)
        return look.page(
            self._one,
            wie,
            status=status,
            titel=f"Endpoint {standing.name}",
            onderdeel="Endpoints",
            pad=PATH,
            fout=fout,
            gedaan=_told(request) if request.method == "GET" else "",
            let_op=number_of(request, "over") > 0,
            endpoint=standing,
            code=code_in(standing.name),
            kanaal=roads_of(self._register).get(standing.name, NO_ROAD),
            stand=show_stand(standing, now=now),
            licht=light_of(standing, now),
            wachtend=parked,
            pogingen=await latest_attempts(pool, standing.name, number=MOST_ATTEMPTS, with_teams=False),
            sleutel=str(uuid4()),
            hoogstens=MOST_AT_ONCE,
            daden=[daad for daad in await latest_deeds(pool, number=50) if daad.waarover.startswith(standing.name)],
        )

    async def _act(self, wie: Caller, standing: Standing, typed: Typed) -> Response:
        match typed_text(typed, "doe"):
            case "pauzeer":
                return await self._pause(wie, standing, typed_reason(typed))
            case "hervat":
                return await self._resume(wie, standing)
            case "een":
                return await self._again(wie, standing, [_id(typed_text(typed, "overdracht"))], typed, opnieuw=False)
            case "sinds":
                since = _moment(typed_text(typed, "sinds"))
                delivered = await self._queries.afgeleverd_sinds(standing.name, since, limiet=MOST_AT_ONCE + 1)
                if len(delivered) > MOST_AT_ONCE:
                    raise ValueError(
                        f"Sinds dat moment zijn er meer dan {MOST_AT_ONCE} overdrachten afgeleverd. Kies een later"
                        " moment. Er is niets gedaan."
                    )
                return await self._again(wie, standing, delivered, typed, opnieuw=True)
            case _:
                raise refusal(400, "Deze handeling bestaat hier niet.", code="ongeldige-aanvraag")

    async def _pause(self, wie: Caller, standing: Standing, waarom: str) -> Response:
        await self._note("bezorging gepauzeerd", wie, standing.name, toelichting=waarom)
        done = await pause(self._hub.pool, standing.name, reason=waarom, by=str(wie.actor), now=self._hub.klok.now())
        return _back(standing, gedaan="pauze", af=int(done))

    async def _resume(self, wie: Caller, standing: Standing) -> Response:
        """Also where nobody stopped it: the breaker is closed, and all that waits goes."""
        await self._note("alles wat wacht weer bezorgd", wie, standing.name)
        brought = await resume(self._hub.pool, standing.name, now=self._hub.klok.now())
        await self._hub.pool.execute(_WORK)
        left = next((item for item in await standings(self._hub.pool) if item.name == standing.name), None)
        still = left is not None and left.paused_at is not None
        return _back(standing, gedaan="hervat", af=brought, over=int(still))

    async def _again(
        self, wie: Caller, standing: Standing, overdrachten: Sequence[UUID], typed: Typed, *, opnieuw: bool
    ) -> Response:
        """By the act of the domain, so that it stands in the journal of each case on the name of who asked."""
        sleutel = _id(typed_text(typed, "sleutel"))
        what = "afgeleverde overdracht opnieuw verzonden" if opnieuw else "overdracht nu aangeboden"
        for overdracht_id in overdrachten:
            await self._note(what, wie, f"{standing.name}, overdracht {overdracht_id}")
        replies = [await self._offer(wie, item, sleutel, opnieuw=opnieuw) for item in overdrachten]
        done = sum(replies)
        held = light_of(standing, self._hub.klok.now())[0] == "verstreken"
        return _back(standing, gedaan="opnieuw", af=done, over=len(replies) - done, later=int(held))

    async def _offer(self, wie: Caller, overdracht_id: UUID, sleutel: UUID, *, opnieuw: bool) -> bool:
        casus_ids = await self._hub.find("overdracht", str(overdracht_id))
        if not casus_ids:
            return False
        command = OfferOverdrachtAgain(overdracht_id, AfleveringInvoer(opnieuw=opnieuw))
        key = derived_id("endpointbeheer", str(sleutel), str(overdracht_id))
        reply = await self._hub.submit(Incoming(key, casus_ids[0], command, wie.actor))
        return not isinstance(reply, Refused)

    async def _note(self, wat: str, wie: Caller, waarover: str, *, toelichting: str = "") -> None:
        log.warning("endpoint_handled", bestemming=waarover.partition(",")[0], partij=wie.partij, result=wat)
        now = self._hub.klok.now()
        await note_deed(self._hub.pool, wat, wie=str(wie.actor), now=now, waarover=waarover, toelichting=toelichting)


def roads_of(register: Register) -> Mapping[str, str]:
    """By which channel each destination of the register is reached."""
    names: dict[str, str] = {}
    for receiver in register.receivers():
        teams = receiver.teams if isinstance(receiver, Gemeente) else ()
        for team in (None, *(team.code for team in teams)):
            for road in receiver.roads_for(team):
                names[destination_of(receiver, team, road.soort)] = _KANAAL[Kanaal(road.soort)]
    return names


_KANAAL = {Kanaal.REST: "REST", Kanaal.ZGW: "zaaksysteem (ZGW)", Kanaal.E_MAIL: "e-mail"}


def code_in(name: str) -> str:
    """The party in the name of a destination: `GM0758` in `zgw:GM0758/team`."""
    return name.rpartition(":")[2].partition("/")[0]


def light_of(standing: Standing, now: datetime) -> tuple[str, str]:
    """The class of its colour, and the sign beside it."""
    if standing.paused_at is not None or standing.refused_at is not None:
        return "verstreken", "■"
    if standing.open_until is not None and standing.open_until > now:
        return "verstreken", "■"
    return ("nadert", "▲") if standing.failures or standing.waiting else ("gehaald", "✓")


def _urgency(standing: Standing, now: datetime) -> tuple[bool, bool, datetime, str]:
    """What does not get through first, the longest waiting before the others."""
    oldest = standing.oldest_at or datetime.max.replace(tzinfo=UTC)
    stopped = light_of(standing, now)[0] == "verstreken"
    return not (stopped and standing.waiting > 0), not stopped, oldest, standing.name


def _back(standing: Standing, **told: object) -> Response:
    return back_to(f"{PATH}/een", bestemming=standing.name, **told)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusal(400, "Deze overdracht bestaat niet.", code="ongeldige-aanvraag") from None


def _moment(text: str) -> datetime:
    """What a field for a moment holds, in Amsterdam. Raises `ValueError` in words."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("Vul in sinds welk moment, bijvoorbeeld 02-03-2026 09:00. Er is niets gedaan.") from None
    return moment.replace(tzinfo=AMSTERDAM).astimezone(UTC)


def _told(request: Request) -> str:
    done, left = number_of(request, "af"), number_of(request, "over")
    match request.query_params.get("gedaan"):
        case "pauze":
            return _PAUSED if done else "Dit endpoint was al gepauzeerd. Er is niets gedaan."
        case "hervat":
            again = f"Houvast bezorgt hier weer. {_many(done, 'gaat', 'gaan')} eerder dan gepland."
            return _ABOVE if left else again
        case "opnieuw" if done or left:
            rest = f" {_many(left, 'kan', 'kunnen')} niet opnieuw: teruggegeven, geweigerd of ingetrokken."
            when = " zodra hier weer wordt bezorgd" if number_of(request, "later") else ""
            return f"{_many(done, 'gaat', 'gaan')} opnieuw{when}.{rest if left else ''}"
        case "opnieuw":
            return "Sinds dat moment is hier niets afgeleverd. Er is niets gedaan."
        case _:
            return ""


_PAUSED = "Gepauzeerd. Wat wacht blijft staan; mensen worden op tijd gewaarschuwd."
_ABOVE = "Het hele endpoint, waar dit bij hoort, is gepauzeerd. Hervat het daar."


def _many(number: int, one: str, more: str) -> str:
    return f"1 overdracht {one}" if number == 1 else f"{number} overdrachten {more}"
