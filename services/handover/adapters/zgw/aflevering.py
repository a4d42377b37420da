"""Delivery to a zaaksysteem: zaak, rollen, documenten, and the first status last, because that says it is complete.

Every step looks first at what is there, so that a delivery that was cut off half-way is completed and never doubled;
only where the zaak was made a moment ago by this very attempt there is nothing to look for. Our own identificatie makes
the zaak findable; the moment of its first status is that of the overdracht, so that a zaaksysteem refuses a second one
by itself.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from contracts.afspraken import GeenAfspraken, local_date
from contracts.messages.identifiers import CasusId
from contracts.register import Gemeente, Partij
from services.handover.adapters.zgw.aanwezig import Aanwezig, has_status, look_around, roltypen_of
from services.handover.adapters.zgw.catalogus import Zaaktype
from services.handover.adapters.zgw.client import Api, resource_id, text_of
from services.handover.adapters.zgw.documenten import make_documenten
from services.handover.adapters.zgw.fouten import ZaaksysteemWeigert
from services.handover.adapters.zgw.levering import Levering, find_zaak
from services.handover.adapters.zgw.ontvangstbewijs import read_receipt
from services.handover.adapters.zgw.stukken import Stukken
from services.handover.adapters.zgw.zaaksystemen import NIET_INGESTELD, Zaaksystemen, team_of
from services.handover.domain.kader import gemeente_of, local_iso
from services.runtime.access.sealing import SealBroken, Sealer
from services.runtime.outbound.own_fault import own_fault
from services.runtime.unit.decision import Attempt, JsonObject, Request, Result
from services.runtime.unit.frozen import replace

_ZAAK = "zaak aanmaken"
_ROL = "rol vastleggen"
_STATUS = "eerste status zetten"

_LONGEST_NAME = 50
_LONGEST_CODE = 24


class ZgwAflevering:
    """Makes an overdracht a zaak at its receiver. The document is opened for the sending alone."""

    def __init__(self, zaaksystemen: Zaaksystemen, *, stukken: Stukken) -> None:
        self._zaaksystemen = zaaksystemen
        self._stukken = stukken

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """One attempt. Raises `CaseShredded` where there is nothing left to send."""
        try:
            levering = self._prepare(request, casus_id, sealer)
        except (*NIET_INGESTELD, GeenAfspraken) as error:
            return own_fault(error)
        except SealBroken as error:
            return Attempt(Result.PERMANENT, str(error))
        attempt = await self._zaaksystemen.attempt(levering.client, partial(self._deliver, levering))
        return replace(attempt, sent=_sent(levering))

    async def close(self) -> None:
        await self._zaaksystemen.verbinding.close()

    def _prepare(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Levering:
        content = request.content
        receiver, client = self._zaaksystemen.open(content)
        return Levering(
            client=client,
            overdracht_id=UUID(str(content["overdrachtId"])),
            casus_id=casus_id,
            gemeente=gemeente_of(content, receiver),
            afzender=self._zaaksystemen.register.veilig_thuis(str(content.get("regio", receiver.regio))).naam,
            team=_name_team(receiver, team_of(content)),
            is_first=request.attempts <= 1,
            aangemaakt_op=datetime.fromisoformat(str(content["aangemaaktOp"])),
            stukken=self._stukken.of(request, casus_id, receiver, sealer),
        )

    async def _deliver(self, levering: Levering) -> Attempt:
        """The zaaktype is looked up before anything is made: what cannot be finished is not begun."""
        zaaktype = await self._zaaksystemen.catalogi.zaaktype(levering.client, levering.endpoint.zaaktype)
        zaak, is_new = await _make_zaak(levering)
        own = zaak.get("zaaktype")
        if isinstance(own, str) and own != levering.endpoint.zaaktype:
            zaaktype = await self._zaaksystemen.catalogi.zaaktype(levering.client, own)
        url, zaak_id = text_of(zaak, "url", stap=_ZAAK), resource_id(zaak, stap=_ZAAK)
        aanwezig = Aanwezig() if is_new else await look_around(levering, url)
        await _make_rollen(levering, url, zaaktype, aanwezig=aanwezig)
        left_out = await make_documenten(levering, url, zaaktype.informatieobjecttype, aanwezig=aanwezig)
        if not aanwezig.has_status:
            await _make_first_status(levering, url, zaaktype)
        receipt: JsonObject = {
            **({"nietMeegenomen": list(left_out)} if left_out else {}),
            "gemeente": levering.gemeente,
            "kenmerk": str(zaak_id),
            "zaak": url,
            "identificatie": levering.identificatie,
            **await read_receipt(levering.client, url),
        }
        return Attempt(Result.DONE, "de zaak staat er, met haar document en eerste status", 201, receipt=receipt)


def _sent(levering: Levering) -> JsonObject:
    return {"identificatie": levering.identificatie, "stukken": [stuk.formaat for stuk in levering.stukken]}


async def _make_zaak(levering: Levering) -> tuple[JsonObject, bool]:
    """The zaak, and whether it was made just now. A first attempt need not look: what is there is refused."""
    if not levering.is_first and (found := await _find_zaak(levering)) is not None:
        return found, False
    try:
        return await levering.client.create(Api.ZAKEN, "zaken", _zaak(levering), stap=_ZAAK), True
    except ZaaksysteemWeigert as refused:
        if refused.fout.already_there and (found := await _find_zaak(levering)) is not None:
            return found, False
        raise


async def _find_zaak(levering: Levering) -> JsonObject | None:
    return await find_zaak(levering.client, levering.overdracht_id, bronorganisatie=levering.endpoint.rsin)


def _zaak(levering: Levering) -> JsonObject:
    endpoint, on = levering.endpoint, local_date(levering.aangemaakt_op).isoformat()
    return {
        "identificatie": levering.identificatie,
        "bronorganisatie": endpoint.rsin,
        "verantwoordelijkeOrganisatie": endpoint.rsin,
        "zaaktype": endpoint.zaaktype,
        "omschrijving": f"Overdracht van Veilig Thuis {levering.referentie}",
        "registratiedatum": on,
        "startdatum": on,
        "vertrouwelijkheidaanduiding": endpoint.vertrouwelijkheid,
    }


async def _make_rollen(levering: Levering, zaak: str, zaaktype: Zaaktype, *, aanwezig: Aanwezig) -> None:
    """Who hands over and who receives. The people involved stand in the document, where fewer people look."""
    for roltype_id, rol in _rollen(levering, zaak, zaaktype):
        if roltype_id in aanwezig.roltypen:
            continue
        try:
            await levering.client.create(Api.ZAKEN, "rollen", rol, stap=_ROL)
        except ZaaksysteemWeigert:
            if roltype_id not in await roltypen_of(levering.client, zaak):
                raise


def _rollen(levering: Levering, zaak: str, zaaktype: Zaaktype) -> Iterator[tuple[UUID, JsonObject]]:
    """The rollen that the zaaktype has a place for."""
    initiator, behandelaar = zaaktype.roltype("initiator"), zaaktype.roltype("behandelaar")
    if initiator is not None:
        identificatie: JsonObject = {"statutaireNaam": levering.afzender}
        yield (
            initiator.id,
            {
                "zaak": zaak,
                "roltype": initiator.url,
                "betrokkeneType": "niet_natuurlijk_persoon",
                "roltoelichting": "draagt de casus over",
                "betrokkeneIdentificatie": identificatie,
            },
        )
    if behandelaar is not None and levering.team is not None:
        code, naam = levering.team
        eenheid: JsonObject = {"identificatie": code[:_LONGEST_CODE], "naam": naam[:_LONGEST_NAME]}
        yield (
            behandelaar.id,
            {
                "zaak": zaak,
                "roltype": behandelaar.url,
                "betrokkeneType": "organisatorische_eenheid",
                "roltoelichting": "ontvangt de casus",
                "betrokkeneIdentificatie": eenheid,
            },
        )


async def _make_first_status(levering: Levering, zaak: str, zaaktype: Zaaktype) -> None:
    body: JsonObject = {
        "zaak": zaak,
        "statustype": zaaktype.first_status.url,
        "datumStatusGezet": local_iso(levering.aangemaakt_op),
        "statustoelichting": f"Overgedragen door {levering.afzender}",
    }
    try:
        await levering.client.create(Api.ZAKEN, "statussen", body, stap=_STATUS)
    except ZaaksysteemWeigert:
        if not await has_status(levering.client, zaak):
            raise


def _name_team(receiver: Gemeente | Partij, code: str | None) -> tuple[str, str] | None:
    team = receiver.team(code) if code is not None else None
    return None if team is None else (team.code, team.naam)
