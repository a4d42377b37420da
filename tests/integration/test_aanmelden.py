"""Signing in at one's own organisation: the whole road against a provider that keeps to the protocol, and ones that lie."""

import base64
import hmac
import html
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from contracts.register import Register, parse_register
from lab.sandbox.aanmelden import Aanmelddienst
from services.runtime.access.sessions import SESSION_IDLE
from services.runtime.access.tokens import SESSION_LIFETIME, Caller
from services.runtime.access.verifying import Access
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.http import Front, RunningServer, create_site, serve
from services.runtime.outbound.openid import SKEW_SECONDS
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.process.clock import VirtueleKlok
from tests.fixtures.aanmeldsite import build_aanmeldsite

pytestmark = [pytest.mark.anyio, pytest.mark.database]

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HUB = "http://hub.test"
CASUS = "/casus/0196f0a8-0000-7000-8000-000000000000?van=mail"

REGISTER = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"
[partij.aanmelding]
uitgever = "{sandbox}/idp"
client_id = "houvast"
acr = { leidinggevende = ["sterk"] }
[[partij.persoon]]
naam = "Judith van Campen"
e_mail = "Judith.vanCampen@vt.example"
[[partij.persoon]]
naam = "Roderick Vermeulen"
e_mail = "roderick.vermeulen@vt.example"
[[partij.persoon]]
naam = "Zonder Rol"
e_mail = "zonder.rol@vt.example"
[[partij.rol]]
rol = "leidinggevende"
personen = ["Judith van Campen"]
[[partij.rol]]
rol = "triagist"
personen = ["Roderick Vermeulen"]

[[partij]]
code = "meldpunt-west-brabant"
naam = "Meldpunt West-Brabant"
soort = "meldpunt"
regio = "west-brabant"
[partij.aanmelding]
uitgever = "{sandbox}/idp"
client_id = "houvast"
[[partij.persoon]]
naam = "R. Vermeulen"
e_mail = "roderick.vermeulen@vt.example"
[[partij.rol]]
rol = "coordinator"
personen = ["R. Vermeulen"]
"""
WITHOUT_MELDPUNT = REGISTER[: REGISTER.rindex("[[partij]]")]


@dataclass
class Huis:
    """A site with one provider, served over HTTP."""

    dienst: Aanmelddienst
    klok: VirtueleKlok
    pool: asyncpg.Pool
    provider: RunningServer
    register: Register

    def __post_init__(self) -> None:
        self.site = build_aanmeldsite(self.pool, lambda: self.register, self.klok, public_url=HUB, secret=_no_secret)

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.site), base_url=HUB, headers={"accept": "text/html"}
        )

    async def begin(self, browser: httpx.AsyncClient, landing: str = CASUS) -> dict[str, str]:
        """Choose the organisation; what the provider is asked."""
        page = await browser.get("/inloggen", params={"naar": landing})
        found = re.search(r'href="(/inloggen/bij/[^"]+)"', page.text)
        assert found is not None
        away = await browser.get(html.unescape(found[1]))
        assert away.status_code == 303, away.text
        return {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}

    async def come_back(self, browser: httpx.AsyncClient, asked: Mapping[str, str], persoon: str) -> httpx.Response:
        """Pick a person there, and follow the browser back to the hub."""
        partij = next(item.code for item in self.register.partijen() if item.persoon(persoon) is not None)
        fields = {name: asked[name] for name in ("client_id", "redirect_uri", "state", "nonce", "code_challenge")}
        if "acr_values" in asked:
            fields["acr_values"] = asked["acr_values"]
        async with httpx.AsyncClient() as outside:
            picked = await outside.post(
                f"{self.dienst.issuer}/kies", data={"partij": partij, "persoon": persoon, **fields}
            )
        return await browser.get(picked.headers["location"].removeprefix(HUB))

    async def sign_in(self, browser: httpx.AsyncClient, persoon: str, landing: str = CASUS) -> httpx.Response:
        return await self.come_back(browser, await self.begin(browser, landing), persoon)


def _no_secret(reference: str) -> str:
    raise SecretUnavailable(reference, "staat niet in de omgeving")


@pytest.fixture
async def huis(fresh_database: str) -> AsyncIterator[Huis]:
    klok = VirtueleKlok(START)
    async with asyncpg.create_pool(fresh_database, min_size=1, max_size=4) as pool:
        async with pool.acquire() as connection:
            await migrate_gedeeld(connection)
        site = create_site(name="idp", verifier=Access(pool, klok))
        server = await serve(Front({}, site), host="127.0.0.1", port=0)
        base = f"http://127.0.0.1:{server.port}"
        register = parse_register(REGISTER, bestand="register.toml", variabelen={"sandbox": base})
        dienst = Aanmelddienst(register, klok, klok, issuer=f"{base}/idp")
        site.include_router(dienst.router(), prefix="/idp")
        yield Huis(dienst, klok, pool, server, register)
        await server.stop()


def shrink(huis: Huis, text: str) -> None:
    """The register as somebody changed it meanwhile."""
    base = huis.dienst.issuer.removesuffix("/idp")
    huis.register = parse_register(text, bestand="register.toml", variabelen={"sandbox": base})


async def test_one_signs_in_at_ones_own_organisation_and_comes_to_the_page_that_was_asked_for(huis: Huis) -> None:
    async with huis.browser() as browser:
        back = await huis.sign_in(browser, "Judith van Campen")
        assert (back.status_code, back.headers["location"]) == (303, CASUS)
        assert (await browser.get("/wie")).json() == {
            "partij": "veilig-thuis-west-brabant",
            "persoon": "Judith van Campen",
            "rollen": ["leidinggevende"],
        }
        assert not [name for name in browser.cookies if name.startswith("houvast_aanmelding")]


async def test_who_works_at_two_organisations_says_for_which(huis: Huis) -> None:
    async with huis.browser() as browser:
        page = await huis.sign_in(browser, "Roderick Vermeulen")
        assert page.status_code == 200
        assert "Voor welke organisatie werkt u nu?" in page.text
        assert (await browser.get("/wie", headers={"accept": "application/json"})).status_code == 401
        forms = re.findall(r'name="plek" value="([^"]+)">.*?<button [^>]*>([^<]+)<', page.text)
        assert [naam for _, naam in forms] == ["Veilig Thuis West-Brabant", "Meldpunt West-Brabant"]
        chosen = await browser.post("/inloggen/kies", data={"plek": forms[1][0], "naar": CASUS})
        assert (chosen.status_code, chosen.headers["location"]) == (303, CASUS)
        who = (await browser.get("/wie")).json()
        assert (who["partij"], who["persoon"], who["rollen"]) == (
            "meldpunt-west-brabant",
            "R. Vermeulen",
            ["coordinator"],
        )
        huis.klok.move(timedelta(minutes=16))
        late = await browser.post("/inloggen/kies", data={"plek": forms[0][0], "naar": CASUS})
        assert (late.status_code, "verlopen" in late.text) == (400, True)


async def test_who_has_no_role_is_told_so_in_words(huis: Huis) -> None:
    async with huis.browser() as browser:
        page = await huis.sign_in(browser, "Zonder Rol")
        assert page.status_code == 403
        assert "zonder.rol@vt.example" in page.text
        assert "houvast_sessie" not in browser.cookies


async def test_a_role_that_asks_for_a_second_step_is_not_given_without(huis: Huis) -> None:
    async with huis.browser() as browser:
        asked = await huis.begin(browser)
        assert asked["acr_values"] == "sterk"
        page = await huis.come_back(browser, asked | {"acr_values": "zwak"}, "Judith van Campen")
        assert page.status_code == 403
        assert "leidinggevende" in page.text
        assert "tweede stap" in page.text
        assert "houvast_sessie" not in browser.cookies


async def test_a_role_that_is_withdrawn_ends_the_session(huis: Huis) -> None:
    async with huis.browser() as browser:
        await huis.sign_in(browser, "Judith van Campen")
        assert (await browser.get("/wie")).status_code == 200
        shrink(huis, REGISTER.replace('personen = ["Judith van Campen"]', 'personen = ["Zonder Rol"]'))
        huis.klok.move(timedelta(seconds=6))
        assert (await browser.get("/wie", headers={"accept": "application/json"})).status_code == 401


async def test_a_session_ends_when_nothing_is_done_and_in_the_end_anyway(huis: Huis) -> None:
    async with huis.browser() as browser:
        asks_json = {"accept": "application/json"}
        await huis.sign_in(browser, "Judith van Campen")
        for _ in range(11):
            huis.klok.move(SESSION_IDLE - timedelta(seconds=1))
            assert (await browser.get("/wie", headers=asks_json)).status_code == 200
        assert 11 * (SESSION_IDLE - timedelta(seconds=1)) + SESSION_IDLE > SESSION_LIFETIME - timedelta(minutes=1)
        huis.klok.move(SESSION_IDLE)
        assert (await browser.get("/wie", headers=asks_json)).status_code == 401
    async with huis.browser() as browser:
        await huis.sign_in(browser, "Judith van Campen")
        huis.klok.move(SESSION_IDLE)
        assert (await browser.get("/wie", headers=asks_json)).status_code == 401


async def test_one_signs_out_everywhere_at_once(huis: Huis) -> None:
    asks_json = {"accept": "application/json"}
    async with huis.browser() as here, huis.browser() as there, huis.browser() as other:
        shrink(huis, WITHOUT_MELDPUNT)
        for browser in (here, there):
            await huis.sign_in(browser, "Judith van Campen")
        await huis.sign_in(other, "Roderick Vermeulen")
        for browser in (here, there, other):
            assert (await browser.get("/wie")).status_code == 200
        assert (await here.post("/uitloggen", data={"overal": "1"})).status_code == 303
        seen = [(await browser.get("/wie", headers=asks_json)).status_code for browser in (here, there, other)]
        assert seen == [401, 401, 200]


def _logout(huis: Huis, **changed: Any) -> str:
    claims = {
        "aud": "houvast",
        "sub": "veilig-thuis-west-brabant/Judith van Campen",
        "jti": "1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    return huis.dienst.sign({**claims, **changed})


async def test_a_session_that_the_provider_ends_is_ended_here(huis: Huis) -> None:
    async with huis.browser() as browser:
        await huis.sign_in(browser, "Judith van Campen")
        for wrong in ({"events": {}}, {"aud": "ander"}, {"nonce": "x"}, {"iss": "http://elders.example"}):
            refused = await browser.post("/inloggen/uitgelogd", data={"logout_token": _logout(huis, **wrong)})
            assert refused.status_code == 400
        huis.klok.move(timedelta(seconds=6))
        assert (await browser.get("/wie")).status_code == 200
        told = await browser.post("/inloggen/uitgelogd", data={"logout_token": _logout(huis)})
        assert told.status_code == 200
        huis.klok.move(timedelta(seconds=6))
        assert (await browser.get("/wie", headers={"accept": "application/json"})).status_code == 401


# Providers that lie, and others who try


def _by_another_key(dienst: Aanmelddienst, claims: Mapping[str, Any]) -> str:
    other = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "kid": dienst.key.kid}, _whole(dienst, claims), other, algorithms=["ES256"])


def _by_no_key(dienst: Aanmelddienst, claims: Mapping[str, Any]) -> str:
    return f"{_unsigned({'alg': 'none'}, _whole(dienst, claims))}."


def _by_a_public_key(dienst: Aanmelddienst, claims: Mapping[str, Any]) -> str:
    """What everybody knows, taken for a shared secret."""
    said = _unsigned({"alg": "HS256", "kid": dienst.key.kid}, _whole(dienst, claims))
    mac = hmac.new(dienst.key.as_pem(private=False), said.encode(), "sha256").digest()
    return f"{said}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join(parts)


def _whole(dienst: Aanmelddienst, claims: Mapping[str, Any]) -> dict[str, Any]:
    now = int(dienst.wall.now().timestamp())
    return {"iss": dienst.issuer, "iat": now, "exp": now + 300, **claims}


def _with(**changed: Any) -> Callable[[Aanmelddienst, Mapping[str, Any]], str]:
    def sign(dienst: Aanmelddienst, claims: Mapping[str, Any]) -> str:
        said = {**_whole(dienst, claims), **changed}
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": dienst.key.kid}, kept, dienst.key, algorithms=["ES256"])

    return sign


NOW = int(START.timestamp())
LIES: dict[str, Callable[[Aanmelddienst, Mapping[str, Any]], str]] = {
    "another issuer": _with(iss="https://elders.example"),
    "no issuer": _with(iss=None),
    "another audience": _with(aud="een-ander"),
    "more audiences without azp": _with(aud=["houvast", "een-ander"]),
    "authorised for another": _with(aud=["houvast", "een-ander"], azp="een-ander"),
    "another nonce": _with(nonce="een-ander"),
    "no nonce": _with(nonce=None),
    "ended": _with(exp=NOW - SKEW_SECONDS - 1),
    "no end": _with(exp=None),
    "from the future": _with(iat=NOW + SKEW_SECONDS + 60),
    "not yet": _with(nbf=NOW + SKEW_SECONDS + 60),
    "nobody": _with(sub=None),
    "another key": _by_another_key,
    "algorithm none": _by_no_key,
    "signed with the public key": _by_a_public_key,
    "no token": lambda _dienst, _claims: "dit.is.niets",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_provider_that_lies_lets_nobody_in(huis: Huis, lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huis.dienst, "sign", lambda claims: LIES[lie](huis.dienst, claims))
    async with huis.browser() as browser:
        page = await huis.sign_in(browser, "Judith van Campen")
        assert page.status_code == 403
        assert "U bent niet aangemeld" in page.text
        assert "houvast_sessie" not in browser.cookies


@pytest.mark.parametrize("seconds", [-SKEW_SECONDS + 5, SKEW_SECONDS - 5])
async def test_clocks_may_be_a_minute_apart(huis: Huis, seconds: int) -> None:
    huis.dienst.wall = VirtueleKlok(START + timedelta(seconds=seconds))
    async with huis.browser() as browser:
        assert (await huis.sign_in(browser, "Judith van Campen")).status_code == 303


async def test_a_mail_address_that_the_provider_does_not_vouch_for_names_nobody(
    huis: Huis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huis.dienst, "sign", lambda claims: _with(email_verified=False)(huis.dienst, claims))
    async with huis.browser() as browser:
        page = await huis.sign_in(browser, "Judith van Campen")
        assert (page.status_code, "zegt ons niet wie u bent" in page.text) == (403, True)


async def test_keys_that_change_are_asked_for_again(huis: Huis) -> None:
    async with huis.browser() as browser:
        assert (await huis.sign_in(browser, "Judith van Campen")).status_code == 303
        huis.dienst.key = ECKey.generate_key("P-256", auto_kid=True)
        huis.klok.move(timedelta(minutes=1))
        assert (await huis.sign_in(browser, "Judith van Campen")).status_code == 303


async def test_another_browser_cannot_finish_what_one_began(huis: Huis) -> None:
    """Nobody is signed in as somebody else by a link that was prepared for them."""
    async with huis.browser() as attacker, huis.browser() as victim:
        asked = await huis.begin(attacker)
        page = await huis.come_back(victim, asked, "Judith van Campen")
        assert (page.status_code, "verlopen" in page.text) == (400, True)
        assert "houvast_sessie" not in victim.cookies


async def test_a_code_works_once_and_a_quarter_of_an_hour(huis: Huis) -> None:
    async with huis.browser() as browser:
        asked = await huis.begin(browser)
        huis.klok.move(timedelta(minutes=16))
        page = await huis.come_back(browser, asked, "Judith van Campen")
        assert (page.status_code, "verlopen" in page.text) == (400, True)


async def test_who_breaks_off_there_is_told_so(huis: Huis) -> None:
    async with huis.browser() as browser:
        asked = await huis.begin(browser)
        page = await browser.get("/inloggen/terug", params={"error": "access_denied", "state": asked["state"]})
        assert (page.status_code, "U bent niet aangemeld" in page.text) == (403, True)
        assert "access_denied" not in page.text


async def test_an_answer_from_another_provider_is_not_taken(huis: Huis) -> None:
    async with huis.browser() as browser:
        asked = await huis.begin(browser)
        page = await browser.get(
            "/inloggen/terug", params={"code": "x", "state": asked["state"], "iss": "https://elders.example"}
        )
        assert page.status_code == 403


async def test_a_provider_that_is_down_is_said_to_be(huis: Huis) -> None:
    async with huis.browser() as browser:
        page = await browser.get("/inloggen")
        found = re.search(r'href="(/inloggen/bij/[^"]+)"', page.text)
        assert found is not None
        await huis.provider.stop()
        away = await browser.get(html.unescape(found[1]))
        assert (away.status_code, "Aanmelden lukt nu niet" in away.text) == (503, True)
        assert (await browser.get("/inloggen/bij/onbekend")).status_code == 404


async def test_a_secret_of_ours_that_is_missing_is_no_fault_of_who_signs_in(huis: Huis) -> None:
    shrink(huis, REGISTER.replace('client_id = "houvast"', 'client_id = "houvast"\ngeheim = "env:ONTBREEKT"'))
    async with huis.browser() as browser:
        page = await browser.get("/inloggen")
        found = re.search(r'href="(/inloggen/bij/[^"]+)"', page.text)
        assert found is not None
        away = await browser.get(html.unescape(found[1]))
        assert (away.status_code, "Aanmelden lukt nu niet" in away.text) == (503, True)
        assert "ONTBREEKT" not in away.text


async def test_one_cannot_be_led_elsewhere_by_signing_in(huis: Huis) -> None:
    async with huis.browser() as browser:
        back = await huis.sign_in(browser, "Judith van Campen", landing="https://elders.example/")
        assert (back.status_code, back.headers["location"]) == (303, "/")


def test_whoever_administers_another_organisation_administers_no_hub() -> None:
    ours = Caller("houvast", frozenset(), persoon="Nadia Verwey", rollen=frozenset({"beheerder"}))
    theirs = Caller("GM0758", frozenset(), persoon="Bert Baas", rollen=frozenset({"beheerder"}))
    assert (ours.actor.rol, str(ours.actor)) == ("beheerder", "Nadia Verwey (houvast)")
    assert (theirs.actor.rol, str(theirs.actor)) == (None, "Bert Baas (GM0758)")
