"""The outer ring of every HTTP app: headers, limits, the access log, and an answer whatever happens. Pure ASGI."""

import asyncio
import re
from collections.abc import Iterable
from math import ceil
from random import uniform
from time import perf_counter

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.register import one_register
from services.runtime.database.faults import Fault, fault_of
from services.runtime.http.body import limited, strict_json
from services.runtime.http.pages import PageForProblem
from services.runtime.http.problems import PROBLEM_TYPE, is_json, plain_problem, problem_response
from services.runtime.http.rates import RATES, Charge, Rates
from services.runtime.process.metrics import observe_request
from services.runtime.process.tracing import continue_trace, current_traceparent
from services.runtime.unit.decision import Refused

MAX_BODY_BYTES = 1024 * 1024
MAX_STREAM_BYTES = 64 * MAX_BODY_BYTES
"""Where a body is read while it comes in; the endpoint says itself, in its own words, what is too much."""
_BROKEN_OFF = 499
"""In log and metrics, where nobody is left to be answered."""

_FIXED = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
_UNLESS_SET = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)

log = structlog.get_logger(__name__)


class Edge:
    """`headers` go on every response (API-Version). `name` is the app in log lines and metrics.

    Outside `base_path` there is nothing; the app sees paths without it.

    A body over `max_body` bytes is 413, also when it is sent in pieces; on a path that `streams` matches it is read
    while it comes in and may be larger. An exception that nobody caught is logged
    without what was sent and answered with 500, or with 503 where the database cannot be reached.

    Every problem, whoever answers it, is a page for whoever asks for one.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        name: str,
        base_path: str = "",
        headers: Iterable[tuple[bytes, bytes]] = (),
        max_body: int = MAX_BODY_BYTES,
        streams: re.Pattern[str] | None = None,
    ) -> None:
        self._app = app
        self._name = name
        self._base_path = base_path
        self._headers = (*_FIXED, *headers)
        self._max_body = max_body
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(message)
            await send(message)

        answer = PageForProblem(scope, send_with_headers, problem_type=PROBLEM_TYPE)
        sent = {name: value for name, value in scope["headers"] if name in _READ}
        rates: Rates | None = scope.get(RATES)
        charge = None if rates is None else rates.charge(scope, sent)
        token = current_traceparent.set(continue_trace(sent.get(b"traceparent", b"").decode("latin-1")))
        try:
            if charge is not None and charge.wait:
                await _turn_away(charge, scope, receive, answer)
            elif rates is not None and charge is not None:
                async with rates.turn(charge):
                    await self._guarded(scope, receive, answer, sent, charge)
            else:
                await self._guarded(scope, receive, answer, sent, None)
        except ClientDisconnect:
            status = _BROKEN_OFF
            log.info("request_broken_off", app=self._name, method=scope["method"], route=_route_of(scope))
        except Exception as error:
            log.exception("request_failed", app=self._name, method=scope["method"], route=_route_of(scope))
            if status:
                raise  # the response is under way; the server breaks the connection
            failed = plain_problem(500 if fault_of(error) in {None, Fault.MESSAGE} else 503)
            await problem_response(failed)(scope, receive, answer)
        finally:
            if rates is not None and charge is not None:
                rates.settle(charge, valid="houvast.partij" in scope, status=status)
            self._account(scope, status, perf_counter() - started)
            current_traceparent.reset(token)

    async def _guarded(
        self, scope: Scope, receive: Receive, send: Send, sent: dict[bytes, bytes], charge: Charge | None
    ) -> None:
        refused = self._refused_at_once(scope, sent)
        if refused is not None:
            await problem_response(refused)(scope, receive, send)
            return
        most = self._most(scope)
        if charge is not None and most == self._max_body:
            charge.add_bytes(int(sent.get(b"content-length", b"0")))
        if b"transfer-encoding" in sent:
            receive = limited(receive, most, charge)
        if is_json(sent.get(b"content-type", b"").decode("latin-1")):
            receive = strict_json(receive, charge)
        scope["root_path"] = self._base_path
        with one_register():
            await self._app(scope, receive, send)

    def _refused_at_once(self, scope: Scope, sent: dict[bytes, bytes]) -> Refused | None:
        length = sent.get(b"content-length", b"0")
        if not length.isdigit() or b"%00" in scope.get("query_string", b""):
            return plain_problem(400)
        if int(length) > self._most(scope):
            return plain_problem(413)
        path: str = scope["path"]
        if "\x00" in path or not path.startswith(self._base_path + "/"):
            return plain_problem(404)
        return None

    def _most(self, scope: Scope) -> int:
        """How large a body may be here, in bytes."""
        path: str = scope["path"]
        streamed = self._streams is not None and self._streams.fullmatch(path.removeprefix(self._base_path))
        return MAX_STREAM_BYTES if streamed else self._max_body

    def _add_headers(self, message: Message) -> None:
        headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
        present = {name for name, _ in headers}
        headers.extend(self._headers)
        headers.extend(pair for pair in _UNLESS_SET if pair[0] not in present)
        message["headers"] = headers

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route_of(scope)
        observe_request(self._name, scope["method"], route, status, seconds)
        log.info(
            "request_handled",
            app=self._name,
            method=scope["method"],
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            partij=scope.get("houvast.partij"),
        )


_READ = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"cookie",
        b"traceparent",
        b"transfer-encoding",
        b"x-forwarded-for",
    }
)


async def _turn_away(charge: Charge, scope: Scope, receive: Receive, send: Send) -> None:
    """Whoever takes no notice waits for its answer and has to connect again; what it sent is not read."""
    headers = {"Retry-After": str(ceil(charge.wait))}
    if charge.hold:
        # not all at one moment: who was held back together would come back together
        await asyncio.sleep(charge.hold * uniform(0.5, 1.5))  # noqa: S311
        headers["Connection"] = "close"
    await problem_response(plain_problem(429), headers)(scope, receive, send)


def _route_of(scope: Scope) -> str:
    """The path as it was declared: what was filled in may be a token, and makes too many names for a metric."""
    route = scope.get("route")
    return getattr(route, "path", None) or "-"
