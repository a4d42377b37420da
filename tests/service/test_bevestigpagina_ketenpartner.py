"""The mail and the confirmation page for another party than a lokaal team, over HTTP, SMTP and PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.postkamer import RUCPHEN, Postkamer, open_postkamer

pytestmark = [pytest.mark.anyio, pytest.mark.database]

GGZ = "ggz-crisisdienst-west-brabant"
WHO = {"medewerker.naam": "Robin Zandbak", "medewerker.functie": "crisisbehandelaar"}


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    async with open_postkamer(fresh_database, tmp_path) as kamer:
        yield kamer


async def test_a_party_with_a_mailbox_confirms_and_takes_up_on_its_page(kamer: Postkamer) -> None:
    """D5 and D13: the mail goes to its own address, the page names it, and the receipts are its own."""
    mail, link = await kamer.hand_over(RUCPHEN, partij=GGZ)
    assert mail.aan == ("aanmelding@ggz-crisisdienst.example",)
    assert "Beste medewerker van GGZ-crisisdienst West-Brabant" in mail.tekst
    assert "Ontvangst van de overdracht bevestigen: uiterlijk woensdag 4 maart 2026" in mail.tekst
    page = (await kamer.browser.get(link)).text
    assert "<dd>GGZ-crisisdienst West-Brabant</dd>" in page
    assert "Pakt een ketenpartner de overgedragen casus op, dan draagt die partij zicht op veiligheid" in page
    assert (await kamer.browser.post(f"{link}/ontvangstbevestigingen", data=WHO)).status_code == 200
    assert (await kamer.browser.post(f"{link}/verdelingen", data=WHO)).status_code == 200
    seen = await kamer.overdracht("west-brabant")
    assert (seen["partij"], seen["gemeente"], seen["status"]) == (GGZ, RUCPHEN, "opgepakt")
    facts = [row["feiten"] for row in await kamer.rows("select actor as feiten from journaal order by nummer")]
    assert any(GGZ in str(actor) for actor in facts)


async def test_a_party_sees_its_own_overdrachten_and_the_gemeente_does_not(kamer: Postkamer) -> None:
    """The token is bound to the party; so is what can be fetched later."""
    await kamer.hand_over(RUCPHEN, partij=GGZ)
    seen: dict[str, tuple[int, int]] = {}
    for partij in (GGZ, RUCPHEN, "safegroup", "meldpunt-west-brabant"):
        headers = {"authorization": f"Bearer {partij}"}
        overdrachten = await kamer.browser.get("/overdracht/v1/overdrachten", headers=headers)
        gebeurtenissen = await kamer.browser.get("/overdracht/v1/gebeurtenissen", headers=headers)
        seen[partij] = (len(overdrachten.json()["overdrachten"]), len(gebeurtenissen.json()["gebeurtenissen"]))
    assert seen == {GGZ: (1, 2), RUCPHEN: (0, 0), "safegroup": (0, 0), "meldpunt-west-brabant": (0, 0)}


async def test_what_a_party_gives_back_closes_its_page(kamer: Postkamer) -> None:
    """Withdrawn by Veilig Thuis: the party hears it by mail, and its page takes nothing any more."""
    _, link = await kamer.hand_over(RUCPHEN, partij=GGZ)
    await kamer.withdraw("west-brabant")
    told = await kamer.until_mailed("ingetrokken")
    assert told.aan == ("aanmelding@ggz-crisisdienst.example",)
    assert "Beste medewerker van GGZ-crisisdienst West-Brabant" in told.tekst
    refused = await kamer.browser.post(f"{link}/verdelingen", data=WHO)
    assert refused.status_code == 404


async def test_who_is_asked_to_take_over_accepts_or_refuses_on_its_page(kamer: Postkamer) -> None:
    """AEF C: the mail asks, the page takes the answer; a second party is asked after the first refused."""
    await kamer.ask_to_take_over(RUCPHEN, GGZ)
    mail, link = await kamer.until_handed_over()
    assert mail.aan == ("aanmelding@ggz-crisisdienst.example",)
    assert "neemt u deze casus over?" in mail.onderwerp
    assert "Veilig Thuis West-Brabant meldt dat u een casus overneemt" in mail.tekst
    page = (await kamer.browser.get(link)).text
    assert "Wij nemen deze casus niet over" in page
    assert "terugkoppelformulier" not in page
    empty = await kamer.browser.post(f"{link}/weigeringen", data=WHO)
    assert (empty.status_code, "Kies een reden." in empty.text) == (400, True)
    nobody = await kamer.browser.post(f"{link}/weigeringen", data={"code": "niet-passend"})
    assert (nobody.status_code, "Vul uw naam in." in nobody.text) == (400, True)
    told = await kamer.browser.post(f"{link}/weigeringen", data={**WHO, "code": "geen-capaciteit"})
    assert (told.status_code, "U hebt gemeld dat u deze casus niet overneemt." in told.text) == (200, True)
    assert (await kamer.overdracht("west-brabant"))["status"] == "afgewezen"
    late = await kamer.browser.post(f"{link}/verdelingen", data=WHO)
    assert late.status_code == 404


async def test_what_others_say_is_shown_as_that_and_can_be_contradicted_on_the_page(kamer: Postkamer) -> None:
    await kamer.ask_to_take_over(RUCPHEN, GGZ, functie="dienstdoend psychiater")
    _, link = await kamer.until_handed_over()
    page = (await kamer.browser.get(link)).text
    assert "aanvaard door dienstdoend psychiater bij u" in page
    assert (await kamer.overdracht("west-brabant"))["status"] == "opgepakt"
    told = await kamer.browser.post(f"{link}/weigeringen", data={**WHO, "code": "niet-passend"})
    assert told.status_code == 200
    assert (await kamer.overdracht("west-brabant"))["status"] == "afgewezen"


async def test_an_offer_that_ended_is_told_as_what_it_is(kamer: Postkamer) -> None:
    """Veilig Thuis did not hand it over, and does not necessarily go on with it."""
    await kamer.ask_to_take_over(RUCPHEN, GGZ)
    await kamer.until_handed_over()
    await kamer.withdraw("west-brabant")
    told = await kamer.until_mailed("ingetrokken")
    assert "het aanbod is ingetrokken, of een ander heeft" in told.tekst
    assert "gaat zelf verder" not in told.tekst
