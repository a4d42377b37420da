"""What an applicatie may do at a sandbox zaaksysteem: scopes per component, type and vertrouwelijkheid.

Weighed as Open Zaak weighs them: a right is asked of the component as a whole where no object is concerned yet, and of
its type and vertrouwelijkheidaanduiding where one is. Who may do everything is asked nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.register import ZgwEndpoint

_ORDER = (
    *("openbaar", "beperkt_openbaar", "intern", "zaakvertrouwelijk", "vertrouwelijk", "confidentieel", "geheim"),
    "zeer_geheim",
)

READ: Mapping[str, frozenset[str]] = {
    api: frozenset({f"{api}.lezen"}) for api in ("zaken", "documenten", "catalogi", "autorisaties")
}
UPDATE = frozenset({"zaken.bijwerken", "zaken.geforceerd-bijwerken"})
LATER_STATUS = frozenset({"zaken.statussen.toevoegen", "zaken.heropenen"})
"""`zaken.aanmaken` gives a zaak its first status, and no other."""
CREATE: Mapping[str, frozenset[str]] = {
    "zaken": frozenset({"zaken.aanmaken"}),
    "rollen": UPDATE,
    "resultaten": UPDATE,
    "zaakinformatieobjecten": UPDATE | {"zaken.aanmaken"},
    "statussen": LATER_STATUS | {"zaken.aanmaken"},
    "enkelvoudiginformatieobjecten": frozenset({"documenten.aanmaken"}),
}
"""Any one of these is enough."""
SUBSCRIBE = frozenset({"notificaties.consumeren"})


@dataclass(frozen=True, slots=True)
class Onderwerp:
    """What a right is asked about: the zaaktype or informatieobjecttype, and how confidential it is. None is not said."""

    type: str | None = None
    vertrouwelijkheid: str | None = None


ANY = Onderwerp()


@dataclass(frozen=True, slots=True)
class Autorisatie:
    """Scopes at one component, for one type and up to a vertrouwelijkheid where it knows those."""

    component: str
    scopes: frozenset[str]
    type: str | None = None
    tot: str = _ORDER[-1]

    def covers(self, onderwerp: Onderwerp) -> bool:
        of_type = onderwerp.type is None or onderwerp.type == self.type
        asked = onderwerp.vertrouwelijkheid
        return of_type and (asked not in _ORDER or _ORDER.index(asked) <= _ORDER.index(self.tot))


@dataclass(frozen=True, slots=True)
class Applicatie:
    """A client of the zaaksysteem. `alle_autorisaties` is `heeftAlleAutorisaties` of the autorisaties API."""

    autorisaties: tuple[Autorisatie, ...] = ()
    alle_autorisaties: bool = False

    def may(self, component: str, scopes: frozenset[str], onderwerp: Onderwerp = ANY) -> bool:
        """Whether one of these scopes was given out for this."""
        return self.alle_autorisaties or any(
            autorisatie.component == component and autorisatie.scopes & scopes and autorisatie.covers(onderwerp)
            for autorisatie in self.autorisaties
        )

    def without(self, *scopes: str) -> "Applicatie":
        """The same, where these were forgotten."""
        return Applicatie(
            tuple(Autorisatie(a.component, a.scopes - {*scopes}, a.type, a.tot) for a in self.autorisaties),
            self.alle_autorisaties,
        )


def documented(endpoint: ZgwEndpoint, informatieobjecttype: str) -> Applicatie:
    """Exactly the rights that docs/connecting-zgw.md asks for."""
    zaken = {"zaken.aanmaken", "zaken.lezen", "zaken.bijwerken", "zaken.statussen.toevoegen"}
    documenten = frozenset({"documenten.aanmaken", "documenten.lezen"})
    tot = endpoint.vertrouwelijkheid
    return Applicatie(
        (
            Autorisatie("zaken", frozenset(zaken), endpoint.zaaktype, tot),
            Autorisatie("documenten", documenten, informatieobjecttype, tot),
            Autorisatie("catalogi", READ["catalogi"]),
            Autorisatie("notificaties", SUBSCRIBE),
        )
    )
