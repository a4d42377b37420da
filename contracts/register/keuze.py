"""Who is told: which people a role means at a moment, and why, step by step. Every place that asks uses `choose`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from contracts.afspraken import AMSTERDAM, Kalender, local_date
from contracts.afspraken.ankers import Rol
from contracts.messages.notifier import Doelgroep, Notificatiekanaal
from contracts.register.model import Gemeente, Organisatie, Partij, Partijsoort, Persoon, Rolbezetting, Team
from contracts.register.register import Register
from contracts.register.rooster import Roosterstand, stand_of
from contracts.register.teamsoorten import is_expected, teamtypes
from contracts.register.vervanging import Medewerker, Vervanging, find_vervanging


class Herkomst(StrEnum):
    """Where the people for a role are looked for, in this order (AEF 2.5)."""

    TEAM = "team"
    GEMEENTE = "gemeente"
    PARTIJ = "partij"
    INGEKOCHT = "ingekocht"
    ANDER_TEAM = "ander-team"
    VEILIG_THUIS = "veilig-thuis"


class Stapuitkomst(StrEnum):
    """What came of looking somewhere."""

    GEKOZEN = "gekozen"
    NIET_VERVULD = "niet-vervuld"
    NIEMAND_AANWEZIG = "niemand-aanwezig"
    TOCH_GEKOZEN = "toch-gekozen"
    NIEMAND = "niemand"


@dataclass(frozen=True, slots=True)
class Gezocht:
    """Which people are looked for: a role at a party, of one team or gemeente, for a doelgroep, at a moment."""

    partij: str
    rol: str
    op: datetime
    gemeente: str | None = None
    team: str | None = None
    doelgroep: Doelgroep = Doelgroep.ALLE

    @property
    def dag(self) -> date:
        return local_date(self.op)


@dataclass(frozen=True, slots=True)
class Ontvanger:
    """A person who is told something in a role, with at least one channel.

    `partij` is whose person this is, `herkomst` where the role was found. `vervangt` names who is away; `afwezig` says
    that nobody in this role is present and nobody replaces them.
    """

    naam: str
    rol: str
    partij: str
    herkomst: Herkomst
    adressen: Mapping[Notificatiekanaal, str]
    vervangt: str | None = None
    afwezig: bool = False


@dataclass(frozen=True, slots=True)
class Stap:
    """Where was looked, at which party, what came of it, and why; a sentence or more, in Dutch."""

    herkomst: Herkomst | None
    partij: str
    uitkomst: Stapuitkomst
    waarom: str


@dataclass(frozen=True, slots=True)
class Keuze:
    """Who is told, and each step that led there. Without anybody it is an alarm for the beheerder and Veilig Thuis.

    `gat_bij` is the party whose rota has a hole at this moment, so that everybody in the role is told.
    """

    ontvangers: tuple[Ontvanger, ...]
    stappen: tuple[Stap, ...]
    gat_bij: str | None = None


def choose(register: Register, gezocht: Gezocht, kalender: Kalender) -> Keuze:
    """The people who fill a role at a party, of a rota those on duty, replaced where they are away.

    Looks in the team, in its gemeente (or the party), where the gemeente buys the role, in the other teams there, then
    at Veilig Thuis of the region (AEF 2.5). A place where everybody is away without replacement is passed over, unless it
    is all there is. Nobody only for a role that `missing_roles` reports. Raises `NietInRegister`.
    """
    stappen: list[Stap] = []
    absent: _Plek | None = None
    for plek in _plekken(register, gezocht, kalender):
        if not plek.mensen:
            stappen.append(plek.stap(Stapuitkomst.NIET_VERVULD, plek.waarom_niet))
            continue
        found = plek.find()
        if found.mensen:
            chosen = plek.stap(Stapuitkomst.GEKOZEN, found.waarom)
            return Keuze(found.mensen, (*stappen, chosen), plek.organisatie.code if found.gat else None)
        stappen.append(plek.stap(Stapuitkomst.NIEMAND_AANWEZIG, found.waarom))
        absent = absent or plek
    if absent is not None:
        last = "Nergens is iemand in deze rol aanwezig. Een bericht dat wacht is beter dan geen."
        return Keuze(absent.everybody(), (*stappen, absent.stap(Stapuitkomst.TOCH_GEKOZEN, last)))
    nobody = "Niemand vervult deze rol. De beheerder van Houvast en Veilig Thuis horen dat."
    return Keuze((), (*stappen, Stap(None, gezocht.partij, Stapuitkomst.NIEMAND, nobody)))


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


def missing_roles(
    register: Register,
    roles: Iterable[str],
    kalender: Kalender,
    *,
    on: date,
    partijen: Iterable[str] | None = None,
) -> tuple[MissendeRol, ...]:
    """The roles that lead to nobody on a day, per party; without `partijen` for every gemeente that is valid then."""
    codes = [gemeente.code for gemeente in register.gemeenten(on)] if partijen is None else list(partijen)
    wanted = tuple(dict.fromkeys(roles))
    return tuple(
        missing for code in codes for rol in wanted for missing in _missing(register, code, rol, kalender, on=on)
    )


def _missing(register: Register, code: str, rol: str, kalender: Kalender, *, on: date) -> tuple[MissendeRol, ...]:
    served, noon = (Doelgroep.JEUGD, Doelgroep.VOLWASSENEN), datetime.combine(on, time(12), AMSTERDAM)
    lacking = [
        doelgroep
        for doelgroep in served
        if not choose(register, Gezocht(code, rol, noon, doelgroep=doelgroep), kalender).ontvangers
    ]
    if len(lacking) == len(served):
        lacking = [Doelgroep.ALLE]
    return tuple(MissendeRol(code, register.naam(code), rol, doelgroep) for doelgroep in lacking)


@dataclass(frozen=True, slots=True)
class _Gevonden:
    """Who is there in one place, what is to be said of that, and whether a rota has a hole there."""

    mensen: tuple[Ontvanger, ...]
    waarom: str
    gat: bool


@dataclass(frozen=True, slots=True)
class _Plek:
    """One organisation that may fill the role, or one or more of its teams. `waarom_niet` where it does not."""

    register: Register
    kalender: Kalender
    gezocht: Gezocht
    herkomst: Herkomst
    organisatie: Gemeente | Partij
    rollen: tuple[Rolbezetting, ...]
    waarom_niet: str

    @property
    def mensen(self) -> tuple[Persoon, ...]:
        """Everybody in the role, each once, but who has left and leaves it to nobody."""
        return self._people(naam for rol in self.rollen for naam in rol.personen)

    def find(self) -> _Gevonden:
        """Who is there at this moment, each once: of a rota those on duty, and everybody where it has a hole."""
        found: dict[tuple[str, str], Ontvanger] = {}
        said: list[str] = []
        gat = False
        for bezetting in self.rollen:
            stand = stand_of(
                self.organisatie.roosters_of(bezetting), self.gezocht.op, self.kalender, self.organisatie.werktijd
            )
            on_duty, why = self._present(bezetting.personen if stand is None else stand.namen, stand)
            said += why
            if not on_duty and stand is not None and (stand.namen or stand.vereist):
                gat = True
                said.append("Daarmee heeft het rooster nu een gat: iedereen in deze rol krijgt het.")
            if not on_duty and stand is not None:
                on_duty, why = self._present(bezetting.personen, None)
                said += why
            for ontvanger in on_duty:
                found.setdefault((ontvanger.partij, ontvanger.naam), ontvanger)
        return _Gevonden(tuple(found.values()), " ".join(dict.fromkeys(said)), gat)

    def _present(self, names: Iterable[str], stand: Roosterstand | None) -> tuple[tuple[Ontvanger, ...], Sequence[str]]:
        """Who of these is there or is replaced; and what is to be said of them and of who is not."""
        people = self._people(names)
        called, plural = _names([persoon.naam for persoon in people]), len(people) > 1
        if stand is None:
            said = [f"{called} {'vervullen' if plural else 'vervult'} deze rol bij {self._naam}."]
        elif people:
            diensten = _names(stand.diensten)
            said = [f"{called} {'hebben' if plural else 'heeft'} nu dienst ({diensten}) bij {self._naam}."]
        else:
            said = [f"Volgens het rooster heeft nu niemand dienst bij {self._naam}."]
        present: list[Ontvanger] = []
        for persoon in people:
            vervanging = self._vervanging(persoon)
            said += _spoken(vervanging, self.organisatie.code, self.register, self.gezocht.dag)
            if (there := vervanging.er_is) is not None:
                present.append(self._ontvanger(there, vervangt=persoon.naam if vervanging.keten else None))
        return tuple(present), said

    def _people(self, names: Iterable[str]) -> tuple[Persoon, ...]:
        found = (persoon for naam in dict.fromkeys(names) if (persoon := self.organisatie.persoon(naam)) is not None)
        return tuple(
            mens for mens in found if not mens.has_left(self.gezocht.dag) or self._vervanging(mens).er_is is not None
        )

    def everybody(self) -> tuple[Ontvanger, ...]:
        """All of them although they are away: a mail that waits is better than none."""
        return tuple(
            self._ontvanger(Medewerker(self.organisatie.code, persoon), afwezig=True) for persoon in self.mensen
        )

    def stap(self, uitkomst: Stapuitkomst, waarom: str) -> Stap:
        return Stap(self.herkomst, self.organisatie.code, uitkomst, waarom)

    @property
    def _naam(self) -> str:
        if self.herkomst is Herkomst.ANDER_TEAM:
            return f"een ander team van {self.organisatie.naam}"
        return (
            self.organisatie.naam_of_team(self.gezocht.team)
            if self.herkomst is Herkomst.TEAM
            else self.organisatie.naam
        )

    def _vervanging(self, persoon: Persoon) -> Vervanging:
        return find_vervanging(self.register, self.organisatie.code, persoon, self.gezocht.dag)

    def _ontvanger(self, wie: Medewerker, *, vervangt: str | None = None, afwezig: bool = False) -> Ontvanger:
        return Ontvanger(
            naam=wie.persoon.naam,
            rol=self.gezocht.rol,
            partij=wie.partij,
            herkomst=self.herkomst,
            adressen=wie.persoon.adressen,
            vervangt=vervangt,
            afwezig=afwezig,
        )


def _plekken(register: Register, gezocht: Gezocht, kalender: Kalender) -> Iterator[_Plek]:
    """Where is looked, one place after the other; also those that do not fill the role, to say so."""
    asked = register.organisatie(gezocht.partij, on=gezocht.dag)
    filled = _filled(asked, gezocht)
    rol, wie = _label(gezocht.rol), _for_whom(gezocht.doelgroep)

    def plek(herkomst: Herkomst, found: Gemeente | Partij, rollen: Iterable[Rolbezetting], waarom_niet: str) -> _Plek:
        return _Plek(register, kalender, gezocht, herkomst, found, tuple(rollen), waarom_niet)

    if gezocht.team is not None:
        own = [item for item in filled if item.team == gezocht.team]
        yield plek(Herkomst.TEAM, asked, own, _without_own(asked, gezocht))
    whole = [item for item in filled if item.team is None]
    herkomst = Herkomst.GEMEENTE if isinstance(asked, Gemeente) else Herkomst.PARTIJ
    yield plek(herkomst, asked, whole, f"{asked.naam} heeft niemand in de rol {rol}{wie}.")
    visited = {asked.code}
    if (bought := asked.bought_from(gezocht.rol, gezocht.team)) is not None:
        visited.add(bought)
        provider = register.partij(bought)
        nobody = f"{asked.naam} koopt de rol {rol} in bij {provider.naam}, maar daar vervult niemand die{wie}."
        yield plek(Herkomst.INGEKOCHT, provider, _filled(provider, gezocht), nobody)
    if others := [item for item in filled if item.team not in {None, gezocht.team}]:
        yield plek(Herkomst.ANDER_TEAM, asked, others, "")
    regio = register.gemeente(gezocht.gemeente, on=gezocht.dag).regio if gezocht.gemeente is not None else asked.regio
    for centre in register.partijen(soort=Partijsoort.VEILIG_THUIS):
        if centre.regio == regio and centre.code not in visited:
            nobody = f"Ook {centre.naam} heeft niemand in de rol {rol}{wie}."
            yield plek(Herkomst.VEILIG_THUIS, centre, _filled(centre, gezocht), nobody)


def _filled(organisatie: Organisatie, gezocht: Gezocht) -> list[Rolbezetting]:
    return [
        item
        for item in organisatie.rollen
        if item.rol.value == gezocht.rol and item.doelgroep.serves(gezocht.doelgroep)
    ]


def _without_own(organisatie: Organisatie, gezocht: Gezocht) -> str:
    """Why a team does not have the role itself, by its kind where the source says anything of it (AEF 2.5)."""
    assert gezocht.team is not None
    team: Team | None = organisatie.team(gezocht.team)
    rol, wie = _label(gezocht.rol), _for_whom(gezocht.doelgroep)
    if team is None:
        return f"{organisatie.naam} heeft geen team {gezocht.team} in het register."
    said = f"{team.naam} heeft zelf niemand in de rol {rol}{wie}."
    bron = teamtypes()[team.soort].bron
    known = any(is_expected(soort, gezocht.rol) for soort in teamtypes())
    if not known:
        return said
    if is_expected(team.soort, gezocht.rol):
        return f"{said} Bij een team van de soort {team.soort} hoort die wel ({bron.document} {bron.paragraaf})."
    return f"{said} Dat past bij een team van de soort {team.soort} ({bron.document} {bron.paragraaf})."


def _spoken(vervanging: Vervanging, code: str, register: Register, on: date) -> Iterator[str]:
    """Who is away and who steps in, link by link."""
    links = (*vervanging.keten, *((vervanging.er_is,) if vervanging.er_is is not None else ()))
    for away, there in zip(vervanging.keten, (*links[1:], None), strict=False):
        why = "is niet meer in dienst" if away.persoon.has_left(on) else "is afwezig"
        instead = "niemand vervangt" if there is None else f"vervanger is {_called(there, code, register)}"
        if there is None and vervanging.in_kring:
            instead = "wie vervangt, is zelf al afwezig"
        yield f"{_called(away, code, register)} {why}; {instead}."


def _called(wie: Medewerker, code: str, register: Register) -> str:
    return wie.persoon.naam if wie.partij == code else f"{wie.persoon.naam} ({register.naam(wie.partij)})"


def _names(names: Sequence[str]) -> str:
    *first, last = names or ("niemand",)
    return f"{', '.join(first)} en {last}" if first else last


def _label(rol: str) -> str:
    return next((known.label for known in Rol if known.value == rol), rol)


def _for_whom(doelgroep: Doelgroep) -> str:
    return "" if doelgroep is Doelgroep.ALLE else f" voor {doelgroep}"
