"""The catalogus of a sandbox zaaksysteem: one zaaktype, made of what the register says about it."""

from collections.abc import Iterator
from uuid import UUID

from contracts.messages.identifiers import derived_id
from contracts.register import Zaakantwoord, ZgwEndpoint
from services.runtime.unit.decision import JsonObject

FIRST = "Aangeboden"
LAST = "Afgerond"
_USUAL = {Zaakantwoord.ONTVANGEN: "Ontvangen", Zaakantwoord.OPGEPAKT: "In behandeling"}

Collection = dict[UUID, JsonObject]


def status_name(endpoint: ZgwEndpoint, antwoord: Zaakantwoord) -> str:
    """The omschrijving of the status by which this gemeente gives this answer."""
    return next((name for name, meant in endpoint.statussen.items() if meant is antwoord), _USUAL[antwoord])


def build_catalogus(endpoint: ZgwEndpoint) -> dict[str, Collection]:
    """The collections of the catalogi API, by name."""
    base = f"{endpoint.url.rstrip('/')}/catalogi/api/v1"
    zaaktype_id = UUID(endpoint.zaaktype.rstrip("/").rpartition("/")[2])
    names = (FIRST, *(status_name(endpoint, antwoord) for antwoord in Zaakantwoord), LAST)
    informatieobjecttype = _one(
        base, "informatieobjecttypen", {"omschrijving": "Overdrachtsdocument", "concept": False}
    )
    collections = {
        "statustypen": dict(_statustypen(base, endpoint.zaaktype, names)),
        "roltypen": dict(_roltypen(base, endpoint.zaaktype)),
        "resultaattypen": dict(_resultaattypen(base, endpoint)),
        "informatieobjecttypen": dict((informatieobjecttype,)),
        "zaaktype-informatieobjecttypen": dict((_relation(base, endpoint.zaaktype, informatieobjecttype[1]),)),
    }
    zaaktype: JsonObject = {
        "url": endpoint.zaaktype,
        "catalogus": f"{base}/catalogussen/{derived_id(base, 'catalogussen')}",
        "identificatie": "overdracht-veilig-thuis",
        "omschrijving": "Overdracht van Veilig Thuis",
        "concept": False,
        "beginGeldigheid": "2020-01-01",
        "eindeGeldigheid": None,
        "statustypen": [str(item["url"]) for item in collections["statustypen"].values()],
    }
    return {"zaaktypen": {zaaktype_id: zaaktype}, **collections}


def _statustypen(base: str, zaaktype: str, names: tuple[str, ...]) -> Iterator[tuple[UUID, JsonObject]]:
    for number, name in enumerate(names, start=1):
        content: JsonObject = {
            "omschrijving": name,
            "omschrijvingGeneriek": "",
            "zaaktype": zaaktype,
            "volgnummer": number,
            "isEindstatus": number == len(names),
        }
        yield _one(base, "statustypen", content)


def _roltypen(base: str, zaaktype: str) -> Iterator[tuple[UUID, JsonObject]]:
    for name in ("initiator", "behandelaar", "belanghebbende"):
        content: JsonObject = {"zaaktype": zaaktype, "omschrijving": name.capitalize(), "omschrijvingGeneriek": name}
        yield _one(base, "roltypen", content)


def _resultaattypen(base: str, endpoint: ZgwEndpoint) -> Iterator[tuple[UUID, JsonObject]]:
    for name, generiek in (("Afgehandeld", "Afgehandeld"), (endpoint.intrekking, "Ingetrokken")):
        content: JsonObject = {"zaaktype": endpoint.zaaktype, "omschrijving": name, "omschrijvingGeneriek": generiek}
        yield _one(base, "resultaattypen", content)


def _relation(base: str, zaaktype: str, informatieobjecttype: JsonObject) -> tuple[UUID, JsonObject]:
    content: JsonObject = {
        "zaaktype": zaaktype,
        "informatieobjecttype": informatieobjecttype["url"],
        "volgnummer": 1,
        "richting": "inkomend",
    }
    return _one(base, "zaaktype-informatieobjecttypen", content)


def _one(base: str, collection: str, content: JsonObject) -> tuple[UUID, JsonObject]:
    """The same id after every start, so that nothing that was remembered points to nowhere."""
    resource_id = derived_id(base, collection, str(content.get("omschrijving", "")))
    return resource_id, {"url": f"{base}/{collection}/{resource_id}", **content}
