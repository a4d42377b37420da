"""The doors of verbindend samenwerken: Veilig Thuis asks, the team answers (D9, MB 4.2)."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from contracts.messages.identifiers import CasusId
from contracts.rechten import Daad
from services.handover.api import antwoorden
from services.handover.api.balie import BASE_PATH, Contactlegger, Samenwerker, Samenwerkingslezer, Vrager
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus
from services.handover.domain.invoer import (
    CapaciteitssignaalInvoer,
    ContactInvoer,
    EersteContactInvoer,
    SamenwerkingInvoer,
    VbsVerdelingInvoer,
)
from services.handover.domain.kader import Kader
from services.handover.handlers.commands import AnswerSamenwerking, AskSamenwerking
from services.handover.ports import Queries, rows
from services.runtime.access.tokens import Caller
from services.runtime.http import CallKey, Idempotency, created, json_response, problem_response
from services.runtime.http.acting import act
from services.runtime.http.provided import PathId, provided
from services.runtime.http.route import ShortRoute
from services.runtime.unit.decision import JsonObject, Refused
from services.runtime.unit.hub import Hub
from services.runtime.unit.rows import answer_of

router = APIRouter(route_class=ShortRoute)


class Samenwerkbalie:
    """Takes what Veilig Thuis asks and what a team answers."""

    def __init__(self, hub: Hub[Casus], queries: Queries, *, kader: Kader) -> None:
        self._hub = hub
        self._queries = queries
        self._kader = kader

    async def ask(self, casus_id: UUID, invoer: SamenwerkingInvoer, *, wie: Caller, call: Idempotency) -> Response:
        return await self._submit(CasusId(casus_id), AskSamenwerking(invoer), wie=wie, call=call)

    async def answer(
        self,
        samenwerking_id: UUID,
        invoer: CapaciteitssignaalInvoer | VbsVerdelingInvoer | EersteContactInvoer | ContactInvoer,
        *,
        wie: Caller,
        call: Idempotency,
    ) -> Response:
        casus_ids = await self._hub.find("samenwerking", str(samenwerking_id))
        if not casus_ids:
            return problem_response(NOT_FOUND)
        return await self._submit(casus_ids[0], AnswerSamenwerking(samenwerking_id, invoer), wie=wie, call=call)

    async def show(self, samenwerking_id: UUID, wie: Caller) -> Response:
        rijen = await self._read(wie, samenwerking_id=samenwerking_id, limiet=1)
        return json_response(rijen[0]) if rijen else problem_response(NOT_FOUND)

    async def list(self, wie: Caller, *, limiet: int) -> Response:
        return json_response({"samenwerkingen": await self._read(wie, samenwerking_id=None, limiet=limiet)})

    async def _read(self, wie: Caller, *, samenwerking_id: UUID | None, limiet: int) -> Sequence[JsonObject]:
        kring = self._kader.kring(Daad.SAMENWERKING_LEZEN, wie.partij, self._hub.klok.now())
        if kring is None:
            return []
        rijen = await self._queries.samenwerkingen(kring, samenwerking_id=samenwerking_id, limiet=limiet)
        return [answer_of(row) for row in rijen]

    async def _submit(self, casus_id: CasusId, command: object, *, wie: Caller, call: Idempotency) -> Response:
        answer = await act(self._hub, casus_id, command, wie=wie, call=call)
        if isinstance(answer, Refused):
            return problem_response(answer)
        return created(f"{BASE_PATH}/samenwerkingen/{answer['id']}", answer)


BalieDep = Annotated[Samenwerkbalie, Depends(provided(Samenwerkbalie))]


@router.post(
    "/casussen/{id}/samenwerkingen",
    response_model=rows.Samenwerking,
    status_code=201,
    summary="Verbindend samenwerken vragen",
)
async def post_samenwerking(
    balie: BalieDep, casus_id: PathId, invoer: SamenwerkingInvoer, wie: Vrager, call: CallKey
) -> Response:
    return await balie.ask(casus_id, invoer, wie=wie, call=call)


@router.post(
    "/samenwerkingen/{id}/capaciteitssignalen",
    response_model=rows.Samenwerking,
    status_code=201,
    summary="Melden dat er geen capaciteit is",
)
async def post_signaal(
    balie: BalieDep, samenwerking_id: PathId, invoer: CapaciteitssignaalInvoer, wie: Samenwerker, call: CallKey
) -> Response:
    return await balie.answer(samenwerking_id, invoer, wie=wie, call=call)


@router.post(
    "/samenwerkingen/{id}/verdelingen",
    response_model=rows.Samenwerking,
    status_code=201,
    summary="Melden dat de casus is verdeeld",
)
async def post_verdeling(
    balie: BalieDep, samenwerking_id: PathId, invoer: VbsVerdelingInvoer, wie: Samenwerker, call: CallKey
) -> Response:
    return await balie.answer(samenwerking_id, invoer, wie=wie, call=call)


@router.post(
    "/samenwerkingen/{id}/eerste-contacten",
    response_model=rows.Samenwerking,
    status_code=201,
    summary="Eerste contact team en Veilig Thuis",
)
async def post_eerste_contact(
    balie: BalieDep, samenwerking_id: PathId, invoer: EersteContactInvoer, wie: Contactlegger, call: CallKey
) -> Response:
    return await balie.answer(samenwerking_id, invoer, wie=wie, call=call)


@router.post(
    "/samenwerkingen/{id}/contacten",
    response_model=rows.Samenwerking,
    status_code=201,
    summary="Contact of huisbezoek met betrokkenen",
)
async def post_contact(
    balie: BalieDep, samenwerking_id: PathId, invoer: ContactInvoer, wie: Contactlegger, call: CallKey
) -> Response:
    return await balie.answer(samenwerking_id, invoer, wie=wie, call=call)


@router.get(
    "/samenwerkingen",
    response_model=antwoorden.Samenwerkingen,
    summary="Verzoeken om verbindend samenwerken, nieuwste eerst",
)
async def get_samenwerkingen(
    balie: BalieDep, wie: Samenwerkingslezer, limiet: Annotated[int, Query(ge=1, le=500)] = 100
) -> Response:
    return await balie.list(wie, limiet=limiet)


@router.get(
    "/samenwerkingen/{id}",
    response_model=rows.Samenwerkingregel,
    summary="Een verzoek om verbindend samenwerken",
)
async def get_samenwerking(balie: BalieDep, samenwerking_id: PathId, wie: Samenwerkingslezer) -> Response:
    return await balie.show(samenwerking_id, wie)
