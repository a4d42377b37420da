"""Trying a zaaksysteem without making anything there: may we in, does its zaaktype fit, does it let us know."""

from collections.abc import AsyncGenerator

from services.cli.proef_uitleg import explain_zaaksysteem
from services.cli.proefstap import THEM, US, Stap, Stops
from services.handover.adapters.zgw import Api, Catalogi, ZgwClient
from services.handover.adapters.zgw.abonnement import find_abonnementen, tells_of
from services.handover.adapters.zgw.catalogus import Zaaktype, ZaaktypeOnbruikbaar
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.handover.adapters.zgw.intrekking import find_resultaattype
from services.runtime.klok import Klok

_REFUSED = (ZaaksysteemWeigert, ZaaksysteemOnbereikbaar)
_NOBODY = "HV-proef"
"""The identificatie of a zaak that does not exist."""


async def check_zaaksysteem(client: ZgwClient, *, wall: Klok, callback_url: str | None) -> AsyncGenerator[Stap, None]:
    """The steps as they are taken. Raises `Stops` where the zaaktype cannot be read at all."""
    try:
        zaaktype = await Catalogi(wall).zaaktype(client, client.endpoint.zaaktype)
    except ZaaktypeOnbruikbaar as error:
        who = f"{THEM} (catalogus) of {US} (zaaktype in het register)"
        raise Stops(Stap("aanmelding en zaaktype", False, str(error), who)) from None
    except _REFUSED as error:
        raise Stops(Stap("aanmelding en zaaktype", False, *explain_zaaksysteem(error))) from None
    told = f"het zaaktype is te lezen; een zaak begint met {zaaktype.first_status.omschrijving!r}"
    yield Stap("aanmelding en zaaktype", True, told)
    yield _check_rollen(zaaktype)
    yield _check_statussen(client, zaaktype)
    yield await _check_resultaat(client)
    yield await _check_rights(client)
    yield await _check_abonnement(client, callback_url)


def _check_rollen(zaaktype: Zaaktype) -> Stap:
    missing = [name for name in ("initiator", "behandelaar") if zaaktype.roltype(name) is None]
    if missing:
        return Stap("roltypen", True, f"zonder {' en '.join(missing)}: die rol wordt niet vastgelegd")
    return Stap("roltypen", True, "initiator (Veilig Thuis) en behandelaar (het team)")


def _check_statussen(client: ZgwClient, zaaktype: Zaaktype) -> Stap:
    table = client.endpoint.statussen
    known = [statustype.omschrijving for statustype in zaaktype.statustypen]
    if unknown := [name for name in table if name not in known]:
        told = f"het zaaktype kent geen status {', '.join(map(repr, unknown))}; wel {', '.join(map(repr, known))}"
        return Stap("statussen", False, told, f"{US} (register) of {THEM} (catalogus)")
    if zaaktype.first_status.omschrijving in table:
        told = f"{zaaktype.first_status.omschrijving!r} zet Houvast zelf; dat is geen antwoord van mensen"
        return Stap("statussen", False, told, US)
    if not table:
        return Stap("statussen", True, "geen enkele status is een antwoord: de gemeente bevestigt via de API")
    return Stap("statussen", True, "; ".join(f"{name} betekent {antwoord.value}" for name, antwoord in table.items()))


async def _check_resultaat(client: ZgwClient) -> Stap:
    try:
        await find_resultaattype(client, client.endpoint.zaaktype)
    except ZaaktypeOnbruikbaar as error:
        return Stap("resultaattype", False, str(error), f"{THEM} (catalogus) of {US} (intrekking in het register)")
    except _REFUSED as error:
        return Stap("resultaattype", False, *explain_zaaksysteem(error))
    return Stap("resultaattype", True, f"een ingetrokken overdracht sluit de zaak met {client.endpoint.intrekking!r}")


async def _check_rights(client: ZgwClient) -> Stap:
    """Reading alone: what may be written shows at the first overdracht, for nothing is made to try it."""
    try:
        await client.find(Api.ZAKEN, "zaken", stap="zaken lezen", identificatie=_NOBODY)
        await client.find(
            Api.DOCUMENTEN, "enkelvoudiginformatieobjecten", stap="documenten lezen", identificatie=_NOBODY
        )
    except _REFUSED as error:
        return Stap("rechten", False, *explain_zaaksysteem(error))
    return Stap("rechten", True, "zaken en documenten zijn te lezen; schrijven blijkt bij de eerste overdracht")


async def _check_abonnement(client: ZgwClient, callback_url: str | None) -> Stap:
    if callback_url is None:
        told = "de hub heeft geen adres met https:// (HOUVAST_PUBLIC_URL), dus wordt hier niets gemeld"
        return Stap("abonnement", False, told, US)
    try:
        found = await find_abonnementen(client, callback_url)
    except _REFUSED as error:
        return Stap("abonnement", False, *explain_zaaksysteem(error))
    mend = "; maak het met houvast gemeente abonneer"
    if not found:
        return Stap("abonnement", False, f"er is geen abonnement op {callback_url}{mend}", US)
    if not any(tells_of(item, client.endpoint.zaaktype) for item in found):
        return Stap("abonnement", False, f"het abonnement gaat niet over dit zaaktype{mend}", US)
    if len(found) > 1:
        return Stap("abonnement", False, f"er zijn {len(found)} abonnementen op {callback_url}{mend}", US)
    return Stap("abonnement", True, f"wat er met een zaak gebeurt komt op {callback_url}")
