"""The pages for whoever runs the hub in a real browser, at a hub of which one endpoint is away and one message is spoilt."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from contracts.messages.identifiers import short_reference
from lab.invented import verzin_meldingen
from services.cli.reach import reached_database
from services.runtime.settings import load_settings
from tests.fixtures.browser import complaints, faults_at_every_width, follow, steadily
from tests.fixtures.processen import ROOT, Up, eventually, hand_over, houvast, running_hub, sample_register
from tests.fixtures.werkplek import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(240)]

VEILIG_THUIS = "veilig-thuis-west-brabant"
BEHEER = "/overdracht/v1/beheer"
NOBODY = "http://127.0.0.1:9/nergens"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Up]:
    """Breda cannot be reached, cases wait for it, and monitoring has a message that it cannot read."""
    register = tmp_path / "register.toml"
    known = (ROOT / "deploy" / "register.toml").read_text("utf-8")
    away = known.replace('"{sandbox}/sandbox/GM0758"', f'"{NOBODY}"')
    assert away != known
    register.write_text(away, "utf-8")
    with running_hub(tmp_path / "data", "--register", str(register), clock="2026-03-02T09:00+01:00@60") as hub:
        with hub.client(VEILIG_THUIS) as client:
            drawn = verzin_meldingen(sample_register(), aantal=40, seed=5, on=date(2026, 3, 2), regio="west-brabant")
            made = [item for item in drawn if item.melding["gemeente"] == "GM0758"][:3]
            assert len(made) == 3
            for melding in made:
                hand_over(client, melding)
            eventually(lambda: _stalled(hub), what="the breaker")
        yield hub


class Eye:
    """Looks at a page on a desk and on a phone, and keeps what is wrong with it and how it looked."""

    def __init__(self, driver: WebDriver, folder: Path) -> None:
        self.driver = driver
        self.faults: list[str] = []
        self._folder = folder

    def look(self, name: str) -> str:
        self.faults += [f"{name} {fault}" for fault in faults_at_every_width(self.driver)]
        for width in (390, 1280):
            self.driver.set_window_size(width, 1400)
            self.driver.save_screenshot(str(self._folder / f"{name}-{width}.png"))
        return steadily(self.driver, lambda: self.driver.find_element(By.TAG_NAME, "main").text)

    def follow(self, text: str, *, tag: str = "button") -> None:
        follow(self.driver, By.XPATH, f"//main//{tag}[contains(., '{text}')]")

    def open(self, summary: str) -> None:
        self.driver.find_element(By.XPATH, f"//summary[contains(., '{summary}')]").click()

    def fill(self, name: str, text: str) -> None:
        shown = [field for field in self.driver.find_elements(By.NAME, name) if field.is_displayed()]
        shown[0].send_keys(text)


def test_the_beheerder_sees_what_stalls_and_mends_it(hub: Up, browser: WebDriver, tmp_path: Path) -> None:
    """Every page in every state."""
    eye, casus = Eye(browser, tmp_path), asyncio.run(_spoil(hub))
    sign_in(browser, hub, "Nadia Verwey")
    follow(browser, By.LINK_TEXT, "Beheer")
    assert "Opdrachten naar buiten" in eye.look("wacht-overdracht")
    eye.follow("Monitoring", tag="a")
    assert "1 casus(sen) staan stil" in eye.look("wacht-monitoring")
    _messages(eye, casus)
    _endpoints(eye)
    _tokens(eye)
    assert eye.faults == []
    assert complaints(browser) == []


def _messages(eye: Eye, casus: Any) -> None:
    eye.follow("Vastgelopen berichten", tag="a")
    eye.follow("Monitoring", tag="a")
    listed = eye.look("berichten")
    assert short_reference(casus) in listed
    assert "de klok sloeg dertien" in listed
    eye.follow("Handel opnieuw af")
    assert "1 bericht is niet te verwerken" in eye.look("berichten-opnieuw")
    eye.open("Laat vallen")
    eye.fill("waarom", "Dubbel verstuurd.")
    eye.look("berichten-laat-vallen")
    eye.follow("Laat voorgoed vallen")
    told = eye.look("berichten-leeg")
    assert "Hier ligt niets terzijde" in told
    assert "Nadia Verwey (houvast)" in told
    assert "Dubbel verstuurd." in told


def _endpoints(eye: Eye) -> None:
    eye.follow("Endpoints", tag="a")
    assert "antwoordt niet" in eye.look("endpoints")
    eye.follow("GM0758", tag="a")
    shown = eye.look("endpoint")
    assert "aflevering-rest" in shown
    assert "op dat adres luistert niemand" in shown
    eye.open("Pauzeer")
    eye.fill("waarom", "Onderhoud bij Breda.")
    eye.follow("Pauzeer")
    assert "Onderhoud bij Breda." in eye.look("endpoint-gepauzeerd")
    eye.follow("Hervat")
    assert "Houvast bezorgt hier weer" in eye.look("endpoint-hervat")
    eye.follow("Bezorg nu")
    assert "1 overdracht gaat opnieuw." in eye.look("endpoint-een")
    eye.open("Verzend opnieuw")
    field = eye.driver.find_element(By.ID, "sinds")
    eye.driver.execute_script("arguments[0].value = '2026-03-02T09:00'", field)  # typed by the country of the browser
    eye.follow("Verzend opnieuw")
    assert "Sinds dat moment is hier niets afgeleverd." in eye.look("endpoint-sinds")


def _tokens(eye: Eye) -> None:
    eye.follow("Tokens", tag="a")
    before = eye.look("tokens")
    assert "uitgegeven met houvast token" in before
    eye.open("Trek in")
    eye.look("tokens-trek-in")
    eye.follow("Trek voorgoed in")
    after = eye.look("tokens-ingetrokken")
    assert "Ingetrokken." in after
    assert "Nadia Verwey (houvast)" in after


async def _spoil(hub: Up) -> Any:
    """A record of a real case that nobody can read, where monitoring would have put it."""
    async with reached_database(load_settings(data_dir=hub.data)) as connection:
        casus = await connection.fetchval("select casus_id from monitoring.aggregaat order by casus_id limit 1")
        await connection.execute(
            "insert into monitoring.geparkeerd (key, casus_id, soort, reden, topic, partitie, positie, bericht, op)"
            " values (gen_random_uuid(), $1, 'dode-brief', 'op: de klok sloeg dertien', 'houvast.meldingen', 0, 7, '{}',"
            " '2026-03-02T08:00Z')",
            casus,
        )
    return casus


def _stalled(hub: Up) -> bool:
    return "antwoordt niet" in houvast("gemeente", "list", "--data", str(hub.data)).stdout
