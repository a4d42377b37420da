"""Waking up: a connection that is lost is noticed, and opened again by whoever supervises."""

import asyncio

import asyncpg
import pytest

from services.runtime.database.signals import Signals, wait_for
from services.runtime.process.supervision import Supervisor

pytestmark = [pytest.mark.anyio, pytest.mark.database]


async def test_a_lost_listener_is_started_again(fresh_database: str) -> None:
    """Everything is woken when it is back: what was said meanwhile is not missed."""
    signals, supervisor = Signals(fresh_database, "triage"), Supervisor()
    admin = await asyncpg.connect(fresh_database)
    supervisor.start("wekker", signals.run)
    try:
        await _woken(signals.outbox)
        assert await admin.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()",
        )
        await _woken(signals.outbox)
        assert supervisor.loops[0].failures == 1
        assert supervisor.loops[0].running
        signals.timers.clear()
        await admin.execute("select pg_notify('houvast_triage', 'timers work')")
        await _woken(signals.timers)
    finally:
        await supervisor.stop()
        await admin.close()


async def _woken(event: asyncio.Event) -> None:
    async with asyncio.timeout(10):
        await event.wait()
    event.clear()


async def test_waiting_ends_by_itself(fresh_database: str) -> None:
    del fresh_database
    event = asyncio.Event()
    await wait_for(event, seconds=0.01)
    event.set()
    await wait_for(event, seconds=None)
    assert not event.is_set()
