"""What a zaaktype offers: its statustypen, roltypen and informatieobjecttype, remembered for a while."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from contracts.register import ZgwEndpoint
from services.handover.adapters.zgw.client import Api, ZgwClient, resource_id, text_of, unreadable
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject

KEPT_FOR = timedelta(minutes=15)

_STAP = "zaaktype opzoeken"
_INCOMING = "inkomend"


class ZaaktypeOnbruikbaar(Exception):
    """The zaaktype lacks what an overdracht needs; the message says what, for whoever keeps the catalogus."""


@dataclass(frozen=True, slots=True)
class Statustype:
    id: UUID
    url: str
    omschrijving: str
    volgnummer: int
    is_eindstatus: bool = False


@dataclass(frozen=True, slots=True)
class Roltype:
    id: UUID
    url: str
    generiek: str


@dataclass(frozen=True, slots=True)
class Geldigheid:
    """A version of a zaaktype: published or not, and on which days it may be used, both ends included."""

    url: str
    concept: bool
    van: date | None
    tot: date | None

    def holds(self, on: date) -> bool:
        return not self.concept and (self.van is None or self.van <= on) and (self.tot is None or on <= self.tot)


@dataclass(frozen=True, slots=True)
class Zaaktype:
    """A zaaktype, as far as an overdracht needs it; statustypen in their order."""

    statustypen: tuple[Statustype, ...]
    roltypen: tuple[Roltype, ...]
    informatieobjecttype: str

    @property
    def first_status(self) -> Statustype:
        """The one that a zaak begins with."""
        return self.statustypen[0]

    @property
    def last_status(self) -> Statustype:
        """The one that closes a zaak."""
        return next((statustype for statustype in self.statustypen if statustype.is_eindstatus), self.statustypen[-1])

    def roltype(self, generiek: str) -> Roltype | None:
        return next((roltype for roltype in self.roltypen if roltype.generiek == generiek), None)


class Catalogi:
    """Looks zaaktypen up and keeps them a while; `forget` after a refusal, for they may have changed."""

    def __init__(self, wall: Klok) -> None:
        self._wall = wall
        self._kept: dict[tuple[ZgwEndpointKey, str], tuple[datetime, Zaaktype]] = {}

    async def zaaktype(self, client: ZgwClient, url: str) -> Zaaktype:
        """Raises `ZaaktypeOnbruikbaar`, `ZaaksysteemWeigert` or `ZaaksysteemOnbereikbaar`."""
        key, now = (_key(client.endpoint), url), self._wall.now()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        resource = await _look_up(client, url)
        self._kept[key] = now, resource
        return resource

    def forget(self, endpoint: ZgwEndpoint) -> None:
        for key in [key for key in self._kept if key[0] == _key(endpoint)]:
            del self._kept[key]


ZgwEndpointKey = tuple[str, str, str | None]


def _key(endpoint: ZgwEndpoint) -> ZgwEndpointKey:
    return endpoint.url, endpoint.client_id, endpoint.informatieobjecttype


async def find_geldigheid(client: ZgwClient, url: str, on: date) -> tuple[Geldigheid, Geldigheid | None]:
    """This version of a zaaktype, and where it does not hold on this day the one that does, if any.

    Raises `ZaaksysteemWeigert` (404 where it does not exist) or `ZaaksysteemOnbereikbaar`.
    """
    item = await client.get(Api.CATALOGI, f"zaaktypen/{resource_id(url, stap=_STAP)}", stap=_STAP)
    if not isinstance(item, dict):
        raise unreadable(_STAP)
    own = _geldigheid(item)
    if own.holds(on):
        return own, None
    same = {name: text_of(item, name, stap=_STAP) for name in ("identificatie", "catalogus")}
    others = await client.find(Api.CATALOGI, "zaaktypen", stap=_STAP, datumGeldigheid=on.isoformat(), **same)
    valid = (_geldigheid(other) for other in others)
    return own, next((version for version in valid if version.holds(on) and version.url != own.url), None)


def _geldigheid(item: JsonObject) -> Geldigheid:
    van, tot = (_date(item.get(name)) for name in ("beginGeldigheid", "eindeGeldigheid"))
    return Geldigheid(text_of(item, "url", stap=_STAP), item.get("concept") is True, van, tot)


def _date(value: JsonValue) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


async def _look_up(client: ZgwClient, url: str) -> Zaaktype:
    statustypen = [
        _statustype(item) for item in await client.find(Api.CATALOGI, "statustypen", stap=_STAP, zaaktype=url)
    ]
    if not statustypen:
        raise ZaaktypeOnbruikbaar("het zaaktype heeft geen statustypen")
    roltypen = await client.find(Api.CATALOGI, "roltypen", stap=_STAP, zaaktype=url)
    return Zaaktype(
        statustypen=tuple(sorted(statustypen, key=lambda statustype: statustype.volgnummer)),
        roltypen=tuple(_roltype(item) for item in roltypen),
        informatieobjecttype=client.endpoint.informatieobjecttype or await _incoming_type(client, url),
    )


async def _incoming_type(client: ZgwClient, url: str) -> str:
    """The first kind of document that this zaaktype takes in."""
    relations = await client.find(Api.CATALOGI, "zaaktype-informatieobjecttypen", stap=_STAP, zaaktype=url)
    incoming = [relation for relation in relations if relation.get("richting") == _INCOMING]
    if not incoming:
        raise ZaaktypeOnbruikbaar("het zaaktype heeft geen informatieobjecttype voor wat binnenkomt")
    first = min(incoming, key=_volgnummer)
    return text_of(first, "informatieobjecttype", stap=_STAP)


def _statustype(item: JsonObject) -> Statustype:
    return Statustype(
        resource_id(item, stap=_STAP),
        text_of(item, "url", stap=_STAP),
        text_of(item, "omschrijving", stap=_STAP),
        _volgnummer(item),
        item.get("isEindstatus") is True,
    )


def _roltype(item: JsonObject) -> Roltype:
    return Roltype(
        resource_id(item, stap=_STAP), text_of(item, "url", stap=_STAP), str(item.get("omschrijvingGeneriek", ""))
    )


def _volgnummer(item: JsonObject) -> int:
    volgnummer = item.get("volgnummer")
    return volgnummer if isinstance(volgnummer, int) else 0
