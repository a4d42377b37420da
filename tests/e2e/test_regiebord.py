"""The regiebord in a real browser: logged in by the link that `houvast up` prints, by keyboard, and without JavaScript."""

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
from tests.fixtures.browser import Keyboard, axe_faults, complaints, follow, open_browser, steadily
from tests.fixtures.processen import (
    Up,
    created,
    data_folder,
    delivered,
    eventually,
    hand_over,
    sample_register,
    start_up,
    undelivered,
)

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(240)]

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


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[WebDriver]:
    driver = open_browser(tmp_path / "profile")
    yield driver
    driver.quit()


@pytest.fixture
def scriptless(tmp_path: Path) -> Iterator[WebDriver]:
    driver = open_browser(tmp_path / "profile", javascript=False)
    yield driver
    driver.quit()


def test_a_person_logs_in_sees_what_is_due_and_finds_out_why(bord: Bord, browser: WebDriver, tmp_path: Path) -> None:
    """With a mouse, and with everything that a browser or axe would complain of."""
    driver = browser
    driver.get(bord.hub.address + "/")
    assert "Inloggen" in driver.title
    assert axe_faults(driver) == []
    _log_in(driver, bord.hub)
    assert "Regiebord" in driver.title
    sections = (By.TAG_NAME, "section")
    tables = steadily(
        driver,
        lambda: {part.find_element(By.TAG_NAME, "h2").text: part.text for part in driver.find_elements(*sections)},
    )
    assert bord.handed_over["referentie"] in tables["Overdrachten en hun vier ontvangsten"]
    assert bord.waiting["referentie"] in tables["Open escalaties"]
    assert "■ verstreken" in tables["Termijnen"]
    assert bord.handed_over["referentie"] in tables["Wie draagt zicht op veiligheid"]
    assert "Vanaf de melding draagt Veilig Thuis zicht" in tables["Wie draagt zicht op veiligheid"], "no ids for people"
    driver.save_screenshot(str(tmp_path / "bord.png"))
    assert axe_faults(driver) == []

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


def test_the_board_is_used_by_keyboard_and_keeps_the_focus_while_it_refreshes(bord: Bord, browser: WebDriver) -> None:
    driver = browser
    driver.get(bord.hub.login_link)
    keyboard = Keyboard(driver)
    keyboard.tab_to(text="Inloggen")
    keyboard.press(Keys.ENTER)
    WebDriverWait(driver, 20).until(lambda found: "Regiebord" in found.title)
    keyboard.press(Keys.TAB)
    assert driver.switch_to.active_element.text == "Naar de inhoud", "the way past the header comes first"
    keyboard.tab_to(text=bord.waiting["referentie"])
    before = steadily(driver, lambda: driver.find_element(By.ID, "nu").text)
    WebDriverWait(driver, 30, ignored_exceptions=[WebDriverException]).until(
        lambda found: found.find_element(By.ID, "nu").text != before
    )
    assert driver.switch_to.active_element.text == bord.waiting["referentie"], "a refresh does not take the focus away"
    keyboard.press(Keys.ENTER)
    WebDriverWait(driver, 20).until(lambda found: bord.waiting["referentie"] in found.title)
    keyboard.tab_to(text="Pauzeer verversen")
    keyboard.press(Keys.SPACE)
    assert driver.switch_to.active_element.text == "Hervat verversen"
    assert complaints(driver) == []


def test_the_board_is_read_without_javascript(bord: Bord, scriptless: WebDriver) -> None:
    driver = scriptless
    _log_in(driver, bord.hub)
    assert bord.handed_over["referentie"] in steadily(driver, lambda: driver.find_element(By.TAG_NAME, "main").text)
    assert not driver.find_element(By.ID, "pauze").is_displayed(), "a button that does nothing is not shown"
    follow(driver, By.LINK_TEXT, bord.handed_over["referentie"])
    assert bord.handed_over["referentie"] in driver.title
    follow(driver, By.XPATH, "//button[text()='Uitloggen']")
    assert "/inloggen" in driver.current_url


def _log_in(driver: WebDriver, hub: Up) -> None:
    driver.get(hub.login_link)
    follow(driver, By.TAG_NAME, "button")
    WebDriverWait(driver, 20).until(lambda found: "Regiebord" in found.title)
