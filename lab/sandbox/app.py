"""The sandbox as one app under `/sandbox`, and the page on which a person sees what arrived."""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contracts.afspraken import local_date
from contracts.messages.envelope import CONTENT_TYPE, MalformedMessage
from contracts.register import AnyEndpoint, Gemeente, MailEndpoint, Partij, Register, RestEndpoint, ZgwEndpoint
from contracts.register.werkplekken import find_aanmelders
from lab.sandbox.aanmelden import AANMELD_PATH, Aanmelddienst
from lab.sandbox.antwoorden import Antwoorden, Hub
from lab.sandbox.gedrag import Gedrag
from lab.sandbox.geheugen import Beantwoord, Geheugen
from lab.sandbox.gemeente import Ontvangst, OtherContent, SandboxGemeente, WrongAddress
from lab.sandbox.mail import MailSink
from lab.sandbox.postbus import Postbussen, Team
from lab.sandbox.retour import Retourpost
from lab.sandbox.storing import out_of_order
from lab.sandbox.teams import CardRefused, TeamsSink
from lab.sandbox.zgw import ZGW_PATH, Notificaties, Zaaksysteem, ZgwGemeenten, build_zgw
from lab.sandbox.zgw.geheugen import ZgwGeheugen
from services.runtime.http.application import add_problem_handlers, json_response
from services.runtime.http.edge import Edge
from services.runtime.http.problems import problem_response, refusal, title_of
from services.runtime.outbound.webhooks import WebhookNotVerified
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Refused

BASE_PATH = "/sandbox"
_ZONE = ZoneInfo("Europe/Amsterdam")
_SHOWN = 200


@dataclass(slots=True)
class Sandbox:
    """Everything on the other side. `app` answers under `/sandbox`; `start` opens the mail server and the way back.

    Answers to the hub wait for `connect`, because the hub starts after its receivers.
    """

    app: FastAPI
    gemeenten: Mapping[str, SandboxGemeente]
    mail: MailSink
    teams: TeamsSink
    antwoorden: Antwoorden
    geheugen: Geheugen
    zgw: ZgwGemeenten
    postbussen: Postbussen
    retourpost: Retourpost

    async def start(self, *, mail_port: int = 0) -> None:
        """Open the mail server, and take up again what the gemeenten were doing when this was last stopped."""
        await self.mail.start(mail_port)
        await self.antwoorden.start()
        await self.zgw.start()
        await self.postbussen.start()
        await self.retourpost.start()
        self.mail.retour.append(self.retourpost.send)
        self.mail.lezers.append(self.postbussen.take)
        self._remember()
        for ontvangst in self.ontvangsten:
            self.antwoorden.plan(self.gemeenten[ontvangst.ontvanger], ontvangst)

    def connect(self, *, hub_url: str, tokens: Mapping[str, str], mail_token: str | None = None) -> None:
        """Tell where the hub is, and which bearer token each gemeente and the mail server have there."""
        self.antwoorden.connect(Hub(hub_url, dict(tokens)))
        self.postbussen.connect(hub_url)
        if mail_token is not None:
            self.retourpost.connect(hub_url, mail_token)

    def _remember(self) -> None:
        known = dict[UUID, Ontvangst]()
        for regel in self.geheugen.recall():
            if isinstance(regel, Beantwoord):
                if (ontvangst := known.get(regel.overdracht_id)) is not None:
                    ontvangst.note(regel.stap, regel.op)
            elif (gemeente := self.gemeenten.get(regel.aanbod.partij or regel.aanbod.gemeente)) is not None:
                known[regel.aanbod.overdracht_id] = gemeente.remember(regel)

    async def stop(self) -> None:
        await self.retourpost.stop()
        await self.postbussen.stop()
        await self.zgw.stop()
        await self.antwoorden.stop()
        await self.mail.stop()

    @property
    def codes(self) -> frozenset[str]:
        """Who answers to the hub by its API, and so needs a token there. A zaaksysteem has that of its abonnement."""
        return frozenset(self.gemeenten)

    @property
    def bereikt(self) -> "Counter[UUID]":
        """How often each overdracht lies at its receiver, by whichever road: once, when all is well."""
        received = (*self.ontvangsten, *self.zgw.ontvangen, *self.postbussen.post)
        return Counter(item.overdracht_id for item in received)

    @property
    def ontvangsten(self) -> tuple[Ontvangst, ...]:
        """All that came in over REST, at whichever gemeente, the oldest first."""
        received = (item for gemeente in self.gemeenten.values() for item in gemeente.ontvangsten.values())
        return tuple(sorted(received, key=lambda item: item.ontvangen_op))


def build_sandbox(
    *,
    register: Register,
    klok: Klok,
    wall: Klok,
    secret: Callable[[str], str],
    data_dir: Path,
    gedrag: Mapping[str, Gedrag] | None = None,
    standaard: Gedrag | None = None,
) -> Sandbox:
    """A sandbox for everybody in the register who has a REST, ZGW or mail endpoint here today, on the Clock.

    `wall` judges signatures and certificates; `secret` resolves references; `gedrag` is per gemeente, `standaard` for
    all others.
    """
    usual, geheugen = standaard or Gedrag(), Geheugen(data_dir / "sandbox-gemeenten.jsonl")
    receivers = register.receivers(on=local_date(klok.now()))
    gemeenten = {
        receiver.code: SandboxGemeente(
            code=receiver.code,
            naam=receiver.naam,
            klok=klok,
            wall=wall,
            keys=_keys_of(receiver.endpoint, secret),
            geheugen=geheugen,
            gedrag=(gedrag or {}).get(receiver.code, usual),
        )
        for receiver in receivers
        if isinstance(receiver.endpoint, RestEndpoint)
    }
    mail, teams = MailSink(klok, wall=wall, data_dir=data_dir), TeamsSink(klok, secret=secret)
    antwoorden = Antwoorden(klok)
    zgw = _build_zaaksystemen(
        receivers, klok=klok, wall=wall, secret=secret, data_dir=data_dir, gedrag=gedrag or {}, standaard=usual
    )
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    postbussen = Postbussen(_mailboxes(receivers, gedrag or {}, usual), klok, data_dir=data_dir)
    sandbox = Sandbox(app, gemeenten, mail, teams, antwoorden, geheugen, zgw, postbussen, Retourpost(klok))
    app.mount(BASE_PATH + ZGW_PATH, build_zgw(zgw))
    for issuer in _providers_here(register, local_date(klok.now())):
        app.include_router(Aanmelddienst(register, klok, wall, issuer=issuer).router(), prefix=BASE_PATH + AANMELD_PATH)
    _add_routes(app, sandbox)
    add_problem_handlers(app)
    app.add_middleware(Edge, name="sandbox")
    return sandbox


def _providers_here(register: Register, on: date) -> set[str]:
    """The provider of this sandbox, where anybody in the register signs in by it."""
    issuers = {aanmelder.aanmelding.uitgever for aanmelder in find_aanmelders(register, on=on)}
    return {issuer for issuer in issuers if issuer.endswith(BASE_PATH + AANMELD_PATH)}


def _build_zaaksystemen(
    receivers: Iterable[Gemeente | Partij],
    *,
    klok: Klok,
    wall: Klok,
    secret: Callable[[str], str],
    data_dir: Path,
    gedrag: Mapping[str, Gedrag],
    standaard: Gedrag,
) -> ZgwGemeenten:
    """Those whose endpoint lies in a sandbox; a register may also name a zaaksysteem that is really somewhere else."""
    geheugen = ZgwGeheugen(data_dir / "sandbox-zaken.jsonl")
    systemen = [
        Zaaksysteem(
            code=receiver.code,
            naam=receiver.naam,
            endpoint=receiver.endpoint,
            klok=klok,
            wall=wall,
            secret=partial(secret, receiver.endpoint.geheim),
            geheugen=geheugen,
            gedrag=gedrag.get(receiver.code, standaard),
        )
        for receiver in receivers
        if isinstance(receiver.endpoint, ZgwEndpoint)
        and receiver.endpoint.url.endswith(f"{BASE_PATH}{ZGW_PATH}/{receiver.code}")
    ]
    return ZgwGemeenten(systemen, klok, Notificaties(klok, data_dir=data_dir))


def _mailboxes(receivers: Iterable[Gemeente | Partij], gedrag: Mapping[str, Gedrag], usual: Gedrag) -> dict[str, Team]:
    """Who reads which address."""
    return {
        endpoint.adres: Team(receiver.code, receiver.naam, gedrag.get(receiver.code, usual))
        for receiver in receivers
        for endpoint in (receiver.endpoint, *_endpoints_of_teams(receiver))
        if isinstance(endpoint, MailEndpoint)
    }


def _endpoints_of_teams(receiver: Gemeente | Partij) -> tuple[AnyEndpoint | None, ...]:
    return tuple(team.endpoint for team in receiver.teams) if isinstance(receiver, Gemeente) else ()


def _keys_of(endpoint: RestEndpoint, secret: Callable[[str], str]) -> Callable[[], tuple[str, ...]]:
    references = endpoint.geheimen
    return lambda: tuple(secret(reference) for reference in references)


def _add_routes(app: FastAPI, sandbox: Sandbox) -> None:
    @app.get(BASE_PATH)
    async def to_page() -> Response:
        return RedirectResponse(BASE_PATH + "/", status_code=308)

    @app.get(BASE_PATH + "/")
    async def show_page() -> Response:
        return HTMLResponse(_render(sandbox), headers={"Content-Security-Policy": _POLICY})

    @app.post(BASE_PATH + "/teams/{kanaal}/{sleutel}")
    async def take_card(kanaal: str, sleutel: str, request: Request) -> Response:
        return await _take_card(sandbox.teams, kanaal, sleutel, request)

    @app.post(BASE_PATH + "/{gemeente}")
    async def take_overdracht(gemeente: str, request: Request) -> Response:
        return await _take_overdracht(sandbox, gemeente, request)

    del to_page, show_page, take_card, take_overdracht


async def _take_card(teams: TeamsSink, kanaal: str, sleutel: str, request: Request) -> Response:
    if not teams.knows(kanaal, sleutel):
        raise refusal(401, "Dit is geen adres van een workflow in deze sandbox.", code="onbekende-workflow")
    try:
        teams.receive(kanaal, await request.body())
    except CardRefused as error:
        return problem_response(Refused(error.status, title_of(error.status), error.problems, "kaart-ongeldig"))
    return Response(status_code=202)


async def _take_overdracht(sandbox: Sandbox, code: str, request: Request) -> Response:
    gemeente = sandbox.gemeenten.get(code)
    if gemeente is None:
        raise refusal(404, "Deze gemeente heeft geen endpoint in de sandbox.", code="onbekende-gemeente")
    body = await request.body()
    storing = gemeente.gedrag.storing_at(gemeente.klok.now())
    if storing is not None:
        gemeente.note_refusal(f"storing: {storing.soort}")
        return out_of_order(storing)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != CONTENT_TYPE:
        gemeente.note_refusal("geen CloudEvent")
        raise refusal(415, f"moet {CONTENT_TYPE} zijn", code="mediatype", place="header.content-type")
    try:
        ontvangst, is_new = gemeente.receive(request.headers, body)
    except WebhookNotVerified as error:
        raise refusal(401, error.reden.value, code="handtekening-ongeldig") from None
    except MalformedMessage as error:
        gemeente.note_refusal("bericht niet te lezen")
        return problem_response(Refused(400, title_of(400), error.problems, "bericht-ongeldig"))
    except WrongAddress:
        raise refusal(422, "is een andere gemeente", code="verkeerde-gemeente", place="data.gemeente") from None
    except OtherContent:
        raise refusal(409, "Dit kenmerk kwam eerder met een andere inhoud.", code="andere-inhoud") from None
    if ontvangst is None:
        return json_response({"proef": True}, status=200)
    if is_new:
        sandbox.antwoorden.plan(gemeente, ontvangst)
    return json_response({"ontvangenOp": ontvangst.ontvangen_op, "herhaling": not is_new}, status=202)


def _moment(value: datetime | None) -> str:
    if value is None:
        return "nog niet"
    local = value.astimezone(_ZONE)
    return f"{local.day:02}-{local.month:02}-{local.year} {local:%H:%M}"


_STYLE = (
    "body{font-family:system-ui,sans-serif;line-height:1.5;margin:2rem auto;max-width:72rem;padding:0 1rem;"
    "color:#1d1d1d}table{border-collapse:collapse;width:100%;margin-bottom:2rem}"
    "caption{text-align:left;font-weight:600;padding:.5rem 0}"
    "th,td{text-align:left;padding:.35rem .75rem;border-bottom:1px solid #b5b5b5;vertical-align:top}"
    "details{border:1px solid #b5b5b5;padding:.5rem .75rem;margin:.5rem 0}pre{white-space:pre-wrap;font:inherit}"
    "a:focus-visible,summary:focus-visible{outline:3px solid #000;outline-offset:2px}nav ul{display:flex;gap:1.5rem;"
    "list-style:none;padding:0;flex-wrap:wrap}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGES = Environment(loader=PackageLoader("lab.sandbox", "."), autoescape=select_autoescape(["j2"]), trim_blocks=True)
_PAGES.filters["moment"] = _moment


def _render(sandbox: Sandbox) -> str:
    return _PAGES.get_template("pagina.html.j2").render(
        style=_STYLE,
        gemeenten=sorted(sandbox.gemeenten.values(), key=lambda gemeente: gemeente.naam),
        ontvangsten=[
            (sandbox.gemeenten[item.ontvanger].naam, item) for item in sandbox.ontvangsten[: -_SHOWN - 1 : -1]
        ],
        zaken=[
            (sandbox.zgw.zaaksystemen[zaak.gemeente].naam, zaak) for zaak in sandbox.zgw.ontvangen[: -_SHOWN - 1 : -1]
        ],
        post=[(_naam_of_team(sandbox, item.gemeente), item) for item in sandbox.postbussen.post[: -_SHOWN - 1 : -1]],
        mails=sandbox.mail.mails[: -_SHOWN - 1 : -1],
        kaarten=sandbox.teams.kaarten[: -_SHOWN - 1 : -1],
        shown=_SHOWN,
    )


def _naam_of_team(sandbox: Sandbox, code: str) -> str:
    return next((team.naam for team in sandbox.postbussen.teams.values() if team.code == code), code)
