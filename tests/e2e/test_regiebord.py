"""The workplace in a real browser: logged in by the link that `houvast up` prints, by keyboard, and without JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from lab.invented import verzin_meldingen
from tests.fixtures.browser import (
    Keyboard,
    axe_faults,
    complaints,
    faults_at_every_width,
    follow,
    steadily,
)
from tests.fixtures.processen import (
    Up,
    created,
    data_folder,
    delivered,
    eventually,
    hand_over,
    houvast,
    sample_register,
    start_up,
    undelivered,
)

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(240)]

HOME = "Wat vraagt nu iets van mij?"
VEILIG_THUIS = "veilig-thuis-west-brabant"


@dataclass(frozen=True)
class Bord:
    """A hub with cases handed over, one melding whose triagebesluit came too late, and an escalatie about it."""

    hub: Up
    handed_over: dict[str, Any]
    waiting: dict[str, Any]


@pytest.fixture
def bord(tmp_path: Path) -> Iterator[Bord]:
    """Monday; and then, after everything was off for ten days, the Thursday after next."""
    with data_folder(tmp_path / "data") as data:
        hub = start_up(data, clock="2026-03-02T09:00+01:00@3600")
        try:
            with hub.client(VEILIG_THUIS) as client:
                made = list(
                    verzin_meldingen(sample_register(), aantal=6, seed=5, on=date(2026, 3, 2), regio="west-brabant"),
                )
                answers = [hand_over(client, melding) for melding in made[:-1]]
                waiting = created(client.post("/triage/v1/meldingen", json=made[-1].melding))
                eventually(lambda: undelivered(client, answers) == [], what="the deliveries")
            hub.process.end()
            hub = start_up(data, clock="2026-03-12T09:00+01:00@60")
            with hub.client(VEILIG_THUIS) as client:
                eventually(lambda: client.get("/monitoring/v1/escalaties").json()["escalaties"], what="the escalatie")
                casus = delivered(client, answers[0]["casusId"])
                assert casus is not None
            yield Bord(hub, casus, waiting)
        finally:
            hub.process.ensure_ended()


def test_a_person_logs_in_sees_what_is_due_and_finds_out_why(bord: Bord, browser: WebDriver, tmp_path: Path) -> None:
    """With a mouse, and with everything that a browser or axe would complain of."""
    driver = browser
    driver.get(bord.hub.address + "/")
    assert "Inloggen" in driver.title
    assert faults_at_every_width(driver) == []
    _log_in(driver, bord.hub)
    assert driver.title.startswith("("), "the number of things that are asked"
    asked = shown(driver)
    assert f"Melding beoordelen: neem een triagebesluit ({bord.waiting['referentie']})" in asked
    assert "te laat" in asked
    assert "Veilig Thuis West-Brabant is aan zet, sinds " in asked
    driver.save_screenshot(str(tmp_path / "thuis.png"))

    follow(driver, By.LINK_TEXT, "Casussen")
    listed = shown(driver)
    assert bord.handed_over["referentie"] in listed
    assert "Vanaf de melding draagt Veilig Thuis zicht" in listed, "no ids for people"
    assert "■ verstreken" in listed
    driver.save_screenshot(str(tmp_path / "casussen.png"))

    follow(driver, By.LINK_TEXT, bord.waiting["referentie"])
    assert bord.waiting["referentie"] in driver.title
    assert "Houvast legt uit" in steadily(driver, lambda: driver.find_element(By.TAG_NAME, "main").text)
    driver.save_screenshot(str(tmp_path / "casus.png"))
    assert axe_faults(driver) == []

    driver.get(bord.hub.address + "/sandbox/")
    driver.save_screenshot(str(tmp_path / "sandbox.png"))
    assert axe_faults(driver) == []
    driver.get(bord.hub.address + "/")
    follow(driver, By.XPATH, "//button[text()='Uitloggen']")
    assert "/inloggen" in driver.current_url
    assert complaints(driver) == []
    driver.get(bord.hub.login_link)
    follow(driver, By.TAG_NAME, "button")
    assert "werkt niet meer" in driver.find_element(By.TAG_NAME, "h1").text


def test_a_refresh_leaves_what_is_being_typed_and_finds_what_is_looked_for(bord: Bord, browser: WebDriver) -> None:
    driver, keyboard = browser, Keyboard(browser)
    _log_in(driver, bord.hub)
    keyboard.tab_to(text="Filteren en zoeken")
    keyboard.press(Keys.ENTER)
    keyboard.fill("filter-zoek", bord.waiting["referentie"][:7].lower())
    _wait_for_refresh(driver)
    keyboard.go(Keys.ENTER)
    assert f"zoek={bord.waiting['referentie'][:7].lower()}" in driver.current_url, "an address that can be shared"
    assert bord.waiting["referentie"] in shown(driver)
    assert bord.handed_over["referentie"] not in shown(driver)
    driver.get(f"{bord.hub.address}/?zoek=geen+referentie")
    assert "Hierop kunnen wij niet zoeken" in shown(driver)
    assert driver.find_element(By.ID, "filter-zoek").get_attribute("value") == "geen referentie"


def test_every_page_of_every_role_is_accessible_and_fits_its_screen(bord: Bord, browser: WebDriver) -> None:
    """WCAG 2.2 AA on a desk and on a phone: each page in each of its states, for people with other work."""
    driver, found = browser, list[str]()
    lists = ("/", "/?wat=triage&telaat=ja", "/?zoek=HV-0&gemeente=GM0758", "/?zoek=niets+hier", "/casussen")
    states = ("/casussen?stand=gesloten", "/casussen?zoek=zz", "/?wat=onzin&na=onzin", "/nergens")
    case = (f"/casus/{bord.waiting['casusId']}", f"/casus/{bord.handed_over['id']}")
    pages = {
        "Elise Bastiaansen": (*lists, *states, *case),
        "Judith van Campen": ("/", "/casussen"),
        "Otto Franken": ("/", "/?mijn=ja", "/casussen"),
        "Nadia Verwey": ("/", "/casussen"),
    }
    for persoon, paths in pages.items():
        driver.get(_login_link(bord.hub, persoon))
        follow(driver, By.CSS_SELECTOR, "main button")
        for path in paths:
            driver.get(bord.hub.address + path)
            found += [f"{persoon} {path} {fault}" for fault in faults_at_every_width(driver)]
            assert len(driver.page_source.encode()) <= 100_000, path
        follow(driver, By.XPATH, "//button[text()='Uitloggen']")
    for path in ("/inloggen", f"/inloggen?code=verlopen&naar={case[0]}"):
        driver.get(bord.hub.address + path)
        found += [f"{path} {fault}" for fault in faults_at_every_width(driver)]
    assert found == []


def test_the_board_is_used_by_keyboard_and_keeps_the_focus_while_it_refreshes(bord: Bord, browser: WebDriver) -> None:
    driver = browser
    driver.get(bord.hub.login_link)
    keyboard = Keyboard(driver)
    keyboard.tab_to(text="Inloggen")
    keyboard.press(Keys.ENTER)
    WebDriverWait(driver, 20).until(lambda found: HOME in found.title)
    keyboard.press(Keys.TAB)
    assert driver.switch_to.active_element.text == "Naar de inhoud", "the way past the header comes first"
    question = f"Melding beoordelen: neem een triagebesluit ({bord.waiting['referentie']})"
    keyboard.tab_to(text=question)
    _wait_for_refresh(driver)
    assert driver.switch_to.active_element.text == question, "a refresh does not take the focus away"
    keyboard.press(Keys.ENTER)
    WebDriverWait(driver, 20).until(lambda found: bord.waiting["referentie"] in found.title)
    keyboard.tab_to(text="Pauzeer verversen")
    keyboard.press(Keys.SPACE)
    assert driver.switch_to.active_element.text == "Hervat verversen"
    assert complaints(driver) == []


def test_the_board_is_read_without_javascript(bord: Bord, scriptless: WebDriver) -> None:
    driver = scriptless
    _log_in(driver, bord.hub)
    follow(driver, By.LINK_TEXT, "Casussen")
    assert bord.handed_over["referentie"] in shown(driver)
    assert not driver.find_element(By.ID, "pauze").is_displayed(), "a button that does nothing is not shown"
    follow(driver, By.LINK_TEXT, bord.handed_over["referentie"])
    assert bord.handed_over["referentie"] in driver.title
    follow(driver, By.XPATH, "//button[text()='Uitloggen']")
    assert "/inloggen" in driver.current_url


def shown(driver: WebDriver) -> str:
    return steadily(driver, lambda: driver.find_element(By.TAG_NAME, "main").text)


def _wait_for_refresh(driver: WebDriver) -> None:
    before = steadily(driver, lambda: driver.find_element(By.ID, "stand").text)
    WebDriverWait(driver, 40, ignored_exceptions=[WebDriverException]).until(
        lambda found: found.find_element(By.ID, "stand").text != before
    )


def _login_link(hub: Up, persoon: str) -> str:
    made = houvast("login", persoon, "--data", str(hub.data))
    assert made.returncode == 0, made.stderr
    return f"{hub.address}/inloggen?code={made.stdout.strip().rpartition('code=')[2]}"


def _log_in(driver: WebDriver, hub: Up) -> None:
    driver.get(hub.login_link)
    follow(driver, By.TAG_NAME, "button")
    WebDriverWait(driver, 20).until(lambda found: HOME in found.title)
