"""Requests in the outside world: attempted until the handler is satisfied, again after a crash, fair to all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.triage import MeldingOntvangen
from services.runtime.access.sealing import Sealer
from services.runtime.database.signals import Signals
from services.runtime.outbound.worker import MAX_PER_DESTINATION, Worker
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import Attempt, Performer, Request, Result
from tests.builders import build
from tests.fakes.desk import MASTER, START, Desk, lay_schema, open_desk, record, until
from tests.fakes.estafette import AGAIN, HANDOVER, KIND, Leveringen

pytestmark = [pytest.mark.anyio, pytest.mark.database]


class Gemeente:
    """Answers what it is told to, and remembers what it was asked; `gate` holds answers back."""

    def __init__(self, *answers: Attempt | Exception) -> None:
        self.asked: list[Request] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._answers = list(answers)

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        del casus_id, sealer
        self.asked.append(request)
        if request.destination == "GM9999":
            await self.gate.wait()
        answer = self._answers.pop(0) if self._answers else Attempt(Result.DONE, "aangenomen", status=202)
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def working(
    url: str,
    gemeente: Performer,
    klok: VirtueleKlok | None = None,
    *,
    instance: str = "een",
) -> AsyncIterator[Desk]:
    definition = replace(HANDOVER, performers={KIND: gemeente})
    async with open_desk(url, definition, klok=klok) as desk:
        signals = Signals(desk.url, "handover")
        worker = Worker(desk.hub, signals, MASTER, instance=instance)
        tasks = [asyncio.ensure_future(run()) for run in (signals.run, worker.run)]
        try:
            yield desk
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def ask(desk: Desk, number: int, *, casus: int | None = None, gemeente: str = "GM0758") -> None:
    casus_id = CasusId(derived_id("casus", str(number if casus is None else casus)))
    event = build(MeldingOntvangen, melding_id=UUID(int=number), gemeente=gemeente)
    await desk.hub.take([record(event, casus_id, number)])


async def has_status(desk: Desk, status: str, number: int) -> bool:
    return await desk.pool.fetchval("select count(*) from opdracht where status = $1", status) == number


async def test_a_request_is_done_once_and_its_attempt_is_kept(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    gemeente = Gemeente()
    async with working(fresh_database, gemeente) as desk:
        await ask(desk, 1)
        await until(lambda: has_status(desk, "klaar", 1))
        assert [request.id for request in gemeente.asked] == [UUID(int=1)]
        assert await desk.pool.fetchval("select resultaat from poging") == "gelukt"
        assert await desk.count("outbox") == 1


@pytest.mark.parametrize("answer", [Attempt(Result.TEMPORARY, "niet bereikbaar", status=503), ZeroDivisionError()])
async def test_what_fails_is_attempted_again_under_the_same_id(
    fresh_database: str,
    answer: Attempt | Exception,
) -> None:
    """An error of our own in the attempt counts as one of the world: it is recorded and tried again at its moment."""
    await lay_schema(fresh_database, "handover")
    gemeente = Gemeente(answer)
    async with working(fresh_database, gemeente) as desk:
        await ask(desk, 1)
        await until(lambda: _attempts(desk, 1))
        assert await has_status(desk, "open", 1)
        desk.klok.move(AGAIN)
        await desk.pool.execute("select pg_notify('houvast_handover', 'work')")
        await until(lambda: has_status(desk, "klaar", 1))
        assert [(request.id, request.attempts) for request in gemeente.asked] == [(UUID(int=1), 1), (UUID(int=1), 2)]


async def _attempts(desk: Desk, number: int) -> bool:
    return await desk.count("poging") == number


async def test_a_request_that_was_under_way_in_a_crash_is_attempted_again(fresh_database: str) -> None:
    """Its lease is given up by the next life of the same instance, and runs out for the others."""
    await lay_schema(fresh_database, "handover")
    gemeente = Gemeente()
    async with open_desk(fresh_database, HANDOVER) as desk:
        await ask(desk, 1)
        await ask(desk, 2)
        await desk.pool.execute(
            "update opdracht set pogingen = 1, lease_van = 'een', lease_tot = clock_timestamp() + interval '1 minute'",
        )
        await desk.pool.execute(
            "update opdracht set lease_van = 'twee', lease_tot = clock_timestamp() where id = $1",
            UUID(int=2),
        )
    async with working(fresh_database, gemeente) as desk:
        await until(lambda: has_status(desk, "klaar", 2))
        assert {request.attempts for request in gemeente.asked} == {2}


async def test_what_a_dead_copy_held_is_taken_by_another_when_its_lease_has_passed(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that was killed and never comes back frees nothing itself; until then it may still be at work."""
    monkeypatch.setattr("services.runtime.outbound.worker.LONGEST_SLEEP", 0.1)
    await lay_schema(fresh_database, "handover")
    async with open_desk(fresh_database, HANDOVER) as desk:
        await ask(desk, 1)
        await desk.pool.execute(
            "update opdracht set pogingen = 1, lease_van = 'dood', lease_tot = clock_timestamp() + interval '2 seconds'"
        )
        await ask(desk, 2)
    gemeente = Gemeente()
    async with working(fresh_database, gemeente, instance="levend") as desk:
        await until(lambda: has_status(desk, "klaar", 1))
        assert [request.attempts for request in gemeente.asked] == [1], "the one that nobody held"
        await until(lambda: has_status(desk, "klaar", 2))
    assert [request.attempts for request in gemeente.asked] == [1, 2]


class Doorman:
    """The first attempt waits at the door and comes to nothing; every later one goes straight through."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.door = asyncio.Event()

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        del casus_id, sealer
        self.asked.append(request)
        if len(self.asked) == 1:
            await self.door.wait()
            return Attempt(Result.TEMPORARY, "verbroken")
        return Attempt(Result.DONE, "aangenomen", status=202)


async def test_a_copy_that_stood_still_reports_nothing_about_what_another_did_since(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claim ran out and another took the request over; what comes of the first attempt is told by the second."""
    monkeypatch.setattr("services.runtime.outbound.worker.LONGEST_SLEEP", 0.1)
    monkeypatch.setattr("services.runtime.outbound.worker.LEASE_SECONDS", 0.5)
    monkeypatch.setattr("services.runtime.outbound.worker.RENEW_SECONDS", 3600.0)
    await lay_schema(fresh_database, "handover")
    gemeente = Doorman()
    async with working(fresh_database, gemeente) as desk:
        await ask(desk, 1)
        await until(lambda: _asked(gemeente, 1))
        async with working(fresh_database, gemeente, instance="twee"):
            await until(lambda: has_status(desk, "klaar", 1))
        gemeente.door.set()  # on its way out a worker finishes what it has under way
    assert [request.attempts for request in gemeente.asked] == [1, 2]
    assert len({request.id for request in gemeente.asked}) == 1
    async with open_desk(fresh_database, HANDOVER) as desk:
        assert [row["nummer"] for row in await desk.pool.fetch("select nummer from poging")] == [2]


async def test_a_claim_is_kept_while_its_attempt_lasts(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And an attempt is broken off once the claim has gone to another."""
    monkeypatch.setattr("services.runtime.outbound.worker.LONGEST_SLEEP", 0.1)
    monkeypatch.setattr("services.runtime.outbound.worker.LEASE_SECONDS", 1.0)
    monkeypatch.setattr("services.runtime.outbound.worker.RENEW_SECONDS", 0.1)
    await lay_schema(fresh_database, "handover")
    gemeente = Doorman()
    async with working(fresh_database, gemeente) as desk, working(fresh_database, gemeente, instance="twee"):
        await ask(desk, 1)
        await until(lambda: _asked(gemeente, 1))
        first = await desk.pool.fetchval("select lease_tot from opdracht")
        await until(lambda: _renewed_to(desk, first + timedelta(seconds=2)))
        assert len(gemeente.asked) == 1
        await desk.pool.execute("update opdracht set lease_tot = null")
        await until(lambda: has_status(desk, "klaar", 1))
        assert [row["nummer"] for row in await desk.pool.fetch("select nummer from poging")] == [2]


async def _asked(gemeente: Doorman, number: int) -> bool:
    return len(gemeente.asked) == number


async def _renewed_to(desk: Desk, moment: datetime) -> bool:
    return await desk.pool.fetchval("select lease_tot > $1 from opdracht", moment)


async def test_the_order_per_case_and_destination_is_kept(fresh_database: str) -> None:
    """The second waits until the first is done, however long that takes."""
    await lay_schema(fresh_database, "handover")
    gemeente = Gemeente(Attempt(Result.TEMPORARY, "niet bereikbaar"))
    async with working(fresh_database, gemeente) as desk:
        await ask(desk, 1, casus=1)
        await ask(desk, 2, casus=1)
        await until(lambda: _attempts(desk, 1))
        desk.klok.move(AGAIN)
        await desk.pool.execute("select pg_notify('houvast_handover', 'work')")
        await until(lambda: has_status(desk, "klaar", 2))
        assert [request.id.int for request in gemeente.asked] == [1, 1, 2]


async def test_a_gemeente_that_hangs_holds_up_no_other(fresh_database: str) -> None:
    """G7: it takes its own share of the slots and nothing more."""
    await lay_schema(fresh_database, "handover")
    gemeente = Gemeente()
    gemeente.gate.clear()
    async with open_desk(fresh_database, HANDOVER) as desk:
        for number in range(1, 101):
            await ask(desk, number, gemeente="GM9999")
        for number in range(101, 141):
            await ask(desk, number, gemeente="GM0758")
    async with working(fresh_database, gemeente) as desk:
        await until(lambda: has_status(desk, "klaar", 40))
        hanging = [request for request in gemeente.asked if request.destination == "GM9999"]
        assert len(hanging) == MAX_PER_DESTINATION
        gemeente.gate.set()
        await until(lambda: has_status(desk, "klaar", 140))


async def test_two_copies_share_the_requests(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    gemeente, klok = Gemeente(), VirtueleKlok(START)
    async with (
        working(fresh_database, gemeente, klok, instance="een") as desk,
        working(fresh_database, gemeente, klok, instance="twee"),
    ):
        await asyncio.gather(*(ask(desk, number) for number in range(1, 201)))
        await until(lambda: has_status(desk, "klaar", 200))
        assert len(gemeente.asked) == 200
        states = await desk.pool.fetch("select toestand from aggregaat")
        delivered = [desk.store.adapter.validate_json(row["toestand"]) for row in states]
        assert all(isinstance(state, Leveringen) and len(state.delivered) == 1 for state in delivered)
