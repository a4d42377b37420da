"""A day's work of each profession, in a real browser and by keyboard alone: from what is asked to what is done.

With HOUVAST_TEST_PHOTOS every page that they pass is photographed there, on a desk and on a phone.
"""

import base64
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.fixtures.browser import WIDTHS, Keyboard, complaints, follow, open_browser, steadily
from tests.fixtures.processen import Up, created, data_folder, eventually, start_up, voorbeeld

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(300)]

VEILIG_THUIS, MELDPUNT, BREDA = "veilig-thuis-west-brabant", "meldpunt-west-brabant", "GM0758"
HIGHEST_PHOTO = 2600


@dataclass
class Dag:
    """Somebody at a keyboard, on a hub where others work too."""

    hub: Up
    driver: WebDriver
    keyboard: Keyboard

    def sign_in(self, persoon: str, path: str = "/") -> None:
        """By the provider of `houvast up`, and on to this page."""
        self.driver.delete_all_cookies()
        self.driver.get(self.hub.address + path)
        follow(self.driver, By.CSS_SELECTOR, 'a[href*="/inloggen/bij/"]')
        follow(self.driver, By.XPATH, f"//button[.='{persoon}']")

    def open(self, path: str) -> None:
        self.driver.get(self.hub.address + path)

    @property
    def page(self) -> str:
        return steadily(self.driver, lambda: self.driver.find_element(By.TAG_NAME, "main").text)

    def press(self, text: str) -> None:
        """Go to what is called so by keyboard, and on."""
        self.keyboard.tab_to(text=text)
        self.keyboard.go(Keys.ENTER)

    def press_what_has(self, part: str) -> None:
        self.keyboard.tab_to(part=part)
        self.keyboard.go(Keys.ENTER)

    def asked(self, referentie: str) -> None:
        """Wait until the home page asks something about this case."""

        def look() -> bool:
            self.open("/")
            return referentie in self.page

        eventually(look, what=f"{referentie} on the home page")

    def until(self, text: str) -> None:
        """Look again until the page says so; it does so by itself too."""

        def look() -> bool:
            self.driver.refresh()
            assert text in self.page, self.page
            return True

        if text not in self.page:
            eventually(look, what=text)

    def done(self, naam: str) -> None:
        assert f"?gedaan={naam}" in self.driver.current_url, self.page

    def photo(self, name: str) -> None:
        folder = os.environ.get("HOUVAST_TEST_PHOTOS")
        if folder is None:
            return
        for width, height in WIDTHS:
            screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            whole: int = self.driver.execute_script("return document.documentElement.scrollHeight")  # type: ignore[no-untyped-call]
            clip = {"x": 0, "y": 0, "width": width, "height": min(whole, HIGHEST_PHOTO), "scale": 1}
            taken: dict[str, Any] = self.driver.execute_cdp_cmd(
                "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
            )
            Path(folder, f"{name}-{width}.png").write_bytes(base64.b64decode(taken["data"]))
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One for all days: each has cases of its own."""
    with data_folder(tmp_path_factory.mktemp("dagen") / "data") as data:
        hub = start_up(data, clock="2026-03-02T09:00+01:00@1")
        try:
            yield hub
        finally:
            hub.process.ensure_ended()


@pytest.fixture(scope="module")
def dag(hub: Up, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dag]:
    driver = open_browser(tmp_path_factory.mktemp("profile"))
    try:
        yield Dag(hub, driver, Keyboard(driver))
        told = [one for one in complaints(driver) if not re.search(r" (400|404) \(", one)]
        assert told == [], "a form with a mistake is a 400, a case that is not for you a 404"
    finally:
        driver.quit()


@dataclass(frozen=True)
class Zaak:
    """A case that the systems of others began."""

    casus: str
    referentie: str


def report(hub: Up, *, by: str = VEILIG_THUIS, body: dict[str, Any] | None = None, decided: str = "") -> Zaak:
    """A melding, with this triagebesluit of `deploy/voorbeeld` where there is one; known at monitoring."""
    with hub.client(by) as client:
        casus = created(client.post("/triage/v1/meldingen", json=body or voorbeeld("melding")))["casusId"]
        if decided:
            created(client.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", json=voorbeeld(decided)))
        eventually(lambda: client.get(f"/monitoring/v1/casussen/{casus}").status_code == 200, what="the case")
    return Zaak(casus, f"HV-{casus.replace('-', '')[-8:].upper()}")


def handed_over(hub: Up) -> Zaak:
    zaak = report(hub, decided="triagebesluit")
    with hub.client(BREDA) as client:
        path = f"/monitoring/v1/casussen/{zaak.casus}"
        eventually(lambda: client.get(path).status_code == 200, what="the overdracht at the gemeente")
    return zaak


def test_a_triagist_registers_weighs_and_finds_it_done(dag: Dag) -> None:
    dag.sign_in("Elise Bastiaansen")
    dag.press("Melding registreren")
    dag.photo("melding-registreren")
    dag.keyboard.tab_to(id="veld-bron-1")
    dag.keyboard.press(Keys.ARROW_DOWN + Keys.ARROW_DOWN)
    dag.keyboard.tab_to(id="veld-gemeente")
    dag.keyboard.press("Breda")
    dag.keyboard.fill("veld-omschrijving", "Buren hoorden geschreeuw.")
    dag.keyboard.fill("veld-betrokkenen.0.naam", "Femke Voorbeeld")
    dag.keyboard.tab_to(id="veld-betrokkenen.0.rol")
    dag.keyboard.press("Ouder")
    dag.keyboard.fill("veld-melder.naam", "A. Verzonnen")
    dag.press("Melding registreren")
    dag.done("melding-registreren")
    dag.until("draagt zicht op veiligheid sinds")
    assert "Niet gevonden" not in dag.page
    dag.photo("casus-nieuw")
    referentie = re.findall(r"HV-[0-9A-F]{8}", dag.page)[0]
    dag.asked(referentie)
    dag.photo("thuis-triagist")
    dag.press_what_has(referentie)
    dag.press("Triagebesluit nemen")
    assert "Triageadvies" in dag.page
    dag.photo("triagebesluit-nemen")
    dag.keyboard.tab_to(id="veld-besluit-1")
    dag.keyboard.press(Keys.SPACE)
    dag.press("Triagebesluit nemen")
    dag.photo("triagebesluit-fout")
    assert dag.driver.title.startswith("Fout: "), "the reason is asked"


def test_a_meldpuntmedewerker_takes_in_a_crisis_on_the_phone(dag: Dag) -> None:
    dag.sign_in("Yusuf Claassen")
    dag.photo("thuis-meldpuntmedewerker")
    dag.press("Meldpuntmelding vastleggen")
    dag.photo("meldpuntmelding-vastleggen")
    dag.keyboard.tab_to(id="veld-gemeente")
    dag.keyboard.press("Breda")
    dag.keyboard.tab_to(id="veld-crisis-1")
    dag.keyboard.press(Keys.SPACE)
    dag.keyboard.tab_to(id="veld-vermoedenHgkm-1")
    dag.keyboard.press(Keys.SPACE)
    dag.keyboard.tab_to(id="veld-uitkomst")
    dag.keyboard.press("Naar Veilig")
    dag.keyboard.fill("veld-omschrijving", "E33 van de politie: verward na een ruzie.")
    dag.keyboard.fill("veld-betrokkenen.0.naam", "Sanne Denkbeeld")
    dag.keyboard.tab_to(id="veld-betrokkenen.0.rol")
    dag.keyboard.press("Partner")
    dag.keyboard.fill("veld-melder.naam", "B. Verzonnen")
    dag.press("Meldpuntmelding vastleggen")
    dag.done("meldpuntmelding-registreren")
    dag.until("draagt zicht op veiligheid sinds")
    dag.photo("casus-crisis")
    assert "Meldpunt Crisiszorg West-Brabant draagt zicht op veiligheid" in dag.page
    casus = re.findall(r"/casus/([0-9a-f-]+)", dag.driver.current_url)[0]
    dag.sign_in("Roderick Vermeulen", f"/casus/{casus}")
    dag.photo("casus-crisis-veilig-thuis")
    dag.press("Overnemen van het meldpunt")
    dag.photo("meldpuntmelding-overnemen")


def test_a_teamcoordinator_receives_takes_up_and_refuses(dag: Dag) -> None:
    zaak, other = handed_over(dag.hub), handed_over(dag.hub)
    dag.sign_in("Frank van Rijckevorsel")
    dag.asked(zaak.referentie)
    dag.asked(other.referentie)
    dag.photo("thuis-teamcoordinator")
    dag.press_what_has(zaak.referentie)
    dag.photo("casus-aangeboden")
    dag.press("Ontvangst bevestigen")
    dag.press("Ontvangst bevestigen")
    dag.done("ontvangst-bevestigen")
    dag.until("Het is vastgelegd.")
    dag.press("Oppakken en verdelen")
    dag.photo("oppakken")
    dag.keyboard.fill("veld-medewerker.naam", "Otto Voorbeeld")
    dag.keyboard.fill("veld-medewerker.functie", "medewerker lokaal team")
    dag.press("Oppakken en verdelen")
    dag.done("casus-oppakken")
    dag.until("Plan vastleggen")
    dag.photo("casus-opgepakt")
    dag.open(f"/casus/{other.casus}")
    dag.press("Weigeren")
    dag.photo("weigeren")


def test_a_gedragswetenschapper_is_called_and_settles_a_difference(dag: Dag) -> None:
    zaak = handed_over(dag.hub)
    with dag.hub.client(BREDA) as client:
        created(
            client.post(f"/monitoring/v1/casussen/{zaak.casus}/meningsverschillen", json=voorbeeld("meningsverschil"))
        )
    dag.sign_in("Liesbeth Nooijens")
    dag.asked(zaak.referentie)
    dag.photo("thuis-gedragswetenschapper")
    dag.press_what_has(zaak.referentie)
    dag.photo("casus-geescaleerd")
    dag.press("Escalatie oppakken")
    dag.press("Escalatie oppakken")
    dag.done("escalatie-oppakken")
    dag.press("Escalatie afhandelen")
    dag.photo("escalatie-afhandelen")


def test_the_gemeente_is_called_and_calls_its_bestuur(dag: Dag) -> None:
    """A case of its team is not there for it until a rung calls it; the team and Veilig Thuis do not agree."""
    zaak = handed_over(dag.hub)
    dag.sign_in("Tessa Bakermans", f"/casus/{zaak.casus}")
    assert "Niet gevonden" in dag.page
    with dag.hub.client(VEILIG_THUIS) as client:
        path = f"/monitoring/v1/casussen/{zaak.casus}"
        created(client.post(f"{path}/meningsverschillen", json=voorbeeld("meningsverschil")))
        (called,) = client.get(path).json()["escalaties"]
        further = {"door": voorbeeld("oppakking")["door"]}
        while called["rol"] != "gemeente-ambtelijk":
            called = created(client.post(f"/monitoring/v1/escalaties/{called['id']}/opschalingen", json=further))
    dag.asked(zaak.referentie)
    dag.photo("thuis-gemeente-ambtelijk")
    dag.press_what_has(zaak.referentie)
    dag.photo("casus-gemeente-ambtelijk")
    dag.press("Escalatie oppakken")
    dag.press("Escalatie oppakken")
    dag.done("escalatie-oppakken")
    dag.press("Escalatie opschalen")
    dag.press("Escalatie opschalen")
    dag.done("escalatie-opschalen")
    dag.sign_in("Renske de Bont")
    dag.asked(zaak.referentie)
    dag.photo("thuis-gemeente-bestuurlijk")
    dag.press_what_has(zaak.referentie)
    dag.press("Escalatie afhandelen")
    assert "Escalatie afhandelen" in dag.driver.title


def test_the_beheerder_finds_a_case_by_its_reference(dag: Dag) -> None:
    zaak = report(dag.hub)
    dag.sign_in("Nadia Verwey")
    dag.photo("thuis-beheerder")
    dag.press("Casussen")
    dag.keyboard.tab_to(text="Filteren en zoeken")
    dag.keyboard.press(Keys.ENTER)
    dag.keyboard.fill("filter-zoek", zaak.referentie)
    dag.keyboard.go(Keys.ENTER)
    dag.photo("casussen-gezocht")
    dag.press(zaak.referentie)
    assert "draagt zicht op veiligheid" in dag.page
    assert "Documenten en brieven" not in dag.page
    dag.photo("casus-beheerder")
