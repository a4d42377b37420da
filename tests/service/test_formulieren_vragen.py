"""A form asks what only a person can answer, and offers nothing that is always refused."""

import html
import re
from collections.abc import AsyncIterator

import pytest

from contracts.rechten import find_handeling
from tests.fakes.rechtenhuis import DOOR, EINDE, GGZ, GOIRLE, PERSOON, VT, Huis, hand_over, open_huis, start_dienst
from tests.service.test_formulieren import PAGE, SENT, by
from tests.unit.triage.road import example, sample_register

pytestmark = [pytest.mark.anyio, pytest.mark.database]

TEAM, TRIAGIST = f"{GOIRLE}/teamcoordinator", f"{VT}/triagist"


@pytest.fixture
async def huis(fresh_database: str) -> AsyncIterator[Huis]:
    async with open_huis(fresh_database) as huis:
        yield huis


async def test_who_goes_on_with_it_is_asked_and_not_guessed(huis: Huis) -> None:
    """Whoever divides the work is seldom the one who does it: the name is open, empty and cannot be passed over."""
    ids = await hand_over(huis)
    _, walked = await start_dienst(huis)
    for naam, over in (("casus-oppakken", ids["overdrachten"]), ("samenwerking-verdelen", walked["samenwerkingen"])):
        address = find_handeling(naam).address(over)
        page = (await huis.http.get(address, headers=by(TEAM) | PAGE)).text
        assert PERSOON not in page.partition("<main")[2], naam
        assert "<details" not in page.partition('id="veld-medewerker.naam"')[0].partition("<form")[2], naam
        before = await huis.written()
        empty = b"_sleutel=leeg&medewerker=1&medewerker.naam=&medewerker.functie="
        answer = await huis.http.post(address, content=empty, headers=by(TEAM) | SENT)
        assert answer.status_code == 400, naam
        for place in ("naam", "functie"):
            assert f'href="#veld-medewerker.{place}"' in answer.text, naam
        assert await huis.written() == before


async def test_who_records_an_act_is_filled_in(huis: Huis) -> None:
    ids = await hand_over(huis)
    address = find_handeling("overdracht-weigeren").address(ids["overdrachten"])
    page = (await huis.http.get(address, headers=by(TEAM) | PAGE)).text
    assert re.search(rf"Wie legt dit vast\? <strong>{PERSOON}", page)


_STANDEN = ("zicht-bevestigen", "wachtlijst-melden", "niet-op-te-pakken-melden", "crisiscontact-vastleggen")


@pytest.mark.parametrize("wie", [TEAM, TRIAGIST])
async def test_a_form_leads_to_no_form_that_is_refused(huis: Huis, wie: str) -> None:
    """What the page of the case does not offer is not offered beside another act either, nor shown to be filled in."""
    casus = (await hand_over(huis))["casussen"]
    opened = 0
    for naam in _STANDEN:
        answer = await huis.http.get(find_handeling(naam).address(casus), headers=by(wie) | PAGE)
        assert answer.status_code in {200, 404, 409}, naam
        if answer.status_code != 200:
            continue
        opened += 1
        for link in re.findall(r'href="(/monitoring/[^"]+handeling=[^"]+)"', answer.text):
            other = await huis.http.get(html.unescape(link), headers=by(wie) | PAGE)
            assert other.status_code == 200, f"{naam} leads to {link}"
    assert 0 < opened < len(_STANDEN), "some of these are for this person, and some are not"


async def test_what_an_act_is_refused_for_is_said_before_it_is_filled_in(huis: Huis) -> None:
    casus = (await hand_over(huis))["casussen"]
    address = find_handeling("zicht-bevestigen").address(casus)
    seen = await huis.http.get(address, headers=by(TEAM) | PAGE)
    body = {"door": DOOR, "stand": "zicht-bevestigd"}
    told = await huis.http.post(
        find_handeling("zicht-bevestigen").pad.format(casusId=casus), json=body, headers=by(TEAM)
    )
    assert seen.status_code == told.status_code == 404


async def test_only_who_can_be_asked_to_take_over_is_offered(huis: Huis) -> None:
    """Each choice is one that the operation takes, and each that it refuses is not there."""
    ids = await hand_over(huis)
    act = find_handeling("zorg-aanvaarden")
    page = (await huis.http.get(act.address(ids["casussen"]), headers=by(VT) | PAGE)).text
    offered = set(re.findall(r'(?:<option|name="partij") value="([^"]+)"', page))
    assert GGZ in offered
    register = sample_register()
    everybody = {partij.code for partij in register.partijen()} | {
        gemeente.code for gemeente in register.gemeenten(EINDE)
    }
    for code in sorted(everybody):
        body = {"door": DOOR, "partij": code}
        told = await huis.http.post(act.pad.format(casusId=ids["casussen"]), json=body, headers=by(VT))
        assert (told.status_code == 201) == (code in offered), f"{code}: {told.text}"


async def test_a_yes_or_no_that_is_asked_has_no_third_answer(huis: Huis) -> None:
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    page = (
        await huis.http.get(find_handeling("directe-overdracht").address(melding["id"]), headers=by(VT) | PAGE)
    ).text
    contact = page.partition('id="veld-overdrachtsdocument.contactMetBetrokkenen"')[2].partition("</fieldset>")[0]
    assert "Ja" in contact
    assert "Weet ik niet" not in contact
    assert "checked" not in contact
