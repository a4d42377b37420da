"""A caller that misbehaves, in a process and from an address of its own: `python -m lab.bench.misbruiker`.

What to do comes as one line of JSON on standard input; it goes on until that is closed. It runs at the lowest priority:
whoever does this for real brings its own processor.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import orjson
import uvloop

ADDRESS = "127.0.0.2"
CONNECTIONS = 64
_SLOW_CONNECTIONS = 200
_PATH = "/triage/v1/meldingen"
_LARGE = 1_000_000

Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


def _post(body: bytes, token: str) -> bytes:
    return (
        f"POST {_PATH} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _repeat(body: bytes, token: str) -> Iterator[bytes]:
    request = _post(body, token)
    while True:
        yield request


def _large(token: str) -> Iterator[bytes]:
    return _repeat(b'{"omschrijving": "' + b"\\u00e9" * (_LARGE // 6) + b'", "betrokkenen": 3}', token)


def _many_errors(token: str) -> Iterator[bytes]:
    return _repeat(orjson.dumps({f"veld{number}": number for number in range(10_000)}), token)


def _many_errors_within_bounds(token: str) -> Iterator[bytes]:
    return _repeat(orjson.dumps({"betrokkenen": [{} for _ in range(950)]}), token)


def _deep(token: str) -> Iterator[bytes]:
    return _repeat(b'{"a":' * 150_000 + b"1" + b"}" * 150_000, token)


def _pieces(token: str) -> Iterator[bytes]:
    head = f"POST {_PATH} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
    while True:
        yield f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + b"1\r\n \r\n" * 100_000 + b"0\r\n\r\n"


def _flood(token: str) -> Iterator[bytes]:
    return _repeat(b'{"gemeente": "GM0758"}', token)


def _guesses(_: str) -> Iterator[bytes]:
    for number in count():
        yield _post(b"{}", f"hv_{number:043d}")


async def _hammer(open_one: Open, requests: Iterator[bytes]) -> None:
    """One request after another, again and again, whatever the answer is."""
    while True:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            reader, writer = await open_one()
            try:
                while True:
                    writer.write(next(requests))
                    await _read_answer(reader)
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.01)


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    _, _, after = head.lower().partition(b"content-length: ")
    await reader.readexactly(int(after.partition(b"\r\n")[0] or 0))


async def _dawdle(open_one: Open, head: bytes) -> None:
    """Half a request, and then a byte a second."""
    while True:
        with suppress(OSError):
            _, writer = await open_one()
            writer.write(head)
            try:
                while not writer.transport.is_closing():
                    writer.write(b"x")
                    await asyncio.sleep(1)
            finally:
                writer.transport.abort()


async def _read_nothing(open_one: Open, request: bytes) -> None:
    """Ask for much, many times at once, and read none of it."""
    while True:
        with suppress(OSError):
            _, writer = await open_one()
            writer.write(request * 50)
            try:
                await writer.wait_closed()
            finally:
                writer.transport.abort()


HAMMERS: dict[str, Callable[[str], Iterator[bytes]]] = {
    "grote ongeldige bodies (1 MB)": _large,
    "10.000 fouten in een body": _many_errors,
    "zoveel fouten als er mogen zijn": _many_errors_within_bounds,
    "diepe JSON (150.000 niveaus)": _deep,
    "bodies in stukjes van een byte": _pieces,
    "stortvloed met een geldig token": _flood,
    "stortvloed van geraden tokens": _guesses,
}
_SLOW: dict[str, tuple[Callable[[Open, bytes], Coroutine[None, None, None]], bytes]] = {
    "trage headers": (_dawdle, b"GET / HTTP/1.1\r\nHost: hub\r\nX-Traag: "),
    "trage bodies": (_dawdle, f"POST {_PATH} HTTP/1.1\r\nHost: hub\r\nContent-Length: 100000\r\n\r\n".encode()),
    "trage lezers": (_read_nothing, b"GET /triage/v1/openapi.json HTTP/1.1\r\nHost: hub\r\n\r\n"),
}
KINDS = (*HAMMERS, *_SLOW)


async def _misbehave(task: dict[str, Any]) -> None:
    async def open_one() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", task["port"], local_addr=(ADDRESS, 0))

    kind: str = task["kind"]
    jobs: list[Coroutine[None, None, None]]
    if kind in HAMMERS:
        requests = HAMMERS[kind](task["token"])
        jobs = [_hammer(open_one, requests) for _ in range(CONNECTIONS)]
    else:
        dawdle, opening = _SLOW[kind]
        jobs = [dawdle(open_one, opening) for _ in range(_SLOW_CONNECTIONS)]
    running = asyncio.gather(*jobs)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


if __name__ == "__main__":
    os.nice(19)
    uvloop.run(_misbehave(orjson.loads(input())))
