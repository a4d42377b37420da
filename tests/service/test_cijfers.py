"""The figures over real cases: the operation, the page and the file say the same, each of its own circle."""

from collections.abc import AsyncIterator

import pytest

from services.monitoring.domain.cijfers import FEWEST
from tests.fakes.rechtenhuis import GOIRLE, VT, VT_ELDERS, WAALWIJK, Huis, hand_over, open_huis

pytestmark = [pytest.mark.anyio, pytest.mark.database]

BELEID = f"{VT}/beleidsmedewerker"
MAART = "?van=2026-03&tot=2026-03"


@pytest.fixture
async def huis(fresh_database: str) -> AsyncIterator[Huis]:
    async with open_huis(fresh_database) as huis:
        for _ in range(FEWEST):
            await hand_over(huis)
        yield huis


async def test_policy_reads_and_takes_along_what_the_hub_counted(huis: Huis) -> None:
    headers = {"authorization": f"Bearer {BELEID}"}
    answer = await huis.http.get(f"/monitoring/v1/kerncijfers{MAART}", headers=headers)
    (cijfer,) = answer.json()["kerncijfers"]
    assert (cijfer["ontvanger"], cijfer["maand"], cijfer["overgedragen"]) == (GOIRLE, "2026-03", FEWEST)
    assert (cijfer["open"], cijfer["mediaanDagenTotOppakken"]) == (FEWEST, None)
    page = await huis.http.get(f"/cijfers{MAART}", headers=headers | {"accept": "text/html"})
    assert (page.status_code, "Goirle" in page.text) == (200, True)
    assert '<a href="/cijfers" aria-current="page">' in page.text
    taken = await huis.http.get(f"/cijfers.csv{MAART}", headers=headers)
    assert taken.headers["content-disposition"] == 'attachment; filename="kerncijfers-2026-03-2026-03.csv"'
    _, line = taken.text.strip().splitlines()
    assert line.split(";")[:2] == ["2026-03", "Goirle"]
    assert line.split(";")[3] == str(FEWEST)


async def test_each_reads_the_figures_of_its_own_circle(huis: Huis) -> None:
    async def receivers(wie: str, query: str = MAART) -> list[str]:
        answer = await huis.http.get(f"/monitoring/v1/kerncijfers{query}", headers={"authorization": f"Bearer {wie}"})
        assert answer.status_code == 200, answer.text
        return [cijfer["ontvanger"] for cijfer in answer.json()["kerncijfers"]]

    assert await receivers(f"{GOIRLE}/gemeente-ambtelijk") == [GOIRLE]
    assert await receivers(f"{WAALWIJK}/gemeente-ambtelijk") == await receivers(VT_ELDERS) == []
    assert await receivers(BELEID, f"{MAART}&gemeente={WAALWIJK}") == []
    assert await receivers(BELEID, "?van=2025-01&tot=2026-02") == []
    assert await receivers(BELEID, "") == [GOIRLE], "the last twelve months"


async def test_a_period_that_is_none_is_refused_in_words(huis: Huis) -> None:
    headers = {"authorization": f"Bearer {BELEID}"}
    for query in ("?van=2026-04&tot=2026-03", "?van=maart", "?tot=2026-13"):
        answer = await huis.http.get(f"/monitoring/v1/kerncijfers{query}", headers=headers)
        assert answer.status_code == 400, query
