"""An event loop without a clock, threads or sockets: time jumps to the next thing that happens.

A process of the hub is the tasks of one context, so that it can be frozen (nothing of it runs, what
comes for it waits) and killed (nothing of it ever runs again, not even a `finally`), as the system does with processes.
"""

import asyncio
import heapq
import itertools
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from enum import Enum
from typing import Any

PROCESS: ContextVar["Process | None"] = ContextVar("process", default=None)
STUCK_AFTER = 200_000
"""Callbacks without any time passing: then something spins."""


class Life(Enum):
    RUNNING = "loopt"
    FROZEN = "bevroren"
    DEAD = "dood"


class Process:
    """What runs in it, runs in its context. `ended` is called when it dies: the system closes what it held."""

    def __init__(self, loop: "SimLoop", name: str) -> None:
        self.loop = loop
        self.name = name
        self.life = Life.RUNNING
        self.context: Context = copy_context()
        self.context.run(PROCESS.set, self)
        self.ended: list[Callable[[], None]] = []
        self._waiting: deque[Any] = deque()

    def start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        return self.loop.create_task(work, context=self.context)

    def hold(self, handle: "_Handle") -> None:
        """Something for this process while it does not run. Kept also when it is dead: nothing of it may be tidied up."""
        self._waiting.append(handle)

    def freeze(self) -> None:
        if self.life is Life.RUNNING:
            self.life = Life.FROZEN

    def thaw(self) -> None:
        if self.life is Life.FROZEN:
            self.life = Life.RUNNING
            self.loop._ready.extend(self._waiting)
            self._waiting.clear()

    def kill(self) -> None:
        if self.life is not Life.DEAD:
            self.life = Life.DEAD
            for closing in self.ended:
                closing()


def current() -> "Process | None":
    return PROCESS.get()


class SimTask(asyncio.Task):  # type: ignore[type-arg]
    """Sets of tasks are walked in the same order every time."""

    _numbers = itertools.count()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._number = next(SimTask._numbers)
        super().__init__(*args, **kwargs)
        self._log_destroy_pending = False

    def __hash__(self) -> int:
        return self._number


class _Handle:
    """Something that is to be called: of the handles of asyncio what is asked of them, and no more."""

    __slots__ = ("arguments", "callback", "context")

    def __init__(self, callback: Any, arguments: Any, context: Context) -> None:
        self.callback = callback
        self.arguments = arguments
        self.context = context

    def cancel(self) -> None:
        self.callback = None
        self.arguments = ()

    def cancelled(self) -> bool:
        return self.callback is None


class SimLoop(asyncio.BaseEventLoop):
    """`time()` is in simulated real seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._moment = 0.0
        self._turns = 0
        self._later: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._count = itertools.count()
        self.set_task_factory(lambda loop, work, context=None: SimTask(work, loop=loop, context=context))
        self.set_exception_handler(lambda *_: None)  # what tasks leave behind is no news
        self.broken: BaseException | None = None
        SimTask._numbers = itertools.count()

    def time(self) -> float:
        return self._moment

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> Any:
        handle = _Handle(callback, args, copy_context() if context is None else context)
        self._ready.append(handle)
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        return self.call_at(self._moment + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        """In the order in which they were asked, where moments are the same."""
        handle = _Handle(callback, args, copy_context() if context is None else context)
        heapq.heappush(self._later, (when, next(self._count), handle))
        return handle

    def run_forever(self) -> None:
        """Until `stop`, as asyncio has it; without what it does for threads, signals and sockets."""
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=None, finalizer=lambda _: None)  # what a dead process held is never closed
        asyncio._set_running_loop(self)
        ready: Any = self._ready
        try:
            while not self._stopping:
                if ready:
                    self._call(ready.popleft())
                else:
                    self._go_on()
        finally:
            self._stopping = False
            asyncio._set_running_loop(None)
            sys.set_asyncgen_hooks(*hooks)

    def _call(self, handle: _Handle) -> None:
        self._turns += 1
        if handle.callback is None:
            return
        if self._turns > STUCK_AFTER:
            raise RuntimeError(f"time stands still at {self._moment}")
        process = handle.context.get(PROCESS)
        if process is not None and process.life is not Life.RUNNING:
            process.hold(handle)
            return
        try:
            handle.context.run(handle.callback, *handle.arguments)
        except Exception as error:  # noqa: BLE001  told below
            self._break(error)

    def serve(self, work: Callable[[Any], None], what: Any) -> None:
        """A server does this now, for somebody whose own affair it is not if that fails."""
        try:
            work(what)
        except Exception as error:  # noqa: BLE001  told below
            self._break(error)

    def _break(self, error: Exception) -> None:
        """A server of ours that fails is a fault of the simulation."""
        self.broken = error
        self.stop()

    def _go_on(self) -> None:
        """To the moment at which something happens next."""
        while self._later:
            when, _, handle = heapq.heappop(self._later)
            if handle.callback is not None:
                if when > self._moment:
                    self._moment, self._turns = when, 0
                self._ready.append(handle)
                return
        raise RuntimeError("nothing will ever happen any more")
