"""The desk of handover: who may call, and how what a receiver answers reaches its case."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus
from services.runtime.access.tokens import Caller, Scope
from services.runtime.http import Idempotency, caller, created, problem_response
from services.runtime.http.acting import act
from services.runtime.http.provided import provided
from services.runtime.unit.decision import Refused
from services.runtime.unit.hub import Hub

BASE_PATH = "/overdracht/v1"

Lezer = Annotated[Caller, Depends(caller(Scope.OVERDRACHTEN_LEZEN))]
Bevestiger = Annotated[Caller, Depends(caller(Scope.OVERDRACHTEN_BEVESTIGEN))]
Besluiter = Annotated[Caller, Depends(caller(Scope.TRIAGE_BESLUITEN))]


class Balie:
    """Takes what a gemeente answers: finds the case, submits, answers."""

    def __init__(self, hub: Hub[Casus]) -> None:
        self._hub = hub

    async def submit(self, overdracht_id: UUID, command: object, *, wie: Caller, call: Idempotency) -> Response:
        found = await self._hub.find("overdracht", str(overdracht_id))
        if not found:
            return problem_response(NOT_FOUND)
        answer = await act(self._hub, found[0], command, wie=wie, call=call)
        if isinstance(answer, Refused):
            return problem_response(answer)
        return created(f"{BASE_PATH}/overdrachten/{overdracht_id}", answer)


BalieDep = Annotated[Balie, Depends(provided(Balie))]
