"""The page to sign in, signing out, and one-time links. Mail gateways open links, so opening one only shows a button."""

import html
from typing import Annotated, Protocol

from fastapi import APIRouter, Cookie, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.runtime.access.tokens import SESSION_LIFETIME
from services.runtime.access.verifying import Access
from services.runtime.http.callers import SESSION_COOKIE, same_origin
from services.runtime.http.pages import HOME, SIGN_IN_PATH, button, own_path, page, sign_in_for
from services.runtime.http.problems import refusal

LANDING_COOKIE = "houvast_naar"
"""The page that was asked for, until somebody has a login link; a path on this hub, and no secret."""
LANDING_LIFETIME_SECONDS = 3600
ORGANISATION_COOKIE = "houvast_organisatie"
"""Where this browser signed in last: what stands for it in an address, and no secret."""
_LONGEST_SOUGHT = 200


class Organisations(Protocol):
    """Where else people sign in, as markup."""

    def ways_in(self, landing: str, *, sought: str, last: str) -> str:
        """The organisations at which one signs in and then comes to a page; empty where there are none.

        `sought` is what somebody typed to find its own, `last` the one that this browser used before.
        """
        ...

    def way_out(self, provider: tuple[str, str] | None) -> str:
        """What stands for the provider of the session that ended; empty where there was none."""
        ...

    def shown_out(self, id_: str) -> str:
        """The way to sign out there as well; empty where there is none."""
        ...


class _NoOther:
    """Only by a link."""

    def ways_in(self, landing: str, *, sought: str, last: str) -> str:
        del landing, sought, last
        return ""

    def way_out(self, provider: tuple[str, str] | None) -> str:
        del provider
        return ""

    def shown_out(self, id_: str) -> str:
        del id_
        return ""


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
        ways = _button(code, landing) if code else self._ways(landing, sought=zoek, last=last)
        notice = self._organisations.shown_out(uit) if uit else ""
        response = page("Inloggen", notice + _where(landing) + ways)
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

    def _ways(self, landing: str, *, sought: str, last: str) -> str:
        """At one's own organisation where there is one to choose; a link is then for when that does not work."""
        organisations, link = self._organisations.ways_in(landing, sought=sought, last=last), _without_link(landing)
        if not organisations:
            return link
        return f"{organisations}<details><summary>Ik heb een inloglink</summary>{link}</details>"

    async def log_in(
        self, request: Request, code: Annotated[str, Form()] = "", naar: Annotated[str, Form()] = ""
    ) -> Response:
        check_origin(request)
        landing = own_path(naar)
        session = await self._access.exchange(code.strip().rpartition("code=")[2].partition("&")[0])
        if session is None:
            return page("Deze link werkt niet meer", _where(landing) + _without_link(landing), status=410)
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


def _where(landing: str) -> str:
    where = "de beginpagina" if landing == HOME else f"<code>{html.escape(landing)}</code>"
    return f"<p>Na het inloggen komt u op {where}.</p>"


def _without_link(landing: str) -> str:
    return (
        "<p>Hebt u een inloglink? Open die, of plak hem hier. Een inloglink werkt één keer en verloopt vanzelf. Wie"
        " <code>houvast up</code> start, krijgt een nieuwe te zien; vraag er anders een bij uw"
        " beheerder (<code>houvast login</code>).</p>"
        f'<form method="post" action="{SIGN_IN_PATH}">{hidden("naar", landing)}'
        '<p class="houvast-veld"><label for="code">Inloglink</label>'
        '<input id="code" name="code" type="text" autocomplete="off" required></p>'
        f"{button('Inloggen')}</form>"
    )


def _button(code: str, landing: str) -> str:
    return (
        "<p>U staat op het punt om in te loggen in Houvast op deze computer.</p>"
        f'<form method="post" action="{SIGN_IN_PATH}">{hidden("code", code)}{hidden("naar", landing)}'
        f"{button('Inloggen')}</form>"
    )


def hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{html.escape(value, quote=True)}">'
