"""Trying a zaaksysteem without making anything there: may we in, does its zaaktype fit, does it let us know."""

from collections.abc import AsyncGenerator
from datetime import date
from http import HTTPStatus

from contracts.afspraken import local_date
from services.cli.proef_uitleg import explain_zaaksysteem
from services.cli.proefstap import THEM, US, Stap, Stops
from services.handover.adapters.zgw import Catalogi, ZgwClient
from services.handover.adapters.zgw.abonnement import find_abonnementen, tells_of
from services.handover.adapters.zgw.catalogus import Geldigheid, Zaaktype, ZaaktypeOnbruikbaar, find_geldigheid
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.handover.adapters.zgw.intrekking import find_resultaattype
from services.handover.adapters.zgw.rechten import Recht, has_right, shows_audittrail
from services.runtime.process.clock import Klok

_REFUSED = (ZaaksysteemWeigert, ZaaksysteemOnbereikbaar)
_CATALOGUS = f"{US} (zaaktype in het register) of {THEM} (catalogus)"
_LATER = (
    "alleen een intrekking heeft dit nodig; het is pas te zien aan een echte zaak. Vraag de gemeente het na te kijken"
)


async def check_zaaksysteem(client: ZgwClient, *, wall: Klok, callback_url: str | None) -> AsyncGenerator[Stap, None]:
    """The steps as they are taken. Raises `Stops` where we are not let in, or the zaaktype cannot be read at all."""
    yield await _check_right(client, Recht.ZAKEN_LEZEN)
    yield await _check_geldigheid(client, local_date(wall.now()))
    try:
        zaaktype = await Catalogi(wall).zaaktype(client, client.endpoint.zaaktype)
    except ZaaktypeOnbruikbaar as error:
        raise Stops(Stap("zaaktype", False, str(error), _CATALOGUS)) from None
    except _REFUSED as error:
        raise Stops(Stap("zaaktype", False, *explain_zaaksysteem(error))) from None
    told = f"te lezen; een zaak begint met {zaaktype.first_status.omschrijving!r}"
    yield Stap("zaaktype", True, told)
    yield _check_rollen(zaaktype)
    yield _check_statussen(client, zaaktype)
    yield await _check_resultaat(client)
    for recht in (*Recht,)[1:]:
        yield await _check_right(client, recht, zaaktype)
    yield Stap("zaken.statussen.toevoegen", True, f"niet te proberen: {_LATER}")
    yield await _check_receipt(client)
    yield await _check_abonnement(client, callback_url)


async def _check_right(client: ZgwClient, recht: Recht, zaaktype: Zaaktype | None = None) -> Stap:
    """The first, which needs no zaaktype, also shows whether we are known: without that the others make no sense."""
    soort = "" if zaaktype is None else zaaktype.informatieobjecttype
    try:
        given = await has_right(client, recht, informatieobjecttype=soort)
    except _REFUSED as error:
        refused = Stap(recht.value, False, *explain_zaaksysteem(error))
        if zaaktype is None:
            raise Stops(refused) from None
        return refused
    if given:
        return Stap(recht.value, True, "dit recht is er")
    level = client.endpoint.vertrouwelijkheid
    told = f"ons client_id mag dit niet (autorisatie) voor dit type tot en met {level!r}"
    return Stap(recht.value, False, told, f"{THEM} (autorisaties)")


async def _check_geldigheid(client: ZgwClient, on: date) -> Stap:
    naam = "geldigheid"
    try:
        own, newer = await find_geldigheid(client, client.endpoint.zaaktype, on)
    except _REFUSED as error:
        if isinstance(error, ZaaksysteemWeigert) and error.fout.status == HTTPStatus.NOT_FOUND:
            raise Stops(Stap(naam, False, "het zaaktype uit het register bestaat niet", _CATALOGUS)) from None
        raise Stops(Stap(naam, False, *explain_zaaksysteem(error))) from None
    if own.holds(on):
        until = "" if own.tot is None else f" tot en met {own.tot:%d-%m-%Y}"
        return Stap(naam, True, f"het zaaktype is gepubliceerd en geldig{until}")
    follow_up = "" if newer is None else f"; nieuwere versie is {newer.url}: zet die in het register"
    return Stap(naam, False, f"het zaaktype is {_why_not(own, on)}{follow_up}", _CATALOGUS if newer is None else US)


def _why_not(own: Geldigheid, on: date) -> str:
    if own.concept:
        return "nog concept: publiceer het"
    if own.van is not None and own.van > on:
        return f"pas geldig vanaf {own.van:%d-%m-%Y}"
    return f"verlopen sinds {own.tot:%d-%m-%Y}"


async def _check_receipt(client: ZgwClient) -> Stap:
    """Which it will be is no fault of anybody, but good to know beforehand."""
    try:
        audittrail = await shows_audittrail(client)
    except _REFUSED:
        audittrail = False
    told = (
        "de audittrail van de zaak"
        if audittrail
        else "de zaak, haar status en haar documenten, teruggelezen (de audittrail wordt ons niet getoond)"
    )
    return Stap("ontvangstbewijs", True, told)


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
