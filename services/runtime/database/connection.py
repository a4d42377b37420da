"""The database as the house sees it: the part of asyncpg that is used, with its types, and the two ways to connect."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, cast

import asyncpg

Row = Mapping[str, Any]


class Connection(Protocol):
    """Runs one statement. A row is read by column name."""

    async def fetch(self, query: str, /, *args: Any) -> Sequence[Row]: ...

    async def fetchrow(self, query: str, /, *args: Any) -> Row | None: ...

    async def execute(self, query: str, /, *args: Any) -> str: ...


class Session(Connection, Protocol):
    """One connection for as long as it is held: transactions, and what belongs to a connection."""

    async def fetchval(self, query: str, /, *args: Any) -> Any: ...

    def transaction(self) -> AbstractAsyncContextManager[object]: ...

    async def add_listener(self, channel: str, callback: Callable[..., None], /) -> None: ...

    def add_termination_listener(self, callback: Callable[[Any], None], /) -> None: ...

    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109  asyncpg's own


class Pool(Connection, Protocol):
    """Connections to be held for a moment."""

    async def fetchval(self, query: str, /, *args: Any) -> Any: ...

    def acquire(self) -> AbstractAsyncContextManager[Session]: ...

    async def close(self) -> None: ...

    def terminate(self) -> None: ...


AWAY: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    OSError,
    TimeoutError,
)
"""How the database says that it cannot be reached now; later it can."""

CLOSE_WITHIN_SECONDS = 5.0


async def connect(url: str) -> Session:
    """A connection of one's own."""
    return cast("Session", await asyncpg.connect(url))


async def open_pool(
    url: str, *, min_size: int = 1, max_size: int = 4, server_settings: Mapping[str, str] | None = None
) -> Pool:
    """A pool; close it with `close_pool`. Its users leave a connection as they found it, so nothing is reset after each."""
    return cast(
        "Pool",
        await asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=max_size,
            server_settings=dict(server_settings or {}),
            reset=_nothing_to_reset,
        ),
    )


async def _nothing_to_reset(connection: object) -> None:
    """Unlistening, closing cursors and unlocking take a round trip, and no user of a pool does any of these."""


async def close_pool(pool: Pool) -> None:
    """Wait a moment for who is still busy, then close anyway."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()
