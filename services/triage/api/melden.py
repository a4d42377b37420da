"""What callers bring to triage."""

from fastapi import APIRouter
from starlette.responses import Response

from services.runtime.http import CallKey
from services.runtime.http.provided import PathId
from services.runtime.http.route import ShortRoute
from services.triage.api import antwoorden
from services.triage.api.balie import Aanvuller, Adviseur, BalieDep, Besluiter, Melder, Meldpunt, Overnemer
from services.triage.domain.invoer import (
    AdviesvraagInvoer,
    AfrondingInvoer,
    DienstInvoer,
    FeitenAanvulling,
    GespreksverslagInvoer,
    HermeldingInvoer,
    InformeringInvoer,
    MeldingInvoer,
    MeldpuntmeldingInvoer,
    OvernameInvoer,
    TriagebesluitInvoer,
)
from services.triage.handlers.commands import (
    AddFeiten,
    FinishDienst,
    InformMelder,
    JudgeHermelding,
    ReceiveMelding,
    ReceiveMeldpuntmelding,
    RegisterAdviesvraag,
    ReportGesprek,
    StartDienst,
    TakeOverMeldpuntmelding,
    TakeTriagebesluit,
)
from services.triage.ports import rows

router = APIRouter(route_class=ShortRoute)


@router.post(
    "/meldingen",
    response_model=antwoorden.MeldingOntvangst,
    status_code=201,
    summary="Een melding doen",
    tags=["meldingen"],
)
async def post_melding(balie: BalieDep, invoer: MeldingInvoer, wie: Melder, call: CallKey) -> Response:
    command = ReceiveMelding(invoer, await balie.look_around("melding", invoer, wie))
    return await balie.open_case("melding", invoer.kenmerk, command, wie=wie, call=call, path="meldingen")


@router.post(
    "/meldingen/{id}/feiten",
    response_model=antwoorden.MeldingOntvangst,
    status_code=201,
    summary="Feiten toevoegen",
    tags=["meldingen"],
)
async def post_feiten(
    balie: BalieDep, melding_id: PathId, invoer: FeitenAanvulling, wie: Aanvuller, call: CallKey
) -> Response:
    return await balie.in_case("melding", melding_id, AddFeiten(invoer), wie=wie, call=call, path="meldingen")


@router.post(
    "/meldingen/{id}/triagebesluiten",
    response_model=antwoorden.Triagebesluit,
    status_code=201,
    summary="Een triagebesluit vastleggen",
    tags=["meldingen"],
)
async def post_triagebesluit(
    balie: BalieDep,
    melding_id: PathId,
    invoer: TriagebesluitInvoer,
    wie: Besluiter,
    call: CallKey,
) -> Response:
    path = f"meldingen/{melding_id}/triagebesluiten"
    return await balie.in_case("melding", melding_id, TakeTriagebesluit(invoer), wie=wie, call=call, path=path)


@router.post(
    "/meldingen/{id}/hermeldingen",
    response_model=antwoorden.Hermelding,
    status_code=201,
    summary="Een mogelijke hermelding koppelen of afwijzen",
    tags=["meldingen"],
)
async def post_hermelding(
    balie: BalieDep, melding_id: PathId, invoer: HermeldingInvoer, wie: Besluiter, call: CallKey
) -> Response:
    return await balie.in_case("melding", melding_id, JudgeHermelding(invoer), wie=wie, call=call, path="meldingen")


@router.post(
    "/adviesvragen",
    response_model=rows.Adviesvraag,
    status_code=201,
    summary="Een adviesvraag vastleggen",
    tags=["adviesvragen"],
)
async def post_adviesvraag(balie: BalieDep, invoer: AdviesvraagInvoer, wie: Adviseur, call: CallKey) -> Response:
    command = RegisterAdviesvraag(invoer)
    return await balie.open_case("adviesvraag", invoer.kenmerk, command, wie=wie, call=call, path="adviesvragen")


@router.post(
    "/meldingen/{id}/informeringen",
    response_model=antwoorden.Informering,
    status_code=201,
    summary="Vastleggen dat de melder is geïnformeerd",
    tags=["meldingen"],
)
async def post_informering(
    balie: BalieDep, melding_id: PathId, invoer: InformeringInvoer, wie: Besluiter, call: CallKey
) -> Response:
    return await balie.in_case("melding", melding_id, InformMelder(invoer), wie=wie, call=call, path="meldingen")


@router.post(
    "/casussen/{id}/diensten",
    response_model=rows.Dienst,
    status_code=201,
    summary="Een dienst starten",
    tags=["diensten"],
)
async def post_dienst(
    balie: BalieDep, casus_id: PathId, invoer: DienstInvoer, wie: Besluiter, call: CallKey
) -> Response:
    return await balie.in_case("melding", casus_id, StartDienst(invoer), wie=wie, call=call, path="diensten")


@router.post(
    "/diensten/{id}/afrondingen",
    response_model=rows.Dienst,
    status_code=201,
    summary="Een dienst afronden",
    tags=["diensten"],
)
async def post_afronding(
    balie: BalieDep, dienst_id: PathId, invoer: AfrondingInvoer, wie: Besluiter, call: CallKey
) -> Response:
    command = FinishDienst(dienst_id, invoer)
    return await balie.in_case("dienst", dienst_id, command, wie=wie, call=call, path="diensten")


@router.post(
    "/diensten/{id}/overdrachtsgesprekken",
    response_model=rows.Dienst,
    status_code=201,
    summary="Vastleggen hoe een gepland overdrachtsgesprek liep",
    tags=["diensten"],
)
async def post_gesprek(
    balie: BalieDep, dienst_id: PathId, invoer: GespreksverslagInvoer, wie: Besluiter, call: CallKey
) -> Response:
    command = ReportGesprek(dienst_id, invoer)
    return await balie.in_case("dienst", dienst_id, command, wie=wie, call=call, path="diensten")


@router.post(
    "/meldpuntmeldingen",
    response_model=rows.Meldpuntmelding,
    status_code=201,
    summary="Een meldpuntmelding vastleggen",
    tags=["meldpunt"],
)
async def post_meldpuntmelding(
    balie: BalieDep, invoer: MeldpuntmeldingInvoer, wie: Meldpunt, call: CallKey
) -> Response:
    command = ReceiveMeldpuntmelding(invoer, await balie.look_around("meldpuntmelding", invoer, wie))
    return await balie.open_case(
        "meldpuntmelding", invoer.kenmerk, command, wie=wie, call=call, path="meldpuntmeldingen"
    )


@router.post(
    "/meldpuntmeldingen/{id}/overnames",
    response_model=antwoorden.Overnamestand,
    status_code=201,
    summary="Een meldpuntmelding overnemen, of een ander dat vragen",
    tags=["meldpunt"],
)
async def post_overname(
    balie: BalieDep, meldpuntmelding_id: PathId, invoer: OvernameInvoer, wie: Overnemer, call: CallKey
) -> Response:
    command = TakeOverMeldpuntmelding(invoer)
    return await balie.in_case(
        "meldpuntmelding", meldpuntmelding_id, command, wie=wie, call=call, path="meldpuntmeldingen"
    )
