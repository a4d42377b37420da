"""The register: look up who is who on a day."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import NamedTuple

from contracts.register.model import Gemeente, Partij, Partijsoort


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

    def organisatie(self, code: str, *, on: date) -> Gemeente | Partij:
        """The gemeente or the party with this code on this day. Raises `NietInRegister`."""
        return self.gemeente(code, on=on) if code in self.tabellen.gemeenten else self.partij(code)

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

    def _party_of_kind(self, regio: str, soort: Partijsoort) -> Partij:
        for partij in self.partijen(soort=soort):
            if partij.regio == regio:
                return partij
        raise RegioZonderPartij(regio, soort)
