"""How a zaaksysteem refuses: a `Fout`, as application/json."""

from dataclasses import dataclass

import orjson
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Veld:
    """A field that is wrong; `reason` may repeat what was sent, as it does in life."""

    name: str
    code: str
    reason: str


class ZgwFout(Exception):
    """Refused; nothing was made."""

    def __init__(self, status: int, code: str, title: str, *velden: Veld) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.velden = velden


def invalid(*velden: Veld) -> ZgwFout:
    """A 400 about these fields."""
    return ZgwFout(400, "invalid", "Invalid input.", *velden)


def forbidden(title: str = "Je hebt geen toestemming om deze actie uit te voeren.") -> ZgwFout:
    """A 403 for want of a right."""
    return ZgwFout(403, "permission_denied", title)


def fout_response(fout: ZgwFout, path: str) -> Response:
    """The body and headers that a zaaksysteem gives: not problem+json, though it looks like it."""
    body: dict[str, object] = {
        "type": f"http://testserver/ref/fouten/{fout.code}/",
        "code": fout.code,
        "title": fout.title,
        "status": fout.status,
        "detail": fout.title,
        "instance": f"urn:sandbox:{path}",
    }
    if fout.velden:
        body["invalidParams"] = [{"name": veld.name, "code": veld.code, "reason": veld.reason} for veld in fout.velden]
    return Response(orjson.dumps(body), fout.status, media_type="application/json")
