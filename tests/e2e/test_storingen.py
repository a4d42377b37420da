"""What the hub stands on fails while it works, and comes back: nothing is lost, and everything goes on by itself."""

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest
from aiokafka import AIOKafkaProducer

from contracts.messages.envelope import source_urn
from contracts.messages.triage import TriagebesluitGenomen
from lab.invented import VerzonnenMelding, verzin_meldingen
from services.cli.servers import start_database
from services.runtime.database.server import EMBEDDED
from tests.fixtures.apart import run_apart
from tests.fixtures.processen import (
    Up,
    client_of,
    created,
    data_folder,
    delivered,
    eventually,
    hand_over,
    houvast,
    sample_register,
    start_up,
    undelivered,
)

pytestmark = pytest.mark.database

MONDAY = "2026-03-02T09:00+01:00"
VEILIG_THUIS = "veilig-thuis-west-brabant"
OIN = "00000099000000000001"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Up]:
    with data_folder(tmp_path / "data") as data:
        running = start_up(data, clock=f"{MONDAY}@600")
        try:
            yield running
        finally:
            running.process.ensure_ended()


def test_postgresql_dies_under_load_and_comes_back(hub: Up) -> None:
    """Calls get 503 and nothing is recorded; when it is back all goes on, and what is repeated is done once."""
    made = _invent(40)
    keys = [(str(uuid4()), str(uuid4())) for _ in made]
    token = hub.token(VEILIG_THUIS)
    fallen, back = Event(), Event()
    seen: Counter[str] = Counter()
    with client_of(hub.address, token) as client, ThreadPoolExecutor(max_workers=8) as threads:

        def deliver(index: int) -> dict[str, Any]:
            """As a careful caller: whatever is not accepted is sent again under the same keys."""

            def attempt() -> dict[str, Any] | None:
                try:
                    return hand_over(client, made[index], keys[index])
                except AssertionError as refused:
                    seen[str(refused)[:3]] += 1
                    fallen.set()
                    back.wait(60)
                    raise

            return eventually(attempt, seconds=90, what="acceptance") or {}

        posting = [threads.submit(deliver, index) for index in range(len(made))]
        posting[4].result()
        _end_postmaster(hub.data)
        assert fallen.wait(20), "somebody is told"
        paths = (f"/triage/v1/meldingen/{uuid4()}", "/monitoring/v1/termijnen", "/", "/gezond/klaar")
        statuses = {path: client.get(path).status_code for path in paths}
        back.set()
        assert set(statuses.values()) == {503}, statuses
        with _database_again(hub.data):
            answers = [done.result() for done in posting]
            eventually(lambda: undelivered(client, answers) == [], seconds=60, what="the last delivery")
            assert set(seen) == {"503"}
            eventually(lambda: client.get("/gezond/klaar").status_code == 200, what="readiness")
            assert run_apart(_ask(hub.data, "select count(*) from triage.melding")) == len(made)
            assert run_apart(_ask(hub.data, "select count(*) from handover.overdracht")) == len(made)
            twice = [line for line, number in _received(hub).items() if number > 1]
            assert twice == []
            assert hub.process.end()[0] == 0


def test_a_record_that_cannot_be_read_holds_its_case_and_nothing_else(hub: Up) -> None:
    """Issue 2, bad input: through Kafka; then `houvast dlq` lets the case go on."""
    held, free = _invent(2)
    with hub.client(VEILIG_THUIS) as client:
        answer = created(client.post("/triage/v1/meldingen", json=held.melding))
        casus_id = answer["casusId"]
        run_apart(_produce(hub.bootstrap, casus_id, _poison(casus_id), b"{ dit is geen gebeurtenis"))
        eventually(lambda: _set_aside(hub) >= 4, what="the dead letters")
        created(client.post(f"/triage/v1/meldingen/{answer['id']}/triagebesluiten", json=held.triagebesluit))
        other = hand_over(client, free)
        eventually(lambda: delivered(client, other["casusId"]), what="the other case")
        assert run_apart(_ask(hub.data, f"select count(*) from handover.overdracht where casus_id = '{casus_id}'")) == 0

        listed = houvast("dlq", "list", "--data", str(hub.data))
        assert listed.returncode == 0, listed.stderr
        assert "data.meldingId" in listed.stdout
        assert "geen geldige JSON" in listed.stdout
        lines = [line.split() for line in listed.stdout.splitlines() if "dode-brief" in line and casus_id in line]
        assert {line[0] for line in lines} == {"handover", "monitoring"}
        metrics = eventually(lambda: _held(client) == {"handover": 1, "monitoring": 1} and _held(client))
        assert metrics

        service, key = lines[0][0], lines[0][2]
        again = houvast("dlq", "retry", service, key, "--data", str(hub.data))
        assert again.returncode == 1
        assert "ligt nog terzijde" in again.stderr
        for line in lines:
            command = ("dlq", "drop", line[0], line[2], "--reden", "bericht was geen gebeurtenis")
            dropped = houvast(*command, "--data", str(hub.data))
            assert dropped.returncode == 0, dropped.stderr
            assert "Traceback" not in dropped.stderr
        eventually(lambda: delivered(client, casus_id), what="the held case")
        unknown = houvast("dlq", "drop", "handover", lines[0][2], "--reden", "nog eens", "--data", str(hub.data))
        assert unknown.returncode == 1
        told = client.get(f"/monitoring/v1/casussen/{casus_id}/uitleg").text
        assert "bericht was geen gebeurtenis" in told, "the journal says what was left aside and why"


def test_a_broker_that_lost_everything_is_filled_again_without_a_second_effect(tmp_path: Path) -> None:
    """`houvast herstel` (DESIGN §3): the in-process broker forgets at every stop."""
    with data_folder(tmp_path / "data") as data:
        hub = start_up(data, clock=f"{MONDAY}@600")
        token = hub.token(VEILIG_THUIS)
        try:
            with client_of(hub.address, token) as client:
                answers = [hand_over(client, melding) for melding in _invent(5)]
                eventually(lambda: undelivered(client, answers) == [], what="the deliveries")
                eventually(lambda: _unsettled(data) == 0, what="rest")
            hub.process.kill()
            before = _what_happened(data)
            done = houvast("herstel", "--alles", "--data", str(data))
            assert done.returncode == 0, done.stderr
            number = int(done.stderr.split()[0])
            assert number == run_apart(_ask(data, _EVENTS))
            hub = start_up(data, clock=f"{MONDAY}@600")
            eventually(lambda: _unsettled(data) == 0, seconds=60, what="every event sent again")
            after = _what_happened(data)
            assert after == before
            assert set(_received(hub).values()) == {1}
            assert hub.process.end()[0] == 0
        finally:
            hub.process.ensure_ended()


_SERVICES = ("triage", "handover", "monitoring", "notifier")
_EVENTS = "select " + " + ".join(f"(select count(*) from {service}.outbox)" for service in _SERVICES)
_OPEN = "select " + " + ".join(
    f"(select count(*) from {service}.{table})" for service in _SERVICES for table in ("te_verzenden", "onderweg")
)
_SET_ASIDE = "select " + " + ".join(f"(select count(*) from {service}.geparkeerd)" for service in _SERVICES)


def _invent(number: int) -> list[VerzonnenMelding]:
    return list(verzin_meldingen(sample_register(), aantal=number, seed=16, on=date(2026, 3, 2), regio="west-brabant"))


def _end_postmaster(data: Path) -> None:
    """By its own pid, as a power cut would: no transaction is finished."""
    os.kill(int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)


@contextmanager
def _database_again(data: Path) -> Iterator[None]:
    """PostgreSQL as whoever keeps it would start it again."""
    database = run_apart(start_database(EMBEDDED, data_dir=data))
    try:
        yield
    finally:
        run_apart(database.stop())


async def _ask(data: Path, query: str) -> Any:
    database = await start_database(EMBEDDED, data_dir=data)
    connection = await asyncpg.connect(database.url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
        await database.stop()


def _received(hub: Up) -> Counter[str]:
    return Counter(line["aanbod"]["overdracht_id"] for line in hub.sandbox_lines if line["wat"] == "ontvangen")


def _set_aside(hub: Up) -> int:
    number: int = run_apart(_ask(hub.data, _SET_ASIDE))
    return number


def _unsettled(data: Path) -> int:
    number: int = run_apart(_ask(data, _OPEN))
    return number


def _what_happened(data: Path) -> dict[str, int]:
    """How much there is of everything that an event can lead to, apart from what only time leads to."""
    tables = ("triage.journaal", "handover.overdracht", "handover.poging", "handover.journaal", "monitoring.zicht")
    return {table: run_apart(_ask(data, f"select count(*) from {table}")) for table in tables}


def _held(client: httpx.Client) -> dict[str, int]:
    found = re.findall(r'houvast_held_cases\{service="(\w+)"\} (\d+)', client.get("/metrics").text)
    return {service: int(number) for service, number in found if int(number)}


def _poison(casus_id: str) -> bytes:
    """An event that tells its case and misses what it is about."""
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": source_urn(OIN, "vreemd"),
        "type": TriagebesluitGenomen.soort,
        "subject": casus_id,
        "time": "2026-03-02T08:00:00Z",
        "datacontenttype": "application/json",
        "data": {"besluit": "gisteren"},
    }
    return orjson.dumps(event)


async def _produce(bootstrap: str, casus_id: str, *records: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for record in records:
            await producer.send_and_wait("houvast.triage.v1", record, key=UUID(casus_id).bytes)
    finally:
        await producer.stop()
