"""What this service asks of the world: its read tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from contracts.afspraken import Termijnstatus
from contracts.messages.documenten import Professional
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Kring
from services.monitoring.domain.cijfers import Overdrachttelling, Plaats, Termijntelling
from services.monitoring.domain.toestand import Escalatiestatus, Toezicht
from services.monitoring.domain.werk import Werksoort
from services.monitoring.ports import rows
from services.runtime.database.connection import Row


@dataclass(frozen=True, slots=True)
class TermijnVraag:
    """Which termijnen are asked for. `voor`: that end before this moment."""

    status: Termijnstatus | None = None
    gemeente: str | None = None
    voor: datetime | None = None
    limiet: int = 100
    overslaan: int = 0


@dataclass(frozen=True, slots=True)
class EscalatieVraag:
    """Which escalaties are asked for."""

    status: Escalatiestatus | None = None
    gemeente: str | None = None
    limiet: int = 100
    overslaan: int = 0


@dataclass(frozen=True, slots=True)
class MonitorVraag:
    """Which monitormomenten are asked for. `voor`: planned before this moment."""

    status: Termijnstatus | None = None
    voor: datetime | None = None
    limiet: int = 100
    overslaan: int = 0


@dataclass(frozen=True, slots=True)
class SignaalVraag:
    """Which structurele signalen are asked for.

    `beantwoord`: only those with, or only those without an answer; `signaal`: that one.
    """

    beantwoord: bool | None = None
    signaal: UUID | None = None
    limiet: int = 100
    overslaan: int = 0


class Namen(Protocol):
    """The names of who acted, which rest sealed."""

    async def open(self, sealed: Sequence[tuple[UUID, Verzegeld[Professional]]]) -> Sequence[Professional | None]:
        """Each name, by the case that it is sealed in; None where it cannot be opened any more."""
        ...


class Queries(Protocol):
    """The read tables; only what the caller may see."""

    async def casus(self, identifier: UUID, kring: Kring) -> rows.Casus | None:
        """The case with this casusId or melding id, with its termijnen, escalaties and overdrachten."""
        ...

    async def toezicht(self, casus_id: UUID) -> Toezicht | None:
        """Everything that is known of this case, for judging what can be done in it; not for showing."""
        ...

    async def zicht(self, casus_id: UUID) -> Sequence[rows.Zichtregel]:
        """The ledger, line by line in the order in which it was written."""
        ...

    async def journaal(self, casus_id: UUID) -> Sequence[Row]:
        """What happened and why, in order; by column name."""
        ...

    async def termijnen(self, vraag: TermijnVraag, kring: Kring) -> Sequence[rows.Termijn]:
        """Termijnen, the first to end first."""
        ...

    async def escalaties(self, vraag: EscalatieVraag, kring: Kring) -> Sequence[rows.Escalatie]:
        """Escalaties, the newest first."""
        ...

    async def casus_of_monitormoment(self, moment_id: UUID, kring: Kring) -> UUID | None:
        """The case that a monitormoment belongs to."""
        ...

    async def monitormomenten(self, vraag: MonitorVraag, kring: Kring) -> Sequence[rows.Monitormoment]:
        """Monitormomenten, the first to be held first."""
        ...

    async def signalen(self, vraag: SignaalVraag, kring: Kring) -> Sequence[rows.Signaal]:
        """Structurele signalen, the newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Zoekterm:
    """What somebody looks for: the beginning of a reference, or the id of a case, a melding, overdracht or escalatie."""

    referentie: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plek:
    """Where a page of a list ended, so that the next begins after it whatever happened meanwhile."""

    rang: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Werkvraag:
    """What is asked of whom. `aan` and `rollen` say who looks (None: whoever is asked, whatever the role), the rest what for.

    `eigen` are the teams and roles of who looks, where only what is for those is wanted.
    """

    aan: frozenset[str] | None
    soorten: frozenset[Werksoort]
    rollen: frozenset[str] | None
    nu: datetime
    gemeente: str | None = None
    team: str | None = None
    te_laat: bool = False
    eigen: "Eigen | None" = None
    zoek: Zoekterm | None = None
    na: Plek | None = None
    limiet: int = 50


@dataclass(frozen=True, slots=True)
class Eigen:
    """The teams for which somebody works, and the roles in which they are called."""

    teams: frozenset[str]
    rollen: frozenset[str]


@dataclass(frozen=True, slots=True)
class Telling:
    """How much there is, and how much of it is late. With `meer` there is more than this of both, and nobody counted on."""

    totaal: int
    te_laat: int
    meer: bool = False


def sum_of(tellingen: Iterable[Telling]) -> Telling:
    """All of them together."""
    counted = list(tellingen)
    totals = sum(one.totaal for one in counted), sum(one.te_laat for one in counted)
    return Telling(*totals, meer=any(one.meer for one in counted))


class Casusstand(StrEnum):
    """Which cases are wanted."""

    OPEN = "open"
    GESLOTEN = "gesloten"
    ALLE = "alle"


@dataclass(frozen=True, slots=True)
class Casusvraag:
    """Which cases are asked for."""

    nu: datetime
    gemeente: str | None = None
    team: str | None = None
    te_laat: bool = False
    stand: Casusstand = Casusstand.OPEN
    zoek: Zoekterm | None = None
    na: Plek | None = None
    limiet: int = 50


@dataclass(frozen=True, slots=True)
class Lijstcasus:
    """A case of the list, with what is asked in it and to whom it was handed."""

    casus: rows.Casusregel
    termijnen: Sequence[rows.Termijn]
    overdrachten: Sequence[rows.Overdracht]


class BordQueries(Protocol):
    """What the home page and the list of cases ask."""

    async def werk(self, vraag: Werkvraag) -> Sequence[rows.Werk]:
        """What is asked, the first due first; at most `limiet`."""
        ...

    async def tel_werk(self, vraag: Werkvraag) -> Mapping[Werksoort, Telling]:
        """How much of each kind there is in all, by the same question; as far as people read a count."""
        ...

    async def casussen(self, vraag: Casusvraag, kring: Kring) -> Sequence[Lijstcasus]:
        """Cases, the one whose first term ends first at the top; at most `limiet`."""
        ...

    async def tel_casussen(self, vraag: Casusvraag, kring: Kring) -> Telling:
        """How many there are in all, by the same question; as far as people read a count."""
        ...


@dataclass(frozen=True, slots=True)
class Cijfervraag:
    """About which months figures are asked: from `van` up to `tot`, whole months in Amsterdam."""

    van: datetime
    tot: datetime
    gemeente: str | None = None


class CijferQueries(Protocol):
    """The counts behind the figures; only of what the caller's circle is about."""

    async def overdrachten(self, vraag: Cijfervraag, kring: Kring) -> Sequence[Overdrachttelling]:
        """What became of them, by receiver, team and month."""
        ...

    async def termijnen(self, vraag: Cijfervraag, kring: Kring) -> Sequence[Termijntelling]:
        """How the terms about them stand, by the same."""
        ...

    async def signalen(self, vraag: Cijfervraag, kring: Kring) -> Mapping[Plaats, int]:
        """How many structurele signalen a gemeente was sent, by month."""
        ...
