"""The state of one case in handover: its overdrachten, how far each delivery is, and the receipts of people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from contracts.messages.documenten import (
    Aanvaardingsbewijs,
    Informeerwijze,
    Mediatype,
    Meldpuntgegevens,
    Overdrachtsdocument,
    Professional,
    Toelichting,
)
from contracts.messages.handover import (
    Betrokkenenbrief,
    Informatieonderwerp,
    Kanaal,
    Overdrachtsoort,
    Plansoort,
    Terugkoppelcriterium,
    Weigeringscode,
)
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode, derived_id
from contracts.messages.notifier import Doelgroep
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Aandeel
from services.handover.domain.link import Bevestiglink, Leescode
from services.handover.domain.samenwerking import Dienst, Samenwerking
from services.runtime.unit.frozen import replace


class Aflevering(StrEnum):
    """How far the bytes are. What people did with them are other facts."""

    ONDERWEG = "onderweg"
    GESTAGNEERD = "gestagneerd"
    GEWEIGERD = "geweigerd"
    AFGELEVERD = "afgeleverd"


TRANSITIONS: Mapping[Aflevering, frozenset[Aflevering]] = {
    Aflevering.ONDERWEG: frozenset({Aflevering.AFGELEVERD, Aflevering.GESTAGNEERD, Aflevering.GEWEIGERD}),
    Aflevering.GESTAGNEERD: frozenset({Aflevering.AFGELEVERD, Aflevering.GEWEIGERD, Aflevering.ONDERWEG}),
    Aflevering.GEWEIGERD: frozenset({Aflevering.ONDERWEG}),
    Aflevering.AFGELEVERD: frozenset({Aflevering.ONDERWEG, Aflevering.GEWEIGERD, Aflevering.GESTAGNEERD}),
}
"""Stalled is still tried; refused waits until somebody offers it again. Nothing is ever dropped. What was delivered
sets out once more only when people ask for a new generation; a mail that was delivered to its relay may come back, or
turn out to be held up."""


def aflevering_id(overdracht_id: UUID, ronde: int) -> UUID:
    """Of the request that brings it in this round; the receiver sees it as the id of what it gets."""
    return overdracht_id if ronde == 1 else derived_id("aflevering", str(overdracht_id), str(ronde))


class Overdrachtstatus(StrEnum):
    """One word for a list: the furthest thing that happened. The four receipts themselves stay apart."""

    ONDERWEG = "onderweg"
    GESTAGNEERD = "gestagneerd"
    GEWEIGERD = "geweigerd"
    AFGELEVERD = "afgeleverd"
    ONTVANGEN = "ontvangen"
    OPGEPAKT = "opgepakt"
    TERUGGEKOPPELD = "teruggekoppeld"
    AFGEWEZEN = "afgewezen"
    INGETROKKEN = "ingetrokken"


@dataclass(frozen=True, slots=True)
class Verklaring:
    """What a party reported: the moment it names, who it is, and the sealed name of the worker where given."""

    op: datetime
    door: PartijCode
    medewerker: Verzegeld[Professional] | None = None
    bewijs: Aanvaardingsbewijs | None = None
    """Where another party says so: who there accepted, and when."""


@dataclass(frozen=True, slots=True)
class Terugkoppeling:
    """That and why a case was given back. The form travels sealed in the event."""

    op: datetime
    door: PartijCode
    criteria: tuple[Terugkoppelcriterium, ...]


@dataclass(frozen=True, slots=True)
class Weigering:
    """That and why the gemeente does not take it. The explanation travels sealed in the event."""

    op: datetime
    door: PartijCode
    code: Weigeringscode


@dataclass(frozen=True, slots=True)
class Verwittiging:
    """Over which road the receiver has to hear that it was taken back: when it did, or why not yet.

    `gewaarschuwd_op`: since when Veilig Thuis knows that it does not arrive.
    """

    kanaal: Kanaal
    verwittigd_op: datetime | None = None
    fout: str | None = None
    gewaarschuwd_op: datetime | None = None


@dataclass(frozen=True, slots=True)
class Intrekking:
    """That Veilig Thuis took it back, and whom there is to tell. The reason travels sealed in the event."""

    op: datetime
    door: PartijCode
    verwittigingen: tuple[Verwittiging, ...] = ()

    @property
    def verwittigd_op(self) -> datetime | None:
        """When the last of them had heard it; None until then, and where nobody has to."""
        moments = [item.verwittigd_op for item in self.verwittigingen if item.verwittigd_op is not None]
        return max(moments) if moments and len(moments) == len(self.verwittigingen) else None


@dataclass(frozen=True, slots=True)
class Overname:
    """That another party took the case over, and by which overdracht: from then on this one is no longer with its receiver."""

    op: datetime
    door: PartijCode
    overdracht_id: UUID


@dataclass(frozen=True, slots=True)
class Informering:
    """That a party told the people involved: when, how, and what."""

    op: datetime
    door: PartijCode
    wijze: Informeerwijze
    brief: Betrokkenenbrief | None = None
    onderwerpen: tuple[Informatieonderwerp, ...] = ()


@dataclass(frozen=True, slots=True)
class Planopstelling:
    """That a party drew up plans for the household: when, which, and whether it was with the people involved."""

    op: datetime
    door: PartijCode
    plannen: tuple[Plansoort, ...]
    besproken: bool = False


class Bijlagegeheim(BaseModel, frozen=True):
    """What only who may read the case may know of a file, and the key (base64) under which its bytes are kept."""

    naam: str
    sha256: str
    sleutel: str


class Retouruitkomst(StrEnum):
    """What a person made of a letter that came back."""

    BEZORGD = "bezorgd"
    ONBESTELBAAR = "onbestelbaar"


@dataclass(frozen=True, slots=True)
class Retouroordeel:
    """That somebody read it: what came out, when, and who that was."""

    uitkomst: Retouruitkomst
    op: datetime
    door: PartijCode
    medewerker: Verzegeld[Professional]


@dataclass(frozen=True, slots=True)
class Retourbrief:
    """What came back about the mail of this round, and that no form we know says what it means."""

    op: datetime
    ronde: int
    tekst: Verzegeld[Toelichting]
    oordeel: Retouroordeel | None = None


@dataclass(frozen=True, slots=True)
class Bijlage:
    """A file that is kept for this case. `grootte` in bytes."""

    id: UUID
    door: PartijCode
    mediatype: Mediatype
    grootte: int
    toegevoegd_op: datetime
    geheim: Verzegeld[Bijlagegeheim]


@dataclass(frozen=True)
class Overdracht:
    """One overdracht to one receiver: the lokaal team of `gemeente`, or another party of the register (`partij`).

    `uiterlijk_op` is the earliest legal moment that its arrival matters for, by `uiterlijk_regel` of the afspraken.
    """

    id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None
    soort: Overdrachtsoort
    kanaal: Kanaal
    melding_ontvangen_op: datetime
    aangemaakt_op: datetime
    uiterlijk_op: datetime
    document: Verzegeld[Overdrachtsdocument]
    opdracht_id: UUID
    afspraken_versie: str = ""
    uiterlijk_regel: str | None = None
    aflevering: Aflevering = Aflevering.ONDERWEG
    ronde: int = 1
    ronde_begonnen_op: datetime | None = None
    pogingen: int = 0
    laatste_poging_op: datetime | None = None
    laatste_fout: str | None = None
    fout_bij_houvast: bool = False
    gestagneerd_op: datetime | None = None
    afgeleverd_op: datetime | None = None
    afgeleverde_ronde: int | None = None
    ontvangst: Verklaring | None = None
    verdeling: Verklaring | None = None
    terugkoppeling: Terugkoppeling | None = None
    weigering: Weigering | None = None
    intrekking: Intrekking | None = None
    link: Bevestiglink | None = None
    informeringen: tuple[Informering, ...] = ()
    plannen: tuple[Planopstelling, ...] = ()
    eerdere_kanalen: tuple[Kanaal, ...] = ()
    """By which it was sent before people took another road."""
    kenmerk: str | None = None
    """What the receiver calls it: the number of its zaak."""
    partij: PartijCode | None = None
    bijlagen: tuple[UUID, ...] = ()
    """What goes along by reference."""
    onzeker_sinds: datetime | None = None
    """Since when a mail that left is not known to have arrived; no attempt is under way."""
    retourbrief: Retourbrief | None = None
    aangeboden_door: PartijCode | None = None
    """Who said that the receiver takes over, where Veilig Thuis did not hand it over: an offer."""
    overgenomen: Overname | None = None
    leescode: Leescode | None = None

    @property
    def waits(self) -> bool:
        """Whether an attempt is still to come."""
        return self.onzeker_sinds is None and self.aflevering in {Aflevering.ONDERWEG, Aflevering.GESTAGNEERD}

    @property
    def ontvanger(self) -> PartijCode:
        """The code of who receives it."""
        return self.partij or self.gemeente

    @property
    def is_open_aanbod(self) -> bool:
        """An offer that nobody answered."""
        return self.aangeboden_door is not None and self.verdeling is None and not self.is_over

    @property
    def is_gevraagd(self) -> bool:
        """An offer that its receiver itself did not take up, whatever others say."""
        return self.aangeboden_door is not None and (self.verdeling is None or self.is_op_bewijs)

    @property
    def is_op_bewijs(self) -> bool:
        """Accepted as others say, and not by its receiver itself."""
        return self.verdeling is not None and self.verdeling.bewijs is not None

    @property
    def is_over(self) -> bool:
        """Given back, refused, taken back or taken over by another: it is no longer with its receiver."""
        ends = (self.terugkoppeling, self.weigering, self.intrekking, self.overgenomen)
        return any(end is not None for end in ends)

    @property
    def overgenomen_op(self) -> datetime | None:
        """When another party took the case over from its receiver."""
        return None if self.overgenomen is None else self.overgenomen.op

    @property
    def aandeel(self) -> Aandeel:
        """What it gives its receiver in the case."""
        is_aanbod = self.aangeboden_door is not None
        return Aandeel(self.ontvanger, self.aangemaakt_op, is_aanbod, self.partij is None, self.is_op_bewijs)

    @property
    def is_aanvaard(self) -> bool:
        """Whether the receiver confirmed it or took it up."""
        return self.ontvangst is not None or self.verdeling is not None

    @property
    def veiligheidsplan_op(self) -> datetime | None:
        """When the veiligheidsplan was there."""
        return next((item.op for item in self.plannen if Plansoort.VEILIGHEIDSPLAN in item.plannen), None)

    def moved_to(self, aflevering: Aflevering) -> "Overdracht":
        """The same, further on its way. Refuses a step that the table does not have."""
        assert aflevering in TRANSITIONS[self.aflevering], f"{self.aflevering} does not become {aflevering}"
        return replace(self, aflevering=aflevering)

    @property
    def status(self) -> Overdrachtstatus:
        if self.intrekking is not None:
            return Overdrachtstatus.INGETROKKEN
        if self.weigering is not None:
            return Overdrachtstatus.AFGEWEZEN
        if self.terugkoppeling is not None:
            return Overdrachtstatus.TERUGGEKOPPELD
        if self.verdeling is not None:
            return Overdrachtstatus.OPGEPAKT
        if self.ontvangst is not None:
            return Overdrachtstatus.ONTVANGEN
        return Overdrachtstatus(self.aflevering.value)


@dataclass(frozen=True)
class Casus:
    """Every overdracht of one case, oldest first; its diensten, and the teams that were asked to walk along in them."""

    overdrachten: tuple[Overdracht, ...] = ()
    diensten: tuple[Dienst, ...] = ()
    samenwerkingen: tuple[Samenwerking, ...] = ()
    bijlagen: tuple[Bijlage, ...] = ()
    regio: RegioCode | None = None
    """Of the melding, before there is anything to hand over."""
    doelgroep: Doelgroep | None = None
    """For whom the melding asks; None while handover has not heard of it."""
    melding_ontvangen_op: datetime | None = None
    """When the melding really came in, where that was put right: an event may have left before."""
    gecorrigeerd: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    """Per fact (and what it is about) when its moment was last put right."""
    meldpuntgegevens: Verzegeld[Meldpuntgegevens] | None = None
    """What the meldpunt took in, for whoever is asked to take that over."""
    gesloten_op: datetime | None = None
    """When it was closed, as monitoring says."""

    @property
    def regios(self) -> frozenset[RegioCode]:
        """The regions this case is known in; empty while handover has not heard of it."""
        noted = () if self.regio is None else (self.regio,)
        return frozenset((*noted, *(item.regio for item in (*self.overdrachten, *self.diensten))))

    def overdracht(self, overdracht_id: UUID) -> Overdracht | None:
        return next((overdracht for overdracht in self.overdrachten if overdracht.id == overdracht_id), None)

    def with_overdracht(self, changed: Overdracht) -> "Casus":
        """The case with this overdracht in the place of its former self."""
        return replace(
            self,
            overdrachten=tuple(changed if other.id == changed.id else other for other in self.overdrachten),
        )

    @property
    def running_dienst(self) -> Dienst | None:
        """The dienst that Veilig Thuis is at work in, if any."""
        running = (dienst for dienst in self.diensten if dienst.gestart_op is not None and dienst.afgerond_op is None)
        return next(running, None)

    def dienst(self, dienst_id: UUID) -> Dienst | None:
        return next((dienst for dienst in self.diensten if dienst.id == dienst_id), None)

    def with_dienst(self, changed: Dienst) -> "Casus":
        """The case with this dienst, new or in the place of its former self."""
        others = tuple(dienst for dienst in self.diensten if dienst.id != changed.id)
        return replace(self, diensten=(*others, changed))

    def samenwerking(self, samenwerking_id: UUID) -> Samenwerking | None:
        return next((item for item in self.samenwerkingen if item.id == samenwerking_id), None)

    def with_samenwerking(self, changed: Samenwerking) -> "Casus":
        """The case with this samenwerking, new or in the place of its former self."""
        others = tuple(item for item in self.samenwerkingen if item.id != changed.id)
        return replace(self, samenwerkingen=(*others, changed))
