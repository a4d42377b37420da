"""The pages of monitoring: the home page, the list of cases and the page of a case; readable without JavaScript."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi import Path as PathParameter
from jinja2 import Environment, Template
from starlette.requests import Request
from starlette.responses import Response

from contracts.afspraken import AMSTERDAM, Drager, RuleBook, Termijnstatus
from contracts.messages.identifiers import short_reference
from contracts.rechten import Daad
from contracts.register import Register
from services.monitoring.api.balie import reading_kring
from services.monitoring.api.presentation import Verwijzer
from services.monitoring.api.thuis import Thuis
from services.monitoring.api.werkplek import address, place_of
from services.monitoring.domain.antwoord import unknown
from services.monitoring.ports import BordQueries, Queries, rows
from services.runtime.access.tokens import Caller
from services.runtime.http import look, problem_response, visitor
from services.runtime.process.clock import Klok

TEMPLATES = Path(__file__).with_name("templates")

_WEEKDAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_LIGHTS: Mapping[str, tuple[str, str]] = {
    "lopend": ("●", "loopt"),
    "onbekend": ("?", "niet bekend"),
    "nadert": ("▲", "nadert"),
    "verstreken": ("■", "verstreken"),
    "gehaald": ("✓", "gehaald"),
    "te-laat-gehaald": ("✓", "te laat gehaald"),
    "vervallen": ("–", "vervallen"),
}


def build_pages(
    queries: BordQueries, casussen: Queries, *, klok: Klok, register: Register, rule_book: RuleBook
) -> APIRouter:
    """`/`, `/casussen` and `/casus/<id>`, where messages lead to; for whoever is logged in and may read.

    A gemeente or other party sees its own cases.
    """
    verwijzer = Verwijzer(rule_book)
    environment = _environment(register, verwijzer, klok)
    router = APIRouter(include_in_schema=False)
    Thuis(queries, environment, klok=klok, register=register, rule_book=rule_book).routes(router)
    casusblad = _Casusblad(casussen, environment, verwijzer, klok=klok, register=register)
    router.add_api_route("/casus/{casusId}", casusblad.show_casus)
    return router


class _Casusblad:
    def __init__(
        self, casussen: Queries, environment: Environment, verwijzer: Verwijzer, *, klok: Klok, register: Register
    ) -> None:
        self._casussen = casussen
        self._klok = klok
        self._register = register
        self._verwijzer = verwijzer
        self._casus = environment.get_template("casus.html.j2")

    async def show_casus(self, request: Request, casus_id: Annotated[str, PathParameter(alias="casusId")]) -> Response:
        wie = await visitor(request, Daad.CASUS_LEZEN)
        identifier = _read_id(casus_id)
        kring = reading_kring(wie, self._register, self._klok.now())
        casus = None if identifier is None else await self._casussen.casus(identifier, kring)
        if casus is None:
            return problem_response(unknown("casus"))
        lines = await self._casussen.journaal(casus.id)
        return self._page(
            self._casus,
            wie,
            casus=casus,
            zicht=await self._casussen.zicht(casus.id),
            uitleg=[(line, self._verwijzer.regel(casus, line["regel_id"])) for line in lines],
        )

    def _page(self, template: Template, wie: Caller, **shown: Any) -> Response:
        return look.page(template, wie, **shown, now=self._klok.now(), levend=True)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _environment(register: Register, verwijzer: Verwijzer, klok: Klok) -> Environment:
    def moment(value: datetime | None) -> str:
        return show_moment(value, now=klok.now())

    def end(value: datetime | None) -> str:
        return show_end(value, now=klok.now())

    filters: dict[str, Callable[..., str]] = {
        "moment": moment,
        "einde": end,
        "drager": show_drager,
        "machine": datetime.isoformat,
        "naam": register.naam,
        "team": register.naam_van_team,
        "referentie": short_reference,
    }
    shown: dict[str, Callable[..., Any]] = {
        "licht": light_of,
        "volgens": verwijzer.label,
        "adres": address,
        "volgende_plek": place_of,
    }
    return look.environment(TEMPLATES, filters=filters, globals=shown)


def show_moment(value: datetime | None, *, now: datetime | None = None) -> str:
    """A moment as people write it, in Amsterdam: `ma 2 mrt 09:00` is `ma 02-03 09:00` here.

    With its year where that is another than the year of `now`.
    """
    if value is None:
        return "–"
    local = value.astimezone(AMSTERDAM)
    return f"{_show_day(local.date(), now)} {local:%H:%M}"


def show_end(value: datetime | None, *, now: datetime | None = None) -> str:
    """The end of a term as people say it: midnight belongs to the day that it ends (`ma 09-03 einde dag`)."""
    if value is None:
        return show_moment(None)
    local = value.astimezone(AMSTERDAM)
    if local.time() != time.min:
        return show_moment(value, now=now)
    return f"{_show_day(local.date() - timedelta(days=1), now)} einde dag"


def _show_day(day: date, now: datetime | None) -> str:
    year = "" if now is None or day.year == now.astimezone(AMSTERDAM).year else f"-{day.year}"
    return f"{_WEEKDAYS[day.weekday()]} {day:%d-%m}{year}"


def show_drager(value: str) -> str:
    """Who has to act, as it is written in the agreements."""
    return "Veilig Thuis" if value == Drager.VEILIG_THUIS.value else value.replace("-", " ")


def light_of(termijn: rows.Termijn, now: datetime) -> tuple[str, str, str]:
    """The light of a termijn: its colour class, its sign and its word; never colour alone."""
    status = termijn.status.value
    if termijn.status is Termijnstatus.LOPEND and termijn.eindigt_op <= now:
        status = "onbekend"  # it ended, and not everything from before that was heard
    elif termijn.status is Termijnstatus.LOPEND and termijn.nadert_op is not None and termijn.nadert_op <= now:
        status = "nadert"
    sign, word = _LIGHTS[status]
    return status, sign, word
