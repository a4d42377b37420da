"""What a zaaksysteem says when it refuses: both formats, as one sentence that repeats nothing of what was sent.

A `Fout` comes as application/json, a problem (RFC 9457) as application/problem+json; either may hold `invalidParams`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import orjson
from pydantic import JsonValue

UNIQUE_CODES = frozenset({"identificatie-niet-uniek", "unique"})
"""What we make is already there: an earlier attempt arrived after all."""
EXPIRED = "jwt-expired"
FORBIDDEN = "permission_denied"
IN_FUTURE = frozenset({"date-in-future", "future_not_allowed"})
"""Their clock is behind ours; a moment later it is not."""

_CODES: Mapping[str, str] = {
    EXPIRED: "het token was verlopen",
    FORBIDDEN: "ons client_id mag dit niet (autorisatie)",
    "not_authenticated": "het token kwam niet aan of wordt niet herkend",
    "authentication_failed": "het token wordt niet herkend",
    "invalid-jwt-token": "het token wordt niet herkend",
    "invalid-jwt-signature": "het geheim klopt niet",
    "jwt-decode-error": "het token wordt niet herkend",
    "missing-client-identifier": "het token wordt niet herkend",
    "invalid-client-identifier": "ons client_id is daar niet bekend",
    "not_authenticated_for_ac": "het zaaksysteem kan zijn eigen autorisaties niet lezen",
    "not_found": "bestaat daar niet",
    "invalid": "ongeldige gegevens",
    "required": "ontbreekt",
    "blank": "is leeg",
    "null": "is leeg",
    "max_length": "is te lang",
    "bad-url": "verwijst naar iets wat daar niet bestaat",
    "invalid-resource": "verwijst naar iets van een andere soort",
    "object-does-not-exist": "verwijst naar iets wat daar niet bestaat",
    "does_not_exist": "verwijst naar iets wat daar niet bestaat",
    "no_match": "is geen bruikbaar adres",
    "not-published": "het zaaktype is niet gepubliceerd",
    "zaaktype-mismatch": "hoort niet bij dit zaaktype",
    "missing-zaaktype-informatieobjecttype-relation": "hoort niet bij dit zaaktype",
    "max-occurences": "is er al",
    "identificatie-niet-uniek": "bestaat al",
    "unique": "bestaat al",
    "file-size": "de omvang klopt niet met de inhoud",
    "zaak-closed": "de zaak is al gesloten",
    "resultaat-does-not-exist": "de zaak heeft nog geen resultaat",
    "indicatiegebruiksrecht-unset": "een document van de zaak mist zijn gebruiksrecht",
    "archiefactiedatum-error": "de archiefdatum is niet te bepalen",
    "date-in-future": "ligt in de toekomst",
    "future_not_allowed": "ligt in de toekomst",
    "no-auth-on-callback-url": "onze callback vraagt geen token",
    "invalid-callback-url": "onze callback antwoordt daarvandaan niet zoals het hoort",
    "inconsistent-abonnement-filters": "dit filter kent het kanaal niet",
    "kanaal_naam": "dit kanaal bestaat daar niet",
    "unknown-parameters": "onbekende zoekvraag",
    "throttled": "te veel aanvragen",
}
"""Only codes known here are told on: what else stands there may have been made of what was sent."""

_MOST_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Veldfout:
    """A field of ours that was not accepted. `code` is None when it is not one we know."""

    naam: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Fout:
    """A refusal: its HTTP status, its code where we know it, and the fields it is about."""

    status: int
    code: str | None = None
    velden: tuple[Veldfout, ...] = ()

    @property
    def already_there(self) -> bool:
        return not UNIQUE_CODES.isdisjoint(self.codes)

    @property
    def is_early(self) -> bool:
        return any(veld.code in IN_FUTURE for veld in self.velden)

    @property
    def codes(self) -> frozenset[str]:
        """Every code it names that we know, of the whole and of its fields."""
        return frozenset(code for code in (self.code, *(veld.code for veld in self.velden)) if code is not None)

    @property
    def forbids(self) -> bool:
        """Whether we were recognised and lack a right; another 401 or 403 is about who we are."""
        return self.code == FORBIDDEN

    @property
    def expired(self) -> bool:
        return self.code == EXPIRED

    def __str__(self) -> str:
        """For people: no address, no value, nothing that was sent."""
        reasons = [f"{veld.naam}: {_CODES[veld.code] if veld.code else 'niet aanvaard'}" for veld in self.velden]
        if not reasons and self.code is not None:
            reasons = [_CODES[self.code]]
        return "; ".join(reasons)


class ZaaksysteemWeigert(Exception):
    """The zaaksysteem answered, and did not do it. `stap` says what was asked, `about_one` that it was about one zaak."""

    def __init__(self, stap: str, fout: Fout, retry_after: str | None = None, *, about_one: bool = False) -> None:
        super().__init__(f"{stap}: {fout}" if str(fout) else stap)
        self.stap = stap
        self.fout = fout
        self.retry_after = retry_after
        self.about_one = about_one


class ZaaksysteemOnbereikbaar(Exception):
    """No answer, or one that cannot be read. Whether it was done is unknown; asking again will show."""


def read_fout(status: int, raw: bytes, sent: Collection[str]) -> Fout:
    """What a refusal says. Of the fields it names only those that we `sent` are kept."""
    body = _read_object(raw)
    return Fout(status, _known(body.get("code")), tuple(_velden(body.get("invalidParams"), sent)))


def _velden(items: JsonValue, sent: Collection[str]) -> Iterator[Veldfout]:
    """The first few; `name` may be a path, such as `betrokkeneIdentificatie.naam`."""
    if not isinstance(items, list):
        return
    for item in items[:_MOST_FIELDS]:
        if not isinstance(item, dict):
            continue
        naam = str(item.get("name", "")).partition(".")[0]
        code = _known(item.get("code"))
        if naam in sent:
            yield Veldfout(naam, code)
        elif code is not None:
            yield Veldfout("de gegevens samen", code)


def _known(code: JsonValue) -> str | None:
    return code if isinstance(code, str) and code in _CODES else None


def _read_object(raw: bytes) -> Mapping[str, JsonValue]:
    try:
        body: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return cast("Mapping[str, JsonValue]", body) if isinstance(body, dict) else {}
