"""The desk: who waits gets an answer, whatever happens to the store, and one message never spoils another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
import stamina

from contracts.messages.identifiers import CasusId
from services.runtime.access.sealing import MasterKey
from services.runtime.in_memory import MemoryStore
from services.runtime.in_memory.store import Moment
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import Incoming, Refused, ServiceDefinition
from services.runtime.unit.fold import Done
from services.runtime.unit.hub import Hub
from services.runtime.unit.ids import Ids
from services.runtime.unit.store import StoreUnavailable, WritesRefused
from services.runtime.unit.unit_of_work import UnitOfWork
from tests.fakes.estafette import TRIAGE, Meld, Meldingen, show_meldingen

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_pauses() -> Iterator[None]:
    """What is tried again is tried at once, as often as ever."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@asynccontextmanager
async def desk(
    strike: Callable[[Moment], None] | None = None,
    definition: ServiceDefinition[Any] = TRIAGE,
) -> AsyncIterator[tuple[Hub[Any], MemoryStore[Any]]]:
    klok = VirtueleKlok(START)
    store: MemoryStore[Any] = MemoryStore(definition, master=MasterKey(bytes(32)), strike=strike)
    unit_of_work = UnitOfWork(definition, store, klok, new_id=Ids(klok), source="urn:nld:oin:1:systeem:houvast-triage")
    hub: Hub[Any] = Hub(definition, unit_of_work, klok, cast("Any", None), new_id=Ids(klok))
    serving = asyncio.ensure_future(hub.run())
    try:
        yield hub, store
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def melding(number: int, note: str = "x") -> Incoming:
    return Incoming(UUID(int=number), CasusId(UUID(int=1000 + number)), Meld(note))


async def test_what_arrives_together_goes_into_one_transaction() -> None:
    commits: list[Moment] = []
    async with desk(commits.append) as (hub, store):
        replies = await asyncio.gather(*(hub.submit(melding(number)) for number in range(1, 201)))
        assert all(isinstance(reply, Done) for reply in replies)
        assert len(store.tables.states) == 200
        assert commits.count("na") <= 3


async def test_a_store_that_gives_way_is_tried_again() -> None:
    left = [3]

    def give_way(moment: Moment) -> None:
        if moment == "voor" and left[0]:
            left[0] -= 1
            raise StoreUnavailable("deadlock")

    async with desk(give_way) as (hub, _):
        assert await hub.submit(melding(1)) == Done({"nummer": 1})


async def test_a_commit_of_which_the_answer_was_lost_is_not_done_twice() -> None:
    """The transaction stood; the connection fell before it said so."""
    left = [1]

    def lose_answer(moment: Moment) -> None:
        if moment == "na" and left[0]:
            left[0] -= 1
            raise StoreUnavailable("connection lost")

    async with desk(lose_answer) as (hub, store):
        assert await hub.submit(melding(1)) == Done({"nummer": 1}, replayed=True)
        assert len(store.tables.outbox) == 1


async def test_a_store_that_stays_away_is_told_honestly() -> None:
    def away(moment: Moment) -> None:
        del moment
        raise StoreUnavailable("weg")

    async with desk(away) as (hub, store):
        reply = await hub.submit(melding(1))
        assert isinstance(reply, Refused)
        assert reply.status == 503
        assert store.tables.states == {}


@pytest.mark.parametrize("error", [WritesRefused("DataError"), ZeroDivisionError()])
async def test_a_message_whose_projection_fails_spoils_no_other(error: Exception) -> None:
    def show(casus_id: CasusId, state: Meldingen) -> Any:
        if "slecht" in state.notes:
            raise error
        return show_meldingen(casus_id, state)

    async with desk(definition=replace(TRIAGE, project=show)) as (hub, store):
        replies = await asyncio.gather(
            *(hub.submit(melding(number, "slecht" if number == 7 else "goed")) for number in range(1, 20)),
        )
        refused = [reply for reply in replies if isinstance(reply, Refused)]
        assert [reply.status for reply in refused] == [500]
        assert len(store.tables.states) == 18


async def test_nobody_is_left_waiting_when_the_desk_closes() -> None:
    async with desk() as (hub, store):
        asking = [asyncio.ensure_future(hub.submit(melding(number))) for number in range(1, 1201)]
        while not store.tables.states:  # noqa: ASYNC110  the desk has no event for it; it takes a few turns of the loop
            await asyncio.sleep(0)
    async with asyncio.timeout(5):
        replies = await asyncio.gather(*asking)
    done = sum(isinstance(reply, Done) for reply in replies)
    assert done == len(store.tables.states) < 1200
    assert {reply.status for reply in replies if isinstance(reply, Refused)} == {503}


async def test_a_caller_who_leaves_does_not_stop_the_desk() -> None:
    async with desk() as (hub, store):
        asking = asyncio.ensure_future(hub.submit(melding(1)))
        await asyncio.sleep(0)
        asking.cancel()
        assert await hub.submit(melding(2)) == Done({"nummer": 1})
        assert len(store.tables.states) == 2
