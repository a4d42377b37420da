"""The register without restart, in a real browser, at a hub that runs: by the beheerder, and by a team for its own people."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.select import Select

from services.cli.ground import SAMPLE_REGISTER
from tests.e2e.test_beheerpagina import Eye
from tests.fixtures.browser import complaints, follow
from tests.fixtures.processen import Up, eventually, houvast
from tests.fixtures.werkplek import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(240)]

SAMPLE = SAMPLE_REGISTER.read_text("utf-8")


def test_the_register_is_changed_while_the_hub_runs(hub: Up, browser: WebDriver, tmp_path: Path) -> None:
    """Every page in every state, and each change seen where it counts."""
    eye = Eye(browser, tmp_path)
    sign_in(browser, hub, "Otto Franken")
    follow(browser, By.LINK_TEXT, "Onze mensen")
    _people(eye, hub)
    sign_in(browser, hub, "Nadia Verwey")
    follow(browser, By.LINK_TEXT, "Beheer")
    eye.follow("Register", tag="a")
    _versions(eye, hub)
    assert eye.faults == []
    assert [said for said in complaints(browser) if "status of 400" not in said] == []


def _people(eye: Eye, hub: Up) -> None:
    """Otto is the coördinator of Breda."""
    listed = eye.look("mensen")
    assert "04-03-2026 t/m 11-03-2026" in listed
    assert "heeft een rol die u niet kunt geven" in listed
    eye.follow("Persoon toevoegen", tag="a")
    eye.fill("e_mail", "noor")
    _send(eye)
    wrong = eye.look("persoon-fout")
    assert "Er zijn 2 dingen om te verbeteren" in wrong
    eye.fill("naam", "Noor Tol")
    eye.fill("e_mail", ".tol@breda.example")
    eye.follow("Rol toevoegen")
    rol = eye.driver.find_element(By.XPATH, "//label[. = 'Teamcoördinator']")
    rol.click()
    eye.driver.find_element(By.XPATH, "//label[. = 'Lokaal team Breda Noord']").click()
    eye.follow("Periode toevoegen")
    eye.look("persoon")
    for name in ("afwezig.0.van", "afwezig.0.tot_en_met"):
        field = eye.driver.find_element(By.NAME, name)
        assert field.get_attribute("type") == "date"
        field.send_keys("01072026")  # as it is typed in the browser's own country
    Select(eye.driver.find_element(By.NAME, "vervanger")).select_by_visible_text("Frank van Rijckevorsel")
    _send(eye)
    assert "Toegevoegd." in eye.look("mensen-toegevoegd")
    assert _login("Noor Tol", hub), "she gets in without a restart"
    eye.open("Haal weg")
    eye.look("mensen-weghalen")


def _login(persoon: str, hub: Up) -> bool:
    return houvast("login", persoon, "--data", str(hub.data)).returncode == 0


def _versions(eye: Eye, hub: Up) -> None:
    shown = eye.look("register")
    assert "Versie 2 geldt" in shown
    assert "Otto Franken (GM0758)" in shown
    eye.follow("Wat veranderde er", tag="a")
    assert '+ naam = "Noor Tol"' in eye.look("register-verschil")
    eye.follow("Terug naar het register", tag="a")
    eye.follow("Register wijzigen", tag="a")
    _type(eye, SAMPLE.replace('naam = "Breda"', 'naam = ""'))
    eye.fill("waarom", "Gemeente Breda heet voortaan anders.")
    eye.follow("Zet als nieuwe versie")
    assert "gemeente[1].naam: mag niet leeg zijn" in eye.look("register-fout")
    _type(
        eye,
        SAMPLE.replace('naam = "Breda"', 'naam = "Breda aan de Mark"').replace('code = "safegroup"', 'code = "safe-2"'),
    )
    eye.follow("Zet als nieuwe versie")
    assert "Partij Safegroup (safegroup) verdwijnt" in eye.look("register-bezwaar")
    eye.driver.find_element(By.ID, "toch").click()
    eye.follow("Zet als nieuwe versie")
    assert "Versie 3 is gezet." in eye.look("register-gezet")
    eventually(lambda: "Breda aan de Mark" in houvast("register", "toon", "--data", str(hub.data)).stdout)
    assert not _login("Noor Tol", hub), "the text that was set did not name her"
    eye.follow("Terug hiernaar: versie 2", tag="a")
    eye.look("register-terug")
    eye.fill("waarom", "Te vroeg.")
    eye.follow("Zet terug")
    assert "Partij Safegroup (safe-2) verdwijnt" in eye.look("register-terug-bezwaar")
    eye.driver.find_element(By.ID, "toch").click()
    eye.follow("Zet terug")
    assert "Versie 4 is gezet." in eye.look("register-teruggezet")
    assert _login("Noor Tol", hub)
    told = houvast("register", "versies", "--data", str(hub.data)).stdout
    assert "Terug naar versie 2. Te vroeg." in told


def _send(eye: Eye) -> None:
    follow(eye.driver, By.CSS_SELECTOR, "main .utrecht-action-group button")


def _type(eye: Eye, text: str) -> None:
    """Pasted: at the speed of a keyboard it would take the afternoon."""
    eye.driver.execute_script("arguments[0].value = arguments[1]", eye.driver.find_element(By.ID, "tekst"), text)
