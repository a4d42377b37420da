"""What a person in a browser gets where a system gets a problem, and where signing in leads to."""

import re
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from contracts.rechten import Daad
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.http import Front, caller, create_api, create_site, identify, json_response, refusal, visitor
from services.runtime.http.callers import SESSION_COOKIE
from services.runtime.http.pages import own_path

pytestmark = pytest.mark.anyio

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
CASUS = "/casus/0196f0a8-0000-7000-8000-000000000000"


class KnownCallers:
    """Sessions as a test writes them."""

    async def verify(self, token: str) -> Caller | None:
        return {
            "vt": Caller("veilig-thuis-west-brabant", default_scopes("veilig-thuis")),
            "niets": Caller("GM0758", frozenset()),
        }.get(token)


def _front() -> Front:
    verifier = KnownCallers()
    site = create_site(name="site", verifier=verifier)

    @site.get("/")
    @site.get("/casus/{casus}")
    async def show_casus(request: Request) -> Response:
        await visitor(request, Daad.CASUS_LEZEN)
        raise refusal(404, "deze casus bestaat niet, of is niet voor u", code="niet-gevonden")

    api = create_api(title="P", version="1.0.0", description="P", base_path="/proef/v1", name="p", verifier=verifier)

    @api.get("/brief")
    async def read(request: Request) -> Response:
        return json_response({"van": (await caller(Daad.OVERDRACHT_LEZEN)(request)).partij})

    @api.get("/fout/{status}")
    async def fail(status: int) -> Response:
        raise refusal(status, "dit <b>kan</b> niet", code="nee")

    @api.get("/stuk")
    async def crash() -> Response:
        raise KeyError("geheim")

    @api.get("/weg")
    async def away() -> Response:
        raise asyncpg.CannotConnectNowError

    @api.get("/getal")
    async def read_number(aantal: int, naam: str) -> Response:
        return json_response({"aantal": aantal, "naam": naam})

    @api.post("/doe")
    async def act(request: Request) -> Response:
        return json_response({"van": (await identify(request)).partij})

    return Front({"/proef/v1": api}, site)


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=_front(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test", headers=BROWSER) as client:
        yield client


def _log_in(browser: httpx.AsyncClient, session: str) -> None:
    browser.cookies.set(SESSION_COOKIE, session)


@pytest.mark.parametrize(
    ("asked", "naar"),
    [
        ("/", ""),
        (CASUS, CASUS),
        (f"{CASUS}?van=mail&deel=2", f"{CASUS}?van=mail&deel=2"),
        ("/proef/v1/brief", "/proef/v1/brief"),
    ],
)
async def test_a_stranger_is_led_to_the_sign_in_page_that_knows_what_was_asked(
    browser: httpx.AsyncClient, asked: str, naar: str
) -> None:
    led = await browser.get(asked)
    assert led.status_code == 303
    address = httpx.URL(led.headers["location"])
    assert (address.path, address.params.get("naar", "")) == ("/inloggen", naar)
    assert "www-authenticate" not in led.headers


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%2Fevil.example",
        "/%2fevil.example",
        "/%5Cevil.example",
        "/%252Fevil.example",
        "%2F%2Fevil.example",
        "/casus//evil.example",
        "/\tcasus",
        "/%09/evil.example",
        "/%0d%0aSet-Cookie:x=1",
        "/casus\r\nLocation: https://evil.example",
        " /casus",
        '/casus"><script>',
        "/inloggen?naar=/",
        "/%69nloggen",
        "/uitloggen",
        "/" + "a" * 500,
        "",
    ],
)
def test_signing_in_leads_to_no_other_site(elsewhere: str) -> None:
    assert own_path(elsewhere) == "/"


@pytest.mark.parametrize("own", ["/", CASUS, f"{CASUS}?deel=2", "/overdracht/v1/overdrachten/1/brieven/melder"])
def test_signing_in_leads_back_to_a_page_of_the_hub(own: str) -> None:
    assert own_path(own) == own


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503])
async def test_every_refusal_is_a_page_that_says_what_one_can_do(browser: httpx.AsyncClient, status: int) -> None:
    shown = await browser.get(f"/proef/v1/fout/{status}")
    assert shown.status_code == status
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert "Naar de beginpagina" in shown.text
    assert "<b>" not in shown.text, "what was said never becomes markup"
    assert len(re.findall("<p>", shown.text)) >= 3, "what is wrong, what one can do, and a way on"
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; style-src")
    assert shown.headers["api-version"] == "1.0.0"


@pytest.mark.parametrize(("path", "status"), [("/stuk", 500), ("/weg", 503), ("/nergens", 404)])
async def test_what_nobody_answered_is_a_page_too(browser: httpx.AsyncClient, path: str, status: int) -> None:
    shown = await browser.get(f"/proef/v1{path}")
    assert (shown.status_code, shown.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "geheim" not in shown.text
    assert (await browser.get("/nergens")).headers["content-type"] == "text/html; charset=utf-8"


async def test_a_page_names_every_error_with_its_place(browser: httpx.AsyncClient) -> None:
    shown = await browser.get("/proef/v1/getal?aantal=veel")
    assert shown.status_code == 400
    assert "In het adres van deze bladzijde staat iets dat hier niet kan." in shown.text
    assert "<li>aantal: " in shown.text
    assert "<li>naam: " in shown.text


async def test_an_unknown_case_is_a_page_with_a_way_to_come_in_as_another(browser: httpx.AsyncClient) -> None:
    _log_in(browser, "vt")
    shown = await browser.get(CASUS)
    assert shown.status_code == 404
    assert "Deze casus bestaat niet, of is niet voor u." in shown.text
    assert "U bent ingelogd voor veilig-thuis-west-brabant" in shown.text
    assert f'name="naar" value="{CASUS}"' in shown.text
    assert 'aria-label="Hoofdmenu"' in shown.text, "one is not lost on it"


async def test_a_page_that_one_may_not_see_says_so_and_does_not_ask_to_sign_in(browser: httpx.AsyncClient) -> None:
    _log_in(browser, "niets")
    shown = await browser.get("/")
    assert shown.status_code == 403
    assert "Uw toegang is niet voor deze bladzijde." in shown.text


async def test_a_form_of_a_session_that_ended_is_a_page_and_nothing_is_done(browser: httpx.AsyncClient) -> None:
    _log_in(browser, "voorbij")
    shown = await browser.post("/proef/v1/doe")
    assert shown.status_code == 401
    assert '<a href="/inloggen">Inloggen</a>' in shown.text
    assert "Authorization" not in shown.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elders.example"},
        {"Origin": "null"},
    ],
)
async def test_nothing_is_done_for_another_site_with_a_session(method: str, sent: dict[str, str]) -> None:
    """The session comes along with a link; whatever is no GET keeps the check of where it comes from."""
    site = create_site(name="site", verifier=KnownCallers())

    @site.api_route("/doe", methods=["POST", "PUT", "PATCH", "DELETE"])
    async def act(request: Request) -> Response:
        return json_response({"van": (await identify(request)).partij})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://hub.test") as client:
        _log_in(client, "vt")
        assert (await client.request(method, "/doe", headers=sent)).status_code == 403
        own = {"Origin": "http://hub.test", "Sec-Fetch-Site": "same-origin"}
        assert (await client.request(method, "/doe", headers=own)).status_code == 200


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "application/problem+json",
        "application/json, text/html",
        "text/html;q=0.5, application/json",
        "text/html;q=0",
        "text/html;q=veel",
        "text/plain",
    ],
)
async def test_a_system_gets_a_problem(browser: httpx.AsyncClient, accept: str) -> None:
    answer = await browser.get("/proef/v1/brief", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"]
    assert int(answer.headers["content-length"]) == len(answer.content)
