"""A lean HTTP/1.1 client: kept connections, one request at a time on each. What it costs is not what is measured."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import httptools
import orjson


class Refused(RuntimeError):
    """The hub did not take a request of the benchmark."""


class Client:
    """Asks one address over at most `connections` connections."""

    def __init__(self, host: str, port: int, *, connections: int) -> None:
        self._host = host
        self._port = port
        self._free: asyncio.LifoQueue[_Connection | None] = asyncio.LifoQueue()
        for _ in range(connections):
            self._free.put_nowait(None)

    async def post(self, path: str, body: object, *, headers: Mapping[str, str]) -> Any:
        """The JSON of the answer. Raises `Refused` for anything but 2xx."""
        raw = orjson.dumps(body)
        described = {"Content-Type": "application/json", "Content-Length": str(len(raw)), **headers}
        answer = await self._ask("POST", path, described, raw)
        return orjson.loads(answer) if answer else None

    async def get(self, path: str, *, headers: Mapping[str, str]) -> bytes:
        """The body of the answer, as it comes. Raises `Refused` for anything but 2xx."""
        return await self._ask("GET", path, headers, b"")

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n{lines}\r\n"
        async with self._connection() as connection:
            status, answer = await connection.ask(head.encode() + raw)
        if not 200 <= status < 300:
            raise Refused(f"{method} {path}: {status} {answer[:300].decode(errors='replace')}")
        return answer

    async def close(self) -> None:
        while not self._free.empty():
            connection = self._free.get_nowait()
            if connection is not None:
                connection.close()

    @asynccontextmanager
    async def _connection(self) -> "AsyncGenerator[_Connection]":
        connection = await self._free.get()
        try:
            if connection is None or connection.closed:
                loop = asyncio.get_running_loop()
                _, connection = await loop.create_connection(_Connection, self._host, self._port)
            yield connection
        finally:
            self._free.put_nowait(connection)


class _Connection(asyncio.Protocol):
    """One connection; `ask` is not called again before it has answered."""

    def __init__(self) -> None:
        self.closed = False
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("de verbinding werd verbroken"))

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer, self._body = (self._parser.get_status_code(), self._body), b""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)
        self._parser = httptools.HttpResponseParser(self)
