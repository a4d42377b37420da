"""What a person in a browser sees where a system gets a problem: a page in Dutch that says what one can do."""

import html
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Scope, Send

from services.runtime.access.tokens import Caller
from services.runtime.http import look

SIGN_IN_PATH = "/inloggen"
HOME = "/"
_LONGEST_PATH = 500
_OWN_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")
_MESSAGE = look.environment(look.TEMPLATES).get_template("bericht.html.j2")
_NOT_FOR_A_PAGE = frozenset({"content-length", "content-type", "www-authenticate"})

_ADVICE: Mapping[int, str] = {
    400: "Ga terug, verbeter wat hierboven staat en probeer het opnieuw.",
    401: "Log in en doe daarna nog eens wat u wilde doen. Er is niets vastgelegd.",
    403: "Hebt u deze toegang nodig voor uw werk, vraag haar dan aan uw beheerder.",
    404: "Kijk of u de link helemaal hebt overgenomen. Een casus die niet (meer) bij uw organisatie hoort, ziet u hier niet.",
    409: "Intussen is er iets veranderd. Ga terug, laad de bladzijde opnieuw en kijk wat er nu staat.",
    410: "Gebruik de link uit het nieuwste bericht, of neem contact op met Veilig Thuis.",
    413: "Ga terug en stuur minder of een kleiner bestand.",
    429: "Wacht een minuut en probeer het dan opnieuw.",
    500: "Blijft dit zo, meld het dan aan uw beheerder, met het tijdstip. Kan uw casus niet wachten, bel dan met Veilig Thuis.",
    503: "Kan uw casus niet wachten, bel dan met Veilig Thuis.",
}

_ADVICE_ON: Mapping[str, str] = {
    "ander-aangemeld": "Open de bladzijde opnieuw, onder uw eigen naam. Was u het zelf, log dan uit en meld u weer aan.",
}
"""Where a code says more than its status."""


class SignInFirst(Exception):
    """Nobody is signed in, and this is a page."""


async def on_sign_in_first(request: Request, error: Exception) -> Response:
    del error
    return RedirectResponse(sign_in_address(request.scope), status_code=303)


def page(
    title: str,
    body: str,
    *,
    caller: Caller | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page of the hub itself; `title` and `body` are markup. With `caller` the menu of who is signed in."""
    return look.page(_MESSAGE, caller, status=status, headers=headers, titel=title, tekst=body, smal=True)


def button(text: str) -> str:
    """What sends a form, as markup; `text` is too."""
    return f'<button class="utrecht-button utrecht-button--primary-action" type="submit">{text}</button>'


def own_path(text: str) -> str:
    """The text where it is a path on this hub, however it was encoded; else the home page. No way to another site."""
    plain = text
    while (decoded := unquote(plain)) != plain:
        plain = decoded
    foreign = "//" in plain or "\\" in plain or not plain.isprintable()
    if foreign or len(text) > _LONGEST_PATH or not _OWN_PATH.fullmatch(text):
        return HOME
    return HOME if plain.startswith((SIGN_IN_PATH, "/uitloggen")) else text


def sign_in_address(scope: Scope) -> str:
    """Where a visitor signs in and then comes back to what was asked for."""
    return sign_in_for(_asked(scope))


def sign_in_for(asked: str) -> str:
    """The same for the text of a path."""
    landing = own_path(asked)
    return SIGN_IN_PATH if landing == HOME else f"{SIGN_IN_PATH}?naar={quote(landing, safe='')}"


def wants_page(headers: Headers) -> bool:
    """Whether a browser asks for something to read; who accepts JSON as gladly, or names nothing, is a system."""
    weights: dict[str, float] = {}
    for part in headers.get("accept", "").split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights[kind] = _weight(parameters)
    json = max(weights.get(kind, 0) for kind in ("application/json", "application/problem+json"))
    return weights.get("text/html", 0) > json


def _weight(parameters: list[str]) -> float:
    given = next((value for name, _, value in (part.partition("=") for part in parameters) if name == "q"), "1")
    try:
        return float(given)
    except ValueError:
        return 0


class PageForProblem:
    """A `send` that gives whoever wants a page a page where the app answers with a problem. All else passes."""

    def __init__(self, scope: Scope, send: Send, *, problem_type: str) -> None:
        self._scope = scope
        self._send = send
        self._problem_type = problem_type
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await self._answer(self._start)

    def _is_problem(self, start: Message) -> bool:
        kind = Headers(raw=start["headers"]).get("content-type", "")
        return kind.startswith(self._problem_type) and wants_page(Headers(scope=self._scope))

    async def _answer(self, start: Message) -> None:
        response = self._page(start["status"])
        headers = MutableHeaders(raw=list(start["headers"]))
        for name in _NOT_FOR_A_PAGE:
            del headers[name]
        kept = [pair for pair in headers.raw if pair[0].decode("latin-1") not in response.headers]
        await self._send({**start, "status": response.status_code, "headers": [*response.raw_headers, *kept]})
        await self._send({"type": "http.response.body", "body": response.body})

    def _page(self, status: int) -> Response:
        if status == HTTPStatus.UNAUTHORIZED and self._scope["method"] in {"GET", "HEAD"}:
            return RedirectResponse(sign_in_address(self._scope), status_code=303)
        return problem_page(self._scope, orjson.loads(self._body))


def problem_page(scope: Scope, problem: Mapping[str, Any]) -> Response:
    """What is wrong, all of it at once, and what the reader can do about it."""
    status: int = problem["status"]
    sentence = html.escape(_sentence(str(problem["detail"]))) if status not in _UNREADABLE else _UNREADABLE[status]
    wrong = problem.get("fouten", ())
    if status == HTTPStatus.NOT_FOUND and wrong:
        sentence, wrong = _NOWHERE, ()
    elif wrong and all(error["plaats"].startswith(_IN_ADDRESS) for error in wrong):
        sentence = _WRONG_ADDRESS
    elif len(wrong) == 1:
        wrong = ()  # it is the detail already
    errors = "".join(
        f"<li>{html.escape(error['plaats'].removeprefix(_IN_ADDRESS))}: {html.escape(error['melding'])}</li>"
        for error in wrong
    )
    advice = _ADVICE_ON.get(str(problem.get("code"))) or _ADVICE.get(status, "Ga terug en probeer het opnieuw.")
    body = f"<p>{sentence}</p>{f'<ul>{errors}</ul>' if errors else ''}<p>{advice}</p>{_ways_on(scope, status)}"
    caller: Caller | None = scope.get("houvast.caller")
    return page(html.escape(str(problem["title"])), body, caller=caller, status=status)


_UNREADABLE: Mapping[int, str] = {
    401: "U bent niet ingelogd, of uw sessie is verlopen.",
    405: "Deze bladzijde bestaat, maar u kunt haar zo niet openen.",
}
"""Where the detail speaks of headers."""
_NOWHERE = "Wat u zoekt, is er niet, of is niet voor u."
_IN_ADDRESS = "query."
_WRONG_ADDRESS = "In het adres van deze bladzijde staat iets dat hier niet kan."
"""Where the detail speaks of a part of the address."""


def _ways_on(scope: Scope, status: int) -> str:
    """To the home page or to sign in; who is signed in can do that as somebody else."""
    if status == HTTPStatus.UNAUTHORIZED:
        return f'<p><a href="{SIGN_IN_PATH}">Inloggen</a></p>'
    caller: Caller | None = scope.get("houvast.caller")
    home = f'<p><a href="{HOME}">Naar de beginpagina</a></p>'
    if caller is None or status not in {403, 404}:
        return home
    organisatie = html.escape(caller.organisatie or caller.partij)
    back = html.escape(own_path(_asked(scope)) if scope["method"] == "GET" else HOME, quote=True)
    return (
        f"{home}<p>U bent ingelogd voor {organisatie}. Is dit voor een andere organisatie, log dan opnieuw in.</p>"
        f'<form method="post" action="/uitloggen"><input type="hidden" name="naar" value="{back}">'
        f"{button('Uitloggen')}</form>"
    )


def _asked(scope: Scope) -> str:
    path = quote(scope["path"], safe="/%:@!$&'()*+,;=~")
    query: str = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
