"""An older backup of the database is put back beside a Kafka that went on: the hub says what it no longer knows, hears
again what it can, and does nothing twice in silence.
"""

import subprocess
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from contracts.messages.topics import TOPICS, Service
from contracts.register import RestEndpoint
from lab.ground.postgres import find_binaries
from lab.ground.postgres_account import Account
from lab.invented import VerzonnenMelding, verzin_meldingen
from services.cli.servers import start_database
from services.runtime.database.server import EMBEDDED, RunningDatabase
from services.runtime.kafka.cluster import RunningBroker
from tests.fixtures.apart import run_apart
from tests.fixtures.huis import House, Receiver, begin_here, fetch, open_house
from tests.fixtures.processen import client_of, delivered, eventually, hand_over, houvast, sample_register

pytestmark = [pytest.mark.database, pytest.mark.durable_broker, pytest.mark.timeout(300)]

VEILIG_THUIS = "veilig-thuis-west-brabant"
SERVICES = (Service.TRIAGE, Service.HANDOVER, Service.MONITORING, Service.NOTIFIER)


class Bewaard:
    """A PostgreSQL of our own, with a backup of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data, self._copy = folder / "postgres", folder / "kopie"
        self._running: RunningDatabase = run_apart(start_database(EMBEDDED, data_dir=folder))

    @property
    def url(self) -> str:
        return self._running.url

    def back_up(self) -> None:
        """As `pg_basebackup` makes it, while everything runs."""
        done = subprocess.run(
            [find_binaries() / "pg_basebackup", "-d", self.url, "-D", self._copy, "-X", "stream", "-c", "fast"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr

    def put_back(self) -> None:
        """What was written since is gone."""
        self.stop()
        account = Account.for_folder(self._data)
        self._data.rename(self._folder / "verloren")
        self._copy.rename(self._data)
        for path in (self._data, *self._data.rglob("*")):
            account.give(path)
        self._running = run_apart(start_database(EMBEDDED, data_dir=self._folder))

    def stop(self) -> None:
        run_apart(self._running.stop())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bewaard]:
    kept = Bewaard(tmp_path_factory.mktemp("bewaard"))
    yield kept
    kept.stop()


@pytest.fixture
def house(durable_kafka: RunningBroker, database: Bewaard, receiver: Receiver, tmp_path: Path) -> Iterator[House]:
    begin_here(durable_kafka.bootstrap)
    with open_house(
        bootstrap=durable_kafka.bootstrap,
        database=database.url,
        receiver=receiver,
        folder=tmp_path,
        clock="2026-03-02T09:00+01:00@1",
    ) as running:
        yield running


def test_an_older_backup_is_noticed_told_and_made_up_for(
    house: House, durable_kafka: RunningBroker, database: Bewaard, receiver: Receiver
) -> None:
    made = iter(_invent(8))
    _start(house)
    token = houvast("token", VEILIG_THUIS, environment=house.environment).stdout.strip()

    def accept(number: int) -> list[str]:
        with client_of(house.url("triage-0"), token) as client:
            return [hand_over(client, next(made))["casusId"] for _ in range(number)]

    kept = accept(3)
    eventually(lambda: len(receiver.offered) == 3, seconds=60, what="the first deliveries")
    eventually(lambda: _noted(database.url) == len(SERVICES), seconds=60, what="that the stand was noted")
    database.back_up()

    lost = accept(3)
    eventually(lambda: len(receiver.offered) == 6, seconds=60, what="what the backup misses")
    confirmed = _confirm(house, database.url, kept[0])
    eventually(lambda: _heard(database.url, confirmed), seconds=60, what="the confirmation at monitoring")
    with client_of(house.url("monitoring-0"), token) as client:
        for casus_id in lost:
            eventually(lambda casus_id=casus_id: delivered(client, casus_id), seconds=60, what="that it was delivered")
    assert set(house.end().values()) == {0}
    database.put_back()
    _start(house)

    eventually(lambda: _misses_cases(house, "triage-0"), seconds=60, what="that triage misses cases")
    eventually(lambda: _misses_cases(house, "handover-0"), seconds=60, what="that handover misses cases")
    listed = houvast("dlq", "list", environment=house.environment).stdout
    letters = [line for line in listed.splitlines() if "oudere back-up" in line]
    of = {service: {casus for casus in (*kept, *lost) if _has(letters, service, casus)} for service in SERVICES}
    assert of[Service.TRIAGE] == set(lost)
    assert of[Service.HANDOVER] == {*lost, kept[0]}
    with client_of(house.url("monitoring-0"), token) as client:
        for casus_id in lost:
            eventually(
                lambda casus_id=casus_id: delivered(client, casus_id), seconds=60, what="a case that was heard again"
            )
    both = {"houvast", VEILIG_THUIS}
    eventually(lambda: _asked(database.url, lost[0]) == both, seconds=60, what="a message about it to both")

    one = houvast("dlq", "retry", "triage", "--casus", lost[0], environment=house.environment)
    assert one.stderr.startswith("1 bericht(en) afgehandeld"), one.stderr
    none = houvast("dlq", "retry", "triage", "--reden", "iets anders", environment=house.environment)
    assert none.stderr.startswith("0 bericht(en) afgehandeld"), none.stderr
    rest = houvast("dlq", "retry", "triage", "--reden", "$: Kafka is verder", environment=house.environment)
    assert rest.stderr.startswith("2 bericht(en) afgehandeld, 0 nog terzijde"), rest.stderr
    for service in SERVICES[1:]:
        everything = houvast("dlq", "retry", service.value, "--alles", environment=house.environment)
        assert everything.returncode == 0, everything.stderr
    for service in SERVICES:
        eventually(lambda service=service: house.is_well(f"{service.value}-0"), seconds=60, what="that all is well")

    _confirm(house, database.url, kept[1])
    last = accept(1)
    eventually(lambda: len(receiver.offered) == 7, seconds=60, what="what comes after it")
    eventually(lambda: _ended(durable_kafka.bootstrap, [*kept, *lost, *last]), seconds=60, what="every event on Kafka")
    assert [ids for ids in receiver.offered.values() if len(set(ids)) > 1] == [], "the same overdracht keeps its id"


def _start(house: House) -> None:
    for service in SERVICES:
        house.start(service, "0")
    house.wait_until_ready()


def _has(letters: list[str], service: Service, casus_id: str) -> bool:
    return any(line.startswith(service.value) and casus_id in line for line in letters)


def _misses_cases(house: House, name: str) -> bool:
    return any("verder op Kafka" in told for told in house.trouble_of(name).values())


def _noted(url: str) -> int:
    return int(run_apart(fetch(url, "select count(distinct dienst) from houvast.stand"))[0][0])


def _confirm(house: House, url: str, casus_id: str) -> str:
    """As the gemeente that received it; the id of the overdracht."""
    query = f"select id, gemeente from handover.overdracht where casus_id = '{casus_id}'"
    identifier, gemeente = run_apart(fetch(url, query))[0]
    token = houvast("token", gemeente, environment=house.environment).stdout.strip()
    body = {"medewerker": {"naam": "Robin Zandbak", "functie": "medewerker lokaal team"}}
    with client_of(house.url("handover-0"), token) as client:
        path = f"/overdracht/v1/overdrachten/{identifier}/ontvangstbevestigingen"
        answer = client.post(path, json=body, headers={"Idempotency-Key": f"bevestigd-{identifier}"})
    assert answer.status_code == 201, answer.text
    return str(identifier)


def _heard(url: str, overdracht_id: str) -> bool:
    query = f"select ontvangen_op is not null from monitoring.overdracht where id = '{overdracht_id}'"
    return bool(run_apart(fetch(url, query))[0][0])


def _asked(url: str, casus_id: str) -> set[str]:
    """Which parties are told that this case stands still."""
    rows = run_apart(fetch(url, f"select bericht from monitoring.outbox where casus_id = '{casus_id}'"))
    events = [orjson.loads(row["bericht"]) for row in rows]
    return {
        event["data"]["partij"]
        for event in events
        if "niet alles meer" in str(event["data"].get("onderwerp")) and "partij" in event["data"]
    }


def _ended(bootstrap: str, casus_ids: list[str]) -> bool:
    """Whether every sender numbered what it told about these cases without a gap, and nothing twice."""
    numbers: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    said: dict[str, bytes] = {}
    for raw in run_apart(_read(bootstrap)):
        event: dict[str, Any] = orjson.loads(raw)
        if event.get("subject") not in casus_ids or event.get("sequence") is None:
            continue
        identifier = f"{event['source']} {event['id']}"
        assert said.setdefault(identifier, raw) == raw, f"{identifier} says two things"
        known = numbers[event["source"], event["subject"]].setdefault(int(event["sequence"]), identifier)
        assert known == identifier, f"number {event['sequence']} of {event['source']} was given twice"
    return bool(numbers) and all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())


async def _read(bootstrap: str) -> list[bytes]:
    consumer: Any = AIOKafkaConsumer(
        *(topic.name for topic in TOPICS), bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        found: list[bytes] = []
        while batches := await consumer.getmany(timeout_ms=1500):
            found += [record.value for records in batches.values() for record in records if _is_event(record.value)]
        return found
    finally:
        await consumer.stop()


def _is_event(raw: bytes | None) -> bool:
    return bool(raw) and (raw or b"").startswith(b"{") and b'"subject"' in (raw or b"")


def _invent(number: int) -> list[VerzonnenMelding]:
    register, on = sample_register(), date(2026, 3, 2)
    rest = [
        gemeente.code
        for gemeente in register.gemeenten(on, regio="west-brabant")
        if isinstance(gemeente.endpoint, RestEndpoint)
    ]
    return list(verzin_meldingen(register, aantal=number, seed=163, on=on, gemeenten=rest))
