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
