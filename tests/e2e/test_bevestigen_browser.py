"""The confirmation page in a real browser: by keyboard, without JavaScript, and without a fault that axe knows."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.fakes.postkamer import GOIRLE, RUCPHEN, Postkamer, open_postkamer
from tests.fixtures.browser import Keyboard, axe_faults, complaints, faults_at_every_width, follow, open_browser

pytestmark = [pytest.mark.anyio, pytest.mark.database, pytest.mark.browser]


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def browser(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WebDriver]:
    driver = open_browser(tmp_path / "profile", javascript=request.param)
    yield driver
    driver.quit()


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[WebDriver]:
    driver = open_browser(tmp_path / "profile")
    yield driver
    driver.quit()


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    async with open_postkamer(fresh_database, tmp_path / "kamer") as kamer:
        yield kamer


def heading(driver: WebDriver) -> str:
    return driver.find_element(By.TAG_NAME, "h1").text


def shown(driver: WebDriver) -> str:
    return driver.find_element(By.TAG_NAME, "main").text


async def test_a_team_confirms_takes_up_and_reads_by_keyboard(kamer: Postkamer, browser: WebDriver) -> None:
    _, link = await kamer.hand_over(GOIRLE)

    def work() -> None:
        keyboard = Keyboard(browser)
        browser.get(link)
        assert heading(browser).startswith("Overdracht HV-")
        keyboard.press(Keys.TAB)
        assert browser.switch_to.active_element.text == "Naar de inhoud"
        keyboard.fill("ontvangst-medewerker-naam", "Robin Zandbak")
        keyboard.fill("ontvangst-medewerker-functie", "medewerker")
        keyboard.go(Keys.ENTER)
        assert "De ontvangst is bevestigd." in shown(browser)
        keyboard.fill("verdeling-medewerker-naam", "Robin Zandbak")
        keyboard.fill("verdeling-medewerker-functie", "medewerker")
        keyboard.tab_to(text="Meld dat wij dit oppakken")
        keyboard.go(Keys.SPACE)
        assert "uw team deze casus oppakt" in shown(browser)
        keyboard.fill("document-medewerker-naam", "Robin Zandbak")
        keyboard.fill("document-medewerker-functie", "medewerker")
        keyboard.go(Keys.ENTER)
        assert heading(browser).startswith("Overdrachtsdocument")
        assert "Femke Voorbeeld" in shown(browser)

    await asyncio.to_thread(work)
    assert (await kamer.overdracht("midden-brabant"))["status"] == "opgepakt"
    assert complaints(browser) == []


async def test_the_form_of_mb_7_1_is_filled_in_by_keyboard(kamer: Postkamer, browser: WebDriver) -> None:
    """First wrong, and told at the fields; then right."""
    _, link = await kamer.hand_over(GOIRLE)

    def work() -> None:
        keyboard = Keyboard(browser)
        browser.get(link)
        keyboard.tab_to(text="Naar het terugkoppelformulier")
        keyboard.go(Keys.ENTER)
        keyboard.fill("terugkoppeling-toelichting", "Twee keer gebeld en een huisbezoek gedaan.")
        keyboard.tab_to(text="Geef de casus terug aan Veilig Thuis")
        keyboard.go(Keys.ENTER)
        assert browser.title.startswith("Fout: ")
        assert "Kies ten minste één reden." in shown(browser)
        typed = browser.find_element(By.ID, "terugkoppeling-toelichting").get_attribute("value")
        assert typed == "Twee keer gebeld en een huisbezoek gedaan."
        keyboard.tab_to(text="Kies ten minste één reden.")
        keyboard.press(Keys.ENTER)
        keyboard.tab_to(value="geen-contact")
        keyboard.press(Keys.SPACE)
        keyboard.tab_to(value="nee")
        keyboard.press(Keys.SPACE)
        keyboard.fill("terugkoppeling-afzender-naam", "Robin Zandbak")
        keyboard.fill("terugkoppeling-afzender-functie", "medewerker lokaal team")
        keyboard.tab_to(text="Geef de casus terug aan Veilig Thuis")
        keyboard.go(Keys.ENTER)
        assert "De casus is teruggegeven aan Veilig Thuis." in shown(browser)

    await asyncio.to_thread(work)
    assert (await kamer.overdracht("midden-brabant"))["status"] == "teruggekoppeld"


async def test_no_page_has_a_fault_that_axe_knows(kamer: Postkamer, scripted: WebDriver, tmp_path: Path) -> None:
    """WCAG 2.2 AA: as opened, with errors, with a receipt, the form, with errors too, the document, a dead link."""
    _, link = await kamer.hand_over(GOIRLE)
    _, without_nta = await kamer.hand_over(RUCPHEN)
    photos = Path(os.environ.get("HOUVAST_TEST_PHOTOS", str(tmp_path)))

    def look(name: str) -> list[str]:
        scripted.save_screenshot(str(photos / f"{name}.png"))
        return [f"{name}: {fault}" for fault in faults_at_every_width(scripted)]

    def type_who(form: str) -> None:
        scripted.find_element(By.ID, f"{form}-medewerker-naam").send_keys("Robin Zandbak")
        scripted.find_element(By.ID, f"{form}-medewerker-functie").send_keys("medewerker")

    def send(action: str) -> None:
        follow(scripted, By.CSS_SELECTOR, f"form[action$='/{action}'] button")

    def work() -> list[str]:
        scripted.get(link)
        found = look("geopend")
        send("ontvangstbevestigingen")
        assert scripted.switch_to.active_element.get_attribute("role") == "alert"
        found += look("fouten")
        type_who("ontvangst")
        send("ontvangstbevestigingen")
        found += look("bevestigd")
        scripted.get(f"{link}/terugkoppeling")
        found += look("formulier")
        send("terugkoppeling")
        found += look("formulier-fouten")
        scripted.get(link)
        type_who("document")
        send("document")
        found += look("document")
        scripted.get(without_nta)
        found += look("zonder-nta")
        scripted.execute_script("document.querySelector('form').action += '/../document'")  # type: ignore[no-untyped-call]
        send("document")
        assert heading(scripted) == "Meld u aan om te lezen, of vraag een code"
        found += look("eerst-aanmelden")
        send("leescodes")
        assert "Kies langs welke weg de code moet komen." in shown(scripted)
        found += look("leescode-fout")
        scripted.find_element(By.NAME, "weg").click()
        send("leescodes")
        assert heading(scripted) == "Vul de code in"
        found += look("leescode")
        scripted.find_element(By.ID, "inzage-code").send_keys("0000 0000")
        send("inzagen")
        assert "Deze code klopt niet." in shown(scripted)
        found += look("leescode-onjuist")
        scripted.get(f"{link}x")
        found += look("dode-link")
        scripted.execute_script("document.documentElement.lang = ''")  # type: ignore[no-untyped-call]
        assert axe_faults(scripted), "axe sees a fault that is there"
        return found

    assert await asyncio.to_thread(work) == []


async def test_a_page_that_was_open_when_it_was_taken_back_says_so(kamer: Postkamer, scripted: WebDriver) -> None:
    """Somebody fills in the form while Veilig Thuis takes the case back: nothing is confirmed, and the page tells why."""
    _, link = await kamer.hand_over(GOIRLE)
    await asyncio.to_thread(scripted.get, link)
    await kamer.withdraw("midden-brabant")

    def work() -> tuple[str, list[str]]:
        scripted.find_element(By.ID, "verdeling-medewerker-naam").send_keys("Robin Zandbak")
        scripted.find_element(By.ID, "verdeling-medewerker-functie").send_keys("medewerker")
        follow(scripted, By.CSS_SELECTOR, "form[action$='/verdelingen'] button")
        return shown(scripted), axe_faults(scripted)

    text, faults = await asyncio.to_thread(work)
    assert "Deze overdracht is door Veilig Thuis ingetrokken." in text
    assert "Deze casus is ingetrokken" in text
    assert faults == []
    assert (await kamer.overdracht("midden-brabant"))["opgepaktOp"] is None
