"""The HTTP side of the notifier: who was told what, and did it leave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Query
from starlette.responses import Response

from contracts.afspraken import local_date
from contracts.messages.identifiers import GemeenteCode
from contracts.rechten import Daad, Kring, kring_of
from contracts.register import Register
from services.notifier.api import antwoorden
from services.notifier.domain import Notificaties, Zendingstatus
from services.notifier.handlers import reference_of
from services.notifier.ports import Queries, Vraag, rows
from services.runtime.access.tokens import Caller, Scope, Verifier
from services.runtime.http import caller, create_api, json_response
from services.runtime.http.bounces import add_bounces
from services.runtime.outbound.bounces import ReturnAddress
from services.runtime.unit.decision import JsonObject
from services.runtime.unit.hub import Hub
from services.runtime.unit.rows import answer_of

BASE_PATH = "/notificaties/v1"
VERSION = "1.0.0"
PAGE_SIZE = 100
LARGEST_PAGE = 1000

Reader = Annotated[Caller, Depends(caller(Scope.NOTIFICATIES_LEZEN))]


def build_api(
    hub: Hub[Notificaties],
    queries: Queries,
    *,
    register: Register,
    verifier: Verifier,
    return_address: ReturnAddress | None = None,
    public_url: str = "",
) -> FastAPI:
    """The API of the notifier, under `/notificaties/v1`."""
    api = create_api(
        title="Houvast notificaties",
        version=VERSION,
        description="Wie in welke rol bericht kreeg, langs welk kanaal, en of het is verzonden.",
        base_path=BASE_PATH,
        name="notifier",
        verifier=verifier,
        public_url=public_url,
    )

    @api.get(
        "/notificaties",
        response_model=antwoorden.Notificaties,
        summary="Berichten per persoon en kanaal, de nieuwste vooraan",
    )
    async def list_notificaties(
        who: Reader,
        casus: UUID | None = None,
        status: Zendingstatus | None = None,
        gemeente: GemeenteCode | None = None,
        *,
        limiet: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE,
        pagina: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        vraag = Vraag(
            casus=casus,
            status=status,
            gemeente=gemeente,
            kring=_kring(who, register, hub.klok.now()),
            limiet=limiet + 1,
            overslaan=(pagina - 1) * limiet,
        )
        found = await queries.notificaties(vraag)
        return json_response(_page(found, limiet=limiet, pagina=pagina))

    del list_notificaties
    add_bounces(api, hub, return_address, reference_of)
    return api


def _page(found: Sequence[rows.Notificatie], *, limiet: int, pagina: int) -> JsonObject:
    """A page of the list; `volgendePagina` only when there may be more."""
    page: JsonObject = {"notificaties": [answer_of(row) for row in found[:limiet]]}
    if len(found) > limiet:
        page["volgendePagina"] = pagina + 1
    return page


def _kring(who: Caller, register: Register, at: datetime) -> Kring:
    """Whose messages this caller looks among; among none where there is nothing for it."""
    on = local_date(at)
    return kring_of(Daad.NOTIFICATIES_LEZEN, who.partij, register, on=on) or Kring(partijen=frozenset())
