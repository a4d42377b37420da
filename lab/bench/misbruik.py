"""What another caller notices while one misuses the hub: its waiting time beside that of just before, per kind."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from lab.bench.meting import Figure, percentile
from lab.bench.misbruiker import KINDS
from lab.bench.opstelling import VEILIG_THUIS, Straat, end_process
from lab.bench.road import Inkomend
from services.runtime.access.tokens import default_scopes, issue
from services.runtime.process.clock import SystemKlok

PER_SECOND = 40
MOST_TIMES = 3.0
WARM_UP_SECONDS = 5.0
"""At the same pace, which is within what a token may ask."""
_SETTLE_SECONDS = 1.0


async def measure_misbruik(
    road: Straat, inkomend: Inkomend, *, seconds: float, kinds: Collection[str] = KINDS
) -> list[Figure]:
    """For each kind: as it is, and then the same while somebody does that, from another address with another token."""
    token = await issue(
        road.pool,
        partij=VEILIG_THUIS,
        scopes=default_scopes("veilig-thuis"),
        omschrijving="misbruik",
        now=SystemKlok().now(),
    )
    figures: list[Figure] = []
    await _measure(road, inkomend, WARM_UP_SECONDS)
    for kind in kinds:
        normal = await _measure(road, inkomend, seconds)
        async with _misbehaving(kind, port=urlsplit(road.triage_url).port or 0, token=token):
            await asyncio.sleep(_SETTLE_SECONDS)
            meanwhile = await _measure(road, inkomend, seconds)
        figures.append(_figure(kind, normal, meanwhile))
    return figures


@dataclass(frozen=True, slots=True)
class _Period:
    """Waiting times in milliseconds, and how much of a core triage used."""

    waited: list[float]
    busy: float

    def percentile(self, share: float) -> float:
        return percentile(self.waited, share)


async def _measure(road: Straat, inkomend: Inkomend, seconds: float) -> _Period:
    """Meldingen at a steady pace, whatever becomes of the one before."""
    used, started, taken = road.processor_seconds()["triage"], time.perf_counter(), list[float]()
    await _send(inkomend, seconds, taken)
    used = road.processor_seconds()["triage"] - used
    return _Period(taken, used / (time.perf_counter() - started))


async def _send(inkomend: Inkomend, seconds: float, taken: list[float]) -> None:
    async def one() -> None:
        started = time.perf_counter()
        await inkomend.report()
        taken.append(1000 * (time.perf_counter() - started))

    loop, tasks = asyncio.get_running_loop(), list[asyncio.Task[None]]()
    started = loop.time()
    for number in range(int(seconds * PER_SECOND)):
        await asyncio.sleep(max(0.0, started + number / PER_SECOND - loop.time()))
        tasks.append(asyncio.create_task(one()))
    await asyncio.gather(*tasks)


@asynccontextmanager
async def _misbehaving(kind: str, *, port: int, token: str) -> AsyncGenerator[None]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "lab.bench.misbruiker", stdin=PIPE)
    try:
        assert process.stdin is not None
        process.stdin.write(orjson.dumps({"kind": kind, "port": port, "token": token}) + b"\n")
        await process.stdin.drain()
        yield
    finally:
        await end_process(process)


def _figure(kind: str, normal: _Period, meanwhile: _Period) -> Figure:
    before, during = normal.percentile(0.99), meanwhile.percentile(0.99)
    note = (
        f"p99 {before:.1f} → {during:.1f} ms, p50 {normal.percentile(0.5):.1f} → {meanwhile.percentile(0.5):.1f} ms;"
        f" triage gebruikt {normal.busy:.0%} → {meanwhile.busy:.0%} van een kern"
    )
    return Figure(kind, during / before, "×", aim=MOST_TIMES, note=note)
