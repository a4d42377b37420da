"""What the home page says is asked can be done by whoever it says it to (G12): every role, in cases in every state."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.afspraken.ankers import Drager, Rol
from contracts.rechten import WERKT_BIJ
from tests.fakes.rechtenhuis import (
    GGZ,
    GOIRLE,
    MELDPUNT,
    VT,
    Huis,
    ask_to_take_over,
    hand_over,
    intake,
    open_huis,
    signal,
    start_dienst,
)
from tests.unit.triage.road import example

pytestmark = [pytest.mark.anyio, pytest.mark.database]

PAGE = {"accept": "text/html"}
_ROW = re.compile(r'<p class="houvast-werk-wat"><a href="/casus/([0-9a-f-]{36})">([^<]+)')
_BUTTON = re.compile(r'<a class="utrecht-button [^"]*" href="([^"]+)"[^>]*>')
_AT = {
    VT: Drager.VEILIG_THUIS,
    GOIRLE: Drager.LOKAAL_TEAM,
    MELDPUNT: Drager.MELDPUNT,
    GGZ: Drager.KETENPARTNER,
}
PEOPLE = [
    f"{partij}/{rol.value}"
    for partij, drager in _AT.items()
    for rol in Rol
    if drager in WERKT_BIJ[rol] or (drager is Drager.LOKAAL_TEAM and Drager.GEMEENTE in WERKT_BIJ[rol])
]


@pytest.fixture
async def huis(fresh_database: str) -> AsyncIterator[Huis]:
    async with open_huis(fresh_database) as huis:
        yield huis


async def _open(huis: Huis, path: str, wie: str) -> tuple[int, str]:
    answer = await huis.http.get(path, headers=PAGE | {"authorization": f"Bearer {wie}"})
    return answer.status_code, answer.text


async def _cases(huis: Huis) -> None:
    """In triage, in crisis, handed over and differed about on each rung, given back, in a dienst, at the meldpunt, a signal."""
    await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE, urgentie="crisis"))
    for rungs in range(4):
        escalatie = (await hand_over(huis))["escalaties"]
        for _ in range(rungs):
            body = {"door": {"naam": "A. Voorbeeld", "functie": "medewerker"}}
            await huis.post(f"/monitoring/v1/escalaties/{escalatie}/opschalingen", body)
    taken = await hand_over(huis)
    await huis.post(f"/overdracht/v1/overdrachten/{taken['overdrachten']}/verdelingen", example("verdeling"), GOIRLE)
    back = await hand_over(huis)
    await huis.post(f"/overdracht/v1/overdrachten/{back['overdrachten']}/weigeringen", example("weigering"), GOIRLE)
    await hand_over(huis, partij=GGZ)
    await start_dienst(huis)
    await ask_to_take_over(huis, GGZ)
    await intake(huis, door="")
    await signal(huis)
    huis.klok.move(timedelta(minutes=30))


async def test_every_row_of_the_home_page_leads_to_an_act_that_can_be_done(huis: Huis) -> None:
    await _cases(huis)
    seen: dict[str, int] = {}
    pages: dict[tuple[str, str], list[str]] = {}
    wrong: list[str] = []
    for wie in PEOPLE:
        status, home = await _open(huis, "/", wie)
        if status == 403:
            continue
        rows: list[Any] = _ROW.findall(home)
        seen[wie] = len(rows)
        for casus, asked in rows:
            if (wie, casus) not in pages:
                status, page = await _open(huis, f"/casus/{casus}", wie)
                pages[wie, casus] = [html.unescape(href) for href in _BUTTON.findall(page)] if status == 200 else []
            answers = [(await _open(huis, href, wie))[0] for href in pages[wie, casus][:2]]
            called = "Escalatie" in asked and not any("/escalaties/" in href for href in pages[wie, casus])
            if called or not answers or not set(answers) <= {200}:
                wrong.append(f"{wie}: {html.unescape(asked).strip()} leads to {answers}")
    assert wrong == []
    assert sum(seen.values()) > len(seen), seen
    for wie in (f"{VT}/triagist", f"{GOIRLE}/teamcoordinator", f"{GOIRLE}/gemeente-bestuurlijk", f"{GGZ}/coordinator"):
        assert seen[wie] > 0, wie
