"""Signing in by a real Keycloak: in, with new keys, with a clock that is off, out there and here, and not strong enough."""

import html
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import asyncpg
import httpx
import pytest
import stamina

from contracts.register import parse_register
from lab.ground.local_server import free_port
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.http import Front, serve
from services.runtime.process.clock import SystemKlok
from tests.fixtures.aanmeldsite import build_aanmeldsite
from tests.fixtures.keycloak import PASSWORD, REALM, SECRET, Keycloak, running_keycloak

pytestmark = [pytest.mark.anyio, pytest.mark.database, pytest.mark.timeout(600)]

REGISTER = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"
[partij.aanmelding]
uitgever = "{keycloak}"
client_id = "houvast"
geheim = "env:HOUVAST_PROEF"
acr = { leidinggevende = ["tweede-stap"], triagist = ["wachtwoord", "tweede-stap"] }
[[partij.persoon]]
naam = "Judith van Campen"
e_mail = "judith.vancampen@vt.example"
[[partij.persoon]]
naam = "Roderick Vermeulen"
e_mail = "roderick.vermeulen@vt.example"
[[partij.rol]]
rol = "leidinggevende"
personen = ["Judith van Campen"]
[[partij.rol]]
rol = "triagist"
personen = ["Roderick Vermeulen"]
"""
PEOPLE = {
    "Judith van Campen": "judith.vancampen@vt.example",
    "Roderick Vermeulen": "roderick.vermeulen@vt.example",
    "Vera Vreemd": "vera.vreemd@vt.example",
}
PORT = free_port()
HUB = f"http://127.0.0.1:{PORT}"


@pytest.fixture(scope="module")
def keycloak() -> Iterator[Keycloak]:
    with running_keycloak(hub=HUB, people=PEOPLE) as running:
        yield running


class Wall:
    """The clock on the wall, as far off as a test wants it."""

    def __init__(self) -> None:
        self.off = timedelta()

    def now(self) -> datetime:
        return SystemKlok().now() + self.off


@pytest.fixture
async def wall(keycloak: Keycloak, fresh_database: str) -> AsyncIterator[Wall]:
    """The clock of a hub that is served at `HUB`."""
    wall = Wall()
    register = parse_register(REGISTER, bestand="register.toml", variabelen={"keycloak": keycloak.issuer})
    async with asyncpg.create_pool(fresh_database, min_size=1, max_size=4) as pool:
        async with pool.acquire() as connection:
            await migrate_gedeeld(connection)
        site = build_aanmeldsite(pool, lambda: register, wall, public_url=HUB, secret=lambda _: SECRET)
        server = await serve(Front({}, site), host="127.0.0.1", port=PORT)
        yield wall
        await server.stop()


async def sign_in(browser: httpx.AsyncClient, address: str) -> httpx.Response:
    """Through the pages of Keycloak, as a person in a browser; what the hub says in the end."""
    page = await browser.get(f"{HUB}/inloggen", params={"naar": "/wie"})
    way = re.search(r'href="(/inloggen/bij/[^"]+)"', page.text)
    assert way is not None
    asked = await browser.get(f"{HUB}{html.unescape(way[1])}", follow_redirects=True)
    _bring_cookies(browser)
    form = re.search(r'<form[^>]+action="([^"]+)"', asked.text)
    assert form is not None, asked.text[:500]
    filled = {"username": address.partition("@")[0], "password": PASSWORD}
    sent = await browser.post(html.unescape(form[1]), data=filled)
    assert sent.status_code in {302, 303}, sent.text[:500]
    return await browser.get(sent.headers["location"])


def _bring_cookies(browser: httpx.AsyncClient) -> None:
    """Also those for TLS alone: a browser trusts this machine without it, which the library does not know."""
    for cookie in browser.cookies.jar:
        cookie.secure = False


def browser() -> httpx.AsyncClient:
    return httpx.AsyncClient(headers={"accept": "text/html"}, timeout=30)


async def test_one_signs_in_by_keycloak_also_with_new_keys_and_a_clock_that_is_off(
    wall: Wall, keycloak: Keycloak
) -> None:
    async with browser() as client:
        back = await sign_in(client, PEOPLE["Roderick Vermeulen"])
        assert (back.status_code, back.headers["location"]) == (303, "/wie")
        assert (await client.get(f"{HUB}/wie")).json() == {
            "partij": "veilig-thuis-west-brabant",
            "persoon": "Roderick Vermeulen",
            "rollen": ["triagist"],
        }
    _rotate(keycloak)
    wall.off = timedelta(seconds=45)
    async with browser() as client:
        assert (await sign_in(client, PEOPLE["Roderick Vermeulen"])).status_code == 303
    wall.off = timedelta(minutes=-5)
    async with browser() as client:
        page = await sign_in(client, PEOPLE["Roderick Vermeulen"])
        assert (page.status_code, "U bent niet aangemeld" in page.text) == (403, True)


def _rotate(keycloak: Keycloak) -> None:
    """The realm signs with another key from now on."""
    (realm,) = [found for found in keycloak.admin("GET", "") if found["realm"] == REALM]
    body = {
        "name": "nieuw",
        "parentId": realm["id"],
        "providerId": "rsa-generated",
        "providerType": "org.keycloak.keys.KeyProvider",
        "config": {"priority": ["200"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"]},
    }
    keycloak.admin("POST", f"{REALM}/components", body)


@pytest.mark.usefixtures("wall")
async def test_who_signs_in_too_weakly_or_is_not_known_here_is_told_so() -> None:
    async with browser() as client:
        page = await sign_in(client, PEOPLE["Judith van Campen"])
        assert (page.status_code, "tweede stap" in page.text) == (403, True)
    async with browser() as client:
        page = await sign_in(client, PEOPLE["Vera Vreemd"])
        assert (page.status_code, PEOPLE["Vera Vreemd"] in page.text) == (403, True)


@pytest.mark.usefixtures("wall")
async def test_who_is_signed_out_there_is_signed_out_here(keycloak: Keycloak) -> None:
    async with browser() as client:
        await sign_in(client, PEOPLE["Roderick Vermeulen"])
        assert (await client.get(f"{HUB}/wie")).status_code == 200
        (user,) = keycloak.admin("GET", f"{REALM}/users?username=roderick.vermeulen")
        sessions = keycloak.admin("GET", f"{REALM}/users/{user['id']}/sessions")
        last = max(sessions, key=lambda session: session["start"])
        keycloak.admin("DELETE", f"{REALM}/sessions/{last['id']}")
        async for attempt in stamina.retry_context(on=AssertionError, attempts=60, wait_max=0.5, timeout=30):
            with attempt:
                assert (await client.get(f"{HUB}/wie", headers={"accept": "application/json"})).status_code == 401


@pytest.mark.usefixtures("wall")
async def test_who_signs_out_here_can_sign_out_there_and_has_to_sign_in_anew(keycloak: Keycloak) -> None:
    """Without an identity token Keycloak asks whether one means it."""
    async with browser() as client:
        await sign_in(client, PEOPLE["Roderick Vermeulen"])
        (user,) = keycloak.admin("GET", f"{REALM}/users?username=roderick.vermeulen")
        before = len(keycloak.admin("GET", f"{REALM}/users/{user['id']}/sessions"))
        left = await client.post(f"{HUB}/uitloggen", headers={"sec-fetch-site": "same-origin"})
        shown = await client.get(f"{HUB}{left.headers['location']}")
        way = re.search(r'href="(/inloggen/uit/[^"]+)"', shown.text)
        assert way is not None
        _bring_cookies(client)
        asked = await client.get(f"{HUB}{way[1]}", follow_redirects=True)
        assert str(asked.url).startswith(keycloak.issuer), "without its session Keycloak would have nothing to ask"
        form = re.search(r'<form[^>]+action="([^"]+)"', asked.text)
        assert form is not None, asked.text[:500]
        fields = {
            given["name"]: html.unescape(given.get("value", ""))
            for given in (
                dict(re.findall(r'([a-z]+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]+>", asked.text)
            )
        }
        _bring_cookies(client)
        done = await client.post(httpx.URL(str(asked.url)).join(html.unescape(form[1])), data=fields)
        assert done.status_code == 302, done.text[-1500:]
        assert done.headers["location"] == f"{HUB}/inloggen"
        assert len(keycloak.admin("GET", f"{REALM}/users/{user['id']}/sessions")) == before - 1
