"""Waking up: one LISTEN connection per service process, one event per kind of work."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog

from services.runtime.database.connection import connect

log = structlog.get_logger(__name__)

KINDS = ("outbox", "timers", "work", "silence")


class Signals:
    """`outbox`, `timers` and `work` are set whenever a transaction of any copy of this service wrote some of it.

    `silence`: another service waits for this one to say that nothing comes any more from before.
    """

    def __init__(self, dsn: str, service: str) -> None:
        self.outbox = asyncio.Event()
        self.timers = asyncio.Event()
        self.work = asyncio.Event()
        self.silence = asyncio.Event()
        self._dsn = dsn
        self._channel = f"houvast_{service}"

    def wake(self, payload: str) -> None:
        for kind in payload.split():
            getattr(self, kind).set()

    async def run(self) -> None:
        """Listen until cancelled. Raises when the connection is lost; whoever supervises starts it again."""
        await listen(self._dsn, self._channel, self.wake, missed=" ".join(KINDS))


async def listen(dsn: str, channel: str, heard: Callable[[str], None], *, missed: str = "") -> None:
    """Tell what is said on this channel until cancelled; first `missed`, for what was said before.

    Raises when the connection is lost.
    """
    connection = await connect(dsn)
    lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def _lost(_: Any) -> None:
        if not lost.done():
            lost.set_exception(ConnectionError("the listening connection was lost"))

    try:
        connection.add_termination_listener(_lost)
        await connection.add_listener(channel, lambda *arguments: heard(str(arguments[3])))
        heard(missed)
        await lost
    finally:
        lost.cancel()
        with contextlib.suppress(Exception):
            await connection.close(timeout=2)


async def wait_for(event: asyncio.Event, *, seconds: float | None) -> None:
    """Until the event is set or the seconds have passed; clears it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()
