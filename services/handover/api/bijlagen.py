"""Files that go along: added by Veilig Thuis while they come in, fetched by the receiver, each fetch noted first."""

import asyncio
import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Path
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from contracts.messages.documenten import LARGEST_BIJLAGE, Bijlage, Mediatype, Professional
from contracts.messages.identifiers import CasusId
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad
from services.handover.api import antwoorden
from services.handover.api.balie import BASE_PATH, Bijvoeger, Lezer
from services.handover.api.brieven import Briefkamer
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.bijlagen import NOG_ONBEKEND, TE_GROOT, Afgekeurd, Keuring, Kop, read_kop
from services.handover.domain.casus import Bijlagegeheim, Casus
from services.handover.domain.kader import Kader
from services.handover.handlers.commands import AddBijlage, NoteInzage
from services.handover.ports import Bijlageopslag, Queries, rows
from services.runtime.access.actor import Actor
from services.runtime.access.sealed_stream import new_stream_key
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller
from services.runtime.http import StreamKey, created, problem_response
from services.runtime.http.provided import PathId, provided
from services.runtime.http.reading import Inkijk
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.fold import Done
from services.runtime.unit.hub import Hub

router = APIRouter()

UNAVAILABLE = 503
AFGEBROKEN = Refused(400, "De aanvraag is niet geldig", (), code="afgebroken")
"""Nobody hears it; it is for the log."""
_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between asking again whether the melding of a case has arrived."""


class Bijlagekamer:
    """Opens files for whoever may have them; noted first who that is."""

    def __init__(self, queries: Queries, inkijk: Inkijk, opslag: Bijlageopslag) -> None:
        self._queries = queries
        self._inkijk = inkijk
        self._opslag = opslag

    async def give(
        self, overdracht: rows.Overdrachtregel, bijlage_id: UUID, *, actor: Actor, lezer: Professional | None = None
    ) -> Response | Refused:
        """The file as a download, which no browser opens by itself. Of a case that was destroyed there is none."""
        bijlage = await self._queries.bijlage(overdracht.id, bijlage_id)
        if bijlage is None:
            return NOT_FOUND
        sealed: Verzegeld[Bijlagegeheim] = Verzegeld(bijlage.geheim)
        note = NoteInzage(overdracht.id, f"bijlage {bijlage.id}", lezer)
        try:
            geheim = await self._inkijk.open(bijlage.casus_id, sealed, Bijlagegeheim, actor=actor, note=note)
        except CaseShredded:
            return NOT_FOUND
        if isinstance(geheim, Refused):
            return geheim
        parts = self._opslag.read(bijlage.id, base64.b64decode(geheim.sleutel))
        return _download(bijlage, geheim, await anext(parts), parts)


def _download(bijlage: rows.Bijlageregel, geheim: Bijlagegeheim, first: bytes, parts: AsyncIterator[bytes]) -> Response:
    async def content() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(geheim.naam, safe='')}",
        "Content-Length": str(bijlage.grootte),
    }
    return StreamingResponse(content(), headers=headers, media_type=bijlage.mediatype)


class Bijlagebalie:
    """Takes files from Veilig Thuis and gives them to receivers."""

    def __init__(
        self,
        hub: Hub[Casus],
        *,
        kader: Kader,
        inkijk: Inkijk,
        opslag: Bijlageopslag,
        brieven: Briefkamer,
        kamer: Bijlagekamer,
    ) -> None:
        self._hub = hub
        self._kader = kader
        self._inkijk = inkijk
        self._opslag = opslag
        self._brieven = brieven
        self._kamer = kamer

    async def add(self, casus_id: CasusId, request: Request, wie: Caller, key: UUID) -> Response:
        """Kept and in the case once this answers 201. Sent again under the same key: the same answer, kept once."""
        body = request.stream()
        kop = read_kop(request.headers.get("content-type"), request.headers.get("content-disposition"))
        if isinstance(kop, Refused):
            return await _refuse(body, kop)
        if int(request.headers.get("content-length", "0")) > LARGEST_BIJLAGE:
            return await _refuse(body, TE_GROOT)
        bijlage_id, sleutel, keuring = uuid4(), new_stream_key(), Keuring(kop.mediatype)
        try:
            await self._opslag.keep(bijlage_id, sleutel, _judged(body, keuring))
            sha256 = keuring.finish()
        except Afgekeurd as error:
            await self._opslag.drop(bijlage_id)
            return await _refuse(body, error.refused)
        except ClientDisconnect:
            return problem_response(AFGEBROKEN)
        geheim = Bijlagegeheim(naam=kop.naam, sha256=sha256, sleutel=base64.b64encode(sleutel).decode())
        command = AddBijlage(bijlage_id, kop.mediatype, geheim, keuring.grootte)
        reply = await self._submit(Incoming(key, casus_id, command, wie.actor, fingerprint=_fingerprint(kop, sha256)))
        if isinstance(reply, Refused):
            await self._opslag.drop(bijlage_id)
            return problem_response(reply, {"Retry-After": "2"} if reply.status == UNAVAILABLE else None)
        kept_id = UUID(str((reply.answer or {})["id"]))
        if kept_id != bijlage_id:
            await self._opslag.drop(bijlage_id)
        bijlage = Bijlage(id=kept_id, naam=kop.naam, mediatype=kop.mediatype, grootte=keuring.grootte, sha256=sha256)
        return self._added(casus_id, bijlage, wie)

    async def _submit(self, incoming: Incoming) -> Done | Refused:
        """A case that was just reported may still be on its way here; one that does not exist is not waited for."""
        for wait in _WAITS:
            reply = await self._hub.submit(incoming)
            if not _is_unknown(reply):
                return reply
            if not await self._inkijk.knows(incoming.casus_id):
                return NOT_FOUND
            await asyncio.sleep(wait)
        return await self._hub.submit(incoming)

    async def give(self, overdracht_id: UUID, bijlage_id: UUID, wie: Caller) -> Response:
        overdracht = await self._brieven.find(overdracht_id, Daad.OVERDRACHT_LEZEN, wie)
        if isinstance(overdracht, Refused):
            return problem_response(overdracht)
        given = await self._kamer.give(overdracht, bijlage_id, actor=wie.actor)
        return problem_response(given) if isinstance(given, Refused) else given

    def _added(self, casus_id: CasusId, bijlage: Bijlage, wie: Caller) -> Response:
        bewijs = self._kader.derive_token(bijlage.proven_text(casus_id, wie.partij))
        body = bijlage.model_copy(update={"bewijs": bewijs}).model_dump(mode="json", by_alias=True)
        return created(f"{BASE_PATH}/casussen/{casus_id}/bijlagen/{bijlage.id}", body)


async def _judged(body: AsyncIterator[bytes], keuring: Keuring) -> AsyncIterator[bytes]:
    async for part in body:
        keuring.see(part)
        yield part


async def _refuse(body: AsyncIterator[bytes], refused: Refused) -> Response:
    """Hear out who is still sending, so that the answer arrives; the outer ring has its limit."""
    with contextlib.suppress(ClientDisconnect):
        async for _ in body:
            pass
    return problem_response(refused)


def _is_unknown(reply: Done | Refused) -> bool:
    return isinstance(reply, Refused) and reply.code == NOG_ONBEKEND.code


def _fingerprint(kop: Kop, sha256: str) -> str:
    return hashlib.sha256(f"{sha256}\n{kop.mediatype}\n{kop.naam}".encode()).hexdigest()


_CONTENT = {kind.value: {"schema": {"type": "string", "format": "binary"}} for kind in Mediatype}
_WORD = "A-Za-z0-9!#$&+^_`|~-"
_DISPOSITION = (
    f"^attachment; *filename(=[{_WORD}][.{_WORD}]{{0,199}}"
    r'|="[^.\u0000-\u001f\u007f"\\/][^\u0000-\u001f\u007f"\\/]{0,199}"'
    rf"|\*=(UTF|utf)-8''([.{_WORD}]|%[0-9A-Fa-f]{{2}}){{1,600}})$"
)
"""A word, a text in quotes, or percent-encoded UTF-8; the name fits the kind of file."""
_ADDING = {
    "requestBody": {"required": True, "description": "Het bestand zelf, hoogstens 10 MB.", "content": _CONTENT},
    "parameters": [
        {
            "name": "Content-Disposition",
            "in": "header",
            "required": True,
            "description": "De bestandsnaam: `attachment; filename*=UTF-8''…`. Zij staat nergens in een adres of log.",
            "schema": {"type": "string", "pattern": _DISPOSITION},
        }
    ],
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}


BalieDep = Annotated[Bijlagebalie, Depends(provided(Bijlagebalie))]


@router.post(
    "/casussen/{id}/bijlagen",
    response_model=antwoorden.BewaardeBijlage,
    status_code=201,
    summary="Een bijlage toevoegen, voor het overdrachtsdocument dat haar noemt",
    openapi_extra=_ADDING,
    responses={415: {"description": "Een soort die niet mee mag, of een inhoud die niet is wat zij zegt."}},
)
async def post_bijlage(balie: BalieDep, casus_id: PathId, request: Request, wie: Bijvoeger, key: StreamKey) -> Response:
    return await balie.add(CasusId(casus_id), request, wie, key)


@router.get(
    "/overdrachten/{id}/bijlagen/{bijlageId}",
    summary="Een bijlage ophalen; wie dat doet wordt vastgelegd",
    response_class=Response,
    responses={
        200: {"content": {kind.value: _BINARY for kind in Mediatype}, "description": "Het bestand."},
        410: {"description": "De overdracht is voorbij."},
    },
)
async def get_bijlage(
    balie: BalieDep, overdracht_id: PathId, bijlage_id: Annotated[UUID, Path(alias="bijlageId")], wie: Lezer
) -> Response:
    return await balie.give(overdracht_id, bijlage_id, wie)
