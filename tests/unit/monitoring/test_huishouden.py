"""One household, one bearer: over random histories of several cases, in the monitoring phase and after it (MB 5, G3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import Anker, load_rule_book
from contracts.messages.documenten import Professional, Urgentie
from contracts.messages.envelope import CloudEvent, Gebeurtenis, source_urn
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import Dwangmaatregel, Sluitreden
from contracts.messages.topics import Service
from contracts.messages.triage import Besluit, HermeldingHerkend
from services.monitoring.domain.invoer import AanvaardingInvoer, AfsluitingInvoer, DwangmaatregelInvoer
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.domain.zicht import zicht_at
from services.monitoring.handlers import CloseCasus, Handlers, ReportAanvaarding, ReportDwangmaatregel, project
from services.runtime.access.actor import Actor
from services.runtime.in_memory import MemoryWorld
from services.runtime.in_memory.world import OIN
from services.runtime.unit.decision import Incoming, ServiceDefinition
from tests.examples import examples
from tests.unit.monitoring.casusloop import PartijenVoorTest
from tests.unit.monitoring.verhalen import MELDING, ONTVANGEN, Verhaal

pytestmark = pytest.mark.anyio

MB = Verhaal(regio="midden-brabant", gemeente="GM0855")
BIJ_GGZ = Verhaal(regio="midden-brabant", gemeente="GM0855", partij="ggz-crisisdienst")
TEAM, VT = "GM0855", "veilig-thuis-midden-brabant"
NOOR = Professional(naam="Noor van Voorbeeld", functie="medewerker monitoring")


def case(number: int) -> CasusId:
    return CasusId(UUID(int=number))


@dataclass(frozen=True)
class Stap:
    """What happens in one of the cases, and how much later than what came before."""

    wat: str
    casus: int
    later: timedelta


@dataclass
class Gezin:
    """Monitoring with the cases of one household; the first is monitored after a dienst from the beginning."""

    world: MemoryWorld = field(init=False)
    gemeld: list[int] = field(default_factory=list[int])
    overdrachten: dict[int, list[UUID]] = field(default_factory=dict[int, list[UUID]])
    op: dict[int, datetime] = field(default_factory=lambda: {1: ONTVANGEN})
    number: int = 0

    def __post_init__(self) -> None:
        handler = Handlers(load_rule_book(), PartijenVoorTest())
        self.world = MemoryWorld([ServiceDefinition(Service.MONITORING, Toezicht, handler, project)], start=ONTVANGEN)

    @property
    def now(self) -> datetime:
        return self.world.klok.now()

    async def begin(self) -> None:
        await self.tell(1, MB.melding(), MB.besluit(self.now))
        await self.world.move_to(ONTVANGEN + timedelta(hours=1))
        await self.deliver(1, MB, Overdrachtsoort.NA_DIENST)
        self.gemeld.append(1)

    async def tell(self, casus: int, *events: Gebeurtenis) -> None:
        for event in events:
            self.number += 1
            identifier = str(derived_id("gebeurtenis", str(self.number)))
            source = source_urn(OIN, "triage")
            await self.world.offer(CloudEvent(identifier, source, case(casus), self.now, None, event))

    async def act(self, casus: int, command: object, partij: str) -> None:
        """Allowed or refused: both are part of a history."""
        self.number += 1
        key = derived_id("daad", str(self.number))
        await self.world.submit(Service.MONITORING, Incoming(key, case(casus), command, Actor(partij)))

    async def deliver(self, casus: int, verhaal: Verhaal, soort: Overdrachtsoort) -> None:
        known = self.overdrachten.setdefault(casus, [])
        known.append(UUID(int=1000 * casus + len(known)))
        await self.tell(casus, self.of(casus, verhaal.aangemaakt(self.now, overdracht_id=known[-1], soort=soort)))
        await self.tell(casus, self.of(casus, verhaal.afgeleverd(self.now, overdracht_id=known[-1], soort=soort)))

    def of(self, casus: int, event: Gebeurtenis) -> Gebeurtenis:
        """The event of a case whose melding came in later than that of the first."""
        return event.model_copy(update={"melding_ontvangen_op": self.op[casus]})

    async def report(self, urgentie: Urgentie) -> None:
        """A melding about the household, which the radarfunctie recognises."""
        new = len(self.gemeld) + 1
        self.op[new] = self.now
        melding = MB.melding(self.now).model_copy(update={"urgentie": urgentie})
        earlier = tuple(case(number) for number in self.gemeld)
        await self.tell(new, melding, HermeldingHerkend(melding_id=MELDING, eerdere_casussen=earlier))
        self.gemeld.append(new)

    async def do(self, stap: Stap) -> None:  # noqa: C901  a table of acts
        await self.world.move_to(self.now + stap.later)
        casus = self.gemeld[stap.casus % len(self.gemeld)]
        known = self.overdrachten.get(casus, [])
        match stap.wat:
            case "melding":
                await self.report(Urgentie.REGULIER)
            case "melding met spoed":
                await self.report(Urgentie.SPOED)
            case "acute crisis":
                besluit_id = derived_id("besluit", str(self.number))
                besluit = MB.besluit(self.now, Besluit.ACUTE_CRISIS, besluit_id=besluit_id)
                await self.tell(casus, self.of(casus, besluit))
            case "direct":
                await self.deliver(casus, MB, Overdrachtsoort.DIRECT)
            case "na een dienst":
                await self.deliver(casus, MB, Overdrachtsoort.NA_DIENST)
            case "naar de ggz":
                await self.deliver(casus, BIJ_GGZ, Overdrachtsoort.NA_DIENST)
            case "terug" if known:
                await self.tell(casus, self.of(casus, MB.teruggekoppeld(self.now, overdracht_id=known[-1])))
            case "opgepakt" if known:
                await self.tell(casus, self.of(casus, MB.opgepakt(self.now, overdracht_id=known[-1])))
            case "aanvaard":
                await self.act(casus, ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR)), TEAM)
            case "raad":
                await self.act(
                    casus,
                    ReportDwangmaatregel(
                        DwangmaatregelInvoer(maatregel=Dwangmaatregel.JEUGDBESCHERMINGSTAFEL, door=NOOR)
                    ),
                    TEAM,
                )
            case "sluiten":
                await self.act(casus, CloseCasus(AfsluitingInvoer(reden=Sluitreden.STABIELE_VEILIGHEID, door=NOOR)), VT)
            case _:
                pass

    def toezicht(self, casus: int) -> Toezicht:
        found = self.world.services[Service.MONITORING].store.state(case(casus))
        assert isinstance(found, Toezicht)
        return found


WAT = (
    *("melding", "melding met spoed", "acute crisis") * 2,
    *("direct", "na een dienst", "naar de ggz", "terug", "opgepakt", "aanvaard", "raad", "sluiten", "niets"),
)
STAPPEN = st.builds(
    Stap, st.sampled_from(WAT), st.integers(0, 3), st.timedeltas(timedelta(minutes=1), timedelta(days=20))
)


def disagreements(gezin: Gezin) -> list[str]:
    """Every moment at which two open cases of one household have another bearer, or one that is open has none.

    One household are those that were told so: a case that was reported while none was monitored stands by itself.
    """
    cases = {number: gezin.toezicht(number) for number in gezin.gemeld}
    moments = sorted({line.vanaf for toezicht in cases.values() for line in toezicht.zicht})
    return [
        f"{op}: {bearers}"
        for op in (*moments, *(moment - timedelta(microseconds=1) for moment in moments), gezin.now)
        for toezicht in cases.values()
        if (bearers := _bearers(cases, toezicht, op)) and (len({*bearers.values()}) > 1 or None in bearers.values())
    ]


def _bearers(cases: Mapping[int, Toezicht], toezicht: Toezicht, op: datetime) -> dict[int, str | None]:
    """Who bears zicht in each open case of the household of this one."""
    bearers: dict[int, str | None] = {}
    for number, other in cases.items():
        line = zicht_at(other.zicht, op)
        closed = any(feit.anker == "casus-gesloten" and feit.op <= op for feit in other.feiten)
        together = other.huishouden_sinds is not None and other.huishouden_sinds <= op
        if together and not closed and (other is toezicht or case(number) in toezicht.huishouden):
            bearers[number] = None if line is None else line.partij
    return bearers


@examples(25)
@given(st.lists(STAPPEN, min_size=2, max_size=10))
async def test_one_household_has_one_bearer(stappen: list[Stap]) -> None:
    """MB 5; G3: also across the cases of one household, at every moment exactly one party."""
    gezin = Gezin()
    await gezin.begin()
    for stap in stappen:
        await gezin.do(stap)
    await gezin.world.move_to(gezin.now + timedelta(days=30))
    assert disagreements(gezin) == []


async def test_a_hermelding_in_monitoring_makes_one_household_of_two_cases() -> None:
    """Without it each case has a bearer of its own, and the property above would say nothing."""
    gezin = Gezin()
    await gezin.begin()
    await gezin.do(Stap("melding", 0, timedelta(days=3)))
    assert gezin.toezicht(1).huishouden_sinds == gezin.toezicht(2).huishouden_sinds == gezin.now
    await gezin.do(Stap("sluiten", 0, timedelta(days=1)))
    await gezin.do(Stap("direct", 1, timedelta(days=15)))
    await gezin.do(Stap("melding", 0, timedelta(days=15)))
    for number in (2, 3):
        line = zicht_at(gezin.toezicht(number).zicht, gezin.now)
        assert line is not None
        assert line.partij == TEAM


async def test_a_closed_case_of_the_household_tells_the_new_one_what_happened_in_it() -> None:
    """What moved zicht in it moved it in the household; without that the new case would have a bearer of its own."""
    gezin = Gezin()
    await gezin.begin()
    for wat, later in (("melding met spoed", 1), ("sluiten", 60), ("na een dienst", 60), ("melding", 1)):
        await gezin.do(Stap(wat, 1, timedelta(minutes=later)))
    assert gezin.toezicht(3).huishouden.keys() == {case(1), case(2)}
    assert disagreements(gezin) == []


async def test_a_case_knows_until_when_the_melding_about_its_household_was_open() -> None:
    """Who comes to bear zicht after that is told nothing of it any more, unless it turns out to be open after all."""
    gezin = Gezin()
    await gezin.begin()
    await gezin.do(Stap("melding met spoed", 0, timedelta(days=3)))

    def until() -> list[datetime | None]:
        return [feit.voor for feit in gezin.toezicht(1).feiten if feit.anker is Anker.HUISHOUDEN_OPNIEUW_GEMELD]

    assert until() == [None]
    await gezin.do(Stap("sluiten", 1, timedelta(hours=1)))
    assert until() == [gezin.now]
    await gezin.do(Stap("direct", 1, timedelta(hours=1)))
    assert until() == [None]
