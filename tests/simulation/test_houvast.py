"""The promises G1 to G4 over the four services themselves, in bad weather: crash, repetition, delay, overtaking topics.

A melding, a triagebesluit, and a gemeente that confirms and takes up when it gets round to it – or does not.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from contracts.afspraken import load_rule_book
from contracts.messages.envelope import decode
from contracts.messages.handover import OverdrachtAangemaakt, OverdrachtAfgeleverd, OverdrachtOpgepakt
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import TermijnGestart, TermijnVerstreken
from contracts.messages.notifier import (
    NotificatieGevraagd,
    NotificatieMislukt,
    NotificatieUrgentie,
    NotificatieVervallen,
    NotificatieVerzonden,
)
from contracts.messages.topics import CATALOGUE, JUDGES, Service
from contracts.messages.triage import MeldingOntvangen, TriagebesluitGenomen
from contracts.register.werktijd import STANDAARD
from services.handover.domain.invoer import OntvangstbevestigingInvoer, VerdelingInvoer
from services.handover.handlers.commands import ConfirmOntvangst, TakeUpOverdracht
from services.monitoring.adapters import RegisterPartijen
from services.monitoring.domain.toestand import Termijnstatus, Toezicht
from services.monitoring.domain.zicht import zicht_at
from services.monitoring.handlers import Handlers as MonitoringHandlers
from services.monitoring.handlers import project as project_monitoring
from services.notifier.adapters import RegisterMensen
from services.notifier.adapters.bezorging import vragen_of
from services.notifier.domain import Casus, Schema
from services.notifier.handlers import Handlers as NotifierHandlers
from services.notifier.handlers import project as project_notifier
from services.runtime.unit.decision import Incoming, ServiceDefinition
from services.triage.domain.huishouden import Radar
from services.triage.domain.invoer import MeldingInvoer, TriagebesluitInvoer
from services.triage.handlers.commands import ReceiveMelding, TakeTriagebesluit
from tests.scenarios.blijkt import as_moment
from tests.simulation.storm import Storm
from tests.unit.triage.road import BREDA, START, VT_WB, Road, case, example

SEEDS = range(60)
CASES = ("a", "b", "c")
KINDS = ("aflevering-rest", "e-mail", "teams")
ZICHT_GOES_WITHIN = timedelta(days=9)
"""After an overdracht was delivered: seven whole days."""
SCHEMA = Schema(first=timedelta(minutes=1), longest=timedelta(hours=1), persist=timedelta(hours=24))


@cache
def definitions() -> list[ServiceDefinition[Any]]:
    """The four, as their composition roots make them, without their roads to the outside world."""
    road = Road()
    monitoring = ServiceDefinition(
        Service.MONITORING,
        Toezicht,
        MonitoringHandlers(road.rule_book, RegisterPartijen(road.register)),
        project_monitoring,
        must_hear=JUDGES[Service.MONITORING],
    )
    notifier = ServiceDefinition(
        Service.NOTIFIER,
        Casus,
        NotifierHandlers(RegisterMensen(road.register, road.rule_book), SCHEMA),
        project_notifier,
    )
    return [*(resident.definition for resident in road.world.services.values()), monitoring, notifier]


@dataclass(slots=True)
class Story:
    """What people do in one storm. Some cases are never taken up: there every termijn and every rung has to come."""

    storm: Storm
    answered: set[str] = field(default_factory=set)

    async def tell(self) -> None:
        random = self.storm.world.random
        for name in CASES:
            melding = ReceiveMelding(MeldingInvoer.model_validate(example("melding", kenmerk=name)), Radar())
            besluit = TakeTriagebesluit(TriagebesluitInvoer.model_validate(example("triagebesluit")))
            for command in (melding, besluit):
                key = derived_id(name, type(command).__name__)
                await self.storm.submit(Service.TRIAGE, Incoming(key, case(name), command, VT_WB, "x"))
                await self.storm.blow(random.randint(5, 25))
        for _ in range(6):
            await self.storm.blow(15)
            for name in CASES[: 1 + random.randrange(len(CASES))]:
                await self._answer(name)
        await self.storm.calm(rest=timedelta(days=60))

    async def _answer(self, name: str) -> None:
        """The gemeente confirms and takes up, as soon as there is something to answer."""
        state = self.storm.world.state(Service.HANDOVER, case(name))
        if name in self.answered or state is None or not state.overdrachten:
            return
        self.answered.add(name)
        (overdracht,) = state.overdrachten
        for command in (
            ConfirmOntvangst(overdracht.id, OntvangstbevestigingInvoer()),
            TakeUpOverdracht(overdracht.id, VerdelingInvoer()),
        ):
            key = derived_id(name, type(command).__name__)
            await self.storm.submit(Service.HANDOVER, Incoming(key, case(name), command, BREDA, "x"))


def play(seed: int) -> Story:
    storm = Storm(
        definitions(),
        start=START,
        seed=seed,
        performers=dict.fromkeys(KINDS, _nobody),
        weather=(0.05, 0.15, 0.25)[seed % 3],
    )
    story = Story(storm)
    asyncio.run(story.tell())
    return story


async def _nobody(*_: object) -> Any:
    raise AssertionError("the storm answers for the outside world")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_promises_hold_over_the_four_services(seed: int) -> None:
    story = play(seed)
    world = story.storm.world
    assert {service: world.parked(service) for service in world.services} == {service: [] for service in Service}
    events_are_numbered_without_gap_or_repetition(story)
    for name in CASES:
        every_step_was_taken_once(story, name)
        one_party_holds_zicht_from_the_melding_on(story, name)
        every_termijn_ends_once_and_not_early(story, case(name))
        nobody_is_accused_who_was_in_time(story, case(name))
    every_notificatie_arrives(story)


def test_the_stories_are_worth_telling() -> None:
    """Over the seeds there are cases answered and not, termijnen that pass, people called, and crashes."""
    stories = [play(seed) for seed in (1, 2, 5)]
    assert all(story.storm.crashes for story in stories)
    assert any(len(story.answered) < len(CASES) for story in stories)
    assert any(story.answered for story in stories)
    assert any(once(story, TermijnVerstreken) for story in stories)
    assert any(once(story, NotificatieVerzonden) for story in stories)


def once(story: Story, kind: type[Any], casus_id: CasusId | None = None) -> list[Any]:
    """The events of a kind without their repetitions on the road."""
    return list({event.id: event for event in story.storm.world.events(kind, casus_id=casus_id)}.values())


def events_are_numbered_without_gap_or_repetition(story: Story) -> None:
    seen: dict[tuple[str, str, UUID], list[int]] = {}
    everything: dict[tuple[str, UUID], list[int]] = {}
    for topic, raws in story.storm.world.topics.items():
        for raw in dict.fromkeys(raws):
            event = decode(raw, CATALOGUE)
            assert event.sequence is not None
            seen.setdefault((topic, event.source, event.casus_id), []).append(event.sequence)
            everything.setdefault((event.source, event.casus_id), []).append(event.sequence)
    for sequence in seen.values():
        assert all(before < after for before, after in pairwise(sequence))
    for numbers in everything.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def every_step_was_taken_once(story: Story, name: str) -> None:
    """G1, G2: what was accepted is there, once, down to the receipt of the gemeente."""
    counts = {kind: len(once(story, kind, case(name))) for kind in (MeldingOntvangen, TriagebesluitGenomen)}
    counts |= {kind: len(once(story, kind, case(name))) for kind in (OverdrachtAangemaakt, OverdrachtAfgeleverd)}
    assert set(counts.values()) == {1}
    assert len(once(story, OverdrachtOpgepakt, case(name))) == (name in story.answered)
    (overdracht,) = story.storm.world.state(Service.HANDOVER, case(name)).overdrachten
    assert story.storm.received[overdracht.id] >= 1


def one_party_holds_zicht_from_the_melding_on(story: Story, name: str) -> None:
    """G3: at every moment that the ledger names, and at the end, there is one party and a rule that says so."""
    toezicht: Toezicht = story.storm.world.state(Service.MONITORING, case(name))
    moments = [line.vanaf for line in toezicht.zicht] + [story.storm.world.klok.now()]
    assert toezicht.melding_op is not None
    assert min(moments) <= toezicht.melding_op
    for moment in moments:
        line = zicht_at(toezicht.zicht, moment)
        assert line is not None
        assert line.partij
        assert line.regel_id
    now = story.storm.world.klok.now()
    (delivered,) = once(story, OverdrachtAfgeleverd, case(name))
    if name in story.answered and now - delivered.time > ZICHT_GOES_WITHIN:
        last = zicht_at(toezicht.zicht, now)
        assert last is not None
        assert last.partij == "GM0758"


def every_termijn_ends_once_and_not_early(story: Story, casus_id: CasusId) -> None:
    """G4: after two months nothing runs any more; what passed was said once, at or after its moment."""
    world = story.storm.world
    toezicht: Toezicht = world.state(Service.MONITORING, casus_id)
    assert {event.data.termijn_id for event in once(story, TermijnGestart, casus_id)} == set(toezicht.termijnen)
    passed = once(story, TermijnVerstreken, casus_id)
    assert max(Counter(event.data.termijn_id for event in passed).values(), default=1) == 1
    assert all(event.time >= event.data.eindigt_op for event in passed)
    said = {event.data.termijn_id for event in passed}
    now = world.klok.now()
    for termijn in toezicht.termijnen.values():
        assert termijn.status is not Termijnstatus.LOPEND or termijn.eindigt_op > now
        if termijn.status is Termijnstatus.VERSTREKEN:
            assert termijn.id in said
    timers = world.services[Service.MONITORING].store.tables.timers
    assert {name: timer.due_at for (owner, name), timer in timers.items() if owner == casus_id} == toezicht.wekkers
    assert all(due > now for due in toezicht.wekkers.values())


def nobody_is_accused_who_was_in_time(story: Story, casus_id: CasusId) -> None:
    """G11: however late news came, nobody was said to have missed what they did in time."""
    toezicht: Toezicht = story.storm.world.state(Service.MONITORING, casus_id)
    accused = {event.data.termijn_id for event in once(story, TermijnVerstreken, casus_id)}
    in_time = {item.id for item in toezicht.termijnen.values() if item.status is Termijnstatus.GEHAALD}
    assert not accused & in_time


def every_notificatie_arrives(story: Story) -> None:
    """Every message to a person ended, and one event says how: it was sent, or nobody was there for a whole day.

    What is not urgent may wait for the work time of whoever reads it when the story ends, and no longer.
    """
    asked = {event.data.notificatie_id for event in once(story, NotificatieGevraagd)}
    ended = [event.data for kind in (NotificatieVerzonden, NotificatieMislukt) for event in once(story, kind)]
    world = story.storm.world
    requests = world.services[Service.NOTIFIER].store.tables.requests
    over = {event.data.notificatie_id for event in once(story, NotificatieVervallen)}
    rows = world.view(Service.NOTIFIER, "notificatie")
    waiting = [row for row in rows if row["status"] == "gevraagd"]
    assert all(row["urgentie"] == NotificatieUrgentie.GEWOON for row in waiting), "what is urgent waits for nothing"
    kalender, now = load_rule_book().kalender, world.klok.now()
    assert all(STANDAARD.next_from(as_moment(row["gevraagd_op"]), kalender) >= now for row in waiting), (
        "it has had its morning"
    )
    known = {message.notificatie_id for message in ended} | over
    assert known | {UUID(str(row["notificatie_id"])) for row in waiting} == asked
    ended_rows = [row for row in rows if row["kanaal"] is not None and row["status"] not in {"vervallen", "gevraagd"}]
    assert len(ended) == len(ended_rows)
    told = Counter(
        (stored.request.kind, str(stored.request.content["persoon"]), vraag.notificatie_id)
        for stored in requests.values()
        for vraag in vragen_of(stored.request)
    )
    assert set(told.values()) <= {1}, "what leaves with others leaves once"
    received = {
        (stored.request.kind, vraag.notificatie_id)
        for request_id, stored in requests.items()
        if request_id in story.storm.received
        for vraag in vragen_of(stored.request)
    }
    sent = [message for message in ended if isinstance(message, NotificatieVerzonden)]
    assert {(message.kanaal.value, message.notificatie_id) for message in sent} <= received
