"""Structurele signalen: read them, draft and send one, and what the gemeente answers (FS, MB 6.2)."""

from collections.abc import Iterator
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from contracts.afspraken import Termijnstatus
from contracts.messages.envelope import Problem
from contracts.messages.monitoring import Drager
from contracts.rechten import Daad
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import (
    BalieDep,
    Beantwoorder,
    CasusPad,
    Opsteller,
    Signaallezer,
    SignaalPad,
    Verstuurder,
)
from services.monitoring.api.lezen import BladzijdeDep, Inzage, InzageDep
from services.monitoring.domain.antwoord import invalid, unknown
from services.monitoring.domain.invoer import SignaalantwoordInvoer, SignaalInvoer, VerzendingInvoer
from services.monitoring.domain.signalen import Misser, case_of_party
from services.monitoring.handlers import AnswerSignaal, ComposeSignaal, Geval, SendSignaal
from services.monitoring.ports import SignaalVraag, rows
from services.runtime.access.tokens import Caller
from services.runtime.http import CallKey, problem_response
from services.runtime.http.route import ShortRoute
from services.runtime.unit.decision import Refused

router = APIRouter(route_class=ShortRoute)

ONBEANTWOORD = "signalen?beantwoord=false"
BEANTWOORD = "signalen?beantwoord=true"

GEMIST = frozenset({Termijnstatus.VERSTREKEN, Termijnstatus.TE_LAAT_GEHAALD})
"""How a term stands that was not kept, also where it was done later."""


@router.get("/signalen", response_model=antwoorden.Signalen, summary="Structurele signalen, de nieuwste vooraan")
async def get_signalen(
    inzage: InzageDep, wie: Signaallezer, blad: BladzijdeDep, *, beantwoord: bool | None = None
) -> Response:
    vraag = SignaalVraag(beantwoord, limiet=blad.kijken, overslaan=blad.overslaan)
    return blad.answer("signalen", await inzage.queries.signalen(vraag, inzage.kring(wie, Daad.SIGNALENLIJST_LEZEN)))


@router.post(
    "/casussen/{casusId}/signalen",
    response_model=antwoorden.Signaalantwoord,
    status_code=201,
    summary="Zelf een structureel signaal opstellen, over deze casus en zo nodig andere",
)
async def post_signaal(
    balie: BalieDep, inzage: InzageDep, casus_id: CasusPad, invoer: SignaalInvoer, wie: Opsteller, call: CallKey
) -> Response:
    command = await _compose(inzage, casus_id, invoer, wie)
    if isinstance(command, Refused):
        return problem_response(command)
    counted = case_of_party(regio=command.regio, gemeente=command.gemeente, drager=invoer.over)
    return await balie.submit(counted, command, wie=wie, call=call, path=ONBEANTWOORD)


@router.post(
    "/signalen/{signaalId}/verzendingen",
    response_model=antwoorden.Signaalantwoord,
    status_code=201,
    summary="Een structureel signaal aan de gemeente versturen",
)
async def post_verzending(
    balie: BalieDep, signaal_id: SignaalPad, invoer: VerzendingInvoer, wie: Verstuurder, call: CallKey
) -> Response:
    return await balie.in_case(signaal_id, SendSignaal(invoer), wie=wie, call=call, path=ONBEANTWOORD)


@router.post(
    "/signalen/{signaalId}/antwoorden",
    response_model=antwoorden.Signaalantwoord,
    status_code=201,
    summary="Een structureel signaal beantwoorden",
)
async def post_antwoord(
    balie: BalieDep, signaal_id: SignaalPad, invoer: SignaalantwoordInvoer, wie: Beantwoorder, call: CallKey
) -> Response:
    return await balie.in_case(signaal_id, AnswerSignaal(invoer), wie=wie, call=call, path=BEANTWOORD)


async def _compose(inzage: Inzage, casus_id: UUID, invoer: SignaalInvoer, wie: Caller) -> ComposeSignaal | Refused:
    """What the body asks, with what this party missed in each case; refused where a case is not there."""
    casussen: list[rows.Casus] = []
    for identifier in dict.fromkeys((casus_id, *invoer.ook_in)):
        casus = await inzage.queries.casus(identifier, inzage.kring(wie, Daad.SIGNALENLIJST_LEZEN))
        if casus is None:
            return unknown("casus")
        casussen.append(casus)
    gevallen = tuple(Geval(casus.id, tuple(_missers(inzage, casus, invoer.over))) for casus in casussen)
    places = {(misser.regio, misser.gemeente) for geval in gevallen for misser in geval.missers}
    places = places or {(casus.regio, casus.gemeente) for casus in casussen}
    if len(places) > 1:
        reason = "deze casussen zijn van meer dan één gemeente; stel voor elke gemeente een eigen signaal op"
        return invalid(Problem("ookIn", reason))
    ((regio, gemeente),) = places
    return ComposeSignaal(invoer, regio, gemeente, gevallen)


def _missers(inzage: Inzage, casus: rows.Casus, over: Drager) -> Iterator[Misser]:
    """The terms that were agreed and that this party did not keep; what nobody agreed on, nobody fails."""
    afspraken = inzage.verwijzer.afspraken(casus)
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
