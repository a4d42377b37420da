"""Keeping the loops of a service alive, and saying honestly whether they are."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0


@dataclass(slots=True)
class Loop:
    """One supervised loop. `failing` while its last start ended in an error and it has not proven itself since."""

    name: str
    run: Callable[[], Awaitable[None]]
    failures: int = 0
    running: bool = False
    last_error: str | None = None
    started_at: float = 0.0
    down_since: float | None = None

    def is_down(self, now: float) -> bool:
        """Whether it does not run, or failed and only just began again."""
        return not self.running or self.is_down_for(0, now)

    def is_down_for(self, seconds: float, now: float) -> bool:
        """Whether it has not proven itself for so many seconds: neither running long enough, nor only just ended."""
        proven = self.running and now - self.started_at > LONGEST_PAUSE
        return self.down_since is not None and not proven and now - self.down_since >= seconds


class Supervisor:
    """Starts loops again when they end, with growing pauses; tells which do not run."""

    def __init__(self) -> None:
        self.loops: list[Loop] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        loop = Loop(name, run)
        self.loops.append(loop)
        self._tasks.append(asyncio.create_task(self._keep_alive(loop), name=name))

    async def stop(self) -> None:
        """End all loops, last started first, each with time to finish what it holds."""
        for task in reversed(self._tasks):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._tasks.clear()

    def problems(self) -> dict[str, str]:
        """What does not run, by name, with the last error. One that failed is told until it has proven itself again."""
        now = asyncio.get_running_loop().time()
        return {loop.name: loop.last_error or "loopt niet" for loop in self.loops if loop.is_down(now)}

    def stuck(self, seconds: float) -> list[str]:
        """What has not run for so many real seconds, in spite of being started again: a new process may do better."""
        now = asyncio.get_running_loop().time()
        return [loop.name for loop in self.loops if loop.is_down_for(seconds, now)]

    async def _keep_alive(self, loop: Loop) -> None:
        """A leaked cancellation counts as a failure too: only our own cancel ends this."""
        clock = asyncio.get_running_loop()
        while True:
            loop.started_at = clock.time()
            child = asyncio.ensure_future(loop.run())
            loop.running = True
            try:
                await asyncio.wait([child])
            except asyncio.CancelledError:
                child.cancel()
                await asyncio.gather(child, return_exceptions=True)
                loop.running = False
                raise
            loop.running = False
            error = None if child.cancelled() else child.exception()
            loop.last_error = type(error).__name__ if error else "ended"
            proven = clock.time() - loop.started_at > LONGEST_PAUSE
            loop.down_since = clock.time() if proven or loop.down_since is None else loop.down_since
            loop.failures = 1 if proven else loop.failures + 1
            log.error("loop_ended", lus=loop.name, fout=loop.last_error, aantal=loop.failures)
            await asyncio.sleep(min(FIRST_PAUSE * 2 ** (loop.failures - 1), LONGEST_PAUSE))
