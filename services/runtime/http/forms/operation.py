"""The operation that a form stands for, called as a system calls it: so rights, limits, checks and journal are its own."""

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import Message, Scope

from services.runtime.http.problems import PROBLEM_TYPE

_PASSED_ON = frozenset({b"cookie", b"host", b"origin", b"sec-fetch-site", b"traceparent", b"authorization"})
"""Who calls and from where: the operation looks at that itself."""
_KEPT = ("type", "asgi", "http_version", "scheme", "server", "client")
_CREATED = 200, 299


@dataclass(frozen=True, slots=True)
class Answer:
    """What the operation said."""

    status: int
    body: dict[str, Any]

    @property
    def is_done(self) -> bool:
        least, most = _CREATED
        return least <= self.status <= most


async def call(request: Request, *, method: str, path: str, body: object, key: str) -> Answer:
    """Send this body to this operation of the app that serves the request, as whoever sent the request."""
    raw = orjson.dumps(body)
    passed = [(name, value) for name, value in request.scope["headers"] if name in _PASSED_ON]
    said = {
        b"accept": PROBLEM_TYPE.encode(),
        b"content-type": b"application/json",
        b"content-length": str(len(raw)).encode(),
        b"idempotency-key": key.encode("ascii", "replace"),
    }
    scope: Scope = {
        **{name: request.scope[name] for name in _KEPT if name in request.scope},
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*passed, *said.items()],
    }
    sent = [{"type": "http.request", "body": raw, "more_body": False}]
    heard: list[Message] = []

    async def receive() -> Message:
        return sent.pop() if sent else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        heard.append(message)

    await request.app(scope, receive, send)
    return _answer_of(heard)


def _answer_of(heard: list[Message]) -> Answer:
    start = heard[0]
    raw = b"".join(message.get("body", b"") for message in heard[1:])
    body: dict[str, Any] = orjson.loads(raw) if raw else {}
    return Answer(start["status"], body)
