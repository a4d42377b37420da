"""The letters about an overdracht, as PDF, for whoever may read them; noted before they are given."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from contracts.afspraken import local_date
from contracts.messages.documenten import Overdrachtsdocument, Professional
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import short_reference
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad
from services.handover.api.balie import Brieflezer
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.brieven import Briefgegevens, Briefsoort, write_brief
from services.handover.domain.kader import Kader
from services.handover.domain.relaties import of_overdracht, refuse_reading
from services.handover.handlers.commands import NoteInzage
from services.handover.ports import Brieven, Queries, rows
from services.runtime.access.actor import Actor
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller
from services.runtime.http import problem_response
from services.runtime.http.provided import PathId, provided
from services.runtime.http.reading import Inkijk
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Refused
from services.runtime.unit.outcomes import invalid

router = APIRouter()


class Briefkamer:
    """Opens documents and writes letters."""

    def __init__(self, *, kader: Kader, queries: Queries, inkijk: Inkijk, brieven: Brieven, klok: Klok) -> None:
        self._kader = kader
        self._queries = queries
        self._inkijk = inkijk
        self._brieven = brieven
        self._klok = klok

    async def find(self, identifier: UUID, daad: Daad, wie: Caller) -> rows.Overdrachtregel | Refused:
        """The overdracht, for whom may do this with it now."""
        at = self._klok.now()
        kring = self._kader.kring(daad, wie.partij, at)
        overdracht = None if kring is None else await self._queries.overdracht(identifier, kring)
        if overdracht is None:
            return NOT_FOUND
        return refuse_reading(daad, of_overdracht(wie.actor, overdracht, kader=self._kader, at=at)) or overdracht

    async def document(
        self, overdracht: rows.Overdrachtregel, *, wat: str, actor: Actor, lezer: Professional | None = None
    ) -> Overdrachtsdocument | Refused | None:
        """The overdrachtsdocument, once it was noted that `wat` is read and by whom. Raises `CaseShredded`."""
        jwe = await self._queries.document(overdracht.id)
        if jwe is None:
            return None
        sealed: Verzegeld[Overdrachtsdocument] = Verzegeld(jwe)
        return await self._inkijk.open(
            overdracht.casus_id,
            sealed,
            Overdrachtsdocument,
            actor=actor,
            note=NoteInzage(overdracht.id, wat, lezer),
        )

    async def write(
        self,
        overdracht: rows.Overdrachtregel,
        soort: Briefsoort,
        document: Overdrachtsdocument,
        *,
        betrokkene: int | None = None,
    ) -> bytes | Refused:
        """The letter as PDF, to the numbered betrokkene where one is asked for."""
        if betrokkene is not None and betrokkene > len(document.betrokkenen):
            return invalid([Problem("query.betrokkene", f"er zijn {len(document.betrokkenen)} betrokkenen")])
        person = None if betrokkene is None else document.betrokkenen[betrokkene - 1]
        on = local_date(self._klok.now())
        brief = write_brief(soort, self._gegevens(overdracht, document), on=on, betrokkene=person)
        return brief if isinstance(brief, Refused) else await self._brieven.render(brief)

    def _gegevens(self, overdracht: rows.Overdrachtregel, document: Overdrachtsdocument) -> Briefgegevens:
        kader = self._kader
        return Briefgegevens(
            referentie=short_reference(overdracht.casus_id),
            soort=overdracht.soort,
            team=kader.naam_of_team(overdracht, self._klok.now()),
            gemeente=kader.register.naam(overdracht.gemeente),
            partij=overdracht.partij,
            aangeboden_door=overdracht.aangeboden_door and kader.register.naam(overdracht.aangeboden_door),
            is_gevraagd=overdracht.is_gevraagd,
            veilig_thuis=kader.register.veilig_thuis(overdracht.regio).naam,
            melding_ontvangen_op=overdracht.melding_ontvangen_op,
            overgedragen_op=overdracht.afgeleverd_op or overdracht.aangemaakt_op,
            document=document,
            afspraken=kader.afspraken(overdracht),
        )


class Briefbalie:
    """Gives a letter to whoever may have it: Veilig Thuis every one, the receiver the one that is for it."""

    def __init__(self, kamer: Briefkamer) -> None:
        self._kamer = kamer

    async def give(self, identifier: UUID, soort: Briefsoort, wie: Caller, *, betrokkene: int | None) -> Response:
        daad = Daad.OVERDRACHT_LEZEN if soort is Briefsoort.OVERDRACHT else Daad.BETROKKENENBRIEF_LEZEN
        overdracht = await self._kamer.find(identifier, daad, wie)
        if isinstance(overdracht, Refused):
            return problem_response(overdracht)
        brief = await self._write(overdracht, soort, wie, betrokkene=betrokkene)
        if isinstance(brief, Refused):
            return problem_response(brief)
        return pdf_response(brief, soort, overdracht)

    async def _write(
        self, overdracht: rows.Overdrachtregel, soort: Briefsoort, wie: Caller, *, betrokkene: int | None
    ) -> bytes | Refused:
        """The letter; of a case that was destroyed there is none."""
        try:
            document = await self._kamer.document(overdracht, wat=f"brief {soort.value}", actor=wie.actor)
        except CaseShredded:
            document = None
        if document is None:
            return NOT_FOUND
        if isinstance(document, Refused):
            return document
        return await self._kamer.write(overdracht, soort, document, betrokkene=betrokkene)


BalieDep = Annotated[Briefbalie, Depends(provided(Briefbalie))]


@router.get(
    "/overdrachten/{id}/brieven/{soort}",
    summary="Een brief over de overdracht, als PDF",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "De brief, toegankelijk (PDF/UA)."},
        410: {"description": "De overdracht is voorbij."},
    },
)
async def get_brief(
    balie: BalieDep,
    overdracht_id: PathId,
    soort: Briefsoort,
    wie: Brieflezer,
    betrokkene: Annotated[int | None, Query(ge=1, le=40)] = None,
) -> Response:
    return await balie.give(overdracht_id, soort, wie, betrokkene=betrokkene)


def pdf_response(brief: bytes, soort: Briefsoort, overdracht: rows.Overdrachtregel) -> Response:
    """The letter, under a name that says nothing about people."""
    name = f"{soort.value}-{short_reference(overdracht.casus_id)}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(brief, media_type="application/pdf", headers=headers)
