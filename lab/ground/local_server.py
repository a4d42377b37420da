"""Servers that Houvast starts itself on this machine: shared by several processes, found again after a crash.

Nothing is written down that a `kill -9` could make untrue: who uses a server is a file lock the kernel gives back, and
whether it runs is asked of the process itself.
"""

import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from services.runtime.process.starting import POLL_SECONDS, ServerStartError


@asynccontextmanager
async def one_at_a_time(path: Path, *, limit_seconds: float = 180.0) -> AsyncGenerator[None]:
    """Only one process of this machine is inside at a time. Raises `ServerStartError` after `limit_seconds`."""
    deadline = time.monotonic() + limit_seconds
    with path.open("a") as file:
        while not _try_lock(file.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise ServerStartError(
                    f"Een ander proces is al {limit_seconds:.0f} s bezig met starten of stoppen (slot: {path}). "
                    "Wacht tot het klaar is, of beëindig dat proces."
                )
            await asyncio.sleep(POLL_SECONDS)
        yield


class Share:
    """A share in a server: as long as one process holds one, nobody stops it. A process that dies gives it back."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")
        if not _try_lock(self._file.fileno(), fcntl.LOCK_SH):
            self._file.close()
            raise ServerStartError(f"{path} is op slot: de server wordt net gestopt. Probeer het opnieuw.")

    def give_back(self) -> bool:
        """True where this was the last one. Call it inside `one_at_a_time`."""
        if self._file.closed:
            return False
        was_last = _try_lock(self._file.fileno(), fcntl.LOCK_EX)
        self._file.close()
        return was_last


def command_line(pid: int) -> str | None:
    """The command a running process was started with; None where there is no such process, or only its remains."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip() or None
    if Path("/proc/self/cmdline").exists():
        return None
    ps = ["ps", "-o", "args=", "-p", str(pid)]
    found = subprocess.run(ps, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603
    return found.stdout.strip() or None


class OwnProcess:
    """A process that was started by Houvast, now or in an earlier life, recognised by a `mark` in its command line."""

    def __init__(self, pid: int, *, mark: str, started: subprocess.Popen[Any] | None = None) -> None:
        self.pid = pid
        self._mark = mark
        self._started = started

    @classmethod
    def start(cls, command: list[str], *, mark: str, log: Path, **options: Any) -> "OwnProcess":
        """Start it detached, so that it outlives a crash of ours. What it says goes to `log`, from the beginning."""
        with log.open("wb") as output:
            started = subprocess.Popen(  # noqa: S603  own binaries, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )
        # somebody has to wait for it: an ended process nobody waited for still counts as running for others
        threading.Thread(target=started.wait, name=f"wait-{started.pid}", daemon=True).start()
        return cls(started.pid, mark=mark, started=started)

    @property
    def runs(self) -> bool:
        if self._started is not None:
            return self._started.poll() is None
        return self._mark in (command_line(self.pid) or "")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._signal(signal.SIGKILL)

    async def stop(self, *, by: signal.Signals, limit_seconds: float) -> None:
        """Ask it to stop with the signal `by`; kill it when it has not within `limit_seconds`."""
        for attempt in (by, signal.SIGKILL):
            self._signal(attempt)
            if await wait_until(lambda: not self.runs, limit_seconds=limit_seconds):
                return
        raise ServerStartError(f"Proces {self.pid} is niet te beëindigen.")

    def _signal(self, number: signal.Signals) -> None:
        if self.runs:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


async def wait_until(condition: Callable[[], bool], *, limit_seconds: float) -> bool:
    """Whether `condition` came true within `limit_seconds`."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, for an error message; says so where there is none."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "(geen logregels)"
    return "\n".join(lines[-count:]) or "(geen logregels)"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
