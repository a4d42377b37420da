"""One contract for what only one copy may hold: leases with their fence, claims, locks, and what waits to be sent.

The classes of production do it, over the simulated PostgreSQL and over PostgreSQL itself; what is expected is written out.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.structs import RecordMetadata, TopicPartition

from contracts.messages.topics import Service
from services.runtime.database.lease import _RENEW, Lease, LeaseLost
from services.runtime.database.signals import Signals
from services.runtime.kafka.publishing import Sent
from services.runtime.kafka.relay import _FORGOT, _SEND_AGAIN, Relay
from services.runtime.kafka.watermark import _ENDED, _KNOWN, _NOTE, _NUMBER, _SENT
from services.runtime.outbound.worker import _RENEW as _KEEP
from services.runtime.outbound.worker import Worker
from services.runtime.unit.fold import Done
from services.runtime.unit.heard import read_heard
from services.runtime.unit.hub import Hub
from tests.contract.store.huizen import FAULTS, House, run_in
from tests.contract.store.stappen import CASES, PLACES, asked, attempted, told
from tests.contract.store.test_unit_of_work import REFUSALS, url
from tests.contract.store.werkplaats import WERKPLAATS, Doe, request_id
from tests.fakes.desk import START

STORES = ("simulated", pytest.param("postgres", marks=pytest.mark.database))
A, B, _ = CASES
__all__ = ["url"]

pytestmark = pytest.mark.parametrize("store", STORES)


async def ask(house: House, name: str, what: Doe, casus_id: Any = A) -> None:
    await told(asked(name, casus_id, what)).act(house)


class Claimer(Worker):
    """Claims as a worker does and begins nothing."""

    def __init__(self, house: House, name: str) -> None:
        hub: Hub[Any] = Hub(WERKPLAATS, house.unit_of_work, house.klok, house.pool, new_id=None)
        super().__init__(hub, Signals("", "monitoring"), None, instance=name)
        self.claimed: list[tuple[Any, int]] = []

    def _start(self, row: Any, sealers: Any, until: float) -> None:
        del sealers, until
        self.claimed.append((row["id"], row["pogingen"]))

    async def claim(self, free: int = 10) -> list[tuple[int, int]]:
        """The numbers of the requests and how often each was claimed."""
        self.claimed.clear()
        await self._claim(free)
        numbers = {request_id(number): number for number in range(12)}
        return sorted((numbers[identifier], attempt) for identifier, attempt in self.claimed)


async def four_requests(house: House) -> tuple[Claimer, Claimer]:
    for number, casus_id, place in ((1, A, 0), (2, A, 0), (3, A, 1), (4, B, 0)):
        await ask(house, f"{number}", Doe(requests=((number, PLACES[place]),)), casus_id)
        house.klok.move(timedelta(seconds=1))
    return Claimer(house, "one"), Claimer(house, "two")


def test_a_lease_has_one_holder_and_a_fence(store: str, url: Callable[[], str]) -> None:
    async def scenario(house: House) -> None:
        one, two = (Lease(house.pool, "proef", holder=name) for name in ("one", "two"))
        assert await one._take()
        assert not await two._take()
        assert await house.held() == [("proef", 1, "one")]
        assert await house.pool.fetchval(_RENEW, "proef", one.epoch, 10.0) == 1
        await house.run_out()
        assert await two._take()
        assert two.epoch == 2
        assert await house.pool.fetchval(_RENEW, "proef", one.epoch, 10.0) is None
        assert not await one._take(), "only its first act takes over what a former life held"
        reborn = Lease(house.pool, "proef", holder="two")
        assert await reborn._take()
        assert reborn.epoch == 3
        async with asyncio.timeout(5):
            async with Lease(house.pool, "ander", holder="one").held():
                assert not await Lease(house.pool, "ander", holder="two")._take()
            assert await Lease(house.pool, "ander", holder="two")._take()

    run_in(store, url, scenario)


def test_a_request_is_claimed_by_one_in_the_order_of_its_case(store: str, url: Callable[[], str]) -> None:
    async def scenario(house: House) -> None:
        one, two = await four_requests(house)
        assert await one.claim() == [(1, 1), (3, 1), (4, 1)], "the second of a case and place waits for the first"
        assert await two.claim() == []
        await attempted(request_id(1), A, 1, done=True).act(house)
        assert await two.claim() == [(2, 1)]
        await attempted(request_id(3), A, 1, done=False).act(house)
        assert await two.claim() == [], "it is tried again in an hour"
        assert await house.held() == [(1, None), (1, "two"), (1, None), (1, "one")]
        assert await one._pause() == await two._pause()

    run_in(store, url, scenario)


def test_a_claim_that_ran_out_goes_to_another_and_its_report_counts_no_more(store: str, url: Callable[[], str]) -> None:
    async def scenario(house: House) -> None:
        one, two = await four_requests(house)
        await one.claim(1)
        await house.run_out()
        assert (1, 2) in await two.claim()
        assert await house.pool.fetchval(_KEEP, [request_id(1)], [2], 10.0) == request_id(1)
        assert await house.pool.fetchval(_KEEP, [request_id(1)], [1], 10.0) is None
        before = await house.look()
        (late,) = await attempted(request_id(1), A, 1, done=True).act(house)
        assert late == Done(None)
        assert await house.look() == before
        await attempted(request_id(1), A, 2, done=True).act(house)
        assert (await house.look())["pogingen"] == {(request_id(1), 2): ("gelukt", 202)}

    run_in(store, url, scenario)


def test_what_is_hurried_or_freed_stays_with_whoever_has_it_under_way(store: str, url: Callable[[], str]) -> None:
    async def scenario(house: House) -> None:
        one, two = await four_requests(house)
        assert await one.claim(1) == [(1, 1)]
        await ask(house, "haast", Doe(hurry=(1, 3)))
        assert await two.claim() == [(3, 1), (4, 1)]
        await two._release_own_leases()
        assert await house.held() == [(1, "one"), (0, None), (1, None), (1, None)]
        assert await two.claim() == [(3, 2), (4, 2)]
        await ask(house, "stop", Doe(stop_requests=(1,)))
        assert await two.claim() == [(2, 1)], "what waited behind the one that is stopped"

    run_in(store, url, scenario)


def test_a_claim_is_whole_or_not_there(store: str, url: Callable[[], str]) -> None:
    """At every statement; a claim whose answer was lost runs out."""

    async def scenario(house: House) -> None:
        one, two = await four_requests(house)
        await one.claim(1)
        await house.run_out()
        before = await house.held()
        house.weather.arm(None)
        for fault in FAULTS:
            at, text = 0, ""
            while text != "commit":
                house.weather.arm(at, fault)
                with pytest.raises(REFUSALS):
                    await two.claim()
                text = house.weather.texts[at]
                if (fault, text) != ("cut after", "commit"):
                    assert await house.held() == before, f"{fault} at {text[:50]}"
                at += 1
        house.weather.arm(None)
        assert await two.claim() == [], "the last of them was there"
        await house.run_out()
        assert await two.claim() == [(1, 3), (3, 2), (4, 2)]

    run_in(store, url, scenario)


def relay(house: House, name: str) -> Relay:
    return Relay(house.pool, house.klok, Signals("", "monitoring"), service="monitoring", bootstrap="", instance=name)


def arrived(rows: Any) -> Sent:
    part = TopicPartition("houvast.triage.v1", 0)
    return Sent([(row, RecordMetadata(part.topic, 0, part, place, None, 0, 0)) for place, row in enumerate(rows)])


def test_what_waits_to_be_sent_is_noted_by_whoever_holds_the_relay(store: str, url: Callable[[], str]) -> None:
    async def scenario(house: House) -> None:
        await ask(house, "een", Doe(events=3))
        await ask(house, "twee", Doe(events=1), B)
        one, two = relay(house, "one"), relay(house, "two")
        assert await one._lease._take()
        rows = await one._next()
        assert [(row["positie"], row["casus_id"]) for row in rows] == [(1, A), (2, A), (3, A), (4, B)]
        first = await one._first_of_each([A, B])
        assert [(row["casus_id"], row["positie"]) for row in first] == sorted([(A, 1), (B, 4)])
        await one._note_published(arrived(rows[:2]))
        assert [row["positie"] for row in await one._next()] == [3, 4]
        await house.run_out()
        assert await two._lease._take()
        with pytest.raises(LeaseLost):
            await one._note_published(arrived(rows[2:3]))
        assert [row["positie"] for row in await two._next()] == [3, 4]
        assert not await house.pool.fetchval(_SENT, 3)
        await two._note_published(arrived(rows[2:]))
        assert await two._next() == []
        assert await house.pool.fetchval(_SENT, 4)
        await house.pool.execute(_SEND_AGAIN, two._lease.epoch)
        assert await two._next() == [], "nothing was under way"

    run_in(store, url, scenario)


def test_a_busy_case_is_waited_for_by_messages_and_passed_by_timers(store: str, url: Callable[[], str]) -> None:
    async def scenario(house: House) -> None:
        await ask(house, "een", Doe(timers=(("kort", 0),)))
        async with house.store.begin() as transaction:
            await transaction.load([A])
            assert await house.unit_of_work.run_due(10) == 0
            waiting = asyncio.ensure_future(house.unit_of_work.run([asked("twee", A, Doe())]))
            await asyncio.wait([waiting], timeout=0.05)
            assert not waiting.done()
        assert await waiting == [Done({"nummer": 2})]
        assert await house.unit_of_work.run_due(10) == 1

    run_in(store, url, scenario)


def test_side_by_side_no_change_is_lost_and_no_number_used_twice(store: str, url: Callable[[], str]) -> None:
    """Also of a case that nobody had begun; who gave way asks again."""

    async def one(house: House, name: str) -> Any:
        while True:
            try:
                return await house.unit_of_work.run([asked(name, A, Doe(name, events=1, tell=(B,)))])
            except REFUSALS:
                await asyncio.sleep(0.01)

    async def scenario(house: House) -> None:
        replies = await asyncio.gather(*(one(house, f"{number}") for number in range(6)))
        assert sorted(reply.answer["nummer"] for (reply,) in replies) == [1, 2, 3, 4, 5, 6]
        kept = await house.look()
        assert [kept["casussen"][casus_id][1:] for casus_id in (A, B)] == [(6, 6), (6, 6)]
        assert len(kept["outbox"]) == 12

    run_in(store, url, scenario)


def test_nothing_comes_from_before_once_what_was_begun_has_ended(store: str, url: Callable[[], str]) -> None:
    async def scenario(house: House) -> None:
        async with house.store.begin():
            started = await house.pool.fetchrow(_NUMBER)
            assert not await house.pool.fetchval(_ENDED, started["nummer"])
        assert await house.pool.fetchval(_ENDED, started["nummer"])
        senders = (Service.TRIAGE, Service.HANDOVER)
        note = ("triage", "monitoring")
        assert await house.pool.fetchrow(_KNOWN, *note) is None
        await house.pool.execute(_NOTE, *note, START, started["op"], '{"a/0":1}')
        await house.pool.execute(_NOTE, *note, START.replace(hour=1), started["op"], '{"a/0":0}')
        row = await house.pool.fetchrow(_KNOWN, *note)
        assert (row["einden"].replace(" ", ""), row["verloren"]) == ('{"a/0":1}', False), "it does not go back"
        before = (await read_heard(house.pool, Service.MONITORING, senders)).until
        assert before < START, "one sender was not heard at all"
        await house.pool.execute(_NOTE, "handover", "monitoring", START, started["op"], "{}")
        assert (await read_heard(house.pool, Service.MONITORING, senders)).until == START
        await house.pool.execute(_FORGOT, "triage")
        await house.pool.execute(_NOTE, *note, START.replace(hour=20), started["op"], "{}")
        assert (await house.pool.fetchrow(_KNOWN, *note))["verloren"], "what was lost stays so until it is mended"

    run_in(store, url, scenario)
