"""The confirmation page, over HTTP and PostgreSQL: what a person does there, and what a mail gateway cannot."""

import io
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pypdf
import pytest

from tests.fakes.postkamer import GOIRLE, REGIO, RUCPHEN, Postkamer, open_postkamer
from tests.fixtures.sleutels import destroy_key

pytestmark = [pytest.mark.anyio, pytest.mark.database]

WHO = {"medewerker.naam": "Robin Zandbak", "medewerker.functie": "medewerker lokaal team"}
ABOUT_PEOPLE = ("Femke", "Voorbeeld", "999912008", "Singel", "glasgerinkel", "Wijkagent")
FORM: Mapping[str, Any] = {
    "criteria": ["geen-contact", "hulp-betrokken"],
    "betrokkenHulpverlening": "Ambulante begeleiding",
    "hulpGerichtOpGeweld": "ja",
    "veiligheidCentraal": "ja",
    "toelichting": "Twee keer gebeld, een brief gestuurd en een huisbezoek gedaan.\r\nEr deed niemand open.",
    "gedragsdeskundigeGeraadpleegd": "ja",
    "gedragsdeskundigeToelichting": "Adviseert de casus terug te geven.",
    "afzender.naam": "Robin Zandbak",
    "afzender.functie": "medewerker lokaal team",
    "afzender.organisatie": "gemeente Goirle",
    "afzender.telefoon": "06-00000010",
    "werkdagenAfzender": "maandag tot en met donderdag",
}


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    async with open_postkamer(fresh_database, tmp_path) as kamer:
        yield kamer


class Page(HTMLParser):
    """What stands on a page: its text, its fields with their values, and which field names which error."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.status = response.status_code
        self.fields: list[dict[str, str]] = []
        self.ids: list[str] = []
        self.forms: list[str] = []
        self.links: list[str] = []
        self._shown: list[str] = []
        self.feed(response.text)
        self.text = " ".join(" ".join(self._shown).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(given["action"].rpartition("/")[2])
        if tag == "a":
            self.links.append(given["href"])
        if tag in {"input", "textarea"}:
            self.fields.append(given)
        if "id" in given:
            self.ids.append(given["id"])

    def handle_data(self, data: str) -> None:
        self._shown.append(data)

    def invalid(self) -> list[str]:
        return [item["name"] for item in self.fields if item.get("aria-invalid") == "true"]


async def open_page(kamer: Postkamer, link: str) -> Page:
    return Page(await kamer.browser.get(link))


async def test_opening_the_link_does_nothing_and_tells_what_is_asked(kamer: Postkamer) -> None:
    """A mail gateway may open it as often as it likes."""
    _, link = await kamer.hand_over(RUCPHEN)
    before = await kamer.journal()
    for _ in range(3):
        response = await kamer.browser.get(link)
        page = Page(response)
    assert page.status == 200
    assert "uiterlijk woensdag 4 maart 2026" in page.text
    assert page.forms == ["leescodes", "ontvangstbevestigingen", "verdelingen", "weigeringen"]
    assert not any(word in response.text for word in ABOUT_PEOPLE)
    assert await kamer.journal() == before
    overdracht = await kamer.overdracht("west-brabant")
    assert (overdracht["ontvangenOp"], overdracht["opgepaktOp"]) == (None, None)
    assert len(page.ids) == len(set(page.ids))


async def test_a_page_is_kept_by_nobody_and_tells_its_address_to_nobody(kamer: Postkamer) -> None:
    _, link = await kamer.hand_over(RUCPHEN)
    headers = (await kamer.browser.get(link)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


async def test_what_was_taken_up_is_asked_no_longer(kamer: Postkamer) -> None:
    """MB 4.1: oppakken within seven days."""
    _, link = await kamer.hand_over(GOIRLE)
    asked = "Overdracht oppakken en verdelen: uiterlijk"
    assert asked in (await open_page(kamer, link)).text
    assert asked not in Page(await kamer.browser.post(f"{link}/verdelingen", data=WHO)).text


@pytest.mark.parametrize("form", ["ontvangstbevestigingen", "verdelingen", "document", f"bijlagen/{UUID(int=1)}"])
async def test_loading_the_answer_to_a_form_again_leads_back_to_the_page(kamer: Postkamer, form: str) -> None:
    """After an error the address of the form stands in the browser; nothing is done by going there."""
    _, link = await kamer.hand_over(GOIRLE)
    assert (await kamer.browser.post(f"{link}/{form}", data={})).status_code == 400
    before = await kamer.journal()
    back = await kamer.browser.get(f"{link}/{form}")
    assert (back.status_code, str(back.url)) == (200, link)
    assert await kamer.journal() == before
    assert (await kamer.browser.get(f"{link[:-4]}/{form}")).status_code == 404


async def test_a_team_confirms_and_takes_up(kamer: Postkamer) -> None:
    """D5: two facts, each with its moment, and each by somebody."""
    _, link = await kamer.hand_over(RUCPHEN)
    kamer.klok.move(timedelta(hours=2))
    confirmed = Page(await kamer.browser.post(f"{link}/ontvangstbevestigingen", data=WHO))
    assert "De ontvangst is bevestigd." in confirmed.text
    assert "maandag 2 maart 2026 om 11.00 uur" in confirmed.text
    assert confirmed.forms == ["leescodes", "verdelingen", "weigeringen"]
    assert "Meld het als u de casus oppakt." in confirmed.text
    assert "woensdag 4 maart" not in confirmed.text, "what was done is asked no longer"
    kamer.klok.move(timedelta(days=1))
    taken = Page(await kamer.browser.post(f"{link}/verdelingen", data=WHO))
    assert "dinsdag 3 maart 2026 om 11.00 uur" in taken.text
    assert "U hebt gemeld wat de afspraken van u vragen." in taken.text
    overdracht = await kamer.overdracht("west-brabant")
    assert overdracht["status"] == "opgepakt"
    (line,) = await kamer.rows("select actor from journaal where wat = 'ontvangst-bevestigd'")
    assert line["actor"] == "GM0840 (houder van de link)"
    events = await kamer.rows("select bericht from outbox order by positie")
    assert not any(b"Zandbak" in row["bericht"] for row in events)


async def test_a_team_that_took_up_says_that_the_veiligheidsplan_is_there(kamer: Postkamer) -> None:
    """FS, MB 4.3: the page takes that it is there, and nothing of what it says."""
    _, link = await kamer.hand_over(RUCPHEN)
    assert "Het veiligheidsplan is er" not in Page(await kamer.browser.get(link)).text
    taken = Page(await kamer.browser.post(f"{link}/verdelingen", data=WHO))
    assert "plannen" in taken.forms
    kamer.klok.move(timedelta(days=14))
    done = Page(await kamer.browser.post(f"{link}/plannen", data=WHO | {"besproken": "ja"}))
    assert "U hebt gemeld dat het veiligheidsplan er is." in done.text
    assert "maandag 16 maart 2026 om 9.00 uur" in done.text
    assert "plannen" not in done.forms
    assert (await kamer.overdracht("west-brabant"))["veiligheidsplanOp"] is not None
    assert (await kamer.journal()).count("plan-opgesteld") == 1


async def test_the_same_form_sent_twice_has_one_effect_and_the_same_receipt(kamer: Postkamer) -> None:
    """G2."""
    _, link = await kamer.hand_over(RUCPHEN)
    first = Page(await kamer.browser.post(f"{link}/ontvangstbevestigingen", data=WHO))
    kamer.klok.move(timedelta(hours=5))
    second = Page(await kamer.browser.post(f"{link}/ontvangstbevestigingen", data=WHO | {"medewerker.naam": "Ander"}))
    assert first.text == second.text
    assert (await kamer.journal()).count("ontvangst-bevestigd") == 1


async def test_a_form_sent_to_the_page_itself_confirms_the_ontvangst(kamer: Postkamer) -> None:
    """DESIGN 6: GET and POST on one address, of which only the second acts."""
    _, link = await kamer.hand_over(RUCPHEN)
    assert Page(await kamer.browser.post(link, data={})).status == 400
    assert Page(await kamer.browser.post(link, data=WHO)).status == 200
    await kamer.browser.post(f"{link}/ontvangstbevestigingen", data=WHO)
    assert (await kamer.journal()).count("ontvangst-bevestigd") == 1


@pytest.mark.parametrize("act", ["ontvangst", "verdeling", "terugkoppeling"])
async def test_the_address_of_a_page_makes_nothing_seem_done(kamer: Postkamer, act: str) -> None:
    _, link = await kamer.hand_over(RUCPHEN)
    page = await kamer.browser.get(f"{link}?gedaan={act}")
    assert 'role="status"' not in page.text
    assert "nog niet" in page.text


@pytest.mark.parametrize("act", ["ontvangstbevestigingen", "verdelingen", "document"])
async def test_a_button_that_is_pressed_without_a_name_does_nothing(kamer: Postkamer, act: str) -> None:
    """A gateway that sends forms knows no name; a person is told what is missing, at the field."""
    _, link = await kamer.hand_over(GOIRLE)
    before = await kamer.journal()
    response = await kamer.browser.post(f"{link}/{act}", data={"medewerker.naam": "", "medewerker.functie": "mw <b>"})
    page = Page(response)
    assert page.status == 400
    assert page.invalid() == ["medewerker.naam"]
    assert "Vul uw naam in." in page.text
    kept = [field["value"] for field in page.fields if field["name"] == "medewerker.functie"]
    assert kept.count("mw <b>") == 1, "what was typed is kept, in its own form alone"
    assert not any(word in response.text for word in ABOUT_PEOPLE)
    assert response.text.startswith("<!doctype html>")
    assert re.search(r"<title>Fout: ", response.text)
    assert await kamer.journal() == before
    (error,) = [link for link in page.links if link.startswith("#") and link != "#inhoud"]
    assert error[1:] in page.ids


async def test_the_document_is_shown_after_it_is_noted_who_reads_it(kamer: Postkamer) -> None:
    _, link = await kamer.hand_over(GOIRLE)
    shown = Page(await kamer.browser.post(f"{link}/document", data=WHO))
    assert shown.status == 200
    assert "Femke Voorbeeld" in shown.text
    assert "NAW- en contactgegevens van direct betrokkenen" in shown.text
    again = {item["name"]: item["value"] for item in shown.fields}
    assert again == WHO
    pdf = await kamer.browser.post(f"{link}/document", data=again | {"als": "pdf"})
    assert pdf.headers["content-type"] == "application/pdf"
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    assert "Femke Voorbeeld" in text
    assert (await kamer.journal()).count("document-ingezien") == 2
    lines = await kamer.rows("select feiten::text as feiten from journaal where wat = 'document-ingezien'")
    assert not any("Zandbak" in line["feiten"] for line in lines)


async def test_a_mail_that_anybody_may_have_read_opens_nothing_about_people(kamer: Postkamer) -> None:
    """The mailbox of Rucphen is not NTA 7516: with the link alone one answers, and reads no document and no bijlage."""
    mail, link = await kamer.hand_over(RUCPHEN)
    assert "als u zich daar aanmeldt of een code vraagt" in " ".join(mail.tekst.split())
    overdracht = await kamer.overdracht("west-brabant")
    document = f"/overdracht/v1/overdrachten/{overdracht['id']}/document"
    before = await kamer.journal()
    assert document in (await open_page(kamer, link)).links
    for act in ("document", f"bijlagen/{UUID(int=1)}"):
        for form in (WHO, WHO | {"als": "pdf"}, {}):
            tried = await kamer.browser.post(f"{link}/{act}", data=form)
            page = Page(tried)
            assert (tried.status_code, "Meld u aan om te lezen, of vraag een code" in page.text) == (403, True)
            assert document in page.links
            assert not any(word in tried.text for word in ABOUT_PEOPLE)
    assert await kamer.journal() == before
    assert Page(await kamer.browser.post(f"{link}/weigeringen", data=WHO | {"code": "niet-passend"})).status == 200


async def test_who_signs_in_reads_the_document_and_is_noted_by_name(kamer: Postkamer) -> None:
    await kamer.hand_over(RUCPHEN)
    path = f"/overdracht/v1/overdrachten/{(await kamer.overdracht('west-brabant'))['id']}/document"

    async def read(by: str) -> httpx.Response:
        headers = {"accept": "text/html"} | ({"authorization": f"Bearer {by}"} if by else {})
        return await kamer.browser.get(path, headers=headers, follow_redirects=False)

    stranger = await read("")
    assert (stranger.status_code, stranger.headers["location"].startswith("/inloggen?naar=")) == (303, True)
    refused = {by: (await read(by)).status_code for by in (f"{GOIRLE}/teamcoordinator", f"{RUCPHEN}/beheerder")}
    assert refused == {f"{GOIRLE}/teamcoordinator": 404, f"{RUCPHEN}/beheerder": 403}
    assert "document-ingezien" not in await kamer.journal()
    shown = await read(f"{RUCPHEN}/teamcoordinator")
    assert (shown.status_code, "Femke Voorbeeld" in shown.text) == (200, True)
    assert shown.headers["cache-control"] == "no-store"
    (line,) = await kamer.rows("select actor from journaal where wat = 'document-ingezien'")
    assert line["actor"] == f"Robin Zandbak ({RUCPHEN})"
    await kamer.withdraw("west-brabant")
    gone = await read(f"{RUCPHEN}/teamcoordinator")
    assert (gone.status_code, "Femke" in gone.text) == (410, False)


async def test_the_case_is_given_back_with_the_whole_form(kamer: Postkamer) -> None:
    """MB 7.1."""
    _, link = await kamer.hand_over(GOIRLE)
    assert "uiterlijk dinsdag 2 juni 2026" in (await open_page(kamer, link)).text
    form = await open_page(kamer, f"{link}/terugkoppeling")
    assert {field["name"] for field in form.fields} == set(FORM)
    done = Page(await kamer.browser.post(f"{link}/terugkoppeling", data=FORM))
    assert "De casus is teruggegeven aan Veilig Thuis." in done.text
    assert done.forms == []
    overdracht = await kamer.overdracht("midden-brabant")
    assert overdracht["status"] == "teruggekoppeld"
    gone = await kamer.browser.post(f"{link}/document", data=WHO)
    assert gone.status_code == 410
    assert "Femke" not in gone.text
    again = Page(await kamer.browser.post(f"{link}/terugkoppeling", data=FORM))
    assert again.text == done.text


async def test_errors_of_the_form_stand_at_the_fields_and_what_was_typed_is_kept(kamer: Postkamer) -> None:
    """MB 7.1: also what a criterium asks for."""
    _, link = await kamer.hand_over(GOIRLE)
    incomplete = dict(FORM) | {
        "betrokkenHulpverlening": "",
        "veiligheidCentraal": "",
        "gedragsdeskundigeToelichting": " ",
    }
    response = await kamer.browser.post(f"{link}/terugkoppeling", data=incomplete)
    page = Page(response)
    assert page.status == 400
    assert page.invalid() == ["betrokkenHulpverlening", "veiligheidCentraal", "gedragsdeskundigeToelichting"]
    assert "Er deed niemand open." in response.text
    ticked = [field["value"] for field in page.fields if field.get("type") == "checkbox" and "checked" in field]
    assert ticked == ["geen-contact", "hulp-betrokken", "ja"]
    assert [field["value"] for field in page.fields if field.get("type") == "radio" and "checked" in field] == ["ja"]
    empty = Page(await kamer.browser.post(f"{link}/terugkoppeling", data={}))
    assert "Kies ten minste één reden." in empty.text
    anchors = [anchor[1:] for anchor in empty.links if anchor.startswith("#")]
    assert set(anchors) <= set(empty.ids)
    assert (await kamer.overdracht("midden-brabant"))["teruggekoppeldOp"] is None


async def test_after_the_window_the_page_says_so_and_the_form_is_refused(kamer: Postkamer) -> None:
    """MB 4.1: within three months; the link still opens."""
    _, link = await kamer.hand_over(GOIRLE)
    kamer.klok.move(timedelta(days=95))
    assert "een nieuwe melding is nodig" in (await open_page(kamer, link)).text
    refused = Page(await kamer.browser.post(f"{link}/terugkoppeling", data=FORM))
    assert refused.status == 409
    assert "De termijn van 3 maanden is verstreken" in refused.text


async def test_a_link_that_is_wrong_or_too_old_tells_nothing(kamer: Postkamer) -> None:
    _, link = await kamer.hand_over(RUCPHEN)
    for wrong in (f"{link}x", link[:-1], f"{link[:-43]}{'A' * 43}", f"{link[:-43]}{'x' * 5000}", f"{link}%00"):
        response = await kamer.browser.get(wrong)
        assert response.status_code == 404
        assert "HV-" not in response.text
    kamer.klok.move(timedelta(days=91))
    for attempt in (
        await kamer.browser.get(link),
        await kamer.browser.get(f"{link}/terugkoppeling"),
        await kamer.browser.post(f"{link}/document", data=WHO),
        await kamer.browser.post(f"{link}/ontvangstbevestigingen", data=WHO),
        await kamer.browser.post(f"{link}/terugkoppeling", data=FORM),
    ):
        assert attempt.status_code == 410
        assert "HV-" not in attempt.text
    assert (await kamer.overdracht("west-brabant"))["ontvangenOp"] is None


async def test_after_a_withdrawal_the_team_hears_it_and_the_page_takes_nothing_more(kamer: Postkamer) -> None:
    """D5: a mail about nobody; what the link still shows is that it was taken back."""
    _, link = await kamer.hand_over(RUCPHEN)
    await kamer.browser.post(f"{link}/ontvangstbevestigingen", data=WHO)
    await kamer.withdraw("west-brabant")
    mail = await kamer.until_mailed("is ingetrokken")
    assert not any(word in f"{mail.onderwerp} {mail.tekst} {mail.html}" for word in ABOUT_PEOPLE)
    for path in ("", "/terugkoppeling"):
        page = await open_page(kamer, link + path)
        assert (page.status, page.forms) == (200, [])
        assert "Deze casus is ingetrokken" in page.text
        assert "U hoeft niets meer te doen" in page.text
    before = await kamer.overdracht("west-brabant")
    assert before["gemeenteVerwittigdOp"] is not None
    for act, form in (("verdelingen", WHO), ("terugkoppeling", FORM), ("document", WHO)):
        refused = Page(await kamer.browser.post(f"{link}/{act}", data=form))
        assert (refused.status, refused.forms) == (410 if act == "document" else 404, []), act
        assert not any(word in refused.text for word in ABOUT_PEOPLE)
    again = Page(await kamer.browser.post(f"{link}/ontvangstbevestigingen", data=WHO))
    assert "Deze casus is ingetrokken" in again.text
    assert await kamer.overdracht("west-brabant") == before
    assert "document-ingezien" not in await kamer.journal()


async def test_of_a_destroyed_case_the_page_shows_no_document(kamer: Postkamer, fresh_database: str) -> None:
    _, link = await kamer.hand_over(GOIRLE)
    casus_id = (await kamer.rows("select casus_id from overdracht"))[0]["casus_id"]
    connection = await asyncpg.connect(fresh_database)
    await destroy_key(connection, casus_id, now=kamer.klok.now())
    await connection.close()
    response = await kamer.browser.post(f"{link}/document", data=WHO)
    assert response.status_code == 410
    assert "Femke" not in response.text


async def test_letters_go_to_who_may_have_them_and_are_noted(kamer: Postkamer) -> None:
    """MB 4.1, BK annex 1: Veilig Thuis all, the gemeente its own."""
    await kamer.hand_over(RUCPHEN)
    overdracht = await kamer.overdracht(REGIO[RUCPHEN])

    async def letter(soort: str, by: str) -> httpx.Response:
        path = f"/overdracht/v1/overdrachten/{overdracht['id']}/brieven/{soort}"
        return await kamer.browser.get(path, headers={"authorization": f"Bearer {by}"})

    vt = "veilig-thuis-west-brabant"
    for soort in ("overdracht", "betrokkenen-met-document?betrokkene=2", "betrokkenen-zonder-contact", "melder"):
        got = await letter(soort, vt)
        assert got.status_code == 200, got.text
        assert got.content.startswith(b"%PDF-")
    assert (await letter("overdracht", RUCPHEN)).status_code == 200
    assert (await letter("melder", RUCPHEN)).status_code == 404
    assert (await letter("overdracht", GOIRLE)).status_code == 404
    assert (await letter("overdracht", "veilig-thuis-midden-brabant")).status_code == 404
    assert (await letter("melder?betrokkene=9", vt)).status_code == 400
    assert (await letter("liefdesbrief", vt)).status_code == 400
    assert (await kamer.journal()).count("document-ingezien") == 6, "also to count the betrokkenen it was opened"


async def test_a_team_refuses_an_overdracht_that_is_not_for_it(kamer: Postkamer) -> None:
    """About the sending, with a code; about the case there is the form. Who took it up gives it back instead."""
    await kamer.hand_over(GOIRLE)
    _, link = await kamer.until_handed_over()
    page = Page(await kamer.browser.get(link))
    assert "Deze overdracht is niet voor ons" in page.text
    assert "Naar het terugkoppelformulier" in page.text
    codes = {field["value"] for field in page.fields if field.get("name") == "code"}
    assert codes == {"geen-inwoner", "geen-endpoint", "onvolledig", "dubbel"}
    wrong = Page(await kamer.browser.post(f"{link}/weigeringen", data=WHO))
    assert (wrong.status, "Kies een reden." in wrong.text) == (400, True)
    told = Page(await kamer.browser.post(f"{link}/weigeringen", data={**WHO, "code": "geen-inwoner"}))
    assert "U hebt deze overdracht geweigerd." in told.text
    assert "Deze casus is geweigerd" in told.text
    assert (await kamer.overdracht(REGIO[GOIRLE]))["status"] == "afgewezen"
    late = await kamer.browser.post(f"{link}/verdelingen", data=WHO)
    assert late.status_code == 404


async def test_what_was_taken_up_is_not_refused_on_the_page(kamer: Postkamer) -> None:
    await kamer.hand_over(GOIRLE)
    _, link = await kamer.until_handed_over()
    await kamer.browser.post(f"{link}/verdelingen", data=WHO)
    assert "Deze overdracht is niet voor ons" not in Page(await kamer.browser.get(link)).text
    refused = Page(await kamer.browser.post(f"{link}/weigeringen", data={**WHO, "code": "dubbel"}))
    assert (refused.status, "gaat terug met het terugkoppelformulier" in refused.text) == (409, True)
