"""The faults of PostgreSQL: killed, absent, full, or refusing. Each gives the moment from which it was well again."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import asyncpg

from contracts.messages.topics import Service
from lab.bench.storm.huis import Huis
from lab.bench.storm.plek import SHORT_SECONDS, Onmogelijk, Plek
from lab.bench.storm.tussenstation import Stand


async def postgres_killed(plek: Plek) -> float:
    os.kill(plek.huis.postmaster(), signal.SIGQUIT)
    await asyncio.sleep(SHORT_SECONDS)
    await plek.huis.restart_database()
    return time.monotonic()


async def postgres_restarted(plek: Plek) -> float:
    os.kill(plek.huis.postmaster(), signal.SIGINT)
    await asyncio.sleep(3)
    await plek.huis.restart_database()
    return time.monotonic()


async def postgres_absent_at_start(plek: Plek) -> float:
    kopieen = [plek.any_copy(service) for service in Service]
    for kopie in kopieen:
        await plek.huis.kill(kopie)
        kopie.to_postgres.zet(Stand.WEIGERT)
    for kopie in kopieen:
        await plek.huis.start(kopie)
    await asyncio.sleep(SHORT_SECONDS)
    for kopie in kopieen:
        kopie.to_postgres.zet(Stand.DOOR)
    back = time.monotonic()
    await asyncio.sleep(1)
    for kopie in kopieen:  # whatever keeps processes running starts one again that gave up
        if not kopie.runs:
            await plek.huis.start(kopie)
    return back


async def connections_exhausted(plek: Plek) -> float:
    held = [await plek.huis.admin()]
    try:
        await held[0].execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'houvast-%'"
        )
        deadline = time.monotonic() + SHORT_SECONDS
        while time.monotonic() < deadline:
            with suppress(asyncpg.PostgresError, OSError):
                while True:
                    held.append(await plek.huis.admin())
            await asyncio.sleep(0.05)
    finally:
        await asyncio.gather(*(connection.close() for connection in held), return_exceptions=True)
    return time.monotonic()


async def grant_missing(plek: Plek) -> float:
    connection = await plek.huis.admin()
    try:
        for service in (Service.TRIAGE, Service.HANDOVER, Service.MONITORING):
            await connection.execute(f"revoke insert on {service.value}.inbox from houvast_{service.value}")
        try:
            await asyncio.sleep(SHORT_SECONDS)
        finally:
            for service in (Service.TRIAGE, Service.HANDOVER, Service.MONITORING):
                await connection.execute(f"grant insert on {service.value}.inbox to houvast_{service.value}")
    finally:
        await connection.close()
    return time.monotonic()


async def disk_full(plek: Plek) -> float:
    """A file system of 24 MB under the outboxes, filled to the last byte. The log of PostgreSQL lies elsewhere."""
    folder = plek.huis.folder / "klein"
    folder.mkdir(exist_ok=True)
    if await _run("mount", "-t", "tmpfs", "-o", "size=24m", "houvast-storm", str(folder)) != 0:
        raise Onmogelijk("geen recht om een klein bestandssysteem te koppelen")
    try:
        return await _with_full_tablespace(plek.huis, folder)
    finally:
        await _run("umount", str(folder))


async def _run(*command: str) -> int:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    return await process.wait()


async def _with_full_tablespace(huis: Huis, folder: Path) -> float:
    owner = (huis.folder / "postgres").stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    tables = [f"{service.value}.outbox" for service in (Service.TRIAGE, Service.HANDOVER)]
    connection = await huis.admin()
    try:
        await connection.execute(f"create tablespace klein location '{folder}'")
        for table in tables:
            await connection.execute(f"alter table {table} set tablespace klein")
        ballast = folder / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
        await asyncio.sleep(SHORT_SECONDS)
        ballast.unlink()
        back = time.monotonic()
        await asyncio.sleep(2)
        for table in tables:
            await connection.execute(f"alter table {table} set tablespace pg_default")
        await connection.execute("drop tablespace klein")
    finally:
        await connection.close()
    return back
