"""Who did or read something is named with it: the person and its party, in the journal of each service and in `uitleg`."""

from typing import Any
from uuid import UUID

import pytest

from contracts.messages.topics import Service
from tests.fakes.rechtenhuis import DOOR, GOIRLE, MELDPUNT, PERSOON, VT, Huis, open_huis
from tests.unit.triage.road import example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

TRIAGIST = f"{VT}/triagist"
TEAM = f"{GOIRLE}/teamcoordinator"
AT_VT, AT_TEAM = f"{PERSOON} ({VT})", f"{PERSOON} ({GOIRLE})"


@pytest.fixture
async def huis(fresh_database: str) -> Any:
    async with open_huis(fresh_database) as huis:
        yield huis


async def _get(huis: Huis, path: str, by: str) -> dict[str, Any]:
    answer = await huis.http.get(path, headers={"authorization": f"Bearer {by}"})
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return dict(answer.json())


async def _journal(huis: Huis, service: Service, casus: str) -> list[tuple[str, str]]:
    query = "select wat, actor from journaal where casus_id = $1 order by nummer"
    return [(row["wat"], row["actor"]) for row in await huis.parts[service].hub.pool.fetch(query, UUID(casus))]


async def test_acts_and_reading_name_the_person_in_every_service(huis: Huis) -> None:
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE), TRIAGIST)
    casus = str(melding["casusId"])
    await _get(huis, f"/triage/v1/meldingen/{melding['id']}", TRIAGIST)
    besluit = example("triagebesluit", ontvangers=[{"gemeente": GOIRLE}])
    await huis.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", besluit, TRIAGIST)
    overdracht = await huis.first(Service.HANDOVER, "select id from overdracht where casus_id = $1", UUID(casus))
    await _get(huis, f"/overdracht/v1/overdrachten/{overdracht}", TEAM)
    received = example("ontvangstbevestiging")
    await huis.post(f"/overdracht/v1/overdrachten/{overdracht}/ontvangstbevestigingen", received, TEAM)
    verschil = {"door": DOOR, "overdrachtId": overdracht}
    await huis.post(f"/monitoring/v1/casussen/{casus}/meningsverschillen", verschil, TEAM)

    triage = await _journal(huis, Service.TRIAGE, casus)
    assert {actor for _, actor in triage} == {AT_VT}
    assert "melding-ingezien" in {wat for wat, _ in triage}
    handover = dict(await _journal(huis, Service.HANDOVER, casus))
    assert handover["document-ingezien"] == AT_TEAM
    assert AT_TEAM in {actor for wat, actor in handover.items() if "ontvangst" in wat}
    uitleg = await _get(huis, f"/monitoring/v1/casussen/{casus}/uitleg", TEAM)
    told = [line for line in uitleg["regels"] if line["actor"] == AT_TEAM]
    assert told, [(line["wat"], line["actor"]) for line in uitleg["regels"]]


async def test_a_meldpuntmedewerker_is_named_at_intake_and_a_system_by_its_party(huis: Huis) -> None:
    body = example("meldpuntmelding", gemeente=GOIRLE)
    taken = await huis.post("/triage/v1/meldpuntmeldingen", body, f"{MELDPUNT}/meldpuntmedewerker")
    journal = await _journal(huis, Service.TRIAGE, str(taken["casusId"]))
    assert {actor for _, actor in journal} == {f"{PERSOON} ({MELDPUNT})"}
    other = await huis.post("/triage/v1/meldpuntmeldingen", example("meldpuntmelding", gemeente=GOIRLE), MELDPUNT)
    assert {actor for _, actor in await _journal(huis, Service.TRIAGE, str(other["casusId"]))} == {MELDPUNT}


async def _page(huis: Huis, path: str, by: str) -> str:
    answer = await huis.http.get(path, headers={"authorization": f"Bearer {by}", "accept": "text/html"})
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.text


async def _by_whom(huis: Huis, casus: str, by: str) -> dict[str, str]:
    uitleg = await _get(huis, f"/monitoring/v1/casussen/{casus}/uitleg", by)
    return {line["feit"]: line["door"] for line in uitleg["handelingen"]}


async def test_the_case_page_and_its_explanation_name_who_acted_in_triage_and_overdracht(huis: Huis) -> None:
    """Whom the call names, or else who signed in, with function and party: also at a service that did not do it."""
    ids = await _handed_over_by_people(huis)
    casus, overdracht = ids
    at_team, at_vt = (
        f"{PERSOON} (teamcoördinator, Goirle)",
        f"{PERSOON} (triagist, Veilig Thuis Midden-Brabant)",
    )
    await huis.post(f"/overdracht/v1/overdrachten/{overdracht}/ontvangstbevestigingen", {}, TEAM)
    assigned = {"medewerker": {"naam": "Fatima Voorbeeld", "functie": "jeugdprofessional"}}
    await huis.post(f"/overdracht/v1/overdrachten/{overdracht}/verdelingen", assigned, TEAM)
    told = await _by_whom(huis, casus, TEAM)
    assert told["melding-ontvangen"] == at_vt
    assert told["triagebesluit-genomen"] == "J. Jansen (triagist, Veilig Thuis Midden-Brabant)"
    assert (told["ontvangst-bevestigd"], told["overdracht-opgepakt"]) == (at_team, at_team)
    page = await _page(huis, f"/casus/{casus}", TEAM)
    for said in (f"ontvangst bevestigd, door {at_team}", f"opgepakt, door {at_team}"):
        assert said in page, "on the timeline and in its table"
    rows = page[page.index('id="kop-handelingen"') : page.index('id="kop-uitleg"')]
    assert at_vt in rows
    assert "<strong>Fatima Voorbeeld (jeugdprofessional, Goirle)</strong> gaat verder met de overdracht" in page


async def test_a_system_that_names_nobody_is_named_by_its_party(huis: Huis) -> None:
    casus, overdracht = await _handed_over_by_people(huis)
    await huis.post(f"/overdracht/v1/overdrachten/{overdracht}/ontvangstbevestigingen", {}, GOIRLE)
    assert (await _by_whom(huis, casus, TEAM))["ontvangst-bevestigd"] == "Goirle"


async def test_the_home_page_says_who_goes_on_with_what_is_asked(huis: Huis) -> None:
    casus, overdracht = await _handed_over_by_people(huis)
    assigned = {"medewerker": {"naam": "Fatima Voorbeeld", "functie": "jeugdprofessional"}}
    await huis.post(f"/overdracht/v1/overdrachten/{overdracht}/verdelingen", assigned, TEAM)
    verschil = {"door": DOOR, "overdrachtId": overdracht}
    escalatie = await huis.post(f"/monitoring/v1/casussen/{casus}/meningsverschillen", verschil, TEAM)
    await huis.post(f"/monitoring/v1/escalaties/{escalatie['id']}/oppakkingen", {"door": DOOR}, VT)
    assert "Fatima Voorbeeld (jeugdprofessional) gaat ermee verder" in await _page(huis, "/", TEAM)
    scholar = [await _page(huis, "/", f"{partij}/gedragswetenschapper") for partij in (VT, GOIRLE)]
    assert any(f"opgepakt door {DOOR['naam']} ({DOOR['functie']})" in page for page in scholar)


async def test_a_name_is_gone_with_the_key_of_its_case_and_the_page_stays(huis: Huis) -> None:
    casus, overdracht = await _handed_over_by_people(huis)
    await huis.post(f"/overdracht/v1/overdrachten/{overdracht}/ontvangstbevestigingen", {}, TEAM)
    assert PERSOON in (await _by_whom(huis, casus, TEAM))["ontvangst-bevestigd"]
    await huis.parts[Service.MONITORING].hub.pool.execute(
        "update houvast.sleutel set gewikkeld = null, vernietigd_op = now()"
    )
    assert (await _by_whom(huis, casus, TEAM))["ontvangst-bevestigd"] == "Goirle"


async def _handed_over_by_people(huis: Huis) -> tuple[str, str]:
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE), TRIAGIST)
    casus = str(melding["casusId"])
    besluit = example("triagebesluit", ontvangers=[{"gemeente": GOIRLE}])
    besluit["genomenDoor"] = {"naam": "J. Jansen", "functie": "triagist"}
    await huis.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", besluit, TRIAGIST)
    return casus, await huis.first(Service.HANDOVER, "select id from overdracht where casus_id = $1", UUID(casus))
