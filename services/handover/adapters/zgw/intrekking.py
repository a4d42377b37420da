"""Telling a zaaksysteem that Veilig Thuis took an overdracht back: a resultaat, and then the status that ends the zaak.

What a gemeente has in its zaaksysteem stays there; it keeps and destroys by its own rules. Every step looks first at
what is there, so that an attempt that was cut off is completed and never doubled.
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.register import Gemeente, NietInRegister, Partij
from services.handover.adapters.gegevens import read_intrekker
from services.handover.adapters.zgw.catalogus import ZaaktypeOnbruikbaar
from services.handover.adapters.zgw.client import Api, ZgwClient, moment_of, resource_id, text_of, unreadable
from services.handover.adapters.zgw.fouten import ZaaksysteemWeigert
from services.handover.adapters.zgw.levering import find_zaak
from services.handover.adapters.zgw.ontvangstbewijs import read_receipt
from services.handover.adapters.zgw.zaaksystemen import NIET_INGESTELD, Zaaksystemen
from services.handover.domain.kader import gemeente_of, local_iso
from services.runtime.access.sealing import Sealer
from services.runtime.outbound.own_fault import own_fault
from services.runtime.unit.decision import Attempt, JsonObject, Request, Result

_RESULTAAT = "resultaat vastleggen"
_STATUS = "eindstatus zetten"


class ZgwIntrekking:
    """Closes the zaak of an overdracht that was taken back."""

    def __init__(self, zaaksystemen: Zaaksystemen) -> None:
        self._zaaksystemen = zaaksystemen

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """One attempt. What never became a zaak, or is closed already, is done."""
        del casus_id, sealer
        try:
            receiver, client = self._zaaksystemen.open(request.content)
        except NIET_INGESTELD as error:
            return own_fault(error)
        return await self._zaaksystemen.attempt(client, partial(self._withdraw, request.content, receiver, client))

    async def _withdraw(self, content: JsonObject, receiver: Gemeente | Partij, client: ZgwClient) -> Attempt:
        zaak = await find_zaak(client, UUID(str(content["overdrachtId"])))
        if zaak is None:
            return Attempt(Result.DONE, "van deze overdracht staat er geen zaak", 200)
        if _is_closed(zaak):
            return Attempt(Result.DONE, "de zaak was al gesloten", 200)
        toelichting = self._toelichting(content, receiver)
        if zaak.get("resultaat") is None:
            await _make_resultaat(client, zaak, toelichting)
        await self._close(client, zaak, toelichting, op=datetime.fromisoformat(str(content["ingetrokkenOp"])))
        receipt: JsonObject = {
            "gemeente": gemeente_of(content, receiver),
            "zaak": text_of(zaak, "url", stap=_STATUS),
            **await read_receipt(client, text_of(zaak, "url", stap=_STATUS)),
        }
        return Attempt(Result.DONE, "de zaak is gesloten als ingetrokken", 201, receipt=receipt)

    def _toelichting(self, content: JsonObject, receiver: Gemeente | Partij) -> str:
        """Who took it back; an offer also ends when another party takes the case over."""
        regio = str(content.get("regio", receiver.regio))
        try:
            afzender = read_intrekker(content, self._zaaksystemen.register, regio=regio)
        except NietInRegister:
            afzender = "Veilig Thuis"
        if content.get("aangebodenDoor") is None:
            return f"De overdracht is ingetrokken door {afzender}"
        return f"Het aanbod is ingetrokken door {afzender}, of een ander heeft de casus overgenomen"

    async def _close(self, client: ZgwClient, zaak: JsonObject, toelichting: str, *, op: datetime) -> None:
        zaaktype = await self._zaaksystemen.catalogi.zaaktype(client, text_of(zaak, "zaaktype", stap=_STATUS))
        url = text_of(zaak, "url", stap=_STATUS)
        body: JsonObject = {
            "zaak": url,
            "statustype": zaaktype.last_status.url,
            "datumStatusGezet": local_iso(await _after_the_others(client, url, op)),
            "statustoelichting": toelichting,
        }
        try:
            await client.create(Api.ZAKEN, "statussen", body, stap=_STATUS)
        except ZaaksysteemWeigert:
            if not _is_closed(await _as_it_is(client, zaak)):
                raise


async def _make_resultaat(client: ZgwClient, zaak: JsonObject, toelichting: str) -> None:
    """One that people gave the zaak themselves stays as it is."""
    body: JsonObject = {
        "zaak": text_of(zaak, "url", stap=_RESULTAAT),
        "resultaattype": await find_resultaattype(client, text_of(zaak, "zaaktype", stap=_RESULTAAT)),
        "toelichting": toelichting,
    }
    try:
        await client.create(Api.ZAKEN, "resultaten", body, stap=_RESULTAAT)
    except ZaaksysteemWeigert:
        if (await _as_it_is(client, zaak)).get("resultaat") is None:
            raise


async def find_resultaattype(client: ZgwClient, zaaktype: str) -> str:
    """The address of the resultaattype that the register names. Raises `ZaaktypeOnbruikbaar` where there is none."""
    stap, wanted = "resultaattype opzoeken", client.endpoint.intrekking
    for item in await client.find(Api.CATALOGI, "resultaattypen", stap=stap, zaaktype=zaaktype):
        names = {str(item.get(field, "")).casefold() for field in ("omschrijving", "omschrijvingGeneriek")}
        if wanted.casefold() in names:
            return text_of(item, "url", stap=stap)
    raise ZaaktypeOnbruikbaar(f"het zaaktype heeft geen resultaattype {wanted!r} voor een ingetrokken overdracht")


async def _after_the_others(client: ZgwClient, zaak: str, op: datetime) -> datetime:
    """The moment of the withdrawal; where a status was given later, just after that one, or it would not be the last."""
    statussen = await client.find(Api.ZAKEN, "statussen", stap=_STATUS, zaak=zaak)
    given = [moment_of(status, "datumStatusGezet", stap=_STATUS) for status in statussen]
    latest = max(given, default=op)
    return op if latest < op else latest + timedelta(seconds=1)


async def _as_it_is(client: ZgwClient, zaak: JsonObject) -> JsonObject:
    current = await client.get(Api.ZAKEN, f"zaken/{resource_id(zaak, stap=_STATUS)}", stap=_STATUS)
    if not isinstance(current, dict):
        raise unreadable(_STATUS)
    return current


def _is_closed(zaak: JsonObject) -> bool:
    return zaak.get("einddatum") is not None
