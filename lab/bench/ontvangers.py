"""The endpoints of gemeenten while deliveries are measured, in a process of their own.

`python -m lab.bench.ontvangers`, its task as one line of JSON on standard input: every endpoint takes what comes at
once, but those in `hangend` never answer. `GET /aangekomen` gives the arrivals by endpoint, on the monotonic clock that the
processes of a machine share.
"""

import asyncio
import json
import sys
import time
from typing import cast

import httptools
import orjson
import uvloop


class _Receiving(asyncio.Protocol):
    """Takes what comes at once, except where it was told to hang."""

    def __init__(self, arrived: list[tuple[str, str, float]], hanging: frozenset[str]) -> None:
        self._arrived = arrived
        self._hanging = hanging
        self._transport: asyncio.Transport | None = None
        self._begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"webhook-id":
            self._id = value.decode()

    def on_message_complete(self) -> None:
        assert self._transport is not None
        at, name = time.perf_counter(), self._url.decode().lstrip("/")
        if name == "aangekomen":
            told = orjson.dumps(self._arrived)
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told) + told)
        elif name not in self._hanging:
            self._arrived.append((self._id, name, at))
            self._transport.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        self._begin()

    def _begin(self) -> None:
        self._parser, self._url, self._body, self._id = httptools.HttpRequestParser(self), b"", b"", ""


async def _receive() -> None:
    loop = asyncio.get_running_loop()
    task = json.loads(await asyncio.to_thread(sys.stdin.buffer.readline))
    arrived: list[tuple[str, str, float]] = []
    hanging = frozenset(task["hangend"])
    server = await loop.create_server(lambda: _Receiving(arrived, hanging), "127.0.0.1", task["port"])
    async with server:
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    uvloop.run(_receive())
