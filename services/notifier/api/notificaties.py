"""The list of messages, each caller those of its own circle."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from contracts.afspraken import local_date
from contracts.messages.identifiers import GemeenteCode
from contracts.rechten import Daad, Kring, kring_of
from contracts.register import Register
from services.notifier.api import antwoorden
from services.notifier.domain import Zendingstatus
from services.notifier.ports import Queries, Vraag, rows
from services.runtime.access.tokens import Caller
from services.runtime.http import caller, json_response
from services.runtime.http.provided import provided
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject
from services.runtime.unit.rows import answer_of

router = APIRouter()

PAGE_SIZE = 100
LARGEST_PAGE = 1000

Lezer = Annotated[Caller, Depends(caller(Daad.NOTIFICATIES_LEZEN))]


class Inzage:
    """Answers questions, each caller within its own circle."""

    def __init__(self, queries: Queries, *, register: Register, klok: Klok) -> None:
        self._queries = queries
        self._register = register
        self._klok = klok

    async def notificaties(
        self,
        wie: Caller,
        *,
        casus: UUID | None,
        status: Zendingstatus | None,
        gemeente: GemeenteCode | None,
        limiet: int,
        pagina: int,
    ) -> Response:
        vraag = Vraag(
            casus=casus,
            status=status,
            gemeente=gemeente,
            kring=self._kring(wie, self._klok.now()),
            limiet=limiet + 1,
            overslaan=(pagina - 1) * limiet,
        )
        return json_response(_page(await self._queries.notificaties(vraag), limiet=limiet, pagina=pagina))

    def _kring(self, wie: Caller, at: datetime) -> Kring:
        """Whose messages this caller looks among; among none where there is nothing for it."""
        found = kring_of(Daad.NOTIFICATIES_LEZEN, wie.partij, self._register, on=local_date(at), rollen=wie.rollen_now)
        return found or Kring(partijen=frozenset())


def _page(found: Sequence[rows.Notificatie], *, limiet: int, pagina: int) -> JsonObject:
    """A page of the list; `volgendePagina` only when there may be more."""
    page: JsonObject = {"notificaties": [answer_of(row) for row in found[:limiet]]}
    if len(found) > limiet:
        page["volgendePagina"] = pagina + 1
    return page


@router.get(
    "/notificaties",
    response_model=antwoorden.Notificaties,
    summary="Berichten per persoon en kanaal, de nieuwste vooraan",
)
async def list_notificaties(
    inzage: Annotated[Inzage, Depends(provided(Inzage))],
    wie: Lezer,
    casus: UUID | None = None,
    status: Zendingstatus | None = None,
    gemeente: GemeenteCode | None = None,
    *,
    limiet: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE,
    pagina: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    return await inzage.notificaties(wie, casus=casus, status=status, gemeente=gemeente, limiet=limiet, pagina=pagina)
