"""The register: look up who is who on a day, and which people a role means then."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from contracts.messages.notifier import Notificatiekanaal
from contracts.register.model import Doelgroep, Gemeente, Organisatie, Partij, Partijsoort, Persoon, Rolbezetting


class NietInRegister(LookupError):
    """Something that was asked for is not in the register; `str()` says so in Dutch."""


class OnbekendeGemeente(NietInRegister):
    """No gemeente has this code on this day."""

    def __init__(self, code: str, on: date, *, naam: str | None = None) -> None:
        if naam is None:
            super().__init__(f"gemeente {code} staat niet in het register")
        else:
            super().__init__(f"gemeente {naam} ({code}) is op {on:%d-%m-%Y} niet geldig")
        self.code = code


class OnbekendePartij(NietInRegister):
    """No party has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"partij {code} staat niet in het register")
        self.code = code


class PartijZonderEndpoint(NietInRegister):
    """A party that no case can be handed to."""

    def __init__(self, code: str, naam: str) -> None:
        super().__init__(f"{naam} ({code}) heeft geen endpoint in het register")
        self.code = code


class RegioZonderPartij(NietInRegister):
    """A region has no party of the kind that is needed."""

    def __init__(self, regio: str, soort: Partijsoort) -> None:
        super().__init__(f"regio {regio} heeft geen partij van soort {soort} in het register")
        self.regio = regio


class Herkomst(StrEnum):
    """Where the people for a role were found, in the order in which is looked (AEF 2.5)."""

    TEAM = "team"
    GEMEENTE = "gemeente"
    PARTIJ = "partij"
    VEILIG_THUIS = "veilig-thuis"


@dataclass(frozen=True, slots=True)
class Ontvanger:
    """A person who is told something in a role, with at least one channel.

    `partij` is whose person this is, `herkomst` where the role was
    found. `vervangt` names who is away; `afwezig` says that nobody in this role is present and nobody replaces them.
    """

    naam: str
    rol: str
    partij: str
    herkomst: Herkomst
    adressen: Mapping[Notificatiekanaal, str]
    vervangt: str | None = None
    afwezig: bool = False


@dataclass(frozen=True, slots=True)
class MissendeRol:
    """A role that nobody fills for a party, whichever way is looked."""

    partij: str
    naam: str
    rol: str
    doelgroep: Doelgroep = Doelgroep.ALLE

    def __str__(self) -> str:
        limited = "" if self.doelgroep is Doelgroep.ALLE else f" voor {self.doelgroep}"
        return f"{self.naam} ({self.partij}) heeft niemand in de rol {self.rol}{limited}, ook niet bij Veilig Thuis"


class Tabellen(NamedTuple):
    """What one register holds, by code; of a gemeente every entry, in the order of its days.

    `opgevolgd` are the gemeenten with whose cases another goes on, some day.
    """

    gemeenten: Mapping[str, tuple[Gemeente, ...]]
    partijen: Mapping[str, Partij]
    opgevolgd: frozenset[str]


class Register:
    """Who is who. Immutable, and answered from memory."""

    def __init__(self, *, gemeenten: Iterable[Gemeente], partijen: Iterable[Partij]) -> None:
        by_code = sorted(gemeenten, key=lambda gemeente: (gemeente.code, gemeente.geldig_van or date.min))
        of_code = groupby(by_code, key=lambda gemeente: gemeente.code)
        self._own = Tabellen(
            {code: tuple(entries) for code, entries in of_code},
            {partij.code: partij for partij in partijen},
            frozenset(gemeente.code for gemeente in by_code if gemeente.opvolger is not None),
        )

    @property
    def tabellen(self) -> Tabellen:
        """All that it holds now."""
        return self._own

    def gemeente(self, code: str, *, on: date) -> Gemeente:
        """The gemeente with this CBS code on this day. Raises `OnbekendeGemeente`."""
        entries = self.tabellen.gemeenten.get(code, ())
        for gemeente in entries:
            if gemeente.is_valid_on(on):
                return gemeente
        raise OnbekendeGemeente(code, on, naam=entries[-1].naam if entries else None)

    def going_on_for(self, code: str, *, on: date) -> Gemeente:
        """The gemeente with this code on this day, or whoever goes on with its cases. Raises `OnbekendeGemeente`."""
        seen: set[str] = set()
        current = code
        while current not in seen:
            seen.add(current)
            try:
                return self.gemeente(current, on=on)
            except OnbekendeGemeente:
                ended = [
                    entry.opvolger for entry in self.tabellen.gemeenten.get(current, ()) if entry.opvolger is not None
                ]
                if not ended:
                    raise
                current = ended[-1]
        raise OnbekendeGemeente(code, on)

    def codes_of(self, code: str, *, on: date) -> frozenset[str]:
        """Under which codes this gemeente receives on this day: its own, and those it goes on for.

        Empty once another goes on with its cases. One that ended with nobody to go on for it keeps its own.
        """
        return frozenset(known for known in {code, *self.tabellen.opgevolgd} if self.bearer_of(known, on=on) == code)

    def bearer_of(self, code: str, *, on: date) -> str:
        """Whose the cases of this code are on this day: of a gemeente its own or of who goes on for it."""
        try:
            return self.going_on_for(code, on=on).code
        except OnbekendeGemeente:
            return code

    def entries(self) -> tuple[Gemeente, ...]:
        """Every entry of every gemeente, whichever days it holds for."""
        return tuple(entry for entries in self.tabellen.gemeenten.values() for entry in entries)

    def gemeenten(self, on: date, *, regio: str | None = None) -> tuple[Gemeente, ...]:
        """All gemeenten that are valid on this day, of one region or of all, by code."""
        found = (
            gemeente for entries in self.tabellen.gemeenten.values() for gemeente in entries if gemeente.is_valid_on(on)
        )
        return tuple(gemeente for gemeente in found if regio in {None, gemeente.regio})

    def partij(self, code: str) -> Partij:
        """The party with this code; gemeenten are asked for with `gemeente`. Raises `OnbekendePartij`."""
        if (partij := self.tabellen.partijen.get(code)) is None:
            raise OnbekendePartij(code)
        return partij

    def receiver(self, code: str, *, on: date) -> Gemeente | Partij:
        """Whoever receives what is handed to this code on this day: a gemeente or who goes on for it, or a party.

        Raises `NietInRegister`, also for a party without an endpoint.
        """
        if code not in self.tabellen.partijen:
            return self.going_on_for(code, on=on)
        partij = self.tabellen.partijen[code]
        if partij.endpoint is None:
            raise PartijZonderEndpoint(partij.code, partij.naam)
        return partij

    def receivers(self, *, on: date | None = None) -> tuple[Gemeente | Partij, ...]:
        """Everybody that a case can be handed to, on a day or ever: gemeenten, and the parties with an endpoint."""
        gemeenten = self.entries() if on is None else self.gemeenten(on)
        return (*gemeenten, *(partij for partij in self.tabellen.partijen.values() if partij.endpoint is not None))

    def partijen(self, *, soort: Partijsoort | None = None) -> tuple[Partij, ...]:
        """All parties that are not gemeenten, of one kind or of all."""
        return tuple(partij for partij in self.tabellen.partijen.values() if soort in {None, partij.soort})

    def regios(self) -> tuple[str, ...]:
        """The regions that have a Veilig Thuis."""
        return tuple(sorted(partij.regio for partij in self.partijen(soort=Partijsoort.VEILIG_THUIS)))

    def veilig_thuis(self, regio: str) -> Partij:
        """Veilig Thuis of a region. Raises `RegioZonderPartij`."""
        return self._party_of_kind(regio, Partijsoort.VEILIG_THUIS)

    def meldpunt(self, regio: str) -> Partij:
        """The Meldpunt Crisiszorg of a region. Raises `RegioZonderPartij`."""
        return self._party_of_kind(regio, Partijsoort.MELDPUNT)

    def naam(self, code: str) -> str:
        """The name of a gemeente or party, for people to read; an unknown code is its own name."""
        if code in self.tabellen.gemeenten:
            return self.tabellen.gemeenten[code][-1].naam
        return self.tabellen.partijen[code].naam if code in self.tabellen.partijen else code

    def naam_van_team(self, code: str, team: str) -> str:
        """The name of a team of a gemeente, for people to read; an unknown code is its own name."""
        found = [
            known for gemeente in self.tabellen.gemeenten.get(code, ()) if (known := gemeente.team(team)) is not None
        ]
        return found[-1].naam if found else team

    def knows(self, code: str) -> bool:
        """Whether this is the code of a party, or of a gemeente on any day."""
        return code in self.tabellen.gemeenten or code in self.tabellen.partijen

    def recipients(
        self,
        *,
        partij: str,
        rol: str,
        on: date,
        gemeente: str | None = None,
        team: str | None = None,
        doelgroep: Doelgroep = Doelgroep.ALLE,
    ) -> tuple[Ontvanger, ...]:
        """The people who fill a role at a party on a day, replaced where they are away.

        Looks in the team, in its gemeente (or the party), in the other teams there, then at Veilig Thuis of the region:
        some gemeenten buy a gedragswetenschapper there (AEF 2.5). A place where everybody is away without replacement
        is passed over, unless it is all there is. Empty only for a role that `missing_roles` reports. Raises
        `NietInRegister`.
        """
        places = tuple(self._places(partij=partij, gemeente=gemeente, team=team, rol=rol, doelgroep=doelgroep, on=on))
        for place in places:
            if present := place.present(on):
                return present
        return places[0].everybody() if places else ()

    def _places(
        self, *, partij: str, gemeente: str | None, team: str | None, rol: str, doelgroep: Doelgroep, on: date
    ) -> "Iterator[_Place]":
        if partij in self.tabellen.gemeenten:
            organisatie: Organisatie = self.gemeente(partij, on=on)
            herkomst = Herkomst.GEMEENTE
        else:
            organisatie = self.partij(partij)
            herkomst = Herkomst.PARTIJ
        filled = [item for item in organisatie.rollen if item.rol.value == rol and item.doelgroep.serves(doelgroep)]
        own = [item for item in filled if item.team is not None and item.team == team]
        whole = [item for item in filled if item.team is None]
        others = [item for item in filled if item.team is not None and item.team != team]
        for rollen, where in ((own, Herkomst.TEAM), (whole, herkomst), (others, Herkomst.TEAM)):
            if rollen:
                yield _Place(organisatie, partij, rol, where, tuple(rollen))
        regio = self.gemeente(gemeente, on=on).regio if gemeente is not None else organisatie.regio
        yield from self._place_at_veilig_thuis(regio, rol, doelgroep, asked=partij)

    def _place_at_veilig_thuis(self, regio: str, rol: str, doelgroep: Doelgroep, *, asked: str) -> "Iterator[_Place]":
        for veilig_thuis in self.partijen(soort=Partijsoort.VEILIG_THUIS):
            rollen = tuple(
                item for item in veilig_thuis.rollen if item.rol.value == rol and item.doelgroep.serves(doelgroep)
            )
            if veilig_thuis.regio == regio and veilig_thuis.code != asked and rollen:
                yield _Place(veilig_thuis, veilig_thuis.code, rol, Herkomst.VEILIG_THUIS, rollen)

    def _party_of_kind(self, regio: str, soort: Partijsoort) -> Partij:
        for partij in self.partijen(soort=soort):
            if partij.regio == regio:
                return partij
        raise RegioZonderPartij(regio, soort)


def missing_roles(
    register: Register, roles: Iterable[str], *, on: date, partijen: Iterable[str] | None = None
) -> tuple[MissendeRol, ...]:
    """The roles that lead to nobody on a day, per party; without `partijen` for every gemeente that is valid then."""
    codes = [gemeente.code for gemeente in register.gemeenten(on)] if partijen is None else list(partijen)
    wanted = tuple(dict.fromkeys(roles))
    return tuple(missing for code in codes for rol in wanted for missing in _missing(register, code, rol, on=on))


def _missing(register: Register, code: str, rol: str, *, on: date) -> tuple[MissendeRol, ...]:
    served = (Doelgroep.JEUGD, Doelgroep.VOLWASSENEN)
    lacking = [
        doelgroep for doelgroep in served if not register.recipients(partij=code, rol=rol, on=on, doelgroep=doelgroep)
    ]
    if len(lacking) == len(served):
        lacking = [Doelgroep.ALLE]
    return tuple(MissendeRol(code, register.naam(code), rol, doelgroep) for doelgroep in lacking)


@dataclass(frozen=True, slots=True)
class _Place:
    """One organisation that fills the role, or one of its teams."""

    organisatie: Organisatie
    code: str
    rol: str
    herkomst: Herkomst
    rollen: tuple[Rolbezetting, ...]

    def present(self, on: date) -> tuple[Ontvanger, ...]:
        """Who is there on that day, each once."""
        found: dict[str, Ontvanger] = {}
        for persoon in self._personen():
            available = self.organisatie.who_is_there(persoon, on)
            if available is not None and available.naam not in found:
                vervangt = persoon.naam if available is not persoon else None
                found[available.naam] = self._ontvanger(available, vervangt=vervangt)
        return tuple(found.values())

    def everybody(self) -> tuple[Ontvanger, ...]:
        """All of them although they are away: a mail that waits is better than none."""
        return tuple(self._ontvanger(persoon, afwezig=True) for persoon in self._personen())

    def _personen(self) -> tuple[Persoon, ...]:
        names = dict.fromkeys(naam for rol in self.rollen for naam in rol.personen)
        return tuple(persoon for naam in names if (persoon := self.organisatie.persoon(naam)) is not None)

    def _ontvanger(self, persoon: Persoon, *, vervangt: str | None = None, afwezig: bool = False) -> Ontvanger:
        return Ontvanger(
            naam=persoon.naam,
            rol=self.rol,
            partij=self.code,
            herkomst=self.herkomst,
            adressen=persoon.adressen,
            vervangt=vervangt,
            afwezig=afwezig,
        )
