"""The doors of verbindend samenwerken: Veilig Thuis asks, the team answers (D9, MB 4.2)."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Query
from starlette.responses import Response

from contracts.messages.identifiers import CasusId
from contracts.rechten import Daad
from services.handover.api import antwoorden
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
from services.handover.handlers import AnswerSamenwerking, AskSamenwerking
from services.handover.ports import Queries, rows
from services.runtime.access.tokens import Caller, Scope
from services.runtime.http import CallKey, Idempotency, caller, created, json_response, problem_response
from services.runtime.unit.decision import Incoming, JsonObject, Refused
from services.runtime.unit.hub import Hub
from services.runtime.unit.rows import answer_of

Besluiter = Annotated[Caller, Depends(caller(Scope.TRIAGE_BESLUITEN))]
Lezer = Annotated[Caller, Depends(caller(Scope.OVERDRACHTEN_LEZEN))]
Bevestiger = Annotated[Caller, Depends(caller(Scope.OVERDRACHTEN_BEVESTIGEN))]


class Samenwerkbalie:
    """Takes what Veilig Thuis asks and what a team answers."""

    def __init__(self, hub: Hub[Casus], queries: Queries, *, kader: Kader, base_path: str) -> None:
        self._hub = hub
        self._queries = queries
        self._kader = kader
        self._base_path = base_path

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
        found = await self._hub.find("samenwerking", str(samenwerking_id))
        if not found:
            return problem_response(NOT_FOUND)
        return await self._submit(found[0], AnswerSamenwerking(samenwerking_id, invoer), wie=wie, call=call)

    async def show(self, samenwerking_id: UUID, wie: Caller) -> Response:
        found = await self._read(wie, samenwerking_id=samenwerking_id, limiet=1)
        return json_response(found[0]) if found else problem_response(NOT_FOUND)

    async def list(self, wie: Caller, *, limiet: int) -> Response:
        return json_response({"samenwerkingen": await self._read(wie, samenwerking_id=None, limiet=limiet)})

    async def _read(self, wie: Caller, *, samenwerking_id: UUID | None, limiet: int) -> Sequence[JsonObject]:
        kring = self._kader.kring(Daad.SAMENWERKING_LEZEN, wie.partij, self._hub.klok.now())
        if kring is None:
            return []
        found = await self._queries.samenwerkingen(kring, samenwerking_id=samenwerking_id, limiet=limiet)
        return [answer_of(row) for row in found]

    async def _submit(self, casus_id: CasusId, command: object, *, wie: Caller, call: Idempotency) -> Response:
        reply = await self._hub.submit(
            Incoming(key=call.key, casus_id=casus_id, payload=command, actor=wie.actor, fingerprint=call.fingerprint)
        )
        if isinstance(reply, Refused):
            return problem_response(reply)
        answer = reply.answer or {}
        return created(f"{self._base_path}/samenwerkingen/{answer['id']}", answer)


def add_samenwerken(api: FastAPI, balie: Samenwerkbalie) -> None:
    """Bind the doors to the API of handover."""

    @api.post(
        "/casussen/{id}/samenwerkingen",
        response_model=rows.Samenwerking,
        status_code=201,
        summary="Verbindend samenwerken vragen",
    )
    async def post_samenwerking(id: UUID, invoer: SamenwerkingInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await balie.ask(id, invoer, wie=wie, call=call)

    @api.post(
        "/samenwerkingen/{id}/capaciteitssignalen",
        response_model=rows.Samenwerking,
        status_code=201,
        summary="Melden dat er geen capaciteit is",
    )
    async def post_signaal(id: UUID, invoer: CapaciteitssignaalInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await balie.answer(id, invoer, wie=wie, call=call)

    @api.post(
        "/samenwerkingen/{id}/verdelingen",
        response_model=rows.Samenwerking,
        status_code=201,
        summary="Melden dat de casus is verdeeld",
    )
    async def post_verdeling(id: UUID, invoer: VbsVerdelingInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await balie.answer(id, invoer, wie=wie, call=call)

    @api.post(
        "/samenwerkingen/{id}/eerste-contacten",
        response_model=rows.Samenwerking,
        status_code=201,
        summary="Eerste contact team en Veilig Thuis",
    )
    async def post_eerste_contact(id: UUID, invoer: EersteContactInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await balie.answer(id, invoer, wie=wie, call=call)

    @api.post(
        "/samenwerkingen/{id}/contacten",
        response_model=rows.Samenwerking,
        status_code=201,
        summary="Contact of huisbezoek met betrokkenen",
    )
    async def post_contact(id: UUID, invoer: ContactInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await balie.answer(id, invoer, wie=wie, call=call)

    @api.get(
        "/samenwerkingen",
        response_model=antwoorden.Samenwerkingen,
        summary="Verzoeken om verbindend samenwerken, nieuwste eerst",
    )
    async def get_samenwerkingen(wie: Lezer, limiet: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:  # pyright: ignore[reportUnusedFunction]
        return await balie.list(wie, limiet=limiet)

    @api.get(
        "/samenwerkingen/{id}",
        response_model=rows.Samenwerkingregel,
        summary="Een verzoek om verbindend samenwerken",
    )
    async def get_samenwerking(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await balie.show(id, wie)
