"""One zaaksysteem: what is in it, what it refuses, and the audittrail it keeps."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from contracts.messages.identifiers import passes_bsn_check
from contracts.register import Zaakantwoord, ZgwEndpoint
from lab.sandbox.gedrag import Gedrag
from lab.sandbox.zgw.catalogus import Collection, build_catalogus, status_name
from lab.sandbox.zgw.fout import Veld, ZgwFout, forbidden, invalid
from lab.sandbox.zgw.geheugen import ZgwGeheugen
from lab.sandbox.zgw.rechten import CREATE, LATER_STATUS, READ, Applicatie, Onderwerp, documented
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject

MADE = ("zaken", "rollen", "zaakinformatieobjecten", "statussen", "resultaten", "enkelvoudiginformatieobjecten")
_NAMES = {
    "zaken": "zaak",
    "rollen": "rol",
    "zaakinformatieobjecten": "zaakinformatieobject",
    "statussen": "status",
    "resultaten": "resultaat",
    "enkelvoudiginformatieobjecten": "enkelvoudiginformatieobject",
}
_REQUIRED = {
    "zaken": ("zaaktype", "bronorganisatie", "verantwoordelijkeOrganisatie", "startdatum"),
    "rollen": ("zaak", "roltype", "betrokkeneType", "roltoelichting"),
    "zaakinformatieobjecten": ("zaak", "informatieobject"),
    "statussen": ("zaak", "statustype", "datumStatusGezet"),
    "resultaten": ("zaak", "resultaattype"),
    "enkelvoudiginformatieobjecten": (
        *("bronorganisatie", "creatiedatum", "titel", "auteur", "taal", "informatieobjecttype", "inhoud"),
    ),
}
_LONGEST = {"identificatie": 40, "omschrijving": 80, "titel": 200}

Listener = Callable[["Zaaksysteem", str, JsonObject, JsonObject], None]
"""Told of each thing that was made about a zaak: the zaaksysteem, what it is called, the zaak, the thing."""


@dataclass(frozen=True, slots=True)
class OntvangenZaak:
    """A zaak that is complete, and how many of each of its parts there are. `status` is its latest; `is_doubled` says
    that a part is there twice.
    """

    overdracht_id: UUID
    gemeente: str
    referentie: str
    identificatie: str
    ontvangen_op: datetime
    status: str
    rollen: int
    documenten: int
    is_doubled: bool
    bevestigd_op: datetime | None
    verdeeld_op: datetime | None
    gesloten_op: str | None


@dataclass(slots=True)
class Zaaksysteem:
    """Keeps zaken in memory; `wall` judges tokens, `klok` is the one that people live by.

    `applicatie` is what the hub may do there: without another, exactly the rights that are documented.
    """

    code: str
    naam: str
    endpoint: ZgwEndpoint
    klok: Klok
    wall: Klok
    secret: Callable[[], str]
    geheugen: ZgwGeheugen
    gedrag: Gedrag = field(default_factory=Gedrag)
    applicatie: Applicatie = field(default_factory=Applicatie)
    resources: dict[str, Collection] = field(default_factory=dict[str, Collection])
    audittrail: dict[UUID, list[JsonObject]] = field(default_factory=dict[UUID, list[JsonObject]])
    made_at: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    listeners: list[Listener] = field(default_factory=list[Listener])

    def __post_init__(self) -> None:
        self.resources |= {name: {} for name in MADE} | build_catalogus(self.endpoint)
        if self.applicatie == Applicatie():
            (soort,) = self.resources["informatieobjecttypen"].values()
            self.applicatie = documented(self.endpoint, str(soort["url"]))

    def remember(self) -> None:
        """Take back what was made before a restart; the audittrail begins anew."""
        for collection, resource, op in self.geheugen.recall(self.code):
            self._keep(collection, resource, op)

    def search(self, collection: str, criteria: Mapping[str, str]) -> list[JsonObject]:
        """What fits; a criterium that does not exist is refused."""
        criteria = dict(criteria)
        on = criteria.pop("datumGeldigheid", None)
        known = {field for resource in self.resources[collection].values() for field in resource} | {*_SEARCHABLE}
        if unknown := sorted(criteria.keys() - known):
            velden = [Veld("nonFieldErrors", "unknown-parameters", f"Onbekende query parameters: {unknown[0]}")]
            raise ZgwFout(400, "invalid", "Invalid input.", *velden)
        return [
            resource
            for resource in self.resources[collection].values()
            if all(str(resource.get(name)) == value for name, value in criteria.items())
            and (on is None or _is_valid(resource, on))
        ]

    def shows(self, collection: str, resource: JsonObject) -> bool:
        """Whether the applicatie may see this one; in a list the others are left out."""
        return self.applicatie.may(
            _api_of(collection), READ[_api_of(collection)], self._onderwerp(collection, resource)
        )

    def check_rights(self, collection: str, body: JsonObject) -> None:
        """Refuse what the applicatie may not make: after what rights go by was looked at, before all else is."""
        if collection in _TYPED:
            field = _TYPED[collection]
            if field in body and self._resource(f"{field}n", body[field]) is None:
                raise invalid(Veld(field, "bad-url", f"De URL {body[field]} gaf als antwoord HTTP 404."))
        elif "zaak" not in body:
            raise invalid(Veld("zaak", "required", "zaak is required for permissions"))
        elif self._resource("zaken", body["zaak"]) is None:
            raise invalid(Veld("zaak", "object-does-not-exist", "The object does not exist in the database"))
        onderwerp = self._onderwerp(collection, body)
        if not self.applicatie.may(_api_of(collection), CREATE[collection], onderwerp):
            raise forbidden()
        is_later = collection == "statussen" and bool(self.search(collection, {"zaak": str(body["zaak"])}))
        if is_later and not self.applicatie.may("zaken", LATER_STATUS, onderwerp):
            raise forbidden("Met de 'zaken.aanmaken' scope mag je slechts 1 status zetten")

    def _onderwerp(self, collection: str, resource: JsonObject) -> Onderwerp:
        """The type and vertrouwelijkheid of a resource; what hangs to a zaak has those of the zaak."""
        if collection not in _TYPED:
            zaak = self._resource("zaken", resource.get("zaak"))
            return Onderwerp() if zaak is None else self._onderwerp("zaken", zaak)
        soort, level = resource.get(_TYPED[collection]), resource.get("vertrouwelijkheidaanduiding")
        return Onderwerp(None if soort is None else str(soort), None if level is None else str(level))

    def create(self, collection: str, body: JsonObject) -> JsonObject:
        """Make it, or refuse by a `ZgwFout`."""
        self._check(collection, body)
        resource_id = uuid4()
        url = f"{self.endpoint.url.rstrip('/')}/{_api_of(collection)}/api/v1/{collection}/{resource_id}"
        resource: JsonObject = {"url": url, "uuid": str(resource_id), **body}
        if collection == "zaken":
            resource |= {"status": None, "resultaat": None, "einddatum": None}
            resource.setdefault("identificatie", f"ZAAK-{len(self.resources['zaken']) + 1:010}")
        zaak = self._keep(collection, resource, self.klok.now())
        self.geheugen.made(self.code, collection, resource, op=self.klok.now())
        if zaak is not None:
            self._tell(collection, resource, zaak)
        return resource

    def set_status(self, zaak: JsonObject, antwoord: Zaakantwoord) -> None:
        """What a person does in the screens of the zaaksysteem."""
        name = status_name(self.endpoint, antwoord)
        statustype = next(item for item in self.resources["statustypen"].values() if item["omschrijving"] == name)
        self.create(
            "statussen",
            {"zaak": zaak["url"], "statustype": statustype["url"], "datumStatusGezet": _iso(self.klok.now())},
        )

    def statussen_of(self, zaak: JsonObject) -> list[tuple[str, datetime]]:
        """The statussen of a zaak by their omschrijving, the earliest first."""
        named = (
            (self._omschrijving(status["statustype"]), datetime.fromisoformat(str(status["datumStatusGezet"])))
            for status in self.search("statussen", {"zaak": str(zaak["url"])})
        )
        return sorted(named, key=lambda status: status[1])

    @property
    def ontvangen(self) -> Iterator[OntvangenZaak]:
        """The zaken with a status, which is what makes them complete."""
        for zaak in self.resources["zaken"].values():
            statussen = self.statussen_of(zaak)
            if statussen:
                yield self._received(zaak, statussen)

    def _received(self, zaak: JsonObject, statussen: list[tuple[str, datetime]]) -> OntvangenZaak:
        given = dict(reversed(statussen))
        of_zaak = {"zaak": str(zaak["url"])}
        rollen, links = (self.search(collection, of_zaak) for collection in ("rollen", "zaakinformatieobjecten"))
        parts = {str(rol["roltype"]) for rol in rollen} | {str(link.get("titel")) for link in links}
        came = min(self.made_at[uuid_of(status["url"])] for status in self.search("statussen", of_zaak))
        return OntvangenZaak(
            overdracht_id=overdracht_of(zaak),
            gemeente=self.code,
            referentie=str(zaak.get("omschrijving", "")).rpartition(" ")[2],
            identificatie=str(zaak["identificatie"]),
            ontvangen_op=came,
            status=statussen[-1][0],
            rollen=len(rollen),
            documenten=len(links),
            is_doubled=len(parts) < len(rollen) + len(links),
            bevestigd_op=given.get(status_name(self.endpoint, Zaakantwoord.ONTVANGEN)),
            verdeeld_op=given.get(status_name(self.endpoint, Zaakantwoord.OPGEPAKT)),
            gesloten_op=None if zaak["einddatum"] is None else str(zaak["einddatum"]),
        )

    def _keep(self, collection: str, resource: JsonObject, op: datetime) -> JsonObject | None:
        """Put it in its place; the zaak that it belongs to, if any."""
        resource_id = uuid_of(resource["url"])
        self.resources[collection][resource_id] = resource
        self.made_at[resource_id] = op
        zaak = resource if collection == "zaken" else self._resource("zaken", resource.get("zaak"))
        if zaak is not None and collection == "resultaten":
            zaak["resultaat"] = resource["url"]
        if zaak is not None and collection == "statussen":
            zaak["status"] = resource["url"]
            if self._ends(resource["statustype"]):
                zaak["einddatum"] = str(resource["datumStatusGezet"])[:10]
        return zaak

    def _tell(self, collection: str, resource: JsonObject, zaak: JsonObject) -> None:
        self.audittrail.setdefault(uuid_of(zaak["url"]), []).append(self._audit_line(collection, resource, zaak))
        for listener in self.listeners:
            listener(self, _NAMES[collection], zaak, resource)

    def _audit_line(self, collection: str, resource: JsonObject, zaak: JsonObject) -> JsonObject:
        return {
            "uuid": str(uuid4()),
            "bron": "zrc",
            "applicatieId": self.endpoint.client_id,
            "gebruikersWeergave": "Houvast",
            "actie": "create",
            "actieWeergave": "Object aangemaakt",
            "resultaat": 201,
            "hoofdObject": zaak["url"],
            "resource": _NAMES[collection],
            "resourceUrl": resource["url"],
            "resourceWeergave": f"{zaak['bronorganisatie']} - {zaak['identificatie']}",
            "aanmaakdatum": _iso(self.klok.now()),
            "wijzigingen": {"oud": None, "nieuw": dict(resource)},
        }

    def _check(self, collection: str, body: JsonObject) -> None:
        missing = [Veld(name, "required", "Dit veld is vereist.") for name in _REQUIRED[collection] if name not in body]
        too_long = [
            Veld(name, "max_length", f"{body[name]} is te lang")
            for name, most in _LONGEST.items()
            if len(str(body.get(name, ""))) > most
        ]
        if missing or too_long:
            raise invalid(*missing, *too_long)
        {
            "zaken": self._check_zaak,
            "rollen": self._check_rol,
            "zaakinformatieobjecten": self._check_link,
            "statussen": self._check_status,
            "resultaten": self._check_resultaat,
            "enkelvoudiginformatieobjecten": self._check_document,
        }[collection](body)

    def _check_zaak(self, body: JsonObject) -> None:
        for name in ("bronorganisatie", "verantwoordelijkeOrganisatie"):
            if not passes_bsn_check(str(body[name])):
                raise invalid(Veld(name, "invalid", f"Ongeldig RSIN {body[name]}"))
        if body["zaaktype"] != self.endpoint.zaaktype:
            raise invalid(Veld("zaaktype", "bad-url", f"De URL {body['zaaktype']} gaf als antwoord HTTP 404."))
        self._check_identificatie("zaken", body)

    def _check_document(self, body: JsonObject) -> None:
        try:
            content = base64.b64decode(str(body["inhoud"]), validate=True)
        except binascii.Error:
            raise invalid(Veld("inhoud", "incorrect-base64-padding", "Het bestand is geen base64")) from None
        if body.get("bestandsomvang") != len(content):
            raise invalid(Veld("nonFieldErrors", "file-size", "The size of upload file should match"))
        if self._resource("informatieobjecttypen", body["informatieobjecttype"]) is None:
            raise invalid(Veld("informatieobjecttype", "bad-url", "gaf als antwoord HTTP 404."))
        self._check_identificatie("enkelvoudiginformatieobjecten", body)

    def _check_identificatie(self, collection: str, body: JsonObject) -> None:
        same = {name: str(body.get(name)) for name in ("identificatie", "bronorganisatie")}
        if "identificatie" in body and self.search(collection, same):
            reason = f"Deze identificatie ({body['identificatie']}) bestaat al voor deze bronorganisatie"
            raise invalid(Veld("identificatie", "identificatie-niet-uniek", reason))

    def _check_rol(self, body: JsonObject) -> None:
        self._check_zaak_known(body)
        roltype = self._resource("roltypen", body["roltype"])
        if roltype is None:
            raise invalid(Veld("roltype", "bad-url", "gaf als antwoord HTTP 404."))
        same = {"zaak": str(body["zaak"]), "roltype": str(body["roltype"])}
        if roltype["omschrijvingGeneriek"] == "initiator" and self.search("rollen", same):
            raise invalid(Veld("nonFieldErrors", "max-occurences", "Er is al een initiator"))

    def _check_link(self, body: JsonObject) -> None:
        self._check_zaak_known(body)
        if self._resource("enkelvoudiginformatieobjecten", body["informatieobject"]) is None:
            raise invalid(Veld("informatieobject", "bad-url", "gaf als antwoord HTTP 404."))
        same = {name: str(body[name]) for name in ("zaak", "informatieobject")}
        if self.search("zaakinformatieobjecten", same):
            raise invalid(Veld("nonFieldErrors", "unique", "De velden zaak, informatieobject moeten uniek zijn."))

    def _check_status(self, body: JsonObject) -> None:
        self._check_zaak_known(body)
        if self._resource("statustypen", body["statustype"]) is None:
            raise invalid(Veld("nonFieldErrors", "zaaktype-mismatch", "hoort niet bij het zaaktype"))
        try:
            moment = datetime.fromisoformat(str(body["datumStatusGezet"]))
        except ValueError:
            raise invalid(Veld("datumStatusGezet", "invalid", "is geen datum en tijd")) from None
        if moment > self.klok.now():
            raise invalid(Veld("datumStatusGezet", "date-in-future", "mag niet in de toekomst liggen"))
        if self._ends(body["statustype"]) and not self.search("resultaten", {"zaak": str(body["zaak"])}):
            raise invalid(Veld("nonFieldErrors", "resultaat-does-not-exist", "De zaak heeft geen resultaat."))
        if any(op == moment for _, op in self.statussen_of({"url": body["zaak"]})):
            raise invalid(Veld("nonFieldErrors", "unique", "De velden zaak, datumStatusGezet moeten uniek zijn."))

    def _check_resultaat(self, body: JsonObject) -> None:
        self._check_zaak_known(body)
        if self._resource("resultaattypen", body["resultaattype"]) is None:
            raise invalid(Veld("nonFieldErrors", "zaaktype-mismatch", "hoort niet bij het zaaktype"))
        if self.search("resultaten", {"zaak": str(body["zaak"])}):
            raise invalid(Veld("zaak", "unique", "Dit veld moet uniek zijn."))

    def _check_zaak_known(self, body: JsonObject) -> None:
        """A zaak that is there, and not closed: reopening asks for a right that the hub should not have."""
        zaak = self._resource("zaken", body["zaak"])
        if zaak is None:
            raise invalid(Veld("zaak", "does_not_exist", f"Ongeldige hyperlink {body['zaak']}"))
        if zaak["einddatum"] is not None:
            raise forbidden("Je mag geen gegevens aanpassen van een gesloten zaak.")

    def _ends(self, statustype: object) -> bool:
        found = self._resource("statustypen", statustype)
        return found is not None and found["isEindstatus"] is True

    def _resource(self, collection: str, url: object) -> JsonObject | None:
        try:
            return self.resources[collection].get(uuid_of(url))
        except ValueError:
            return None

    def _omschrijving(self, statustype: object) -> str:
        found = self._resource("statustypen", statustype)
        return str(found["omschrijving"]) if found is not None else "onbekend"


_SEARCHABLE = ("url", "zaak", "zaaktype", "identificatie", "bronorganisatie", "informatieobject", "roltype", "status")


_TYPED = {"zaken": "zaaktype", "enkelvoudiginformatieobjecten": "informatieobjecttype"}
"""What a right goes by, beside the vertrouwelijkheidaanduiding."""


def _api_of(collection: str) -> str:
    if collection in MADE:
        return "documenten" if collection == "enkelvoudiginformatieobjecten" else "zaken"
    return "catalogi"


def _is_valid(resource: JsonObject, on: str) -> bool:
    """Both ends included."""
    end = resource.get("eindeGeldigheid")
    return str(resource.get("beginGeldigheid")) <= on and (end is None or on <= str(end))


def uuid_of(url: object) -> UUID:
    """The last segment. Raises `ValueError`."""
    return UUID(str(url).rstrip("/").rpartition("/")[2])


def overdracht_of(zaak: JsonObject) -> UUID:
    """Which overdracht this is, by the identificatie that the hub gave; another zaak has an id of its own."""
    try:
        return UUID(str(zaak["identificatie"]).removeprefix("HV-"))
    except ValueError:
        return uuid_of(zaak["url"])


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
