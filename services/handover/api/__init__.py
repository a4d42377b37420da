"""The HTTP interface of handover, in Dutch, by the NL API Design Rules."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Query
from starlette.responses import Response

from contracts.rechten import Daad
from services.handover.api import antwoorden
from services.handover.api.bevestigen import Bevestigbalie, add_bevestigen
from services.handover.api.bijlagen import Bijlagebalie, Bijlagekamer, add_bijlagen
from services.handover.api.brieven import Briefbalie, Briefkamer, add_brieven
from services.handover.api.notificaties import add_notificaties
from services.handover.api.retour import Retourbalie, add_retour
from services.handover.api.samenwerken import Samenwerkbalie, add_samenwerken
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus, Overdrachtstatus
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
from services.handover.domain.retour import reference_of
from services.handover.handlers import (
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    InformBetrokkenen,
    OfferAgain,
    RefuseOverdracht,
    TakeUpOverdracht,
    WithdrawOverdracht,
)
from services.handover.ports import Bijlageopslag, Brieven, Queries, rows
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller, Scope, Verifier
from services.runtime.http import CallKey, Idempotency, caller, create_api, created, json_response, problem_response
from services.runtime.http.bounces import add_bounces
from services.runtime.http.reading import Inkijk
from services.runtime.outbound.bounces import ReturnAddress
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Incoming, JsonObject, Refused
from services.runtime.unit.hub import Hub
from services.runtime.unit.rows import answer_of

BASE_PATH = "/overdracht/v1"
VERSION = "1.0.0"
_STREAMS = re.compile(r"/casussen/[^/]+/bijlagen")
"""Where a file comes in."""

Lezer = Annotated[Caller, Depends(caller(Scope.OVERDRACHTEN_LEZEN))]
Bevestiger = Annotated[Caller, Depends(caller(Scope.OVERDRACHTEN_BEVESTIGEN))]
Limiet = Annotated[int, Query(ge=1, le=500)]


def build_api(  # noqa: PLR0913  everything it is put together from
    hub: Hub[Casus],
    *,
    kader: Kader,
    queries: Queries,
    inkijk: Inkijk,
    bijlagen: Bijlageopslag,
    brieven: Brieven,
    verifier: Verifier,
    public_url: str = "",
    return_address: ReturnAddress | None = None,
) -> FastAPI:
    """The app that serves `/overdracht/v1`."""
    api = create_api(
        title="Houvast overdracht",
        version=VERSION,
        description=(
            "Overdrachten aan gemeenten en andere partijen, en hun vier ontvangsten: afgeleverd, ontvangen, opgepakt, "
            "terug."
        ),
        base_path=BASE_PATH,
        name="handover",
        verifier=verifier,
        public_url=public_url,
        streams=_STREAMS,
    )
    desk = _Desk(hub)
    _add_answers(api, desk)
    _add_ends(api, desk)
    _add_informing(api, desk)
    _add_plannen(api, desk)
    kamer = Briefkamer(kader=kader, queries=queries, inkijk=inkijk, brieven=brieven, klok=hub.klok)
    _add_reading(api, _Reading(kader, queries, kamer, hub.klok))
    add_brieven(api, Briefbalie(kamer))
    bijlagekamer = Bijlagekamer(queries, inkijk, bijlagen)
    add_bijlagen(
        api,
        Bijlagebalie(
            hub,
            kader=kader,
            inkijk=inkijk,
            opslag=bijlagen,
            brieven=kamer,
            kamer=bijlagekamer,
            base_path=BASE_PATH,
        ),
    )
    add_bevestigen(
        api, Bevestigbalie(hub, kader=kader, queries=queries, brieven=kamer, bijlagen=bijlagekamer, base_path=BASE_PATH)
    )
    add_notificaties(api, hub, kader)
    add_bounces(api, hub, return_address, reference_of)
    retour = Retourbalie(hub, kamer=kamer, queries=queries, inkijk=inkijk, base_path=BASE_PATH)
    add_retour(api, retour)
    add_samenwerken(api, Samenwerkbalie(hub, queries, kader=kader, base_path=BASE_PATH))
    return api


class _Desk:
    """Takes what a gemeente answers: finds the case, submits, answers."""

    def __init__(self, hub: Hub[Casus]) -> None:
        self._hub = hub

    async def submit(self, overdracht_id: UUID, command: object, *, wie: Caller, call: Idempotency) -> Response:
        found = await self._hub.find("overdracht", str(overdracht_id))
        if not found:
            return problem_response(NOT_FOUND)
        reply = await self._hub.submit(
            Incoming(key=call.key, casus_id=found[0], payload=command, actor=wie.actor, fingerprint=call.fingerprint)
        )
        if isinstance(reply, Refused):
            return problem_response(reply)
        return created(f"{BASE_PATH}/overdrachten/{overdracht_id}", reply.answer)


def _add_answers(api: FastAPI, desk: _Desk) -> None:
    @api.post(
        "/overdrachten/{id}/ontvangstbevestigingen",
        response_model=antwoorden.Ontvangstbevestiging,
        status_code=201,
        summary="De ontvangst bevestigen",
    )
    async def post_ontvangstbevestiging(  # pyright: ignore[reportUnusedFunction]
        id: UUID,  # noqa: A002
        invoer: OntvangstbevestigingInvoer,
        wie: Bevestiger,
        call: CallKey,
    ) -> Response:
        return await desk.submit(id, ConfirmOntvangst(id, invoer), wie=wie, call=call)

    @api.post(
        "/overdrachten/{id}/verdelingen",
        response_model=antwoorden.Verdeling,
        status_code=201,
        summary="Melden dat de casus is opgepakt",
    )
    async def post_verdeling(id: UUID, invoer: VerdelingInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.submit(id, TakeUpOverdracht(id, invoer), wie=wie, call=call)

    @api.post(
        "/overdrachten/{id}/terugkoppelingen",
        response_model=antwoorden.Terugkoppeling,
        status_code=201,
        summary="De casus teruggeven aan Veilig Thuis",
    )
    async def post_terugkoppeling(id: UUID, invoer: TerugkoppelingInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.submit(id, GiveBackOverdracht(id, invoer), wie=wie, call=call)

    @api.post(
        "/overdrachten/{id}/afleveringen",
        response_model=antwoorden.Aflevering,
        status_code=201,
        summary="De overdracht nu opnieuw aanbieden",
    )
    async def post_aflevering(id: UUID, invoer: AfleveringInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.submit(id, OfferAgain(id, invoer), wie=wie, call=call)


def _add_ends(api: FastAPI, desk: _Desk) -> None:
    @api.post(
        "/overdrachten/{id}/weigeringen",
        response_model=antwoorden.Weigering,
        status_code=201,
        summary="De overdracht weigeren, met een code",
    )
    async def post_weigering(id: UUID, invoer: WeigeringInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.submit(id, RefuseOverdracht(id, invoer), wie=wie, call=call)

    @api.post(
        "/overdrachten/{id}/intrekkingen",
        response_model=antwoorden.Intrekking,
        status_code=201,
        summary="De overdracht terugnemen (Veilig Thuis)",
    )
    async def post_intrekking(id: UUID, invoer: IntrekkingInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.submit(id, WithdrawOverdracht(id, invoer), wie=wie, call=call)


def _add_informing(api: FastAPI, desk: _Desk) -> None:
    @api.post(
        "/overdrachten/{id}/informeringen",
        response_model=antwoorden.Informering,
        status_code=201,
        summary="Vastleggen dat de betrokkenen zijn geïnformeerd",
    )
    async def post_informering(  # pyright: ignore[reportUnusedFunction]
        id: UUID,  # noqa: A002
        invoer: InformeringInvoer,
        wie: Bevestiger,
        call: CallKey,
    ) -> Response:
        return await desk.submit(id, InformBetrokkenen(id, invoer), wie=wie, call=call)


def _add_plannen(api: FastAPI, desk: _Desk) -> None:
    @api.post(
        "/overdrachten/{id}/plannen",
        response_model=antwoorden.Planopstelling,
        status_code=201,
        summary="Vastleggen dat het veiligheidsplan, hulpverleningsplan of herstelplan er is",
    )
    async def post_plan(id: UUID, invoer: PlanInvoer, wie: Bevestiger, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.submit(id, DrawUpPlan(id, invoer), wie=wie, call=call)


class _Reading:
    """Answers questions, each caller within its own circle."""

    def __init__(self, kader: Kader, queries: Queries, kamer: Briefkamer, klok: Klok) -> None:
        self._kader = kader
        self._queries = queries
        self._kamer = kamer
        self._klok = klok

    async def overdracht(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._kamer.find(identifier, Daad.OVERDRACHT_LEZEN, wie)
        if isinstance(found, Refused):
            return problem_response(found)
        document = await self._document(found, wie)
        if isinstance(document, Refused):
            return problem_response(document)
        return json_response(answer_of(found) | {"overdrachtsdocument": document})

    async def overdrachten(self, wie: Caller, *, status: str | None, na: UUID | None, limiet: int) -> Response:
        kring = self._kader.kring(Daad.OVERDRACHT_LEZEN, wie.partij, self._klok.now())
        found = () if kring is None else await self._queries.overdrachten(kring, status=status, na=na, limiet=limiet)
        return json_response({"overdrachten": [answer_of(overdracht) for overdracht in found]})

    async def gebeurtenissen(self, wie: Caller, *, na: int, limiet: int) -> Response:
        kring = self._kader.kring(Daad.OVERDRACHT_LEZEN, wie.partij, self._klok.now())
        found = () if kring is None else await self._queries.gebeurtenissen(kring, na=na, limiet=limiet)
        last = found[-1].nummer if found else na
        return json_response({"gebeurtenissen": [_gebeurtenis(item) for item in found], "laatste": last})

    async def _document(self, overdracht: rows.Overdrachtregel, wie: Caller) -> JsonObject | Refused | None:
        """The content, for the receiver and Veilig Thuis; nothing is left of a case that was destroyed."""
        try:
            opened = await self._kamer.document(overdracht, wat="overdrachtsdocument", actor=wie.actor)
        except CaseShredded:
            return None
        if opened is None or isinstance(opened, Refused):
            return opened
        return opened.model_dump(mode="json", by_alias=True, exclude_none=True)


def _add_reading(api: FastAPI, reading: _Reading) -> None:
    @api.get("/overdrachten", response_model=antwoorden.Overdrachten, summary="Overdrachten, oudste eerst")
    async def get_overdrachten(  # pyright: ignore[reportUnusedFunction]
        wie: Lezer, status: Overdrachtstatus | None = None, na: UUID | None = None, limiet: Limiet = 100
    ) -> Response:
        wanted = status.value if status is not None else None
        return await reading.overdrachten(wie, status=wanted, na=na, limiet=limiet)

    @api.get(
        "/overdrachten/{id}",
        response_model=antwoorden.Overdracht,
        summary="Een overdracht met haar document",
        responses={410: {"description": "De overdracht is voorbij."}},
    )
    async def get_overdracht(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.overdracht(id, wie)

    @api.get(
        "/gebeurtenissen", response_model=antwoorden.Gebeurtenissen, summary="Ophalen wat gemist is, vanaf een nummer"
    )
    async def get_gebeurtenissen(  # pyright: ignore[reportUnusedFunction]
        wie: Lezer, na: Annotated[int, Query(ge=0, le=2**62)] = 0, limiet: Limiet = 100
    ) -> Response:
        return await reading.gebeurtenissen(wie, na=na, limiet=limiet)


def _gebeurtenis(item: rows.Gebeurtenisregel) -> JsonObject:
    return answer_of(item) | {"overdracht": f"{BASE_PATH}/overdrachten/{item.overdracht_id}"}
