"""Logging in with a one-time link. Mail gateways open links, so opening it only shows a button."""

import base64
import hashlib
import html
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.runtime.http.callers import SESSION_COOKIE, same_origin
from services.runtime.http.problems import refusal
from services.runtime.toegang import SESSION_LIFETIME, Toegang

_STYLE = (
    "body{font-family:system-ui,sans-serif;line-height:1.5;margin:3rem auto;max-width:36rem;padding:0 1rem}"
    "button{font:inherit;padding:.5rem 1.5rem;background:#154273;color:#fff;border:0;border-radius:.25rem}"
    "button:focus-visible{outline:3px solid #000;outline-offset:3px}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    )
}


def login_router(toegang: Toegang, *, secure_cookie: bool, landing: str = "/") -> APIRouter:
    """`/inloggen?code=…` and `/uitloggen`. `secure_cookie` where the site is served over https."""
    router = APIRouter()

    @router.get("/inloggen", include_in_schema=False)
    async def show_button(code: str = "") -> Response:
        return _page("Inloggen", _button(code) if code else _EXPLANATION)

    @router.post("/inloggen", include_in_schema=False)
    async def log_in(request: Request, code: Annotated[str, Form()] = "") -> Response:
        if not same_origin(request):
            raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")
        session = await toegang.exchange(code)
        if session is None:
            return _page("Deze link werkt niet meer", _EXPLANATION, status=410)
        response = RedirectResponse(landing, status_code=303)
        response.set_cookie(
            SESSION_COOKIE,
            session,
            max_age=int(SESSION_LIFETIME.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=secure_cookie,
        )
        return response

    @router.post("/uitloggen", include_in_schema=False)
    async def log_out(request: Request) -> Response:
        if not same_origin(request):
            raise refusal(403, "Deze aanvraag komt van een andere website.", code="andere-herkomst")
        session = request.cookies.get(SESSION_COOKIE)
        if session is not None:
            await toegang.end(session)
        response = RedirectResponse("/inloggen", status_code=303)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict", secure=secure_cookie)
        return response

    del show_button, log_in, log_out
    return router


_EXPLANATION = (
    "<p>Een inloglink werkt één keer en verloopt vanzelf. Wie <code>houvast up</code> start, krijgt een nieuwe te zien;"
    " vraag er anders een bij uw beheerder.</p>"
)


def _button(code: str) -> str:
    return (
        '<p>U staat op het punt om in te loggen in Houvast op deze computer.</p><form method="post" action="/inloggen">'
        f'<input type="hidden" name="code" value="{html.escape(code, quote=True)}">'
        '<button type="submit">Inloggen</button></form>'
    )


def _page(title: str, body: str, *, status: int = 200) -> Response:
    page = (
        f'<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>{title} - Houvast</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(page, status_code=status, headers=_HEADERS)
