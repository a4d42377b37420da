"""A million open termijnen: what they cost while nothing is due, and how fast what is due fires."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.afspraken import Anker, load_rule_book
from lab.bench.balie import Balie, balie, firing, monitoring_definition
from lab.bench.gebeurtenissen import GEMEENTE, REGIO, Levensloop
from lab.bench.kopie import Begin, second_copy
from lab.bench.meting import Figure, percentile
from lab.bench.opstelling import Fundament, started_service
from lab.bench.processor import resident_mb
from services.runtime.process.clock import Klok, SystemKlok, VersneldeKlok, VirtueleKlok
from services.runtime.unit.decision import Context, Incoming, Outcome, ServiceDefinition, TimerDue
from services.runtime.unit.hub import Hub
from services.runtime.unit.ids import Ids
from services.runtime.unit.timers import AT_ONCE
from services.runtime.unit.unit_of_work import UnitOfWork

BEGUN_AT = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
"""A Tuesday; the meldingen that all fall due together came in then."""
SHARED_BEGUN_AT = BEGUN_AT - timedelta(days=1)
"""Those that two copies of the service fire together."""
SPREAD_BEGUN_AT = BEGUN_AT - timedelta(days=2)
SPREAD_APART = timedelta(milliseconds=25)
SPREAD = 1_000
"""Meldingen that came in one after another, so that their warnings come due one after another too."""
RUN_UP = timedelta(seconds=3)
"""The clock starts this long before what is waited for."""
ASKED = 3_000
COMPUTED = 20_000
BATCH = 500
LIMIT_SECONDS = 120.0
BURST = "alles van één middernacht afgegaan"


@dataclass(slots=True)
class _Fired:
    """When each timer was on disk, against when it was due."""

    underway: list[datetime] = field(default_factory=list[datetime])
    late: list[float] = field(default_factory=list[float])


async def measure_termijnen(ground: Fundament, *, open_termijnen: int, due_at_once: int) -> list[Figure]:
    """Everything, in one database that has `open_termijnen` timers in it which are not due."""
    fired = _Fired()
    definition = _watched(monitoring_definition(), fired)
    virtual = VirtueleKlok(SPREAD_BEGUN_AT)
    async with balie(ground.database, definition, migrations="services.monitoring.migrations", klok=virtual) as desk:
        empty = await _restart(ground, desk)
        await _fill(desk, open_termijnen)
        figures = [*_measure_computing(), *await _measure_asking(desk, open_termijnen)]
        full = await _restart(ground, desk)
        await _begin(desk, virtual, begun_at=SPREAD_BEGUN_AT, number=SPREAD, apart=SPREAD_APART)
        figures += await _measure_lateness(desk, definition, fired)
        await desk.pool.execute("delete from timer where due_at < $1", BEGUN_AT + timedelta(days=20))
        for begun_at in (SHARED_BEGUN_AT, BEGUN_AT):
            await _begin(desk, virtual, begun_at=begun_at, number=due_at_once, apart=timedelta(0))
        figures += await _measure_bursts(desk, definition, virtual, fired)
    note = f"met {open_termijnen:,} open".replace(",", ".")
    return [
        *figures,
        Figure("herstart van monitoring", full.seconds, "s", aim=5, note=f"{note}; leeg {empty.seconds:.1f} s"),
        Figure("geheugen van monitoring", full.memory_mb, "MB", aim=150, note=f"{note}; leeg {empty.memory_mb:.0f} MB"),
    ]


def _watched(definition: ServiceDefinition[Any], fired: _Fired) -> ServiceDefinition[Any]:
    """The same service, keeping the due moments of the timers it handles."""

    def handle(state: Any, incoming: Incoming, context: Context) -> Outcome[Any]:
        if isinstance(incoming.payload, TimerDue):
            fired.underway.append(incoming.payload.due_at)
        return definition.handle(state, incoming, context)

    return replace(definition, handle=handle)


async def _fill(desk: Balie[Any], number: int) -> None:
    """Timers as monitoring sets them, of cases that nobody will ask for, due in the ten weeks after."""
    await desk.pool.execute(
        "insert into timer (casus_id, naam, due_at, gegevens)"
        " select gen_random_uuid(), 'termijn:' || gen_random_uuid(),"
        " $2::timestamptz + interval '30 days' + random() * interval '70 days', '{}' from generate_series(1, $1::int)",
        number,
        BEGUN_AT,
    )
    await desk.pool.execute("vacuum analyze timer")


def _measure_computing() -> list[Figure]:
    """The end of a term from its rule, for moments all over fifteen years."""
    afspraken = load_rule_book().for_case(regio=REGIO, gemeente=GEMEENTE, on=BEGUN_AT.date())
    (regel, *_) = afspraken.termijnen_from(Anker.MELDING_ONTVANGEN)
    chance = random.Random(1)  # noqa: S311  moments, no secrets
    moments = [
        datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(15 * 525_600)) for _ in range(COMPUTED)
    ]
    started = time.perf_counter()
    for moment in moments:
        regel.end(moment, afspraken.kalender)
    microseconds = 1e6 * (time.perf_counter() - started) / COMPUTED
    return [Figure("één termijn berekend", microseconds, "µs", aim=20, note=f"{regel.id}, {COMPUTED} momenten")]


async def _measure_asking(desk: Balie[Any], open_termijnen: int) -> list[Figure]:
    taken: list[float] = []
    for _ in range(ASKED):
        started = time.perf_counter()
        await desk.unit_of_work.run_due(AT_ONCE)
        taken.append(1000 * (time.perf_counter() - started))
    note = f"{open_termijnen:,} open, {ASKED} keer gevraagd".replace(",", ".")
    return [
        Figure("niets te doen, p50", percentile(taken, 0.50), "ms", note=note),
        Figure("niets te doen, p99", percentile(taken, 0.99), "ms", aim=1, note=note),
    ]


async def _begin(desk: Balie[Any], klok: VirtueleKlok, *, begun_at: datetime, number: int, apart: timedelta) -> None:
    """Meldingen as monitoring hears of them, through its real handler."""
    klok.move_to(begun_at + apart * number)
    serving = asyncio.create_task(desk.hub.run())
    try:
        for first in range(0, number, BATCH):
            last = min(first + BATCH, number)
            await desk.hub.take([Levensloop(begun_at + apart * index).record(0) for index in range(first, last)])
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _measure_lateness(desk: Balie[Any], definition: ServiceDefinition[Any], fired: _Fired) -> list[Figure]:
    """Warnings that come due one after another, each as late as its commit."""
    first: datetime = await desk.pool.fetchval("select min(due_at) from timer")
    last: datetime = await desk.pool.fetchval(
        "select max(due_at) from timer where due_at < $1", first + SPREAD_APART * SPREAD
    )
    async with _ticking(desk, definition, fired, first - RUN_UP) as klok:
        await _until_fired(desk, last, klok)
    note = f"{len(fired.late)} na elkaar, elke {1000 * (last - first).total_seconds() / SPREAD:.0f} ms een"
    return [
        Figure("te laat, p50", percentile(fired.late, 0.50), "s", note=note),
        Figure("te laat, p99", percentile(fired.late, 0.99), "s", aim=1, note=note),
    ]


async def _measure_bursts(
    desk: Balie[Any], definition: ServiceDefinition[Any], virtual: VirtueleKlok, fired: _Fired
) -> list[Figure]:
    """All terms that end at the same midnight; what comes before that is out of the way first."""
    ends = "select distinct due_at from timer where due_at < $1 and naam like 'termijn:%' order by due_at desc limit 2"
    last, shared = [row["due_at"] for row in await desk.pool.fetch(ends, BEGUN_AT + timedelta(days=20))]
    number = await _let_come(desk, virtual, shared)
    async with second_copy(desk.url) as begin, _ticking(desk, definition, fired, shared - RUN_UP, begin) as klok:
        await _until_fired(desk, shared, klok)
        together = (klok.now() - shared).total_seconds()
    both = Figure(f"{BURST}, twee kopieën", together, "s", aim=5, note=f"{number} tegelijk, elk in een eigen proces")
    number = await _let_come(desk, virtual, last)
    fired.late.clear()
    fired.underway.clear()
    async with _ticking(desk, definition, fired, last - RUN_UP) as klok:
        await _until_fired(desk, last, klok)
    note = f"{number} tegelijk, door de echte handler"
    return [Figure(BURST, max(fired.late), "s", aim=5, note=note), both]


async def _let_come(desk: Balie[Any], virtual: VirtueleKlok, midnight: datetime) -> int:
    """Fire everything that comes before the hour of midnight; how many are due then."""
    virtual.move_to(midnight - timedelta(hours=1))
    while await desk.unit_of_work.run_due(AT_ONCE):
        pass
    number: int = await desk.pool.fetchval("select count(*) from timer where due_at = $1", midnight)
    return number


@asynccontextmanager
async def _ticking(
    desk: Balie[Any], definition: ServiceDefinition[Any], fired: _Fired, start: datetime, begin: Begin | None = None
) -> AsyncGenerator[Klok]:
    """The timer loop as a process runs it, on a clock that goes on from `start`; `begin` sets another to work too."""
    anchor = SystemKlok().now().timestamp()
    klok = VersneldeKlok(shown=start, anchor=anchor, speed=1.0)
    if begin is not None:
        begin(start, anchor)
    unit_of_work = _Watched(desk, definition, klok, fired)
    hub: Hub[Any] = Hub(definition, unit_of_work, klok, desk.pool, new_id=Ids(klok))
    async with firing(desk, hub, unit_of_work):
        yield klok


class _Watched(UnitOfWork[Any]):
    """Notes how late what it handled is, once it is on disk."""

    def __init__(self, desk: Balie[Any], definition: ServiceDefinition[Any], klok: Klok, fired: _Fired) -> None:
        super().__init__(definition, desk.store, klok, new_id=Ids(klok), source="urn:nld:oin:0:systeem:houvast-bench")
        self._watch = klok
        self._fired = fired

    async def run_due(self, limit: int) -> int:
        done = await super().run_due(limit)
        now = self._watch.now()
        self._fired.late += [(now - due_at).total_seconds() for due_at in self._fired.underway]
        self._fired.underway.clear()
        return done


async def _until_fired(desk: Balie[Any], moment: datetime, klok: Klok) -> None:
    """Until nothing is left that was due by then."""
    await klok.sleep_until(moment)
    deadline = time.perf_counter() + LIMIT_SECONDS
    while time.perf_counter() < deadline:
        if not await desk.pool.fetchval("select exists (select from timer where due_at <= $1)", moment):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("niet alles is afgegaan")


@dataclass(frozen=True, slots=True)
class _Start:
    seconds: float
    memory_mb: float


async def _restart(ground: Fundament, desk: Balie[Any]) -> _Start:
    """The real process on this database: until it says it is ready, and what it then holds."""
    started = time.perf_counter()
    async with started_service(ground, desk.definition.service, database=desk.url) as process:
        seconds = time.perf_counter() - started
        await asyncio.sleep(2)  # its loops have looked around
        return _Start(seconds, resident_mb(process.pid))
