"""The abonnement by which a zaaksysteem lets the hub know that something happened to a zaak of ours.

A Notificaties API never shows the `auth` of an abonnement again, and looks itself whether the callback refuses strangers
and takes a test. So keeping it means writing it anew: once more what is there already, and nothing besides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import httpx
from pydantic import JsonValue

from services.handover.adapters.zgw.client import Api, ZgwClient, resource_id
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.runtime.unit.decision import JsonObject

KANAAL = "zaken"
CALLBACK = "/overdracht/v1/notificaties"

_COLLECTION = "abonnement"
_STAP = "abonnement"
_TAKE, _UPDATE = f"{_STAP} nemen", f"{_STAP} bijwerken"


@dataclass(frozen=True, slots=True)
class Abonnement:
    """What the hub wants to hear, where, and the whole `Authorization` header with which it is told.

    Only of zaken of its own zaaktype: what else a gemeente does is none of its business.
    """

    callback_url: str
    auth: str = field(repr=False)
    zaaktype: str

    @property
    def kanaal(self) -> JsonObject:
        return {"naam": KANAAL, "filters": {"zaaktype": self.zaaktype}}


class Gedaan(StrEnum):
    """What was done to have the one abonnement."""

    GEMAAKT = "gemaakt"
    BIJGEWERKT = "bijgewerkt"


async def find_abonnementen(client: ZgwClient, callback_url: str) -> list[JsonObject]:
    """Those that tell it at this address, in an order that stays. Raises `ZaaksysteemWeigert`/`…Onbereikbaar`."""
    abonnementen = await client.find(Api.NOTIFICATIES, _COLLECTION, stap=f"{_STAP} opzoeken")
    own = [item for item in abonnementen if item.get("callbackUrl") == callback_url]
    return sorted(own, key=lambda item: resource_id(item, stap=_STAP))


async def keep_abonnement(client: ZgwClient, wanted: Abonnement) -> Gedaan:
    """See to it that there is exactly one, with this token and this zaaktype. Raises as `find_abonnementen`.

    What it was told about earlier zaaktypen it goes on being told: zaken of those may still be open.
    """
    abonnementen = await find_abonnementen(client, wanted.callback_url)
    if not abonnementen:
        await client.create(Api.NOTIFICATIES, _COLLECTION, _body(wanted, []), stap=_TAKE)
        return Gedaan.GEMAAKT
    first, *others = abonnementen
    path = f"{_COLLECTION}/{resource_id(first, stap=_STAP)}"
    body = _body(wanted, [*_kanalen(abonnementen)])
    await client.replace(Api.NOTIFICATIES, path, body, stap=_UPDATE)
    for other in others:
        await client.remove(
            Api.NOTIFICATIES, f"{_COLLECTION}/{resource_id(other, stap=_STAP)}", stap=f"{_STAP} opruimen"
        )
    return Gedaan.BIJGEWERKT


def tells_of(abonnement: JsonObject, zaaktype: str) -> bool:
    """Whether it says what happens to zaken of this zaaktype."""
    return any(
        kanaal["naam"] == KANAAL and (kanaal["filters"] or {"zaaktype": zaaktype}) == {"zaaktype": zaaktype}
        for kanaal in _kanalen([abonnement])
    )


def is_about_callback(error: ZaaksysteemWeigert | ZaaksysteemOnbereikbaar) -> bool:
    """Whether it went wrong where a Notificaties API calls our callback to try it: it broke down or never answered.

    Open Notificaties waits for that call without end, and whatever goes wrong in it is a bare 500.
    """
    tries = str(error).startswith((_TAKE, _UPDATE))
    return tries and (isinstance(error, ZaaksysteemOnbereikbaar) or httpx.codes.is_server_error(error.fout.status))


def _body(wanted: Abonnement, present: list[JsonObject]) -> JsonObject:
    kanalen: list[JsonValue] = [wanted.kanaal]
    kanalen += [kanaal for kanaal in present if kanaal["naam"] == KANAAL and kanaal not in kanalen]
    return {"callbackUrl": wanted.callback_url, "auth": wanted.auth, "kanalen": kanalen}


def _kanalen(found: list[JsonObject]) -> Iterator[JsonObject]:
    for abonnement in found:
        kanalen = abonnement.get("kanalen")
        for kanaal in kanalen if isinstance(kanalen, list) else []:
            if isinstance(kanaal, dict):
                yield {"naam": str(kanaal.get("naam")), "filters": kanaal.get("filters") or {}}
