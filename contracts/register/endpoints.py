"""The roads by which a case or a message reaches an organisation: REST, a zaaksysteem, an agreed mail address."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from contracts.register.velden import EMailadres, Geheimverwijzing, Rsin, Strikt, Tekst, Vlag, Webadres


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
    """The agreed mail address. `nta_7516` says whether the road to it may carry personal data.

    Where it may not, the link in a mail opens nothing about people: who reads signs in.
    """

    soort: Literal["e-mail"]
    adres: EMailadres
    nta_7516: Vlag = False
    tempo: Tempo = Tempo()


AnyEndpoint = RestEndpoint | ZgwEndpoint | MailEndpoint
Endpoint = Annotated[AnyEndpoint, Field(discriminator="soort")]
ENDPOINT_SOORTEN = tuple(str(get_args(kind.model_fields["soort"].annotation)[0]) for kind in get_args(AnyEndpoint))
