"""The desk of handover: who may call, and how what a receiver answers reaches its case."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from contracts.rechten import Daad
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus
from services.runtime.access.tokens import Caller
from services.runtime.http import Idempotency, caller, created, problem_response
from services.runtime.http.acting import act
from services.runtime.http.provided import provided
from services.runtime.unit.decision import Refused
from services.runtime.unit.hub import Hub

BASE_PATH = "/overdracht/v1"

Lezer = Annotated[Caller, Depends(caller(Daad.OVERDRACHT_LEZEN))]
Brieflezer = Annotated[Caller, Depends(caller(Daad.OVERDRACHT_LEZEN, Daad.BETROKKENENBRIEF_LEZEN))]
Retourlezer = Annotated[Caller, Depends(caller(Daad.RETOURBRIEF_LEZEN))]
Lijstlezer = Annotated[Caller, Depends(caller(Daad.OVERDRACHTENLIJST_LEZEN))]
Samenwerkingslezer = Annotated[Caller, Depends(caller(Daad.SAMENWERKING_LEZEN))]
Bevestiger = Annotated[Caller, Depends(caller(Daad.OVERDRACHT_BEANTWOORDEN))]
Aanbieder = Annotated[Caller, Depends(caller(Daad.OVERDRACHT_AANBIEDEN))]
Intrekker = Annotated[Caller, Depends(caller(Daad.OVERDRACHT_INTREKKEN))]
Informeerder = Annotated[Caller, Depends(caller(Daad.BETROKKENEN_INFORMEREN))]
Planner = Annotated[Caller, Depends(caller(Daad.PLAN_VASTLEGGEN))]
Retourbeoordelaar = Annotated[Caller, Depends(caller(Daad.RETOURBRIEF_BEHANDELEN))]
Bijvoeger = Annotated[Caller, Depends(caller(Daad.BIJLAGE_TOEVOEGEN))]
Vrager = Annotated[Caller, Depends(caller(Daad.SAMENWERKING_VRAGEN))]
Samenwerker = Annotated[Caller, Depends(caller(Daad.SAMENWERKING_BEANTWOORDEN))]
Contactlegger = Annotated[Caller, Depends(caller(Daad.SAMENWERKCONTACT_MELDEN))]


class Balie:
    """Takes what a gemeente answers: finds the case, submits, answers."""

    def __init__(self, hub: Hub[Casus]) -> None:
        self._hub = hub

    async def submit(self, overdracht_id: UUID, command: object, *, wie: Caller, call: Idempotency) -> Response:
        casus_ids = await self._hub.find("overdracht", str(overdracht_id))
        if not casus_ids:
            return problem_response(NOT_FOUND)
        answer = await act(self._hub, casus_ids[0], command, wie=wie, call=call)
        if isinstance(answer, Refused):
            return problem_response(answer)
        return created(f"{BASE_PATH}/overdrachten/{overdracht_id}", answer)


BalieDep = Annotated[Balie, Depends(provided(Balie))]
