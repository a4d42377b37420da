"""The page to sign in, signing out, and one-time links. Mail gateways open links, so opening one only shows a button."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import APIRouter, Cookie, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.runtime.access.tokens import SESSION_LIFETIME
from services.runtime.access.verifying import Access
from services.runtime.http import look
from services.runtime.http.callers import SESSION_COOKIE, same_origin
from services.runtime.http.pages import HOME, SIGN_IN_PATH, own_path, sign_in_for
from services.runtime.http.problems import refusal

LANDING_COOKIE = "houvast_naar"
"""The page that was asked for, until somebody has a login link; a path on this hub, and no secret."""
LANDING_LIFETIME_SECONDS = 3600
ORGANISATION_COOKIE = "houvast_organisatie"
"""Where this browser signed in last: what stands for it in an address, and no secret."""
_LONGEST_SOUGHT = 200


_PAGE = look.environment(look.TEMPLATES).get_template("inloggen.html.j2")


@dataclass(frozen=True, slots=True)
class Weg:
    """A link to an organisation: its address here, and what it is called."""

    pad: str
    naam: str


@dataclass(frozen=True, slots=True)
class Wegen:
    """The organisations to sign in at: the one of the last time, those found, and where there are many every name."""

    vorige: Weg | None
    gevonden: Sequence[Weg]
    namen: Sequence[str]


class Organisations(Protocol):
    """Where else people sign in."""

    def ways_in(self, landing: str, *, sought: str, last: str) -> Wegen | None:
        """The organisations at which one signs in and then comes to a page; nothing where there are none.

        `sought` is what somebody typed to find its own, `last` the one that this browser used before.
        """
        ...

    def way_out(self, provider: tuple[str, str] | None) -> str:
        """What stands for the provider of the session that ended; empty where there was none."""
        ...

    def sign_out_there(self, id_: str) -> Weg | None:
        """The way to sign out there as well."""
        ...


class _NoOther:
    """Only by a link."""

    def ways_in(self, landing: str, *, sought: str, last: str) -> Wegen | None:
        del landing, sought, last

    def way_out(self, provider: tuple[str, str] | None) -> str:
        del provider
        return ""

    def sign_out_there(self, id_: str) -> Weg | None:
        del id_


_BY_LINK_ALONE = _NoOther()


def login_router(access: Access, *, secure_cookie: bool, organisations: Organisations = _BY_LINK_ALONE) -> APIRouter:
    """`/inloggen?code=…&naar=…` and `/uitloggen`. `secure_cookie` where the site is served over https.

    `organisations` gives the other ways in. The session comes along with a link from
    elsewhere (SameSite=Lax): mail is read in a browser. So a GET never acts, and whatever does act is refused when it
    comes from another site.
    """
    login = _Login(access, secure_cookie=secure_cookie, organisations=organisations)
    router = APIRouter(include_in_schema=False)
    router.add_api_route(SIGN_IN_PATH, login.show_button)
    router.add_api_route(SIGN_IN_PATH, login.log_in, methods=["POST"])
    router.add_api_route("/uitloggen", login.log_out, methods=["POST"])
    return router


class _Login:
    def __init__(self, access: Access, *, secure_cookie: bool, organisations: Organisations) -> None:
        self._access = access
        self._secure = secure_cookie
        self._organisations = organisations

    async def show_button(
        self,
        *,
        code: str = "",
        naar: str = "",
        zoek: Annotated[str, Query(max_length=_LONGEST_SOUGHT)] = "",
        uit: str = "",
        kept: Annotated[str, Cookie(alias=LANDING_COOKIE)] = "",
        last: Annotated[str, Cookie(alias=ORGANISATION_COOKIE)] = "",
    ) -> Response:
        landing = own_path(naar or kept)
        wegen = self._organisations.ways_in(landing, sought=zoek, last=last)
        afmelden = self._organisations.sign_out_there(uit) if uit else None
        response = _page(landing, code=code, wegen=wegen, gezocht=zoek, afmelden=afmelden)
        if naar and landing != HOME:
            response.set_cookie(
                LANDING_COOKIE,
                landing,
                max_age=LANDING_LIFETIME_SECONDS,
                path=SIGN_IN_PATH,
                httponly=True,
                samesite="lax",
                secure=self._secure,
            )
        return response

    async def log_in(
        self, request: Request, code: Annotated[str, Form()] = "", naar: Annotated[str, Form()] = ""
    ) -> Response:
        check_origin(request)
        landing = own_path(naar)
        session = await self._access.exchange(code.strip().rpartition("code=")[2].partition("&")[0])
        if session is None:
            return _page(landing, titel="Deze link werkt niet meer", status=410)
        return session_response(session, landing, secure=self._secure)

    async def log_out(
        self, request: Request, naar: Annotated[str, Form()] = "", overal: Annotated[str, Form()] = ""
    ) -> Response:
        """Ends this session; with `overal` every session of the same person."""
        check_origin(request)
        session = request.cookies.get(SESSION_COOKIE)
        provider = None if session is None else await self._access.end(session, everywhere=bool(overal))
        back, there = sign_in_for(naar), self._organisations.way_out(provider)
        if there:
            back += f"{'&' if '?' in back else '?'}uit={there}"
        response = RedirectResponse(back, status_code=303)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=self._secure)
        return response


def session_response(session: str, landing: str, *, secure: bool) -> Response:
    """On to the page that was asked for, with the session of the browser."""
    response = RedirectResponse(landing, status_code=303)
    response.delete_cookie(LANDING_COOKIE, path=SIGN_IN_PATH, httponly=True, samesite="lax", secure=secure)
    response.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return response


def check_origin(request: Request) -> None:
    if not same_origin(request):
        raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")


def _page(
    landing: str,
    *,
    titel: str = "Inloggen",
    code: str = "",
    wegen: Wegen | None = None,
    gezocht: str = "",
    afmelden: Weg | None = None,
    status: int = 200,
) -> Response:
    """To sign in: by a link that was just opened, at one's own organisation, or by a link that is typed here."""
    return look.page(
        _PAGE,
        None,
        status=status,
        titel=titel,
        landing=landing,
        code=code,
        wegen=wegen,
        gezocht=gezocht,
        afmelden=afmelden,
        smal=True,
    )
