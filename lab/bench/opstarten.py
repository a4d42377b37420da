"""How long `houvast up` takes until everything is ready: the first time, and on a folder that is there already."""

import asyncio
import os
import shutil
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from pathlib import Path

import httpx

from lab.bench.meting import Figure
from lab.bench.opstelling import temporary_folder
from lab.ground.local_server import free_port

LIMIT_SECONDS = 90.0


async def measure_start() -> list[Figure]:
    """Seconds from the command until `/gezond/klaar` says yes."""
    folder = temporary_folder()
    try:
        first = await _seconds_until_ready(folder)
        second = await _seconds_until_ready(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Figure("houvast up klaar, lege map", first, "s", aim=10),
        Figure("houvast up klaar, tweede keer", second, "s", aim=10),
    ]


async def _seconds_until_ready(folder: Path) -> float:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOUVAST_")}
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "up", "--data", str(folder), "--port", str(port)),
        env=environment,
        stdout=DEVNULL,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT_SECONDS), httpx.AsyncClient(trust_env=False) as client:
            while not await _is_ready(client, port):
                if process.returncode is not None:
                    raise RuntimeError("houvast up is gestopt voordat het klaar was")
                await asyncio.sleep(0.02)
        return time.perf_counter() - started
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.communicate()


async def _is_ready(client: httpx.AsyncClient, port: int) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get(f"http://127.0.0.1:{port}/gezond/klaar")).is_success
    return False
