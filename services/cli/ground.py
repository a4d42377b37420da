"""What the four services are given, put together once: from settings and files to `Deps` and running processes."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from contracts.afspraken import RuleBook
from contracts.messages.envelope import Problem
from contracts.messages.topics import TOPICS, Service
from contracts.register import Register, parse_register
from services.runtime.access.verifying import Access
from services.runtime.database.connection import Connection
from services.runtime.outbound.secrets import Geheimen
from services.runtime.process.clock import Klok, SystemKlok
from services.runtime.process.memory import relax_collector
from services.runtime.process.supervision import Supervisor
from services.runtime.register import Follow, RegisterKeeper
from services.runtime.running import Deps, Ground, ServiceApp, ServiceProcess
from services.runtime.settings import Settings, SettingsFouten, StrictSettings, variable_of

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SAMPLE_REGISTER = DEPLOY / "register.toml"

UNREACHED = {"sandbox": "http://127.0.0.1:9"}
"""The variables of a register that is only read, by a command that sends nothing."""

TOPIC_NAMES = tuple(topic.name for topic in TOPICS)
PATHS: Mapping[Service, str] = {
    Service.TRIAGE: "triage",
    Service.HANDOVER: "overdracht",
    Service.MONITORING: "monitoring",
    Service.NOTIFIER: "notificaties",
}
"""The first segment of the paths that a service serves."""


def settings_of(services: Iterable[Service]) -> dict[str, type[StrictSettings]]:
    """The settings of these services by their prefix, for as far as a service has any in the environment."""
    found: dict[str, type[StrictSettings]] = {}
    for service in services:
        module = import_module(f"services.{service.value}.settings")
        model = getattr(module, f"{service.value.capitalize()}Settings", None)
        if isinstance(model, type) and issubclass(model, StrictSettings):
            found[module.PREFIX] = model
    return found


def open_logbook(data_dir: Path) -> BinaryIO:
    """Where a hub on this machine writes its log, open to the end: a crash is written there too. Makes the folder.

    Raises `SettingsFouten` where that is no folder to write in.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        return (data_dir / "houvast.log").open("ab")
    except OSError as error:
        message = f"{data_dir} is geen map waarin Houvast kan schrijven ({error.strerror})"
        raise SettingsFouten([Problem(variable_of("data_dir"), message)]) from None


def secrets_of(settings: Settings) -> Callable[[str], str]:
    """How references to secrets are resolved; in production there are none of the sandbox."""
    return Geheimen(data_dir=None if settings.production else settings.data_dir).resolve


def read_register(path: Path | None, *, variables: Mapping[str, str]) -> Register:
    """The register in a file, or the sample. Raises `BestandFouten` with every error and its line."""
    source = path or SAMPLE_REGISTER
    return parse_register(source.read_text(encoding="utf-8"), bestand=str(source), variabelen=variables)


@asynccontextmanager
async def kept_register(
    settings: Settings, pool: Connection, klok: Klok, rule_book: RuleBook, *, dsn: str, variables: Mapping[str, str]
) -> AsyncGenerator[RegisterKeeper, None]:
    """The register that holds now, followed for as long as the context lasts. Raises `BestandFouten` without any."""
    follow = Follow(settings.register or SAMPLE_REGISTER, settings.register_follows_file, variables)
    keeper = RegisterKeeper(pool, klok, rule_book, follow, dsn=dsn)
    await keeper.begin()
    supervisor = Supervisor()
    supervisor.start("register", keeper.run)
    supervisor.start("registerwekker", keeper.hear)
    try:
        yield keeper
    finally:
        await supervisor.stop()


def build_deps(
    settings: Settings,
    *,
    klok: Klok,
    rule_book: RuleBook,
    register: Register,
    secret: Callable[[str], str],
    toegang: Access,
) -> Deps:
    """What the services are given, from the settings and what was made of them."""
    return Deps(
        klok=klok,
        wall=SystemKlok(),
        rule_book=rule_book,
        register=register,
        master=settings.master_key(),
        secret=secret,
        oin=settings.oin,
        public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
        settings=settings,
        toegang=toegang,
    )


def build_app(service: Service, deps: Deps) -> ServiceApp[Any]:
    """The composition root of a service, loaded only when that service is wanted here."""
    build: Callable[[Deps], ServiceApp[Any]] = import_module(f"services.{service.value}.app").build
    return build(deps)


@dataclass(frozen=True, slots=True)
class Running:
    """A started service and the first path segment it serves."""

    process: ServiceProcess[Any]
    path: str


async def start_services(services: tuple[Service, ...], deps: Deps, ground: Ground) -> list[Running]:
    """Prepare all, then set all in motion: nothing moves before every schema is there."""
    processes = [ServiceProcess(build_app(service, deps), deps, ground) for service in services]
    for process in processes:
        await process.prepare()
    relax_collector()
    for process in processes:
        await process.start()
    return [Running(process, PATHS[process.service]) for process in processes]
