"""The supervisor: loops that end begin again, and it says honestly which do not run."""

import asyncio

import pytest

from services.runtime.process.supervision import FIRST_PAUSE, Loop, NeedsPerson, Supervisor

pytestmark = pytest.mark.anyio


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_loop_that_runs_is_no_problem() -> None:
    supervisor = Supervisor()
    supervisor.start("een", forever)
    await asyncio.sleep(0)
    assert supervisor.problems() == {}
    await supervisor.stop()


@pytest.mark.parametrize("how", ["error", "return", "leaked-cancel"])
async def test_a_loop_that_ends_is_told_and_started_again(how: str) -> None:
    """Also one that ended without error, or by a cancellation that leaked out of a library."""
    starts = 0
    back = asyncio.Event()

    async def loop() -> None:
        nonlocal starts
        starts += 1
        if starts == 2:
            back.set()
            await forever()
        if how == "error":
            raise ValueError
        if how == "leaked-cancel":
            raise asyncio.CancelledError

    supervisor = Supervisor()
    supervisor.start("een", loop)
    async with asyncio.timeout(FIRST_PAUSE / 2):
        while not supervisor.loops[0].failures:  # noqa: ASYNC110  the supervisor has no event for it
            await asyncio.sleep(0)
    told = {"een": f"{'ValueError' if how == 'error' else 'ended'}; begint steeds opnieuw"}
    assert supervisor.problems() == told
    async with asyncio.timeout(5):
        await back.wait()
    assert supervisor.problems() == told, "until it has proven itself"
    await supervisor.stop()


async def test_what_only_a_person_mends_is_told_as_it_is_and_asks_for_no_new_process() -> None:
    """As after the loss of a Kafka cluster: another process would find the same."""

    async def loop() -> None:
        raise NeedsPerson("doe `houvast herstel`")

    supervisor = Supervisor()
    supervisor.start("watermerk", loop)
    async with asyncio.timeout(FIRST_PAUSE / 2):
        while not supervisor.loops[0].failures:  # noqa: ASYNC110  the supervisor has no event for it
            await asyncio.sleep(0)
    assert supervisor.problems() == {"watermerk": "doe `houvast herstel`"}
    assert supervisor.stuck(0) == []
    await supervisor.stop()


async def test_stopping_waits_for_what_a_loop_still_finishes() -> None:
    finished: list[str] = []

    async def loop(name: str) -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0)
            finished.append(name)

    supervisor = Supervisor()
    for name in ("eerst", "laatst"):
        supervisor.start(name, lambda name=name: loop(name))
    await asyncio.sleep(0)
    await supervisor.stop()
    assert finished == ["laatst", "eerst"]


async def test_only_a_loop_that_stays_down_asks_for_a_new_process() -> None:
    """A loop that fails and comes back is mended here; liveness is about what is not."""
    loop = Loop("relay", lambda: asyncio.sleep(0), running=False, started_at=100.0, down_since=100.0)
    assert not loop.is_down_for(300, now=350)
    assert loop.is_down_for(300, now=401)
    loop.running, loop.started_at = True, 400.0
    assert loop.is_down_for(300, now=405), "it only just started again"
    assert not loop.is_down_for(300, now=411)
    assert loop.is_down(405)
    assert not loop.is_down(411)
