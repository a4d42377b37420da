"""What people do about a case as a whole: coercion, another party, where it stands, closure, corrections."""

from fastapi import APIRouter
from starlette.responses import Response

from contracts.messages.moment import Moment
from services.monitoring.api import antwoorden
from services.monitoring.api.balie import (
    Aanvaarder,
    BalieDep,
    Behandelaar,
    CasusPad,
    Corrector,
    Lezer,
    Sluiter,
    Standmelder,
)
from services.monitoring.api.lezen import InzageDep
from services.monitoring.domain.invoer import (
    AanvaardingInvoer,
    AfsluitingInvoer,
    CorrectieInvoer,
    DwangmaatregelInvoer,
    StandInvoer,
)
from services.monitoring.handlers import (
    CloseCasus,
    CorrectFeit,
    ReportAanvaarding,
    ReportDwangmaatregel,
    ReportStand,
)
from services.runtime.http import CallKey
from services.runtime.http.route import ShortRoute

router = APIRouter(route_class=ShortRoute)


@router.get(
    "/casussen/{casusId}/initiatief",
    response_model=antwoorden.Initiatief,
    summary="Wie neemt het initiatief voor een dwangmaatregel",
)
async def get_initiatief(inzage: InzageDep, casus_id: CasusPad, wie: Lezer, op: Moment | None = None) -> Response:
    return await inzage.initiatief(casus_id, wie, op=op)


@router.post(
    "/casussen/{casusId}/dwangmaatregelen",
    response_model=antwoorden.Dwangstand,
    status_code=201,
    summary="Een dwangmaatregel vastleggen",
)
async def post_dwangmaatregel(
    balie: BalieDep, casus_id: CasusPad, invoer: DwangmaatregelInvoer, wie: Behandelaar, call: CallKey
) -> Response:
    return await balie.in_case(casus_id, ReportDwangmaatregel(invoer), wie=wie, call=call)


@router.post(
    "/casussen/{casusId}/aanvaardingen",
    response_model=antwoorden.Aanvaardingstand,
    status_code=201,
    summary="Een andere partij neemt over, of wordt dat gevraagd",
)
async def post_aanvaarding(
    balie: BalieDep, casus_id: CasusPad, invoer: AanvaardingInvoer, wie: Aanvaarder, call: CallKey
) -> Response:
    return await balie.in_case(casus_id, ReportAanvaarding(invoer), wie=wie, call=call)


@router.post(
    "/casussen/{casusId}/standen",
    response_model=antwoorden.Standantwoord,
    status_code=201,
    summary="Zicht bevestigen, een wachtlijst melden, of een stap in een crisis vastleggen",
)
async def post_stand(
    balie: BalieDep, casus_id: CasusPad, invoer: StandInvoer, wie: Standmelder, call: CallKey
) -> Response:
    return await balie.in_case(casus_id, ReportStand(invoer), wie=wie, call=call)


@router.post(
    "/casussen/{casusId}/afsluitingen",
    response_model=antwoorden.Sluiting,
    status_code=201,
    summary="Een casus sluiten",
)
async def post_afsluiting(
    balie: BalieDep, casus_id: CasusPad, invoer: AfsluitingInvoer, wie: Sluiter, call: CallKey
) -> Response:
    return await balie.in_case(casus_id, CloseCasus(invoer), wie=wie, call=call)


@router.post(
    "/casussen/{casusId}/correcties",
    response_model=antwoorden.Herstel,
    status_code=201,
    summary="Het moment van een feit herstellen",
)
async def post_correctie(
    balie: BalieDep, casus_id: CasusPad, invoer: CorrectieInvoer, wie: Corrector, call: CallKey
) -> Response:
    return await balie.in_case(casus_id, CorrectFeit(invoer), wie=wie, call=call)
