"""Reading what triage knows, each caller what it may know."""

from collections.abc import Mapping
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import JsonValue
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from contracts.afspraken import Afspraken, ContraIndicatie
from contracts.messages.documenten import Persoonsgegevens
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad, may
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller
from services.runtime.http import json_response, problem_response
from services.runtime.http.provided import PathId, provided
from services.runtime.http.reading import Inkijk
from services.runtime.http.route import ShortRoute
from services.runtime.unit.decision import JsonObject, Refused
from services.runtime.unit.rows import answer_of
from services.triage.api import antwoorden
from services.triage.api.balie import Advieslezer, Lezer, Lijstlezer, Meldpuntlezer, Statuslezer
from services.triage.domain.antwoord import NOT_FOUND
from services.triage.domain.casus import Fase
from services.triage.domain.kader import Kader
from services.triage.domain.relaties import of_melding, of_meldpuntmelding, of_regio
from services.triage.handlers.commands import NoteInzage
from services.triage.ports import Queries, rows

router = APIRouter(route_class=ShortRoute)

Jwk = Mapping[str, str | list[str]]
"""A public key (RFC 7517)."""


class Inzage:
    """Answers questions, each caller what it may know. `sleutel` is for anybody."""

    def __init__(self, kader: Kader, queries: Queries, inkijk: Inkijk, sleutel: Jwk) -> None:
        self.sleutel = sleutel
        self._kader = kader
        self._queries = queries
        self._inkijk = inkijk

    async def melding(self, identifier: UUID, wie: Caller) -> Response:
        melding = await self._queries.melding(identifier)
        if melding is None:
            return problem_response(NOT_FOUND)
        relaties = of_melding(wie.actor, melding, self._kader)
        if may(Daad.MELDING_LEZEN, relaties, wie.rollen_now):
            return await self._whole(melding, wie)
        if may(Daad.MELDINGSTATUS_LEZEN, relaties, wie.rollen_now):
            return json_response(answer_of(melding, rows.Meldingstatus))
        return problem_response(NOT_FOUND)

    async def _whole(self, melding: rows.Melding, wie: Caller) -> Response:
        """Everything, once it was noted that it is read."""
        besluiten = await self._queries.besluiten(melding.casus_id)
        body = answer_of(melding) | {
            "feiten": {to_camel(feit): value for feit, value in (melding.feiten or {}).items()},
            "triageadvies": self.explain(melding),
            "triagebesluiten": [answer_of(besluit) for besluit in besluiten],
        }
        sealed: Verzegeld[Persoonsgegevens] = Verzegeld(melding.persoonsgegevens)
        try:
            opened = await self._inkijk.open(
                melding.casus_id, sealed, Persoonsgegevens, actor=wie.actor, note=NoteInzage(melding.id)
            )
        except CaseShredded:
            return json_response(body | {"vernietigd": True})
        if isinstance(opened, Refused):
            return problem_response(opened)
        return json_response(body | opened.model_dump(mode="json", by_alias=True, exclude_none=True))

    async def meldingen(
        self, wie: Caller, *, status: Fase | None, te_vergelijken: bool | None, na: UUID | None, limiet: int
    ) -> Response:
        regio = self._kader.regio_of(wie.partij)
        if regio is None or not self._may_read(regio, wie):
            return json_response({"meldingen": []})
        wanted = status.value if status is not None else None
        meldingen = await self._queries.meldingen(
            regio=regio, status=wanted, te_vergelijken=te_vergelijken, na=na, limiet=limiet
        )
        return json_response({"meldingen": [answer_of(melding, rows.Meldingstatus) for melding in meldingen]})

    async def triageadvies(self, identifier: UUID, wie: Caller) -> Response:
        melding = await self._queries.melding(identifier)
        if melding is None or not self._may_read(melding.regio, wie):
            return problem_response(NOT_FOUND)
        return json_response(self.explain(melding))

    async def triagebesluit(self, identifier: UUID, besluit_id: UUID, wie: Caller) -> Response:
        melding = await self._queries.melding(identifier)
        if melding is None or not self._may_read(melding.regio, wie):
            return problem_response(NOT_FOUND)
        besluiten = await self._queries.besluiten(melding.casus_id)
        wanted = next((besluit for besluit in besluiten if besluit.id == besluit_id), None)
        return problem_response(NOT_FOUND) if wanted is None else json_response(answer_of(wanted))

    async def dienst(self, identifier: UUID, wie: Caller) -> Response:
        dienst = await self._queries.dienst(identifier)
        if dienst is None or not self._may_read(dienst.regio, wie):
            return problem_response(NOT_FOUND)
        return json_response(answer_of(dienst))

    async def adviesvraag(self, identifier: UUID, wie: Caller) -> Response:
        adviesvraag = await self._queries.adviesvraag(identifier)
        if adviesvraag is None or not self._may_read(adviesvraag.regio, wie):
            return problem_response(NOT_FOUND)
        return json_response(answer_of(adviesvraag))

    async def meldpuntmelding(self, identifier: UUID, wie: Caller) -> Response:
        meldpuntmelding = await self._queries.meldpuntmelding(identifier)
        if meldpuntmelding is None or not may(
            Daad.MELDPUNTSTATUS_LEZEN, of_meldpuntmelding(wie.actor, meldpuntmelding, self._kader)
        ):
            return problem_response(NOT_FOUND)
        return json_response(answer_of(meldpuntmelding))

    def _may_read(self, regio: str, wie: Caller) -> bool:
        return may(Daad.MELDING_LEZEN, of_regio(wie.actor, regio, self._kader))

    def explain(self, melding: rows.Melding) -> JsonObject | None:
        """The advice with the sentences it rests on."""
        advies: JsonObject | None = melding.triageadvies
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


InzageDep = Annotated[Inzage, Depends(provided(Inzage))]


@router.get(
    "/meldingen",
    response_model=antwoorden.Meldingen,
    summary="De werkvoorraad van Veilig Thuis",
    tags=["meldingen"],
)
async def get_meldingen(
    inzage: InzageDep,
    wie: Lijstlezer,
    status: Fase | None = None,
    te_vergelijken: Annotated[
        bool | None,
        Query(
            alias="teVergelijken",
            description="Alleen meldingen waarbij mogelijke hermeldingen nog te vergelijken zijn.",
        ),
    ] = None,
    na: UUID | None = None,
    limiet: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    return await inzage.meldingen(wie, status=status, te_vergelijken=te_vergelijken, na=na, limiet=limiet)


@router.get(
    "/meldingen/{id}", response_model=antwoorden.MeldingInzage, summary="Een melding inzien", tags=["meldingen"]
)
async def get_melding(inzage: InzageDep, melding_id: PathId, wie: Statuslezer) -> Response:
    return await inzage.melding(melding_id, wie)


@router.get(
    "/meldingen/{id}/triageadvies",
    response_model=antwoorden.Triageadvies,
    summary="Het triageadvies met zijn bronnen",
    tags=["meldingen"],
)
async def get_triageadvies(inzage: InzageDep, melding_id: PathId, wie: Lezer) -> Response:
    return await inzage.triageadvies(melding_id, wie)


@router.get(
    "/meldingen/{id}/triagebesluiten/{besluitId}",
    response_model=rows.Besluitregel,
    summary="Een triagebesluit inzien",
    tags=["meldingen"],
)
async def get_triagebesluit(
    inzage: InzageDep, melding_id: PathId, besluit_id: Annotated[UUID, Path(alias="besluitId")], wie: Lezer
) -> Response:
    return await inzage.triagebesluit(melding_id, besluit_id, wie)


@router.get("/diensten/{id}", response_model=rows.Dienst, summary="Een dienst inzien", tags=["diensten"])
async def get_dienst(inzage: InzageDep, dienst_id: PathId, wie: Lezer) -> Response:
    return await inzage.dienst(dienst_id, wie)


@router.get(
    "/adviesvragen/{id}",
    response_model=rows.Adviesvraag,
    summary="Een adviesvraag inzien",
    tags=["adviesvragen"],
)
async def get_adviesvraag(inzage: InzageDep, adviesvraag_id: PathId, wie: Advieslezer) -> Response:
    return await inzage.adviesvraag(adviesvraag_id, wie)


@router.get(
    "/meldpuntmeldingen/{id}",
    response_model=rows.Meldpuntmelding,
    summary="De status van een meldpuntmelding",
    tags=["meldpunt"],
)
async def get_meldpuntmelding(inzage: InzageDep, meldpuntmelding_id: PathId, wie: Meldpuntlezer) -> Response:
    return await inzage.meldpuntmelding(meldpuntmelding_id, wie)


@router.get(
    "/sleutels",
    response_model=antwoorden.Sleutels,
    summary="De openbare sleutel waarmee een innamesysteem verzegelt",
    tags=["meldpunt"],
)
async def get_sleutels(inzage: InzageDep) -> Response:
    return json_response({"keys": [inzage.sleutel]})


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
