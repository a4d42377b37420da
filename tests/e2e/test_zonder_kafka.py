"""Kafka away is not the hub away: it starts, accepts and stops, and when Kafka is back, or empty, it goes on by itself."""

import shutil
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from contracts.messages.topics import TOPICS, Service
from contracts.register import RestEndpoint
from lab.ground.kafka_jars import can_run
from lab.ground.kafka_local import Cluster, open_cluster
from lab.invented import VerzonnenMelding, verzin_meldingen
from tests.fixtures.apart import run_apart
from tests.fixtures.huis import House, Receiver, fetch, open_house
from tests.fixtures.processen import client_of, eventually, hand_over, houvast, sample_register

pytestmark = [
    pytest.mark.database,
    pytest.mark.timeout(240),
    pytest.mark.skipif(can_run() is not None, reason="no Java or Maven for an Apache Kafka of one's own"),
]

STOP_SECONDS = 10.0
SERVICES = (Service.TRIAGE, Service.HANDOVER, Service.MONITORING, Service.NOTIFIER)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Apache Kafka on this machine that was not started yet."""
    found: Cluster = run_apart(open_cluster(tmp_path / "eigen"))
    yield found
    run_apart(found.stop())


@pytest.fixture
def house(cluster: Cluster, fresh_database: str, receiver: Receiver, tmp_path: Path) -> Iterator[House]:
    with open_house(
        bootstrap=cluster.bootstrap,
        database=fresh_database,
        receiver=receiver,
        folder=tmp_path,
        clock="2026-03-02T09:00+01:00@1",
    ) as running:
        yield running


def test_the_hub_starts_accepts_and_stops_without_kafka_and_survives_the_loss_of_it(
    house: House, cluster: Cluster, receiver: Receiver, fresh_database: str
) -> None:
    made = iter(_invent(12))
    for service in SERVICES:
        house.start(service, "0")
    house.wait_until_ready()
    token = houvast("token", "veilig-thuis-west-brabant", environment=house.environment).stdout.strip()

    def accept(number: int) -> None:
        with client_of(house.url("triage-0"), token) as client:
            for _ in range(number):
                hand_over(client, next(made))

    accept(3)
    eventually(lambda: house.trouble_of("triage-0"), what="that Kafka is missed")
    code, seconds = house.copies["triage-0"].end(signal.SIGTERM)
    assert (code, seconds < STOP_SECONDS) == (0, True), seconds
    house.start(Service.TRIAGE, "0")
    house.wait_until_ready()

    run_apart(cluster.start())
    eventually(lambda: len(receiver.offered) == 3, seconds=60, what="what waited for Kafka")
    eventually(lambda: house.is_well("triage-0"), seconds=60, what="that all is well")

    eventually(lambda: _at_rest(fresh_database), seconds=60, what="rest")
    run_apart(_delete_topics(cluster.bootstrap))
    accept(3)
    eventually(lambda: len(receiver.offered) == 6, seconds=60, what="topics that were made again")

    eventually(lambda: _at_rest(fresh_database), seconds=60, what="rest")
    house.copies["handover-0"].kill()
    accept(3)
    eventually(lambda: _unsent(fresh_database) == 0, seconds=60, what="events that handover has not heard")
    _lose(cluster)
    house.start(Service.HANDOVER, "0")
    run_apart(cluster.start())
    house.wait_until_ready()
    accept(3)
    eventually(lambda: "houvast herstel" in str(house.trouble_of("triage-0")), seconds=60, what="what to do")
    before = run_apart(fetch(fresh_database, "select count(*) from triage.outbox"))[0][0]
    done = houvast("herstel", environment=house.environment)
    assert done.returncode == 0, done.stderr
    assert "Klaar" in done.stderr
    assert 0 < int(done.stderr.split()[0]) < before, "only what somebody missed"
    eventually(lambda: len(receiver.offered) == 12, seconds=60, what="what was lost with the cluster")
    assert [ids for ids in receiver.offered.values() if len(set(ids)) > 1] == []
    assert run_apart(fetch(fresh_database, _SET_ASIDE))[0][0] == 0
    again = houvast("herstel", environment=house.environment)
    assert again.stderr.startswith("0 gebeurtenissen"), again.stderr
    eventually(lambda: house.is_well("triage-0"), seconds=60, what="that all is well")
    assert set(house.end().values()) == {0}


_SET_ASIDE = "select " + " + ".join(f"(select count(*) from {service.value}.geparkeerd)" for service in SERVICES)


def _unsent(url: str) -> int:
    query = "select " + " + ".join(f"(select count(*) from {service.value}.te_verzenden)" for service in SERVICES)
    number: int = run_apart(fetch(url, query))[0][0]
    return number


def _at_rest(url: str) -> bool:
    """Whether everything that was decided has been heard by whoever monitors it."""
    query = (
        "select (select count(*) from triage.outbox where topic <> 'houvast.dlq.v1')"
        " + (select count(*) from handover.outbox where topic <> 'houvast.dlq.v1')"
        " - (select count(*) from monitoring.inbox)"
    )
    return _unsent(url) == 0 and int(run_apart(fetch(url, query))[0][0]) <= 0


async def _delete_topics(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic.name for topic in TOPICS])
    finally:
        await admin.close()


def _lose(cluster: Cluster) -> None:
    """With everything that lay on it."""
    for node in cluster.nodes:
        node.kill()
        eventually(lambda: not node.runs, seconds=30, what="the end of a broker")  # noqa: B023  called at once
        shutil.rmtree(node.folder / "data")


def _invent(number: int) -> list[VerzonnenMelding]:
    register, on = sample_register(), date(2026, 3, 2)
    rest: list[Any] = [
        gemeente.code
        for gemeente in register.gemeenten(on, regio="west-brabant")
        if isinstance(gemeente.endpoint, RestEndpoint)
    ]
    return list(verzin_meldingen(register, aantal=number, seed=162, on=on, gemeenten=rest))
