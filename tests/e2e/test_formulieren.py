"""A day at the hub in a real browser, by keyboard: a melding is registered, weighed and handed over, and received."""

import os
import re
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from contracts.rechten import find_handeling
from tests.fixtures.browser import Keyboard, axe_faults, complaints, follow
from tests.fixtures.processen import Up, created, eventually, voorbeeld
from tests.fixtures.werkplek import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(240)]

VEILIG_THUIS, BREDA = "veilig-thuis-west-brabant", "GM0758"
TRIAGIST, TEAMCOORDINATOR = "Roderick Vermeulen", "Frank van Rijckevorsel"
WRITTEN = {
    "veiligheidstaxatie": "Geen acute onveiligheid.",
    "grootsteZorg": "Dat het kind getuige is van een ruzie.",
    "reactieBetrokkenen": "Beide ouders staan open voor hulp.",
    "triagebesluit": "Directe overdracht, want de ouders willen hulp.",
    "verwachtingen": "Binnen een week een gesprek.",
    "adviesRisicogestuurdeZorg": "Aandacht voor geldzorgen.",
    "afsprakenTerugkoppeling": "Terugkoppelen als contact niet lukt.",
    "verrijking": "School ziet een moe kind.",
}


def done(driver: WebDriver, naam: str) -> str:
    """The case that the act led to."""
    found = re.fullmatch(rf".*/casus/([0-9a-f-]+)\?gedaan={naam}(&over=[0-9a-f-]+)?", driver.current_url)
    assert found is not None, driver.find_element(By.TAG_NAME, "main").text
    return found[1]


def test_a_melding_is_registered_handed_over_and_received_by_keyboard(hub: Up, scriptless: WebDriver) -> None:
    """The triagist and the teamcoördinator of the gemeente, without JavaScript."""
    browser = scriptless
    keyboard = Keyboard(browser)
    sign_in(browser, hub, TRIAGIST, find_handeling("melding-registreren").address())
    keyboard.tab_to(id="veld-bron-1")
    keyboard.press(Keys.ARROW_DOWN + Keys.ARROW_DOWN)
    keyboard.tab_to(id="veld-gemeente")
    keyboard.press("Breda")
    keyboard.fill("veld-omschrijving", "Buren hoorden geschreeuw.")
    keyboard.fill("veld-betrokkenen.0.naam", "Femke Voorbeeld")
    keyboard.tab_to(text="Melding registreren")
    keyboard.go(Keys.ENTER)
    assert browser.title.startswith("Fout: ")
    assert browser.switch_to.active_element.get_attribute("id") == "melding"
    keyboard.tab_to(text="Wie is dit?: Vul dit in")
    keyboard.press(Keys.ENTER)
    keyboard.press("Ouder")
    keyboard.fill("veld-melder.naam", "A. Verzonnen")
    keyboard.tab_to(text="Melding registreren")
    keyboard.go(Keys.ENTER)
    casus = done(browser, "melding-registreren")

    with hub.client(VEILIG_THUIS) as client:
        melding = client.get(f"/triage/v1/meldingen/{casus}").json()
        assert (melding["bron"], melding["betrokkenen"][0]["naam"]) == ("politie", "Femke Voorbeeld")
    browser.get(hub.address + find_handeling("directe-overdracht").address(melding["id"]))
    assert "Triageadvies" in browser.find_element(By.TAG_NAME, "main").text
    keyboard.tab_to(id="veld-ontvangers.0.team")
    keyboard.press("Breda: Lokaal team Breda N")
    keyboard.fill("veld-afwegingen", "Geen contra-indicaties; de ouders willen hulp.")
    keyboard.tab_to(id="veld-overdrachtsdocument.veiligheidstaxatie")
    for name in ("veiligheidstaxatie", "grootsteZorg"):
        browser.find_element(By.ID, f"veld-overdrachtsdocument.{name}").send_keys(WRITTEN[name])
    keyboard.tab_to(text="Overdragen")
    keyboard.go(Keys.ENTER)
    assert browser.title.startswith("Fout: "), "what is incomplete is told, and nothing is sent"
    assert "Verwachtingen van Veilig Thuis" in browser.find_element(By.ID, "melding").text
    for name, text in WRITTEN.items():
        field = browser.find_element(By.ID, f"veld-overdrachtsdocument.{name}")
        if not field.get_attribute("value"):
            field.send_keys(text)
    browser.find_element(By.ID, "veld-overdrachtsdocument.contactMetBetrokkenen-1").send_keys(Keys.SPACE)
    keyboard.tab_to(text="Overdragen")
    keyboard.go(Keys.ENTER)
    assert done(browser, "directe-overdracht") == casus

    _receive(hub, browser, keyboard, casus)


def _receive(hub: Up, browser: WebDriver, keyboard: Keyboard, casus: str) -> None:
    """The teamcoördinator of the gemeente, whose name is known."""
    with hub.client(BREDA) as client:
        found = eventually(
            lambda: [
                one
                for one in client.get("/overdracht/v1/overdrachten").json()["overdrachten"]
                if one["casusId"] == casus and one["afgeleverdOp"]
            ],
            what="the delivery",
        )
    sign_in(browser, hub, TEAMCOORDINATOR, find_handeling("ontvangst-bevestigen").address(found[0]["id"]))
    assert "Frank van Rijckevorsel" in browser.find_element(By.CSS_SELECTOR, "main form").text, "a name is asked once"
    keyboard.tab_to(text="Ontvangst bevestigen")
    keyboard.go(Keys.ENTER)
    assert done(browser, "ontvangst-bevestigen") == casus
    with hub.client(VEILIG_THUIS) as client:
        assert client.get(f"/overdracht/v1/overdrachten/{found[0]['id']}").json()["status"] == "ontvangen"


def test_no_form_has_a_fault_that_axe_knows(hub: Up, browser: WebDriver, tmp_path: Path) -> None:
    """WCAG 2.2 AA, as opened and with every error, wide and on a phone; and no page is wider than its screen."""
    photos = Path(os.environ.get("HOUVAST_TEST_PHOTOS", str(tmp_path)))
    with hub.client(VEILIG_THUIS) as client:
        melding = created(client.post("/triage/v1/meldingen", json=voorbeeld("melding")))
        casus = melding["casusId"]
        eventually(lambda: client.get(f"/monitoring/v1/casussen/{casus}").status_code == 200, what="the case")
    names = ("melding-registreren", "triagebesluit-nemen", "directe-overdracht", "dwangmaatregel-vastleggen")
    sign_in(browser, hub, TRIAGIST, find_handeling(names[0]).address())
    faults: list[str] = []
    for name in names:
        for width in (1280, 390):
            browser.set_window_size(width, 1200)
            browser.get(hub.address + find_handeling(name).address(casus))
            assert browser.find_element(By.TAG_NAME, "h1").text == find_handeling(name).knop
            for state in ("open", "fout"):
                if state == "fout":
                    follow(browser, By.CSS_SELECTOR, "main form button.utrecht-button--primary-action")
                    assert browser.title.startswith("Fout: ")
                browser.save_screenshot(str(photos / f"{name}-{state}-{width}.png"))
                wide = browser.execute_script("return document.documentElement.scrollWidth > innerWidth")  # type: ignore[no-untyped-call]
                faults += [f"{name} {state} {width}: wider than its screen"] if wide else []
                faults += [f"{name} {state} {width}: {fault}" for fault in axe_faults(browser)]
    assert faults == []
    assert [told for told in complaints(browser) if "400" not in told] == []


def test_a_session_that_ended_loses_nothing(hub: Up, browser: WebDriver) -> None:
    """What was typed is still there; signing in again beside it and sending once more does it."""
    address = find_handeling("melding-registreren").address()
    sign_in(browser, hub, TRIAGIST, address)
    for id_, text in {
        "omschrijving": "Buren hoorden geschreeuw.",
        "betrokkenen.0.naam": "Femke",
        "melder.naam": "B",
    }.items():
        browser.find_element(By.ID, f"veld-{id_}").send_keys(text)
    browser.find_element(By.ID, "veld-bron-1").click()
    browser.find_element(By.ID, "veld-gemeente").send_keys("Breda")
    browser.find_element(By.ID, "veld-betrokkenen.0.rol").send_keys("Kind")
    browser.delete_all_cookies()
    follow(browser, By.CSS_SELECTOR, "main form button.utrecht-button--primary-action")
    assert "Uw sessie is verlopen" in browser.find_element(By.ID, "melding").text
    form, before = browser.current_window_handle, set(browser.window_handles)
    browser.find_element(By.LINK_TEXT, "Aanmelden in een nieuw tabblad").click()
    (other,) = set(browser.window_handles) - before
    browser.switch_to.window(other)
    follow(browser, By.CSS_SELECTOR, 'a[href*="/inloggen/bij/"]')
    follow(browser, By.XPATH, f"//button[contains(., '{TRIAGIST}')]")
    assert browser.current_url == hub.address + address
    browser.close()
    browser.switch_to.window(form)
    follow(browser, By.CSS_SELECTOR, "main form button.utrecht-button--primary-action")
    done(browser, "melding-registreren")
