"""The page of a case, per role: what it says, what it offers, and that every button leads to where the act is done."""

import html
import re
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from contracts.messages.topics import Service
from services.monitoring.domain.werk import Werksoort
from tests.fakes.rechtenhuis import DOOR, GGZ, GOIRLE, NERGENS, RUCPHEN, VT, Huis, hand_over, open_huis
from tests.unit.triage.road import example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

PAGE = {"accept": "text/html"}
TRIAGIST, TEAM, POLITIEK = f"{VT}/triagist", f"{GOIRLE}/teamcoordinator", f"{GOIRLE}/gemeente-bestuurlijk"
_BUTTON = re.compile(r'<a class="utrecht-button [^"]*" href="([^"]+)"[^>]*>([^<]+)</a>')


@pytest.fixture
async def huis(fresh_database: str) -> AsyncIterator[Huis]:
    async with open_huis(fresh_database) as huis:
        yield huis


async def _open(huis: Huis, casus: str, wie: str, query: str = "") -> str:
    """As the browser that just did what the query says."""
    headers = PAGE | {"authorization": f"Bearer {wie}"} | _done(query)
    answer = await huis.http.get(f"/casus/{casus}{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def _done(query: str) -> dict[str, str]:
    said = re.match(r"\?gedaan=([a-z-]+)", query)
    return {} if said is None else {"cookie": f"houvast_gedaan={said[1]}"}


def _buttons(page: str) -> dict[str, str]:
    return {html.unescape(text): html.unescape(href) for href, text in _BUTTON.findall(page)}


async def _report(huis: Huis, **changes: object) -> str:
    return str((await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE, **changes)))["casusId"])


async def test_each_role_sees_what_it_can_do_and_every_button_leads_to_its_form(huis: Huis) -> None:
    """One case in two states, by each of those who have it: no button ends at a page that does not open."""
    fresh = await _report(huis)
    handed = (await hand_over(huis))["casussen"]
    seen: dict[tuple[str, str], set[str]] = {}
    for casus in (fresh, handed):
        for wie in (TRIAGIST, TEAM):
            if (casus, wie) == (fresh, TEAM):
                continue
            buttons = _buttons(await _open(huis, casus, wie))
            seen[casus, wie] = set(buttons)
            for text, href in buttons.items():
                form = await huis.http.get(href, headers=PAGE | {"authorization": f"Bearer {wie}"})
                assert form.status_code == 200, f"{wie}: {text} leads to {form.status_code}"
    assert {"Triagebesluit nemen", "Overdragen", "Casus sluiten"} <= seen[fresh, TRIAGIST]
    assert "Triagebesluit nemen" not in seen[handed, TRIAGIST], "it was decided"
    assert {"Ontvangst bevestigen", "Oppakken en verdelen", "Weigeren"} <= seen[handed, TEAM]
    assert "Intrekken" in seen[handed, TRIAGIST] - seen[handed, TEAM]


async def test_what_is_asked_is_said_with_its_moment(huis: Huis) -> None:
    page = await _open(huis, await _report(huis), TRIAGIST)
    asked = page[page.index("Gevraagd van uw organisatie") : page.index("Wat u nu kunt doen")]
    assert Werksoort.TRIAGE.label in asked, "in the words of the home page"
    assert re.search(r"uiterlijk <span[^>]*>ma 09-03 einde dag", asked)
    assert "Veilig Thuis Midden-Brabant</strong> draagt zicht op veiligheid sinds ma 02-03 09:00" in page


async def test_a_person_can_end_every_session_of_theirs_from_any_page_and_a_system_has_none(huis: Huis) -> None:
    casus = await _report(huis)
    pages = [await _open(huis, casus, wie) for wie in (TRIAGIST, VT)]
    assert ['name="overal"' in page for page in pages] == [True, False]


async def test_what_was_just_done_is_not_lost_while_it_is_under_way(huis: Huis) -> None:
    """The act stands at handover, and monitoring has not heard of it: the page says so, and the button stays honest."""
    ids = await hand_over(huis)
    casus, overdracht = ids["casussen"], ids["overdrachten"]
    path = f"/overdracht/v1/overdrachten/{overdracht}/ontvangstbevestigingen"
    told = await huis.http.post(
        path, json=example("ontvangstbevestiging"), headers={"authorization": f"Bearer {GOIRLE}"}
    )
    assert told.status_code == 201
    page = await _open(huis, casus, TEAM, f"?gedaan=ontvangst-bevestigen&over={overdracht}")
    assert "Ontvangst bevestigen.</strong> Het is vastgelegd en wordt verwerkt." in page
    assert "Ontvangst bevestigen: wordt verwerkt." in page
    await huis.carry()
    page = await _open(huis, casus, TEAM, f"?gedaan=ontvangst-bevestigen&over={overdracht}")
    assert "Ontvangst bevestigen.</strong> Het is vastgelegd." in page
    assert "wordt verwerkt" not in page
    assert "Ontvangst bevestigen" not in _buttons(page)


async def test_what_was_done_with_one_overdracht_is_not_under_way_with_another(huis: Huis) -> None:
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    casus = str(melding["casusId"])
    body = example("triagebesluit", ontvangers=[{"gemeente": GOIRLE}, {"partij": GGZ}])
    await huis.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", body)
    which = "select id from overdracht where casus_id = $1 and partij is not null"
    offered = await huis.first(Service.HANDOVER, which, UUID(casus))
    path = f"/overdracht/v1/overdrachten/{offered}/intrekkingen"
    told = await huis.http.post(path, json=example("intrekking"), headers={"authorization": f"Bearer {VT}"})
    assert told.status_code == 201, told.text
    page = await _open(huis, casus, TRIAGIST, f"?gedaan=overdracht-intrekken&over={offered}")
    blocks = [part.partition("</h3>") for part in re.split(r"<h3[^>]*>", page)[1:]]
    pending = [over for over, _, below in blocks if "wordt verwerkt" in below]
    assert len({over for over, _, _ in blocks if over.startswith("Overdracht aan")}) == 2
    assert len(pending) == 1
    assert "GGZ" in pending[0]
    for over in ("", f"&over={casus}", "&over=niets"):
        assert "wordt verwerkt" not in await _open(huis, casus, TRIAGIST, f"?gedaan=overdracht-intrekken{over}")


async def test_who_does_not_see_the_page_hears_what_was_done_and_what_each_button_is_about(huis: Huis) -> None:
    casus = (await hand_over(huis))["casus"]
    page = await _open(huis, casus, TEAM, "?gedaan=ontvangst-bevestigen")
    assert re.search(r'role="status" tabindex="-1" autofocus', page)
    about = re.findall(r'<a class="utrecht-button [^>]* aria-describedby="([^"]+)"', page)
    assert len(about) == len(_BUTTON.findall(page)) > 0
    assert [name for name in about if page.count(f'<h3 id="{name}">') != 1] == []


async def test_the_address_of_a_page_says_nothing_that_the_hub_does_not_say(huis: Huis) -> None:
    casus = await _report(huis)
    page = await _open(huis, casus, TRIAGIST, "?gedaan=%3Cscript%3Ealles-is-veilig")
    assert "alles-is-veilig" not in page
    headers = PAGE | {"authorization": f"Bearer {TRIAGIST}"}
    for cookie in ({}, {"cookie": "houvast_gedaan=melding-registreren"}):
        forwarded = await huis.http.get(f"/casus/{casus}?gedaan=casus-sluiten", headers=headers | cookie)
        assert "vastgelegd" not in forwarded.text, "only to the browser that did it"


async def test_the_picture_says_the_same_as_the_rows_and_as_its_table(huis: Huis) -> None:
    casus = (await hand_over(huis))["casussen"]
    known = (await huis.http.get(f"/monitoring/v1/casussen/{casus}", headers={"authorization": f"Bearer {VT}"})).json()
    page = await _open(huis, casus, TRIAGIST)
    svg = page[page.index("<svg") : page.index("</svg>")]
    table = page[page.index('id="tijdlijn-tabel"') : page.index('id="kop-zicht"')]
    for termijn in known["termijnen"]:
        label = html.escape(termijn["label"])
        assert f">{label}: " in svg
        assert f"{label}: " in table
    assert ">nu</text>" in svg
    for receipt in ("gemaakt", "afgeleverd"):
        assert f">{receipt}<" in table
    assert svg.count("style=") == 0, "the policy of the page allows no style of its own"


async def test_documents_open_from_here_for_who_may_and_that_is_noted(huis: Huis) -> None:
    ids = await hand_over(huis)
    page = await _open(huis, ids["casussen"], TEAM)
    (link,) = re.findall(r'href="(/overdracht/v1/overdrachten/[^"]+/brieven/overdracht)"', page)
    assert "betrokkenen-met-document" not in page, "that letter is of Veilig Thuis"
    count = "select count(*) from journaal where wat like '%ingezien'"
    before = int(await huis.first(Service.HANDOVER, count))
    read = await huis.http.get(link, headers={"authorization": f"Bearer {TEAM}"})
    assert (read.status_code, read.headers["content-type"]) == (200, "application/pdf")
    assert int(await huis.first(Service.HANDOVER, count)) == before + 1
    (blad,) = re.findall(r'href="(/overdracht/v1/overdrachten/[^"]+/document)"', page)
    shown = await huis.http.get(blad, headers=PAGE | {"authorization": f"Bearer {TEAM}"})
    assert (shown.status_code, "Femke" in shown.text) == (200, True)
    assert f'href="/casus/{ids["casussen"]}"' in shown.text
    assert f'/bijlagen/{ids["bijlageId"]}"' in shown.text
    assert int(await huis.first(Service.HANDOVER, count)) == before + 2


async def test_what_cannot_be_done_yet_is_said_with_its_reason(huis: Huis) -> None:
    """A crisis is not closed before a step was taken; the button is not there, and why is."""
    page = await _open(huis, await _report(huis, urgentie="crisis"), TRIAGIST)
    assert "Casus sluiten" not in _buttons(page)
    assert "Casus sluiten kan nu niet: in deze crisis is nog geen vervolgstap gezet" in page


async def test_who_did_each_thing_stands_in_the_explanation(huis: Huis) -> None:
    casus = await _report(huis)
    await huis.post(f"/monitoring/v1/casussen/{casus}/meningsverschillen", example("meningsverschil"), TRIAGIST)
    page = await _open(huis, casus, TRIAGIST)
    uitleg = page[page.index("Houvast legt uit") :]
    assert "(Veilig Thuis Midden-Brabant)" in uitleg, "a person, and for which party"


async def test_a_case_is_not_there_for_who_has_nothing_to_do_with_it(huis: Huis) -> None:
    casus = await _report(huis)
    for wie in (TEAM, POLITIEK):
        answer = await huis.http.get(f"/casus/{casus}", headers=PAGE | {"authorization": f"Bearer {wie}"})
        assert answer.status_code in {403, 404}


async def test_a_case_that_was_just_begun_is_waited_for(huis: Huis) -> None:
    """The page looks again by itself, without a script, until monitoring heard of the case."""
    answer = await huis.http.post(
        "/triage/v1/meldingen",
        json=example("melding", gemeente=GOIRLE),
        headers={"authorization": f"Bearer {VT}", "idempotency-key": str(uuid4())},
    )
    casus = answer.json()["casusId"]
    headers = PAGE | {"authorization": f"Bearer {TRIAGIST}"}
    soon = await huis.http.get(f"/casus/{casus}?gedaan=melding-registreren", headers=headers)
    assert (soon.status_code, "wordt klaargezet" in soon.text) == (200, True)
    wait, _, on = soon.headers["refresh"].partition("; url=")
    assert int(wait) <= 5
    await huis.carry()
    there = await huis.http.get(on, headers=headers | _done("?gedaan=melding-registreren"))
    assert "draagt zicht op veiligheid" in there.text
    assert "Melding registreren.</strong> Het is vastgelegd." in there.text
    assert "refresh" not in there.headers


async def test_waiting_for_a_case_tells_nobody_that_there_is_one(huis: Huis) -> None:
    """Of one that is not theirs and one that never was, they get the same, and it ends; other acts begin no case."""
    casus, nowhere = await _report(huis), NERGENS

    async def ask(which: str, query: str) -> tuple[int, str, str]:
        answer = await huis.http.get(f"/casus/{which}{query}", headers=PAGE | {"authorization": f"Bearer {TEAM}"})
        said = [text.replace(which, "…") for text in (answer.text, answer.headers.get("refresh", ""))]
        return answer.status_code, *(re.sub(r"HV-[0-9A-F]{8}", "HV-…", text) for text in said)  # type: ignore[return-value]

    for query in ("", "?gedaan=melding-registreren", "?gedaan=casus-sluiten", "?gedaan=melding-registreren&keer=16"):
        assert await ask(casus, query) == await ask(nowhere, query)
    assert [(await ask(nowhere, query))[0] for query in ("?gedaan=casus-sluiten", "?gedaan=melding-registreren")] == [
        404,
        200,
    ]
    seen, query = 0, "?gedaan=melding-registreren"
    while (told := await ask(nowhere, query))[0] == 200:
        seen, query = seen + 1, told[2].partition("…")[2]
    assert (told[0], seen <= 20) == (404, True)


async def test_a_link_of_before_says_that_the_case_is_over_for_you(huis: Huis) -> None:
    """Messages of then still lead here; to who never had it, there is nothing."""
    ids = await hand_over(huis)
    path = f"/overdracht/v1/overdrachten/{ids['overdrachten']}/weigeringen"
    await huis.post(path, example("weigering"), by=GOIRLE)
    answers = {
        wie: await huis.http.get(f"/casus/{ids['casussen']}", headers=PAGE | {"authorization": f"Bearer {wie}"})
        for wie in (TEAM, f"{RUCPHEN}/teamcoordinator")
    }
    assert {answer.status_code for answer in answers.values()} == {404}
    assert ["is niet meer bij u" in answer.text for answer in answers.values()] == [True, False]
    query = "?gedaan=overdracht-weigeren"
    said = await _open(huis, str(ids["casussen"]), TEAM, query)
    assert "Weigeren.</strong> Het is vastgelegd." in said, "whoever ended it by its own act hears that it was done"


async def test_what_is_for_a_crisis_alone_is_offered_in_a_crisis_alone(huis: Huis) -> None:
    of_crisis = {"Contact in de crisis vastleggen", "Stap in de crisis vastleggen"}
    regular, crisis = await _report(huis), await _report(huis, urgentie="crisis")
    assert of_crisis.isdisjoint(_buttons(await _open(huis, regular, TRIAGIST)))
    assert of_crisis <= _buttons(await _open(huis, crisis, TRIAGIST)).keys()
    form = f"/monitoring/v1/casussen/{regular}/standen/formulier?handeling=crisisstap-vastleggen"
    answer = await huis.http.get(form, headers=PAGE | {"authorization": f"Bearer {TRIAGIST}"})
    assert answer.status_code == 409
    body = {"door": DOOR, "stand": "crisiscontact"}
    path = f"/monitoring/v1/casussen/{regular}/standen"
    told = await huis.http.post(path, json=body, headers={"authorization": f"Bearer {TRIAGIST}"})
    assert (told.status_code, "geen crisis" in told.text) == (409, True), "the operation says the same"


async def test_a_waiting_list_is_said_on_the_page_until_the_case_is_taken_up(huis: Huis) -> None:
    ids = await hand_over(huis)
    casus = str(ids["casussen"])
    stand = {"door": DOOR, "stand": "wachtlijst", "verwachtOp": "2026-03-20T09:00:00+01:00"}
    await huis.post(f"/monitoring/v1/casussen/{casus}/standen", stand, TEAM)
    for wie in (TEAM, TRIAGIST):
        page = await _open(huis, casus, wie)
        assert "staat op de <strong>wachtlijst</strong> sinds ma 02-03 09:00" in page
        assert "verwacht opgepakt op vr 20-03 09:00" in page
    await huis.post(f"/overdracht/v1/overdrachten/{ids['overdrachten']}/verdelingen", example("verdeling"), TEAM)
    assert "wachtlijst</strong>" not in await _open(huis, casus, TEAM)
