"""A crisis until a channel has its messages: from the answer to whoever reports it, at rest and beside a steady load."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID

from contracts.messages.identifiers import short_reference
from lab.bench.kanalen import Kanalen
from lab.bench.meting import Figure, percentile
from lab.bench.opstelling import MELDPUNT, Straat
from lab.bench.road import Inkomend, warm_up
from services.runtime.access.tokens import default_scopes, issue
from services.runtime.process.clock import SystemKlok

PER_SECOND = 1
"""Crises of each kind."""
LOAD_PER_SECOND = 10
"""Meldingen that go the whole road meanwhile."""
WITHIN_SECONDS = 5.0
LIMIT_SECONDS = 60.0
_WARM_UP_SECONDS = 5.0
_KLOK = SystemKlok()


async def measure_crisis(road: Straat, inkomend: Inkomend, kanalen: Kanalen, *, seconds: float) -> list[Figure]:
    """Every message of every crisis, by who reported it: at rest first, then beside the load."""
    token = await issue(
        road.pool, partij=MELDPUNT, scopes=default_scopes("meldpunt"), omschrijving="bench", now=_KLOK.now()
    )

    async def by_veilig_thuis() -> str:
        casus_id, _ = await inkomend.report(urgentie="crisis")
        return casus_id

    kinds = {
        "melding met urgentie crisis": by_veilig_thuis,
        "crisis bij het meldpunt": lambda: inkomend.report_crisis_by_meldpunt(token),
    }
    await warm_up(road, inkomend)
    await _report(kinds, kanalen, _WARM_UP_SECONDS)
    at_rest = await _report(kinds, kanalen, seconds)
    async with _load(inkomend):
        beside = await _report(kinds, kanalen, seconds)
    return [
        *(figure for crises in at_rest for figure in crises.figures("in rust")),
        *(figure for crises in beside for figure in crises.figures(f"naast {LOAD_PER_SECOND} meldingen/s")),
    ]


@dataclass(slots=True)
class _Crises:
    """Those of one kind: when each was answered, and how long each of its messages took by channel."""

    kind: str
    answered: dict[str, datetime] = field(default_factory=dict[str, datetime])
    waited: Mapping[str, Mapping[str, list[float]]] = field(default_factory=dict[str, dict[str, list[float]]])
    """Milliseconds, by channel and by case."""

    def look(self, kanalen: Kanalen) -> None:
        found: dict[str, dict[str, list[float]]] = defaultdict(lambda: {case: [] for case in self.answered})
        for message in kanalen.accepted():
            if (since := self.answered.get(message.referentie)) is not None:
                took = 1000 * (message.op - since).total_seconds()
                found[message.kanaal.value][message.referentie].append(took)
        self.waited = found

    @property
    def lacking(self) -> int:
        """How many messages are missing beside the case that has most; all, where none has any."""
        if not self.waited:
            return len(self.answered)
        return sum(
            len(cases) * max(map(len, cases.values())) - sum(map(len, cases.values())) for cases in self.waited.values()
        )

    def figures(self, when: str) -> Iterator[Figure]:
        for kanaal, cases in sorted(self.waited.items()):
            took = [each for messages in cases.values() for each in messages]
            note = (
                f"p50 {percentile(took, 0.5):.0f} ms, max {max(took) / 1000:.2f} s;"
                f" {len(took)} berichten over {len(cases)} casussen"
            )
            what = f"{self.kind} → {kanaal}, {when}, p99"
            yield Figure(what, percentile(took, 0.99) / 1000, "s", aim=WITHIN_SECONDS, note=note)
        if self.lacking:
            yield Figure(f"{self.kind}, {when}: berichten niet aangenomen", self.lacking, "", aim=0)


async def _report(
    kinds: Mapping[str, Callable[[], Awaitable[str]]], kanalen: Kanalen, seconds: float
) -> tuple[_Crises, ...]:
    """Crises one after the other, until each has as many messages as others of its kind."""
    reported = {kind: _Crises(kind) for kind in kinds}

    async def one(kind: str) -> None:
        casus_id = await kinds[kind]()
        reported[kind].answered[short_reference(UUID(casus_id))] = _KLOK.now()

    async with asyncio.TaskGroup() as posting:
        async for _ in _ticks(PER_SECOND, until=seconds):
            for kind in kinds:
                posting.create_task(one(kind))
    with suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_SECONDS):
            while any(crises.lacking for crises in reported.values()):
                await asyncio.sleep(0.5)
                for crises in reported.values():
                    crises.look(kanalen)
    return tuple(reported.values())


@asynccontextmanager
async def _load(inkomend: Inkomend) -> AsyncGenerator[None]:
    """Meldingen with their triagebesluit, for as long as the context lasts."""

    async def send() -> None:
        async with asyncio.TaskGroup() as posting:
            async for _ in _ticks(LOAD_PER_SECOND):
                posting.create_task(inkomend.hand_over())

    sending = asyncio.create_task(send())
    try:
        await asyncio.sleep(_WARM_UP_SECONDS)
        yield
        if sending.done():
            await sending
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


async def _ticks(per_second: int, *, until: float | None = None) -> AsyncGenerator[int]:
    """So many times a second, at any moment of its share of it; `until` in seconds.

    At an even pace it would keep step with what the services do once a second.
    """
    loop, chance = asyncio.get_running_loop(), Random(12)  # noqa: S311  repeatable
    started, number = loop.time(), 0
    while until is None or number < until * per_second:
        await asyncio.sleep(max(0.0, started + (number + chance.random()) / per_second - loop.time()))
        yield number
        number += 1
