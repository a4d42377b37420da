"""What a table in `register.toml` may say: who is who, which endpoint they have and which people fill which role."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, create_model, model_validator

from contracts.afspraken.ankers import Rol
from contracts.messages.identifiers import GemeenteCode, RegioCode
from contracts.messages.notifier import Doelgroep, Notificatiekanaal
from contracts.register.aanmelding import Aanmelding
from contracts.register.endpoints import AnyEndpoint, Endpoint
from contracts.register.rooster import Rooster
from contracts.register.velden import Dag, KortePartijcode, OinVeld, Strikt, Teamcode, Tekst
from contracts.register.werktijd import STANDAARD, Werktijd


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


def _address_of(kanaal: Notificatiekanaal) -> Any:
    return Annotated[str, AfterValidator(kanaal.vorm.check)]


_ADRESSEN: Mapping[str, Any] = {kanaal.veld: (_address_of(kanaal) | None, None) for kanaal in Notificatiekanaal}
_Bereikbaar = create_model("_Bereikbaar", __base__=Strikt, **_ADRESSEN)
"""A field for each channel by which people are told, so that a channel is added in one place."""


class Mens(_Bereikbaar):
    """Someone who can be reached by one channel at least; `vervanger` steps in during an absence.

    That is a colleague, or somebody of another organisation as `partijcode:naam`.
    """

    naam: Tekst
    aanmeldnaam: Tekst | None = None
    """How the sign-in of the organisation names this person, where that is not the mail address."""
    vervanger: Tekst | None = None
    afwezig: tuple[Afwezigheid, ...] = ()

    @model_validator(mode="after")
    def _check_channel(self) -> Self:
        if not self.adressen:
            raise ValueError(f"is niet te bereiken: geef {' of '.join(kanaal.veld for kanaal in Notificatiekanaal)}")
        return self

    @property
    def adressen(self) -> Mapping[Notificatiekanaal, str]:
        """The address for each channel by which this person can be reached."""
        return {kanaal: adres for kanaal in Notificatiekanaal if (adres := getattr(self, kanaal.veld)) is not None}


class Persoon(Mens):
    """The same, with what only the register itself says. `uit_dienst` is the first day that somebody is not there."""

    uit_dienst: Dag | None = None
    werktijd: Werktijd | None = None
    """When this person works and reads what is not urgent, where that differs from the role and the organisation."""

    def has_left(self, on: date) -> bool:
        """Whether this person works there no more; `vervanger` keeps what is still under way to their name."""
        return self.uit_dienst is not None and self.uit_dienst <= on

    def is_present(self, on: date) -> bool:
        return not self.has_left(on) and not any(afwezigheid.covers(on) for afwezigheid in self.afwezig)


class Rolbezetting(Strikt):
    """Which people fill a role; `team` and `doelgroep` limit it."""

    rol: Rol
    personen: Annotated[tuple[Tekst, ...], Field(min_length=1)]
    team: Teamcode | None = None
    doelgroep: Doelgroep = Doelgroep.ALLE
    werktijd: Werktijd | None = None

    @property
    def plek(self) -> tuple[Rol, str | None, Doelgroep]:
        """Which role it is, of which team, and for whom; a rota about it says the same."""
        return self.rol, self.team, self.doelgroep


Inkoop = Mapping[Rol, KortePartijcode]
"""Of which party a role is bought, where a team or gemeente has nobody in it itself (AEF 2.5)."""


class Team(Strikt):
    """A lokaal team; without an endpoint of its own it receives by that of its gemeente.

    What stands in `ingekocht_bij` goes before what its gemeente says.
    """

    code: Teamcode
    naam: Tekst
    soort: Teamsoort
    ingekocht_bij: Inkoop = Field(default_factory=dict[Rol, str])
    endpoint: Endpoint | None = None
    uitwijk: Endpoint | None = None


class Organisatie(Strikt):
    """What a gemeente and any other party have in common: a name, people, the roles they fill and how they sign in."""

    naam: Tekst
    regio: RegioCode
    aanmelding: Aanmelding | None = None
    personen: tuple[Persoon, ...] = Field(default=(), alias="persoon")
    rollen: tuple[Rolbezetting, ...] = Field(default=(), alias="rol")
    roosters: tuple[Rooster, ...] = Field(default=(), alias="rooster")
    werktijd: Werktijd = STANDAARD
    """When its people work and read what is not urgent."""

    def persoon(self, naam: str) -> Persoon | None:
        return next((persoon for persoon in self.personen if persoon.naam == naam), None)

    def werktijd_of(self, persoon: Persoon, rol: str) -> Werktijd:
        """When this person reads what is not urgent in a role: as said of the person, else of the role, else of all."""
        of_rol = (item.werktijd for item in self.rollen if item.rol.value == rol and persoon.naam in item.personen)
        return persoon.werktijd or next((found for found in of_rol if found is not None), self.werktijd)

    def roosters_of(self, bezetting: Rolbezetting) -> tuple[Rooster, ...]:
        """The rotas of a role as it is filled here."""
        return tuple(rooster for rooster in self.roosters if rooster.plek == bezetting.plek)

    def team(self, code: str) -> Team | None:
        """The lokaal team with this code; only a gemeente has any."""
        del code
        return None

    def bought_from(self, rol: str, team: str | None) -> str | None:
        """The party that fills this role for a team, or for the gemeente as a whole; only a gemeente buys any."""
        del rol, team
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
    ingekocht_bij: Inkoop = Field(default_factory=dict[Rol, str])
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

    def bought_from(self, rol: str, team: str | None) -> str | None:
        """The party that fills this role for the team, or else for the gemeente."""
        own = None if team is None else self.team(team)
        inkoop = {**self.ingekocht_bij, **({} if own is None else own.ingekocht_bij)}
        return next((partij for bought, partij in inkoop.items() if bought.value == rol), None)

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
