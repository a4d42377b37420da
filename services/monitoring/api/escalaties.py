"""What people do about an escalatie, and a difference of opinion that begins one."""

from fastapi import APIRouter
from starlette.responses import Response

from services.monitoring.api import antwoorden
from services.monitoring.api.balie import BalieDep, CasusPad, Escalatiebehandelaar, EscalatiePad, Meningsmelder
from services.monitoring.domain.invoer import (
    AfhandelingInvoer,
    MeningsverschilInvoer,
    OppakkingInvoer,
    OpschalingInvoer,
)
from services.monitoring.handlers import RaiseEscalatie, ReportMeningsverschil, SettleEscalatie, TakeUpEscalatie
from services.runtime.http import CallKey
from services.runtime.http.route import ShortRoute

router = APIRouter(route_class=ShortRoute)


@router.post(
    "/escalaties/{escalatieId}/oppakkingen",
    response_model=antwoorden.Escalatiestand,
    status_code=201,
    summary="Een escalatie oppakken",
)
async def post_oppakking(
    balie: BalieDep, escalatie_id: EscalatiePad, invoer: OppakkingInvoer, wie: Escalatiebehandelaar, call: CallKey
) -> Response:
    command = TakeUpEscalatie(escalatie_id, invoer)
    return await balie.in_escalatie(escalatie_id, command, wie=wie, call=call, path="escalaties?status=opgepakt")


@router.post(
    "/escalaties/{escalatieId}/opschalingen",
    response_model=antwoorden.Escalatiestand,
    status_code=201,
    summary="Een escalatie naar de volgende trede brengen",
)
async def post_opschaling(
    balie: BalieDep, escalatie_id: EscalatiePad, invoer: OpschalingInvoer, wie: Escalatiebehandelaar, call: CallKey
) -> Response:
    command = RaiseEscalatie(escalatie_id, invoer)
    return await balie.in_escalatie(escalatie_id, command, wie=wie, call=call, path="escalaties?status=open")


@router.post(
    "/escalaties/{escalatieId}/afhandelingen",
    response_model=antwoorden.Escalatiestand,
    status_code=201,
    summary="Een escalatie afhandelen",
)
async def post_afhandeling(
    balie: BalieDep, escalatie_id: EscalatiePad, invoer: AfhandelingInvoer, wie: Escalatiebehandelaar, call: CallKey
) -> Response:
    command = SettleEscalatie(escalatie_id, invoer)
    return await balie.in_escalatie(escalatie_id, command, wie=wie, call=call, path="escalaties?status=afgehandeld")


@router.post(
    "/casussen/{casusId}/meningsverschillen",
    response_model=antwoorden.Escalatiestand,
    status_code=201,
    summary="Een verschil van inzicht melden",
)
async def post_meningsverschil(
    balie: BalieDep, casus_id: CasusPad, invoer: MeningsverschilInvoer, wie: Meningsmelder, call: CallKey
) -> Response:
    return await balie.in_case(casus_id, ReportMeningsverschil(invoer), wie=wie, call=call)
