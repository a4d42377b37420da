"""How every page looks: one layout, one style sheet (made in deploy/look), one small script, one policy for browsers."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from starlette.responses import HTMLResponse

from contracts.rechten import Daad
from services.runtime.access.tokens import Caller
from services.runtime.http.owner import FIELD, owner_of

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"


@dataclass(frozen=True, slots=True)
class Schakel:
    """One item of the main menu, for whoever may do this."""

    pad: str
    tekst: str
    daad: Daad


BEHEER = (
    Schakel("/overdracht/v1/beheer", "Waar wacht de hub op", Daad.ENDPOINTS_BEHEREN),
    Schakel("/overdracht/v1/beheer/endpoints", "Endpoints", Daad.ENDPOINTS_BEHEREN),
    Schakel("/overdracht/v1/beheer/berichten", "Vastgelopen berichten", Daad.DODE_BERICHTEN_BEHANDELEN),
    Schakel("/notificaties/v1/beheer/kanalen", "Kanalen", Daad.ENDPOINTS_BEHEREN),
    Schakel("/beheer/tokens", "Tokens", Daad.TOKENS_BEHEREN),
    Schakel("/beheer/register", "Register", Daad.REGISTER_BEHEREN),
)
"""The pages for whoever runs the hub, of which the menu has the first."""
MENU = (
    Schakel("/", "Vandaag", Daad.WERKPLEK_OPENEN),
    Schakel("/casussen", "Casussen", Daad.CASUSLIJST_LEZEN),
    Schakel("/mensen", "Onze mensen", Daad.MENSEN_BEHEREN),
    Schakel("/cijfers", "Cijfers", Daad.KERNCIJFERS_LEZEN),
    Schakel(BEHEER[0].pad, "Beheer", BEHEER[0].daad),
)


def environment(
    templates: Path,
    *,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    globals: Mapping[str, Any] | None = None,  # noqa: A002 - the word of jinja2
) -> Environment:
    """For the templates of a service, which may extend `layout.html.j2`. A filter `naam` says what a party is called.

    What a template does not show may be left out where the layout has a meaning for that: `hier` (the item of the menu
    that this page is), `smal` (a page to read), `levend` (with the script), `onder` (beside the name, where nobody is
    signed in).
    """
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    known: Mapping[str, Any] = {**_DEFAULTS, **(globals or {})}
    named: Mapping[str, Callable[..., Any]] = {"naam": str, **(filters or {})}
    made.globals.update(known)
    made.filters.update(named)
    return made


def page(
    template: Template,
    caller: Caller | None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **shown: Any,
) -> HTMLResponse:
    """The page, for who is signed in or for nobody. It cannot be framed, and runs and shows nothing but its own.

    `wie_veld` is what each form in it says of whose it is.
    """
    text = template.render(**shown, caller=caller, wie_veld=_WIE.format(FIELD, owner_of(caller)))
    policy = _POLICY_WITH_SCRIPT if shown.get("levend") else _POLICY
    return HTMLResponse(text, status_code=status, headers={**(headers or {}), "Content-Security-Policy": policy})


def navigation(caller: Caller) -> list[Schakel]:
    """The main menu of this visitor."""
    return [schakel for schakel in MENU if caller.may(schakel.daad)]


def running_hub(caller: Caller) -> list[Schakel]:
    """Of the pages for whoever runs the hub those of this visitor."""
    return [schakel for schakel in BEHEER if caller.may(schakel.daad)]


def roles(caller: Caller) -> list[str]:
    """The roles of this visitor in words."""
    return sorted(rol.label for rol in caller.rollen_now or ())


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


_WIE = Markup('<input type="hidden" name="_{}" value="{}">')
_STYLE = (HERE / "look.css").read_text(encoding="utf-8")
_SCRIPT = (HERE / "look.js").read_text(encoding="utf-8")
_DEFAULTS: Mapping[str, Any] = {
    "look": {"style": _STYLE, "script": _SCRIPT, "navigation": navigation, "running_hub": running_hub, "roles": roles},
    "caller": None,
    "hier": "",
    "smal": False,
    "levend": False,
    "onder": "",
}
_POLICY = f"default-src 'none'; style-src 'sha256-{_digest(_STYLE)}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_POLICY_WITH_SCRIPT = f"{_POLICY}; script-src 'sha256-{_digest(_SCRIPT)}'; connect-src 'self'"
