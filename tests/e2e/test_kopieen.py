"""Services as in production, more copies of each, over a Kafka that keeps what it gets: the work is shared and done once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from contracts.messages.topics import Service
from contracts.register import RestEndpoint
from lab.invented import VerzonnenMelding, verzin_meldingen
from services.runtime.kafka.cluster import RunningBroker
from tests.fixtures.apart import run_apart
from tests.fixtures.huis import House, Receiver, begin_here, fetch, open_house
from tests.fixtures.processen import (
    client_of,
    eventually,
    hand_over,
    houvast,
    sample_register,
)

pytestmark = [pytest.mark.database, pytest.mark.durable_broker, pytest.mark.timeout(240)]

CLOCK = "2026-03-02T09:00+01:00@60"
VEILIG_THUIS = "veilig-thuis-west-brabant"
NUMBER = 60
KILL_AFTER = 15
"""Deliveries: half-way, whichever copy made them."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def house(durable_kafka: RunningBroker, fresh_database: str, receiver: Receiver, tmp_path: Path) -> Iterator[House]:
    begin_here(durable_kafka.bootstrap)
    with open_house(
        bootstrap=durable_kafka.bootstrap, database=fresh_database, receiver=receiver, folder=tmp_path, clock=CLOCK
    ) as running:
        yield running


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
        posting = [threads.submit(hand_over, triage, melding) for melding in made[: NUMBER // 2]]
        eventually(lambda: len(receiver.offered) >= KILL_AFTER, seconds=60, what="the first deliveries")
        for name in ("handover-1", "monitoring-1"):
            house.copies[name].kill()
        for service in (Service.HANDOVER, Service.MONITORING):
            house.start(service, "1")
        house.wait_until_ready()
        posting += [threads.submit(hand_over, triage, melding) for melding in made[NUMBER // 2 :]]
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
    assert len(run_apart(fetch(fresh_database, _TERMIJNEN))) == 1, "every case has the same termijnen, none doubled"
    assert run_apart(fetch(fresh_database, _ZICHT)) == [], "one line of the ledger holds for every case"
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
# an ambtshalve melding has no melder to inform
_TERMIJNEN = (
    "select distinct regels from (select casus_id, string_agg(regel_id, ',' order by regel_id) as regels"
    " from monitoring.termijn where regel_id <> 'melder-informeren' group by casus_id) as per_casus"
)
_ZICHT = (
    "select casus_id from monitoring.zicht where not vervangen and vanaf <= (select max(vastgesteld_op) from"
    " monitoring.zicht) and geldt_tot is null group by casus_id having count(*) <> 1"
)


def _at_rest(url: str) -> dict[str, int] | None:
    """What there is, once the last delivery is known to monitoring and nothing waits to be sent."""
    (unsent,) = run_apart(fetch(url, _UNSENT))
    counted: dict[str, int] = {name: run_apart(fetch(url, query))[0][0] for name, query in _COUNTS.items()}
    assert unsent[0] == 0, unsent
    assert Counter(counted)["afgeleverd"] >= NUMBER, counted
    return counted
