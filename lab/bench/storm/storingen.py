"""The faults, each by its name: what is done, for how long, and when the world was well again."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from contracts.messages.topics import Service
from lab.bench.storm.gif import poison
from lab.bench.storm.huis import Huis, Kopie, write_names
from lab.bench.storm.tussenstation import Stand
from lab.ground.local_server import wait_until

HOLD_SECONDS = 15.0
"""How long what fails stays so: longer than any lease, and than most patience."""
SHORT_SECONDS = 8.0


class Onmogelijk(Exception):
    """This machine does not let us do that; the message says why."""


@dataclass(slots=True)
class Plek:
    """Where a fault strikes: what runs, and chance that can be repeated."""

    huis: Huis
    random: Random

    def any_copy(self, service: Service) -> Kopie:
        return self.random.choice(self.huis.of(service))

    async def holder(self, query: str, otherwise: Service) -> Kopie:
        """The copy that holds something now, by its own name in the database; else any."""
        connection = await self.huis.admin()
        try:
            name = await connection.fetchval(query)
        finally:
            await connection.close()
        return self.huis.kopieen.get(str(name)) or self.any_copy(otherwise)

    def uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


Strike = Callable[[Plek], Awaitable[float]]
"""Does it, lets it last, mends it; gives the moment from which the hub is to be well again."""


@dataclass(frozen=True, slots=True)
class Storing:
    """A fault. `told` are the alerts one of which must come within a minute; empty where nobody need hear of it."""

    name: str
    what: str
    strike: Strike
    told: tuple[str, ...] = ()


async def _again(plek: Plek, kopie: Kopie, *, after: float = 2.0) -> None:
    """As whatever keeps the processes running would start it again."""
    await asyncio.sleep(after)
    await plek.huis.start(kopie)


def _killed(service: Service) -> Strike:
    async def strike(plek: Plek) -> float:
        kopie = plek.any_copy(service)
        began = time.monotonic()
        await plek.huis.kill(kopie)
        await _again(plek, kopie, after=20.0)
        return began

    return strike


def _frozen(choose: Callable[[Plek], Awaitable[Kopie]], seconds: float = 25.0) -> Strike:
    async def strike(plek: Plek) -> float:
        kopie = await choose(plek)
        began = time.monotonic()
        plek.huis.signal(kopie, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            plek.huis.signal(kopie, signal.SIGCONT)
        return began

    return strike


async def _relay_holder(plek: Plek) -> Kopie:
    return await plek.holder("select van from triage.houder where naam = 'relay'", Service.TRIAGE)


async def _claimer(plek: Plek) -> Kopie:
    query = "select lease_van from handover.opdracht where lease_tot > clock_timestamp() limit 1"
    return await plek.holder(query, Service.HANDOVER)


def _any(service: Service) -> Callable[[Plek], Awaitable[Kopie]]:
    async def choose(plek: Plek) -> Kopie:
        return plek.any_copy(service)

    return choose


async def _kafka_away(plek: Plek) -> float:
    node = plek.huis.cluster.nodes[0]
    await node.stop()
    await asyncio.sleep(HOLD_SECONDS)
    await plek.huis.cluster.start()
    return time.monotonic()


async def _kafka_killed(plek: Plek) -> float:
    plek.huis.cluster.nodes[0].kill()
    await asyncio.sleep(2)
    await plek.huis.cluster.start()
    return time.monotonic()


def _proxy(choose: Callable[[Plek], list[Any]], stand: Stand, seconds: float) -> Strike:
    async def strike(plek: Plek) -> float:
        proxies = choose(plek)
        try:
            for proxy in proxies:
                proxy.zet(stand)
            await asyncio.sleep(seconds)
        finally:
            for proxy in proxies:
                proxy.zet(Stand.DOOR)
        return time.monotonic()

    return strike


def _to_kafka(plek: Plek) -> list[Any]:
    return [plek.huis.to_kafka]


def _to_postgres(plek: Plek) -> list[Any]:
    return [kopie.to_postgres for kopie in plek.huis.kopieen.values()]


async def _cut(plek: Plek) -> float:
    for _ in range(10):
        for proxy in (*_to_postgres(plek), *_to_kafka(plek)):
            proxy.cut()
        await asyncio.sleep(plek.random.uniform(0.2, 1.0))
    return time.monotonic()


async def _host_gone(plek: Plek) -> float:
    """A host that falls off the network: frozen, and what it had open stays open without a word."""
    kopie = plek.any_copy(Service.HANDOVER)
    began = time.monotonic()
    kopie.to_postgres.zet(Stand.SLIKT)
    plek.huis.signal(kopie, signal.SIGSTOP)
    await asyncio.sleep(25)
    await plek.huis.kill(kopie)
    kopie.to_postgres.zet(Stand.DOOR)
    await _again(plek, kopie)
    return began


async def _postgres_killed(plek: Plek) -> float:
    os.kill(plek.huis.postmaster(), signal.SIGQUIT)
    await asyncio.sleep(SHORT_SECONDS)
    await plek.huis.restart_database()
    return time.monotonic()


async def _postgres_restarted(plek: Plek) -> float:
    os.kill(plek.huis.postmaster(), signal.SIGINT)
    await asyncio.sleep(3)
    await plek.huis.restart_database()
    return time.monotonic()


async def _postgres_absent_at_start(plek: Plek) -> float:
    kopieen = [plek.any_copy(service) for service in Service]
    for kopie in kopieen:
        await plek.huis.kill(kopie)
        kopie.to_postgres.zet(Stand.WEIGERT)
    for kopie in kopieen:
        await plek.huis.start(kopie)
    await asyncio.sleep(SHORT_SECONDS)
    for kopie in kopieen:
        kopie.to_postgres.zet(Stand.DOOR)
    back = time.monotonic()
    await asyncio.sleep(1)
    for kopie in kopieen:  # whatever keeps processes running starts one again that gave up
        if not kopie.runs:
            await plek.huis.start(kopie)
    return back


async def _connections_exhausted(plek: Plek) -> float:
    held = [await plek.huis.admin()]
    try:
        await held[0].execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'houvast-%'"
        )
        deadline = time.monotonic() + SHORT_SECONDS
        while time.monotonic() < deadline:
            with suppress(asyncpg.PostgresError, OSError):
                while True:
                    held.append(await plek.huis.admin())
            await asyncio.sleep(0.05)
    finally:
        await asyncio.gather(*(connection.close() for connection in held), return_exceptions=True)
    return time.monotonic()


async def _grant_missing(plek: Plek) -> float:
    connection = await plek.huis.admin()
    try:
        for service in (Service.TRIAGE, Service.HANDOVER, Service.MONITORING):
            await connection.execute(f"revoke insert on {service.value}.inbox from houvast_{service.value}")
        try:
            await asyncio.sleep(SHORT_SECONDS)
        finally:
            for service in (Service.TRIAGE, Service.HANDOVER, Service.MONITORING):
                await connection.execute(f"grant insert on {service.value}.inbox to houvast_{service.value}")
    finally:
        await connection.close()
    return time.monotonic()


async def _disk_full(plek: Plek) -> float:
    """A file system of 24 MB under the outboxes, filled to the last byte. The log of PostgreSQL lies elsewhere."""
    folder = plek.huis.folder / "klein"
    folder.mkdir(exist_ok=True)
    if await _run("mount", "-t", "tmpfs", "-o", "size=24m", "houvast-storm", str(folder)) != 0:
        raise Onmogelijk("geen recht om een klein bestandssysteem te koppelen")
    try:
        return await _with_full_tablespace(plek.huis, folder)
    finally:
        await _run("umount", str(folder))


async def _run(*command: str) -> int:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    return await process.wait()


async def _with_full_tablespace(huis: Huis, folder: Path) -> float:
    owner = (huis.folder / "postgres").stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    tables = [f"{service.value}.outbox" for service in (Service.TRIAGE, Service.HANDOVER)]
    connection = await huis.admin()
    try:
        await connection.execute(f"create tablespace klein location '{folder}'")
        for table in tables:
            await connection.execute(f"alter table {table} set tablespace klein")
        ballast = folder / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
        await asyncio.sleep(SHORT_SECONDS)
        ballast.unlink()
        back = time.monotonic()
        await asyncio.sleep(2)
        for table in tables:
            await connection.execute(f"alter table {table} set tablespace pg_default")
        await connection.execute("drop tablespace klein")
    finally:
        await connection.close()
    return back


def _clock(hours: int) -> Strike:
    """The clock of one copy of triage, handover and monitoring is an hour off: it is started with another anchor."""

    async def strike(plek: Plek) -> float:
        kopieen = [plek.any_copy(service) for service in (Service.TRIAGE, Service.HANDOVER, Service.MONITORING)]
        began = time.monotonic()
        await _start_with_clock(plek, kopieen, hours)
        await asyncio.sleep(HOLD_SECONDS)
        await _start_with_clock(plek, kopieen, 0)
        return began

    return strike


async def _start_with_clock(plek: Plek, kopieen: list[Kopie], hours: int) -> None:
    connection = await plek.huis.admin()
    move = "update houvast.klok set getoond = getoond + make_interval(hours => $1::int)"
    try:
        await connection.execute(move, hours)
        for kopie in kopieen:
            await plek.huis.kill(kopie)
            await plek.huis.start(kopie)
        await asyncio.sleep(6)  # they have read it by then
    finally:
        await connection.execute(move, -hours)
        await connection.close()


async def _dns_gone(plek: Plek) -> float:
    names = plek.huis.names
    if names is None:
        raise Onmogelijk("geen recht op een eigen hosts-bestand voor de kopieën")
    write_names(names, known=False)
    try:
        for kopie in plek.huis.kopieen.values():
            kopie.to_postgres.cut()
        await asyncio.sleep(SHORT_SECONDS)
    finally:
        write_names(names, known=True)
    return time.monotonic()


async def _broker_forgets(plek: Plek) -> float:
    """Kafka comes back as it was half a minute before: what it had confirmed since is gone."""
    node = plek.huis.cluster.nodes[0]
    data, copy = node.folder / "data", node.folder / "data.eerder"
    await node.stop()
    await asyncio.to_thread(shutil.copytree, data, copy)
    await plek.huis.cluster.start()
    await asyncio.sleep(HOLD_SECONDS)
    node.kill()
    await wait_until(lambda: not node.runs, limit_seconds=30)
    await asyncio.to_thread(shutil.rmtree, data)
    copy.rename(data)
    await plek.huis.cluster.start()
    await asyncio.sleep(12)
    await _herstel(plek.huis)
    return time.monotonic()


async def _topic_gone(plek: Plek) -> float:
    """The nearest that one node can do to a partition without a leader: the topic of handover is gone for a while."""
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(bootstrap_servers=plek.huis.cluster.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics(["houvast.handover.v1"])
    finally:
        await admin.close()
    await asyncio.sleep(HOLD_SECONDS)
    await _herstel(plek.huis)
    return time.monotonic()


async def _herstel(huis: Huis) -> None:
    """As the alert asks of whoever is on duty."""
    environment = {**huis.environment, "HOUVAST_DATABASE": huis.database.url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "herstel"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    huis.said.append(said.decode(errors="replace").strip().splitlines()[-1])


async def _poison(plek: Plek) -> float:
    await poison(plek.huis, plek.uuid)
    await asyncio.sleep(5)
    return time.monotonic()


_AWAY = ("HouvastLusLooptNiet", "HouvastUitgangLooptAchter")
_DATABASE = ("HouvastLusLooptNiet", "HouvastNeemtNietsAan", "HouvastDatabaseWeigert", "HouvastKopieWeg")
_COPY = ("HouvastKopieWeg",)
_ASIDE = ("HouvastBerichtTerzijde", "HouvastCasusVastgehouden")

_ALL = (
    *(
        Storing(f"kill-{service.value}", f"kill -9 van een kopie van {service.value}", _killed(service), _COPY)
        for service in Service
    ),
    Storing("bevroren-relay", "SIGSTOP van de kopie die de relay heeft", _frozen(_relay_holder), _COPY),
    Storing("bevroren-claim", "SIGSTOP van een kopie die aan het afleveren is", _frozen(_claimer), _COPY),
    Storing("bevroren-monitoring", "SIGSTOP van een kopie van monitoring", _frozen(_any(Service.MONITORING)), _COPY),
    Storing("bevroren-notifier", "SIGSTOP van een kopie van notifier", _frozen(_any(Service.NOTIFIER)), _COPY),
    Storing("host-weg", "de host van een kopie valt weg zonder FIN", _host_gone, _COPY),
    Storing("postgres-dood", "PostgreSQL valt om, 8 s weg", _postgres_killed, _DATABASE),
    Storing("postgres-herstart", "PostgreSQL wordt herstart", _postgres_restarted),
    Storing(
        "postgres-stil",
        "het netwerk naar PostgreSQL slikt alles, 15 s",
        _proxy(_to_postgres, Stand.SLIKT, HOLD_SECONDS),
        _DATABASE,
    ),
    Storing(
        "postgres-afwezig", "PostgreSQL is er niet bij de start van vier kopieën", _postgres_absent_at_start, _COPY
    ),
    Storing("verbindingen-op", "geen verbinding met PostgreSQL meer vrij, 8 s", _connections_exhausted, _DATABASE),
    Storing("recht-weg", "een recht in PostgreSQL ontbreekt, 8 s", _grant_missing, _DATABASE),
    Storing("schijf-vol", "de schijf onder twee outboxen is vol, 8 s", _disk_full, _DATABASE),
    Storing("geknipt", "alle verbindingen verbroken, tien keer", _cut),
    Storing("kafka-weg", "Kafka gestopt, 15 s", _kafka_away, _AWAY),
    Storing("kafka-dood", "Kafka valt om en komt terug", _kafka_killed),
    Storing(
        "kafka-stil", "het netwerk naar Kafka slikt alles, 15 s", _proxy(_to_kafka, Stand.SLIKT, HOLD_SECONDS), _AWAY
    ),
    Storing(
        "kafka-vergeet",
        "Kafka bevestigt en is de laatste 15 s kwijt; houvast herstel",
        _broker_forgets,
        ("HouvastTopicsVerdwenen", *_AWAY),
    ),
    Storing(
        "topic-weg", "een topic zonder leider: gewist; houvast herstel", _topic_gone, ("HouvastTopicsVerdwenen", *_AWAY)
    ),
    Storing("klok-vooruit", "de klok van drie kopieën een uur vooruit", _clock(1)),
    Storing("klok-terug", "de klok van drie kopieën een uur terug", _clock(-1)),
    Storing("dns-weg", "de naam van PostgreSQL wordt niet meer gevonden, 8 s", _dns_gone, _DATABASE),
    Storing("gif", "onleesbaar, te groot, leeg, verkeerd, vreemd of dubbel op elk topic", _poison, _ASIDE),
)
STORINGEN: Mapping[str, Storing] = {storing.name: storing for storing in _ALL}
