"""The channels to people, for whoever runs the hub: when each was last taken and last failed, and a try to oneself."""

from pathlib import Path

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts.messages.notifier import Notificatiekanaal
from contracts.rechten import Daad
from contracts.register import Register
from services.notifier.domain import Casus
from services.notifier.ports import Proefpost, Queries
from services.runtime.access.tokens import Caller
from services.runtime.http import look, visitor
from services.runtime.http.beheer import build_environment
from services.runtime.http.beheer.grond import back_to, read_typed, typed_text
from services.runtime.http.page_route import PageRoute
from services.runtime.http.problems import refusal
from services.runtime.unit.care import latest_deeds, note_deed
from services.runtime.unit.decision import Attempt, Result
from services.runtime.unit.hub import Hub

PATH = "/notificaties/v1/beheer/kanalen"
TEMPLATES = Path(__file__).with_name("templates")

log = structlog.get_logger(__name__)


def add_kanalen(api: FastAPI, hub: Hub[Casus], queries: Queries, proefpost: Proefpost, register: Register) -> None:
    """`/beheer/kanalen`, beside the operations of this app."""
    page = build_environment(TEMPLATES, klok=hub.klok, naam=register.naam).get_template("kanalen.html.j2")

    async def answer(request: Request) -> Response:
        if request.method == "POST":
            return await act(request)
        wie = await visitor(request, Daad.ENDPOINTS_BEHEREN)
        told = request.query_params.get("gedaan", "")
        return look.page(
            page,
            wie,
            titel="Kanalen",
            onderdeel="Kanalen",
            pad=PATH,
            gedaan=_TOLD.get(told, ""),
            let_op=told != Result.DONE.value,
            kanalen=await queries.kanalen(),
            daden=await latest_deeds(hub.pool),
        )

    async def act(request: Request) -> Response:
        wie, typed = await read_typed(request, Daad.ENDPOINTS_BEHEREN)
        kanaal = _kanaal(typed_text(typed, "kanaal"))
        attempt = await proefpost.send(kanaal, wie.partij, wie.persoon or "", rol=", ".join(sorted(wie.rollen)))
        await _note(wie, kanaal, attempt)
        return back_to(PATH, gedaan="geen-adres" if attempt is None else attempt.result.value)

    async def _note(wie: Caller, kanaal: Notificatiekanaal, attempt: Attempt | None) -> None:
        outcome = "geen adres in het register" if attempt is None else attempt.detail
        await note_deed(
            hub.pool,
            "proefbericht aan zichzelf",
            wie=str(wie.actor),
            now=hub.klok.now(),
            waarover=kanaal.value,
            toelichting=outcome,
        )

    route = PageRoute("/beheer/kanalen", answer, methods=["GET", "POST"], include_in_schema=False)
    api.router.routes.insert(0, route)


_TOLD = {
    Result.DONE.value: "Het proefbericht is aangenomen. Kijk of het bij u aankomt.",
    Result.TEMPORARY.value: "Het proefbericht is nu niet aangenomen. Waarom staat hieronder.",
    Result.PERMANENT.value: "Het proefbericht is geweigerd. Waarom staat hieronder.",
    "geen-adres": "U hebt in het register geen adres voor dit kanaal. Er is niets gestuurd.",
}


def _kanaal(text: str) -> Notificatiekanaal:
    try:
        return Notificatiekanaal(text)
    except ValueError:
        raise refusal(400, "Dit kanaal bestaat niet.", code="ongeldige-aanvraag") from None
