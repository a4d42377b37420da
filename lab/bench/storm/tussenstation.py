"""A TCP proxy that can be told to fail: to refuse, to cut, or to swallow everything as a host that is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

_CHUNK = 256 * 1024

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Stand(StrEnum):
    """What a proxy does with what comes by."""

    DOOR = "door"
    WEIGERT = "weigert"
    SLIKT = "slikt"


class Tussenstation:
    """One address in front of another. `connect` reaches that other, a port or a socket."""

    def __init__(self, connect: Connect) -> None:
        self.port = 0
        self._connect = connect
        self._stand = Stand.DOOR
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._flows.set()
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.sleep(0)

    def zet(self, stand: Stand) -> None:
        """From now on. Swallowing leaves connections open and says nothing; refusing ends them."""
        self._stand = stand
        if stand is Stand.SLIKT:
            self._flows.clear()
            return
        if stand is Stand.WEIGERT:
            self.cut()
        elif not self._flows.is_set():
            self.cut()  # a network that comes back has lost what it swallowed, so these connections are of no use
        self._flows.set()

    def cut(self) -> None:
        """End every connection in the middle of whatever it carries."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._stand is Stand.WEIGERT:
            writer.transport.abort()
            return
        self._writers.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            await self._flows.wait()
            back, there = await self._connect()
            self._writers.add(there)
            await asyncio.wait(
                [asyncio.create_task(self._carry(reader, there)), asyncio.create_task(self._carry(back, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        except OSError:
            pass
        finally:
            for end in (writer, there):
                if end is not None:
                    self._writers.discard(end)
                    end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(_CHUNK):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()


def to_port(port: Callable[[], int]) -> Connect:
    """A port of this machine, which may be another one later."""
    return lambda: asyncio.open_connection("127.0.0.1", port())


def to_socket(path: str) -> Connect:
    """A Unix socket."""
    return lambda: asyncio.open_unix_connection(path)
