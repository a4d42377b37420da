"""What a table in `register.toml` may say: who is who, which endpoint they have and which people fill which role."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.messages.identifiers import GemeenteCode, RegioCode, passes_bsn_check
from contracts.messages.tekens import is_readable

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""The only hosts that may be reached without TLS: this machine."""

_GEHEIM = re.compile(r"(env:[A-Z_][A-Z0-9_]*|file:[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*|sandbox:[A-Za-z0-9-]+)")
_OIN = re.compile(r"0000000[1-9]\d{12}|00000099\d{12}")
_BREAKS = frozenset("\t\n\r\u2028\u2029")
_E_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def is_geheimverwijzing(value: str) -> bool:
    """Whether a text says where a secret is."""
    return _GEHEIM.fullmatch(value) is not None


def _check_geheim(value: str) -> str:
    if not is_geheimverwijzing(value):
        raise ValueError("een geheim staat hier alleen als verwijzing (env:NAAM of file:PAD), nooit letterlijk")
    return value


def _check_oin(value: str) -> str:
    if not _OIN.fullmatch(value):
        raise ValueError("is geen OIN: 20 cijfers, beginnend met bijvoorbeeld 00000001, 00000003 of 00000099 (test)")
    return value


def _check_rsin(value: str) -> str:
    if not passes_bsn_check(value):
        raise ValueError("is geen RSIN: negen cijfers die aan de elfproef voldoen")
    return value


def _check_e_mail(value: str) -> str:
    if not _E_MAIL.fullmatch(value):
        raise ValueError("is geen e-mailadres")
    return value


def _check_one_line(value: str) -> str:
    """Names go into mails, cards and letters, where a line break would begin something else."""
    if not is_readable(value) or _BREAKS & set(value):
        raise ValueError("mag geen regeleinde, tab of ander stuurteken bevatten")
    return value


def _check_url(value: str) -> str:
    if not value.isprintable() or " " in value:
        raise ValueError("mag geen spatie, regeleinde of ander stuurteken bevatten")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is geen webadres") from None
    if not host or parts.scheme not in {"https", "http"}:
        raise ValueError("is geen webadres; verwacht https://…")
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        raise ValueError("moet met https:// beginnen (http alleen naar 127.0.0.1)")
    if parts.username is not None or parts.password is not None:
        raise ValueError("mag geen gebruikersnaam of wachtwoord bevatten")
    if parts.query or parts.fragment:
        raise ValueError("mag geen vraagteken of # bevatten")
    return value


Tekst = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_check_one_line)
]
Dag = Annotated[date, Field(strict=True)]
Vlag = Annotated[bool, Field(strict=True)]
Geheimverwijzing = Annotated[str, AfterValidator(_check_geheim)]
"""Where a secret is (`env:NAME`, `file:PATH`, `sandbox:NAME`), never what it is."""
OinVeld = Annotated[str, AfterValidator(_check_oin)]
Rsin = Annotated[str, AfterValidator(_check_rsin)]
EMailadres = Annotated[str, AfterValidator(_check_e_mail)]
Webadres = Annotated[str, AfterValidator(_check_url)]
Teamcode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
KortePartijcode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]


class Strikt(BaseModel):
    """Frozen, and a field that does not exist is an error: a typo in who is who must not pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rolnaam(StrEnum):
    """A role that people fill. The roles of the ladders (afspraken) are among these."""

    GEDRAGSWETENSCHAPPER = "gedragswetenschapper"
    LEIDINGGEVENDE = "leidinggevende"
    COORDINATOR = "coordinator"
    TEAMCOORDINATOR = "teamcoordinator"
    TRIAGIST = "triagist"
    GEMEENTE_AMBTELIJK = "gemeente-ambtelijk"
    GEMEENTE_BESTUURLIJK = "gemeente-bestuurlijk"
    BEHEERDER = "beheerder"


class Doelgroep(StrEnum):
    """Whose cases a person in a role is there for."""

    JEUGD = "jeugd"
    VOLWASSENEN = "volwassenen"
    ALLE = "alle"

    def serves(self, other: "Doelgroep") -> bool:
        """Whether someone for this doelgroep is there for a case of the other one."""
        return self == other or Doelgroep.ALLE in {self, other}


class Partijsoort(StrEnum):
    """What kind of organisation a party other than a gemeente is."""

    VEILIG_THUIS = "veilig-thuis"
    MELDPUNT = "meldpunt"
    GGZ = "ggz"
    RVDK = "rvdk"
    SAFEGROUP = "safegroup"
    OVERIG = "overig"


class Teamsoort(StrEnum):
    """The five types of lokaal team (AEF 2.5)."""

    VOLLEDIG = "volledig"
    VEILIGHEID = "veiligheid"
    ANDERHALVELIJNS = "anderhalvelijns"
    NULDELIJNS = "nuldelijns"
    PROCESREGIE = "procesregie"


class Afwezigheid(Strikt):
    """Away from one day up to and including another."""

    van: Dag
    tot_en_met: Dag

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.tot_en_met < self.van:
            raise ValueError("tot_en_met ligt vóór van")
        return self

    def covers(self, on: date) -> bool:
        return self.van <= on <= self.tot_en_met


class Persoon(Strikt):
    """Someone who can be reached, by e-mail, by a Teams workflow, or both; `vervanger` steps in during an absence."""

    naam: Tekst
    e_mail: EMailadres | None = None
    teams: Geheimverwijzing | None = None
    vervanger: Tekst | None = None
    afwezig: tuple[Afwezigheid, ...] = ()

    @model_validator(mode="after")
    def _check_channel(self) -> Self:
        if self.e_mail is None and self.teams is None:
            raise ValueError("is niet te bereiken: geef e_mail, teams of allebei")
        return self

    def is_present(self, on: date) -> bool:
        return not any(afwezigheid.covers(on) for afwezigheid in self.afwezig)


class Rolbezetting(Strikt):
    """Which people fill a role; `team` and `doelgroep` limit it."""

    rol: Rolnaam
    personen: Annotated[tuple[Tekst, ...], Field(min_length=1)]
    team: Teamcode | None = None
    doelgroep: Doelgroep = Doelgroep.ALLE


class Tempo(Strikt):
    """How fast an endpoint may be called: requests in any second, and requests under way at a time."""

    per_seconde: Annotated[float, Field(gt=0, le=1000)] | None = None
    tegelijk: Annotated[int, Field(ge=1, le=64, strict=True)] | None = None


class Oauth2(Strikt):
    """Log in with client credentials: by `geheim`, or by a signed assertion (private_key_jwt) under `sleutel` (PEM)."""

    token_url: Webadres
    client_id: Tekst
    geheim: Geheimverwijzing | None = None
    sleutel: Geheimverwijzing | None = None
    sleutel_id: Tekst | None = None
    scope: Tekst | None = None
    audience: Tekst | None = None

    @model_validator(mode="after")
    def _check_proof(self) -> Self:
        if (self.geheim is None) == (self.sleutel is None):
            raise ValueError("geef óf geheim óf sleutel")
        return self


class Tls(Strikt):
    """Our own certificate (mutual TLS), and the only authority (`ca`) that this endpoint is trusted by; all PEM."""

    certificaat: Geheimverwijzing | None = None
    sleutel: Geheimverwijzing | None = None
    ca: Geheimverwijzing | None = None

    @model_validator(mode="after")
    def _check_pair(self) -> Self:
        if (self.certificaat is None) != (self.sleutel is None):
            raise ValueError("certificaat en sleutel horen bij elkaar: geef beide of geen van beide")
        return self


class Fsc(Strikt):
    """By an FSC outway: `url` is its address, the grant says which service of which organisation is meant."""

    grant_hash: Annotated[str, StringConstraints(pattern=r"^\$1\$[0-9]\$[A-Za-z0-9+/=_-]{20,200}$")]


class RestEndpoint(Strikt):
    """Receives CloudEvents. All `geheimen` sign, the newest first, so that a key can rotate."""

    soort: Literal["rest"]
    url: Webadres
    geheimen: Annotated[tuple[Geheimverwijzing, ...], Field(min_length=1, max_length=4)]
    prive_netwerk: Vlag = False
    oauth2: Oauth2 | None = None
    tls: Tls | None = None
    fsc: Fsc | None = None
    tempo: Tempo = Tempo()


class Zaakantwoord(StrEnum):
    """What a gemeente says to Veilig Thuis by giving its zaak a status."""

    ONTVANGEN = "ontvangen"
    OPGEPAKT = "opgepakt"


ZgwApi = Literal["zaken", "documenten", "catalogi", "notificaties"]


class ZgwEndpoint(Strikt):
    """A zaaksysteem by the ZGW APIs. `url` is what stands before `/zaken/api/v1` and its neighbours.

    `statussen` says which statustype, by its omschrijving, is which answer; the status that a zaak begins with is none.
    `apis` says where an API of it has another base than `{url}/{api}/api/v1`.
    """

    soort: Literal["zgw"]
    url: Webadres
    client_id: Tekst
    geheim: Geheimverwijzing
    zaaktype: Webadres
    rsin: Rsin
    informatieobjecttype: Webadres | None = None
    """Of the overdrachtsdocument; without it the first that the zaaktype takes in."""
    vertrouwelijkheid: Literal["zaakvertrouwelijk", "vertrouwelijk", "confidentieel", "geheim", "zeer_geheim"] = (
        "vertrouwelijk"
    )
    statussen: Mapping[Tekst, Zaakantwoord] = Field(default_factory=dict[str, Zaakantwoord])
    intrekking: Tekst = "Ingetrokken"
    """The resultaattype, by its omschrijving, with which a zaak is closed whose overdracht was taken back."""
    apis: Mapping[ZgwApi, Webadres] = Field(default_factory=dict[ZgwApi, Webadres])
    prive_netwerk: Vlag = False
    tls: Tls | None = None
    tempo: Tempo = Tempo()


class MailEndpoint(Strikt):
    """The agreed mail address. `nta_7516` says whether the road to it may carry personal data."""

    soort: Literal["e-mail"]
    adres: EMailadres
    nta_7516: Vlag = False
    tempo: Tempo = Tempo()


AnyEndpoint = RestEndpoint | ZgwEndpoint | MailEndpoint
Endpoint = Annotated[RestEndpoint | ZgwEndpoint | MailEndpoint, Field(discriminator="soort")]


class Team(Strikt):
    """A lokaal team; without an endpoint of its own it receives by that of its gemeente."""

    code: Teamcode
    naam: Tekst
    soort: Teamsoort
    endpoint: Endpoint | None = None
    uitwijk: Endpoint | None = None


class Organisatie(Strikt):
    """What a gemeente and any other party have in common: a name, people and the roles they fill."""

    naam: Tekst
    regio: RegioCode
    personen: tuple[Persoon, ...] = Field(default=(), alias="persoon")
    rollen: tuple[Rolbezetting, ...] = Field(default=(), alias="rol")

    def persoon(self, naam: str) -> Persoon | None:
        return next((persoon for persoon in self.personen if persoon.naam == naam), None)

    def team(self, code: str) -> Team | None:
        """The lokaal team with this code; only a gemeente has any."""
        del code
        return None

    def naam_of_team(self, code: str | None) -> str:
        """What the receiver is called in a sentence."""
        del code
        return self.naam

    def roads_for(self, team: str | None) -> tuple[AnyEndpoint, ...]:
        """The ways to this receiver, the usual one first; none where a case cannot be handed to it."""
        raise NotImplementedError

    def all_roads(self) -> tuple[AnyEndpoint, ...]:
        """Every way to it, whichever team is asked for."""
        return self.roads_for(None)

    def endpoint_for(self, team: str | None, soort: str | None = None) -> AnyEndpoint:
        """The endpoint of the team where it has one, else that of its organisation.

        With `soort` the first of that kind, the other roads (`uitwijk`) included; where there is none, the usual one.
        """
        roads = self.roads_for(team)
        return next((road for road in roads if soort in {None, road.soort}), roads[0])


class Gemeente(Organisatie):
    """A gemeente for as long as this entry holds: from `geldig_van` up to but not including `geldig_tot`.

    `opvolger` goes on with its cases from that day on: it merged into another, or was split and this one is the
    first to ask. `uitwijk` is another road, taken only when people ask for it.
    """

    code: GemeenteCode
    oin: OinVeld
    geldig_van: Dag | None = None
    geldig_tot: Dag | None = None
    opvolger: GemeenteCode | None = None
    endpoint: Endpoint
    uitwijk: Endpoint | None = None
    teams: tuple[Team, ...] = Field(default=(), alias="team")

    @model_validator(mode="after")
    def _check_validity(self) -> Self:
        if self.geldig_van is not None and self.geldig_tot is not None and self.geldig_tot <= self.geldig_van:
            raise ValueError("geldig_tot ligt niet na geldig_van")
        if self.opvolger is not None and self.geldig_tot is None:
            raise ValueError("een opvolger hoort bij een geldig_tot: vanaf wanneer?")
        if self.opvolger == self.code:
            raise ValueError("een gemeente kan zichzelf niet opvolgen")
        return self

    def is_valid_on(self, on: date) -> bool:
        """Whether this entry holds on that day; `geldig_tot` itself is the first day it does not."""
        return (self.geldig_van is None or self.geldig_van <= on) and (self.geldig_tot is None or on < self.geldig_tot)

    def team(self, code: str) -> Team | None:
        return next((team for team in self.teams if team.code == code), None)

    def all_roads(self) -> tuple[AnyEndpoint, ...]:
        """Every way to one of its teams."""
        places = (self, *self.teams)
        return tuple(road for place in places for road in (place.endpoint, place.uitwijk) if road is not None)

    def naam_of_team(self, code: str | None) -> str:
        """What the receiving team is called in a sentence."""
        found = self.team(code) if code is not None else None
        return found.naam if found is not None else f"het lokale team van {self.naam}"

    def roads_for(self, team: str | None) -> tuple[AnyEndpoint, ...]:
        """The ways to this team, the usual one first."""
        found = self.team(team) if team is not None else None
        roads = (*((found.endpoint, found.uitwijk) if found is not None else ()), self.endpoint, self.uitwijk)
        return tuple(road for road in roads if road is not None)


class Partij(Organisatie):
    """A party other than a gemeente. With an `endpoint` a case can be handed to it; Veilig Thuis hands over itself."""

    code: KortePartijcode
    soort: Partijsoort
    oin: OinVeld | None = None
    endpoint: Endpoint | None = None
    uitwijk: Endpoint | None = None

    @model_validator(mode="after")
    def _check_roads(self) -> Self:
        if self.uitwijk is not None and self.endpoint is None:
            raise ValueError("een uitwijk hoort bij een endpoint")
        if self.endpoint is not None and self.soort is Partijsoort.VEILIG_THUIS:
            raise ValueError("Veilig Thuis draagt zelf over en heeft geen endpoint")
        return self

    def roads_for(self, team: str | None) -> tuple[AnyEndpoint, ...]:
        """The ways to this party, the usual one first."""
        del team
        return tuple(road for road in (self.endpoint, self.uitwijk) if road is not None)
