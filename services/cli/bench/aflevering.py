"""Delivering: how fast, what one endpoint that hangs does to the others, and how a long row goes when many come back.

Handover runs as a process does, without Kafka: desk, worker and API over PostgreSQL. The gemeenten are a process of
their own (`python -m services.cli.bench.aflevering`, its task as one line of JSON on standard input): every endpoint takes
what comes at once, but those in `hangend` never answer. `GET /aangekomen` gives the arrivals by endpoint, on the monotonic
clock that the processes of a machine share.
"""

import asyncio
import json
import shutil
import sys
import time
from asyncio.subprocess import PIPE
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, cast
from uuid import UUID, uuid4

import httptools
import httpx
import orjson
import uvloop

from contracts.afspraken import load_rule_book
from contracts.messages.documenten import Overdrachtsdocument, Professional
from contracts.messages.envelope import CloudEvent, encode, source_urn
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import TOPIC_OF, Service
from contracts.messages.triage import Besluit, Ontvanger, TriagebesluitGenomen
from contracts.register import parse_register
from services.cli.bench.http import Client
from services.cli.bench.meting import Figure, percentile
from services.cli.bench.opstelling import REGIO, fresh_database, temporary_folder
from services.cli.ground import UNREACHED, build_app, read_register
from services.cli.verzonnen import verzin_meldingen
from services.runtime.bestemming import pause, resume
from services.runtime.collector import relax_collector
from services.runtime.decision import Record
from services.runtime.gedeeld import migrate_gedeeld
from services.runtime.http import Front, serve
from services.runtime.klok import SystemKlok
from services.runtime.local_server import free_port
from services.runtime.postgres import RunningDatabase, start_database
from services.runtime.process import Deps, Ground, ServiceProcess
from services.runtime.settings import TEST_OIN
from services.runtime.signals import Signals
from services.runtime.sleutels import insert_keys
from services.runtime.toegang import Caller, Scope
from services.runtime.verbinding import connect
from services.runtime.verzegeling import MasterKey, SealerBatch
from services.runtime.webhooks import hmac_secret
from services.runtime.work import Worker

SECRET = hmac_secret(b"benchmark" * 4)
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
LIMIT_SECONDS = 180.0

_VEILIG_THUIS = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"
"""
_GEMEENTE = """
[[gemeente]]
code = "{code}"
naam = "Gemeente {code}"
regio = "west-brabant"
oin = "00000099000000{number:06d}"
endpoint = {{ soort = "e-mail", adres = "niemand@gemeente.example" }}
"""
_TEAM = """
[[gemeente.team]]
code = "{team}"
naam = "Team {team}"
soort = "volledig"
endpoint = {{ soort = "rest", url = "http://127.0.0.1:{port}/{name}", geheimen = ["env:BENCH"], tempo = {{ {tempo} }} }}
"""


@dataclass(slots=True)
class Bezorging:
    """Handover at work, and its gemeenten."""

    process: ServiceProcess[Any]
    codes: tuple[str, ...]
    ontvangers: httpx.AsyncClient
    master: MasterKey
    port: int
    hanging: frozenset[str]
    _documents: list[Overdrachtsdocument]
    _number: int = 0
    sent: dict[UUID, tuple[str, float]] = field(default_factory=dict[UUID, tuple[str, float]])
    """Every overdracht, with its gemeente and when its triagebesluit was taken in."""

    async def hand_over(self, codes: Sequence[str]) -> None:
        """One new case for each of these gemeenten, in one batch."""
        batch = SealerBatch(self.master, {})
        cases = [(CasusId(uuid4()), code) for code in codes]
        records = [self._record(batch, casus_id, code) for casus_id, code in cases]
        async with self.process.hub.pool.acquire() as connection:
            await insert_keys(connection, batch.new_keys, now=SystemKlok().now())
        now = time.perf_counter()
        for casus_id, code in cases:
            gemeente, _, team = code.partition("/")
            self.sent[derived_id("overdracht", str(casus_id), gemeente, team)] = (code, now)
        await self.process.hub.take(records)

    def _record(self, batch: SealerBatch, casus_id: CasusId, code: str) -> Record:
        self._number += 1
        sealer, now = batch.for_case(casus_id), SystemKlok().now()
        event = TriagebesluitGenomen(
            triagebesluit_id=casus_id,
            melding_id=casus_id,
            regio=REGIO,
            gemeente=code.partition("/")[0],
            melding_ontvangen_op=now,
            besluit=Besluit.DIRECTE_OVERDRACHT,
            genomen_op=now,
            genomen_door=cast("Any", sealer.seal(Professional(naam="Robin Meting", functie="triagist"))),
            functie="triagist",
            wijkt_af_van_advies=False,
            ontvangers=(Ontvanger(gemeente=code.partition("/")[0], team=code.partition("/")[2]),),
            overdrachtsdocument=cast("Any", sealer.seal(self._documents[self._number % len(self._documents)])),
        )
        source = source_urn(TEST_OIN, Service.TRIAGE.value)
        message: CloudEvent[TriagebesluitGenomen] = CloudEvent(str(uuid4()), source, casus_id, now, 1, event)
        return Record(TOPIC_OF[TriagebesluitGenomen].name, 0, self._number, encode(message))

    async def park(self, codes: Iterable[str]) -> None:
        for code in codes:
            await pause(self.process.hub.pool, code, reason="meting", by="meting", now=SystemKlok().now())

    async def release(self, codes: Iterable[str]) -> None:
        for code in codes:
            await resume(self.process.hub.pool, code, now=SystemKlok().now())
        await self.process.hub.pool.execute("select pg_notify('houvast_handover', 'work')")

    async def waiting(self) -> int:
        return int(await self.process.hub.pool.fetchval("select count(*) from opdracht where status = 'open'"))

    async def drained(self, but: int = 0) -> None:
        """Wait until no more than these are undelivered."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while await self.waiting() > but:  # noqa: ASYNC110  a condition in the database, with a limit
                await asyncio.sleep(0.05)

    async def arrivals(self) -> dict[UUID, list[float]]:
        """By overdracht: the moments at which it arrived."""
        found: dict[UUID, list[float]] = defaultdict(list)
        for identifier, _, at in (await self.ontvangers.get("/aangekomen")).json():
            found[UUID(identifier)].append(at)
        return found

    async def latencies(self, since: set[UUID]) -> list[float]:
        """Milliseconds from taking in the triagebesluit to arrival, of what was not there before."""
        new = {
            identifier: at
            for identifier, (code, at) in self.sent.items()
            if identifier not in since and code not in self.hanging
        }
        async with asyncio.timeout(LIMIT_SECONDS):
            while not new.keys() <= (arrived := await self.arrivals()).keys():  # noqa: ASYNC110  what others wrote is asked for
                await asyncio.sleep(0.05)
        return [1000 * (arrived[identifier][0] - at) for identifier, at in new.items()]


class _Everyone:
    """Whoever calls itself a gemeente is that gemeente."""

    async def verify(self, token: str) -> Caller | None:
        return Caller(token, frozenset(Scope))


@asynccontextmanager
async def database_only() -> AsyncGenerator[RunningDatabase]:
    """PostgreSQL in a temporary folder that is gone afterwards."""
    data_dir = temporary_folder()
    try:
        server = await start_database("embedded", data_dir=data_dir)
        try:
            yield server
        finally:
            await server.stop()
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


@asynccontextmanager
async def bezorging(
    server: RunningDatabase, *, endpoints: int, tempo: str, hanging: Sequence[int] = ()
) -> AsyncGenerator[Bezorging]:
    """Handover and this many endpoints; those with these numbers never answer."""
    receiver, port = free_port(), free_port()
    master, klok = MasterKey.generate(), SystemKlok()
    codes, text = _register(endpoints, port=receiver, tempo=tempo, on=klok.now().date())
    deps = Deps(
        klok=klok,
        wall=klok,
        rule_book=load_rule_book(),
        register=parse_register(text, bestand="meting.toml"),
        master=master,
        secret=lambda _: SECRET,
        oin=TEST_OIN,
        public_url=f"http://127.0.0.1:{port}",
        settings=None,
        toegang=_Everyone(),
    )
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(server))
        shared = await connect(url)
        try:
            await migrate_gedeeld(shared)
        finally:
            await shared.close()
        silent = frozenset(codes[number] for number in hanging)
        task = {"port": receiver, "hangend": sorted(silent)}
        ontvangers = await _start_receivers(stack, task)
        process = ServiceProcess(build_app(Service.HANDOVER, deps), deps, Ground(url, bootstrap=""))
        await process.prepare()
        stack.push_async_callback(process.stop)
        signals = Signals(url, Service.HANDOVER.value)
        worker = Worker(process.hub, signals, master, instance="meting")
        await _keep_running(stack, process.hub.run, signals.run, worker.run)
        serving = await serve(Front({"/overdracht/v1": process.api}), host="127.0.0.1", port=port)
        stack.push_async_callback(serving.stop)
        relax_collector()
        yield Bezorging(process, codes, ontvangers, master, port, silent, _documents(deps))


def _register(endpoints: int, *, port: int, tempo: str, on: date) -> tuple[tuple[str, ...], str]:
    """As many teams with an endpoint of their own, over the gemeenten that take part in the agreements."""
    gemeenten = [gemeente.code for gemeente in read_register(None, variables=UNREACHED).gemeenten(on, regio=REGIO)]
    names = tuple(f"{gemeenten[number % len(gemeenten)]}/team-{number}" for number in range(endpoints))
    parts = [_VEILIG_THUIS]
    for number, code in enumerate(gemeenten):
        parts.append(_GEMEENTE.format(code=code, number=number))
        own = (name for name in names if name.startswith(code))
        parts += [_TEAM.format(name=name, team=name.partition("/")[2], port=port, tempo=tempo) for name in own]
    return names, "".join(parts)


async def _keep_running(stack: AsyncExitStack, *jobs: Callable[[], Any]) -> None:
    tasks = [asyncio.create_task(job()) for job in jobs]

    async def end() -> None:
        for task in reversed(tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    stack.push_async_callback(end)


async def _start_receivers(stack: AsyncExitStack, task: dict[str, Any]) -> httpx.AsyncClient:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.cli.bench.aflevering", stdin=PIPE)

    async def end() -> None:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()

    stack.push_async_callback(end)
    assert process.stdin is not None
    process.stdin.write(orjson.dumps(task) + b"\n")
    await process.stdin.drain()
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{task['port']}", trust_env=False, timeout=30)
    await stack.enter_async_context(client)
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                await client.get("/aangekomen")
                return client
            await asyncio.sleep(0.05)


def _documents(deps: Deps) -> list[Overdrachtsdocument]:
    invented = verzin_meldingen(deps.register, aantal=50, seed=14, on=deps.klok.now().date(), regio=REGIO)
    return [
        Overdrachtsdocument.model_validate(verzonnen.triagebesluit["overdrachtsdocument"]) for verzonnen in invented
    ]


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


class _Receiving(asyncio.Protocol):
    """Takes what comes at once, except where it was told to hang."""

    def __init__(self, arrived: list[tuple[str, str, float]], hanging: frozenset[str]) -> None:
        self._arrived = arrived
        self._hanging = hanging
        self._transport: asyncio.Transport | None = None
        self._begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"webhook-id":
            self._id = value.decode()

    def on_message_complete(self) -> None:
        assert self._transport is not None
        at, name = time.perf_counter(), self._url.decode().lstrip("/")
        if name == "aangekomen":
            told = orjson.dumps(self._arrived)
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told) + told)
        elif name not in self._hanging:
            self._arrived.append((self._id, name, at))
            self._transport.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        self._begin()

    def _begin(self) -> None:
        self._parser, self._url, self._body, self._id = httptools.HttpRequestParser(self), b"", b"", ""


async def _receive() -> None:
    loop = asyncio.get_running_loop()
    task = json.loads(await asyncio.to_thread(sys.stdin.buffer.readline))
    arrived: list[tuple[str, str, float]] = []
    hanging = frozenset(task["hangend"])
    server = await loop.create_server(lambda: _Receiving(arrived, hanging), "127.0.0.1", task["port"])
    async with server:
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    uvloop.run(_receive())
