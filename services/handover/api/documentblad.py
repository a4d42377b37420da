"""The overdrachtsdocument as a page, for people who signed in: noted first who reads it, as everywhere."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from contracts.messages.identifiers import short_reference
from contracts.rechten import Daad
from services.handover.api.balie import BASE_PATH, Lezer
from services.handover.api.bladzijden import Bladzijden
from services.handover.api.brieven import Briefkamer
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.brieven import list_regels
from services.handover.domain.kader import Kader
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller
from services.runtime.http import problem_response
from services.runtime.http.provided import PathId, provided
from services.runtime.unit.decision import Refused

router = APIRouter(include_in_schema=False)

PATH = "/overdrachten/{id}/document"


def document_address(overdracht_id: UUID) -> str:
    """Where it is read, which says nothing about people."""
    return BASE_PATH + PATH.format(id=overdracht_id)


class Documentblad:
    """Shows the document to whoever may read it now."""

    def __init__(self, kader: Kader, kamer: Briefkamer) -> None:
        self._kader = kader
        self._kamer = kamer
        self._bladzijden = Bladzijden(kader.register.naam)

    async def show(self, identifier: UUID, wie: Caller) -> Response:
        overdracht = await self._kamer.find(identifier, Daad.OVERDRACHT_LEZEN, wie)
        if isinstance(overdracht, Refused):
            return problem_response(overdracht)
        try:
            document = await self._kamer.document(overdracht, wat="overdrachtsdocument", actor=wie.actor)
        except CaseShredded:
            document = None
        if document is None:
            return problem_response(NOT_FOUND)
        if isinstance(document, Refused):
            return problem_response(document)
        return self._bladzijden.show(
            "overdrachtsdocument",
            200,
            wie,
            casus=overdracht.casus_id,
            adres=f"{BASE_PATH}/overdrachten/{overdracht.id}",
            referentie=short_reference(overdracht.casus_id),
            regels=list_regels(document, self._kader.afspraken(overdracht), with_bsn=True),
            bijlagen=document.bijlagen or (),
        )


BladDep = Annotated[Documentblad, Depends(provided(Documentblad))]


@router.get(PATH)
async def get_document(blad: BladDep, overdracht_id: PathId, wie: Lezer) -> Response:
    return await blad.show(overdracht_id, wie)
