"""What a benchmark stands on: database, broker, the four services in processes of their own, and the gemeenten."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import orjson

from contracts.afspraken import local_date
from contracts.messages.topics import Service
from contracts.register import Register, parse_register
from lab.bench.http import Client
from lab.bench.processor import processor_seconds
from lab.ground.local_server import free_port, last_lines
from services.cli.ground import SAMPLE_REGISTER, TOPIC_NAMES
from services.cli.servers import start_broker, start_database
from services.runtime.access.tokens import default_scopes, issue
from services.runtime.database.connection import Pool, close_pool, connect, open_pool
from services.runtime.database.server import RunningDatabase
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.kafka.cluster import RunningBroker
from services.runtime.process.clock import SystemKlok

VEILIG_THUIS = "veilig-thuis-west-brabant"
MELDPUNT = "meldpunt-west-brabant"
REGIO = "west-brabant"
NOBODY = "http://127.0.0.1:9"
"""Where the gemeenten would be; for whoever sends them nothing."""
UNHINDERED: Mapping[str, str] = {"HOUVAST_RATE_PER_TOKEN": "100000"}
"""One party asks as much as a whole country would."""
START_LIMIT_SECONDS = 60.0
_STOP_SECONDS = 20.0


@dataclass(slots=True)
class Fundament:
    """A database server and a broker, both empty."""

    database: RunningDatabase
    broker: RunningBroker
    data_dir: Path


@dataclass(slots=True)
class Straat:
    """The whole road: services and gemeenten that run, and who may call them."""

    register: Register
    pool: Pool
    triage: Client
    triage_url: str
    monitoring: Client
    gemeenten: httpx.AsyncClient
    services: Mapping[Service, Process]
    receiver: Process
    postgres: int
    token: str

    def processor_seconds(self) -> dict[str, float]:
        """Processor time so far, by part."""
        parts = {service.value: process.pid for service, process in self.services.items()}
        return processor_seconds(parts | {"gemeenten": self.receiver.pid}, with_children={"PostgreSQL": self.postgres})


@asynccontextmanager
async def fundament(broker: str) -> "AsyncGenerator[Fundament]":
    """Database and broker in a temporary folder that is gone afterwards."""
    data_dir = temporary_folder()
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, data_dir, ignore_errors=True)
        database = await start_database("embedded", data_dir=data_dir)
        stack.push_async_callback(database.stop)
        started = await start_broker(broker, data_dir=data_dir, topics=TOPIC_NAMES)
        stack.push_async_callback(started.stop)
        yield Fundament(database, started, data_dir)


def temporary_folder() -> Path:
    """A folder that the account of the database can pass; whoever asks for it removes it."""
    folder = Path(tempfile.mkdtemp(prefix="houvast-bench-"))
    folder.chmod(0o755)
    return folder


@asynccontextmanager
async def fresh_database(server: RunningDatabase) -> AsyncGenerator[str]:
    """The URL of an empty database on this server, gone afterwards."""
    name = f"bench_{uuid4().hex}"
    await _execute(server.url, f"create database {name}")
    try:
        yield urlsplit(server.url)._replace(path=f"/{name}").geturl()
    finally:
        await _execute(server.url, f"drop database {name} with (force)")


@asynccontextmanager
async def straat(ground: Fundament, *, settings: Mapping[str, str] = UNHINDERED) -> "AsyncGenerator[Straat]":
    """The four services as in production, each a process, and a process that plays the gemeenten."""
    ports = {service: free_port() for service in Service}
    receiver = free_port()
    register_file, register = _write_register(ground.data_dir, address=f"http://127.0.0.1:{receiver}")
    async with AsyncExitStack() as stack:
        pool = await open_pool(ground.database.url, max_size=2)
        stack.push_async_callback(close_pool, pool)
        async with pool.acquire() as connection:
            await migrate_gedeeld(connection)
        tokens = {gemeente.code: await _token(pool, gemeente.code) for gemeente in _gemeenten(register)}
        services = {
            service: await _start_service(
                stack, ground, service, port=ports[service], register=register_file, settings=settings
            )
            for service in Service
        }
        for service, port in ports.items():
            await _until_ready(services[service], port, log=ground.data_dir / f"{service.value}.log")
        hub = f"http://127.0.0.1:{ports[Service.HANDOVER]}"
        playing = await _start_gemeenten(stack, port=receiver, hub=hub, tokens=tokens)
        triage = Client("127.0.0.1", ports[Service.TRIAGE], connections=128)
        stack.push_async_callback(triage.close)
        monitoring = Client("127.0.0.1", ports[Service.MONITORING], connections=128)
        stack.push_async_callback(monitoring.close)
        asking = httpx.AsyncClient(base_url=f"http://127.0.0.1:{receiver}", trust_env=False, timeout=30)
        await stack.enter_async_context(asking)
        await _until_answers(asking)
        token = await _token(pool, VEILIG_THUIS, soort="veilig-thuis")
        postmaster = int((ground.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        yield Straat(
            register=register,
            pool=pool,
            triage=triage,
            monitoring=monitoring,
            triage_url=f"http://127.0.0.1:{ports[Service.TRIAGE]}",
            gemeenten=asking,
            services=services,
            receiver=playing,
            postgres=postmaster,
            token=token,
        )


def _write_register(data_dir: Path, *, address: str) -> tuple[Path, Register]:
    text = SAMPLE_REGISTER.read_text(encoding="utf-8").replace("{sandbox}", address)
    path = data_dir / "register.toml"
    path.write_text(text, encoding="utf-8")
    return path, parse_register(text, bestand=str(path), variabelen={})


def _gemeenten(register: Register) -> tuple[Any, ...]:
    return tuple(register.gemeenten(local_date(SystemKlok().now()), regio=REGIO))


async def _token(pool: Pool, partij: str, *, soort: str = "gemeente") -> str:
    return await issue(pool, partij=partij, scopes=default_scopes(soort), omschrijving="bench", now=SystemKlok().now())


async def _start_service(
    stack: AsyncExitStack,
    ground: Fundament,
    service: Service,
    *,
    port: int,
    register: Path,
    database: str | None = None,
    settings: Mapping[str, str] = UNHINDERED,
) -> Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOUVAST_")} | {
        "HOUVAST_DATABASE": database or ground.database.url,
        "HOUVAST_BROKER": ground.broker.bootstrap,
        "HOUVAST_DATA": str(ground.data_dir),
        "HOUVAST_REGISTER": str(register),
        "HOUVAST_PORT": str(port),
        "HOUVAST_SMTP_HOST": "127.0.0.1",
        "HOUVAST_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **settings,
    }
    log = stack.enter_context((ground.data_dir / f"{service.value}.log").open("wb"))
    command = [sys.executable, "-m", "lab.bench.dienst", service.value, ground.broker.kind]
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=PIPE, stdout=log, stderr=subprocess.STDOUT
    )
    stack.push_async_callback(end_process, process)
    return process


@asynccontextmanager
async def started_service(ground: Fundament, service: Service, *, database: str) -> AsyncGenerator[Process]:
    """One service on a database of its own, once it says that it is ready."""
    port = free_port()
    register, _ = _write_register(ground.data_dir, address=NOBODY)
    async with AsyncExitStack() as stack:
        process = await _start_service(stack, ground, service, port=port, register=register, database=database)
        await _until_ready(process, port, log=ground.data_dir / f"{service.value}.log")
        yield process


async def _start_gemeenten(stack: AsyncExitStack, *, port: int, hub: str, tokens: Mapping[str, str]) -> Process:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "lab.bench.gemeenten", stdin=PIPE)
    stack.push_async_callback(end_process, process)
    assert process.stdin is not None
    process.stdin.write(orjson.dumps({"port": port, "hub": hub, "tokens": dict(tokens)}) + b"\n")
    await process.stdin.drain()
    return process


async def end_process(process: Process) -> None:
    """Ask first; what does not listen is killed."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _until_ready(process: Process, port: int, *, log: Path) -> None:
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
        asyncio.timeout(START_LIMIT_SECONDS),
    ):
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"een dienst is gestopt:\n{last_lines(log)}")
            with suppress(httpx.TransportError):
                if (await client.get("/gezond/klaar")).is_success:
                    return
            await asyncio.sleep(0.1)


async def _until_answers(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(START_LIMIT_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                if (await client.get("/ontvangen")).is_success:
                    return
            await asyncio.sleep(0.1)


async def _execute(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
