"""A gemeente that goes on for another reads what it took over, and the other no more (register: `opvolger`)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.afspraken import local_date
from contracts.register import Register
from tests.fakes.postkamer import RUCPHEN, Postkamer, open_postkamer
from tests.unit.triage.road import START, sample_register

pytestmark = [pytest.mark.anyio, pytest.mark.database]

OPVOLGER = "GM1674"
ENDS_IN = timedelta(days=10)


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    sample = sample_register()
    last = {"geldig_tot": local_date(START + ENDS_IN), "opvolger": OPVOLGER}
    entries = [entry.model_copy(update=last) if entry.code == RUCPHEN else entry for entry in sample.entries()]
    register = Register(gemeenten=entries, partijen=sample.partijen())
    async with open_postkamer(fresh_database, tmp_path, register) as kamer:
        yield kamer


async def test_the_successor_reads_what_it_took_over_and_the_former_gemeente_no_more(kamer: Postkamer) -> None:
    await kamer.hand_over(RUCPHEN)
    (overdracht,) = (await _get(kamer, RUCPHEN, "overdrachten"))["overdrachten"]
    path = f"overdrachten/{overdracht['id']}"
    gone_by = (await _get(kamer, RUCPHEN, "gebeurtenissen"))["gebeurtenissen"]
    assert len(gone_by) == 2
    assert await _seen_by(kamer, OPVOLGER) == (0, 0)
    await _get(kamer, OPVOLGER, path, status=404)

    kamer.klok.move(ENDS_IN)
    assert await _seen_by(kamer, OPVOLGER) == (1, 2)
    assert (await _get(kamer, OPVOLGER, path))["overdrachtsdocument"]["betrokkenen"]
    assert await _seen_by(kamer, RUCPHEN) == (0, 0)
    await _get(kamer, RUCPHEN, path, status=404)
    assert (await _get(kamer, OPVOLGER, "gebeurtenissen"))["gebeurtenissen"] == gone_by


async def _seen_by(kamer: Postkamer, wie: str) -> tuple[int, int]:
    """How many overdrachten and how many gebeurtenissen."""
    overdrachten = (await _get(kamer, wie, "overdrachten"))["overdrachten"]
    return len(overdrachten), len((await _get(kamer, wie, "gebeurtenissen"))["gebeurtenissen"])


async def _get(kamer: Postkamer, wie: str, path: str, *, status: int = 200) -> Any:
    answer = await kamer.browser.get(f"/overdracht/v1/{path}", headers={"authorization": f"Bearer {wie}"})
    assert answer.status_code == status, answer.text
    return answer.json()
