"""Structurele signalen over HTTP: read them, and what the gemeente answers (MB 6.2)."""

from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from starlette.responses import Response

from contracts.messages.documenten import Invoer, Professional, Tekst
from contracts.messages.monitoring import Signaalmaatregel
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import BASE_PATH, Actor, Balie, Reader
from services.monitoring.handlers import BeantwoordSignaal, VerstuurSignaal
from services.monitoring.ports import SignaalVraag
from services.runtime.http import CallKey, created


class Verzending(Invoer):
    """Wie de gemeente informeert. Wat mensen erbij schrijven gaat verzegeld mee in `toelichting`."""

    door: Professional
    toelichting: Tekst | None = None


class Antwoord(Invoer):
    """Wat de gemeente gaat doen. Wat mensen erbij schrijven gaat verzegeld mee in `toelichting`."""

    door: Professional
    maatregel: Signaalmaatregel
    toelichting: Tekst | None = None


def add_signalen(api: FastAPI, desk: Balie) -> None:
    """Bind the doors of structurele signalen."""
    largest = desk.settings.largest_page

    @api.get("/signalen", response_model=antwoorden.Signalen, summary="Structurele signalen, de nieuwste vooraan")
    async def list_signalen(
        who: Reader,
        *,
        beantwoord: bool | None = None,
        limiet: Annotated[int, Query(ge=1, le=largest)] = desk.settings.page_size,
        pagina: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        vraag = SignaalVraag(beantwoord, limiet=limiet + 1, overslaan=(pagina - 1) * limiet)
        rows = await desk.queries.signalen(vraag, desk.kring(who))
        return desk.page("signalen", rows, limiet=limiet, pagina=pagina)

    @api.post(
        "/signalen/{signaalId}/verzendingen",
        response_model=antwoorden.Signaalantwoord,
        status_code=201,
        summary="Een structureel signaal aan de gemeente versturen",
    )
    async def send(signaalId: UUID, invoer: Verzending, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = VerstuurSignaal(signaalId, invoer.door, invoer.toelichting)
        body = await desk.act(command, signaalId, who, call)
        return created(f"{BASE_PATH}/signalen?beantwoord=false", body)

    @api.post(
        "/signalen/{signaalId}/antwoorden",
        response_model=antwoorden.Signaalantwoord,
        status_code=201,
        summary="Een structureel signaal beantwoorden",
    )
    async def answer(signaalId: UUID, invoer: Antwoord, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = BeantwoordSignaal(signaalId, invoer.maatregel, invoer.door, invoer.toelichting)
        body = await desk.act(command, signaalId, who, call)
        return created(f"{BASE_PATH}/signalen?beantwoord=true", body)

    del list_signalen, send, answer
