"""A form asks what only a person can answer, and offers nothing that is always refused."""

import html
import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from contracts.rechten import find_handeling
from tests.fakes.rechtenhuis import (
    DOOR,
    EINDE,
    GGZ,
    GOIRLE,
    MELDPUNT,
    PERSOON,
    VT,
    Huis,
    hand_over,
    intake,
    open_huis,
    start_dienst,
)
from tests.service.test_formulieren import PAGE, SENT, by, form_of
from tests.unit.triage.road import example, sample_register

pytestmark = [pytest.mark.anyio, pytest.mark.database]

TEAM, TRIAGIST = f"{GOIRLE}/teamcoordinator", f"{VT}/triagist"


@pytest.fixture
async def huis(fresh_database: str) -> AsyncIterator[Huis]:
    async with open_huis(fresh_database) as huis:
        yield huis


async def test_who_goes_on_with_it_is_asked_and_not_guessed(huis: Huis) -> None:
    """Whoever divides the work is seldom the one who does it: the name is open, empty and cannot be passed over."""
    ids = await hand_over(huis)
    _, walked = await start_dienst(huis)
    for naam, over in (("casus-oppakken", ids["overdrachten"]), ("samenwerking-verdelen", walked["samenwerkingen"])):
        address = find_handeling(naam).address(over)
        page = (await huis.http.get(address, headers=by(TEAM) | PAGE)).text
        assert PERSOON not in page.partition("<main")[2], naam
        assert "<details" not in page.partition('id="veld-medewerker.naam"')[0].partition("<form")[2], naam
        before = await huis.written()
        empty = b"_sleutel=leeg&medewerker=1&medewerker.naam=&medewerker.functie="
        answer = await huis.http.post(address, content=empty, headers=by(TEAM) | SENT)
        assert answer.status_code == 400, naam
        for place in ("naam", "functie"):
            assert f'href="#veld-medewerker.{place}"' in answer.text, naam
        assert await huis.written() == before


async def test_who_records_an_act_is_filled_in(huis: Huis) -> None:
    ids = await hand_over(huis)
    address = find_handeling("overdracht-weigeren").address(ids["overdrachten"])
    page = (await huis.http.get(address, headers=by(TEAM) | PAGE)).text
    assert re.search(rf"Wie legt dit vast\? <strong>{PERSOON}", page)


_STANDEN = ("zicht-bevestigen", "wachtlijst-melden", "niet-op-te-pakken-melden", "crisiscontact-vastleggen")


@pytest.mark.parametrize("wie", [TEAM, TRIAGIST])
async def test_a_form_leads_to_no_form_that_is_refused(huis: Huis, wie: str) -> None:
    """What the page of the case does not offer is not offered beside another act either, nor shown to be filled in."""
    casus = (await hand_over(huis))["casussen"]
    opened = 0
    for naam in _STANDEN:
        answer = await huis.http.get(find_handeling(naam).address(casus), headers=by(wie) | PAGE)
        assert answer.status_code in {200, 404, 409}, naam
        if answer.status_code != 200:
            continue
        opened += 1
        for link in re.findall(r'href="(/monitoring/[^"]+handeling=[^"]+)"', answer.text):
            other = await huis.http.get(html.unescape(link), headers=by(wie) | PAGE)
            assert other.status_code == 200, f"{naam} leads to {link}"
    assert 0 < opened < len(_STANDEN), "some of these are for this person, and some are not"


async def test_what_an_act_is_refused_for_is_said_before_it_is_filled_in(huis: Huis) -> None:
    casus = (await hand_over(huis))["casussen"]
    address = find_handeling("zicht-bevestigen").address(casus)
    seen = await huis.http.get(address, headers=by(TEAM) | PAGE)
    body = {"door": DOOR, "stand": "zicht-bevestigd"}
    told = await huis.http.post(
        find_handeling("zicht-bevestigen").pad.format(casusId=casus), json=body, headers=by(TEAM)
    )
    assert seen.status_code == told.status_code == 404


async def test_what_was_done_is_said_where_it_would_be_done_again(huis: Huis) -> None:
    """No empty form for what is done: in each service opening it says what holds, and nothing that people wrote is read."""
    ids = await hand_over(huis)
    overdracht, casus = ids["overdrachten"], ids["casussen"]
    at = f"/overdracht/v1/overdrachten/{overdracht}"
    running, walked = await start_dienst(huis)
    samen, dienst = walked["samenwerkingen"], walked["diensten"]
    await huis.post(f"{at}/ontvangstbevestigingen", {}, TEAM)
    await huis.post(f"{at}/verdelingen", example("verdeling"), TEAM)
    await huis.post(f"/overdracht/v1/samenwerkingen/{samen}/verdelingen", {}, TEAM)
    done = (
        ("triagebesluit-nemen", casus, TRIAGIST, "over deze melding is al besloten"),
        ("directe-overdracht", casus, TRIAGIST, "over deze melding is al besloten"),
        ("feiten-toevoegen", casus, TRIAGIST, "feiten toevoegen kan tot het triagebesluit"),
        ("dienst-starten", running, TRIAGIST, "deze dienst is al gestart"),
        ("overdrachtsgesprek-vastleggen", dienst, TRIAGIST, "hoort bij een afgeronde dienst"),
        ("ontvangst-bevestigen", overdracht, TEAM, "de ontvangst is al bevestigd, op 2 maart 2026"),
        ("casus-oppakken", overdracht, TEAM, "deze overdracht is al opgepakt, op 2 maart 2026"),
        ("overdracht-weigeren", overdracht, TEAM, "gaat terug met het terugkoppelformulier"),
        ("overdracht-intrekken", overdracht, TRIAGIST, "kan niet meer terug"),
        ("retourmail-beoordelen", overdracht, TRIAGIST, "kwam niets onduidelijks terug"),
        ("samenwerking-verdelen", samen, TEAM, "deze samenwerking is verdeeld"),
        ("samenwerking-vragen", casus, TRIAGIST, "hoort bij een dienst die loopt"),
    )
    before = await huis.written()
    for naam, over, wie, said in done:
        answer = await huis.http.get(find_handeling(naam).address(over), headers=by(wie) | PAGE)
        assert answer.status_code == 409, f"{naam}: {answer.status_code}"
        assert said in html.unescape(answer.text).lower(), f"{naam}: {said}"
        assert "<form" not in answer.text.partition("<main")[2], naam
    assert await huis.written() == before
    for naam, over, wie in (
        ("casus-teruggeven", overdracht, TEAM),
        ("plan-vastleggen", overdracht, TEAM),
        ("dienst-afronden", dienst, TRIAGIST),
        ("eerste-contact-vastleggen", samen, TEAM),
    ):
        answer = await huis.http.get(find_handeling(naam).address(over), headers=by(wie) | PAGE)
        assert answer.status_code == 200, naam


async def test_only_who_can_be_asked_to_take_over_is_offered(huis: Huis) -> None:
    """Each choice is one that the operation takes, and each that it refuses is not there."""
    ids = await hand_over(huis)
    act = find_handeling("zorg-aanvaarden")
    page = (await huis.http.get(act.address(ids["casussen"]), headers=by(VT) | PAGE)).text
    offered = set(re.findall(r'(?:<option|name="partij") value="([^"]+)"', page))
    assert GGZ in offered
    register = sample_register()
    everybody = {partij.code for partij in register.partijen()} | {
        gemeente.code for gemeente in register.gemeenten(EINDE)
    }
    for code in sorted(everybody):
        body = {"door": DOOR, "partij": code}
        told = await huis.http.post(act.pad.format(casusId=ids["casussen"]), json=body, headers=by(VT))
        assert (told.status_code == 201) == (code in offered), f"{code}: {told.text}"


async def test_a_yes_or_no_that_is_asked_has_no_third_answer(huis: Huis) -> None:
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    page = (
        await huis.http.get(find_handeling("directe-overdracht").address(melding["id"]), headers=by(VT) | PAGE)
    ).text
    contact = page.partition('id="veld-overdrachtsdocument.contactMetBetrokkenen"')[2].partition("</fieldset>")[0]
    assert "Ja" in contact
    assert "Weet ik niet" not in contact
    assert "checked" not in contact


def choices(page: str, name: str) -> set[str]:
    """What can be chosen at this field."""
    tag, field = re.findall(rf'<(select|fieldset)[^>]* id="veld-{re.escape(name)}"(.*?)</\1>', page, re.DOTALL)[0]
    assert tag
    return set(re.findall(r'(?:<option|<input)[^>]*value="([^"]+)"', field))


async def test_a_melding_is_registered_for_the_gemeenten_of_the_own_region(huis: Huis) -> None:
    act, register = find_handeling("melding-registreren"), sample_register()
    page = (await huis.http.get(act.address(), headers=by(VT) | PAGE)).text
    offered = choices(page, "gemeente")
    for gemeente in register.gemeenten(EINDE):
        body = example("melding", gemeente=gemeente.code, kenmerk=None)
        told = await huis.http.post(act.pad, json=body, headers=by(VT))
        assert (told.status_code == 201) == (gemeente.code in offered), f"{gemeente.naam}: {told.text}"
    meldpunt = find_handeling("meldpuntmelding-registreren").address()
    page = (await huis.http.get(meldpunt, headers=by(MELDPUNT) | PAGE)).text
    assert GOIRLE in choices(page, "gemeente")


async def test_a_case_is_handed_to_whom_it_can_go(huis: Huis) -> None:
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    act, register = find_handeling("directe-overdracht"), sample_register()
    page = (await huis.http.get(act.address(melding["id"]), headers=by(VT) | PAGE)).text
    offered = {name: choices(page, f"ontvangers.0.{name}") for name in ("gemeente", "partij")}
    everybody = {
        "gemeente": [gemeente.code for gemeente in register.gemeenten(EINDE)],
        "partij": [partij.code for partij in register.partijen()],
    }
    for name, codes in everybody.items():
        for code in codes:
            body = example("triagebesluit", ontvangers=[{name: code}, {"gemeente": "GM9999"}])
            told = await huis.http.post(act.pad.format(id=melding["id"]), json=body, headers=by(VT))
            refused = f"ontvangers.0.{name}" in {fout["plaats"] for fout in told.json()["fouten"]}
            assert refused != (code in offered[name]), f"{code}: {told.text}"


async def test_who_takes_over_itself_is_not_asked_who_and_the_meldpunt_is(huis: Huis) -> None:
    taken = (await intake(huis, door=""))["meldpuntmeldingen"]
    address = find_handeling("meldpuntmelding-overnemen").address(taken)
    page = (await huis.http.get(address, headers=by(VT) | PAGE)).text
    assert "veld-door" not in page
    page = (await huis.http.get(address, headers=by(MELDPUNT) | PAGE)).text
    assert choices(page, "door") == {VT}, "what was forwarded to Veilig Thuis is its to take over"


async def test_nothing_is_replaced_where_nothing_was_recorded(huis: Huis) -> None:
    ids = await hand_over(huis)
    for naam, over in (("melder-informeren", "meldingen"), ("betrokkenen-informeren", "overdrachten")):
        address = find_handeling(naam).address(ids[over])
        page = (await huis.http.get(address, headers=by(VT) | PAGE)).text
        assert "Dit vervangt wat eerder is vastgelegd" not in page, naam
    told = {"medewerker": DOOR, "wijze": "telefoon"}
    await huis.post(f"/triage/v1/meldingen/{ids['meldingen']}/informeringen", told)
    page = (
        await huis.http.get(find_handeling("melder-informeren").address(ids["meldingen"]), headers=by(VT) | PAGE)
    ).text
    assert "Dit vervangt wat eerder is vastgelegd" in page


async def test_a_case_is_handed_over_after_a_dienst_in_the_form_in_which_it_is_handed_over_at_once(huis: Huis) -> None:
    """What is known stands in it, what is missing is told at once at its field, and the other way out is one link away."""
    _, walked = await start_dienst(huis)
    address = find_handeling("dienst-afronden").address(walked["diensten"])
    page = (await huis.http.get(address, headers=by(VT) | PAGE)).text
    for known in ("Femke Voorbeeld", "glasgerinkel", "Nog in te vullen"):
        assert known in page
    assert choices(page, "ontvangers.0.gemeente") >= {GOIRLE}
    refused = await huis.http.post(
        address, content=b"_sleutel=x&overdrachtsdocument=1&overdrachtsgesprek=1", headers=by(VT) | SENT
    )
    assert refused.status_code == 400
    places = ("overdrachtsgesprek.uitkomst", "overdrachtsdocument.verwachtingen", "overdrachtsdocument.betrokkenen")
    for place in places:
        assert f'href="#veld-{place}' in refused.text, place
    assert "redenGeenOverdracht" not in refused.text
    (other,) = re.findall(r'href="([^"]+)">Dienst afronden zonder overdracht', page)
    assert "overdrachtsdocument" not in (await huis.http.get(other, headers=by(VT) | PAGE)).text
    sent = b"_sleutel=y&afgerondDoor.naam=N&afgerondDoor.functie=F&redenGeenOverdracht=Verhuisd."
    done = await huis.http.post(other, content=sent, headers=by(VT) | SENT)
    assert done.status_code == 303, done.text


async def test_who_is_late_reads_the_same_after_sending_as_before_opening(huis: Huis) -> None:
    """Veilig Thuis took the overdracht back while the team was typing."""
    ids = await hand_over(huis)
    address = find_handeling("overdracht-weigeren").address(ids["overdrachten"])
    page = (await huis.http.get(address, headers=by(TEAM) | PAGE)).text
    form = page[page.index('class="houvast-formulier"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', form))
    await huis.post(f"/overdracht/v1/overdrachten/{ids['overdrachten']}/intrekkingen", example("intrekking"))
    seen = await huis.http.get(address, headers=by(TEAM) | PAGE)
    sent = await huis.http.post(
        address, content=urlencode({**hidden, "toelichting": "Te laat getypt."}).encode(), headers=by(TEAM) | SENT
    )
    told = "Deze overdracht is voorbij: geweigerd, teruggegeven of ingetrokken"
    assert told in seen.text
    assert told in sent.text
    assert f'href="/casus/{ids["casussen"]}"' in sent.text
    assert "Te laat getypt." in sent.text


async def test_no_code_of_a_machine_is_shown_at_a_field(huis: Huis) -> None:
    act = find_handeling("melding-registreren")
    people = [{"naam": "Femke Voorbeeld", "rol": "ouder"}]
    body = example("melding", gemeente="GM0855", ontvangenOp="morgen", betrokkenen=people)
    body["adres"] = {"straat": "Verzonnen Singel", "huisnummer": "1", "postcode": "12345", "plaats": "Goirle"}
    page = (await huis.http.post(act.address(), content=form_of(act, body, sleutel="x"), headers=by(VT) | SENT)).text
    errors = re.findall(r'form-field-error-message" id="veld-([^"]+)-fout1">([^<]+)<', page)
    assert dict(errors)["adres.postcode"] == "Schrijf de postcode als 1234 AB"
    assert dict(errors)["ontvangenOp"] == "Vul een datum en een tijd in"
    assert [text for _, text in errors if re.search(r"patroon|ISO|UUID|JSON|true|_", text)] == []


async def test_a_form_that_was_sent_before_names_no_header(huis: Huis) -> None:
    act = find_handeling("adviesvraag-vastleggen")
    body = example("adviesvraag", gemeente=GOIRLE, kenmerk=None)
    await huis.http.post(act.address(), content=form_of(act, body, sleutel="terug"), headers=by(VT) | SENT)
    changed = form_of(act, body | {"onderwerp": "stalking"}, sleutel="terug")
    page = (await huis.http.post(act.address(), content=changed, headers=by(VT) | SENT)).text
    assert "Dit formulier is al verstuurd" in page
    assert "idempotency" not in page.lower()


async def test_a_team_is_asked_to_walk_along_of_the_gemeenten_of_the_case(huis: Huis) -> None:
    casus, _ = await start_dienst(huis)
    page = (await huis.http.get(find_handeling("samenwerking-vragen").address(casus), headers=by(TRIAGIST) | PAGE)).text
    offered = set(re.findall(r'(?:<option|name="gemeente") value="(GM[0-9]+)"', page))
    assert offered == {GOIRLE}
