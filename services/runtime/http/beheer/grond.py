"""What the pages for whoever runs the hub share: the templates, who may, what was typed, and where they lead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.afspraken import AMSTERDAM
from contracts.messages.identifiers import short_reference
from contracts.messages.topics import Service
from contracts.rechten import Daad
from services.runtime.access.tokens import Caller
from services.runtime.database.connection import Pool
from services.runtime.http import look
from services.runtime.http.callers import same_origin, visitor
from services.runtime.http.forms.coding import Typed, UnreadableForm
from services.runtime.http.owner import FIELD, check_owner
from services.runtime.http.problems import refusal
from services.runtime.process.clock import Klok
from services.runtime.process.probing import Check
from services.runtime.unit.in_words import show_age

TEMPLATES = Path(__file__).with_name("templates")
DIENSTEN: Mapping[Service, tuple[str, str]] = {
    Service.TRIAGE: ("/triage/v1/beheer", "Triage"),
    Service.HANDOVER: ("/overdracht/v1/beheer", "Overdracht"),
    Service.MONITORING: ("/monitoring/v1/beheer", "Monitoring"),
    Service.NOTIFIER: ("/notificaties/v1/beheer", "Notificaties"),
}
"""Where the pages of each service are, and what it is called there."""
LONGEST_REASON = 500
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Grond:
    """What a service gives to the pages about it. `look` says what it cannot do now."""

    service: Service
    klok: Klok
    pool: Pool
    look: Check
    naam: Callable[[str], str]

    @property
    def pad(self) -> str:
        return DIENSTEN[self.service][0]


def build_environment(templates: Path, *, klok: Klok, naam: Callable[[str], str]) -> Environment:
    """For templates that extend `beheer.html.j2`."""

    def leeftijd(since: datetime | None) -> str:
        return "–" if since is None else show_age(klok.now() - since)

    return look.environment(
        templates,
        filters={"naam": naam, "moment": show_minute, "leeftijd": leeftijd, "referentie": short_reference},
        globals={"hier": look.BEHEER[0].pad, "gedaan": "", "let_op": False, "fout": ""},
    )


def show_minute(moment: datetime | None) -> str:
    """A moment to the minute, in Amsterdam."""
    return "–" if moment is None else f"{moment.astimezone(AMSTERDAM):%d-%m-%Y %H:%M}"


async def read_typed(request: Request, daad: Daad) -> tuple[Caller, Typed]:
    """Who acts by a form, and what was typed. Raises the 403 for another site or no right, and the 400."""
    if not same_origin(request):
        raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")
    wie = await visitor(request, daad)
    try:
        typed = Typed.read(await request.body())
    except UnreadableForm:
        raise refusal(400, "Dit formulier is niet te lezen.", code="ongeldige-aanvraag") from None
    check_owner(typed.control(FIELD), wie)
    return wie, typed


def typed_text(typed: Typed, name: str) -> str:
    """The field, without the space around it; the empty text where there is none."""
    return next(iter(typed.values.get(name, ())), "").strip()


def typed_reason(typed: Typed) -> str:
    """Why something is done. Raises `ValueError` in words."""
    waarom = typed_text(typed, "waarom")
    if not waarom:
        raise ValueError("Vul in waarom u dit doet; dat blijft staan bij wat er is gedaan. Er is niets gedaan.")
    if len(waarom) > LONGEST_REASON:
        raise ValueError(f"Waarom u dit doet mag hoogstens {LONGEST_REASON} tekens lang zijn. Er is niets gedaan.")
    return waarom


def back_to(path: str, **told: object) -> Response:
    """The page again, with numbers and known words that say what was done."""
    return RedirectResponse(f"{path}?{urlencode(told)}", status_code=303)


def number_of(request: Request, name: str) -> int:
    """A number in the address; 0 where there is none."""
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS else 0
