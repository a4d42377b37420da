"""Whether the zaaksysteem gave us a right, found out without making or changing anything.

It weighs the right before it looks at anything else: who may make a zaak hears what is missing from an incomplete one, who
may change zaken hears that this one is not there, and who may not is refused. A date that is none makes sure that nothing
can come of it.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from http import HTTPStatus
from uuid import uuid4

from services.handover.adapters.zgw.client import Api, ZgwClient
from services.handover.adapters.zgw.fouten import Fout, ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.runtime.unit.decision import JsonObject

_NOBODY = "HV-proef"
"""The identificatie of a zaak that does not exist."""
_NO_DATE = "proef"
_TYPES = frozenset({"zaaktype", "informatieobjecttype", "vertrouwelijkheidaanduiding"})


class Recht(StrEnum):
    """What a case needs and can be proven beforehand, in the order in which it is needed."""

    ZAKEN_LEZEN = "zaken.lezen"
    ZAKEN_AANMAKEN = "zaken.aanmaken"
    ZAKEN_BIJWERKEN = "zaken.bijwerken"
    DOCUMENTEN_LEZEN = "documenten.lezen"
    DOCUMENTEN_AANMAKEN = "documenten.aanmaken"


async def has_right(client: ZgwClient, recht: Recht, *, informatieobjecttype: str = "") -> bool:
    """Raises `ZaaksysteemWeigert` where it says something else than yes or no, or `ZaaksysteemOnbereikbaar`."""
    stap, level = recht.value, client.endpoint.vertrouwelijkheid
    match recht:
        case Recht.ZAKEN_LEZEN:
            return await _is_let_in(client.find(Api.ZAKEN, "zaken", stap=stap, identificatie=_NOBODY))
        case Recht.DOCUMENTEN_LEZEN:
            found = client.find(Api.DOCUMENTEN, "enkelvoudiginformatieobjecten", stap=stap, identificatie=_NOBODY)
            return await _is_let_in(found)
        case Recht.ZAKEN_AANMAKEN:
            body: JsonObject = {"zaaktype": client.endpoint.zaaktype, "startdatum": _NO_DATE}
            made = client.create(Api.ZAKEN, "zaken", {**body, "vertrouwelijkheidaanduiding": level}, stap=stap)
            return await _is_let_in(made, _hears_what_is_missing)
        case Recht.DOCUMENTEN_AANMAKEN:
            body = {"informatieobjecttype": informatieobjecttype, "creatiedatum": _NO_DATE}
            body |= {"vertrouwelijkheidaanduiding": level}
            made = client.create(Api.DOCUMENTEN, "enkelvoudiginformatieobjecten", body, stap=stap)
            return await _is_let_in(made, _hears_what_is_missing)
        case Recht.ZAKEN_BIJWERKEN:
            return await _is_let_in(client.change(Api.ZAKEN, f"zaken/{uuid4()}", {}, stap=stap), _hears_it_is_not_there)


async def shows_audittrail(client: ZgwClient) -> bool:
    """Whether it will be our receipt. Raises as `has_right`."""
    shown = client.get(Api.ZAKEN, f"zaken/{uuid4()}/audittrail", stap="audittrail lezen")
    return await _is_let_in(shown, lambda fout: fout is None or _hears_it_is_not_there(fout))


async def lets_us_work(client: ZgwClient) -> bool:
    """Whether we may read and change zaken at all; when not, a refusal about one of them is about all."""
    try:
        return await has_right(client, Recht.ZAKEN_LEZEN) and await has_right(client, Recht.ZAKEN_BIJWERKEN)
    except (ZaaksysteemWeigert, ZaaksysteemOnbereikbaar):
        return False


def _is_done(fout: Fout | None) -> bool:
    return fout is None


def _hears_what_is_missing(fout: Fout | None) -> bool:
    named = {veld.naam for veld in fout.velden} if fout is not None else set[str]()
    return fout is not None and fout.status == HTTPStatus.BAD_REQUEST and not named & _TYPES


def _hears_it_is_not_there(fout: Fout | None) -> bool:
    return fout is not None and fout.status == HTTPStatus.NOT_FOUND


async def _is_let_in(call: Awaitable[object], means_yes: Callable[[Fout | None], bool] = _is_done) -> bool:
    try:
        await call
    except ZaaksysteemWeigert as refused:
        if refused.fout.forbids:
            return False
        if means_yes(refused.fout):
            return True
        raise
    if not means_yes(None):
        raise ZaaksysteemOnbereikbaar("een aanvraag die niet kan is aangenomen")
    return True
