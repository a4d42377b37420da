"""The time of monitoring: its moments, and the steps when help stagnates (MB 5)."""

from fastapi import APIRouter
from starlette.responses import Response

from contracts.afspraken import Termijnstatus
from contracts.messages.moment import Moment
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import BalieDep, Behandelaar, CasusPad, Lijstlezer, MonitormomentPad
from services.monitoring.api.lezen import BladzijdeDep, InzageDep
from services.monitoring.domain.invoer import (
    InplanningInvoer,
    MonitormomentInvoer,
    StagnatiestapInvoer,
    UitkomstInvoer,
)
from services.monitoring.handlers import (
    HoldMonitormoment,
    PlanMonitormoment,
    ScheduleMonitormoment,
    TakeStagnatiestap,
)
from services.monitoring.ports import MonitorVraag
from services.runtime.http import CallKey
from services.runtime.http.route import ShortRoute

router = APIRouter(route_class=ShortRoute)


@router.get(
    "/monitormomenten", response_model=antwoorden.Monitormomenten, summary="Monitormomenten, het eerste vooraan"
)
async def get_monitormomenten(
    inzage: InzageDep,
    wie: Lijstlezer,
    blad: BladzijdeDep,
    status: Termijnstatus | None = None,
    voor: Moment | None = None,
) -> Response:
    vraag = MonitorVraag(status, voor, limiet=blad.kijken, overslaan=blad.overslaan)
    return blad.answer("monitormomenten", await inzage.queries.monitormomenten(vraag, inzage.kring(wie)))


@router.post(
    "/monitormomenten/{monitormomentId}/uitkomsten",
    response_model=antwoorden.Momentstand,
    status_code=201,
    summary="Een monitormoment vastleggen",
)
async def post_uitkomst(
    balie: BalieDep, monitormoment_id: MonitormomentPad, invoer: UitkomstInvoer, wie: Behandelaar, call: CallKey
) -> Response:
    command = HoldMonitormoment(monitormoment_id, invoer)
    path = "monitormomenten?status=gehaald"
    return await balie.in_monitormoment(monitormoment_id, command, wie=wie, call=call, path=path)


@router.post(
    "/monitormomenten/{monitormomentId}/inplanningen",
    response_model=antwoorden.Momentstand,
    status_code=201,
    summary="Een monitormoment inplannen",
)
async def post_inplanning(
    balie: BalieDep, monitormoment_id: MonitormomentPad, invoer: InplanningInvoer, wie: Behandelaar, call: CallKey
) -> Response:
    command = ScheduleMonitormoment(monitormoment_id, invoer)
    path = "monitormomenten?status=lopend"
    return await balie.in_monitormoment(monitormoment_id, command, wie=wie, call=call, path=path)


@router.post(
    "/casussen/{casusId}/monitormomenten",
    response_model=antwoorden.Momentstand,
    status_code=201,
    summary="Een extra monitormoment plannen",
)
async def post_monitormoment(
    balie: BalieDep, casus_id: CasusPad, invoer: MonitormomentInvoer, wie: Behandelaar, call: CallKey
) -> Response:
    return await balie.in_case(casus_id, PlanMonitormoment(invoer), wie=wie, call=call)


@router.post(
    "/casussen/{casusId}/stagnatiestappen",
    response_model=antwoorden.Stagnatiestap,
    status_code=201,
    summary="Een stap bij stagnatie vastleggen",
)
async def post_stagnatiestap(
    balie: BalieDep, casus_id: CasusPad, invoer: StagnatiestapInvoer, wie: Behandelaar, call: CallKey
) -> Response:
    return await balie.in_case(casus_id, TakeStagnatiestap(invoer), wie=wie, call=call)
