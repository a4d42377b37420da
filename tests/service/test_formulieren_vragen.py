"""A form asks what only a person can answer, and offers nothing that is always refused."""

import re
from collections.abc import AsyncIterator

import pytest

from contracts.rechten import find_handeling
from tests.fakes.rechtenhuis import GOIRLE, PERSOON, VT, Huis, hand_over, open_huis, start_dienst
from tests.service.test_formulieren import PAGE, SENT, by

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
