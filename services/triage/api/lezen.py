"""Reading what triage knows, each caller what it may know."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, FastAPI, Query
from pydantic import JsonValue
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from contracts.afspraken import Afspraken, ContraIndicatie
from contracts.messages.documenten import Persoonsgegevens
from contracts.messages.identifiers import short_reference
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad, may
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller, Scope
from services.runtime.http import caller, json_response, problem_response
from services.runtime.http.reading import Inkijk
from services.runtime.unit.decision import JsonObject, Refused
from services.triage.api import antwoorden
from services.triage.domain.antwoord import NOT_FOUND
from services.triage.domain.casus import Fase
from services.triage.domain.kader import Kader, iso
from services.triage.domain.relaties import of_melding, of_meldpuntmelding, of_regio
from services.triage.handlers import NoteReading
from services.triage.ports import AdviesvraagView, BesluitView, DienstView, MeldingView, MeldpuntmeldingView, Queries

Lezer = Annotated[Caller, Depends(caller(Scope.MELDINGEN_LEZEN))]


class Reading:
    """Answers questions, each caller what it may know."""

    def __init__(self, kader: Kader, queries: Queries, inkijk: Inkijk) -> None:
        self._kader = kader
        self._queries = queries
        self._inkijk = inkijk

    async def melding(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._queries.melding(identifier)
        if found is None:
            return problem_response(NOT_FOUND)
        relaties = of_melding(wie.actor, found, self._kader)
        if may(Daad.MELDING_LEZEN, relaties):
            return await self._whole(found, wie)
        if may(Daad.MELDINGSTATUS_LEZEN, relaties):
            return json_response(_status_of(found))
        return problem_response(NOT_FOUND)

    async def _whole(self, melding: MeldingView, wie: Caller) -> Response:
        """Everything, once it was noted that it is read."""
        besluiten = await self._queries.besluiten(melding.casus_id)
        body = _status_of(melding) | {
            "bron": melding.bron,
            "urgentie": melding.urgentie,
            "melderGeinformeerdOp": None
            if melding.melder_geinformeerd_op is None
            else iso(melding.melder_geinformeerd_op),
            "meldpuntmeldingId": str(melding.meldpuntmelding_id) if melding.meldpuntmelding_id else None,
            "eerdereCasussen": list(melding.eerdere_casussen),
            "feiten": {to_camel(feit): value for feit, value in melding.feiten.items()},
            "triageadvies": self._explain(melding),
            "triagebesluiten": [_besluit(besluit) for besluit in besluiten],
        }
        sealed: Verzegeld[Persoonsgegevens] = Verzegeld(melding.persoonsgegevens)
        try:
            opened = await self._inkijk.open(
                melding.casus_id, sealed, Persoonsgegevens, actor=wie.actor, note=NoteReading(melding.id)
            )
        except CaseShredded:
            return json_response(body | {"vernietigd": True})
        if isinstance(opened, Refused):
            return problem_response(opened)
        return json_response(body | opened.model_dump(mode="json", by_alias=True, exclude_none=True))

    async def meldingen(self, wie: Caller, *, status: Fase | None, na: UUID | None, limiet: int) -> Response:
        regio = self._kader.regio_of(wie.partij)
        if regio is None or not self._may_read(regio, wie):
            return json_response({"meldingen": []})
        wanted = status.value if status is not None else None
        found = await self._queries.meldingen(regio=regio, status=wanted, na=na, limiet=limiet)
        return json_response({"meldingen": [_status_of(melding) for melding in found]})

    async def triageadvies(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._queries.melding(identifier)
        if found is None or not self._may_read(found.regio, wie):
            return problem_response(NOT_FOUND)
        return json_response(self._explain(found))

    async def triagebesluit(self, identifier: UUID, besluit_id: UUID, wie: Caller) -> Response:
        found = await self._queries.melding(identifier)
        if found is None or not self._may_read(found.regio, wie):
            return problem_response(NOT_FOUND)
        besluiten = await self._queries.besluiten(found.casus_id)
        wanted = next((besluit for besluit in besluiten if besluit.id == besluit_id), None)
        return problem_response(NOT_FOUND) if wanted is None else json_response(_besluit(wanted))

    async def dienst(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._queries.dienst(identifier)
        if found is None or not self._may_read(found.regio, wie):
            return problem_response(NOT_FOUND)
        return json_response(_dienst(found))

    async def adviesvraag(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._queries.adviesvraag(identifier)
        if found is None or not self._may_read(found.regio, wie):
            return problem_response(NOT_FOUND)
        return json_response(_adviesvraag(found))

    async def meldpuntmelding(self, identifier: UUID, wie: Caller) -> Response:
        found = await self._queries.meldpuntmelding(identifier)
        if found is None or not may(Daad.MELDPUNTSTATUS_LEZEN, of_meldpuntmelding(wie.actor, found, self._kader)):
            return problem_response(NOT_FOUND)
        return json_response(_meldpunt(found))

    def _may_read(self, regio: str, wie: Caller) -> bool:
        return may(Daad.MELDING_LEZEN, of_regio(wie.actor, regio, self._kader))

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


def add_reading(api: FastAPI, reading: Reading) -> None:
    @api.get(
        "/meldingen",
        response_model=antwoorden.Meldingen,
        summary="De werkvoorraad van Veilig Thuis",
        tags=["meldingen"],
    )
    async def get_meldingen(  # pyright: ignore[reportUnusedFunction]
        wie: Lezer,
        status: Fase | None = None,
        na: UUID | None = None,
        limiet: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        return await reading.meldingen(wie, status=status, na=na, limiet=limiet)

    @api.get(
        "/meldingen/{id}", response_model=antwoorden.MeldingInzage, summary="Een melding inzien", tags=["meldingen"]
    )
    async def get_melding(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.melding(id, wie)

    @api.get(
        "/meldingen/{id}/triageadvies",
        response_model=antwoorden.Triageadvies,
        summary="Het triageadvies met zijn bronnen",
        tags=["meldingen"],
    )
    async def get_triageadvies(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.triageadvies(id, wie)

    @api.get(
        "/meldingen/{id}/triagebesluiten/{besluitId}",
        response_model=antwoorden.Besluitregel,
        summary="Een triagebesluit inzien",
        tags=["meldingen"],
    )
    async def get_triagebesluit(id: UUID, besluitId: UUID, wie: Lezer) -> Response:  # noqa: A002, N803  # pyright: ignore[reportUnusedFunction]
        return await reading.triagebesluit(id, besluitId, wie)

    @api.get("/diensten/{id}", response_model=antwoorden.Dienst, summary="Een dienst inzien", tags=["diensten"])
    async def get_dienst(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.dienst(id, wie)

    @api.get(
        "/adviesvragen/{id}",
        response_model=antwoorden.Adviesvraag,
        summary="Een adviesvraag inzien",
        tags=["adviesvragen"],
    )
    async def get_adviesvraag(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.adviesvraag(id, wie)

    @api.get(
        "/meldpuntmeldingen/{id}",
        response_model=antwoorden.Meldpuntmelding,
        summary="De status van een meldpuntmelding",
        tags=["meldpunt"],
    )
    async def get_meldpuntmelding(id: UUID, wie: Lezer) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return await reading.meldpuntmelding(id, wie)


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


def _dienst(dienst: DienstView) -> JsonObject:
    return {
        "id": str(dienst.id),
        "casusId": str(dienst.casus_id),
        "referentie": short_reference(dienst.casus_id),
        "dienstsoort": dienst.dienstsoort,
        "gestartOp": iso(dienst.gestart_op),
        "afgerondOp": iso(dienst.afgerond_op) if dienst.afgerond_op is not None else None,
        "ontvangers": list(dienst.ontvangers),
        "overdrachtsgesprek": dienst.overdrachtsgesprek,
    }


def _adviesvraag(vraag: AdviesvraagView) -> JsonObject:
    return {
        "id": str(vraag.id),
        "casusId": str(vraag.casus_id),
        "referentie": short_reference(vraag.casus_id),
        "regio": vraag.regio,
        "onderwerp": vraag.onderwerp,
        "gesteldOp": iso(vraag.gesteld_op),
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
