"""Signing in at one's own organisation: choose it, go there, come back, and work as who the register says one is.

`/inloggen` lists the organisations, `/inloggen/bij/<aanmelder>` leads to the provider, `/inloggen/terug` is where it leads
back to. What this browser must come back with travels in a sealed cookie of its own, so nobody else's sign-in fits in it.
"""

import hashlib
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.register import Register
from contracts.register.werkplekken import Aanmelder, Werkplek, find_aanmelders, find_werkplekken
from services.runtime.access.sealing import MasterKey
from services.runtime.access.sessions import Herkomst, begin_session, end_sessions_by
from services.runtime.access.tickets import Tickets
from services.runtime.access.tokens import Scope
from services.runtime.database.connection import Connection
from services.runtime.http.login import ORGANISATION_COOKIE, Weg, Wegen, check_origin, session_response
from services.runtime.http.pages import HOME, SIGN_IN_PATH, button, own_path, page, sign_in_for
from services.runtime.outbound.openid import OpenId, Provider, ProviderAway, SignedIn, SignInRefused, issuer_of
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.process.clock import Klok

BACK_PATH = f"{SIGN_IN_PATH}/terug"
_UNDER_WAY = timedelta(minutes=15)
_COOKIE = "houvast_aanmelding_"
_NAMED_BY = 8
_REMEMBERED = timedelta(days=365)
_MANY = 7
"""From more organisations than this on one types a part of the name."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class People:
    """Where people sign in and who they are then, as the register has it now."""

    register: Callable[[], Register]
    today: Callable[[], date]
    secret: Callable[[str], str]
    scopes: Callable[[Register, str], frozenset[Scope]]

    def aanmelders(self) -> Sequence[Aanmelder]:
        """Every provider by which people sign in today."""
        return find_aanmelders(self.register(), on=self.today())

    def aanmelder(self, id_: str) -> Aanmelder | None:
        """The one with this id in an address."""
        return next((aanmelder for aanmelder in self.aanmelders() if id_of(aanmelder) == id_), None)

    def provider(self, aanmelder: Aanmelder) -> Provider:
        """How it is reached. Raises `SecretUnavailable` where our secret for it is missing."""
        aanmelding = aanmelder.aanmelding
        secret = None if aanmelding.geheim is None else self.secret(aanmelding.geheim)
        return Provider(aanmelding.uitgever, aanmelding.client_id, secret, aanmelding.prive_netwerk)

    def werkplekken(self, aanmelder: Aanmelder, who: SignedIn) -> tuple[Werkplek, ...]:
        """As whom this person can work."""
        return find_werkplekken(self.register(), aanmelder.sleutel, dict(who.claims), acr=who.acr, on=self.today())


def id_of(aanmelder: Aanmelder) -> str:
    """What stands for a provider in an address."""
    return hashlib.sha256("\n".join(aanmelder.sleutel).encode()).hexdigest()[:12]


class SigningIn:
    """The pages between the hub and the providers."""

    def __init__(
        self,
        people: People,
        openid: OpenId,
        connection: Connection,
        master: MasterKey,
        wall: Klok,
        *,
        public_url: str,
    ) -> None:
        self._people = people
        self._openid = openid
        self._connection = connection
        self._wall = wall
        self._public_url = public_url
        self._secure = public_url.startswith("https://")
        self._under_way = Tickets(master, wall, purpose="aanmelding", lifetime=_UNDER_WAY)
        self._choices = Tickets(master, wall, purpose="keuze-werkplek", lifetime=_UNDER_WAY)

    def router(self) -> APIRouter:
        """The addresses, all of them below `/inloggen`."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(f"{SIGN_IN_PATH}/bij/{{aanmelder}}", self.lead_away)
        router.add_api_route(BACK_PATH, self.come_back)
        router.add_api_route(f"{SIGN_IN_PATH}/kies", self.choose, methods=["POST"])
        router.add_api_route(f"{SIGN_IN_PATH}/uit/{{aanmelder}}", self.lead_out)
        router.add_api_route(f"{SIGN_IN_PATH}/uitgelogd", self.hear_logout, methods=["POST"])
        return router

    def ways_in(self, landing: str, *, sought: str, last: str) -> Wegen | None:
        """The organisations; nothing where nobody can sign in so. Of many one types a part of the name."""
        known = self._people.aanmelders()
        if not known:
            return None
        names = {naam for one in known for naam in (one.naam, *one.organisaties)}
        return Wegen(
            vorige=next((_weg(one, landing) for one in known if id_of(one) == last), None),
            gevonden=[_weg(one, landing) for one in known if one.is_called(sought)],
            namen=sorted(names) if sum(len(one.organisaties) for one in known) > _MANY else (),
        )

    def way_out(self, provider: tuple[str, str] | None) -> str:
        """What stands in an address for the provider of a session that ended."""
        return next((id_of(one) for one in self._people.aanmelders() if one.sleutel == provider), "")

    def sign_out_there(self, id_: str) -> Weg | None:
        """A choice: others may still be at work by that organisation on this computer."""
        known = self._people.aanmelder(id_)
        return None if known is None else Weg(f"{SIGN_IN_PATH}/uit/{id_}", known.naam)

    async def lead_out(self, aanmelder: str) -> Response:
        """To the provider, to end the session there, and back to the page to sign in."""
        known = self._people.aanmelder(aanmelder)
        if known is None:
            return _sorry("Deze organisatie kennen wij niet", "Kies uw organisatie opnieuw.", HOME, status=404)
        try:
            there = await self._openid.end_session(
                self._people.provider(known), back_to=self._public_url + SIGN_IN_PATH
            )
        except (ProviderAway, SecretUnavailable):
            there = None
        if there is None:
            sentence = (
                f"Uit Houvast bent u uitgelogd. Bij {known.naam} kan dat nu niet vanaf hier; meld u daar zelf af."
            )
            return _sorry("Afmelden bij uw organisatie lukt niet vanaf hier", sentence, HOME, status=503)
        return RedirectResponse(there, status_code=303)

    async def lead_away(self, aanmelder: str, naar: str = "") -> Response:
        known, landing = self._people.aanmelder(aanmelder), own_path(naar)
        if known is None:
            return _sorry("Deze organisatie kennen wij niet", "Kies uw organisatie opnieuw.", landing, status=404)
        try:
            begun = await self._openid.begin(
                self._people.provider(known),
                redirect_uri=self._public_url + BACK_PATH,
                acr_values=known.aanmelding.acr_values,
            )
        except (ProviderAway, SecretUnavailable) as error:
            return _away(known, error, landing)
        response = RedirectResponse(begun.url, status_code=303)
        response.set_cookie(
            ORGANISATION_COOKIE,
            aanmelder,
            max_age=int(_REMEMBERED.total_seconds()),
            path=SIGN_IN_PATH,
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )
        sealed = self._under_way.seal(
            {"bij": aanmelder, "naar": landing, "state": begun.state, "nonce": begun.nonce, "verifier": begun.verifier}
        )
        response.set_cookie(
            _COOKIE + begun.state[:_NAMED_BY],
            sealed,
            max_age=int(_UNDER_WAY.total_seconds()),
            path=SIGN_IN_PATH,
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )
        return response

    async def come_back(
        self, request: Request, code: str = "", state: str = "", iss: str = "", error: str = ""
    ) -> Response:
        """Somebody comes back from a provider: let in, asked to choose, or told in words why not."""
        begun = self._under_way.open(request.cookies.get(_COOKIE + state[:_NAMED_BY], ""))
        known = None if begun is None else self._people.aanmelder(begun["bij"])
        if begun is None or known is None or begun["state"] != state:
            return _sorry(
                "Deze aanmelding is verlopen",
                "Zij begon in een andere browser, of langer dan een kwartier geleden. Meld u opnieuw aan.",
                "/" if begun is None else begun["naar"],
                status=400,
            )
        response = await self._let_in(known, begun, code=code, issuer=iss, error=error)
        response.delete_cookie(
            _COOKIE + state[:_NAMED_BY], path=SIGN_IN_PATH, httponly=True, samesite="lax", secure=self._secure
        )
        return response

    async def _let_in(self, known: Aanmelder, begun: Any, *, code: str, issuer: str, error: str) -> Response:
        landing: str = begun["naar"]
        if error or not code or issuer not in {"", known.aanmelding.uitgever}:
            return _not_signed_in(known, landing)
        try:
            who = await self._openid.finish(
                self._people.provider(known),
                code=code,
                nonce=begun["nonce"],
                verifier=begun["verifier"],
                redirect_uri=self._public_url + BACK_PATH,
            )
        except (ProviderAway, SecretUnavailable) as reason:
            return _away(known, reason, landing)
        except SignInRefused as reason:
            log.warning("sign_in_refused", host=urlsplit(known.aanmelding.uitgever).hostname, reason=str(reason))
            return _not_signed_in(known, landing)
        werkplekken = self._people.werkplekken(known, who)
        able = [werkplek for werkplek in werkplekken if werkplek.rollen]
        if not able:
            return _nowhere(known, who, werkplekken, landing)
        origin = Herkomst(*known.sleutel, onderwerp=who.subject, sessie=who.session, acr=who.acr)
        if len(able) == 1:
            return await self._begin(able[0].partij, able[0].persoon, origin, landing)
        return self._ask_where(able, origin, landing)

    async def choose(
        self, request: Request, plek: Annotated[str, Form()] = "", naar: Annotated[str, Form()] = ""
    ) -> Response:
        """Who works at more than one organisation says for which one."""
        check_origin(request)
        chosen, landing = self._choices.open(plek), own_path(naar)
        if chosen is None:
            return _sorry("Deze keuze is verlopen", "Meld u opnieuw aan.", landing, status=400)
        return await self._begin(chosen["partij"], chosen["persoon"], Herkomst(**chosen["herkomst"]), landing)

    async def hear_logout(self, logout_token: Annotated[str, Form()] = "") -> Response:
        """A provider says that a session ended there (OpenID Connect Back-Channel Logout)."""
        issuer = issuer_of(logout_token)
        for known in self._people.aanmelders():
            if known.aanmelding.uitgever != issuer:
                continue
            try:
                subject, session = await self._openid.read_logout(self._people.provider(known), logout_token)
            except (ProviderAway, SignInRefused, SecretUnavailable):
                continue
            await end_sessions_by(
                self._connection,
                uitgever=known.aanmelding.uitgever,
                client_id=known.aanmelding.client_id,
                onderwerp=subject,
                sessie=session,
                now=self._wall.now(),
            )
            return Response(status_code=200, headers={"Cache-Control": "no-store"})
        return Response(status_code=400, headers={"Cache-Control": "no-store"})

    async def _begin(self, partij: str, persoon: str, origin: Herkomst, landing: str) -> Response:
        session = await begin_session(
            self._connection,
            partij=partij,
            persoon=persoon,
            scopes=self._people.scopes(self._people.register(), partij),
            herkomst=origin,
            now=self._wall.now(),
        )
        return session_response(session, landing, secure=self._secure)

    def _ask_where(self, able: Sequence[Werkplek], origin: Herkomst, landing: str) -> Response:
        herkomst = {name: getattr(origin, name) for name in Herkomst.__slots__}
        register = self._people.register()
        buttons = "".join(
            f'<form method="post" action="{SIGN_IN_PATH}/kies">{_hidden("naar", landing)}'
            + _hidden(
                "plek",
                self._choices.seal({"partij": werkplek.partij, "persoon": werkplek.persoon, "herkomst": herkomst}),
            )
            + f"<p>{button(html.escape(register.naam(werkplek.partij)))}</p></form>"
            for werkplek in able
        )
        return page("Voor welke organisatie werkt u nu?", f"<p>U staat bij meer dan één organisatie.</p>{buttons}")


def _weg(aanmelder: Aanmelder, landing: str) -> Weg:
    return Weg(f"{SIGN_IN_PATH}/bij/{id_of(aanmelder)}?naar={quote(landing, safe='')}", aanmelder.naam)


def _not_signed_in(known: Aanmelder, landing: str) -> Response:
    return _sorry(
        "U bent niet aangemeld",
        f"{known.naam} heeft u niet aangemeld, of niet sterk genoeg. Er is niets vastgelegd. Probeer het opnieuw; blijft"
        " dit zo, vraag dan uw eigen helpdesk.",
        landing,
        status=403,
    )


def _away(known: Aanmelder, error: Exception, landing: str) -> Response:
    """The provider's trouble, or our own missing secret: either way nobody gets in by it now."""
    log.error("sign_in_unavailable", host=urlsplit(known.aanmelding.uitgever).hostname, reason=str(error))
    return _sorry(
        "Aanmelden lukt nu niet",
        f"De aanmelddienst van {known.naam} is nu niet te gebruiken. Probeer het over een minuut opnieuw. Kan uw casus"
        " niet wachten, bel dan met Veilig Thuis, of vraag uw beheerder om een inloglink.",
        landing,
        status=503,
    )


def _nowhere(known: Aanmelder, who: SignedIn, werkplekken: Sequence[Werkplek], landing: str) -> Response:
    """Signed in well, and yet nobody here."""
    named = who.claims.get(known.aanmelding.kenmerk)
    if werkplekken:
        roles = ", ".join(sorted({rol.label for werkplek in werkplekken for rol in werkplek.te_zwak}))
        told = f"Voor uw rol ({roles}) moet u zich sterker aanmelden, met een tweede stap. Meld u opnieuw aan."
    elif named is None:
        told = f"{known.naam} zegt ons niet wie u bent ({known.aanmelding.kenmerk} ontbreekt). Vraag uw beheerder."
    else:
        told = (
            f"U bent aangemeld als {named}, maar het register van Houvast kent u zo niet, of niet in een rol. Vraag uw"
            " teamcoördinator of beheerder om u op te nemen."
        )
    return _sorry("U hebt hier nog geen toegang", told, landing, status=403)


def _sorry(title: str, told: str, landing: str, *, status: int) -> Response:
    again = html.escape(sign_in_for(landing), quote=True)
    return page(title, f'<p>{html.escape(told)}</p><p><a href="{again}">Opnieuw aanmelden</a></p>', status=status)


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{html.escape(value, quote=True)}">'
