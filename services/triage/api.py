"""The HTTP interface of triage, in Dutch, by the NL API Design Rules."""

from collections.abc import Mapping
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, FastAPI, Query
from pydantic import JsonValue
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from contracts.afspraken import Afspraken, ContraIndicatie
from contracts.messages.documenten import Persoonsgegevens
from contracts.messages.identifiers import CasusId, derived_id, short_reference
from contracts.messages.verzegeld import Verzegeld
from services.runtime.decision import Incoming, JsonObject, Refused
from services.runtime.http import CallKey, Idempotency, caller, create_api, created, json_response, problem_response
from services.runtime.hub import Hub
from services.runtime.toegang import Caller, Scope, Verifier
from services.runtime.verzegeling import CaseShredded
from services.triage.domain.antwoord import NOT_FOUND
from services.triage.domain.casus import Casus, Fase
from services.triage.domain.huishouden import huishouden_keys
from services.triage.domain.invoer import (
    AdviesvraagInvoer,
    AfrondingInvoer,
    DienstInvoer,
    FeitenAanvulling,
    GespreksverslagInvoer,
    MeldingInvoer,
    MeldpuntmeldingInvoer,
    OvernameInvoer,
    TriagebesluitInvoer,
)
from services.triage.domain.kader import Kader, iso
from services.triage.domain.melding import Radar
from services.triage.handlers import (
    AddFeiten,
    FinishDienst,
    ReceiveMelding,
    ReceiveMeldpuntmelding,
    RegisterAdviesvraag,
    ReportGesprek,
    StartDienst,
    TakeOverMeldpuntmelding,
    TakeTriagebesluit,
)
from services.triage.ports import BesluitView, MeldingView, MeldpuntmeldingView, Opener, Queries

BASE_PATH = "/triage/v1"
VERSION = "1.0.0"

Jwk = Mapping[str, str | list[str]]
"""A public key (RFC 7517)."""

Schrijver = Annotated[Caller, Depends(caller(Scope.MELDINGEN_SCHRIJVEN))]
Lezer = Annotated[Caller, Depends(caller(Scope.MELDINGEN_LEZEN))]
Besluiter = Annotated[Caller, Depends(caller(Scope.TRIAGE_BESLUITEN))]
Meldpunt = Annotated[Caller, Depends(caller(Scope.MELDPUNT_SCHRIJVEN))]


def build_api(
    hub: Hub[Casus],
    *,
    kader: Kader,
    queries: Queries,
    opener: Opener,
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
    desk = _Desk(hub, kader, queries)
    _add_meldingen(api, desk)
    _add_diensten(api, desk)
    _add_meldpunt(api, desk)
    _add_reading(api, _Reading(kader, queries, opener))
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
        keys = huishouden_keys(invoer, self._kader.blind)
        earlier = await self._queries.earlier_cases(keys)
        return Radar(keys, earlier.eerdere, earlier.lopende)

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
    @api.post("/meldingen", status_code=201, summary="Een melding doen", tags=["meldingen"])
    async def post_melding(invoer: MeldingInvoer, wie: Schrijver, call: CallKey) -> Response:  # pyright: ignore[reportUnusedFunction]
        command = ReceiveMelding(invoer, without_self(await desk.look_around(invoer), invoer.kenmerk, wie))
        return await desk.open_case("melding", invoer.kenmerk, command, wie=wie, call=call, path="meldingen")

    @api.post("/meldingen/{id}/feiten", status_code=201, summary="Feiten toevoegen", tags=["meldingen"])
    async def post_feiten(id: UUID, invoer: FeitenAanvulling, wie: Schrijver, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.in_case("melding", id, AddFeiten(invoer), wie=wie, call=call, path="meldingen")

    @api.post(
        "/meldingen/{id}/triagebesluiten", status_code=201, summary="Een triagebesluit vastleggen", tags=["meldingen"]
    )
    async def post_triagebesluit(  # pyright: ignore[reportUnusedFunction]
        id: UUID,  # noqa: A002
        invoer: TriagebesluitInvoer,
        wie: Besluiter,
        call: CallKey,
    ) -> Response:
        path = f"meldingen/{id}/triagebesluiten"
        return await desk.in_case("melding", id, TakeTriagebesluit(invoer), wie=wie, call=call, path=path)

    @api.post("/adviesvragen", status_code=201, summary="Een adviesvraag vastleggen", tags=["adviesvragen"])
    async def post_adviesvraag(invoer: AdviesvraagInvoer, wie: Schrijver, call: CallKey) -> Response:  # pyright: ignore[reportUnusedFunction]
        command = RegisterAdviesvraag(invoer)
        return await desk.open_case("adviesvraag", invoer.kenmerk, command, wie=wie, call=call, path="adviesvragen")


def without_self(radar: Radar, kenmerk: str | None, wie: Caller, soort: str = "melding") -> Radar:
    """The radar without the case itself, which is there when a melding is sent again under its own reference."""
    if kenmerk is None:
        return radar
    own = derived_id(soort, wie.partij, kenmerk)
    return Radar(
        radar.huishouden,
        tuple(casus for casus in radar.eerdere_casussen if casus != own),
        tuple(casus for casus in radar.lopende_casussen if casus != own),
    )


def _add_diensten(api: FastAPI, desk: _Desk) -> None:
    @api.post("/casussen/{id}/diensten", status_code=201, summary="Een dienst starten", tags=["diensten"])
    async def post_dienst(id: UUID, invoer: DienstInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await desk.in_case("melding", id, StartDienst(invoer), wie=wie, call=call, path="diensten")

    @api.post("/diensten/{id}/afrondingen", status_code=201, summary="Een dienst afronden", tags=["diensten"])
    async def post_afronding(id: UUID, invoer: AfrondingInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        command = FinishDienst(id, invoer)
        return await desk.in_case("dienst", id, command, wie=wie, call=call, path=f"diensten/{id}/afrondingen")

    @api.post(
        "/diensten/{id}/overdrachtsgesprekken",
        status_code=201,
        summary="Vastleggen hoe een gepland overdrachtsgesprek liep",
        tags=["diensten"],
    )
    async def post_gesprek(id: UUID, invoer: GespreksverslagInvoer, wie: Besluiter, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        command = ReportGesprek(id, invoer)
        return await desk.in_case(
            "dienst", id, command, wie=wie, call=call, path=f"diensten/{id}/overdrachtsgesprekken"
        )


def _add_meldpunt(api: FastAPI, desk: _Desk) -> None:
    @api.post("/meldpuntmeldingen", status_code=201, summary="Een meldpuntmelding vastleggen", tags=["meldpunt"])
    async def post_meldpuntmelding(invoer: MeldpuntmeldingInvoer, wie: Meldpunt, call: CallKey) -> Response:  # pyright: ignore[reportUnusedFunction]
        radar = without_self(await desk.look_around(invoer), invoer.kenmerk, wie, "meldpuntmelding")
        command = ReceiveMeldpuntmelding(invoer, radar)
        return await desk.open_case(
            "meldpuntmelding", invoer.kenmerk, command, wie=wie, call=call, path="meldpuntmeldingen"
        )

    @api.post(
        "/meldpuntmeldingen/{id}/overnames", status_code=201, summary="Een meldpuntmelding overnemen", tags=["meldpunt"]
    )
    async def post_overname(id: UUID, invoer: OvernameInvoer, wie: Meldpunt, call: CallKey) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        command = TakeOverMeldpuntmelding(invoer)
        path = f"meldpuntmeldingen/{id}/overnames"
        return await desk.in_case("meldpuntmelding", id, command, wie=wie, call=call, path=path)


class _Reading:
    """Answers questions, each caller what it may know."""

    def __init__(self, kader: Kader, queries: Queries, opener: Opener) -> None:
        self._kader = kader
        self._queries = queries
        self._opener = opener

    async def melding(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._queries.melding(identifier)
        if found is None:
            return problem_response(NOT_FOUND)
        if self._kader.is_veilig_thuis_of(wie.actor, found.regio):
            return await self._whole(found)
        if found.afzender == wie.partij:
            return json_response(_status_of(found))
        return problem_response(NOT_FOUND)

    async def _whole(self, melding: MeldingView) -> Response:
        besluiten = await self._queries.besluiten(melding.casus_id)
        body = _status_of(melding) | {
            "bron": melding.bron,
            "urgentie": melding.urgentie,
            "meldpuntmeldingId": str(melding.meldpuntmelding_id) if melding.meldpuntmelding_id else None,
            "eerdereCasussen": list(melding.eerdere_casussen),
            "feiten": {to_camel(feit): value for feit, value in melding.feiten.items()},
            "triageadvies": self._explain(melding),
            "triagebesluiten": [_besluit(besluit) for besluit in besluiten],
        }
        sealed: Verzegeld[Persoonsgegevens] = Verzegeld(melding.persoonsgegevens)
        try:
            opened = await self._opener.open(melding.casus_id, sealed, Persoonsgegevens)
        except CaseShredded:
            return json_response(body | {"vernietigd": True})
        return json_response(body | opened.model_dump(mode="json", by_alias=True, exclude_none=True))

    async def meldingen(self, wie: Caller, *, status: Fase | None, na: UUID | None, limiet: int) -> Response:
        regio = self._kader.regio_of(wie.partij)
        if regio is None or not self._kader.is_veilig_thuis_of(wie.actor, regio):
            return json_response({"meldingen": []})
        wanted = status.value if status is not None else None
        found = await self._queries.meldingen(regio=regio, status=wanted, na=na, limiet=limiet)
        return json_response({"meldingen": [_status_of(melding) for melding in found]})

    async def triageadvies(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._queries.melding(identifier)
        if found is None or not self._kader.is_veilig_thuis_of(wie.actor, found.regio):
            return problem_response(NOT_FOUND)
        return json_response(self._explain(found))

    async def meldpuntmelding(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._queries.meldpuntmelding(identifier)
        if found is None:
            return problem_response(NOT_FOUND)
        if found.meldpunt != wie.partij and not self._kader.is_veilig_thuis_of(wie.actor, found.regio):
            return problem_response(NOT_FOUND)
        return json_response(_meldpunt(found))

    def _explain(self, melding: MeldingView) -> JsonObject | None:
        """The advice with the sentences it rests on."""
        advies = melding.triageadvies
        if advies is None:
            return None
        afspraken = self._kader.afspraken(
            regio=melding.regio, gemeente=melding.gemeente, ontvangen_op=melding.ontvangen_op
        )
        told = {
            "redenen": _told(advies["redenen"], afspraken),
            "teBeoordelen": _told(advies["teBeoordelen"], afspraken),
        }
        return {"meldingId": str(melding.id), "casusId": str(melding.casus_id), **advies, **told}


def _add_reading(api: FastAPI, reading: _Reading) -> None:
    @api.get("/meldingen", summary="De werkvoorraad van Veilig Thuis", tags=["meldingen"])
    async def get_meldingen(  # pyright: ignore[reportUnusedFunction]
        wie: Lezer,
        status: Fase | None = None,
        na: UUID | None = None,
        limiet: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        return await reading.meldingen(wie, status=status, na=na, limiet=limiet)

    @api.get("/meldingen/{id}", summary="Een melding inzien", tags=["meldingen"])
    async def get_melding(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.melding(id, wie)

    @api.get("/meldingen/{id}/triageadvies", summary="Het triageadvies met zijn bronnen", tags=["meldingen"])
    async def get_triageadvies(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.triageadvies(id, wie)

    @api.get("/meldpuntmeldingen/{id}", summary="De status van een meldpuntmelding", tags=["meldpunt"])
    async def get_meldpuntmelding(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.meldpuntmelding(id, wie)


def _add_key(api: FastAPI, sleutel: Jwk) -> None:
    @api.get("/sleutels", summary="De openbare sleutel waarmee een innamesysteem verzegelt", tags=["meldpunt"])
    async def get_sleutels() -> Response:  # pyright: ignore[reportUnusedFunction]
        return json_response({"keys": [sleutel]})


def _status_of(melding: MeldingView) -> JsonObject:
    """What also the sender may know (BK 4.2): how far it is, nothing of what it is about."""
    return {
        "id": str(melding.id),
        "casusId": str(melding.casus_id),
        "referentie": short_reference(melding.casus_id),
        "kenmerk": melding.kenmerk,
        "regio": melding.regio,
        "gemeente": melding.gemeente,
        "ontvangenOp": iso(melding.ontvangen_op),
        "status": melding.status,
    }


def _besluit(besluit: BesluitView) -> JsonObject:
    return {
        "id": str(besluit.id),
        "besluit": besluit.besluit,
        "genomenOp": iso(besluit.genomen_op),
        "functie": besluit.functie,
        "wijktAfVanAdvies": besluit.wijkt_af_van_advies,
        "ontvangers": list(besluit.ontvangers),
    }


def _meldpunt(melding: MeldpuntmeldingView) -> JsonObject:
    moments = {
        "ontvangenOp": melding.ontvangen_op,
        "doorgezetOp": melding.doorgezet_op,
        "overgenomenOp": melding.overgenomen_op,
    }
    return {
        "id": str(melding.id),
        "casusId": str(melding.casus_id),
        "referentie": short_reference(melding.casus_id),
        "status": melding.status,
        "crisis": melding.crisis,
        "uitkomst": melding.uitkomst,
        "doorgezetNaar": melding.doorgezet_naar,
        "overgenomenDoor": melding.overgenomen_door,
        **{name: iso(at) if at else None for name, at in moments.items()},
    }


def _told(gronden: object, afspraken: Afspraken) -> list[JsonValue]:
    return [_sentence(grond, afspraken) for grond in cast("list[JsonObject]", gronden)]


def _sentence(grond: JsonObject, afspraken: Afspraken) -> JsonObject:
    regel = afspraken.regel(str(grond["regelId"]))
    if regel is None:
        return grond
    question: JsonObject = {}
    if isinstance(regel, ContraIndicatie) and regel.oordeel is not None:
        question = {"oordeel": to_camel(regel.oordeel.value), "vraag": regel.vraag}
    feiten = [to_camel(str(feit)) for feit in cast("list[str]", grond["feiten"])]
    bron = {"document": regel.bron.document, "paragraaf": regel.bron.paragraaf, "citaat": regel.bron.citaat}
    return {**grond, "feiten": list(feiten), "label": regel.label, "lezing": regel.lezing, "bron": {**bron}, **question}
