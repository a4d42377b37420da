"""Asking a zaaksysteem how far its gemeente is with a zaak of ours: a notificatie only says that there is news."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.register import Zaakantwoord
from services.handover.adapters.zgw.catalogus import Zaaktype
from services.handover.adapters.zgw.client import Api, ZgwClient, moment_of, resource_id, text_of, unreadable
from services.handover.adapters.zgw.fouten import ZaaksysteemWeigert
from services.handover.adapters.zgw.levering import find_zaak, identify_zaak
from services.handover.adapters.zgw.zaaksystemen import NIET_INGESTELD, Zaaksystemen
from services.runtime.access.sealing import Sealer
from services.runtime.outbound.own_fault import own_fault
from services.runtime.unit.decision import Attempt, JsonObject, Request, Result
from services.runtime.unit.outcomes import iso

_STAP = "statussen lezen"
_NOT_FOUND = 404


class ZgwZaakstatus:
    """Reads the statussen of a zaak and says which answers they are, by the table of the register."""

    def __init__(self, zaaksystemen: Zaaksystemen) -> None:
        self._zaaksystemen = zaaksystemen

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """One attempt. The receipt holds per `Zaakantwoord` the earliest moment at which the gemeente gave it."""
        del casus_id, sealer
        content = request.content
        try:
            _, client = self._zaaksystemen.open(content)
        except NIET_INGESTELD as error:
            return own_fault(error)
        zaak_id, overdracht_id = UUID(str(content["kenmerk"])), UUID(str(content["overdrachtId"]))
        return await self._zaaksystemen.attempt(client, partial(self._read, client, zaak_id, overdracht_id))

    async def _read(self, client: ZgwClient, zaak_id: UUID, overdracht_id: UUID) -> Attempt:
        zaak = await _zaak(client, zaak_id, overdracht_id)
        if zaak.get("identificatie") != identify_zaak(overdracht_id):
            return Attempt(Result.PERMANENT, "deze zaak is niet van deze overdracht")
        zaaktype = await self._zaaksystemen.catalogi.zaaktype(client, text_of(zaak, "zaaktype", stap=_STAP))
        url = text_of(zaak, "url", stap=_STAP)
        statussen = await client.find(Api.ZAKEN, "statussen", stap=_STAP, zaak=url)
        earliest: dict[Zaakantwoord, datetime] = {}
        for antwoord, op in _antwoorden(statussen, zaaktype, client):
            earliest[antwoord] = min(op, earliest.get(antwoord, op))
        receipt: JsonObject = {antwoord.value: iso(op) for antwoord, op in earliest.items()}
        if (moved_to := resource_id(zaak, stap=_STAP)) != zaak_id:
            receipt["kenmerk"] = str(moved_to)
        return Attempt(Result.DONE, f"{len(statussen)} statussen gelezen", 200, receipt=receipt)


async def _zaak(client: ZgwClient, zaak_id: UUID, overdracht_id: UUID) -> JsonObject:
    """The zaak, also where it moved to the zaaksysteem of whoever goes on for its gemeente and is numbered anew there."""
    try:
        zaak = await client.get(Api.ZAKEN, f"zaken/{zaak_id}", stap=_STAP)
    except ZaaksysteemWeigert as refused:
        if refused.fout.status == _NOT_FOUND and (moved := await find_zaak(client, overdracht_id)) is not None:
            return moved
        raise
    if not isinstance(zaak, dict):
        raise unreadable(_STAP)
    return zaak


def _antwoorden(
    statussen: list[JsonObject], zaaktype: Zaaktype, client: ZgwClient
) -> Iterator[tuple[Zaakantwoord, datetime]]:
    """What people said. The status that a zaak begins with we set ourselves, whatever the table makes of it."""
    meaning = {
        statustype.id: client.endpoint.statussen.get(statustype.omschrijving) for statustype in zaaktype.statustypen
    }
    meaning[zaaktype.first_status.id] = None
    for status in statussen:
        antwoord = meaning.get(resource_id(status.get("statustype"), stap=_STAP))
        if antwoord is not None:
            yield antwoord, moment_of(status, "datumStatusGezet", stap=_STAP)
