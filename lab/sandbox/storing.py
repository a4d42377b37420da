"""What a sender notices of an endpoint that is out."""

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from contracts.messages.envelope import Problem
from lab.sandbox.gedrag import Storing, Storingsoort
from services.runtime.http.problems import problem_response, title_of
from services.runtime.unit.decision import Refused


def out_of_order(storing: Storing) -> Response:
    """The answer, as far as there is one."""
    match storing.soort:
        case Storingsoort.ONBESCHIKBAAR:
            unavailable = Refused(503, title_of(503), (Problem("$", "Deze gemeente heeft een storing."),), "storing")
            return problem_response(unavailable)
        case Storingsoort.VERBROKEN:
            return _HalfResponse()
        case Storingsoort.STIL:
            return _Silence()


class _HalfResponse(Response):
    """Promises more than it sends; the server then breaks the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ClientDisconnect


class _Silence(Response):
    """Says nothing until the other side gives up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        while (await receive())["type"] != "http.disconnect":
            pass
