"""The database as the house sees it: the part of asyncpg that is used, with its types, and the two ways to connect."""

import asyncio
import socket
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


CLOSE_WITHIN_SECONDS = 5.0
COMMAND_SECONDS = 20
"""How long an answer is awaited. The server gives up before that; only one that is gone itself does not."""

_DEAD_PEER = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 2, "TCP_USER_TIMEOUT": 11_000}
"""A server whose host is gone says no goodbye: the system notices within eleven seconds."""
_BOUNDS = {
    "statement_timeout": "15s",
    "lock_timeout": "12s",
    "idle_in_transaction_session_timeout": "8s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "11s",
}
"""What a session that stands still may keep from others, and for how long.

A copy that is frozen in a transaction loses it after eight seconds; who waits for its locks waits longer than that.
"""
_UNHURRIED = {"statement_timeout": "0", "lock_timeout": "0"}


async def connect(url: str, *, unhurried: bool = False) -> Session:
    """A connection of one's own. `unhurried` for work whose statements may take long: migrations and commands."""
    settings = _BOUNDS | (_UNHURRIED if unhurried else {})
    seconds = None if unhurried else COMMAND_SECONDS
    connection = cast(
        "Session",
        await asyncpg.connect(url, server_settings=settings, command_timeout=seconds, timeout=COMMAND_SECONDS),
    )
    await _notice_dead_peer(connection)
    return connection


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
            server_settings=_BOUNDS | dict(server_settings or {}),
            command_timeout=COMMAND_SECONDS,
            timeout=COMMAND_SECONDS,
            init=_notice_dead_peer,
            reset=_nothing_to_reset,
        ),
    )


async def _notice_dead_peer(connection: Any) -> None:
    """For the socket of asyncpg, which has no setting for it."""
    raw_socket = connection._transport.get_extra_info("socket")  # noqa: SLF001
    if raw_socket is None or raw_socket.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _DEAD_PEER.items():
        if (option := getattr(socket, name, None)) is not None:  # not every system has all of them
            raw_socket.setsockopt(socket.IPPROTO_TCP, option, value)


async def _nothing_to_reset(connection: object) -> None:
    """Unlistening, closing cursors and unlocking take a round trip, and no user of a pool does any of these."""


async def close_pool(pool: Pool) -> None:
    """Wait a moment for who is still busy, then close anyway."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()
