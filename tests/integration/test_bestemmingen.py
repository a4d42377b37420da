"""Each destination by itself: left alone when it fails, called no faster than agreed, stopped by people, never in the way."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.triage import MeldingOntvangen
from services.runtime.access.sealing import Sealer
from services.runtime.database.signals import Signals
from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.outbound.worker import Worker
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import Attempt, Performer, Request, Result
from services.runtime.unit.destinations import Breaker, Ending, Tally, Tempo, pause, resume, standings, tally
from tests.builders import build
from tests.fakes.desk import MASTER, START, Desk, lay_schema, open_desk, record, until
from tests.fakes.estafette import AGAIN, HANDOVER, KIND

pytestmark = [pytest.mark.anyio, pytest.mark.database]

BREDA, OOSTERHOUT = "GM0758", "GM0826"
BREAKER = Breaker(after=3, first=timedelta(minutes=1), longest=timedelta(minutes=4))
DOWN = Attempt(Result.TEMPORARY, "antwoordde met status 503", status=503)


class Gemeenten:
    """Answers what `answers` says for a destination; remembers who was asked when, and how many at a time."""

    def __init__(self, answers: Mapping[str, Attempt] | None = None) -> None:
        self.answers = dict(answers or {})
        self.asked: list[tuple[str, float]] = []
        self.most: dict[str, int] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self._busy: dict[str, int] = {}

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        del casus_id, sealer
        name = request.destination
        self.asked.append((name, perf_counter()))
        self._busy[name] = self._busy.get(name, 0) + 1
        self.most[name] = max(self.most.get(name, 0), self._busy[name])
        await self.gate.wait()
        await asyncio.sleep(0)
        self._busy[name] -= 1
        return self.answers.get(name, Attempt(Result.DONE, "aangenomen", status=202))

    def times(self, name: str) -> list[float]:
        return [at for asked, at in self.asked if asked == name]


@asynccontextmanager
async def working(
    url: str,
    performer: Performer,
    *,
    tempos: Mapping[str, Tempo] | None = None,
    breaker: Breaker | None = BREAKER,
    klok: VirtueleKlok | None = None,
    instance: str = "een",
) -> AsyncIterator[Desk]:
    definition = replace(HANDOVER, performers={KIND: performer}, tempos=lambda: tempos or {}, breaker=breaker)
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


async def ask(desk: Desk, numbers: range, gemeente: str = BREDA) -> None:
    """One request per case."""
    await desk.hub.take(
        [
            record(build(MeldingOntvangen, melding_id=UUID(int=number), gemeente=gemeente), case(number), number)
            for number in numbers
        ]
    )


def case(number: int) -> CasusId:
    return CasusId(derived_id("casus", str(number)))


async def wake(desk: Desk) -> None:
    await desk.pool.execute("select pg_notify('houvast_handover', 'work')")


async def move(desk: Desk, by: timedelta) -> None:
    desk.klok.move(by)
    await wake(desk)


async def done(desk: Desk, number: int) -> bool:
    return await desk.pool.fetchval("select count(*) from opdracht where status = 'klaar'") == number


async def attempted(desk: Desk, number: int) -> bool:
    return await desk.count("poging") == number


async def standing(desk: Desk, name: str = BREDA) -> Any:
    return next(found for found in await standings(desk.pool) if found.name == name)


async def settled(desk: Desk) -> bool:
    """Nothing is under way."""
    return not await desk.pool.fetchval("select count(*) from opdracht where lease_tot > clock_timestamp()")


async def test_after_failures_in_a_row_a_destination_is_left_alone_and_then_tried_with_one(fresh_database: str) -> None:
    """The breaker: state in the database, half-open with a probe of one, closed by its success."""
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten({BREDA: DOWN})
    async with working(fresh_database, gemeenten, tempos={BREDA: Tempo(at_once=1)}) as desk:
        await ask(desk, range(1, 21))
        await until(lambda: attempted(desk, BREAKER.after))
        await until(lambda: settled(desk))
        assert (await standing(desk)).open_until == START + BREAKER.first
        await wake(desk)
        assert len(gemeenten.asked) == BREAKER.after
        await move(desk, BREAKER.first)
        await until(lambda: attempted(desk, BREAKER.after + 1))
        await until(lambda: settled(desk))
        assert (await standing(desk)).open_until == START + BREAKER.first + 2 * BREAKER.first
        gemeenten.answers.clear()
        await move(desk, 2 * BREAKER.first)
        await until(lambda: done(desk, 20))
        assert (await standing(desk)).failures == 0
        assert (await standing(desk)).open_until is None


async def test_the_probe_is_one_request_however_many_wait(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten({BREDA: DOWN})
    async with working(fresh_database, gemeenten) as desk:
        await ask(desk, range(1, 21))
        await until(lambda: attempted(desk, 8))
        await until(lambda: settled(desk))
        gemeenten.gate.clear()
        gemeenten.most.clear()
        before = len(gemeenten.asked)
        await move(desk, timedelta(minutes=30))
        await until(lambda: _count_is(lambda: len(gemeenten.asked), before + 1))
        await wake(desk)
        await desk.pool.fetchval("select pg_sleep(0.2)")
        assert gemeenten.most[BREDA] == 1
        gemeenten.gate.set()


async def _count_is(count: Any, wanted: int) -> bool:
    return count() == wanted


async def test_the_state_of_a_breaker_outlives_the_process(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten({BREDA: DOWN})
    async with working(fresh_database, gemeenten, tempos={BREDA: Tempo(at_once=1)}) as desk:
        await ask(desk, range(1, 11))
        await until(lambda: attempted(desk, BREAKER.after))
        await until(lambda: settled(desk))
    gemeenten.asked.clear()
    async with working(fresh_database, gemeenten, instance="twee") as desk:
        await ask(desk, range(11, 12), gemeente=OOSTERHOUT)
        await until(lambda: done(desk, 1))
        assert gemeenten.times(BREDA) == []


async def test_what_a_destination_asks_with_retry_after_holds_for_all_that_waits_for_it(fresh_database: str) -> None:
    """429: one answer stops the others, for as long as it asked."""
    await lay_schema(fresh_database, "handover")
    busy = Attempt(Result.TEMPORARY, "antwoordde met status 429", status=429, retry_after=timedelta(minutes=10))
    gemeenten = Gemeenten({BREDA: busy})
    async with working(fresh_database, gemeenten, tempos={BREDA: Tempo(at_once=1)}) as desk:
        await ask(desk, range(1, 6))
        await until(lambda: attempted(desk, 1))
        await until(lambda: settled(desk))
        assert (await standing(desk)).open_until == START + timedelta(minutes=10)
        gemeenten.answers.clear()
        await move(desk, timedelta(minutes=9))
        assert len(gemeenten.asked) == 1
        await move(desk, timedelta(minutes=1))
        await until(lambda: done(desk, 5))


async def test_what_goes_wrong_at_the_hub_itself_is_not_held_against_a_destination(fresh_database: str) -> None:
    """A missing secret: each is tried again by its own schedule, and the endpoint is not called unreachable."""
    await lay_schema(fresh_database, "handover")
    missing = own_fault(SecretUnavailable("env:BREDA", "deze omgevingsvariabele is niet gezet"))
    gemeenten = Gemeenten({BREDA: missing})
    async with working(fresh_database, gemeenten, tempos={BREDA: Tempo(at_once=1)}) as desk:
        await ask(desk, range(1, BREAKER.after + 4))
        await until(lambda: attempted(desk, BREAKER.after + 3))
        await until(lambda: settled(desk))
        assert (await standing(desk)).open_until is None


async def test_a_destination_that_is_gone_is_stopped_until_people_let_it_go_on(fresh_database: str) -> None:
    """410 disables the endpoint: what waits is parked and counted."""
    await lay_schema(fresh_database, "handover")
    gone = Attempt(Result.TEMPORARY, "het endpoint is opgeheven (status 410)", status=410, gone=True)
    permanent = replace(gone, result=Result.PERMANENT)
    assert permanent.gone
    gemeenten = Gemeenten({BREDA: permanent})
    async with working(fresh_database, gemeenten, tempos={BREDA: Tempo(at_once=1)}) as desk:
        await ask(desk, range(1, 6))
        await until(lambda: attempted(desk, 1))
        await until(lambda: settled(desk))
        found = await standing(desk)
        assert (found.pause_reason, found.paused_at) == (permanent.detail, START)
        gemeenten.answers.clear()
        await resume(desk.pool, BREDA, now=desk.klok.now())
        await move(desk, AGAIN)
        await until(lambda: done(desk, 5))


async def test_a_paused_gemeente_keeps_what_waits_and_the_others_go_on(fresh_database: str) -> None:
    """G7: parked, visible, counted; its teams with an endpoint of their own are stopped too."""
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten()
    async with working(fresh_database, gemeenten) as desk:
        assert await pause(desk.pool, BREDA, reason="onderhoud", by="beheer", now=desk.klok.now())
        assert not await pause(desk.pool, BREDA, reason="nog eens", by="beheer", now=desk.klok.now())
        await ask(desk, range(1, 11))
        await desk.pool.execute("update opdracht set bestemming = 'GM0758/breda-noord' where id > $1", UUID(int=5))
        await ask(desk, range(16, 21), gemeente=OOSTERHOUT)
        await until(lambda: done(desk, 5))
        assert gemeenten.times(BREDA) == []
        found = await standing(desk)
        assert (found.waiting, found.oldest_at, found.pause_reason) == (5, START, "onderhoud")
        assert (await standing(desk, f"{BREDA}/breda-noord")).pause_reason == "onderhoud"
        await resume(desk.pool, BREDA, now=desk.klok.now())
        await wake(desk)
        await until(lambda: done(desk, 15))


async def test_resuming_lets_no_burst_through(fresh_database: str) -> None:
    """In no second more than agreed, and no more at a time; also when two copies work."""
    await lay_schema(fresh_database, "handover")
    tempo = Tempo(per_second=40, at_once=3)
    gemeenten = Gemeenten()
    klok = VirtueleKlok(START)
    async with (
        working(fresh_database, gemeenten, tempos={BREDA: tempo}, klok=klok) as desk,
        working(fresh_database, gemeenten, tempos={BREDA: tempo}, klok=klok, instance="twee"),
    ):
        await pause(desk.pool, BREDA, reason="onderhoud", by="beheer", now=klok.now())
        await ask(desk, range(1, 101))
        await resume(desk.pool, BREDA, now=klok.now())
        await wake(desk)
        await until(lambda: done(desk, 100))
    times = sorted(gemeenten.times(BREDA))
    assert len(times) == 100
    assert max(sum(1 for at in times if start <= at < start + 0.95) for start in times) <= tempo.per_second
    assert gemeenten.most[BREDA] <= tempo.at_once


async def test_what_failed_before_goes_as_soon_as_the_destination_answers(fresh_database: str) -> None:
    """It does not wait out the hour that was meant for an endpoint that is down."""
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten({BREDA: DOWN})
    async with working(fresh_database, gemeenten, tempos={BREDA: Tempo(at_once=1)}) as desk:
        await ask(desk, range(1, 3))
        await until(lambda: attempted(desk, 2))
        await until(lambda: settled(desk))
        gemeenten.answers.clear()
        await ask(desk, range(3, 4))
        await until(lambda: done(desk, 3))
        assert desk.klok.now() == START


async def test_a_long_row_for_one_lets_a_single_request_for_another_go_first(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten()
    async with open_desk(fresh_database, HANDOVER) as desk:
        await ask(desk, range(1, 401))
        desk.klok.move(timedelta(seconds=1))
        await ask(desk, range(401, 402), gemeente=OOSTERHOUT)
    klok = VirtueleKlok(START + timedelta(seconds=2))
    async with working(fresh_database, gemeenten, klok=klok) as desk:
        await until(lambda: done(desk, 401))
    assert [name for name, _ in gemeenten.asked].index(OOSTERHOUT) < 10


async def test_a_claim_looks_at_no_request_that_is_parked(fresh_database: str) -> None:
    """300 endpoints, of which 299 are stopped with 3,000 requests: claiming reads a handful of rows, not those."""
    await lay_schema(fresh_database, "handover")
    gemeenten = Gemeenten()
    async with open_desk(fresh_database, HANDOVER) as desk:
        await desk.pool.execute(
            "insert into opdracht (id, casus_id, soort, bestemming, inhoud, due_at, pogingen, status, gemaakt_op)"
            " select gen_random_uuid(), gen_random_uuid(), $1, 'P' || lpad((i % 299)::text, 3, '0'), '{}', $2, 0, 'open', $2"
            " from generate_series(1, 3000) i",
            KIND,
            START,
        )
        await desk.pool.execute(
            "insert into bestemming (naam, gepauzeerd_op) select distinct bestemming, $1::timestamptz from opdracht",
            START,
        )
        await desk.pool.execute("analyze opdracht")
        await desk.pool.execute("analyze bestemming")
    async with working(fresh_database, gemeenten) as desk:
        await ask(desk, range(1, 2))
        await until(lambda: done(desk, 1))
        from services.runtime.outbound.worker import _CLAIM

        rows = await desk.pool.fetch(
            "explain (analyze, buffers, format json) "
            + _bound(_CLAIM, ("'2026-03-02T08:00:00Z'::timestamptz", "64", "60", "'x'")),
        )
        plan = orjson.loads(rows[0][0])[0]
        assert _rows_of(plan["Plan"], "opdracht") < 1500


def _bound(query: str, values: tuple[str, ...]) -> str:
    for number, value in enumerate(values, 1):
        query = query.replace(f"${number}", value)
    return query


def _rows_of(node: dict[str, Any], table: str) -> float:
    own = node["Actual Rows"] * node["Actual Loops"] if node.get("Relation Name") == table else 0
    return own + sum(_rows_of(child, table) for child in node.get("Plans", ()))


async def test_an_attempt_is_a_row_with_what_went_and_what_came_back(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    told = Attempt(
        Result.DONE,
        "afgeleverd met status 202",
        202,
        sent={"type": "proef", "bytes": 12},
        answer='{"ok":true}',
    )
    gemeenten = Gemeenten({BREDA: told})
    async with working(fresh_database, gemeenten) as desk:
        await ask(desk, range(1, 2))
        await until(lambda: done(desk, 1))
        row = await desk.pool.fetchrow("select status, verzonden, antwoord, duur_ms from poging")
        assert (row["status"], orjson.loads(row["verzonden"]), row["antwoord"]) == (202, told.sent, told.answer)
        assert 0 <= row["duur_ms"] < 10_000


def test_attempts_are_summed_per_destination() -> None:
    """A success in between begins the count anew; the longest wait that was asked for counts."""
    minute = timedelta(minutes=1)
    endings = [
        Ending("b", answered=False),
        Ending("a", answered=False, hold_for=minute),
        Ending("b", answered=True),
        Ending("a", answered=False, hold_for=2 * minute),
        Ending("b", answered=False),
    ]
    assert tally(endings) == (
        Tally("a", failures=2, hold_for=2 * minute),
        Tally("b", answered=True, failures=1),
    )
