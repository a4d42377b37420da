"""The pages of handover as HTML: readable without JavaScript, with one style sheet that the policy names."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.handover.domain.bevestigen import write_due, write_moment, write_until

TEMPLATES = Path(__file__).parents[1] / "templates"


class Bladzijden:
    """Fills the templates. No page can be framed, kept, run a script, or tell another site its address."""

    def __init__(self) -> None:
        style = (TEMPLATES / "bladzijde.css").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none';"
                " frame-ancestors 'none'"
            ),
            "X-Robots-Tag": "noindex, nofollow",
        }
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"moment": write_moment, "uiterlijk": write_due, "tot": write_until}
        self._style = style

    def show(self, name: str, status: int, /, **values: object) -> Response:
        """The page of this template."""
        page = self._environment.get_template(f"{name}.html.j2").render(style=self._style, **values)
        return HTMLResponse(page, status_code=status, headers=self._headers)


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form that hold text, as people typed it."""
    found: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\x00", ""))
    return found
