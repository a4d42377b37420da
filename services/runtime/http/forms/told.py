"""What is said above a form after it was sent: in words what its operation answered, and what is true now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from services.runtime.http.forms.known import Known
from services.runtime.http.forms.operation import Answer
from services.runtime.http.pages import sign_in_for
from services.runtime.unit.decision import Refused

OURS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE})
"""Where nobody knows whether it was done: the same form is sent again under the same key."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said above the form. `sign_in` leads to signing in beside this page, `casus` to how the case is now."""

    title: str
    text: str
    sign_in: str = ""
    casus: str = ""


def session_ended(address: str) -> Told:
    """Above a form that came back as it was typed; `address` is where it stands."""
    return Told(
        "Uw sessie is verlopen",
        "Er is nog niets vastgelegd, en wat u typte staat hieronder nog. Meld u aan in het nieuwe tabblad, kom hier terug"
        " en verstuur het formulier opnieuw.",
        sign_in=sign_in_for(address),
    )


def told(answer: Answer, known: Known, problems: Mapping[str, Sequence[str]], *, over: Refused | None = None) -> Told:
    """In words what the operation answered, and what is true now; `over` is what the page itself would say of it."""
    casus = "" if known.casus_id is None else f"/casus/{known.casus_id}"
    detail = sentence(str(answer.body.get("detail", "")))
    if answer.body.get("code") == _REUSED:
        return Told(*_SENT_BEFORE, casus=casus)
    if answer.status == HTTPStatus.BAD_REQUEST and problems:
        many = "Er is één ding" if len(problems) == 1 else f"Er zijn {len(problems)} dingen"
        return Told(f"{many} om te verbeteren", "Er is nog niets vastgelegd.")
    if answer.status in OURS:
        return Told(*_NOT_NOW)
    if over is not None and answer.status in _GONE:
        return Told(over.title, sentence(over.problems[0].message), casus=casus)
    if answer.status == HTTPStatus.NOT_FOUND:
        return Told(*_NOT_HERE, casus=casus)
    title = _TITLES.get(answer.status) or sentence(str(answer.body.get("title", "Dit lukte niet")))
    return Told(title, detail, casus=casus)


_GONE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""What the operation answers where the act is over; a form that is not complete is told so first."""
_REUSED = "idempotentiesleutel-hergebruikt"
_SENT_BEFORE = (
    "Dit formulier is al verstuurd",
    "Wat u eerder verstuurde, is vastgelegd. Kijk eerst in de casus voor u iets opnieuw verstuurt.",
)
_NOT_NOW = (
    "Het lukt nu even niet",
    (
        "Verstuur het formulier over een minuut opnieuw. Het wordt niet dubbel vastgelegd. Kan uw casus niet wachten, bel"
        " dan met Veilig Thuis."
    ),
)
_NOT_HERE = (
    "Dit is er niet, of niet voor u",
    "Misschien is het intussen afgesloten of aan een ander overgedragen. Er is niets vastgelegd.",
)
_TITLES: Mapping[int, str] = {
    400: "Er is iets om te verbeteren",
    403: "Hiervoor hebt u geen toegang",
    409: "Dit kan nu niet (meer)",
    410: "Dit is voorbij",
}


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if not text or text.endswith('.') else '.'}"
