"""The timer loop: sleeps until the next timer is due or a new one is set, then feeds what is due to the unit of work."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import structlog

from services.runtime.database.signals import Signals, wait_for
from services.runtime.process.metrics import observe_timer
from services.runtime.unit.heard import ask_silence
from services.runtime.unit.hub import Hub
from services.runtime.unit.unit_of_work import UnitOfWork

S = TypeVar("S")
log = structlog.get_logger(__name__)

AT_ONCE = 4000
LONGEST_SLEEP = 30.0
"""Real seconds. Nothing depends on it: a lost wake-up is found after this long at the latest."""
LOOK_AGAIN = 0.5


async def run_timers(
    hub: Hub[S],
    unit_of_work: UnitOfWork[S],
    signals: Signals,
    *,
    hear_first: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Fire every timer once, never early, late rather than never; until cancelled.

    `hear_first` ends when what happened during downtime has been heard: before that nothing fires, or somebody would be
    called late who was not.
    """
    service = hub.definition.service.value
    if hear_first is not None:
        await hear_first()
    while True:
        next_due: datetime | None = await hub.pool.fetchval("select due_at from timer order by due_at limit 1")
        now = hub.klok.now()
        if next_due is None or next_due > now:
            pause = LONGEST_SLEEP if next_due is None else min(hub.klok.seconds_until(next_due), LONGEST_SLEEP)
            await wait_for(signals.timers, seconds=pause)
            continue
        fired = await unit_of_work.run_due(AT_ONCE)
        if fired:
            observe_timer(service, late_seconds=(now - next_due).total_seconds())
            log.debug("timers_fired", aantal=fired)
        elif hub.definition.must_hear:  # waiting until everything from before was heard
            await ask_silence(hub.pool, hub.definition.must_hear)
            await wait_for(signals.timers, seconds=LOOK_AGAIN)
        else:
            await wait_for(signals.timers, seconds=0.05)
