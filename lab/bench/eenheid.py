"""One unit of work: records in, everything that follows from them on disk, in batches as the consumers take them."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from contracts.messages.topics import Service
from contracts.messages.triage import MelderGeinformeerd
from lab.bench.balie import Balie, balie, monitoring_definition
from lab.bench.gebeurtenissen import STEPS, levenslopen
from lab.bench.meting import Figure
from services.runtime.database.server import RunningDatabase
from services.runtime.process.clock import SystemKlok
from services.runtime.unit.decision import Context, Decision, Incoming, Outcome, Record, ServiceDefinition, ViewRow

BATCH = 500
CASES = 3_000
"""Cases that go through all their steps; in a batch every record is of another case, which costs most."""
WARM_UP_BATCHES = 6


@dataclass(frozen=True, slots=True)
class Teller:
    """The smallest state there is."""

    gezien: int = 0


def _count(state: Teller | None, incoming: Incoming, context: Context) -> Outcome[Teller]:
    """One change and one event for every message."""
    seen = (state or Teller()).gezien + 1
    event = MelderGeinformeerd(melding_id=incoming.key, geinformeerd_op=context.now)
    return Decision(Teller(seen), events=(event,))


def _no_rows(_casus_id: object, _state: Teller) -> Iterable[ViewRow]:
    return ()


TELLER = ServiceDefinition(
    service=Service.MONITORING, state=Teller, handle=_count, project=_no_rows, opens_sealed=False
)


async def measure_unit_of_work(server: RunningDatabase) -> list[Figure]:
    """Events per second through the unit of work, with a handler that does next to nothing and with monitoring's."""
    async with balie(server, TELLER, migrations=None) as desk:
        trivial = await _through(desk, _batches(CASES))
    async with balie(server, monitoring_definition(), migrations="services.monitoring.migrations") as desk:
        monitoring = await _through(desk, _batches(CASES))
    note = f"batches van {BATCH}, elk record een andere casus: inbox, toestand, outbox"
    return [
        Figure("eenheid van werk, triviale handler", trivial, "/s", aim=8000, more_is_better=True, note=note),
        Figure("eenheid van werk, monitoring", monitoring, "/s", aim=8000, more_is_better=True, note="alles erbij"),
    ]


def _batches(cases: int) -> list[list[Record]]:
    """A stretch of cases takes a step, then the next; so cases are begun and continued in turn."""
    lives = list(levenslopen(cases, begun_at=SystemKlok().now() - timedelta(hours=1)))
    found: list[list[Record]] = []
    rest = iter(lives)
    while stretch := list(islice(rest, BATCH)):
        found += [[life.record(step) for life in stretch] for step in range(STEPS)]
    return found


async def _through(desk: Balie[Any], batches: Sequence[Sequence[Record]]) -> float:
    serving = asyncio.create_task(desk.hub.run())
    try:
        for batch in batches[:WARM_UP_BATCHES]:
            await desk.hub.take(batch)
        measured = batches[WARM_UP_BATCHES:]
        started = time.perf_counter()
        for batch in measured:
            await desk.hub.take(batch)
        return sum(map(len, measured)) / (time.perf_counter() - started)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
