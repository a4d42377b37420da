"""A second copy of monitoring on the same database, for its timers alone; a process of its own.

`python -m lab.bench.kopie <url>` says that it is ready. A line with what the clock shows at which real
moment sets it to work; it stops when its input ends.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import uvloop

from lab.bench.balie import balie_on, firing, monitoring_definition
from services.runtime.process.clock import VersneldeKlok
from services.runtime.process.logging import configure_logging

_READY = b"klaar\n"

Begin = Callable[[datetime, float], None]


@asynccontextmanager
async def second_copy(url: str) -> AsyncGenerator[Begin]:
    """A copy that has started; it goes to work when it is told what the clock shows at which Unix second."""
    command = [sys.executable, "-m", "lab.bench.kopie", url]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    writer, reader = process.stdin, process.stdout
    assert writer is not None
    assert reader is not None

    def begin(shown: datetime, anchor: float) -> None:
        writer.write(f"{shown.isoformat()} {anchor}\n".encode())

    try:
        if await reader.readline() != _READY:
            raise RuntimeError("de tweede kopie van monitoring start niet")
        yield begin
    finally:
        with suppress(BrokenPipeError, ConnectionResetError):
            writer.close()
            await writer.wait_closed()
        await process.wait()


async def _fire(url: str) -> None:
    definition = monitoring_definition()
    sys.stdout.buffer.write(_READY)
    sys.stdout.flush()
    told = await asyncio.to_thread(sys.stdin.readline)
    if not told:
        return
    shown, anchor = told.split()
    klok = VersneldeKlok(shown=datetime.fromisoformat(shown), anchor=float(anchor), speed=1.0)
    async with balie_on(url, definition, klok) as desk, firing(desk, desk.hub, desk.unit_of_work):
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    configure_logging("WARNING", stream=sys.stderr.buffer)
    uvloop.run(_fire(sys.argv[1]))
