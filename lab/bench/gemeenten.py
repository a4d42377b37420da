"""The gemeenten of the benchmark, in a process of their own: they take an overdracht, then confirm and take it up.

`python -m lab.bench.gemeenten` reads its task as one line of JSON on standard input: `port`, the `hub` to
answer to, and the `tokens` by gemeente. `GET /ontvangen` gives when each case arrived, on the monotonic clock that the
processes of a machine share. It ends with its standard input.
"""

import asyncio
import contextlib
import sys
import time
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
import orjson
import uvloop

from contracts.messages.identifiers import derived_id
from lab.bench.http import Client, Refused

_NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
_MEDEWERKER = {"medewerker": {"naam": "Robin Zandbak", "functie": "medewerker lokaal team"}}
ANSWERING = 64
"""Answers under way at a time."""


class Gemeenten:
    """What arrived, and who answers it."""

    def __init__(self, client: Client, tokens: dict[str, str]) -> None:
        self.arrived: dict[str, float] = {}
        self.taken_up = 0
        self.refused: list[str] = []
        self._client = client
        self._tokens = tokens
        self._to_answer: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def receive(self, body: bytes) -> None:
        """Note the moment first; reading it comes after."""
        now = time.perf_counter()
        data: dict[str, Any] = orjson.loads(body)["data"]
        if data["casusId"] not in self.arrived:
            self.arrived[data["casusId"]] = now
            self._to_answer.put_nowait(data)

    def told(self) -> bytes:
        return orjson.dumps({"aangekomen": self.arrived, "opgepakt": self.taken_up, "geweigerd": self.refused[:10]})

    async def answer(self) -> None:
        """Until cancelled."""
        while True:
            data = await self._to_answer.get()
            try:
                for url in (data["reactie"]["ontvangstbevestiging"], data["reactie"]["verdeling"]):
                    await self._post(data["gemeente"], url)
                self.taken_up += 1
            except (Refused, OSError) as error:
                self.refused.append(str(error))

    async def _post(self, gemeente: str, url: str) -> None:
        headers = {
            "Authorization": f"Bearer {self._tokens[gemeente]}",
            "Idempotency-Key": str(derived_id("bench", url)),
        }
        await self._client.post(urlsplit(url).path, _MEDEWERKER, headers=headers)


class _Endpoint(asyncio.Protocol):
    """Answers 202 at once, whatever it gets."""

    def __init__(self, gemeenten: Gemeenten) -> None:
        self._gemeenten = gemeenten
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""
        self._url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        assert self._transport is not None
        body, self._body = self._body, b""
        self._parser = httptools.HttpRequestParser(self)
        if self._url == b"/ontvangen":
            told = self._gemeenten.told()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told) + told)
            return
        if not body:
            self._transport.write(_NOT_HERE)
            return
        self._gemeenten.receive(body)
        self._transport.write(_ACCEPTED)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    task = orjson.loads(await asyncio.to_thread(sys.stdin.buffer.readline))
    hub = urlsplit(str(task["hub"]))
    client = Client(cast("str", hub.hostname), cast("int", hub.port), connections=ANSWERING)
    gemeenten = Gemeenten(client, task["tokens"])
    server = await loop.create_server(lambda: _Endpoint(gemeenten), "127.0.0.1", task["port"])
    answering = [asyncio.create_task(gemeenten.answer()) for _ in range(ANSWERING)]
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
    await asyncio.wait([ended, *answering], return_when=asyncio.FIRST_COMPLETED)
    for worker in answering:
        worker.cancel()
    server.close()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*answering)


if __name__ == "__main__":
    uvloop.run(_serve())
