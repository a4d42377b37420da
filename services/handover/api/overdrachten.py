"""Overdrachten: what a receiver answers, and what each caller may read of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from contracts.rechten import Daad
from services.handover.api import antwoorden
from services.handover.api.balie import (
    BASE_PATH,
    Aanbieder,
    BalieDep,
    Bevestiger,
    Informeerder,
    Intrekker,
    Lezer,
    Lijstlezer,
    Planner,
)
from services.handover.api.brieven import Briefkamer
from services.handover.domain.casus import Overdrachtstatus
from services.handover.domain.invoer import (
    AfleveringInvoer,
    InformeringInvoer,
    IntrekkingInvoer,
    OntvangstbevestigingInvoer,
    PlanInvoer,
    TerugkoppelingInvoer,
    VerdelingInvoer,
    WeigeringInvoer,
)
from services.handover.domain.kader import Kader
from services.handover.handlers.commands import (
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    InformBetrokkenen,
    OfferOverdrachtAgain,
    RefuseOverdracht,
    TakeUpOverdracht,
    WithdrawOverdracht,
)
from services.handover.ports import Queries, rows
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller
from services.runtime.http import CallKey, json_response, problem_response
from services.runtime.http.provided import PathId, provided
from services.runtime.http.route import ShortRoute
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject, Refused
from services.runtime.unit.rows import answer_of

router = APIRouter(route_class=ShortRoute)

Limiet = Annotated[int, Query(ge=1, le=500)]


@router.post(
    "/overdrachten/{id}/ontvangstbevestigingen",
    response_model=antwoorden.Ontvangstbevestiging,
    status_code=201,
    summary="De ontvangst bevestigen",
)
async def post_ontvangstbevestiging(
    balie: BalieDep,
    overdracht_id: PathId,
    invoer: OntvangstbevestigingInvoer,
    wie: Bevestiger,
    call: CallKey,
) -> Response:
    return await balie.submit(overdracht_id, ConfirmOntvangst(overdracht_id, invoer), wie=wie, call=call)


@router.post(
    "/overdrachten/{id}/verdelingen",
    response_model=antwoorden.Verdeling,
    status_code=201,
    summary="Melden dat de casus is opgepakt",
)
async def post_verdeling(
    balie: BalieDep, overdracht_id: PathId, invoer: VerdelingInvoer, wie: Bevestiger, call: CallKey
) -> Response:
    return await balie.submit(overdracht_id, TakeUpOverdracht(overdracht_id, invoer), wie=wie, call=call)


@router.post(
    "/overdrachten/{id}/terugkoppelingen",
    response_model=antwoorden.Terugkoppeling,
    status_code=201,
    summary="De casus teruggeven aan Veilig Thuis",
)
async def post_terugkoppeling(
    balie: BalieDep, overdracht_id: PathId, invoer: TerugkoppelingInvoer, wie: Bevestiger, call: CallKey
) -> Response:
    return await balie.submit(overdracht_id, GiveBackOverdracht(overdracht_id, invoer), wie=wie, call=call)


@router.post(
    "/overdrachten/{id}/afleveringen",
    response_model=antwoorden.Aflevering,
    status_code=201,
    summary="De overdracht nu opnieuw aanbieden",
)
async def post_aflevering(
    balie: BalieDep, overdracht_id: PathId, invoer: AfleveringInvoer, wie: Aanbieder, call: CallKey
) -> Response:
    return await balie.submit(overdracht_id, OfferOverdrachtAgain(overdracht_id, invoer), wie=wie, call=call)


@router.post(
    "/overdrachten/{id}/weigeringen",
    response_model=antwoorden.Weigering,
    status_code=201,
    summary="De overdracht weigeren, met een code",
)
async def post_weigering(
    balie: BalieDep, overdracht_id: PathId, invoer: WeigeringInvoer, wie: Bevestiger, call: CallKey
) -> Response:
    return await balie.submit(overdracht_id, RefuseOverdracht(overdracht_id, invoer), wie=wie, call=call)


@router.post(
    "/overdrachten/{id}/intrekkingen",
    response_model=antwoorden.Intrekking,
    status_code=201,
    summary="De overdracht terugnemen (Veilig Thuis)",
)
async def post_intrekking(
    balie: BalieDep, overdracht_id: PathId, invoer: IntrekkingInvoer, wie: Intrekker, call: CallKey
) -> Response:
    return await balie.submit(overdracht_id, WithdrawOverdracht(overdracht_id, invoer), wie=wie, call=call)


@router.post(
    "/overdrachten/{id}/informeringen",
    response_model=antwoorden.Informering,
    status_code=201,
    summary="Vastleggen dat de betrokkenen zijn geïnformeerd",
)
async def post_informering(
    balie: BalieDep,
    overdracht_id: PathId,
    invoer: InformeringInvoer,
    wie: Informeerder,
    call: CallKey,
) -> Response:
    return await balie.submit(overdracht_id, InformBetrokkenen(overdracht_id, invoer), wie=wie, call=call)


@router.post(
    "/overdrachten/{id}/plannen",
    response_model=antwoorden.Planopstelling,
    status_code=201,
    summary="Vastleggen dat het veiligheidsplan, hulpverleningsplan of herstelplan er is",
)
async def post_plan(
    balie: BalieDep, overdracht_id: PathId, invoer: PlanInvoer, wie: Planner, call: CallKey
) -> Response:
    return await balie.submit(overdracht_id, DrawUpPlan(overdracht_id, invoer), wie=wie, call=call)


class Inzage:
    """Answers questions, each caller within its own circle."""

    def __init__(self, kader: Kader, queries: Queries, kamer: Briefkamer, klok: Klok) -> None:
        self._kader = kader
        self._queries = queries
        self._kamer = kamer
        self._klok = klok

    async def overdracht(self, identifier: UUID, wie: Caller) -> Response:
        overdracht = await self._kamer.find(identifier, Daad.OVERDRACHT_LEZEN, wie)
        if isinstance(overdracht, Refused):
            return problem_response(overdracht)
        document = await self._document(overdracht, wie)
        if isinstance(document, Refused):
            return problem_response(document)
        return json_response(answer_of(overdracht) | {"overdrachtsdocument": document})

    async def overdrachten(self, wie: Caller, *, status: str | None, na: UUID | None, limiet: int) -> Response:
        kring = self._kader.kring(Daad.OVERDRACHT_LEZEN, wie.partij, self._klok.now())
        overdrachten = (
            () if kring is None else await self._queries.overdrachten(kring, status=status, na=na, limiet=limiet)
        )
        return json_response({"overdrachten": [answer_of(overdracht) for overdracht in overdrachten]})

    async def gebeurtenissen(self, wie: Caller, *, na: int, limiet: int) -> Response:
        kring = self._kader.kring(Daad.OVERDRACHT_LEZEN, wie.partij, self._klok.now())
        gebeurtenissen = () if kring is None else await self._queries.gebeurtenissen(kring, na=na, limiet=limiet)
        last = gebeurtenissen[-1].nummer if gebeurtenissen else na
        return json_response({"gebeurtenissen": [_gebeurtenis(item) for item in gebeurtenissen], "laatste": last})

    async def _document(self, overdracht: rows.Overdrachtregel, wie: Caller) -> JsonObject | Refused | None:
        """The content, for the receiver and Veilig Thuis; nothing is left of a case that was destroyed."""
        try:
            opened = await self._kamer.document(overdracht, wat="overdrachtsdocument", actor=wie.actor)
        except CaseShredded:
            return None
        if opened is None or isinstance(opened, Refused):
            return opened
        return opened.model_dump(mode="json", by_alias=True, exclude_none=True)


InzageDep = Annotated[Inzage, Depends(provided(Inzage))]


@router.get("/overdrachten", response_model=antwoorden.Overdrachten, summary="Overdrachten, oudste eerst")
async def get_overdrachten(
    inzage: InzageDep,
    wie: Lijstlezer,
    status: Overdrachtstatus | None = None,
    na: UUID | None = None,
    limiet: Limiet = 100,
) -> Response:
    wanted = status.value if status is not None else None
    return await inzage.overdrachten(wie, status=wanted, na=na, limiet=limiet)


@router.get(
    "/overdrachten/{id}",
    response_model=antwoorden.Overdracht,
    summary="Een overdracht met haar document",
    responses={410: {"description": "De overdracht is voorbij."}},
)
async def get_overdracht(inzage: InzageDep, overdracht_id: PathId, wie: Lezer) -> Response:
    return await inzage.overdracht(overdracht_id, wie)


@router.get(
    "/gebeurtenissen", response_model=antwoorden.Gebeurtenissen, summary="Ophalen wat gemist is, vanaf een nummer"
)
async def get_gebeurtenissen(
    inzage: InzageDep, wie: Lijstlezer, na: Annotated[int, Query(ge=0, le=2**62)] = 0, limiet: Limiet = 100
) -> Response:
    return await inzage.gebeurtenissen(wie, na=na, limiet=limiet)


def _gebeurtenis(item: rows.Gebeurtenisregel) -> JsonObject:
    return answer_of(item) | {"overdracht": f"{BASE_PATH}/overdrachten/{item.overdracht_id}"}
