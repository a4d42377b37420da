"""The whole road, from melding to taken up, with everything on this machine."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import count
from uuid import uuid4

from contracts.afspraken import local_date
from contracts.register import Register, RestEndpoint
from lab.bench.meting import Figure, percentile
from lab.bench.opstelling import REGIO, Straat
from lab.bench.processor import resident_mb
from lab.invented import VerzonnenMelding, verzin_meldingen
from services.runtime.process.clock import SystemKlok

TRIAGISTEN = 96
"""Callers at a time while the throughput is measured."""
DRAIN_LIMIT_SECONDS = 120.0
LATENCY_PER_SECOND = 10
WARM_UP = 200
"""Meldingen before anything is measured: code is loaded, connections stand, statements are prepared."""
MOST_IN_ONE_GO = 100_000
REST_SECONDS = 5.0
"""So long nothing comes in first: services that ask their broker for news do so without meldingen too."""

_ARRIVED = (
    "select count(*) from monitoring.overdracht o where o.opgepakt_op is not null and not exists"
    " (select 1 from monitoring.termijn t where t.casus_id = o.casus_id and t.status <> 'gehaald'"
    " and t.regel_id in ('veiligheidsbeoordeling', 'overdracht-na-melding', 'ontvangstbevestiging'))"
)
"""What starts when the team takes up goes on: informing the melder and those involved, and the veiligheidsplan."""


class Inkomend:
    """An endless row of invented meldingen, each posted with its triagebesluit."""

    def __init__(self, road: Straat) -> None:
        self._road = road
        self._meldingen = _endless(road)
        self.decided: dict[str, float] = {}
        """When the POST of the triagebesluit of a case left."""

    async def hand_over(self) -> None:
        """One melding and its triagebesluit."""
        casus_id, verzonnen = await self.report()
        await self.decide(casus_id, verzonnen)

    async def report(self, **fields: object) -> tuple[str, VerzonnenMelding]:
        """One melding, with these fields in the place of what was invented."""
        verzonnen = next(self._meldingen).with_melding(**fields)
        answer = await self._road.triage.post("/triage/v1/meldingen", verzonnen.melding, headers=self._headers())
        return str(answer["casusId"]), verzonnen

    async def report_crisis_by_meldpunt(self, token: str) -> str:
        """A crisis that the meldpunt forwards to Veilig Thuis."""
        body = next(self._meldingen).to_meldpuntmelding(crisis=True)
        headers = self._headers() | {"Authorization": f"Bearer {token}"}
        answer = await self._road.triage.post("/triage/v1/meldpuntmeldingen", body, headers=headers)
        return str(answer["casusId"])

    async def decide(self, casus_id: str, verzonnen: VerzonnenMelding) -> None:
        self.decided[casus_id] = time.perf_counter()
        path = f"/triage/v1/meldingen/{casus_id}/triagebesluiten"
        await self._road.triage.post(path, verzonnen.triagebesluit, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._road.token}", "Idempotency-Key": str(uuid4())}


async def warm_up(road: Straat, inkomend: Inkomend) -> None:
    """Send some the whole way first."""
    for _ in range(WARM_UP // 20):
        await asyncio.gather(*(inkomend.hand_over() for _ in range(20)))
    sent = len(inkomend.decided)
    if await _drained(road, sent) < sent:
        raise RuntimeError("de keten staat stil: niet alles van het warmdraaien kwam aan")


async def measure_throughput(road: Straat, inkomend: Inkomend, *, seconds: float) -> list[Figure]:
    """Meldingen per second that went all the way, the time to finish what was begun included."""
    before = await _drained(road, len(inkomend.decided))
    resting = road.processor_seconds()
    await asyncio.sleep(REST_SECONDS)
    used = road.processor_seconds()
    at_rest = (sum(used.values()) - sum(resting.values())) / REST_SECONDS
    started = time.perf_counter()
    until = started + seconds

    async def triagist() -> None:
        while time.perf_counter() < until:
            await inkomend.hand_over()

    had = len(inkomend.decided)
    await asyncio.gather(*(triagist() for _ in range(TRIAGISTEN)))
    sent = len(inkomend.decided) - had
    intake = time.perf_counter() - started
    arrived = await _drained(road, before + sent)
    elapsed = time.perf_counter() - started
    rate = (arrived - before) / elapsed
    note = f"{sent} meldingen in {elapsed:.1f} s; aangenomen met {sent / intake:.0f}/s"
    lost = before + sent - arrived
    figures = [Figure("meldingen door de hele keten", rate, "/s", aim=200, more_is_better=True, note=note)]
    if lost:
        figures.append(Figure("niet aangekomen binnen de tijd", lost, "", aim=0))
    return figures + _processor(used, road.processor_seconds(), arrived - before, rest=at_rest * elapsed)


async def measure_latency(road: Straat, inkomend: Inkomend, *, seconds: float) -> list[Figure]:
    """From the POST of a triagebesluit to its arrival at the gemeente, at ten a second."""
    tasks: list[asyncio.Task[str]] = []

    async def one() -> str:
        casus_id, verzonnen = await inkomend.report()
        await asyncio.sleep(0.5)  # the melding and its consequences are through before the besluit comes
        await inkomend.decide(casus_id, verzonnen)
        return casus_id

    started = asyncio.get_running_loop().time()
    for number in range(int(seconds * LATENCY_PER_SECOND)):
        await asyncio.sleep(max(0.0, started + number / LATENCY_PER_SECOND - asyncio.get_running_loop().time()))
        tasks.append(asyncio.create_task(one()))
    cases = await asyncio.gather(*tasks)
    arrived: dict[str, float] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_LIMIT_SECONDS):
            while not all(casus_id in arrived for casus_id in cases):
                await asyncio.sleep(0.2)
                arrived = (await road.gemeenten.get("/ontvangen")).json()["aangekomen"]
    taken = [1000 * (arrived[case] - inkomend.decided[case]) for case in cases if case in arrived]
    note = f"{len(taken)} triagebesluiten, {LATENCY_PER_SECOND}/s"
    figures = [
        Figure("besluit tot aflevering, p50", percentile(taken, 0.50), "ms", aim=60, note=note),
        Figure("besluit tot aflevering, p99", percentile(taken, 0.99), "ms", aim=200, note=note),
    ]
    if len(taken) < len(cases):
        figures.append(Figure("niet aangekomen", len(cases) - len(taken), "", aim=0))
    return figures


def _processor(before: dict[str, float], after: dict[str, float], meldingen: int, *, rest: float) -> list[Figure]:
    """Milliseconds of one core per melding; what the road can do at most follows from their sum.

    `rest` is how many seconds of it they would have used without meldingen. The fewer went through, the more of that falls
    to each: on a busy machine it is most of the sum.
    """
    spent = {part: 1000 * (after[part] - before[part]) / max(1, meldingen) for part in after}
    total = sum(spent.values())
    cores = os.cpu_count() or 1
    note = f"met {cores} kernen voor ons alleen hoogstens {1000 * cores / total:.0f} meldingen/s"
    return [
        Figure("processortijd per melding", total, "ms", note=note),
        *(Figure(f"  waarvan {part}", value, "ms") for part, value in spent.items()),
        Figure("  waarvan ook zonder meldingen", 1000 * rest / max(1, meldingen), "ms"),
    ]


def measure_memory(road: Straat) -> list[Figure]:
    """What each service holds after all this."""
    return [
        Figure(f"geheugen van {service.value}", resident_mb(process.pid), "MB", aim=150)
        for service, process in road.services.items()
    ]


def _endless(road: Straat) -> Iterator[VerzonnenMelding]:
    today = local_date(SystemKlok().now())
    codes = tuple(_reached_by_rest(road.register, today))
    for seed in count(1):
        yield from verzin_meldingen(
            road.register, aantal=MOST_IN_ONE_GO, seed=seed, on=today, regio=REGIO, gemeenten=codes
        )


def _reached_by_rest(register: Register, on: date) -> Iterator[str]:
    """The gemeenten that the receiver of the benchmark can play: by REST, whichever of their teams it is."""
    for gemeente in register.gemeenten(on, regio=REGIO):
        roads = [gemeente.endpoint_for(team) for team in (None, *(team.code for team in gemeente.teams))]
        if all(isinstance(road, RestEndpoint) and road.oauth2 is None and road.tls is None for road in roads):
            yield gemeente.code


async def _drained(road: Straat, expected: int) -> int:
    """How many went all the way, as soon as that is all of them or nothing has moved for a while."""
    deadline = time.perf_counter() + DRAIN_LIMIT_SECONDS
    arrived = await _arrived(road)
    while arrived < expected and time.perf_counter() < deadline:
        await asyncio.sleep(0.1)
        arrived = await _arrived(road)
    return arrived


async def _arrived(road: Straat) -> int:
    return int(await road.pool.fetchval(_ARRIVED))
