"""Serving an ASGI app inside a loop that does more than that."""

import asyncio
import contextlib
import socket
from collections.abc import Generator
from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from services.runtime.http.connection import BoundedConnection, Doorkeeper, Patience
from services.runtime.process.limits import Limits

_GRACE_SECONDS = 3
_KEPT_OPEN_SECONDS = 75
"""Longer than clients keep a connection unused: who closes first must not be the one who is just being asked."""
_BACKLOG = 2048
_TICKS_PER_LOOK = 10


class PortUnavailable(Exception):
    """Nothing can listen on this address."""


class RunningServer:
    """A server that accepts requests on `port` until `stop()`, which lets running requests finish first."""

    def __init__(self, server: "_QuietServer", task: "asyncio.Task[None]", port: int) -> None:
        self.port = port
        self._server = server
        self._task = task

    @property
    def connections(self) -> int:
        """How many stand open."""
        return len(self._server.server_state.connections)

    async def stop(self) -> None:
        self._server.should_exit = True
        await self._task

    async def wait(self) -> None:
        """Until the server has ended, raising what ended it; for a supervisor."""
        await asyncio.shield(self._task)


async def serve(
    app: ASGIApp, *, host: str, port: int, limits: Limits | None = None, patience: Patience | None = None
) -> RunningServer:
    """Serve `app` in the running loop; port 0 picks a free one. Leaves signals to the caller.

    Returns when requests are accepted. Raises `PortUnavailable`, in Dutch.
    """
    listener = _listen(host, port)
    doorkeeper = Doorkeeper(limits or Limits(), patience or Patience())
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", partial(BoundedConnection, doorkeeper=doorkeeper)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEPT_OPEN_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name=f"http-{port}")
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        ready.cancel()
        await task
    return RunningServer(server, task, listener.getsockname()[1])


class _QuietServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; the connections are looked at in one of these."""
        if counter % _TICKS_PER_LOOK == 0:
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, BoundedConnection):
                    connection.close_if_overdue(now)
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # only where the protocol is named does asyncio send a small second write at once
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise PortUnavailable(f"op {host}:{port} kan niet worden geluisterd: {error.strerror}") from None
    listener.setblocking(False)
    return listener
