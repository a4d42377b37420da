"""A PostgreSQL that is there already, and whether it is one that will do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import asyncpg

from services.runtime.process.starting import ServerStartError

EMBEDDED = "embedded"
"""The choice for a server of our own, where the lab is installed."""
OLDEST_MAJOR = 15


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class RunningDatabase:
    """A PostgreSQL that answers at `url`. `kind` is "embedded" or "extern"."""

    url: str
    kind: str
    _stop: Callable[[], Awaitable[None]] = field(default=_nothing, repr=False)

    async def stop(self) -> None:
        """Give it back. An embedded server stops when nobody else uses it; a server of others is left alone."""
        await self._stop()


async def connect_database(url: str) -> RunningDatabase:
    """The server at `url`. Raises `ServerStartError` where it does not answer, lets us not in, or is too old."""
    if urlsplit(url).scheme not in {"postgresql", "postgres"}:
        raise ServerStartError(
            f"{url.split(':', 1)[0]!r} is geen database. Kies 'embedded', of een adres als "
            "postgresql://gebruiker@host:5432/houvast."
        )
    place = urlsplit(url).hostname or "de socket"
    try:
        connection = cast("Any", await asyncpg.connect(url, timeout=10))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ServerStartError(
            f"PostgreSQL op {place} laat niet toe: {type(error).__name__}. Draait de server, en kloppen adres, naam en "
            "wachtwoord?"
        ) from None
    try:
        major: int = connection.get_server_version().major
    finally:
        await connection.close()
    if major < OLDEST_MAJOR:
        raise ServerStartError(f"PostgreSQL op {place} is versie {major}; Houvast vraagt {OLDEST_MAJOR} of nieuwer.")
    return RunningDatabase(url, "extern")
