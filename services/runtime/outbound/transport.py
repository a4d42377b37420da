"""httpx over the connections of aiohttp: the interface of the one, a quarter of the processor time of its own engine.

Every connection goes to an address that `resolve` gave, also where a URL holds an address and no name. Nothing is
followed, kept between calls or unpacked. An answer is read up to a bound, and for twice the time of one read at most:
whoever it is, it does not fill our memory or hold our place. What goes wrong is told in the exceptions of httpx, with
its cause.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import contextmanager
from io import BytesIO
from ipaddress import ip_address

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""The addresses of a host and port; raises `OSError` where there are none or none that may be called."""

_KEPT_SECONDS = 30.0
_CHUNK_BYTES = 64 * 1024
_LARGE_BYTES = 512 * 1024


class AnswerTooLong(httpx.RemoteProtocolError):
    """An answer that goes on where it should have ended long ago."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """For one endpoint: at most `connections` at a time, kept for half a minute. Open it inside a running loop.

    `most_read` is in bytes, of one answer.
    """

    def __init__(self, *, resolve: Resolve, ssl_context: ssl.SSLContext, connections: int, most_read: int) -> None:
        self._most_read = most_read
        self._resolve = resolve
        self._ssl_context = ssl_context
        self._connections = connections
        self._opened: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions.get("timeout", {})
        with _in_words_of_httpx():
            if _is_address(request.url.host):  # aiohttp asks its resolver about names alone
                await self._resolve(request.url.host, request.url.port or 0)
            answer = await self._session().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[*_said(request.headers), ("accept-encoding", "identity")],
                data=_in_pieces(await request.aread()),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=_whole(timeout.get("read")),
                    connect=timeout.get("pool"),
                    sock_connect=timeout.get("connect"),
                    sock_read=timeout.get("read"),
                ),
            )
        headers = [(name, value) for name, value in answer.raw_headers if name.lower() != b"content-encoding"]
        return httpx.Response(answer.status, headers=headers, stream=_Stream(answer, self._most_read), request=request)

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            connector = aiohttp.TCPConnector(
                limit=self._connections,
                ssl=self._ssl_context,
                resolver=_Resolver(self._resolve),
                use_dns_cache=False,
                keepalive_timeout=_KEPT_SECONDS,
            )
            self._opened = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("Content-Type",),
            )
        return self._opened


class _Resolver(AbstractResolver):
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        del family  # whichever it is
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._resolve(host, port)
        ]

    async def close(self) -> None:
        """It holds nothing."""


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, most_read: int) -> None:
        self._answer = answer
        self._most_read = most_read

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most_read
        with _in_words_of_httpx():
            async for chunk in self._answer.content.iter_chunked(_CHUNK_BYTES):
                left -= len(chunk)
                if left < 0:
                    raise AnswerTooLong(f"het antwoord is langer dan {self._most_read // 1024} kB")
                yield chunk

    async def aclose(self) -> None:
        self._answer.release()  # breaks the connection where not all was read


@contextmanager
def _in_words_of_httpx() -> Generator[None]:
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from error
    except aiohttp.ServerTimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (aiohttp.ClientConnectorError, aiohttp.ClientSSLError) as error:
        raise httpx.ConnectError(str(error)) from error.__cause__  # which says more than what is put around it
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    except aiohttp.InvalidURL as error:
        raise httpx.UnsupportedProtocol(str(error)) from error
    except TimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.NetworkError(str(error)) from error


def _in_pieces(content: bytes) -> bytes | BytesIO:
    """What is large is written a piece at a time, so that others get their turn."""
    return BytesIO(content) if len(content) > _LARGE_BYTES else content


def _whole(read_seconds: float | None) -> float | None:
    return None if read_seconds is None else 2 * read_seconds


def _said(headers: httpx.Headers) -> list[tuple[str, str]]:
    """Without the packing that httpx offers to take: a small answer that unpacks to a large one is not taken either."""
    return [(name, value) for name, value in headers.multi_items() if name != "accept-encoding"]


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
