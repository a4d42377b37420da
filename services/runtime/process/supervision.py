"""Keeping the loops of a service alive, and saying honestly whether they are."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0


class NeedsPerson(RuntimeError):
    """Only somebody who acts helps, no other start and no other process; the message says in Dutch what to do."""


@dataclass(slots=True)
class Loop:
    """One supervised loop. `failing` while its last start ended in an error and it has not proven itself since."""

    name: str
    run: Callable[[], Awaitable[None]]
    failures: int = 0
    running: bool = False
    last_error: str | None = None
    needs_person: bool = False
    started_at: float = 0.0
    down_since: float | None = None

    @property
    def told(self) -> str:
        """Why it does not run, in Dutch."""
        if self.last_error is None:
            return "loopt niet"
        return self.last_error if self.needs_person else f"{self.last_error}; begint steeds opnieuw"

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
        """What does not run, by name, and why. One that failed is told until it has proven itself again."""
        now = asyncio.get_running_loop().time()
        return {loop.name: loop.told for loop in self.loops if loop.is_down(now)}

    def stuck(self, seconds: float) -> list[str]:
        """What has not run for so many real seconds, in spite of being started again: a new process may do better."""
        now = asyncio.get_running_loop().time()
        return [loop.name for loop in self.loops if loop.is_down_for(seconds, now) and not loop.needs_person]

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
            loop.needs_person = isinstance(error, NeedsPerson)
            loop.last_error = _reason(error)
            proven = clock.time() - loop.started_at > LONGEST_PAUSE
            loop.down_since = clock.time() if proven or loop.down_since is None else loop.down_since
            loop.failures = 1 if proven else loop.failures + 1
            log.error("loop_ended", lus=loop.name, fout=loop.last_error, aantal=loop.failures)
            await asyncio.sleep(min(FIRST_PAUSE * 2 ** (loop.failures - 1), LONGEST_PAUSE))


def _reason(error: BaseException | None) -> str:
    """Nothing of what went through the hands of a loop: an error of others may hold personal data."""
    if error is None:
        return "ended"
    return str(error) if isinstance(error, NeedsPerson) else type(error).__name__
