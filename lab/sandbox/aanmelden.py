"""An OpenID provider on this machine: whoever signs in picks one of the invented people of the register.

It keeps to the protocol as a real one does (discovery, authorization code with PKCE, keys, logout), so that what is tried
here is the road by which people sign in at their own organisation.
"""

import base64
import hashlib
import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.afspraken import local_date
from contracts.messages.notifier import Notificatiekanaal
from contracts.register import Organisatie, Persoon, Register
from contracts.register.aanmelding import E_MAIL
from services.runtime.http.application import json_response
from services.runtime.http.pages import page
from services.runtime.process.clock import Klok

AANMELD_PATH = "/aanmelden"
_TOKEN_LIFETIME = timedelta(minutes=5)
_CODE_LIFETIME = timedelta(minutes=1)
_ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class Uitgegeven:
    """A code that was given to a browser, and what belongs to it."""

    claims: Mapping[str, Any]
    client_id: str
    redirect_uri: str
    challenge: str
    until: float


class Aanmelddienst:
    """The provider, for everybody in the register whose organisation signs in here (`issuer`)."""

    def __init__(self, register: Register, klok: Klok, wall: Klok, *, issuer: str) -> None:
        self.issuer = issuer
        self.key = ECKey.generate_key("P-256", auto_kid=True)
        self.wall = wall
        self._register = register
        self._klok = klok
        self._codes: dict[str, Uitgegeven] = {}

    @property
    def is_used(self) -> bool:
        """Whether anybody signs in here."""
        return any(True for _ in self._organisaties())

    def router(self) -> APIRouter:
        """Its addresses, below that of the issuer."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/.well-known/openid-configuration", self.describe)
        router.add_api_route("/sleutels", self.show_keys)
        router.add_api_route("/kies", self.show_people)
        router.add_api_route("/kies", self.pick, methods=["POST"])
        router.add_api_route("/token", self.give_token, methods=["POST"])
        router.add_api_route("/uit", self.sign_out)
        return router

    async def describe(self) -> Response:
        return json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/kies",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/sleutels",
                "end_session_endpoint": f"{self.issuer}/uit",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [_ALGORITHM],
                "token_endpoint_auth_methods_supported": ["none"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def show_keys(self) -> Response:
        return json_response({"keys": [self.key.as_dict(private=False)]})

    async def show_people(self, request: Request) -> Response:
        """A button for each person, under its organisation."""
        asked = {name: value for name, value in request.query_params.items() if name != "plek"}
        if missing := {"client_id", "redirect_uri", "state", "nonce", "code_challenge"} - asked.keys():
            return page(
                "Zo kunt u zich hier niet aanmelden", f"<p>Er ontbreekt: {', '.join(sorted(missing))}.</p>", status=400
            )
        kept = "".join(
            f'<input type="hidden" name="{html.escape(name, quote=True)}" value="{html.escape(value, quote=True)}">'
            for name, value in asked.items()
        )
        sections = "".join(
            f"<section><h2>{html.escape(organisatie.naam)}</h2>"
            + "".join(_button(code, persoon, organisatie, kept) for persoon in organisatie.personen)
            + "</section>"
            for code, organisatie in self._organisaties()
        )
        told = "<p>Alle mensen hier zijn verzonnen. Kies als wie u Houvast wilt zien.</p>"
        return page("Als wie meldt u zich aan?", told + sections)

    async def pick(
        self,
        *,
        partij: Annotated[str, Form()],
        persoon: Annotated[str, Form()],
        client_id: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        state: Annotated[str, Form()],
        nonce: Annotated[str, Form()],
        code_challenge: Annotated[str, Form()],
        acr_values: Annotated[str, Form()] = "",
    ) -> Response:
        found = self.find(partij, persoon)
        if found is None:
            return page("Deze persoon is hier niet bekend", "", status=400)
        claims = {**found, "nonce": nonce, **({"acr": acr_values.split()[0]} if acr_values else {})}
        code = secrets.token_urlsafe(24)
        until = (self.wall.now() + _CODE_LIFETIME).timestamp()
        self._codes[code] = Uitgegeven(claims, client_id, redirect_uri, code_challenge, until)
        answer = urlencode({"code": code, "state": state, "iss": self.issuer})
        return RedirectResponse(f"{redirect_uri}?{answer}", status_code=303)

    async def give_token(
        self,
        *,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        client_id: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
    ) -> Response:
        given = self._codes.pop(code, None)
        asked = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        if (
            given is None
            or given.until < self.wall.now().timestamp()
            or (given.client_id, given.redirect_uri, given.challenge) != (client_id, redirect_uri, asked)
        ):
            return json_response({"error": "invalid_grant"}, status=400)
        token = self.sign({**given.claims, "aud": client_id})
        headers = {"Cache-Control": "no-store"}
        body = {"access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "expires_in": 60, "id_token": token}
        return json_response(body, headers=headers)

    async def sign_out(self, post_logout_redirect_uri: str = "") -> Response:
        """Nothing is kept of who signed in, so there is nothing to end."""
        if not post_logout_redirect_uri:
            return page("U bent afgemeld", "")
        return RedirectResponse(post_logout_redirect_uri, status_code=303)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The proof of who somebody is, for the client that is its `aud`."""
        now = self.wall.now()
        moments = {"iat": int(now.timestamp()), "exp": int((now + _TOKEN_LIFETIME).timestamp())}
        header = {"alg": _ALGORITHM, "kid": self.key.kid}
        return jwt.encode(header, {"iss": self.issuer, **moments, **claims}, self.key, algorithms=[_ALGORITHM])

    def find(self, partij: str, persoon: str) -> dict[str, Any] | None:
        """What is said of one of its people."""
        for code, organisatie in self._organisaties():
            found = organisatie.persoon(persoon)
            if code == partij and found is not None and organisatie.aanmelding is not None:
                said: dict[str, Any] = {"sub": f"{code}/{persoon}", "name": persoon}
                kenmerk = organisatie.aanmelding.kenmerk
                address = found.adressen.get(Notificatiekanaal.E_MAIL)
                if kenmerk == E_MAIL or address is not None:
                    said |= {"email": address, "email_verified": True}
                return said | ({kenmerk: found.aanmeldnaam} if found.aanmeldnaam is not None else {})
        return None

    def _organisaties(self) -> "list[tuple[str, Organisatie]]":
        on = local_date(self._klok.now())
        found: list[tuple[str, Organisatie]] = [(partij.code, partij) for partij in self._register.partijen()]
        found += [(gemeente.code, gemeente) for gemeente in self._register.gemeenten(on)]
        return [
            (code, organisatie)
            for code, organisatie in found
            if organisatie.aanmelding is not None and organisatie.aanmelding.uitgever == self.issuer
        ]


def _button(code: str, persoon: Persoon, organisatie: Organisatie, kept: str) -> str:
    roles = ", ".join(rol.rol.label for rol in organisatie.rollen if persoon.naam in rol.personen)
    person = html.escape(persoon.naam, quote=True)
    return (
        f'<form method="post">{kept}<input type="hidden" name="partij" value="{html.escape(code, quote=True)}">'
        f'<button class="utrecht-button" type="submit" name="persoon" value="{person}">{person}</button>'
        f" {html.escape(roles)}</form>"
    )
