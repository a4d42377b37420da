"""What monitoring remembers of one case. Frozen; small; no personal data but what is sealed."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.afspraken import Anker, Gebeurd, Termijnstatus, toepassing
from contracts.afspraken.feiten import Besluit, Informant, Meldersoort
from contracts.afspraken.gebeurd import Woord
from contracts.messages.documenten import Professional, Urgentie
from contracts.messages.handover import VbsUrgentie
from contracts.messages.monitoring import Drager, Gesprekswijze, Kindgesprek, Sluitreden
from contracts.messages.notifier import Doelgroep
from contracts.messages.verzegeld import Verzegeld
from services.monitoring.domain.signalen import Partijmissers, Signaal
from services.monitoring.domain.vastlegging import Vastlegging

TERMIJN_TRANSITIONS: Mapping[Termijnstatus, frozenset[Termijnstatus]] = {
    Termijnstatus.LOPEND: frozenset(set(Termijnstatus) - {Termijnstatus.LOPEND}),
    Termijnstatus.VERSTREKEN: frozenset(
        {Termijnstatus.TE_LAAT_GEHAALD, Termijnstatus.GEHAALD, Termijnstatus.VERVALLEN}
    ),
    Termijnstatus.TE_LAAT_GEHAALD: frozenset({Termijnstatus.GEHAALD, Termijnstatus.VERVALLEN}),
    Termijnstatus.GEHAALD: frozenset(),
    Termijnstatus.VERVALLEN: frozenset(),
}
"""From verstreken or te-laat-gehaald to gehaald or vervallen: news came late of what had happened in time."""


class Escalatiestatus(StrEnum):
    """Where an escalatie stands."""

    OPEN = "open"
    OPGEPAKT = "opgepakt"
    AFGEHANDELD = "afgehandeld"


ESCALATIE_TRANSITIONS: Mapping[Escalatiestatus, frozenset[Escalatiestatus]] = {
    Escalatiestatus.OPEN: frozenset({Escalatiestatus.OPGEPAKT, Escalatiestatus.AFGEHANDELD}),
    Escalatiestatus.OPGEPAKT: frozenset({Escalatiestatus.OPEN, Escalatiestatus.AFGEHANDELD}),
    Escalatiestatus.AFGEHANDELD: frozenset({Escalatiestatus.OPEN}),
}
"""From opgepakt back to open: whoever took it did not finish within the time of the rung, and it climbs on. From
afgehandeld back to open: it was settled, and after the time of the rung what it is about was still not done."""


@dataclass(frozen=True, slots=True)
class Feit(Gebeurd):
    """Something that happened in the case, as it was reported.

    A fact without `onderwerp_id` was inferred from another event. `was_op` is what was reported first, where somebody
    put the moment right: from then on no report changes it any more. `medewerker` did it, where that is known.
    """

    _: KW_ONLY
    was_op: datetime | None = None
    medewerker: Verzegeld[Professional] | None = None

    @property
    def key(self) -> tuple[Anker, UUID | None, UUID | None]:
        """What makes two reports of a fact the same fact."""
        return (self.anker, self.onderwerp_id, self.bron_id)


@dataclass(frozen=True, slots=True)
class Overdrachtbeeld:
    """An overdracht as this service saw it: to whom, and how. `partij` where that is not a lokaal team.

    `teruggekomen_op`: deliveries up to this moment turned out to be none, their mail came back. `aangeboden_door` said
    that the receiver takes over: an offer. Others said that it did (`op_bewijs`, as long as it does not say so itself or
    contradict it; `bewijs_op`, from when on), it did so itself, or it contradicts. `verdeeld_aan` goes on with it.
    """

    overdracht_id: UUID
    gemeente: str
    team: str | None = None
    soort: str | None = None
    kanaal: str | None = None
    gestagneerd_op: datetime | None = None
    teruggekomen_op: datetime | None = None
    partij: str | None = None
    aangeboden_door: str | None = None
    op_bewijs: bool = False
    zelf_aanvaard: bool = False
    betwist: bool = False
    bewijs_op: datetime | None = None
    verdeeld_aan: Verzegeld[Professional] | None = None

    @property
    def is_gevraagd(self) -> bool:
        """An offer that its receiver itself did not take up, whatever others say."""
        return self.aangeboden_door is not None and not self.zelf_aanvaard

    @property
    def ontvanger(self) -> str:
        """The code of who receives it."""
        return self.partij or self.gemeente


@dataclass(frozen=True, slots=True)
class Besluitbeeld:
    """What was decided after the veiligheidsbeoordeling, and who is to tell whom; empty where an event did not say."""

    besluit: Besluit
    informeert: Informant | None = None
    melder: Meldersoort | None = None


@dataclass(frozen=True, slots=True)
class Samenwerkbeeld:
    """A request for verbindend samenwerken as this service saw it: to whom, how urgent, and who walks along."""

    samenwerking_id: UUID
    gemeente: str
    team: str | None = None
    urgentie: VbsUrgentie | None = None
    verdeeld_aan: Verzegeld[Professional] | None = None


@dataclass(frozen=True, slots=True)
class Monitormoment:
    """A moment of monitoring, under the id of the term it is to be held in, and what came out of it.

    `ingepland_voor` is the day for which it was planned, once it was.
    """

    id: UUID
    regel_id: str
    label: str
    gepland_op: datetime
    gehouden_op: datetime | None = None
    wijze: Gesprekswijze | None = None
    kinderen: Kindgesprek | None = None
    stabiel_en_veilig: bool | None = None
    vastlegging: Verzegeld[Vastlegging] | None = None
    ingepland_voor: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stagnatie:
    """A step that was taken because help stagnates during monitoring."""

    stap: int
    regel_id: str
    op: datetime
    door: str
    vastlegging: Verzegeld[Vastlegging]


@dataclass(frozen=True)
class Termijn(toepassing.Termijn):
    """One term about one thing. Moments in UTC.

    `vervangen_door` is the same term computed anew after a fact was put right: this one stays as it was, for history.
    `partij` where it is about an overdracht to another party than a lokaal team.
    """

    afspraken_versie: str
    label: str
    verantwoordelijke: Drager
    gemeente: str
    team: str | None
    ladder_id: str | None
    nadert_op: datetime | None
    status: Termijnstatus = Termijnstatus.LOPEND
    genaderd: bool = False
    gehaald_op: datetime | None = None
    gehaald_door: Anker | None = None
    vervangen_door: UUID | None = None
    eerste_id: UUID | None = None
    partij: str | None = None

    @property
    def oorsprong(self) -> UUID:
        """The id under which this term was first known, whatever was put right since."""
        return self.eerste_id or self.id


@dataclass(frozen=True, slots=True)
class Overgang:
    """A line of the ledger: from `vanaf` on `drager` bears zicht op veiligheid (None: nobody needs to any more).

    A line says something about all time from `vanaf` on, until a later line says something else.
    """

    vanaf: datetime
    drager: Drager | None
    partij: str | None
    regel_id: str
    afspraken_versie: str
    handeling: str
    vastgesteld_op: datetime

    def says_same_as(self, other: "Overgang") -> bool:
        """Whether both say the same, apart from when that was established."""
        mine = (self.vanaf, self.drager, self.partij, self.regel_id)
        return mine == (other.vanaf, other.drager, other.partij, other.regel_id)


@dataclass(frozen=True, slots=True)
class Escalatie:
    """A climb along a ladder. `trede` counts from 0; `volgende_op` is when people are called next, else None.

    `herhaald`: how often its rung was called again, since it was called first or somebody took it up; `herhaald_op`: when
    that was last. `oppakker` took it up.
    """

    id: UUID
    ladder_id: str
    regel_id: str
    afspraken_versie: str
    onderwerp_id: UUID
    gemeente: str
    team: str | None
    verantwoordelijke: Drager | None
    gestart_op: datetime
    trede: int
    trede_op: datetime
    rol: str
    bij: str
    volgende_op: datetime | None
    termijn_id: UUID | None = None
    status: Escalatiestatus = Escalatiestatus.OPEN
    opgepakt_op: datetime | None = None
    opgepakt_door: str | None = None
    oppakker: Verzegeld[Professional] | None = None
    afgehandeld_op: datetime | None = None
    resultaat: str | None = None
    notificaties: tuple[UUID, ...] = ()
    vastleggingen: tuple[Verzegeld[Vastlegging], ...] = ()
    partij: str | None = None
    herhaald: int = 0
    herhaald_op: datetime | None = None

    @property
    def geroepen_op(self) -> datetime:
        """When its rung was called last."""
        return self.herhaald_op or self.trede_op


@dataclass(frozen=True, slots=True)
class Stilstand:
    """A service that cannot go on with this case: something in it cannot be handled there."""

    service: str
    sinds: datetime


@dataclass(frozen=True)
class Toezicht:
    """Everything monitoring knows of a case. Empty until an event says which agreements hold.

    `wekkers` are the timers that are set, by name. `partij` is set where this is no case but the count of what a party
    failed, `signaal` where it is a signal about that. `ketenpartners` says of a dienst which party took it over warm,
    where that was not the lokaal team. `onbekend`: of which timers people were told that it is not known what comes of
    them, and at which moment of theirs. `stilstand` are the dead letters that hold this case, at whichever service.
    `verteld`: what people were told outside terms, and for which moment last; `verteld_in` in which message, and
    `herroepen` the messages that were taken back. `besluiten` are the triagebesluiten by their id. `meelezers`: which party
    was told of a dienst and reads along. `huishouden`: what is known of the cases that are one household with this one, and
    `huishouden_sinds` from when on that counts; `ook_gemeld` are all other cases about that household, monitored or not.
    """

    regio: str | None = None
    gemeente: str | None = None
    gemeente_van_melding: bool = False
    melding_op: datetime | None = None
    melding_id: UUID | None = None
    bron: str | None = None
    urgentie: Urgentie | None = None
    doelgroep: Doelgroep | None = None
    meldpunt_acuut: bool | None = None
    meldpunt_hgkm: bool | None = None
    feiten: tuple[Feit, ...] = ()
    overdrachten: Mapping[UUID, Overdrachtbeeld] = field(default_factory=dict[UUID, Overdrachtbeeld])
    termijnen: Mapping[UUID, Termijn] = field(default_factory=dict[UUID, Termijn])
    zicht: tuple[Overgang, ...] = ()
    escalaties: Mapping[UUID, Escalatie] = field(default_factory=dict[UUID, Escalatie])
    wekkers: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    samenwerkingen: Mapping[UUID, Samenwerkbeeld] = field(default_factory=dict[UUID, Samenwerkbeeld])
    momenten: Mapping[UUID, Monitormoment] = field(default_factory=dict[UUID, Monitormoment])
    stagnatie: tuple[Stagnatie, ...] = ()
    sluitreden: Sluitreden | None = None
    vastleggingen: tuple[Verzegeld[Vastlegging], ...] = ()
    partij: Partijmissers | None = None
    signaal: Signaal | None = None
    ketenpartners: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    onbekend: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    stilstand: Mapping[UUID, Stilstand] = field(default_factory=dict[UUID, Stilstand])
    verteld: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    verteld_in: Mapping[str, UUID] = field(default_factory=dict[str, UUID])
    herroepen: frozenset[UUID] = frozenset()
    besluiten: Mapping[UUID, Besluitbeeld] = field(default_factory=dict[UUID, Besluitbeeld])
    meelezers: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    huishouden: Mapping[UUID, "Toezicht"] = field(default_factory=dict[UUID, "Toezicht"])
    huishouden_sinds: datetime | None = None
    ook_gemeld: tuple[UUID, ...] = ()

    @property
    def peilmoment(self) -> datetime | None:
        """The moment whose date decides which agreements hold: that of the melding, else of the meldpuntmelding."""
        if self.melding_op is not None:
            return self.melding_op
        found = (feit.op for feit in self.feiten if feit.anker is Anker.MELDPUNTMELDING_ONTVANGEN)
        return min(found, default=None)

    @property
    def is_crisis(self) -> bool:
        """Whether it came in as a crisis, at Veilig Thuis or at the meldpunt, or became one."""
        came_in = self.urgentie is Urgentie.CRISIS or bool(self.meldpunt_acuut)
        return came_in or any(feit.anker is Anker.ACUTE_CRISIS_VASTGESTELD for feit in self.feiten)

    @property
    def betrokken_partijen(self) -> frozenset[str]:
        """Whose case this is or was: it was handed to them, they bore it, or they were told or called about it.

        Codes of gemeenten and of other parties alike. What they may do by now is in `relaties`.
        """
        called = {escalatie.bij for escalatie in self.escalaties.values()}
        asked = {beeld.gemeente for beeld in self.samenwerkingen.values()}
        huisverbod = any(feit.anker is Anker.HUISVERBOD_OPGELEGD for feit in self.feiten)
        given = self.signaal is not None and self.signaal.afgegeven_op is not None
        told = {self.gemeente} if self.gemeente is not None and (given or huisverbod) else set[str]()
        told |= set(self.meelezers.values())
        told |= set() if self.signaal is None else {self.signaal.meldt}
        bore = {line.partij for line in self.zicht if line.partij is not None}
        return frozenset(called | asked | told | bore | {beeld.ontvanger for beeld in self.overdrachten.values()})

    def current(self, termijn_id: UUID) -> Termijn | None:
        """The term under this id, or what took its place after a correction."""
        found = self.termijnen.get(termijn_id)
        while found is not None and found.vervangen_door is not None:
            found = self.termijnen[found.vervangen_door]
        return found

    def place_of(self, onderwerp_id: UUID | None) -> tuple[str, str | None]:
        """The gemeente and the team that something is about; of the case itself where it names none."""
        assert self.gemeente is not None
        beeld = None if onderwerp_id is None else self.overdrachten.get(onderwerp_id)
        asked = None if onderwerp_id is None else self.samenwerkingen.get(onderwerp_id)
        found = beeld or asked
        return (self.gemeente, None) if found is None else (found.gemeente, found.team)

    @property
    def aangeboden(self) -> frozenset[UUID]:
        """The overdrachten that somebody asked for, answered or not."""
        return frozenset(key for key, beeld in self.overdrachten.items() if beeld.aangeboden_door is not None)

    def ketenpartner_of(self, onderwerp_id: UUID | None) -> str | None:
        """The party that an overdracht or a dienst went to; None where that was the lokaal team, or nobody yet."""
        if onderwerp_id is None:
            return None
        beeld = self.overdrachten.get(onderwerp_id)
        return self.ketenpartners.get(onderwerp_id) if beeld is None else beeld.partij

    def first(self, anker: Anker, onderwerp_id: UUID | None) -> Feit | None:
        """The earliest fact of this kind about this thing."""
        found = [feit for feit in self.feiten if feit.anker is anker and feit.onderwerp_id == onderwerp_id]
        return min(found, key=lambda feit: feit.op, default=None)

    @property
    def betwiste_woorden(self) -> Mapping[UUID, Woord]:
        """By the overdracht: from when to when others said so, until it was contradicted or taken back."""
        ends = {Anker.OVERDRACHT_GEWEIGERD, Anker.OVERDRACHT_INGETROKKEN}
        refused = {feit.onderwerp_id: feit.op for feit in self.feiten if feit.anker in ends}
        return {
            over: (beeld.bewijs_op, refused[over])
            for over, beeld in self.overdrachten.items()
            if beeld.betwist and beeld.bewijs_op is not None and over in refused
        }
