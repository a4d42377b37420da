"""One seed over the four services: what people do, the weather meanwhile, and what must hold when all has come to rest."""

import asyncio
import gc
import random as chance
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import structlog

from contracts.messages.handover import OverdrachtAangemaakt
from contracts.messages.identifiers import derived_id
from contracts.messages.notifier import NotificatieVerzonden
from contracts.messages.topics import Service
from services.handover.domain.invoer import OntvangstbevestigingInvoer, VerdelingInvoer
from services.handover.handlers.commands import ConfirmOntvangst, TakeUpOverdracht
from services.runtime.unit.decision import Incoming, ServiceDefinition
from services.runtime.unit.destinations import Breaker
from services.runtime.unit.frozen import replace
from services.triage.domain.invoer import MeldingInvoer, TriagebesluitInvoer
from services.triage.domain.melding import Radar
from services.triage.handlers.commands import ReceiveMelding, TakeTriagebesluit
from tests.simulation import promises
from tests.simulation.hub import DECODED, HUB, RELEASES, Hub, stage
from tests.simulation.kafka import ToBroker
from tests.simulation.loop import SimLoop
from tests.simulation.test_houvast import definitions as of_houvast
from tests.simulation.weather import KINDS, Weather
from tests.unit.triage.road import BREDA, START, VT_WB, case, example

CASES = ("a", "b", "c", "d")
SPEEDS = (14_400.0, 28_800.0, 43_200.0)
"""Seconds of the Clock in one of the machine: a day is 6, 3 or 2 seconds."""
STORM_SECONDS = (15.0, 25.0, 40.0)
REST_DAYS = (2, 4, 8)
"""Of the Clock, after the storm: with it a seed sees 5 to 28 days of its cases."""
QUIET_WITHIN_SECONDS = 240.0
LONGEST_SECONDS = 1200.0
STEP = 1.0


@cache
def definitions() -> list[ServiceDefinition[Any]]:
    """As the composition roots make them, with the breaker of handover."""
    return [
        replace(definition, breaker=Breaker()) if definition.service is Service.HANDOVER else definition
        for definition in of_houvast()
    ]


@dataclass(slots=True)
class Story:
    """What people did; in the form that the promises look at."""

    hub: Hub
    answered: set[str] = field(default_factory=set)
    names: tuple[str, ...] = CASES

    @property
    def storm(self) -> "Story":
        return self

    @property
    def world(self) -> Hub:
        return self.hub

    @property
    def received(self) -> Counter[Any]:
        return self.hub.received


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one seed. `wrong` is empty when every promise held."""

    seed: int
    kind: str
    wrong: str = ""
    faults: Counter[str] = field(default_factory=Counter)
    overdrachten: int = 0
    told: int = 0
    commits: int = 0
    seconds: float = 0.0


def play(seed: int, *, kind: str | None = None) -> Outcome:
    """The same story every time for the same seed; `PYTHONHASHSEED` must be 0 for that."""
    structlog.configure(processors=[_say_nothing], cache_logger_on_first_use=False)
    kind = kind or KINDS[seed % len(KINDS)]
    loop = SimLoop()
    chance.seed(seed)
    gc.disable()
    weather = Weather(seed, kind)
    hub = None
    try:
        asyncio.set_event_loop(loop)
        with stage(loop, weather.random):
            hub = HUB[loop] = Hub(
                loop, definitions(), start=START, speed=weather.random.choice(SPEEDS), weather=weather
            )
            ToBroker.broker = hub.broker
            story = Story(hub)
            main = loop.create_task(_tell(story, weather))
            loop.call_later(LONGEST_SECONDS, main.cancel)
            loop.run_until_complete(main)
        promises.hold(story)
    except asyncio.CancelledError:
        wrong = f"somebody still waits after {LONGEST_SECONDS:.0f} s"
    except (AssertionError, RuntimeError) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        wrong = f"{last.name}: {error or last.line}"
        if loop.broken is not None:
            raise loop.broken from None
    else:
        wrong = ""
    finally:
        HUB.pop(loop, None)
        RELEASES.clear()
        DECODED.clear()
        asyncio.set_event_loop(None)
        gc.enable()
    assert hub is not None
    return Outcome(
        seed,
        kind,
        wrong,
        weather.faults,
        overdrachten=len({event.id for event in hub.events(OverdrachtAangemaakt)}),
        told=len({event.id for event in hub.events(NotificatieVerzonden)}),
        commits=hub.database.commits,
        seconds=loop.time(),
    )


def settle_memory() -> None:
    """Once the hub is imported and its rules are read: what a seed leaves behind is then found without looking at those."""
    play(0, kind="mild")
    gc.collect()
    gc.freeze()


def _say_nothing(*_: Any) -> Any:
    raise structlog.DropEvent


async def _tell(story: Story, weather: Weather) -> None:
    hub, random = story.hub, weather.random
    hub.start_all()
    blowing = asyncio.ensure_future(weather.blow(hub, random.choice(STORM_SECONDS)))
    people = [asyncio.ensure_future(_tell_case(story, name, random)) for name in CASES]
    await blowing
    _stop_where_wrong(hub)
    await weather.settle(hub)
    await asyncio.gather(*people)
    while hub.waits_outside():
        await asyncio.sleep(STEP)
        _stop_where_wrong(hub)
    rest = hub.klok.now() + timedelta(days=random.choice(REST_DAYS))
    while hub.klok.now() < rest:
        await asyncio.sleep(STEP)
        _stop_where_wrong(hub)
    await hub.let_go_on()  # what failed in the storm may be set aside only after it
    hub.klok.stop()
    until = hub.loop.time() + QUIET_WITHIN_SECONDS
    while unrest := hub.unrest():
        if hub.loop.time() > until:
            raise AssertionError(f"it does not come to rest: {', '.join(unrest)}")
        await asyncio.sleep(STEP)
        _stop_where_wrong(hub)


def _stop_where_wrong(hub: Hub) -> None:
    if hub.wrong:
        raise AssertionError(hub.wrong[0])


async def _tell_case(story: Story, name: str, random: Random) -> None:
    """A melding, a triagebesluit, and a gemeente that confirms and takes up – or does not."""
    hub = story.hub
    melding = ReceiveMelding(MeldingInvoer.model_validate(example("melding", kenmerk=name)), Radar())
    besluit = TakeTriagebesluit(TriagebesluitInvoer.model_validate(example("triagebesluit")))
    for command in (melding, besluit):
        await asyncio.sleep(random.uniform(0, 6))
        key = derived_id(name, type(command).__name__)
        await hub.submit(Service.TRIAGE, Incoming(key, case(name), command, VT_WB, "x"))
    if random.random() < 0.25:
        return
    while (state := hub.state(Service.HANDOVER, case(name))) is None or not state.overdrachten:
        await asyncio.sleep(1)
    await asyncio.sleep(random.choice((0.0, 0.1, 1.0, 8.0)))
    overdracht = state.overdrachten[0]  # a planted bug may have made it twice
    story.answered.add(name)
    for command in (
        ConfirmOntvangst(overdracht.id, OntvangstbevestigingInvoer()),
        TakeUpOverdracht(overdracht.id, VerdelingInvoer()),
    ):
        key = derived_id(name, type(command).__name__)
        await hub.submit(Service.HANDOVER, Incoming(key, case(name), command, BREDA, "x"))
