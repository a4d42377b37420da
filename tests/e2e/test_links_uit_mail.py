"""Links in mail, in a real browser: webmail is another site, and what is asked for is what one comes to."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.fixtures.browser import Keyboard, axe_faults, complaints, faults_at_every_width, follow
from tests.fixtures.processen import Up, created, data_folder, delivered, eventually, start_up, voorbeeld

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(240)]

VEILIG_THUIS = "veilig-thuis-west-brabant"


class _Mailbox(BaseHTTPRequestHandler):
    def __init__(self, links: dict[str, str], *arguments: object) -> None:
        self._links = links
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        links = "".join(f'<p><a href="{address}">{text}</a></p>' for text, address in self._links.items())
        form = f'<form method="post" action="{self._links["log uit"]}"><button>Win een prijs</button></form>'
        page = f"<!doctype html><title>Webmail</title><main>{links}{form}</main>".encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Wereld:
    hub: Up
    casus: str
    webmail: str
    """On `localhost`, which is another site than the 127.0.0.1 of the hub."""


@pytest.fixture(scope="module")
def wereld(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wereld]:
    with data_folder(tmp_path_factory.mktemp("links") / "data") as data:
        hub = start_up(data, clock="2026-03-02T09:00+01:00@60")
        try:
            with hub.client(VEILIG_THUIS) as client:
                casus = created(client.post("/triage/v1/meldingen", json=voorbeeld("melding")))["casusId"]
                path = f"/monitoring/v1/casussen/{casus}"
                eventually(lambda: client.get(path).status_code == 200, what="the case at monitoring")
            links = {"de casus": f"{hub.address}/casus/{casus}", "log uit": f"{hub.address}/uitloggen"}
            mailbox = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Mailbox, links))
            threading.Thread(target=mailbox.serve_forever, daemon=True).start()
            yield Wereld(hub, casus, f"http://localhost:{mailbox.server_port}/")
            mailbox.shutdown()
            mailbox.server_close()
        finally:
            hub.process.ensure_ended()


def heading(driver: WebDriver) -> str:
    return driver.find_element(By.TAG_NAME, "h1").text


def shown(driver: WebDriver) -> str:
    return driver.find_element(By.TAG_NAME, "main").text


def landing(driver: WebDriver) -> str | None:
    """Where signing in leads to."""
    assert "de pagina die u opende" in shown(driver)
    return driver.find_element(By.CSS_SELECTOR, "input[name=naar]").get_attribute("value")


def test_a_link_out_of_webmail_leads_to_the_case_before_and_after_signing_in(
    wereld: Wereld, browser: WebDriver
) -> None:
    casus = f"/casus/{wereld.casus}"
    browser.get(wereld.webmail)
    follow(browser, By.LINK_TEXT, "de casus")
    assert heading(browser) == "Inloggen"
    assert landing(browser) == casus
    assert axe_faults(browser) == []

    keyboard = Keyboard(browser)
    keyboard.tab_to(text="Ik heb een inloglink")
    keyboard.press(Keys.ENTER)
    keyboard.fill("code", wereld.hub.login_link)
    keyboard.go(Keys.ENTER)
    assert browser.current_url == wereld.hub.address + casus
    assert heading(browser).startswith("Casus HV-")

    browser.get(wereld.webmail)
    follow(browser, By.LINK_TEXT, "de casus")
    assert heading(browser).startswith("Casus HV-"), "the session came along"

    browser.get(wereld.webmail)
    follow(browser, By.TAG_NAME, "button")
    assert heading(browser) == "Geen toegang"
    assert "andere website" in shown(browser)
    browser.get(wereld.hub.address + casus)
    assert heading(browser).startswith("Casus HV-"), "another site ended nothing"

    for unknown in ("/casus/0196f0a8-0000-7000-8000-000000000000", "/casus/niets"):
        browser.get(wereld.hub.address + unknown)
        assert heading(browser) == "Niet gevonden"
        assert "link helemaal" in shown(browser)
        assert axe_faults(browser) == []
    follow(browser, By.CSS_SELECTOR, "main button")
    assert landing(browser) == "/casus/niets", "whoever comes in as another is led back"
    bearable = [line for line in complaints(browser) if "status of 4" not in line]
    assert bearable == []


def test_every_dead_end_of_the_hub_is_a_page(wereld: Wereld, browser: WebDriver) -> None:
    for path in ("/nergens", "/overdracht/v1/nergens", "/triage/v1/nergens", "/overdracht/v1/bevestigen/onbekend"):
        browser.get(wereld.hub.address + path)
        assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "nl", path
        assert heading(browser) in {"Niet gevonden", "Deze link werkt niet"}
        assert axe_faults(browser) == []
    letter = "/overdracht/v1/overdrachten/0196f0a8-0000-7000-8000-000000000000/brieven/overdracht"
    browser.get(wereld.hub.address + letter)
    assert heading(browser) == "Inloggen"
    assert landing(browser) == letter


def test_by_a_link_in_an_ordinary_mailbox_one_reads_after_signing_in(wereld: Wereld, browser: WebDriver) -> None:
    """Rucphen has a mailbox that is not NTA 7516: the link alone shows nobody, and its own people read by name."""
    with wereld.hub.client(VEILIG_THUIS) as client:
        melding = created(client.post("/triage/v1/meldingen", json=voorbeeld("melding") | {"gemeente": "GM0840"}))
        besluit = voorbeeld("triagebesluit") | {"ontvangers": [{"gemeente": "GM0840"}]}
        created(client.post(f"/triage/v1/meldingen/{melding['id']}/triagebesluiten", json=besluit))
        eventually(lambda: delivered(client, melding["casusId"]), what="the mail to Rucphen")
    browser.get(f"{wereld.hub.address}/sandbox/")
    link = browser.find_element(By.CSS_SELECTOR, "a[href*='/bevestigen/']").get_attribute("href")
    assert link is not None
    browser.get(link)
    assert "niet genoeg" in shown(browser)
    follow(browser, By.LINK_TEXT, "Meld u aan en open het overdrachtsdocument")
    assert heading(browser) == "Inloggen"
    browser.find_element(By.ID, "zoek").send_keys("Rucphen")
    follow(browser, By.XPATH, "//form[@role='search']//button")
    follow(browser, By.PARTIAL_LINK_TEXT, "Voorbeeld")
    assert heading(browser) == "Als wie meldt u zich aan?"
    follow(browser, By.XPATH, "//button[@value='Youssef Leijten']")
    assert heading(browser).startswith("Overdrachtsdocument HV-")
    assert "Femke Voorbeeld" in shown(browser)
    assert faults_at_every_width(browser) == []
    follow(browser, By.LINK_TEXT, "Terug naar de casus")
    assert heading(browser).startswith("Casus HV-")
