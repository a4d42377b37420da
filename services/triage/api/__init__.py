"""The HTTP interface of triage, in Dutch, by the NL API Design Rules."""

from collections.abc import Iterator, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI
from starlette.responses import Response

from contracts.messages.documenten import wrong_in_body
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId, derived_id
from services.runtime.access.tokens import Caller, Scope, Verifier
from services.runtime.http import CallKey, Idempotency, caller, create_api, created, json_response, problem_response
from services.runtime.http.reading import Inkijk
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.hub import Hub
from services.triage.api import antwoorden
from services.triage.api.lezen import Reading, add_reading
from services.triage.domain.casus import Casus
from services.triage.domain.huishouden import Radar, huishouden_sleutels, make_radar
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
from services.triage.domain.kader import Kader, local_date
from services.triage.handlers import (
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
from services.triage.ports import Queries, rows

BASE_PATH = "/triage/v1"
VERSION = "1.0.0"

Jwk = Mapping[str, str | list[str]]
"""A public key (RFC 7517)."""

Schrijver = Annotated[Caller, Depends(caller(Scope.MELDINGEN_SCHRIJVEN))]
Besluiter = Annotated[Caller, Depends(caller(Scope.TRIAGE_BESLUITEN))]
Meldpunt = Annotated[Caller, Depends(caller(Scope.MELDPUNT_SCHRIJVEN))]
Overnemer = Annotated[Caller, Depends(caller(Scope.MELDPUNT_SCHRIJVEN, Scope.OVERDRACHTEN_BEVESTIGEN))]
"""Also who was asked to take over."""


def build_api(
    hub: Hub[Casus],
    *,
    kader: Kader,
    queries: Queries,
    inkijk: Inkijk,
    verifier: Verifier,
    sleutel: Jwk,
    public_url: str = "",
) -> FastAPI:
    """The app that serves `/triage/v1`."""
    api = create_api(
        title="Houvast triage",
        version=VERSION,
        description="Meldingen, adviesvragen, triageadvies en triagebesluit, diensten en het Meldpunt Crisiszorg.",
        base_path=BASE_PATH,
        name="triage",
        verifier=verifier,
        public_url=public_url,
    )

    def also_wrong(body: Mapping[str, object]) -> Iterator[Problem]:
        today = local_date(hub.klok.now())
        yield from kader.wrong_gemeente(body, today)
        yield from wrong_in_body(body, today)

    api.state.also_wrong = also_wrong
    desk = _Desk(hub, kader, queries)
    _add_meldingen(api, desk)
    _add_informing(api, desk)
    _add_diensten(api, desk)
    _add_meldpunt(api, desk)
    add_reading(api, Reading(kader, queries, inkijk))
    _add_key(api, sleutel)
    return api


class _Desk:
    """Takes commands: finds the case, submits, answers."""

    def __init__(self, hub: Hub[Casus], kader: Kader, queries: Queries) -> None:
        self._hub = hub
        self._kader = kader
        self._queries = queries

    async def open_case(
        self, soort: str, kenmerk: str | None, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        """A command that begins a case. The same reference from the same party is the same case."""
        parts = (soort, wie.partij, kenmerk) if kenmerk is not None else ("casus", str(call.key))
        casus_id = CasusId(derived_id(*parts))
        return await self._submit(casus_id, command, wie=wie, call=call, path=path)

    async def in_case(
        self, kind: str, identifier: UUID, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        """A command about something in a case that exists; it may be named by its own id or that of the case."""
        found = await self._hub.find(kind, str(identifier))
        casus_id = found[0] if found else CasusId(identifier)
        return await self._submit(casus_id, command, wie=wie, call=call, path=path)

    async def look_around(self, invoer: MeldingInvoer | MeldpuntmeldingInvoer) -> Radar:
        """What is known about this household, without anyone's name (MB 3.1)."""
        sleutels = huishouden_sleutels(invoer, self._kader.blind, now=self._hub.klok.now())
        return make_radar(sleutels, await self._queries.earlier_cases(tuple(sleutels.gezocht)))

    async def _submit(
        self, casus_id: CasusId, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        reply = await self._hub.submit(
            Incoming(key=call.key, casus_id=casus_id, payload=command, actor=wie.actor, fingerprint=call.fingerprint)
        )
        if isinstance(reply, Refused):
            return problem_response(reply)
        answer = reply.answer or {}
        return created(f"{BASE_PATH}/{path}/{answer.get('id', casus_id)}", answer)


def _add_meldingen(api: FastAPI, desk: _Desk) -> None:
    @api.post(
        "/meldingen",
        response_model=antwoorden.MeldingOntvangst,
        status_code=201,
        summary="Een melding doen",
        tags=["meldingen"],
    )
    async def post_melding(invoer: MeldingInvoer, wie: Schrijver, call: CallKey) -> Response:  # pyright: ignore[reportUnusedFunction]
        command = ReceiveMelding(invoer, without_self(await desk.look_around(invoer), invoer.kenmerk, wie))
        return await desk.open_case("melding", invoer.kenmerk, command, wie=wie, call=call, path="meldingen")

    @api.post(
        "/meldingen/{id}/feiten",
        response_model=antwoorden.MeldingOntvangst,
        status_code=201,
        summary="Feiten toevoegen",
        tags=["meldingen"],
    )
    async def post_feiten(id: UUID, invoer: FeitenAanvulling, wie: Schrijver, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.in_case("melding", id, AddFeiten(invoer), wie=wie, call=call, path="meldingen")

    @api.post(
        "/meldingen/{id}/triagebesluiten",
        response_model=antwoorden.Triagebesluit,
        status_code=201,
        summary="Een triagebesluit vastleggen",
        tags=["meldingen"],
    )
    async def post_triagebesluit(  # pyright: ignore[reportUnusedFunction]
        id: UUID,  # noqa: A002
        invoer: TriagebesluitInvoer,
        wie: Besluiter,
        call: CallKey,
    ) -> Response:
        path = f"meldingen/{id}/triagebesluiten"
        return await desk.in_case("melding", id, TakeTriagebesluit(invoer), wie=wie, call=call, path=path)

    @api.post(
        "/meldingen/{id}/hermeldingen",
        response_model=antwoorden.Hermelding,
        status_code=201,
        summary="Een mogelijke hermelding koppelen of afwijzen",
        tags=["meldingen"],
    )
    async def post_hermelding(id: UUID, invoer: HermeldingInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.in_case("melding", id, JudgeHermelding(invoer), wie=wie, call=call, path="meldingen")

    @api.post(
        "/adviesvragen",
        response_model=rows.Adviesvraag,
        status_code=201,
        summary="Een adviesvraag vastleggen",
        tags=["adviesvragen"],
    )
    async def post_adviesvraag(invoer: AdviesvraagInvoer, wie: Schrijver, call: CallKey) -> Response:  # pyright: ignore[reportUnusedFunction]
        command = RegisterAdviesvraag(invoer)
        return await desk.open_case("adviesvraag", invoer.kenmerk, command, wie=wie, call=call, path="adviesvragen")


def without_self(radar: Radar, kenmerk: str | None, wie: Caller, soort: str = "melding") -> Radar:
    """The radar without the case itself, which is there when a melding is sent again under its own reference."""
    if kenmerk is None:
        return radar
    return radar.without(derived_id(soort, wie.partij, kenmerk))


def _add_informing(api: FastAPI, desk: _Desk) -> None:
    @api.post(
        "/meldingen/{id}/informeringen",
        response_model=antwoorden.Informering,
        status_code=201,
        summary="Vastleggen dat de melder is geïnformeerd",
        tags=["meldingen"],
    )
    async def post_informering(id: UUID, invoer: InformeringInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.in_case("melding", id, InformMelder(invoer), wie=wie, call=call, path="meldingen")


def _add_diensten(api: FastAPI, desk: _Desk) -> None:
    @api.post(
        "/casussen/{id}/diensten",
        response_model=rows.Dienst,
        status_code=201,
        summary="Een dienst starten",
        tags=["diensten"],
    )
    async def post_dienst(id: UUID, invoer: DienstInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.in_case("melding", id, StartDienst(invoer), wie=wie, call=call, path="diensten")

    @api.post(
        "/diensten/{id}/afrondingen",
        response_model=rows.Dienst,
        status_code=201,
        summary="Een dienst afronden",
        tags=["diensten"],
    )
    async def post_afronding(id: UUID, invoer: AfrondingInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        command = FinishDienst(id, invoer)
        return await desk.in_case("dienst", id, command, wie=wie, call=call, path="diensten")

    @api.post(
        "/diensten/{id}/overdrachtsgesprekken",
        response_model=rows.Dienst,
        status_code=201,
        summary="Vastleggen hoe een gepland overdrachtsgesprek liep",
        tags=["diensten"],
    )
    async def post_gesprek(id: UUID, invoer: GespreksverslagInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        command = ReportGesprek(id, invoer)
        return await desk.in_case("dienst", id, command, wie=wie, call=call, path="diensten")


def _add_meldpunt(api: FastAPI, desk: _Desk) -> None:
    @api.post(
        "/meldpuntmeldingen",
        response_model=rows.Meldpuntmelding,
        status_code=201,
        summary="Een meldpuntmelding vastleggen",
        tags=["meldpunt"],
    )
    async def post_meldpuntmelding(invoer: MeldpuntmeldingInvoer, wie: Meldpunt, call: CallKey) -> Response:  # pyright: ignore[reportUnusedFunction]
        radar = without_self(await desk.look_around(invoer), invoer.kenmerk, wie, "meldpuntmelding")
        command = ReceiveMeldpuntmelding(invoer, radar)
        return await desk.open_case(
            "meldpuntmelding", invoer.kenmerk, command, wie=wie, call=call, path="meldpuntmeldingen"
        )

    @api.post(
        "/meldpuntmeldingen/{id}/overnames",
        response_model=antwoorden.Overnamestand,
        status_code=201,
        summary="Een meldpuntmelding overnemen, of een ander dat vragen",
        tags=["meldpunt"],
    )
    async def post_overname(id: UUID, invoer: OvernameInvoer, wie: Overnemer, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        command = TakeOverMeldpuntmelding(invoer)
        return await desk.in_case("meldpuntmelding", id, command, wie=wie, call=call, path="meldpuntmeldingen")


def _add_key(api: FastAPI, sleutel: Jwk) -> None:
    @api.get(
        "/sleutels",
        response_model=antwoorden.Sleutels,
        summary="De openbare sleutel waarmee een innamesysteem verzegelt",
        tags=["meldpunt"],
    )
    async def get_sleutels() -> Response:  # pyright: ignore[reportUnusedFunction]
        return json_response({"keys": [sleutel]})
