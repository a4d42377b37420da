"""A copy that is frozen (SIGSTOP) holds nothing for ever: the other goes on, and the one that thaws does nothing twice."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.messages.topics import Service
from contracts.register import RestEndpoint
from lab.invented import VerzonnenMelding, verzin_meldingen
from services.runtime.kafka.cluster import RunningBroker
from tests.fixtures.apart import run_apart
from tests.fixtures.huis import House, Receiver, begin_here, fetch, open_house
from tests.fixtures.processen import client_of, created, eventually, hand_over, houvast, sample_register

pytestmark = [pytest.mark.database, pytest.mark.durable_broker, pytest.mark.timeout(240)]

CLOCK = "2026-03-02T09:00+01:00@1"
WITHIN_SECONDS = 20.0
COPIES = ("0", "1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.answers.set()
    running.stop()


@pytest.fixture
def house(durable_kafka: RunningBroker, fresh_database: str, receiver: Receiver, tmp_path: Path) -> Iterator[House]:
    begin_here(durable_kafka.bootstrap)
    with open_house(
        bootstrap=durable_kafka.bootstrap, database=fresh_database, receiver=receiver, folder=tmp_path, clock=CLOCK
    ) as running:
        for service in (Service.TRIAGE, Service.HANDOVER):
            for instance in COPIES:
                running.start(service, instance)
        running.wait_until_ready()
        yield running


@contextmanager
def frozen(house: House, name: str) -> Iterator[None]:
    """As a host that stands still: no goodbye, nothing closed, and everything goes on where it was afterwards."""
    pid = house.copies[name].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def other(name: str) -> str:
    service, _, instance = name.rpartition("-")
    return f"{service}-{1 - int(instance)}"


def test_a_frozen_copy_stops_nobody_and_does_nothing_twice(
    house: House, receiver: Receiver, fresh_database: str
) -> None:
    token = houvast("token", "veilig-thuis-west-brabant", environment=house.environment).stdout.strip()
    made = iter(_invent(40))

    def through(name: str, number: int) -> list[str]:
        """The cases of meldingen that are handed over by this copy of triage."""
        with client_of(house.url(name), token) as client, ThreadPoolExecutor(max_workers=4) as threads:
            answers = threads.map(lambda melding: hand_over(client, melding), [next(made) for _ in range(number)])
            return [answer["casusId"] for answer in answers]

    seconds: dict[str, float] = {}
    cases = through("triage-0", 4)
    eventually(lambda: _delivered(fresh_database) == 4, what="the first deliveries")

    (holder,) = run_apart(fetch(fresh_database, "select van from triage.houder where naam = 'relay'"))[0]
    with frozen(house, holder):
        cases += through(other(holder), 4)
        seconds["relay"] = _seconds(lambda: _delivered(fresh_database) == 8)
    eventually(lambda: house.is_well(holder), what="the relay that thawed")

    receiver.answers.clear()
    cases += through("triage-0", 1)
    claimer = eventually(lambda: len(receiver.offered) == 9 and _claimer(fresh_database), what="the claim")
    with frozen(house, claimer):
        receiver.answers.set()
        cases += through("triage-1", 11)
        seconds["claim and partitions"] = _seconds(lambda: _delivered(fresh_database) == 20)
    eventually(lambda: house.is_well(claimer), what="the worker that thawed")

    seconds["transaction"] = _freeze_in_a_transaction(house, fresh_database, token, next(made))

    cases += through("triage-0", 4)
    eventually(lambda: _delivered(fresh_database) == 25, what="the last deliveries")
    assert max(seconds.values()) <= WITHIN_SECONDS, seconds
    counted = {name: run_apart(fetch(fresh_database, query))[0][0] for name, query in _COUNTS.items()}
    assert counted == {"overdrachten": 25, "gelukte pogingen": 25, "besluiten": 25, "terzijde": 0, "te verzenden": 0}
    assert len(receiver.offered) == 25
    assert [ids for ids in receiver.offered.values() if len(set(ids)) > 1] == []
    assert set(house.end().values()) == {0}


def _freeze_in_a_transaction(house: House, url: str, token: str, melding: VerzonnenMelding) -> float:
    """A copy that has the locks of a case and its key in the inbox, and goes no further.

    Returns how long the same call waits at the other copy.
    """
    with client_of(house.url("triage-0"), token) as one, client_of(house.url("triage-1"), token) as two:
        answer = created(one.post("/triage/v1/meldingen", json=melding.melding))
        path, headers = f"/triage/v1/meldingen/{answer['id']}/triagebesluiten", {"Idempotency-Key": str(uuid4())}

        def decide(client: httpx.Client) -> dict[str, Any] | None:
            return created(client.post(path, json=melding.triagebesluit, headers=headers))

        with ThreadPoolExecutor(max_workers=1) as thread, _row_locked(url, answer["casusId"]) as release:
            first = thread.submit(eventually, lambda: decide(one), seconds=60)
            eventually(lambda: run_apart(fetch(url, _WAITS_FOR_A_ROW))[0][0] == 1, what="the transaction that waits")
            with frozen(house, "triage-0"):
                release()
                waited = _seconds(lambda: decide(two))
            assert first.result() == decide(two)
    return waited


@contextmanager
def _row_locked(url: str, casus_id: str) -> Iterator[Callable[[], None]]:
    """The case, locked by somebody else until it is released."""
    loop = asyncio.new_event_loop()
    connection: Any = loop.run_until_complete(asyncpg.connect(url))
    query = f"begin; select from triage.aggregaat where casus_id = '{casus_id}' for update"
    loop.run_until_complete(connection.execute(query))
    try:
        yield lambda: loop.run_until_complete(connection.execute("rollback"))
    finally:
        loop.run_until_complete(connection.close())
        loop.close()


_WAITS_FOR_A_ROW = (
    "select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)
_COUNTS = {
    "overdrachten": "select count(*) from handover.overdracht",
    "gelukte pogingen": "select count(*) from handover.poging where resultaat = 'gelukt'",
    "besluiten": "select count(*) from triage.outbox"
    " where convert_from(bericht, 'UTF8')::jsonb ->> 'type' like '%triagebesluit-genomen%'",
    "terzijde": "select (select count(*) from triage.geparkeerd) + (select count(*) from handover.geparkeerd)",
    "te verzenden": "select (select count(*) from triage.te_verzenden) + (select count(*) from handover.te_verzenden)",
}


def _seconds(look: Callable[[], object]) -> float:
    started = time.monotonic()
    eventually(look, seconds=60)
    return time.monotonic() - started


def _delivered(url: str) -> int:
    number: int = run_apart(fetch(url, "select count(*) from handover.poging where resultaat = 'gelukt'"))[0][0]
    return number


def _claimer(url: str) -> str | None:
    rows = run_apart(fetch(url, "select lease_van from handover.opdracht where lease_tot > clock_timestamp()"))
    return rows[0][0] if rows else None


def _invent(number: int) -> list[VerzonnenMelding]:
    register, on = sample_register(), date(2026, 3, 2)
    rest = [
        gemeente.code
        for gemeente in register.gemeenten(on, regio="west-brabant")
        if isinstance(gemeente.endpoint, RestEndpoint)
    ]
    return list(verzin_meldingen(register, aantal=number, seed=161, on=on, gemeenten=rest))
