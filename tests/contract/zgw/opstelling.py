"""A zaaksysteem to keep the contract with: a real one where the environment names it, else that of the sandbox.

`HOUVAST_ZGW_URL`, `HOUVAST_ZGW_CLIENT_ID`, `HOUVAST_ZGW_SECRET` and `HOUVAST_ZGW_ZAAKTYPE` name a real one, and where
needed `HOUVAST_ZGW_RSIN`. Its client must be allowed to make zaken of that zaaktype with their rollen, statussen and
documenten, to read them, and to read audittrails. What is made there is invented and stays there.
"""

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.afspraken import load_rule_book
from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.identifiers import CasusId, derived_id
from contracts.register import Register, Zaakantwoord, ZgwEndpoint, parse_register
from lab.sandbox.gedrag import Gedrag
from lab.sandbox.zgw import Notificaties, Zaaksysteem, ZgwGemeenten, build_zgw
from lab.sandbox.zgw.geheugen import ZgwGeheugen
from services.handover.adapters.bijlagen import PostgresBijlagen
from services.handover.adapters.brieven import TypstBrieven
from services.handover.adapters.zgw import (
    Api,
    Catalogi,
    Stukken,
    Verbinding,
    Zaaksystemen,
    ZgwAflevering,
    ZgwClient,
    ZgwIntrekking,
    ZgwZaakstatus,
    identify_zaak,
)
from services.runtime.access.sealing import CaseSealer
from services.runtime.http import serve
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.process.clock import Klok, SystemKlok
from services.runtime.unit.decision import Attempt, JsonObject, Request

GEMEENTE, TEAM = "GM0777", "team-etten-leur"
RSIN = "517439943"
SECRET = "een-geheim-van-genoeg-tekens"
COMPLETE = (1, 2, 2, 1)
"""Zaken, documenten, their links and statussen of an overdracht that arrived."""
_BESLUIT = Path(__file__).parents[3] / "deploy" / "voorbeeld" / "triagebesluit.json"
DOCUMENT = Overdrachtsdocument.model_validate(json.loads(_BESLUIT.read_text("utf-8"))["overdrachtsdocument"])

_REGISTER = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"

[[gemeente]]
code = "GM0777"
naam = "Etten-Leur"
oin = "00000099077700000000"
regio = "west-brabant"
[[gemeente.team]]
code = "team-etten-leur"
naam = "Lokaal team Etten-Leur"
soort = "anderhalvelijns"
[gemeente.endpoint]
soort = "zgw"
url = "{url}"
client_id = "{client_id}"
geheim = "env:HOUVAST_ZGW_SECRET"
zaaktype = "{zaaktype}"
rsin = "{rsin}"
"""


@dataclass
class Weg:
    """The road to the zaaksysteem, over which every call goes: counts, and breaks where it is told to."""

    transport: httpx.AsyncBaseTransport
    posts: int = 0
    gets: list[str] = field(default_factory=list)
    lose_answer_of: int | None = None

    def breaks_after(self, post: int) -> None:
        """The POST with this number is carried out, and its answer lost."""
        self.posts, self.lose_answer_of = 0, post


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, weg: Weg) -> None:
        self._weg = weg

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._weg.transport.handle_async_request(request)
        if request.method == "GET":
            self._weg.gets.append(request.url.path)
            return response
        self._weg.posts += 1
        if self._weg.posts == self._weg.lose_answer_of:
            await response.aread()
            await response.aclose()
            raise httpx.ReadError("the connection broke", request=request)
        return response

    async def aclose(self) -> None:
        await self._weg.transport.aclose()


@dataclass
class Opstelling:
    """Both sides: what the hub sends with, and eyes of our own on what the zaaksysteem holds."""

    register: Register
    weg: Weg
    klok: Klok
    aflevering: ZgwAflevering
    zaakstatus: ZgwZaakstatus
    intrekking: ZgwIntrekking
    verbinding: Verbinding
    eigen: ZgwClient
    sandbox: Zaaksysteem | None

    @property
    def endpoint(self) -> ZgwEndpoint:
        return self.eigen.endpoint

    def request(self, overdracht_id: UUID, *, attempts: int = 1) -> tuple[Request, CasusId, CaseSealer]:
        """An overdracht to deliver, as the runtime hands it to a performer; `attempts` counts this one."""
        casus_id = CasusId(derived_id("casus", str(overdracht_id)))
        sealer = CaseSealer(casus_id, b"s" * 32)
        content: JsonObject = {
            "overdrachtId": str(overdracht_id),
            "gemeente": GEMEENTE,
            "team": TEAM,
            "overdrachtsoort": "direct",
            "aangemaaktOp": (self.klok.now() - timedelta(minutes=1)).replace(microsecond=0).isoformat(),
            "meldingOntvangenOp": (self.klok.now() - timedelta(hours=1)).isoformat(),
            "regio": "west-brabant",
            "document": sealer.seal(DOCUMENT).jwe,
        }
        return Request(overdracht_id, "aflevering-zgw", GEMEENTE, content, self.klok.now(), attempts), casus_id, sealer

    async def deliver(self, overdracht_id: UUID, *, attempts: int = 1) -> Attempt:
        return await self.aflevering(*self.request(overdracht_id, attempts=attempts))

    async def ask(self, overdracht_id: UUID, kenmerk: object) -> Attempt:
        """What the hub makes of the status of this zaak."""
        request, casus_id, sealer = self.request(overdracht_id)
        return await self.zaakstatus(
            Request(uuid4(), "zaakstatus-zgw", GEMEENTE, {**request.content, "kenmerk": str(kenmerk)}, request.due_at),
            casus_id,
            sealer,
        )

    async def withdraw(self, overdracht_id: UUID, *, op: datetime | None = None) -> Attempt:
        """Veilig Thuis took it back, a moment ago or at `op`."""
        request, casus_id, sealer = self.request(overdracht_id)
        at = op or self.klok.now().replace(microsecond=0) - timedelta(seconds=1)
        content: JsonObject = {
            "overdrachtId": str(overdracht_id),
            "gemeente": GEMEENTE,
            "team": TEAM,
            "kanaal": "zgw",
            "regio": "west-brabant",
            "ingetrokkenOp": at.isoformat(),
        }
        notice = Request(uuid4(), "intrekking-zgw", GEMEENTE, content, request.due_at, 1)
        return await self.intrekking(notice, casus_id, sealer)

    async def look(self, overdracht_id: UUID) -> "Gezien":
        """What is really there, counted."""
        naam = identify_zaak(overdracht_id)
        zaken = await self._find(Api.ZAKEN, "zaken", identificatie=naam, bronorganisatie=self.endpoint.rsin)
        of_zaak = str(zaken[0]["url"]) if zaken else ""
        return Gezien(
            zaken=zaken,
            rollen=await self._find(Api.ZAKEN, "rollen", zaak=of_zaak) if zaken else [],
            links=await self._find(Api.ZAKEN, "zaakinformatieobjecten", zaak=of_zaak) if zaken else [],
            statussen=await self._find(Api.ZAKEN, "statussen", zaak=of_zaak) if zaken else [],
            resultaten=await self._find(Api.ZAKEN, "resultaten", zaak=of_zaak) if zaken else [],
            documenten=[
                document
                for number in (1, 2)
                for document in await self._find(
                    Api.DOCUMENTEN,
                    "enkelvoudiginformatieobjecten",
                    identificatie=f"{naam}-{number}",
                    bronorganisatie=self.endpoint.rsin,
                )
            ],
        )

    async def statustypen(self) -> list[JsonObject]:
        found = await self._find(Api.CATALOGI, "statustypen", zaaktype=self.endpoint.zaaktype)
        return sorted(found, key=lambda item: cast("int", item["volgnummer"]))

    async def set_status(self, zaak: object, statustype: JsonObject) -> str:
        """What a person does there; the moment at which."""
        op = self.klok.now().replace(microsecond=0).isoformat()
        body: JsonObject = {"zaak": str(zaak), "statustype": statustype["url"], "datumStatusGezet": op}
        await self.eigen.create(Api.ZAKEN, "statussen", body, stap="test")
        return op

    def with_statussen(self, table: dict[str, Zaakantwoord]) -> "Opstelling":
        """The same, where the register gives these statussen a meaning."""
        endpoint = self.endpoint.model_copy(update={"statussen": table})
        return build(endpoint, self.weg, klok=self.klok, sandbox=self.sandbox)

    async def _find(self, api: Api, collection: str, **criteria: str) -> list[JsonObject]:
        return await self.eigen.find(api, collection, stap="test", **criteria)


@dataclass(frozen=True)
class Gezien:
    """Everything about one overdracht in the zaaksysteem."""

    zaken: list[JsonObject]
    rollen: list[JsonObject]
    links: list[JsonObject]
    statussen: list[JsonObject]
    resultaten: list[JsonObject]
    documenten: list[JsonObject]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Zaken, documenten, their links, statussen."""
        return len(self.zaken), len(self.documenten), len(self.links), len(self.statussen)


def build(
    endpoint: ZgwEndpoint,
    weg: Weg,
    *,
    klok: Klok,
    wall: Klok | None = None,
    sandbox: Zaaksysteem | None = None,
    secret: Callable[[str], str] | None = None,
    timeout: float = 15.0,
) -> Opstelling:
    """What a hub with this register entry has."""
    register = register_of(endpoint)
    told, looking = (httpx.AsyncClient(transport=over, trust_env=False) for over in (_Transport(weg), weg.transport))
    resolve = secret or (lambda _: _secret())
    verbinding = Verbinding(lambda _: told, secret=resolve, wall=wall or SystemKlok(), timeout=timeout)
    zaaksystemen = Zaaksystemen(
        verbinding, register=register, secret=resolve, klok=klok, catalogi=Catalogi(verbinding.wall)
    )
    eigen = Verbinding(lambda _: looking, secret=resolve, wall=verbinding.wall, timeout=15.0)
    stukken = Stukken(
        register=register, rule_book=load_rule_book(), brieven=TypstBrieven(), bijlagen=PostgresBijlagen(SystemKlok())
    )
    return Opstelling(
        register=register,
        weg=weg,
        klok=klok,
        aflevering=ZgwAflevering(zaaksystemen, stukken=stukken),
        zaakstatus=ZgwZaakstatus(zaaksystemen),
        intrekking=ZgwIntrekking(zaaksystemen),
        verbinding=verbinding,
        eigen=ZgwClient(eigen, endpoint, secret=_secret()),
        sandbox=sandbox,
    )


@asynccontextmanager
async def opgesteld(tmp_path: Path) -> AsyncIterator[Opstelling]:
    """The real one, or the sandbox on a port of its own."""
    if (url := os.environ.get("HOUVAST_ZGW_URL")) is not None:
        endpoint = make_endpoint(
            url,
            zaaktype=os.environ["HOUVAST_ZGW_ZAAKTYPE"],
            client_id=os.environ["HOUVAST_ZGW_CLIENT_ID"],
            rsin=os.environ.get("HOUVAST_ZGW_RSIN", RSIN),
        )
        async with httpx.AsyncHTTPTransport() as transport:
            yield build(endpoint, Weg(transport), klok=SystemKlok())
        return
    async with sandbox(tmp_path, klok=SystemKlok()) as (zaaksysteem, _), httpx.AsyncHTTPTransport() as transport:
        yield build(zaaksysteem.endpoint, Weg(transport), klok=SystemKlok(), sandbox=zaaksysteem)


@asynccontextmanager
async def sandbox(
    tmp_path: Path,
    *,
    klok: Klok,
    wall: Klok | None = None,
    gedrag: Gedrag | None = None,
) -> AsyncIterator[tuple[Zaaksysteem, ZgwGemeenten]]:
    """A zaaksysteem of the sandbox, served over HTTP."""
    door = _Door()
    server = await serve(door, host="127.0.0.1", port=0)
    url = f"http://127.0.0.1:{server.port}/sandbox/zgw/{GEMEENTE}"
    zaaktype = f"{url}/catalogi/api/v1/zaaktypen/{derived_id('zaaktype', GEMEENTE)}"
    zaaksysteem = Zaaksysteem(
        code=GEMEENTE,
        naam="Etten-Leur",
        endpoint=make_endpoint(url, zaaktype=zaaktype),
        klok=klok,
        wall=wall or SystemKlok(),
        secret=_secret,
        geheugen=ZgwGeheugen(tmp_path / "zaken.jsonl"),
        gedrag=gedrag or Gedrag.nooit(),
    )
    gemeenten = ZgwGemeenten([zaaksysteem], klok, Notificaties(klok, data_dir=tmp_path))
    door.app = Starlette(routes=[Mount("/sandbox/zgw", build_zgw(gemeenten))])
    await gemeenten.start()
    try:
        yield zaaksysteem, gemeenten
    finally:
        await gemeenten.stop()
        await server.stop()


def make_endpoint(url: str, *, zaaktype: str, client_id: str = "houvast", rsin: str = RSIN) -> ZgwEndpoint:
    """As the register would have it."""
    text = _REGISTER
    for name, value in {"url": url, "zaaktype": zaaktype, "client_id": client_id, "rsin": rsin}.items():
        text = text.replace("{" + name + "}", value)
    endpoint = parse_register(text, bestand="register.toml").gemeente(GEMEENTE, on=SystemKlok().now().date()).endpoint
    assert isinstance(endpoint, ZgwEndpoint)
    return endpoint


def register_of(endpoint: ZgwEndpoint) -> Register:
    """Etten-Leur with this endpoint, and its Veilig Thuis."""
    text = _REGISTER.replace("{url}", "https://x.example").replace("{zaaktype}", "https://x.example/1")
    parsed = parse_register(text.replace("{client_id}", "x").replace("{rsin}", endpoint.rsin), bestand="register.toml")
    (gemeente,) = parsed.gemeenten(SystemKlok().now().date())
    return Register(gemeenten=[gemeente.model_copy(update={"endpoint": endpoint})], partijen=parsed.partijen())


def _secret() -> str:
    return os.environ.get("HOUVAST_ZGW_SECRET", SECRET)


def no_secret(reference: str) -> str:
    """A hub whose secret is not where the register says."""
    raise SecretUnavailable(reference, "deze omgevingsvariabele is niet gezet")


class _Door:
    """Takes the port before there is an app, because a zaaksysteem has its own address in everything it says."""

    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)
