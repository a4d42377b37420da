"""Every error as `application/problem+json` (RFC 9457): what is wrong, all of it at once, and never what was sent."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, JsonValue
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from contracts.messages.envelope import Problem, dutch, without_consequences
from services.runtime.unit.decision import Refused

PROBLEM_TYPE = "application/problem+json"
_BODY = "De inhoud van de aanvraag"
_SEND_JSON = "; stuur een JSON-object, al is het leeg: {}"
NOT_TYPED = ("header.", "path.", "query.", "Idempotency-Key")
"""Before the places of what stands in no body: a person in a browser typed none of it."""
MOST_SHOWN = 100
_LONGEST_PLACE = 200

_TITLES: Mapping[int, str] = {
    400: "De aanvraag is niet geldig",
    401: "Niet aangemeld",
    403: "Geen toegang",
    404: "Niet gevonden",
    405: "Deze methode kan hier niet",
    408: "De aanvraag kwam te langzaam binnen",
    409: "Past niet bij de huidige toestand",
    410: "Niet meer beschikbaar",
    413: "De aanvraag is te groot",
    415: "Dit mediatype wordt niet gelezen",
    422: "Kan niet worden verwerkt",
    429: "Te veel aanvragen",
    431: "De headers zijn te groot",
    500: "Er ging iets mis",
    503: "Even niet beschikbaar",
}

_DETAILS: Mapping[int, str] = {
    401: "Geef een geldig token mee in de header Authorization: Bearer. Het ontbreekt, is onbekend of geldt niet meer.",
    404: "Hier is niets, of niets dat u mag zien.",
    405: "De toegestane methoden staan in de header Allow.",
    429: "Wacht zo lang als de header Retry-After zegt; herhalen is dan veilig.",
    500: "De fout is vastgelegd. Er is niets van deze aanvraag verwerkt; u kunt haar veilig herhalen.",
    503: "Probeer het zo meteen opnieuw; herhalen is veilig.",
}


class Fout(BaseModel):
    """Eén fout in de aanvraag en waar die zit."""

    plaats: str = Field(
        description="Pad in de JSON met punten, `$` voor het geheel; anders `query.…`, `path.…` of `header.…`."
    )
    melding: str


class Probleem(BaseModel):
    """Een fout volgens RFC 9457."""

    type: str = Field(description="Soort fout, als URN.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    code: str = Field(description="Korte naam van de fout, voor software.")
    fouten: list[Fout] | None = Field(default=None, description="Alle fouten tegelijk.")


class Refusal(Exception):
    """Ends the request with this refusal as the answer."""

    def __init__(self, refused: Refused, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(refused.code)
        self.refused = refused
        self.headers = headers


class UnreadableBody(HTTPException):
    """A body announced as JSON that is none; of the framework's kind, because it passes through the framework."""

    def __init__(self, message: str) -> None:
        super().__init__(400)
        self.message = message


class UnreadableText(HTTPException):
    """A body with characters that are no text, where they stand, and what it says without them."""

    def __init__(self, problems: tuple[Problem, ...], document: JsonValue) -> None:
        super().__init__(400)
        self.problems = problems
        self.document = document


class InvalidText(RequestValidationError):
    """The same with what else is wrong, now that it is known what was asked."""

    def __init__(self, text: UnreadableText, errors: Sequence[Any]) -> None:
        super().__init__(errors, body=text.document)
        self.problems = text.problems


def refusal(status: int, message: str, *, code: str, place: str = "$") -> Refusal:
    """A refusal for one reason."""
    return Refusal(Refused(status, title_of(status), (Problem(place, message),), code))


def problem_response(refused: Refused, headers: Mapping[str, str] | None = None) -> Response:
    """The refusal as the caller sees it."""
    return Response(problem_body(refused), refused.status, headers=headers, media_type=PROBLEM_TYPE)


def problem_body(refused: Refused) -> bytes:
    alone = len(refused.problems) == 1  # one reason without a place is the detail itself
    shown = [problem for problem in refused.problems if problem.place != "$" or not alone]
    body: dict[str, Any] = {
        "type": f"urn:houvast:probleem:{refused.code}",
        "title": refused.title,
        "status": refused.status,
        "detail": _detail(refused),
        "code": refused.code,
    }
    if shown:
        body["fouten"] = [
            {"plaats": problem.place[:_LONGEST_PLACE], "melding": problem.message} for problem in shown[:MOST_SHOWN]
        ]
    return orjson.dumps(body)


def plain_problem(status: int, code: str | None = None) -> Refused:
    """The refusal that a bare HTTP status stands for."""
    return Refused(status, title_of(status), (), code or _code_of(status))


def title_of(status: int) -> str:
    return _TITLES.get(status) or HTTPStatus(status).phrase


async def on_refusal(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, Refusal)
    return problem_response(error.refused, error.headers)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What the framework refuses: unknown paths, wrong methods, bodies that are too large."""
    del request
    assert isinstance(error, HTTPException)
    if isinstance(error, UnreadableBody):
        return problem_response(refusal(400, f"{_BODY} {error.message}", code="ongeldige-aanvraag").refused)
    if isinstance(error, UnreadableText):
        return problem_response(Refused(400, title_of(400), error.problems, "ongeldige-aanvraag"))
    return problem_response(plain_problem(error.status_code), error.headers)


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """400 with every error at once; 415 when the body was not announced as JSON."""
    assert isinstance(error, RequestValidationError)
    told = error.problems if isinstance(error, InvalidText) else ()
    told = _joined(told, _problems(without_consequences([*islice(error.errors(), MOST_SHOWN + 1)])))
    problems = _joined(told, _also_wrong(request, error.body))
    sent = request.headers.get("content-type", "")
    if any(problem.place == "$" for problem in problems) and not is_json(sent) and await request.body():
        unread = Problem("header.content-type", "moet application/json zijn")
        return problem_response(Refused(415, title_of(415), (unread,), "mediatype"))
    return problem_response(Refused(400, title_of(400), problems, "ongeldige-aanvraag"))


def is_json(content_type: str) -> bool:
    """Whether a body that is announced like this is read as JSON; the same that the framework reads so."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type.startswith("application/") and media_type.endswith(("/json", "+json"))


def _joined(told: tuple[Problem, ...], more: Iterable[Problem]) -> tuple[Problem, ...]:
    """With what is wrong elsewhere."""
    places = {problem.place for problem in told}
    return (*told, *(problem for problem in more if problem.place not in places))


def _also_wrong(request: Request, body: object) -> Iterable[Problem]:
    """What a service can tell of a body whose form is wrong, beyond its form: so that everything is mended at once."""
    look = getattr(request.app.state, "also_wrong", None)
    return look(body) if look is not None and isinstance(body, dict) else ()


def _problems(errors: Iterable[Mapping[str, Any]]) -> Iterable[Problem]:
    for error in errors:
        source, *path = error["loc"]
        if source != "body":
            place = ".".join([str(source), *map(str, path)])
        elif error["type"] == "json_invalid":
            place = "$"
        else:
            place = ".".join(map(str, path)) or "$"
        message = dutch(error["type"], error["msg"])
        if place == "$":
            message = f"{_BODY} {message}" + (_SEND_JSON if error["type"] == "missing" else "")
        yield Problem(place, message)


def _detail(refused: Refused) -> str:
    match refused.problems:
        case ():
            return _DETAILS.get(refused.status, refused.title + ".")
        case (only,):
            return only.message if only.place == "$" else f"{only.place[:_LONGEST_PLACE]}: {only.message}"
        case several:
            if len(several) > MOST_SHOWN:
                return f"Er zijn meer dan {MOST_SHOWN} fouten; de eerste {MOST_SHOWN} staan in het veld fouten."
            return f"Er zijn {len(several)} fouten; ze staan in het veld fouten."


def _code_of(status: int) -> str:
    return _TITLES[status].lower().replace(" ", "-") if status in _TITLES else f"http-{status}"
