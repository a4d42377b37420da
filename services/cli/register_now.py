"""The register as a command reads it: the one that holds at the hub it speaks with, or else the one in the file."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from contracts.register import Register, parse_register
from contracts.toml_plaats import BestandFouten
from services.cli.ground import read_register
from services.cli.reach import NeverStarted, reached_database
from services.runtime.database.connection import Session
from services.runtime.register import Versie, latest_version
from services.runtime.settings import Settings

_THERE = "select to_regclass('houvast.registerversie') is not null"


async def register_now(settings: Settings, *, variables: Mapping[str, str]) -> Register:
    """Raises `BestandFouten`. A file that is the source goes first, as long as there is nothing wrong with it."""
    try:
        if settings.register_follows_file:
            return read_register(settings.register, variables=variables)
    except BestandFouten:
        if (versie := await _reached_version(settings)) is None:
            raise
    else:
        versie = await _reached_version(settings)
    if versie is None:
        return read_register(settings.register, variables=variables)
    return parse_register(versie.tekst, bestand=f"versie {versie.nummer}", variabelen=variables)


async def holding_version(connection: Session) -> Versie | None:
    """The newest version in this database; None where it has none yet."""
    return await latest_version(connection) if await connection.fetchval(_THERE) else None


async def _reached_version(settings: Settings) -> Versie | None:
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(reached_database(settings))
        except NeverStarted:
            return None
        return await holding_version(connection)
