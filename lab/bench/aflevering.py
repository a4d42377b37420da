"""Delivering: how fast, what one endpoint that hangs does to the others, and how a long row goes when many come back."""

import asyncio
import time
from collections import defaultdict
from random import Random
from uuid import UUID, uuid4

from lab.bench.bezorging import Bezorging, bezorging
from lab.bench.http import Client
from lab.bench.meting import Figure, percentile
from services.runtime.database.server import RunningDatabase

MANY = 300
"""Endpoints that come back at one moment."""
PARKED = 10_000
TEMPO = 5
"""Requests in any second to each of those."""
AT_ONCE = 2
PER_SECOND = 40
"""Overdrachten per second while one endpoint hangs."""
ACKS_PER_SECOND = 50
BATCH = 250


async def measure_all(server: RunningDatabase, *, seconds: float, number: int) -> list[Figure]:
    """The four parts, one after the other."""
    return [
        *await measure_throughput(server, number=number),
        *await measure_hanging(server, seconds=seconds),
        *await measure_acknowledgements(server, seconds=seconds),
        *await measure_resume(server, parked=PARKED),
    ]


async def measure_throughput(server: RunningDatabase, *, number: int) -> list[Figure]:
    """Deliveries per second, with signature, opening the document and storing what came of it."""
    async with bezorging(server, endpoints=16, tempo="per_seconde = 1000, tegelijk = 16") as work:
        await _fill(work, 400)
        await work.drained()
        await work.park(work.codes)
        await _fill(work, number)
        started = time.perf_counter()
        await work.release(work.codes)
        await work.drained()
        elapsed = time.perf_counter() - started
        arrived = await work.arrivals()
        twice = sum(1 for moments in arrived.values() if len(moments) > 1)
    note = f"{number} overdrachten naar 16 endpoints in {elapsed:.1f} s, ondertekend en vastgelegd"
    return [
        Figure("afleveringen", number / elapsed, "/s", aim=200, more_is_better=True, note=note),
        Figure("dubbel aangekomen of niet aangekomen", twice + len(work.sent) - len(arrived), "", aim=0),
    ]


async def measure_hanging(server: RunningDatabase, *, seconds: float) -> list[Figure]:
    """p95 for the other endpoints with and without one that hangs.

    The two take turns of a second, so that whatever else this machine does hits both alike.
    """
    calm: list[float] = []
    beside: list[float] = []
    async with (
        bezorging(server, endpoints=16, tempo="tegelijk = 8") as healthy,
        bezorging(server, endpoints=16, tempo="tegelijk = 8", hanging=[15]) as hampered,
    ):
        for work in (healthy, hampered):
            await _steadily(work, 3)
        for _ in range(int(seconds)):
            calm += await _steadily(healthy, 1)
            beside += await _steadily(hampered, 1)
        stuck = await hampered.waiting()
    before, after = percentile(calm, 0.95), percentile(beside, 0.95)
    note = (
        f"p95 {before:.1f} ms zonder en {after:.1f} ms met; {PER_SECOND}/s, {stuck} wachten op het endpoint dat hangt"
    )
    return [
        Figure("p95 van de anderen als één endpoint hangt", 100 * (after / before - 1), "% erbij", aim=10, note=note),
        Figure("p50 van de anderen, zonder", percentile(calm, 0.5), "ms"),
        Figure("p50 van de anderen, met", percentile(beside, 0.5), "ms"),
    ]


async def _steadily(work: Bezorging, seconds: float) -> list[float]:
    """Load at an even pace; milliseconds to arrival at the endpoints that do not hang."""
    before, chance, loop = set(work.sent), Random(14), asyncio.get_running_loop()  # noqa: S311  repeatable
    started, tasks = loop.time(), list[asyncio.Task[None]]()
    for number in range(int(seconds * PER_SECOND)):
        await asyncio.sleep(max(0.0, started + number / PER_SECOND - loop.time()))
        tasks.append(asyncio.create_task(work.hand_over([chance.choice(work.codes)])))
    await asyncio.gather(*tasks)
    return await work.latencies(before)


async def measure_resume(server: RunningDatabase, *, parked: int) -> list[Figure]:
    """Everything that waited for 300 endpoints, after all of them come back at one moment."""
    tempo = f"per_seconde = {TEMPO}, tegelijk = {AT_ONCE}"
    async with bezorging(server, endpoints=MANY, tempo=tempo) as work:
        await work.park(work.codes)
        await _fill(work, parked)
        started = time.perf_counter()
        await work.release(work.codes)
        await work.drained()
        elapsed = time.perf_counter() - started
        arrived = await work.arrivals()
    by_endpoint: dict[str, list[float]] = defaultdict(list)
    for identifier, moments in arrived.items():
        by_endpoint[work.sent[identifier][0]] += moments
    burst = max(_most_in_a_second(moments) for moments in by_endpoint.values())
    note = f"{parked} geparkeerd voor {MANY} endpoints; {len(arrived)} aangekomen"
    return [
        Figure("hervatten na pauze", elapsed, "s", aim=60, note=note),
        Figure("drukste seconde van een endpoint", burst, "", aim=TEMPO, note=f"tempo {TEMPO} per seconde"),
    ]


def _most_in_a_second(moments: list[float]) -> int:
    ordered, first, most = sorted(moments), 0, 0
    for last, at in enumerate(ordered):
        while at - ordered[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def measure_acknowledgements(server: RunningDatabase, *, seconds: float) -> list[Figure]:
    """Taking in ontvangstbevestigingen at an even pace, as a caller sees it."""
    async with bezorging(server, endpoints=16, tempo="per_seconde = 1000, tegelijk = 16") as work:
        await _fill(work, int(seconds * ACKS_PER_SECOND) + 50)
        await work.drained()
        client = Client("127.0.0.1", work.port, connections=32)
        taken: list[float] = []

        async def acknowledge(identifier: UUID, code: str) -> None:
            began = time.perf_counter()
            path = f"/overdracht/v1/overdrachten/{identifier}/ontvangstbevestigingen"
            headers = {"Authorization": f"Bearer {code.partition('/')[0]}", "Idempotency-Key": str(uuid4())}
            await client.post(path, {}, headers=headers)
            taken.append(1000 * (time.perf_counter() - began))

        todo = [(identifier, code) for identifier, (code, _) in work.sent.items()]
        await asyncio.gather(*(acknowledge(*item) for item in todo[:50]))
        taken.clear()
        started, tasks, loop = time.perf_counter(), list[asyncio.Task[None]](), asyncio.get_running_loop()
        begin = loop.time()
        for number, item in enumerate(todo[50:]):
            await asyncio.sleep(max(0.0, begin + number / ACKS_PER_SECOND - loop.time()))
            tasks.append(asyncio.create_task(acknowledge(*item)))
        await asyncio.gather(*tasks)
        await client.close()
        rate = len(taken) / (time.perf_counter() - started)
    note = f"{len(taken)} ontvangstbevestigingen, {rate:.0f}/s"
    return [
        Figure("ontvangstbevestiging aannemen, p50", percentile(taken, 0.50), "ms", note=note),
        Figure("ontvangstbevestiging aannemen, p99", percentile(taken, 0.99), "ms", aim=50, note=note),
    ]


async def _fill(work: Bezorging, number: int) -> None:
    """So many new overdrachten, spread evenly. Raises where they were not all taken in."""
    codes = [work.codes[index % len(work.codes)] for index in range(number)]
    for start in range(0, number, BATCH):
        await work.hand_over(codes[start : start + BATCH])
    if set_aside := await work.process.hub.pool.fetchval("select min(reden) from geparkeerd"):
        raise RuntimeError(f"niet alles is aangenomen: {set_aside}")
