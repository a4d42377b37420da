"""The audittrail of a zaak as a receipt that the zaaksysteem wrote itself: who made what there, and when."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import httpx
from pydantic import JsonValue

from services.handover.adapters.zgw.client import Api, ZgwClient, unreadable
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.handover.domain.kader import iso
from services.runtime.decision import JsonObject

_RESOURCES = frozenset({"zaak", "rol", "status", "zaakinformatieobject", "resultaat"})
_MOST_LINES = 20
_STAP = "audittrail lezen"


async def read_audittrail(client: ZgwClient, zaak_id: UUID) -> JsonObject:
    """What was made, without what stood in it. A zaaksysteem that shows us no audittrail has received all the same; one
    whose answer got lost is asked once more.
    """
    try:
        trail = await _read(client, zaak_id)
        if not isinstance(trail, list):
            raise unreadable(_STAP)
    except (ZaaksysteemWeigert, ZaaksysteemOnbereikbaar) as error:
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
