"""What the storm strikes: two copies of each service in processes of their own, on a PostgreSQL and an Apache Kafka of
their own that they reach by proxies.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from contracts.messages.topics import Service
from contracts.register import Register, parse_register
from lab.bench.opstelling import temporary_folder
from lab.bench.storm.gemeente import Ontvanger
from lab.bench.storm.tussenstation import Tussenstation, to_port, to_socket
from lab.ground.kafka_local import Cluster, open_cluster
from lab.ground.local_server import free_port, last_lines
from lab.ground.postgres import SOCKET_NAME
from lab.sandbox.mail import MailSink
from services.cli.ground import SAMPLE_REGISTER, TOPIC_NAMES
from services.cli.servers import start_database
from services.runtime.access.tokens import default_scopes, issue
from services.runtime.database.connection import Session, connect
from services.runtime.database.server import RunningDatabase
from services.runtime.database.shared import migrate_gedeeld, shared_klok
from services.runtime.process.clock import Klok, KlokInstelling, SystemKlok
from services.runtime.process.starting import ServerStartError

VEILIG_THUIS = "veilig-thuis-west-brabant"
REGIO = "west-brabant"
SPEED = 600
"""Ten minutes of the hub in every second, so that terms of days end while the storm lasts."""
CLOCK = f"2026-03-02T09:00+01:00@{SPEED}"
COPIES = ("0", "1")
POSTGRES_NAME = "postgres.houvast.example"
START_LIMIT_SECONDS = 240.0
_MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
_WITH_NAMES = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'


@dataclass(slots=True)
class Kopie:
    """One copy of a service: where it is served, how it reaches PostgreSQL, and its process while it has one."""

    service: Service
    instance: str
    port: int
    to_postgres: Tussenstation
    process: asyncio.subprocess.Process | None = None

    @property
    def name(self) -> str:
        return f"{self.service.value}-{self.instance}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.returncode is None


@dataclass(slots=True)
class Huis:
    """Everything that runs, by the part that a fault can be done to."""

    folder: Path
    klok: Klok
    register: Register
    database: RunningDatabase
    cluster: Cluster
    to_kafka: Tussenstation
    mail: MailSink
    ontvanger: Ontvanger
    kopieen: dict[str, Kopie]
    environment: Mapping[str, str]
    names: Path | None
    """The hosts file that only the copies see; None where this machine does not let us give them one."""
    token: str = ""
    logs: int = 0
    poisoned: set[str] = field(default_factory=set[str])
    """Events, by source and id, that the storm itself repeated with another content."""
    said: list[str] = field(default_factory=list)

    def of(self, service: Service) -> list[Kopie]:
        return [kopie for kopie in self.kopieen.values() if kopie.service is service]

    async def start(self, kopie: Kopie, **settings: str) -> None:
        """Start a copy; it is not ready yet when this returns."""
        host = POSTGRES_NAME if self.names is not None else "127.0.0.1"
        environment = {
            **self.environment,
            "HOUVAST_DATABASE": f"postgresql://postgres@{host}:{kopie.to_postgres.port}/postgres",
            "HOUVAST_PORT": str(kopie.port),
            "HOUVAST_PUBLIC_URL": f"http://127.0.0.1:{self.of(kopie.service)[0].port}",
            **settings,
        }
        command = [sys.executable, "-m", "lab.bench.storm.dienst", kopie.service.value, kopie.instance]
        if self.names is not None:
            command = ["unshare", "-m", "sh", "-c", _WITH_NAMES, "sh", str(self.names), *command]
        self.logs += 1
        with (self.folder / f"{kopie.name}.{self.logs}.log").open("wb") as log:
            kopie.process = await asyncio.create_subprocess_exec(
                *command, env=environment, stdin=asyncio.subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
            )

    async def kill(self, kopie: Kopie) -> None:
        """As a power cut would."""
        if kopie.process is not None and kopie.process.returncode is None:
            kopie.process.kill()
            await kopie.process.wait()

    def signal(self, kopie: Kopie, number: signal.Signals) -> None:
        if kopie.process is not None and kopie.process.returncode is None:
            kopie.process.send_signal(number)

    async def is_ready(self, kopie: Kopie, client: httpx.AsyncClient) -> bool:
        """Whether it takes calls and nothing in it begins again and again; a held case is no fault of the copy."""
        try:
            answer = await client.get(f"{kopie.url}/gezond/klaar", timeout=3)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and "begint steeds opnieuw" not in answer.text

    async def all_ready(self, client: httpx.AsyncClient) -> bool:
        return all(await asyncio.gather(*(self.is_ready(kopie, client) for kopie in self.kopieen.values())))

    async def restart_database(self) -> None:
        """PostgreSQL as whoever keeps it would start it again; the share in it that died is given up."""
        self.database = await start_database("embedded", data_dir=self.folder)

    def postmaster(self) -> int:
        return int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])

    async def admin(self) -> Session:
        """Whoever runs the database, by its own socket."""
        return await connect(self.database.url, unhurried=True)


@asynccontextmanager
async def open_huis() -> AsyncGenerator[Huis]:
    """All of it, ready for calls; gone afterwards, with everything it wrote unless HOUVAST_STORM_KEEP is set."""
    folder = temporary_folder()
    async with AsyncExitStack() as stack:
        if not os.environ.get("HOUVAST_STORM_KEEP"):
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        huis = await _build(stack, folder)
        stack.push_async_callback(_end_copies, huis)
        for service in Service:
            await asyncio.gather(*(huis.start(kopie) for kopie in huis.of(service)))
        await _until_ready(huis)
        yield huis


async def _build(stack: AsyncExitStack, folder: Path) -> Huis:
    database = await start_database("embedded", data_dir=folder)
    to_kafka = Tussenstation(to_port(lambda: cluster.nodes[0].ports.broker))
    await to_kafka.start()
    stack.push_async_callback(to_kafka.stop)
    cluster = await open_cluster(folder, in_front=to_kafka.port)
    stack.push_async_callback(cluster.stop)
    await cluster.start(TOPIC_NAMES)
    names = _names_of(folder)
    ontvanger = Ontvanger()
    await ontvanger.start()
    stack.push_async_callback(ontvanger.stop)
    text = SAMPLE_REGISTER.read_text(encoding="utf-8").replace("{sandbox}", f"http://127.0.0.1:{ontvanger.port}")
    (folder / "register.toml").write_text(text, encoding="utf-8")
    register = parse_register(text, bestand="register.toml", variabelen={})
    connection = await connect(database.url)
    await migrate_gedeeld(connection)
    klok = await shared_klok(connection, KlokInstelling.parse(CLOCK))
    mail = MailSink(klok, wall=SystemKlok(), data_dir=folder)
    await mail.start()
    stack.push_async_callback(mail.stop)
    socket = Path(unquote(parse_qs(urlsplit(database.url).query)["host"][0])) / SOCKET_NAME
    kopieen: dict[str, Kopie] = {}
    for service in Service:
        for instance in COPIES:
            proxy = Tussenstation(to_socket(str(socket)))
            await proxy.start()
            stack.push_async_callback(proxy.stop)
            kopie = Kopie(service, instance, free_port(), proxy)
            kopieen[kopie.name] = kopie
    huis = Huis(
        folder=folder,
        klok=klok,
        register=register,
        database=database,
        cluster=cluster,
        to_kafka=to_kafka,
        mail=mail,
        ontvanger=ontvanger,
        kopieen=kopieen,
        environment=_environment(folder, to_kafka.port, mail),
        names=names,
    )
    stack.push_async_callback(_stop_database, huis)
    now = SystemKlok().now()
    huis.token = await issue(
        connection, partij=VEILIG_THUIS, scopes=default_scopes("veilig-thuis"), omschrijving="storm", now=now
    )
    codes = {gemeente.code for gemeente in register.gemeenten(klok.now().date(), regio=REGIO)}
    tokens = {
        code: await issue(connection, partij=code, scopes=default_scopes("gemeente"), omschrijving="storm", now=now)
        for code in codes
    }
    await connection.close()
    ontvanger.answer_to([kopie.url for kopie in huis.of(Service.HANDOVER)], tokens)
    return huis


def _environment(folder: Path, kafka: int, mail: MailSink) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOUVAST_")}
    return kept | {
        "HOUVAST_BROKER": f"127.0.0.1:{kafka}",
        "HOUVAST_REGISTER": str(folder / "register.toml"),
        "HOUVAST_MASTER_KEY": _MASTER_KEY,
        "HOUVAST_DATA": str(folder),
        "HOUVAST_CLOCK": CLOCK,
        "HOUVAST_RATE_PER_TOKEN": "100000",
        "HOUVAST_SMTP_HOST": "127.0.0.1",
        "HOUVAST_SMTP_PORT": str(mail.port),
        "HOUVAST_SMTP_CA_FILE": str(mail.ca_file),
    }


def _names_of(folder: Path) -> Path | None:
    """Whether a process can be given a hosts file of its own here: it needs root and a namespace."""
    path = folder / "hosts"
    write_names(path, known=True)
    try:
        done = subprocess.run(  # noqa: S603  constants
            ["unshare", "-m", "sh", "-c", _WITH_NAMES, "sh", str(path), "getent", "hosts", POSTGRES_NAME],  # noqa: S607
            capture_output=True,
            check=False,
            timeout=10,
        )
    except OSError:
        return None
    return path if done.returncode == 0 else None


def write_names(path: Path, *, known: bool) -> None:
    """In place: what is mounted is the file, not its name."""
    with path.open("w", encoding="utf-8") as file:
        file.write("127.0.0.1 localhost\n" + (f"127.0.0.1 {POSTGRES_NAME}\n" if known else ""))


async def _until_ready(huis: Huis) -> None:
    deadline = asyncio.get_running_loop().time() + START_LIMIT_SECONDS
    async with httpx.AsyncClient(trust_env=False) as client:
        while not await huis.all_ready(client):
            ended = [kopie for kopie in huis.kopieen.values() if not kopie.runs]
            if ended or asyncio.get_running_loop().time() > deadline:
                logs = sorted(huis.folder.glob(f"{(ended or list(huis.kopieen.values()))[0].name}.*.log"))
                raise ServerStartError(f"Een kopie komt niet op:\n{last_lines(logs[-1])}")
            await asyncio.sleep(0.2)


async def _end_copies(huis: Huis) -> None:
    for kopie in huis.kopieen.values():
        huis.signal(kopie, signal.SIGCONT)
        await huis.kill(kopie)


async def _stop_database(huis: Huis) -> None:
    with suppress(Exception):
        await huis.database.stop()


def moment(text: str) -> datetime:
    """A moment as an event tells it."""
    return datetime.fromisoformat(text)
