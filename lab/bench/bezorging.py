"""Handover as a process runs it, without Kafka: desk, worker and API over PostgreSQL, and endpoints to deliver to."""

import asyncio
import shutil
import sys
import time
from asyncio.subprocess import PIPE
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import orjson

from contracts.afspraken import load_rule_book, local_date
from contracts.messages.documenten import Overdrachtsdocument, Professional
from contracts.messages.envelope import CloudEvent, encode, source_urn
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import TOPIC_OF, Service
from contracts.messages.triage import Besluit, Ontvanger, TriagebesluitGenomen
from contracts.register import parse_register
from lab.bench.opstelling import REGIO, fresh_database, temporary_folder
from lab.ground.local_server import free_port
from lab.invented import verzin_meldingen
from services.cli.ground import UNREACHED, build_app, read_register
from services.cli.servers import start_database
from services.runtime.access.case_keys import insert_keys
from services.runtime.access.sealing import MasterKey, SealerBatch
from services.runtime.access.tokens import Caller, Scope
from services.runtime.database.connection import connect
from services.runtime.database.server import RunningDatabase
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.database.signals import Signals
from services.runtime.http import Front, serve
from services.runtime.outbound.webhooks import hmac_secret
from services.runtime.outbound.worker import Worker
from services.runtime.process.clock import SystemKlok
from services.runtime.process.memory import relax_collector
from services.runtime.running import Deps, Ground, ServiceProcess
from services.runtime.settings import TEST_OIN
from services.runtime.unit.decision import Record
from services.runtime.unit.destinations import pause, resume

SECRET = hmac_secret(b"benchmark" * 4)
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
    codes, text = _register(endpoints, port=receiver, tempo=tempo, on=local_date(klok.now()))
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
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "lab.bench.ontvangers", stdin=PIPE)

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
    invented = verzin_meldingen(deps.register, aantal=50, seed=14, on=local_date(deps.klok.now()), regio=REGIO)
    return [
        Overdrachtsdocument.model_validate(verzonnen.triagebesluit["overdrachtsdocument"]) for verzonnen in invented
    ]
