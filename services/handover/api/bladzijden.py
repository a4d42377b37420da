"""The pages of handover as HTML: readable without JavaScript, in the look of every page."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from services.handover.domain.bevestigen import write_due, write_moment, write_until
from services.handover.domain.formulier import Ingevuld
from services.runtime.access.tokens import Caller
from services.runtime.http import look

TEMPLATES = Path(__file__).parents[1] / "templates"


class Bladzijden:
    """Fills the templates. No page can be framed, kept, run a script, or tell another site its address."""

    def __init__(self, naam: Callable[[str], str] = str) -> None:
        """`naam` says what a party is called."""
        self._environment = look.environment(
            TEMPLATES,
            filters={"moment": write_moment, "uiterlijk": write_due, "tot": write_until, "naam": naam},
            globals={"onder": "overdrachten van Veilig Thuis", "smal": True},
        )

    def show(self, name: str, status: int, wie: Caller | None = None, /, **values: Any) -> Response:
        """The page of this template, for who is signed in or for who has a link."""
        template = self._environment.get_template(f"{name}.html.j2")
        return look.page(template, wie, status=status, headers={"X-Robots-Tag": "noindex, nofollow"}, **values)


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form that hold text, as people typed it."""
    found: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\x00", ""))
    return found


Ingevulde = Annotated[Ingevuld, Depends(read_form)]
"""The form as the type of an endpoint's argument."""
