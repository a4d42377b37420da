"""The receipt that a zaaksysteem gives of itself: its audittrail, or else what stands there when it is read back.

Open Zaak shows an audittrail only to an applicatie with all rights, which the hub should not have. Reading back is as
independent: what comes was not sent along with the call that made it, but kept.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import httpx
from pydantic import JsonValue

from services.handover.adapters.zgw.client import Api, ZgwClient, moment_of, resource_id, unreadable
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.runtime.unit.decision import JsonObject
from services.runtime.unit.outcomes import iso

_RESOURCES = frozenset({"zaak", "rol", "status", "zaakinformatieobject", "resultaat"})
_MOST_LINES = 20
_STAP = "audittrail lezen"
_BACK = "zaak teruglezen"
_UNREAD = (ZaaksysteemWeigert, ZaaksysteemOnbereikbaar)


async def read_receipt(client: ZgwClient, zaak_url: str) -> JsonObject:
    """What goes into the receipt: `audittrail`, and `teruggelezen` where that is not shown. Ids, moments and sizes alone.

    A zaaksysteem that shows neither has received all the same, so this takes no longer than one slow call.
    """
    try:
        async with asyncio.timeout(client.patience):
            return await _read_receipt(client, zaak_url)
    except TimeoutError:
        unread: JsonObject = {"gelezen": False, "reden": f"{_BACK}: niet klaar binnen {client.patience:g} seconden"}
        return {"audittrail": unread, "teruggelezen": unread}


async def _read_receipt(client: ZgwClient, zaak_url: str) -> JsonObject:
    zaak_id = resource_id(zaak_url, stap=_STAP)
    audittrail = await _read_audittrail(client, zaak_id)
    if audittrail["gelezen"]:
        return {"audittrail": audittrail}
    try:
        teruggelezen: JsonObject = await _read_back(client, zaak_url, zaak_id)
    except _UNREAD as error:
        teruggelezen = {"gelezen": False, "reden": str(error)}
    return {"audittrail": audittrail, "teruggelezen": teruggelezen}


async def _read_back(client: ZgwClient, zaak_url: str, zaak_id: UUID) -> JsonObject:
    zaak = await client.get(Api.ZAKEN, f"zaken/{zaak_id}", stap=_BACK)
    if not isinstance(zaak, dict) or resource_id(zaak, stap=_BACK) != zaak_id:
        raise unreadable(_BACK)
    statussen = await client.find(Api.ZAKEN, "statussen", stap=_BACK, zaak=zaak_url)
    links = await client.find(Api.ZAKEN, "zaakinformatieobjecten", stap=_BACK, zaak=zaak_url)
    ids = [resource_id(link.get("informatieobject"), stap=_BACK) for link in links[:_MOST_LINES]]
    return {
        "gelezen": True,
        "zaak": str(zaak_id),
        "gesloten": zaak.get("einddatum") is not None,
        "statussen": [
            {
                "id": str(resource_id(status, stap=_BACK)),
                "op": iso(moment_of(status, "datumStatusGezet", stap=_BACK)),
            }
            for status in statussen[:_MOST_LINES]
        ],
        "documenten": [*await asyncio.gather(*(_read_document(client, document_id) for document_id in ids))],
    }


async def _read_document(client: ZgwClient, document_id: UUID) -> JsonObject:
    """That it is there, and how large; its content stays where it is."""
    try:
        document = await client.get(Api.DOCUMENTEN, f"enkelvoudiginformatieobjecten/{document_id}", stap=_BACK)
    except _UNREAD as error:
        return {"id": str(document_id), "gelezen": False, "reden": str(error)}
    size = document.get("bestandsomvang") if isinstance(document, dict) else None
    return {"id": str(document_id), "gelezen": isinstance(size, int), "bytes": size if isinstance(size, int) else None}


async def _read_audittrail(client: ZgwClient, zaak_id: UUID) -> JsonObject:
    """What was made, without what stood in it. One whose answer got lost is asked once more."""
    try:
        trail = await _read(client, zaak_id)
        if not isinstance(trail, list):
            raise unreadable(_STAP)
    except _UNREAD as error:
        return {"gelezen": False, "reden": str(error)}
    lines: list[JsonValue] = [*_lines(trail)]
    return {"gelezen": True, "regels": lines}


async def _read(client: ZgwClient, zaak_id: UUID) -> JsonValue:
    path = f"zaken/{zaak_id}/audittrail"
    try:
        return await client.get(Api.ZAKEN, path, stap=_STAP)
    except ZaaksysteemWeigert as refused:
        if httpx.codes.is_client_error(refused.fout.status):
            raise
    except ZaaksysteemOnbereikbaar:
        pass
    return await client.get(Api.ZAKEN, path, stap=_STAP)


def _lines(trail: list[JsonValue]) -> Iterator[JsonObject]:
    """Of each line only what can be no personal data: `wijzigingen` and the words around it are left where they are."""
    for line in trail[:_MOST_LINES]:
        if not isinstance(line, dict) or line.get("actie") != "create" or line.get("resource") not in _RESOURCES:
            continue
        resultaat = line.get("resultaat")
        yield {
            "resource": line["resource"],
            "resultaat": resultaat if isinstance(resultaat, int) else None,
            "op": _moment(line.get("aanmaakdatum")),
            "id": _uuid(line.get("uuid")),
        }


def _moment(value: JsonValue) -> str | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return iso(moment) if moment.tzinfo is not None else None


def _uuid(value: JsonValue) -> str | None:
    try:
        return str(UUID(str(value)))
    except ValueError:
        return None
