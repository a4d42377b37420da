"""What came back on the mail with an overdracht: for Veilig Thuis to read, and to say whether the mail arrived."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from contracts.messages.documenten import Toelichting
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad
from services.handover.api import antwoorden
from services.handover.api.balie import BASE_PATH, Retourbeoordelaar, Retourlezer
from services.handover.api.brieven import Briefkamer
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus
from services.handover.domain.invoer import RetourbeoordelingInvoer
from services.handover.handlers.commands import JudgeRetour, NoteInzage
from services.handover.ports import Queries
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller
from services.runtime.http import CallKey, Idempotency, created, json_response, problem_response
from services.runtime.http.acting import act
from services.runtime.http.provided import PathId, provided
from services.runtime.http.reading import Inkijk
from services.runtime.http.route import ShortRoute
from services.runtime.unit.decision import Refused
from services.runtime.unit.hub import Hub
from services.runtime.unit.rows import answer_of

router = APIRouter(route_class=ShortRoute)


class Retourbalie:
    """Shows what came back, noted who reads it, and takes what they make of it."""

    def __init__(self, hub: Hub[Casus], *, kamer: Briefkamer, queries: Queries, inkijk: Inkijk) -> None:
        self._hub = hub
        self._kamer = kamer
        self._queries = queries
        self._inkijk = inkijk

    async def show(self, identifier: UUID, wie: Caller) -> Response:
        overdracht = await self._kamer.find(identifier, Daad.RETOURBRIEF_LEZEN, wie)
        if isinstance(overdracht, Refused):
            return problem_response(overdracht)
        brief = await self._queries.retourbrief(identifier)
        if brief is None:
            return problem_response(NOT_FOUND)
        sealed: Verzegeld[Toelichting] = Verzegeld(brief.tekst)
        note = NoteInzage(identifier, "teruggekomen bericht")
        try:
            opened = await self._inkijk.open(brief.casus_id, sealed, Toelichting, actor=wie.actor, note=note)
        except CaseShredded:
            return problem_response(NOT_FOUND)
        if isinstance(opened, Refused):
            return problem_response(opened)
        return json_response(answer_of(brief) | {"tekst": opened.toelichting})

    async def judge(
        self, identifier: UUID, invoer: RetourbeoordelingInvoer, *, wie: Caller, call: Idempotency
    ) -> Response:
        casus_ids = await self._hub.find("overdracht", str(identifier))
        if not casus_ids:
            return problem_response(NOT_FOUND)
        answer = await act(self._hub, casus_ids[0], JudgeRetour(identifier, invoer), wie=wie, call=call)
        if isinstance(answer, Refused):
            return problem_response(answer)
        return created(f"{BASE_PATH}/overdrachten/{identifier}/retourbrief", answer)


BalieDep = Annotated[Retourbalie, Depends(provided(Retourbalie))]


@router.get(
    "/overdrachten/{id}/retourbrief",
    response_model=antwoorden.Retourbrief,
    summary="Lezen wat er op de mail terugkwam (Veilig Thuis)",
    tags=["mail"],
)
async def get_retourbrief(balie: BalieDep, overdracht_id: PathId, wie: Retourlezer) -> Response:
    return await balie.show(overdracht_id, wie)


@router.post(
    "/overdrachten/{id}/retourbeoordelingen",
    response_model=antwoorden.Retourbeoordeling,
    status_code=201,
    summary="Vastleggen of de mail is bezorgd, na het lezen van wat terugkwam (Veilig Thuis)",
    tags=["mail"],
)
async def post_retourbeoordeling(
    balie: BalieDep,
    overdracht_id: PathId,
    invoer: RetourbeoordelingInvoer,
    wie: Retourbeoordelaar,
    call: CallKey,
) -> Response:
    return await balie.judge(overdracht_id, invoer, wie=wie, call=call)
