"""A day's work of each profession, in a real browser and by keyboard alone: from what is asked to what is done.

With HOUVAST_TEST_PHOTOS every page that they pass is photographed there, on a desk and on a phone.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.fixtures.browser import Keyboard, complaints, open_browser
from tests.fixtures.dagen import BREDA, VEILIG_THUIS, Dag, at_home, handed_over, report
from tests.fixtures.huis import Receiver
from tests.fixtures.processen import ROOT, Up, created, data_folder, eventually, running_hub, start_up, voorbeeld

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One for all days: each has cases of its own."""
    with running_hub(tmp_path_factory.mktemp("dagen") / "data") as hub:
        yield hub


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[Up]:
    """A hub where what takes days takes seconds, and where Breda receives and never confirms."""
    receiver, register = Receiver(), tmp_path / "register.toml"
    known = (ROOT / "deploy" / "register.toml").read_text("utf-8")
    register.write_text(known.replace("{sandbox}/sandbox/GM0758", receiver.address), "utf-8")
    with data_folder(tmp_path / "data") as data:
        hub = start_up(data, "--register", str(register), clock="2026-03-02T09:00+01:00@20000")
        try:
            yield hub
        finally:
            hub.process.ensure_ended()
            receiver.stop()


@pytest.fixture(scope="module")
def dag(hub: Up, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dag]:
    driver = open_browser(tmp_path_factory.mktemp("profile"))
    try:
        yield Dag(hub, driver, Keyboard(driver))
        told = [one for one in complaints(driver) if not re.search(r" (400|403|404) \(", one)]
        assert told == [], "a form with a mistake is a 400, a case that is not for you a 404, a page that is not a 403"
    finally:
        driver.quit()


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
    dag.keyboard.fill("veld-afwegingen", "Geen geweld, wel zorgen; het gezin neemt hulp aan.")
    dag.keyboard.fill("veld-redenAfwijking", "Het team is al bij dit gezin.")
    dag.press("Triagebesluit nemen")
    dag.done("triagebesluit-nemen")
    dag.until("Het is vastgelegd.")
    dag.press_seldom("Casus sluiten")
    dag.photo("casus-sluiten")
    dag.keyboard.tab_to(id="veld-reden-1")
    dag.keyboard.press(Keys.ARROW_DOWN)
    dag.press("Casus sluiten")
    dag.done("casus-sluiten")
    dag.until("gesloten")
    dag.photo("casus-gesloten")
    dag.open("/")
    assert referentie not in dag.page, "nothing is asked of a closed case"


def test_a_triagist_weighs_what_may_be_the_same_family_and_hands_over(dag: Dag) -> None:
    report(dag.hub, body=at_home("Willemijn Bedacht"))
    again = report(dag.hub, body=at_home("Bo Denkbeeldig"))
    dag.sign_in("Samira van Aalst", f"/casus/{again.casus}")
    dag.press("Triagebesluit nemen")
    dag.photo("triagebesluit-eerder")
    dag.press_what_has("Hermelding beoordelen: HV-")
    dag.photo("hermelding-beoordelen")
    dag.keyboard.tab_to(id="veld-casusId-1")
    dag.keyboard.press(Keys.SPACE)
    dag.keyboard.tab_to(id="veld-oordeel-1")
    dag.keyboard.press(Keys.ARROW_DOWN)
    dag.press("Hermelding beoordelen")
    dag.done("hermelding-beoordelen")
    dag.until("Het is vastgelegd.")
    dag.press("Overdragen")
    dag.photo("overdragen")


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
    dag.keyboard.tab_to(id="veld-code-1")
    dag.keyboard.press(Keys.SPACE)
    dag.keyboard.fill("veld-toelichting", "Dit gezin woont in Tilburg.")
    dag.press("Weigeren")
    dag.done("overdracht-weigeren")


def test_a_teamcoordinator_has_a_waiting_list_and_gives_back(dag: Dag) -> None:
    zaak, other = handed_over(dag.hub), handed_over(dag.hub)
    dag.sign_in("Frank van Rijckevorsel", f"/casus/{zaak.casus}")
    dag.press("Wachtlijst melden")
    dag.photo("wachtlijst-melden")
    dag.keyboard.tab_to(id="veld-verwachtOp")
    dag.driver.execute_script(
        "document.activeElement.value = '2026-03-23T09:00'"
    )  # typed by the country of the browser
    dag.press("Wachtlijst melden")
    dag.done("wachtlijst-melden")
    dag.until("Het is vastgelegd.")
    dag.photo("casus-wachtlijst")
    dag.open("/?wat=wachtlijst")
    assert zaak.referentie in dag.page
    dag.photo("thuis-wachtlijst")
    dag.open(f"/casus/{other.casus}")
    dag.press("Teruggeven aan Veilig Thuis")
    dag.keyboard.tab_to(id="veld-criteria-1")
    dag.keyboard.press(Keys.SPACE)
    dag.keyboard.fill("veld-toelichting", "Het team kan deze veiligheid niet herstellen.")
    dag.keyboard.tab_to(id="veld-gedragsdeskundigeGeraadpleegd-1")
    dag.keyboard.press(Keys.SPACE)
    dag.keyboard.fill("veld-gedragsdeskundigeToelichting", "Zij raadt aan dat Veilig Thuis opnieuw kijkt.")
    dag.photo("teruggeven")
    dag.press("Teruggeven aan Veilig Thuis")
    dag.done("casus-teruggeven")
    dag.sign_in("Roderick Vermeulen", f"/casus/{other.casus}")
    dag.until("Opnieuw wegen")
    dag.photo("casus-teruggegeven")


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
    dag.settle("Overeenstemming")
    dag.until("Het is vastgelegd.")
    dag.press_seldom("Verschil van inzicht melden")
    dag.keyboard.fill("veld-toelichting", "Wij wegen de veiligheid van de kinderen anders.")
    dag.press("Verschil van inzicht melden")
    dag.done("meningsverschil-melden")
    dag.until("Het is vastgelegd.")
    assert "Escalatie" in dag.page


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
    dag.settle("Werkafspraak")
    dag.until("niet meer bij u")
    dag.photo("casus-voorbij")


def test_the_bestuur_answers_a_signal(fast: Up, dag: Dag) -> None:
    """Where a day is four seconds: the team did not confirm in time, whoever leads says so, and the bestuur answers."""
    other = Dag(fast, dag.driver, dag.keyboard)
    zaak = handed_over(fast)
    with fast.client(VEILIG_THUIS) as client:
        path = f"/monitoring/v1/casussen/{zaak.casus}/signalen"

        def missed() -> bool:
            answer = client.post(path, json=voorbeeld("signaal"))
            assert answer.status_code == 201, answer.text
            return True

        eventually(missed, seconds=60, what="a missed term")
    other.sign_in("Judith van Campen")
    other.until("Structureel signaal bekijken en versturen")
    other.photo("thuis-leidinggevende")
    other.press_what_has("Structureel signaal bekijken en versturen")
    other.press("Signaal versturen")
    other.press("Signaal versturen")
    other.done("signaal-versturen")
    other.sign_in("Renske de Bont")
    other.until("Structureel signaal beantwoorden")
    other.press_what_has("Structureel signaal beantwoorden")
    other.photo("signaal")
    other.press("Signaal beantwoorden")
    other.photo("signaal-beantwoorden")
    assert "Het signaal" in other.page
    assert re.search(r"Breda voerde afspraken (één|\d+) keer niet op tijd uit, sinds \d", other.page)
    other.keyboard.tab_to(id="veld-maatregel-1")
    other.keyboard.press(Keys.SPACE)
    other.press("Signaal beantwoorden")
    other.done("signaal-beantwoorden")


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


def test_the_beheerder_holds_an_endpoint_looks_aside_and_ends_a_token(dag: Dag) -> None:
    """What lies aside in a hub where something is spoilt: test_beheerpagina."""
    handed_over(dag.hub)
    dag.sign_in("Nadia Verwey")
    dag.press("Beheer")
    dag.press("Endpoints")
    dag.photo("endpoints")
    dag.press("GM0758")
    dag.photo("endpoint")
    dag.keyboard.tab_to(text="Pauzeer dit endpoint")
    dag.keyboard.press(Keys.ENTER)
    dag.keyboard.fill("waarom", "Onderhoud bij Breda.")
    dag.press("Pauzeer")
    assert "Onderhoud bij Breda." in dag.page
    dag.press("Hervat en bezorg alles wat wacht")
    assert "Houvast bezorgt hier weer" in dag.page
    dag.press("Vastgelopen berichten")
    assert "Hier ligt niets terzijde" in dag.page
    dag.press("Kanalen")
    dag.press_what_has("Stuur mij een proefbericht")
    assert "Het proefbericht is aangenomen" in dag.page
    dag.photo("kanalen")
    dag.press("Tokens")
    dag.photo("tokens")
    before = len(dag.driver.find_elements(By.CSS_SELECTOR, 'input[name="token"]'))
    dag.keyboard.tab_to(part="Trek in")
    dag.keyboard.press(Keys.ENTER)
    dag.press_what_has("Trek voorgoed in")
    assert len(dag.driver.find_elements(By.CSS_SELECTOR, 'input[name="token"]')) == before - 1


def test_policy_reads_the_figures_and_takes_them_along(dag: Dag) -> None:
    dag.sign_in("Hanneke Roelands")
    dag.photo("thuis-beleidsmedewerker")
    dag.press("Cijfers")
    dag.keyboard.tab_to(id="filter-gemeente")
    dag.keyboard.press("Breda")
    dag.press("Toon")
    assert "gemeente=GM0758" in dag.driver.current_url
    assert "Breda" in dag.page
    dag.photo("cijfers")
    dag.keyboard.tab_to(text="Bewaar als CSV")
    taken = str(dag.driver.switch_to.active_element.get_attribute("href"))
    cookies = {cookie["name"]: cookie["value"] for cookie in dag.driver.get_cookies()}
    answer = httpx.get(taken, cookies=cookies, trust_env=False)
    assert (answer.status_code, answer.text.splitlines()[1].split(";")[1]) == (200, "Breda")
    dag.open("/casussen")
    assert "U werkt hier als beleidsmedewerker" in dag.page
