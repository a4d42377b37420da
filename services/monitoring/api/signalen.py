"""Structurele signalen over HTTP: read them, draft and send one, and what the gemeente answers (FS, MB 6.2)."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from contracts.messages.documenten import Invoer, Professional, Tekst
from contracts.messages.monitoring import Drager
from contracts.messages.signalen import Signaalmaatregel
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import BASE_PATH, Actor, Balie, Reader
from services.monitoring.domain import Termijnstatus
from services.monitoring.domain.signalen import Misser
from services.monitoring.handlers import BeantwoordSignaal, Geval, StelSignaalOp, VerstuurSignaal
from services.monitoring.ports import SignaalVraag, rows
from services.runtime.http import CallKey, created, refusal

GEMIST = frozenset({Termijnstatus.VERSTREKEN, Termijnstatus.TE_LAAT_GEHAALD})
"""How a term stands that was not kept, also where it was done later."""


class Opstelling(Invoer):
    """Over wie het gaat, en in welke casussen zij de afspraken nog meer niet uitvoerde. Eén casus is genoeg (FS)."""

    door: Professional
    over: Drager
    ook_in: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    toelichting: Tekst | None = None


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
        "/casussen/{casusId}/signalen",
        response_model=antwoorden.Signaalantwoord,
        status_code=201,
        summary="Zelf een structureel signaal opstellen, over deze casus en zo nodig andere",
    )
    async def draft(casusId: UUID, invoer: Opstelling, who: Actor, call: CallKey) -> Response:  # noqa: N803
        command = await _opstelling(desk, casusId, invoer, who)
        body = await desk.act_on_partij(command, who, call)
        return created(f"{BASE_PATH}/signalen?beantwoord=false", body)

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

    del list_signalen, draft, send, answer


async def _opstelling(desk: Balie, casus_id: UUID, invoer: Opstelling, who: Actor) -> StelSignaalOp:
    """What the body asks, with what this party missed in each case; a case that is not there ends the request."""
    casussen = [await desk.casus(identifier, who) for identifier in dict.fromkeys((casus_id, *invoer.ook_in))]
    gevallen = tuple(Geval(casus.id, tuple(_missers(desk, casus, invoer.over))) for casus in casussen)
    places = {(misser.regio, misser.gemeente) for geval in gevallen for misser in geval.missers}
    places = places or {(casus.regio, casus.gemeente) for casus in casussen}
    if len(places) > 1:
        reason = "deze casussen zijn van meer dan één gemeente; stel voor elke gemeente een eigen signaal op"
        raise refusal(400, reason, code="ongeldige-aanvraag", place="ookIn")
    ((regio, gemeente),) = places
    return StelSignaalOp(invoer.over, regio, gemeente, gevallen, invoer.door, invoer.toelichting)


def _missers(desk: Balie, casus: rows.Casus, over: Drager) -> Iterator[Misser]:
    """The terms that were agreed and that this party did not keep; what nobody agreed on, nobody fails."""
    afspraken = desk.verwijzer.afspraken(casus)
    for termijn in casus.termijnen:
        regel = None if afspraken is None else afspraken.termijnregel(termijn.regel_id)
        agreed = casus.soort == "casus" and regel is not None and regel.is_agreed
        if agreed and termijn.verantwoordelijke is over and termijn.status in GEMIST and not termijn.vervangen_door:
            yield Misser(
                termijn.id,
                over,
                casus.regio,
                termijn.gemeente,
                termijn.eindigt_op,
                casus_id=casus.id,
                label=termijn.label,
            )
