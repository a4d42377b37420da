"""The pages of monitoring without that of a case: the home page and the list of cases; readable without JavaScript."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from jinja2 import Environment

from contracts.afspraken import AMSTERDAM, Drager, RuleBook, Termijnstatus
from contracts.afspraken.zinnen import write_date, write_weekday
from contracts.formulieren import choice_label
from contracts.messages.identifiers import short_reference
from contracts.register import Register
from services.monitoring.api.cijfers import Cijferbladen, Cijfers
from services.monitoring.api.presentation import Verwijzer, show_actor
from services.monitoring.api.thuis import Thuis
from services.monitoring.api.werkplek import address, place_of
from services.monitoring.ports import BordQueries, CijferQueries, Namen, Telling, rows
from services.runtime.http import look
from services.runtime.process.clock import Klok

TEMPLATES = Path(__file__).with_name("templates")

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
    queries: BordQueries, cijfers: CijferQueries, namen: Namen, *, klok: Klok, register: Register, rule_book: RuleBook
) -> APIRouter:
    """`/`, `/casussen` and `/cijfers`, for whoever is logged in and may read.

    A gemeente or other party sees its own cases.
    """
    environment = build_environment(register, Verwijzer(rule_book), klok)
    router = APIRouter(include_in_schema=False)
    Thuis(queries, namen, environment, klok=klok, register=register, rule_book=rule_book).routes(router)
    Cijferbladen(Cijfers(cijfers, register=register, rule_book=rule_book, klok=klok), environment).routes(router)
    return router


def build_environment(register: Register, verwijzer: Verwijzer, klok: Klok) -> Environment:
    """The templates of this service, with the words that they share."""

    def moment(value: datetime | None) -> str:
        return show_moment(value, now=klok.now())

    def end(value: datetime | None) -> str:
        return show_end(value, now=klok.now())

    def who(actor: str) -> str:
        return show_actor(actor, register.naam)

    filters: dict[str, Callable[..., str]] = {
        "moment": moment,
        "einde": end,
        "drager": show_drager,
        "machine": datetime.isoformat,
        "maand": show_month,
        "naam": register.naam,
        "team": register.naam_van_team,
        "referentie": short_reference,
        "reden": show_sluitreden,
        "wie": who,
        "aantal": how_many,
        "te_laat": how_many_late,
    }
    shown: dict[str, Callable[..., Any]] = {
        "licht": light_of,
        "volgens": verwijzer.label,
        "titel_van_afspraken": verwijzer.titel,
        "keuze": choice_label,
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
    return f"{write_weekday(day)[:2]} {day:%d-%m}{year}"


def how_many(telling: Telling) -> str:
    """The whole count, or that there are more: `12`, `meer dan 1.000`."""
    return f"{'meer dan ' if telling.meer else ''}{_thousands(telling.totaal)}"


def how_many_late(telling: Telling) -> str:
    """The same of what is late; where not all was counted, there may be more of it."""
    return f"{'ten minste ' if telling.meer else ''}{_thousands(telling.te_laat)}"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def show_drager(value: str) -> str:
    """Who has to act, as it is written in the agreements."""
    return "Veilig Thuis" if value == Drager.VEILIG_THUIS.value else value.replace("-", " ")


def show_month(day: date) -> str:
    """The month of this day: `maart 2026`."""
    return write_date(day.replace(day=1)).removeprefix("1 ")


def show_sluitreden(reden: str) -> str:
    """Why a case was closed, as a sentence without its end."""
    return choice_label("Sluitreden", reden)


def light_of(termijn: rows.Termijn, now: datetime) -> tuple[str, str, str]:
    """The light of a termijn: its colour class, its sign and its word; never colour alone."""
    status = termijn.status.value
    if termijn.status is Termijnstatus.LOPEND and termijn.eindigt_op <= now:
        status = "onbekend"  # it ended, and not everything from before that was heard
    elif termijn.status is Termijnstatus.LOPEND and termijn.nadert_op is not None and termijn.nadert_op <= now:
        status = "nadert"
    sign, word = _LIGHTS[status]
    return status, sign, word
