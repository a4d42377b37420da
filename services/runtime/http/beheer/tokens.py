"""Which systems have a token, what it lets them do, and ending one."""

from collections.abc import Callable
from uuid import UUID

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.rechten import Daad
from services.runtime.access.listing import end_token, ended_tokens, open_tokens
from services.runtime.database.connection import Connection
from services.runtime.http import look
from services.runtime.http.beheer.grond import TEMPLATES, back_to, build_environment, read_typed, typed_text
from services.runtime.http.callers import visitor
from services.runtime.http.page_route import PageRoute
from services.runtime.http.problems import refusal
from services.runtime.process.clock import Klok

PATH = "/beheer/tokens"
MOST_ENDED = 10

log = structlog.get_logger(__name__)


def tokens_router(connection: Connection, wall: Klok, *, naam: Callable[[str], str]) -> APIRouter:
    """`/beheer/tokens`. Lifetimes run on the wall, as those of tokens do."""
    page = build_environment(TEMPLATES, klok=wall, naam=naam).get_template("tokens.html.j2")

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            wie = await visitor(request, Daad.TOKENS_BEHEREN)
            return look.page(
                page,
                wie,
                titel="Tokens",
                onderdeel="Tokens",
                gedaan=_TOLD.get(request.query_params.get("gedaan", ""), ""),
                pad=PATH,
                tokens=await open_tokens(connection, now=wall.now()),
                ingetrokken=await ended_tokens(connection, number=MOST_ENDED),
            )
        wie, typed = await read_typed(request, Daad.TOKENS_BEHEREN)
        token_id = _id(typed_text(typed, "token"))
        partij = await end_token(connection, token_id, by=str(wie.actor), now=wall.now())
        if partij is None:
            return back_to(PATH, gedaan="was-er-niet")
        log.warning("token_ended", token_id=str(token_id), partij=partij)
        return back_to(PATH, gedaan="ingetrokken")

    router = APIRouter()
    router.routes.append(PageRoute(PATH, answer, methods=["GET", "POST"], include_in_schema=False))
    return router


_TOLD = {
    "ingetrokken": "Ingetrokken. Binnen vijf seconden komt er niemand meer mee binnen.",
    "was-er-niet": "Dit token was al ingetrokken of bestaat niet. Er is niets gedaan.",
}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusal(400, "Dit token bestaat niet.", code="ongeldige-aanvraag") from None
