"""Only who has a role in the case now acts in it, whichever operation: generated, for every road by which one loses it.

What may still be read is what the house decided: the meldpunt its status (BK part II 4.2), a team the page behind its
own link, which says that it is over. Nothing of it tells about people.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.rechtenhuis import DOOR, GOIRLE, Huis
from tests.fakes.rolvoorbij import VERLOREN, taken_up
from tests.service.test_rechten import ABOUT_PEOPLE, LISTS, call, huis, is_listed, operations
from tests.unit.triage.road import example

__all__ = ["huis"]
pytestmark = [pytest.mark.anyio, pytest.mark.database]

STATUS = {"GET /triage/v1/meldingen/{id}", "GET /triage/v1/meldpuntmeldingen/{id}"}
MAG_NOG: Mapping[str, set[str]] = {"meldpunt-na-overname": STATUS, "meldpunt-na-aanvaarding": STATUS}
"""What somebody who lost this role still reads."""
WEG = {403, 404}
VOORBIJ = {403, 404, 410}
TO_READ = ("/document", "{bijlage_id}", "/leescodes", "/inzagen")
"""The forms of a link by which something is read; of what is over they say so."""


@pytest.mark.parametrize("hoe", VERLOREN)
async def test_who_lost_its_role_acts_no_more_and_sees_nothing_new(huis: Huis, hoe: str) -> None:
    geval = await VERLOREN[hoe](huis)
    before = await huis.written()
    seen: dict[str, int] = {}
    for operation in operations(huis):
        method, path = operation.split()
        if "{" not in path and (method != "GET" or path not in LISTS):
            continue
        answer = await call(huis, geval, method, path)
        assert not any(name in answer.text for name in ABOUT_PEOPLE), f"{operation} tells of people"
        if "{" not in path:
            shows = method == "GET" and path != "/overdracht/v1/gebeurtenissen"
            assert not shows or not is_listed(geval, path, answer.text), f"{operation} shows it"
        elif _is_open(operation, answer.status_code, MAG_NOG.get(hoe, set())):
            seen[operation] = answer.status_code
    assert seen == {}
    assert await huis.written() == before, "what was refused left something behind"
    assert await _reads(huis, geval.ids["casus"], geval.nu), "who has the case now is not hindered"


def _is_open(operation: str, status: int, mag_nog: set[str]) -> bool:
    method = operation.split(maxsplit=1)[0]
    if method == "GET":
        is_page = "/bevestigen/" in operation
        return status not in VOORBIJ and operation not in mag_nog and not is_page
    return status not in (VOORBIJ if operation.endswith(TO_READ) else WEG)


async def _reads(huis: Huis, casus: str, wie: str) -> bool:
    path: Any = f"/monitoring/v1/casussen/{casus}"
    answer = await huis.http.get(path, headers={"authorization": f"Bearer {wie}"})
    return answer.status_code == 200


async def test_the_very_same_request_keeps_its_answer_and_a_new_one_finds_nothing(huis: Huis) -> None:
    """G2: what was answered is answered alike; that is no act, and nothing happens by it."""
    ids = await taken_up(huis)
    path = f"/overdracht/v1/overdrachten/{ids['overdrachten']}/terugkoppelingen"
    headers = {"authorization": f"Bearer {GOIRLE}", "idempotency-key": "teruggave-van-vandaag"}
    first = await huis.http.post(path, json=example("terugkoppeling"), headers=headers)
    await huis.carry()
    before = await huis.written()
    again = await huis.http.post(path, json=example("terugkoppeling"), headers=headers)
    anew = await huis.http.post(path, json=example("terugkoppeling"), headers=headers | {"idempotency-key": "nieuw"})
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (anew.status_code, anew.json()["code"]) == (404, "teruggekoppeld")
    assert await huis.written() == before


@pytest.mark.parametrize("hoe", ["gaf-terug", "overgenomen"])
async def test_what_happens_later_is_not_among_what_it_can_fetch(huis: Huis, hoe: str) -> None:
    geval = await VERLOREN[hoe](huis)
    path = "/overdracht/v1/gebeurtenissen?limiet=500"
    headers = {"authorization": f"Bearer {geval.wie}"}
    before = (await huis.http.get(path, headers=headers)).json()
    huis.klok.move(timedelta(hours=1))
    told = {"medewerker": DOOR, "wijze": "telefoon"}
    await huis.post(f"/overdracht/v1/overdrachten/{geval.ids['overdrachten']}/informeringen", told)
    assert (await huis.http.get(path, headers=headers)).json() == before
