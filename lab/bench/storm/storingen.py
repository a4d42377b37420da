"""The faults, each by its name: what is done, for how long, and when the world was well again."""

import asyncio
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.messages.topics import Service
from lab.bench.storm.gif import Gif, poison
from lab.bench.storm.huis import Huis, Kopie, write_names
from lab.bench.storm.plek import HOLD_SECONDS, SHORT_SECONDS, Onmogelijk, Plek, Strike
from lab.bench.storm.postgres import (
    connections_exhausted,
    disk_full,
    grant_missing,
    postgres_absent_at_start,
    postgres_killed,
    postgres_restarted,
)
from lab.bench.storm.tussenstation import Stand
from lab.ground.local_server import wait_until


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


def _poison(gif: Gif) -> Strike:
    async def strike(plek: Plek) -> float:
        await poison(plek.huis, gif, plek.uuid)
        await asyncio.sleep(5)
        return time.monotonic()

    return strike


_GIF = {
    Gif.GEEN_JSON: "wat geen JSON is",
    Gif.LEEG: "een leeg bericht en een grafsteen",
    Gif.REUS: "een bericht van 900 kB",
    Gif.SCHEMA: "een gebeurtenis die niet aan haar schema voldoet",
    Gif.SLEUTEL: "een gebeurtenis zonder sleutel en onder een verkeerde",
    Gif.VERSIE: "een versie en een soort die nog niet bestaan",
    Gif.DUBBEL: "het id van een eerdere gebeurtenis, met andere inhoud",
}


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
    Storing("postgres-dood", "PostgreSQL valt om, 8 s weg", postgres_killed, _DATABASE),
    Storing("postgres-herstart", "PostgreSQL wordt herstart", postgres_restarted),
    Storing(
        "postgres-stil",
        "het netwerk naar PostgreSQL slikt alles, 15 s",
        _proxy(_to_postgres, Stand.SLIKT, HOLD_SECONDS),
        _DATABASE,
    ),
    Storing("postgres-afwezig", "PostgreSQL is er niet bij de start van vier kopieën", postgres_absent_at_start, _COPY),
    Storing("verbindingen-op", "geen verbinding met PostgreSQL meer vrij, 8 s", connections_exhausted, _DATABASE),
    Storing("recht-weg", "een recht in PostgreSQL ontbreekt, 8 s", grant_missing, _DATABASE),
    Storing("schijf-vol", "de schijf onder twee outboxen is vol, 8 s", disk_full, _DATABASE),
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
    *(Storing(f"gif-{gif.value}", f"{what}, op elk topic", _poison(gif), _ASIDE) for gif, what in _GIF.items()),
)
STORINGEN: Mapping[str, Storing] = {storing.name: storing for storing in _ALL}
