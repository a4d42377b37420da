"""Timers over PostgreSQL: every one once, never early, whoever is at work and whatever fails."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from services.runtime.database.signals import Signals
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import (
    CancelTimer,
    Context,
    Decision,
    Incoming,
    Outcome,
    ServiceDefinition,
    SetTimer,
    TimerDue,
    ViewRow,
)
from services.runtime.unit.timers import run_timers
from tests.fakes.desk import START, Desk, lay_schema, open_desk, until
from tests.fakes.estafette import Notitie, note_row, nothing_to_show

pytestmark = [pytest.mark.anyio, pytest.mark.database]

CASUS = CasusId(derived_id("casus", "timers"))
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wekker:
    """What has gone off, with the moment at which."""

    gone: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    timers: tuple[SetTimer, ...]


def wake(state: Wekker | None, incoming: Incoming, context: Context) -> Outcome[Wekker]:
    state = state or Wekker()
    match incoming.payload:
        case Plan(timers=timers):
            return Decision(state, timers=timers)
        case TimerDue(name="stuk"):
            raise ZeroDivisionError
        case TimerDue(name=name, data=data):
            new = replace(state, gone=(*state.gone, (name, context.now.isoformat())))
            cancelled = data.get("zeg-af")
            return Decision(new, timers=(CancelTimer(str(cancelled)),) if cancelled else ())
        case _:
            raise AssertionError


WEKKER = ServiceDefinition(Service.MONITORING, Wekker, wake, nothing_to_show)


async def plan(desk: Desk, casus_id: CasusId, *timers: SetTimer) -> None:
    await desk.hub.submit(Incoming(derived_id(str(casus_id), repr(timers)), casus_id, Plan(timers)))


async def gone(desk: Desk) -> list[str]:
    texts = await desk.pool.fetch("select toestand from aggregaat order by casus_id")
    return [name for row in texts for name, _ in desk.store.adapter.validate_json(row["toestand"]).gone]


async def test_a_timer_fires_at_its_moment_and_once(fresh_database: str) -> None:
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, WEKKER) as desk:
        await plan(desk, CASUS, SetTimer("een", START + HOUR))
        desk.klok.move(HOUR - timedelta(microseconds=1))
        assert await desk.unit_of_work.run_due(100) == 0
        desk.klok.move(timedelta(microseconds=1))
        assert await desk.unit_of_work.run_due(100) == 1
        assert await desk.unit_of_work.run_due(100) == 0
        assert await gone(desk) == ["een"]


async def test_two_copies_share_the_timers(fresh_database: str) -> None:
    """G4: a thousand due at once, two loops: each fires once."""
    await lay_schema(fresh_database, "monitoring")
    klok = VirtueleKlok(START)
    async with open_desk(fresh_database, WEKKER, klok=klok) as one, open_desk(fresh_database, WEKKER, klok=klok) as two:
        cases = [CasusId(derived_id("casus", str(number))) for number in range(1000)]
        await asyncio.gather(*(plan(one, casus_id, SetTimer("een", START + HOUR)) for casus_id in cases))
        klok.move(timedelta(days=1))

        async def drain(desk: Desk) -> int:
            fired = 0
            while await desk.count("timer"):
                fired += await desk.unit_of_work.run_due(50)
            return fired

        shares = await asyncio.gather(drain(one), drain(two))
        assert sum(shares) == 1000
        assert min(shares) > 0
        assert await gone(one) == ["een"] * 1000


async def test_a_timer_cancelled_by_the_one_before_it_does_not_fire(fresh_database: str) -> None:
    """Both came due during downtime; the first makes the second superfluous."""
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, WEKKER) as desk:
        await plan(
            desk,
            CASUS,
            SetTimer("een", START + HOUR, {"zeg-af": "twee"}),
            SetTimer("twee", START + HOUR + HOUR),
        )
        desk.klok.move(timedelta(days=1))
        await desk.unit_of_work.run_due(100)
        assert await gone(desk) == ["een"]
        assert await desk.count("timer") == 0


async def test_a_timer_that_fails_comes_again_and_keeps_nobody_waiting(fresh_database: str) -> None:
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, WEKKER) as desk:
        await plan(desk, CASUS, SetTimer("stuk", START + HOUR))
        await plan(desk, CasusId(derived_id("ander")), SetTimer("heel", START + HOUR + HOUR))
        desk.klok.move(timedelta(days=1))
        await desk.unit_of_work.run_due(100)
        assert await gone(desk) == ["heel"]
        assert await desk.pool.fetchval("select due_at from timer") > desk.klok.now()


async def test_a_timer_whose_consequences_are_refused_is_put_off(fresh_database: str) -> None:
    """The read table refuses one case; the other timers of the batch fire all the same."""

    def show(casus_id: CasusId, state: Wekker) -> list[ViewRow]:
        number = 5000 if state.gone and casus_id == CASUS else 1
        return [ViewRow(Notitie, casus_id, note_row, casus_id, casus_id, "x", number)]

    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, replace(WEKKER, project=show)) as desk:
        for casus_id in (CASUS, CasusId(derived_id("ander"))):
            await plan(desk, casus_id, SetTimer("een", START + HOUR))
        desk.klok.move(timedelta(days=1))
        assert await desk.unit_of_work.run_due(100) == 2
        assert await gone(desk) == ["een"]
        assert await desk.pool.fetchval("select casus_id from timer") == CASUS


async def test_setting_a_timer_wakes_the_loop(fresh_database: str) -> None:
    """The loop sleeps for half a minute; NOTIFY wakes it as soon as an earlier timer is set."""
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, WEKKER) as desk, looping(desk):
        await plan(desk, CASUS, SetTimer("nu", START))
        await until(lambda: _is(gone(desk), ["nu"]), seconds=5)


async def _is(found: Awaitable[Any], expected: object) -> bool:
    return await found == expected


class looping:  # noqa: N801  reads as what it does
    """The timer loop and its listener, for as long as the block lasts."""

    def __init__(self, desk: Desk) -> None:
        signals = Signals(desk.url, Service.MONITORING.value)
        self._runs: tuple[Callable[[], Awaitable[None]], ...] = (
            signals.run,
            lambda: run_timers(desk.hub, desk.unit_of_work, signals),
        )

    async def __aenter__(self) -> None:
        self._tasks = [asyncio.ensure_future(run()) for run in self._runs]

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


JUDGE = replace(WEKKER, must_hear=(Service.TRIAGE, Service.HANDOVER))
_SAYS = """
insert into houvast.watermerk values ($1, 'monitoring', $2, clock_timestamp() - make_interval(secs => $3), '{}')
on conflict (zender, luisteraar) do update set tot = excluded.tot, gemeten_op = excluded.gemeten_op
"""


async def say(desk: Desk, sender: Service, until_: datetime, *, seconds_ago: int = 0) -> None:
    """A sender says that nothing comes any more from before."""
    await desk.pool.execute(_SAYS, sender.value, until_, seconds_ago)


async def test_who_judges_waits_until_every_sender_was_heard(fresh_database: str) -> None:
    """G11: one of them is not enough, and up to just before the moment is not enough."""
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, JUDGE) as desk:
        await plan(desk, CASUS, SetTimer("een", START + HOUR))
        desk.klok.move(2 * HOUR)
        assert await desk.unit_of_work.run_due(100) == 0
        await say(desk, Service.TRIAGE, START + 2 * HOUR)
        assert await desk.unit_of_work.run_due(100) == 0
        await say(desk, Service.HANDOVER, START + HOUR - timedelta(microseconds=1))
        assert await desk.unit_of_work.run_due(100) == 0
        await say(desk, Service.HANDOVER, START + HOUR)
        assert await desk.unit_of_work.run_due(100) == 1
        assert await gone(desk) == ["een"]


async def test_what_lies_aside_makes_the_timers_of_its_case_wait(fresh_database: str) -> None:
    """Those of other cases go on; what this release does not know at all is no reason to wait."""
    await lay_schema(fresh_database, "monitoring")
    aside, strange, other = (CasusId(derived_id("casus", name)) for name in ("aside", "strange", "other"))
    async with open_desk(fresh_database, JUDGE) as desk:
        for casus_id in (aside, strange, other):
            await plan(desk, casus_id, SetTimer("een", START + HOUR))
        for casus_id, soort in ((aside, "te-vroeg"), (strange, "onbekend")):
            await desk.pool.execute(
                "insert into geparkeerd (key, casus_id, soort, reden, topic, partitie, positie, bericht, op)"
                " values ($1, $1, $2, '', '', 0, 0, '', $3)",
                casus_id,
                soort,
                START,
            )
        desk.klok.move(HOUR)
        for sender in JUDGE.must_hear:
            await say(desk, sender, START + HOUR)
        assert await desk.unit_of_work.run_due(100) == 2
        assert [row["casus_id"] for row in await desk.pool.fetch("select casus_id from timer")] == [aside]
        await desk.pool.execute("delete from geparkeerd")
        assert await desk.unit_of_work.run_due(100) == 1


async def test_a_timer_comes_unheard_only_once_the_senders_stand_still(fresh_database: str) -> None:
    """A clock that jumps, or a service that starts, makes nobody impatient: real seconds count."""
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, JUDGE) as desk:
        await plan(desk, CASUS, SetTimer("een", START + HOUR, unheard_at=START + 2 * HOUR))
        for sender in JUDGE.must_hear:
            await say(desk, sender, START)
        desk.klok.move(3 * HOUR)
        assert await desk.unit_of_work.run_due(100) == 0
        await say(desk, Service.HANDOVER, START, seconds_ago=60)
        assert await desk.unit_of_work.run_due(100) == 1
        assert await gone(desk) == ["een"]
