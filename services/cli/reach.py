"""Reaching the database of a hub from another command, whether that hub runs or not, and where it was served."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import orjson

from services.cli.servers import start_database
from services.runtime.database.connection import Session, connect
from services.runtime.database.server import EMBEDDED
from services.runtime.settings import Settings, SmtpSettings

_WHEREABOUTS = "houvast.json"


class NeverStarted(ValueError):
    """No hub ever ran in this data folder. In Dutch, for whoever gave the command."""


@asynccontextmanager
async def reached_database(settings: Settings) -> AsyncGenerator[Session, None]:
    """A connection to the database of `running_database`."""
    async with running_database(settings) as url:
        connection = await connect(url, unhurried=True)
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def running_database(settings: Settings) -> AsyncGenerator[str, None]:
    """The URL of the database that the settings name; an embedded one is started for as long as this takes.

    Raises `NeverStarted` where nothing was started in the data folder yet.
    """
    if settings.database == EMBEDDED and not (settings.data_dir / "postgres").exists():
        raise NeverStarted(
            f"In {settings.data_dir} is nog geen Houvast gestart; start eerst `houvast up`, of geef --data of"
            " --database."
        )
    database = await start_database(settings.database, data_dir=settings.data_dir)
    try:
        yield database.url
    finally:
        await database.stop()


def write_whereabouts(data_dir: Path, *, database_url: str, address: str, mail: SmtpSettings | None) -> None:
    """Where other commands on this machine find the running hub, and the mail server of its sandbox if that is in use."""
    path = data_dir / _WHEREABOUTS
    found: dict[str, object] = {"database": database_url, "adres": address}
    if mail is not None and mail.password is None:
        found["mail"] = asdict(mail) | {"ca_file": None if mail.ca_file is None else str(mail.ca_file)}
    path.write_bytes(orjson.dumps(found))
    path.chmod(0o600)


def known_address(data_dir: Path) -> str | None:
    """Where the hub of this data folder was served when it last started, if ever."""
    try:
        return str(orjson.loads((data_dir / _WHEREABOUTS).read_bytes())["adres"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def known_mail(data_dir: Path) -> SmtpSettings | None:
    """The mail server that the hub of this data folder used when it last started, where it needs no password."""
    try:
        found = orjson.loads((data_dir / _WHEREABOUTS).read_bytes())["mail"]
        return SmtpSettings(**found | {"ca_file": None if found["ca_file"] is None else Path(found["ca_file"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
