"""The documents of an overdracht in the documenten API, and hanging them to their zaak."""

import base64
from http import HTTPStatus
from uuid import UUID

from services.handover.adapters.zgw.client import Api, ZgwClient, resource_id, text_of
from services.handover.adapters.zgw.fouten import ZaaksysteemWeigert
from services.handover.adapters.zgw.levering import Levering, Stuk
from services.handover.domain.kader import local_date
from services.runtime.decision import JsonObject
from services.runtime.verzegeling import SealBroken

_STORE = "document opslaan"
_FIND = "document opzoeken"
_LINK = "document aan de zaak hangen"
_TAAL = "nld"


async def make_documenten(levering: Levering, zaak: str, informatieobjecttype: str, *, is_new: bool) -> tuple[str, ...]:
    """Every document there, once, and at the zaak; for a zaak that `is_new` nothing is looked for.

    The titles of the bijlagen that did not go along: too large over there, or not to be read here. An overdracht does not
    wait for them; they are still to be fetched at the hub.
    """
    left_out: list[str] = []
    linked = set[UUID]() if is_new else await _linked_to(levering.client, zaak)
    for stuk in levering.stukken:
        identificatie = f"{levering.identificatie}-{stuk.nummer}"
        document = None if is_new else await _find(levering, identificatie)
        if document is None:
            try:
                document = await _store(levering, stuk, identificatie, informatieobjecttype)
            except (ZaaksysteemWeigert, SealBroken) as error:
                if stuk.naam is None or not _stays_out(error):
                    raise
                left_out.append(stuk.titel)
                continue
        if resource_id(document, stap=_LINK) not in linked:
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
        if refused.fout.already_there and (found := await _find(levering, identificatie)) is not None:
            return found
        raise


async def _find(levering: Levering, identificatie: str) -> JsonObject | None:
    found = await levering.client.find(
        Api.DOCUMENTEN,
        "enkelvoudiginformatieobjecten",
        stap=_FIND,
        identificatie=identificatie,
        bronorganisatie=levering.endpoint.rsin,
    )
    return next((document for document in found if document.get("identificatie") == identificatie), None)


async def _link(client: ZgwClient, zaak: str, document: JsonObject, stuk: Stuk) -> None:
    body: JsonObject = {
        "zaak": zaak,
        "informatieobject": text_of(document, "url", stap=_LINK),
        "titel": stuk.titel,
    }
    try:
        await client.create(Api.ZAKEN, "zaakinformatieobjecten", body, stap=_LINK)
    except ZaaksysteemWeigert:
        if resource_id(document, stap=_LINK) not in await _linked_to(client, zaak):
            raise


async def _linked_to(client: ZgwClient, zaak: str) -> set[UUID]:
    links = await client.find(Api.ZAKEN, "zaakinformatieobjecten", stap=_LINK, zaak=zaak)
    return {resource_id(link.get("informatieobject"), stap=_LINK) for link in links}
