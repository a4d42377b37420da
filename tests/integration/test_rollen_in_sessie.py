"""A session and the register: roles that change while somebody works, two organisations, signing out, finding one's own."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from contracts.rechten import Daad
from services.cli.people import colleagues_now, roles_now, scopes_of
from services.runtime.access.sessions import issue_link
from services.runtime.access.verifying import Access
from tests.integration.test_aanmelden import HUB, REGISTER, WITHOUT_MELDPUNT, Huis, huis, shrink

__all__ = ["huis"]
pytestmark = [pytest.mark.anyio, pytest.mark.database]

JUDITH_TRIAGES = REGISTER.replace(
    'personen = ["Roderick Vermeulen"]', 'personen = ["Roderick Vermeulen", "Judith van Campen"]'
)
JSON = {"accept": "application/json"}
NAMES = "Aalburg", "Breda", "Chaam", "Dongen", "Etten-Leur", "Gilze en Rijen", "Halderberge", "Zundert"
MANY = "".join(
    f"""
[[gemeente]]
code = "GM{number:04}"
naam = "{naam}"
regio = "west-brabant"
oin = "00000099900000000{number:03}"
[gemeente.endpoint]
soort = "e-mail"
adres = "team@gemeente{number}.example"
[gemeente.aanmelding]
uitgever = "https://idp{number // 2}.example"
client_id = "houvast"
naam = "Dienst {number // 2}"
"""
    for number, naam in enumerate(NAMES, 100)
)


async def mag(browser: httpx.AsyncClient, daad: Daad) -> tuple[int, str]:
    answer = await browser.get(f"/mag/{daad.value}", headers=JSON)
    return answer.status_code, "" if answer.status_code == 204 else str(answer.json()["detail"])


async def test_a_role_that_is_withdrawn_takes_along_what_it_allowed_and_leaves_the_rest(huis: Huis) -> None:
    shrink(huis, JUDITH_TRIAGES)
    async with huis.browser() as browser:
        await huis.sign_in(browser, "Judith van Campen")
        assert (await mag(browser, Daad.MELDING_REGISTREREN))[0] == 204
        assert (await mag(browser, Daad.SIGNAAL_VERSTUREN))[0] == 204
        shrink(huis, REGISTER)
        huis.klok.move(timedelta(seconds=6))
        status, said = await mag(browser, Daad.MELDING_REGISTREREN)
        assert status == 403
        assert said == (
            "U werkt hier als leidinggevende, en kunt dit niet: een melding registreren. Bij uw organisatie kan dat wie"
            " triagist is."
        )
        assert (await mag(browser, Daad.SIGNAAL_VERSTUREN))[0] == 204
        shrink(huis, JUDITH_TRIAGES)
        huis.klok.move(timedelta(seconds=6))
        assert (await mag(browser, Daad.MELDING_REGISTREREN))[0] == 204


async def test_who_works_at_two_organisations_does_for_each_what_its_role_there_allows(huis: Huis) -> None:
    seen: dict[str, tuple[int, int]] = {}
    for naam in ("Veilig Thuis West-Brabant", "Meldpunt West-Brabant"):
        async with huis.browser() as browser:
            choice = await huis.sign_in(browser, "Roderick Vermeulen")
            forms = re.findall(r"<form.*?</form>", choice.text)
            mine = next(form for form in forms if naam in form)
            data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html.unescape(mine)))
            await browser.post("/inloggen/kies", data=data)
            seen[naam] = (
                (await mag(browser, Daad.MELDING_BEHANDELEN))[0],
                (await mag(browser, Daad.MELDPUNTMELDING_REGISTREREN))[0],
            )
            refused = await mag(browser, Daad.TOKENS_BEHEREN)
            assert refused == (403, "Uw organisatie kan dit niet in Houvast: tokens bekijken en intrekken.")
    assert seen == {"Veilig Thuis West-Brabant": (204, 403), "Meldpunt West-Brabant": (403, 204)}


async def test_who_came_in_by_an_emergency_link_is_named_and_limited_as_anybody(huis: Huis) -> None:
    access = Access(
        huis.pool,
        huis.klok,
        roles=roles_now(huis.register, huis.klok),
        colleagues=colleagues_now(huis.register, huis.klok),
    )
    async with huis.pool.acquire() as connection:
        link = await issue_link(
            connection,
            partij="veilig-thuis-west-brabant",
            persoon="Roderick Vermeulen",
            scopes=scopes_of(huis.register, "veilig-thuis-west-brabant"),
            door="de wacht",
            now=huis.klok.now(),
        )
    session = await access.exchange(link)
    assert session is not None
    who = await access.verify(session)
    assert who is not None
    assert str(who.actor) == "Roderick Vermeulen (veilig-thuis-west-brabant)"
    assert who.actor.rollen == who.rollen_now == {"triagist"}
    assert who.may(Daad.MELDING_BEHANDELEN)
    assert not who.may(Daad.SIGNAAL_VERSTUREN)


async def test_one_signs_out_there_as_well_and_comes_back(huis: Huis) -> None:
    shrink(huis, WITHOUT_MELDPUNT)
    async with huis.browser() as browser:
        await huis.sign_in(browser, "Roderick Vermeulen")
        left = await browser.post("/uitloggen", data={"naar": "/casus/1"})
        shown = await browser.get(left.headers["location"])
        assert "U bent uitgelogd uit Houvast" in shown.text
        way = re.search(r'href="(/inloggen/uit/[^"]+)"', shown.text)
        assert way is not None
        away = await browser.get(way[1])
        there = urlsplit(away.headers["location"])
        assert (away.status_code, f"{there.scheme}://{there.netloc}{there.path}") == (303, f"{huis.dienst.issuer}/uit")
        assert parse_qs(there.query) == {"client_id": ["houvast"], "post_logout_redirect_uri": [f"{HUB}/inloggen"]}
        async with httpx.AsyncClient() as outside:
            back = await outside.get(away.headers["location"])
        assert (back.status_code, back.headers["location"]) == (303, f"{HUB}/inloggen")


async def test_where_the_provider_cannot_sign_out_one_is_told_to_do_it_there(huis: Huis) -> None:
    async with huis.browser() as browser:
        page = await browser.get("/inloggen")
        found = re.search(r'href="/inloggen/bij/([^"?]+)', page.text)
        assert found is not None
        await huis.provider.stop()
        told = await browser.get(f"/inloggen/uit/{found[1]}")
        assert (told.status_code, "meld u daar zelf af" in told.text) == (503, True)
        assert (await browser.get("/inloggen/uit/onbekend")).status_code == 404
        assert "afmelden bij" not in (await browser.get("/inloggen?uit=onbekend")).text


async def test_of_many_organisations_one_types_a_part_of_the_name(huis: Huis) -> None:
    shrink(huis, REGISTER + MANY)
    async with huis.browser() as browser:
        everything = (await browser.get("/inloggen", params={"naar": "/casus/1"})).text
        assert everything.count("/inloggen/bij/") == 5
        assert '<option value="Gilze en Rijen">' in everything
        found = (await browser.get("/inloggen", params={"naar": "/casus/1", "zoek": "rijen GILZE"})).text
        assert re.findall(r'/inloggen/bij/[^"]+\?naar=([^"]+)">([^<]+)<', found) == [("%2Fcasus%2F1", "Dienst 52")]
        nothing = (await browser.get("/inloggen", params={"zoek": "<b>Parijs"})).text
        assert "Geen organisatie heet zo: &lt;b&gt;Parijs." in nothing
        assert (await browser.get("/inloggen", params={"zoek": "x" * 300})).status_code == 400


async def test_the_organisation_of_the_last_time_stands_first(huis: Huis) -> None:
    shrink(huis, REGISTER + MANY)
    async with huis.browser() as browser:
        page = (await browser.get("/inloggen")).text
        assert "De vorige keer" not in page
        ours = [id_ for id_, naam in re.findall(r'/inloggen/bij/([^?"]+)[^>]*>([^<]+)<', page) if "Veilig" in naam]
        chosen = await browser.get(f"/inloggen/bij/{ours[0]}")
        assert chosen.status_code == 303
        kept = next(one for one in chosen.headers.get_list("set-cookie") if one.startswith("houvast_organisatie="))
        assert "HttpOnly" in kept
        assert "SameSite=lax" in kept
        again = (await browser.get("/inloggen")).text
        assert again.index("De vorige keer") < again.index(ours[0]) < again.index('id="zoek"')
