"""A connection that cannot hold others up: a head of a bounded size, and nobody who is waited for without end.

uvicorn with httptools bounds neither: a head may go on for ever, and whoever sends or reads a byte a minute is waited
for as long as it lasts. Here the server looks once a second which connections are overdue.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from math import inf
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from services.runtime.http.problems import PROBLEM_TYPE, plain_problem, problem_body
from services.runtime.http.rates import Pace
from services.runtime.process.limits import Limits, is_trusted

_MOST_PIECES = 512
_PIECE_BYTES = 128
"""How many chunks a body may come in, and one more for each of these: a chunk costs as much as a kilobyte."""
_REFUSALS_PER_SECOND = 5.0
"""How often an address may be refused for the way it sends; who goes on is not read for a while."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What the server waits for. A body may take `body_seconds` and one more for every `bytes_per_second` that came.

    An answer that nobody reads any further is given up after `answer_seconds`; who goes on sending after it was
    answered is cut off after `after_seconds`.
    """

    head_bytes: int = 16 * 1024
    head_seconds: float = 10
    body_seconds: float = 20
    bytes_per_second: float = 4 * 1024
    answer_seconds: float = 30
    after_seconds: float = 5


@dataclass(slots=True)
class Doorkeeper:
    """What the connections of one server have in common."""

    limits: Limits
    patience: Patience
    by_address: Counter[str] = field(default_factory=Counter[str])
    refusals: Pace = field(default_factory=lambda: Pace(_REFUSALS_PER_SECOND))

    def enter(self, address: str) -> bool:
        """Whether there is room for one more from here; one of our own proxies may have any number."""
        self.by_address[address] += 1
        return self.by_address[address] <= self.limits.connections or self._is_ours(address)

    def bars(self, address: str, now: float) -> bool:
        """Whether so much from here was refused lately that it is not read now."""
        return self.refusals.wait(address, now) > 0 and not self._is_ours(address)

    def leave(self, address: str) -> None:
        self.by_address[address] -= 1
        if not self.by_address[address]:
            del self.by_address[address]

    def _is_ours(self, address: str) -> bool:
        return is_trusted(address, self.limits.trusted_proxies)


class _Awaits(Enum):
    """What the client has to do before anything can go on."""

    HEAD = auto()
    BODY = auto()
    END = auto()
    """The end of a body that was answered already."""
    GOING = auto()
    """Its end of the connection closed: it was refused, and would miss the reason if we closed first."""
    NOTHING = auto()


class _TooLarge(Exception):
    """Ends the reading of a head; the parser passes it on."""


class BoundedConnection(HttpToolsProtocol):
    """The protocol of uvicorn with bounds."""

    def __init__(self, *arguments: Any, doorkeeper: Doorkeeper, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._doorkeeper = doorkeeper
        self._patience = doorkeeper.patience
        self._refused = 400
        self._unread_since: float | None = None
        self._head = 0
        """Bytes of the head that the parser told of; trailers count along."""
        self._untold = 0
        """Bytes that came for this head after it began: a line that does not end is told of by nobody."""
        self._body = 0
        self._pieces = 0
        self._begun = False
        """Whether anything was asked since the last answer."""
        self._await(_Awaits.HEAD)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self.client is None:
            return
        if not self._doorkeeper.enter(self.client[0]):
            self.transport.abort()
        elif self._doorkeeper.bars(self.client[0], self.loop.time()):
            self.transport.pause_reading()
            self._await(_Awaits.GOING)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.client is not None:
            self._doorkeeper.leave(self.client[0])

    def data_received(self, data: bytes) -> None:
        if self._awaits is _Awaits.GOING:
            return
        if self._awaits is not _Awaits.BODY:
            self._untold += len(data)
        super().data_received(data)
        if self._awaits is _Awaits.NOTHING and self._answered:
            self._await(_Awaits.HEAD)  # bytes between two requests ended uvicorn's own wait for the next
        if self._awaits is _Awaits.HEAD and self._untold > self._patience.head_bytes:
            self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = self._body = self._pieces = 0
        self._begun = True
        self._await(_Awaits.HEAD)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._count_head(len(name) + len(value) + len(": \r\n"))

    def on_headers_complete(self) -> None:
        self._untold = 0
        self._await(_Awaits.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._body += len(body)
        self._pieces += 1
        if self._pieces > _MOST_PIECES + self._body // _PIECE_BYTES:
            self._refused = 413
            raise _TooLarge

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._awaits = _Awaits.NOTHING
        self._begun = False

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._awaits is _Awaits.BODY:
            self._await(_Awaits.END)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread_since = None

    def send_400_response(self, msg: str) -> None:
        """What cannot be read, told as every other refusal is."""
        del msg
        self._refuse(self._refused)

    def close_if_overdue(self, now: float) -> None:
        """To be called now and then; `now` is the time of the loop."""
        if self.transport.get_write_buffer_size() == 0:
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since = now
        elif now - self._unread_since > self._patience.answer_seconds:
            self.transport.abort()
        if self.flow.read_paused:  # it is we who are busy
            self._since = now
        elif now - self._since > self._allowed():
            if self._begun and self._awaits in {_Awaits.HEAD, _Awaits.BODY}:
                self._refuse(408)
            else:
                self.transport.close()

    @property
    def _answered(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        return cycle is None or cycle.response_complete

    def _allowed(self) -> float:
        match self._awaits:
            case _Awaits.HEAD:
                return self._patience.head_seconds
            case _Awaits.BODY:
                return self._patience.body_seconds + self._body / self._patience.bytes_per_second
            case _Awaits.END | _Awaits.GOING:
                return self._patience.after_seconds
            case _Awaits.NOTHING:
                return inf

    def _await(self, awaits: _Awaits) -> None:
        self._awaits = awaits
        self._since = self.loop.time()

    def _count_head(self, size: int) -> None:
        self._head += size
        if self._head > self._patience.head_bytes:
            self._refused = 431
            raise _TooLarge

    def _refuse(self, status: int) -> None:
        """Say why, where nothing else is being said, and hear nothing any more."""
        if self.client is not None:
            self._doorkeeper.refusals.add(self.client[0], 1.0, self.loop.time())
        if self._answered or (self._awaits is _Awaits.BODY and not self.cycle.response_started):
            self.transport.write(_refusal(status))
            self.transport.write_eof()
        else:
            self.transport.close()
        if not self._answered:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._await(_Awaits.GOING)


def _refusal(status: int) -> bytes:
    body = problem_body(plain_problem(status))
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: {PROBLEM_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
