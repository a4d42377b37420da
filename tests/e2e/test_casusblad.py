"""The page of a case in a real browser: the picture, the way to a form and back, on a screen and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.fixtures.browser import axe_faults, complaints, follow, steadily
from tests.fixtures.processen import Up, created, eventually, houvast, running_hub, voorbeeld

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(240)]

VEILIG_THUIS = "veilig-thuis-west-brabant"
WIDTHS = (1280, 390)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[Up, str]]:
    """A hub with one melding, and a link for a triagist."""
    with running_hub(tmp_path / "data", clock="2026-03-02T09:00+01:00@60") as up:
        told = houvast("login", "Roderick Vermeulen", "--data", str(up.data))
        assert told.returncode == 0, told.stderr
        yield up, told.stdout.strip().splitlines()[-1]


def test_a_triagist_sees_the_case_goes_to_a_form_and_finds_what_was_done(
    hub: tuple[Up, str], browser: WebDriver
) -> None:
    up, link = hub
    with up.client(VEILIG_THUIS) as client:
        casus = created(client.post("/triage/v1/meldingen", json=voorbeeld("melding")))["casusId"]
        eventually(lambda: client.get(f"/monitoring/v1/casussen/{casus}").status_code == 200, what="the case")
    driver = browser
    driver.get(link)
    follow(driver, By.TAG_NAME, "button")
    for width in WIDTHS:
        driver.set_window_size(width, 1000)
        driver.get(f"{up.address}/casus/{casus}")
        page = steadily(driver, lambda: driver.find_element(By.TAG_NAME, "main").text)
        assert "draagt zicht op veiligheid sinds" in page
        assert "Veiligheidsbeoordeling en triagebesluit" in page
        assert driver.find_element(By.TAG_NAME, "svg").accessible_name.startswith("Tijdlijn van casus")
        wide = driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, "only the picture scrolls, in its own box"
        assert axe_faults(driver) == []
    follow(driver, By.LINK_TEXT, "Triagebesluit nemen")
    assert "/formulier" in driver.current_url
    driver.add_cookie({"name": "houvast_gedaan", "value": "triagebesluit-nemen"})
    driver.get(f"{up.address}/casus/{casus}?gedaan=triagebesluit-nemen")
    assert "Triagebesluit nemen." in steadily(
        driver, lambda: driver.find_element(By.CSS_SELECTOR, "[role=status]").text
    )
    assert complaints(driver) == []
