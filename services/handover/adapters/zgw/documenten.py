"""The documents of an overdracht in the documenten API, and hanging them to their zaak."""

import base64
from http import HTTPStatus

from contracts.afspraken import local_date
from services.handover.adapters.zgw.aanwezig import Aanwezig, find_document, linked_to
from services.handover.adapters.zgw.client import Api, ZgwClient, resource_id, text_of
from services.handover.adapters.zgw.fouten import ZaaksysteemWeigert
from services.handover.adapters.zgw.levering import Levering, Stuk
from services.runtime.access.sealing import SealBroken
from services.runtime.unit.decision import JsonObject

_STORE = "document opslaan"
_LINK = "document aan de zaak hangen"
_TAAL = "nld"


async def make_documenten(
    levering: Levering, zaak: str, informatieobjecttype: str, *, aanwezig: Aanwezig
) -> tuple[str, ...]:
    """Every document there, once, and at the zaak.

    The titles of the bijlagen that did not go along: too large over there, or not to be read here. An overdracht does not
    wait for them; they are still to be fetched at the hub.
    """
    left_out: list[str] = []
    for stuk in levering.stukken:
        identificatie = levering.name_document(stuk)
        document = aanwezig.documenten.get(identificatie)
        if document is None:
            try:
                document = await _store(levering, stuk, identificatie, informatieobjecttype)
            except (ZaaksysteemWeigert, SealBroken) as error:
                if stuk.naam is None or not _stays_out(error):
                    raise
                left_out.append(stuk.titel)
                continue
        if resource_id(document, stap=_LINK) not in aanwezig.linked:
            await _link(levering.client, zaak, document, stuk)
    return tuple(left_out)


def _stays_out(error: ZaaksysteemWeigert | SealBroken) -> bool:
    return isinstance(error, SealBroken) or error.fout.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def _store(levering: Levering, stuk: Stuk, identificatie: str, informatieobjecttype: str) -> JsonObject:
    content = await stuk.write()
    body: JsonObject = {
        "identificatie": identificatie,
        "bronorganisatie": levering.endpoint.rsin,
        "creatiedatum": local_date(levering.aangemaakt_op).isoformat(),
        "titel": f"{stuk.titel} {levering.referentie}",
        "auteur": levering.afzender,
        "status": "definitief",
        "taal": _TAAL,
        "formaat": stuk.formaat,
        "bestandsnaam": stuk.naam or f"overdracht-{levering.referentie}.{stuk.extensie}",
        "bestandsomvang": len(content),
        "inhoud": base64.b64encode(content).decode(),
        "indicatieGebruiksrecht": False,
        "informatieobjecttype": informatieobjecttype,
        "vertrouwelijkheidaanduiding": levering.endpoint.vertrouwelijkheid,
    }
    try:
        return await levering.client.create(Api.DOCUMENTEN, "enkelvoudiginformatieobjecten", body, stap=_STORE)
    except ZaaksysteemWeigert as refused:
        if refused.fout.already_there and (found := await find_document(levering, identificatie)) is not None:
            return found
        raise


async def _link(client: ZgwClient, zaak: str, document: JsonObject, stuk: Stuk) -> None:
    body: JsonObject = {
        "zaak": zaak,
        "informatieobject": text_of(document, "url", stap=_LINK),
        "titel": stuk.titel,
    }
    try:
        await client.create(Api.ZAKEN, "zaakinformatieobjecten", body, stap=_LINK)
    except ZaaksysteemWeigert:
        if resource_id(document, stap=_LINK) not in await linked_to(client, zaak):
            raise
