"""Services as in production, more copies of each, over a Kafka that keeps what it gets: the work is shared and done once."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.messages.topics import TOPICS, Service, topics_for
from contracts.register import RestEndpoint
from lab.ground.local_server import free_port
from lab.invented import VerzonnenMelding, verzin_meldingen
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.kafka.consumers import group_of
from tests.fixtures.apart import run_apart
from tests.fixtures.processen import (
    ROOT,
    Process,
    client_of,
    eventually,
    hand_over,
    houvast,
    sample_register,
    start_process,
)

pytestmark = [pytest.mark.database, pytest.mark.durable_broker, pytest.mark.timeout(240)]

CLOCK = "2026-03-02T09:00+01:00@60"
VEILIG_THUIS = "veilig-thuis-west-brabant"
MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NUMBER = 60
KILL_AFTER = 15
"""Deliveries: half-way, whichever copy made them."""


class Receiver:
    """All gemeenten at one address: takes everything, and remembers under which `webhook-id` it came."""

    def __init__(self) -> None:
        self.offered: dict[str, list[str]] = defaultdict(list)
        offered = self.offered

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                offered[body["data"]["overdrachtId"]].append(self.headers["webhook-id"])
                self.send_response(202)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the library's
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@dataclass
class House:
    """The four services in processes of their own, each copy with a port."""

    environment: dict[str, str]
    logs: Path
    copies: dict[str, Process] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self, service: Service, instance: str) -> None:
        """Start a copy, or start it again on the port it had."""
        name = f"{service.value}-{instance}"
        port = self.ports.setdefault(name, free_port())
        number = len(list(self.logs.glob(f"{name}.*.log")))
        self.copies[name] = start_process(
            *("run", service.value, "--instance", instance, "--port", str(port)),
            log=self.logs / f"{name}.{number}.log",
            environment=self.environment,
        )

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def wait_until_ready(self) -> None:
        for name, process in self.copies.items():
            ready = eventually(lambda name=name, process=process: self._state(name, process), seconds=90, what=name)
            assert ready == "klaar", process.said

    def _state(self, name: str, process: Process) -> str | None:
        if process.running.poll() is not None:
            return "gestopt"
        answer = httpx.get(f"{self.url(name)}/gezond/klaar", trust_env=False, timeout=5)
        return "klaar" if answer.status_code == 200 else None

    def work_of(self, name: str) -> int:
        """How many messages and attempts this copy handled, by its own count."""
        text = httpx.get(f"{self.url(name)}/metrics", trust_env=False, timeout=5).text
        return sum(int(float(n)) for n in re.findall(r"houvast_(?:messages|attempts)_total\{[^}]*\} ([\d.]+)", text))

    def end(self) -> dict[str, int]:
        for process in self.copies.values():
            process.running.terminate()
        return {name: process.running.wait(30) for name, process in self.copies.items()}

    def ensure_ended(self) -> None:
        for process in self.copies.values():
            process.ensure_ended()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def house(durable_kafka: RunningBroker, fresh_database: str, receiver: Receiver, tmp_path: Path) -> Iterator[House]:
    run_apart(_begin_here(durable_kafka.bootstrap))
    register = (ROOT / "deploy" / "register.toml").read_text(encoding="utf-8")
    path = tmp_path / "register.toml"
    path.write_text(register.replace("{sandbox}", receiver.address), encoding="utf-8")
    environment = {
        "HOUVAST_DATABASE": fresh_database,
        "HOUVAST_BROKER": durable_kafka.bootstrap,
        "HOUVAST_REGISTER": str(path),
        "HOUVAST_MASTER_KEY": MASTER_KEY,
        "HOUVAST_DATA": str(tmp_path / "data"),
        "HOUVAST_CLOCK": CLOCK,
    }
    running = House(environment, tmp_path)
    yield running
    running.ensure_ended()


def test_two_copies_share_the_work_and_a_killed_one_takes_up_its_share_again(
    house: House,
    receiver: Receiver,
    fresh_database: str,
) -> None:
    """G1 and G2: kill -9 of a copy of handover and one of monitoring half-way."""
    for service, instance in (
        (Service.TRIAGE, "0"),
        (Service.HANDOVER, "0"),
        (Service.HANDOVER, "1"),
        (Service.MONITORING, "0"),
        (Service.MONITORING, "1"),
        (Service.NOTIFIER, "0"),
    ):
        house.start(service, instance)
    house.wait_until_ready()
    token = houvast("token", VEILIG_THUIS, environment=house.environment).stdout.strip()
    made = _invent()
    with ExitStack() as stack:
        triage = stack.enter_context(client_of(house.url("triage-0"), token))
        threads = stack.enter_context(ThreadPoolExecutor(max_workers=4))
        posting = [threads.submit(hand_over, triage, melding) for melding in made]
        eventually(lambda: len(receiver.offered) >= KILL_AFTER, seconds=60, what="the first deliveries")
        for name in ("handover-1", "monitoring-1"):
            house.copies[name].kill()
        for service in (Service.HANDOVER, Service.MONITORING):
            house.start(service, "1")
        answers = [done.result() for done in posting]
    counted = eventually(lambda: _at_rest(fresh_database), seconds=90, what="rest")

    assert len({answer["casusId"] for answer in answers}) == NUMBER
    assert len(receiver.offered) == NUMBER
    assert [ids for ids in receiver.offered.values() if len(set(ids)) > 1] == [], "a repeated attempt keeps its id"
    assert counted == {
        "overdrachten": NUMBER,
        "afgeleverd": NUMBER,
        "gelukte pogingen": NUMBER,
        "bewaakt": NUMBER,
        "terzijde": 0,
        "niet ontvangen door monitoring": 0,
        "niet ontvangen door handover": 0,
    }
    assert len(run_apart(_fetch(fresh_database, _TERMIJNEN))) == 1, "every case has the same termijnen, none doubled"
    assert run_apart(_fetch(fresh_database, _ZICHT)) == [], "one line of the ledger holds for every case"
    house.wait_until_ready()
    work = {name: house.work_of(name) for name in ("handover-0", "handover-1", "monitoring-0", "monitoring-1")}
    assert min(work.values()) > 0, work

    taken = houvast("run", "triage", "--port", str(house.ports["triage-0"]), environment=house.environment)
    assert taken.returncode == 1
    assert str(house.ports["triage-0"]) in taken.stderr
    assert "Traceback" not in taken.stderr + taken.stdout
    assert set(house.end().values()) == {0}


def _invent() -> list[VerzonnenMelding]:
    register, on = sample_register(), date(2026, 3, 2)
    rest = [
        gemeente.code
        for gemeente in register.gemeenten(on, regio="west-brabant")
        if isinstance(gemeente.endpoint, RestEndpoint)
    ]
    return list(verzin_meldingen(register, aantal=NUMBER, seed=160, on=on, gemeenten=rest))


_COUNTS = {
    "overdrachten": "select count(*) from handover.overdracht",
    "afgeleverd": "select count(*) from monitoring.overdracht where afgeleverd_op is not null",
    "gelukte pogingen": "select count(*) from handover.poging where resultaat = 'gelukt'",
    "bewaakt": "select count(*) from monitoring.casus where zicht_partij is not null",
    "terzijde": "select (select count(*) from triage.geparkeerd) + (select count(*) from handover.geparkeerd)"
    " + (select count(*) from monitoring.geparkeerd) + (select count(*) from notifier.geparkeerd)",
    "niet ontvangen door monitoring": "select count(*) from (select casus_id, count(*) as gestuurd from"
    " (select casus_id from triage.outbox where topic = 'houvast.triage.v1' union all"
    "  select casus_id from handover.outbox where topic = 'houvast.handover.v1') as e group by 1) as s"
    " where gestuurd > (select count(*) from monitoring.inbox i where i.casus_id = s.casus_id)",
    "niet ontvangen door handover": "select count(*) from triage.outbox o where topic = 'houvast.triage.v1'"
    " and convert_from(bericht, 'UTF8')::jsonb ->> 'type' like '%triagebesluit-genomen%'"
    " and not exists (select from handover.inbox i where i.casus_id = o.casus_id)",
}
_UNSENT = "select " + " + ".join(f"(select count(*) from {service.value}.te_verzenden)" for service in Service)
_TERMIJNEN = (
    "select distinct regels from (select casus_id, string_agg(regel_id, ',' order by regel_id) as regels"
    " from monitoring.termijn group by casus_id) as per_casus"
)
_ZICHT = (
    "select casus_id from monitoring.zicht where not vervangen and vanaf <= (select max(vastgesteld_op) from"
    " monitoring.zicht) and geldt_tot is null group by casus_id having count(*) <> 1"
)


def _at_rest(url: str) -> dict[str, int] | None:
    """What there is, once the last delivery is known to monitoring and nothing waits to be sent."""
    (unsent,) = run_apart(_fetch(url, _UNSENT))
    counted: dict[str, int] = {name: run_apart(_fetch(url, query))[0][0] for name, query in _COUNTS.items()}
    assert unsent[0] == 0, unsent
    assert Counter(counted)["afgeleverd"] >= NUMBER, counted
    return counted


async def _fetch(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def _begin_here(bootstrap: str) -> None:
    """Let every service begin at the end of its topics: what earlier tests left there belongs to other databases."""
    partitions = await _partitions(bootstrap)
    for service in Service:
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group_of(service), enable_auto_commit=False)
        await consumer.start()
        try:
            wanted = [partition for topic in topics_for(service) for partition in partitions[topic.name]]
            consumer.assign(wanted)
            await consumer.commit(await consumer.end_offsets(wanted))
        finally:
            await consumer.stop()


async def _partitions(bootstrap: str) -> dict[str, list[TopicPartition]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics([topic.name for topic in TOPICS])
    finally:
        await admin.close()
    return {
        topic["topic"]: [TopicPartition(topic["topic"], part["partition"]) for part in topic["partitions"]]
        for topic in described
    }
