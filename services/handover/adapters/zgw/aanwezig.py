"""What stands at a zaak already, for an attempt that goes on with what another began.

Looked up together: one after the other, in a zaaksysteem where each call takes long, looking would take all the time that
an attempt has, and nothing would ever be added.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from services.handover.adapters.zgw.client import Api, ZgwClient, resource_id
from services.handover.adapters.zgw.levering import Levering
from services.runtime.unit.decision import JsonObject

T = TypeVar("T")

_AT_ONCE = 4
"""Calls of one errand: as many connections as it has."""


@dataclass(frozen=True, slots=True)
class Aanwezig:
    """Nothing, for a zaak that was made a moment ago. `documenten` by their identificatie, linked or not."""

    roltypen: frozenset[UUID] = frozenset()
    linked: frozenset[UUID] = frozenset()
    documenten: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    has_status: bool = False


async def look_around(levering: Levering, zaak: str) -> Aanwezig:
    """Raises `ZaaksysteemWeigert` or `ZaaksysteemOnbereikbaar`."""
    client, gate = levering.client, asyncio.Semaphore(_AT_ONCE)

    async def in_turn(call: Coroutine[None, None, T]) -> T:
        async with gate:
            return await call

    names = [levering.name_document(stuk) for stuk in levering.stukken]
    try:
        async with asyncio.TaskGroup() as group:
            roltypen = group.create_task(in_turn(roltypen_of(client, zaak)))
            linked = group.create_task(in_turn(linked_to(client, zaak)))
            status = group.create_task(in_turn(has_status(client, zaak)))
            found = [group.create_task(in_turn(find_document(levering, name))) for name in names]
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    documenten = {name: task.result() for name, task in zip(names, found, strict=True)}
    return Aanwezig(
        roltypen.result(),
        linked.result(),
        {name: document for name, document in documenten.items() if document is not None},
        status.result(),
    )


async def roltypen_of(client: ZgwClient, zaak: str) -> frozenset[UUID]:
    rollen = await client.find(Api.ZAKEN, "rollen", stap="rollen opzoeken", zaak=zaak)
    return frozenset(resource_id(rol.get("roltype"), stap="rollen opzoeken") for rol in rollen)


async def linked_to(client: ZgwClient, zaak: str) -> frozenset[UUID]:
    stap = "documenten van de zaak opzoeken"
    links = await client.find(Api.ZAKEN, "zaakinformatieobjecten", stap=stap, zaak=zaak)
    return frozenset(resource_id(link.get("informatieobject"), stap=stap) for link in links)


async def has_status(client: ZgwClient, zaak: str) -> bool:
    """Any status will do: then the zaak was complete, and people have gone on with it since."""
    return bool(await client.find(Api.ZAKEN, "statussen", stap="status opzoeken", zaak=zaak))


async def find_document(levering: Levering, identificatie: str) -> JsonObject | None:
    found = await levering.client.find(
        Api.DOCUMENTEN,
        "enkelvoudiginformatieobjecten",
        stap="document opzoeken",
        identificatie=identificatie,
        bronorganisatie=levering.endpoint.rsin,
    )
    return next((document for document in found if document.get("identificatie") == identificatie), None)
