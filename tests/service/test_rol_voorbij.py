"""Only who has a role in the case now acts in it, whichever operation: generated, for every road by which one loses it.

What may still be read is what the house decided: the meldpunt its status (BK part II 4.2), a team the page behind its
own link, which says that it is over. Nothing of it tells about people.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.rechtenhuis import Huis
from tests.fakes.rolvoorbij import VERLOREN
from tests.service.test_rechten import ABOUT_PEOPLE, LISTS, call, huis, operations

__all__ = ["huis"]
pytestmark = [pytest.mark.anyio, pytest.mark.database]

STATUS = {"GET /triage/v1/meldingen/{id}", "GET /triage/v1/meldpuntmeldingen/{id}"}
MAG_NOG: Mapping[str, set[str]] = {"meldpunt-na-overname": STATUS, "meldpunt-na-aanvaarding": STATUS}
"""What somebody who lost this role still reads."""
WEG = {403, 404}
VOORBIJ = {403, 404, 410}


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
            is_shown = method == "GET" and path != "/overdracht/v1/gebeurtenissen" and geval.ids["casus"] in answer.text
            assert not is_shown, f"{operation} shows it"
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
    return status not in (VOORBIJ if operation.endswith(("/document", "{bijlage_id}")) else WEG)


async def _reads(huis: Huis, casus: str, wie: str) -> bool:
    path: Any = f"/monitoring/v1/casussen/{casus}"
    answer = await huis.http.get(path, headers={"authorization": f"Bearer {wie}"})
    return answer.status_code == 200
