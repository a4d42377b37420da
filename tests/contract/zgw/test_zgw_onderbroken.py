"""A delivery or a withdrawal that is cut off after any of its calls: one zaak, each document once, one status, a receipt.

Over real connections, with something in between that goes wrong at the call it is told to; and with processes that die.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.sandbox.zgw import Zaaksysteem
from services.runtime.process.clock import SystemKlok
from services.runtime.unit.decision import Attempt, Result
from tests.contract.zgw.opstelling import COMPLETE, Opstelling, Weg, build, sandbox
from tests.fakes.ontvanger import listening
from tests.fakes.tussenstation import Gebrek, Tussenstation

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
IMPATIENT = 0.4
SILENT = {Gebrek.ZWIJGEN, Gebrek.TE_LAAT}
"""Only for these it is waited in vain."""
OF_DELIVERY, OF_RECEIPT = 11, 6
RECEIPT = Counter({"zaak": 1, "rol": 2, "zaakinformatieobject": 2, "status": 1})
CLOSED = RECEIPT + Counter({"resultaat": 1, "status": 1})


@dataclass
class Overkant:
    """A zaaksysteem behind a connection that can go wrong; `geduldig` and `ongeduldig` are two hubs that reach it."""

    tussenstation: Tussenstation
    zaaksysteem: Zaaksysteem
    url: str
    transport: httpx.AsyncBaseTransport

    def hub(self, *, timeout: float = 15.0) -> Opstelling:
        """A hub that knows nothing of what went before, as after a restart."""
        endpoint = self.zaaksysteem.endpoint.model_copy(update={"url": self.url})
        return build(endpoint, Weg(self.transport), klok=SystemKlok(), timeout=timeout)

    async def calls_of_a_delivery(self) -> list[str]:
        self.tussenstation.begin()
        assert (await self.hub().deliver(uuid4())).result is Result.DONE
        return self.tussenstation.calls


@pytest.fixture
async def overkant(tmp_path: Path) -> AsyncIterator[Overkant]:
    async with _overkant(tmp_path) as found:
        yield found


@asynccontextmanager
async def _overkant(tmp_path: Path) -> AsyncIterator[Overkant]:
    async with (
        sandbox(tmp_path, klok=SystemKlok()) as (zaaksysteem, _),
        httpx.AsyncClient(trust_env=False) as client,
        httpx.AsyncHTTPTransport() as transport,
    ):
        real = httpx.URL(zaaksysteem.endpoint.url)
        tussenstation = Tussenstation(f"http://127.0.0.1:{real.port}", client)
        async with listening(tussenstation) as ontvanger:
            url = str(real.copy_with(port=ontvanger.port))
            yield Overkant(tussenstation, zaaksysteem, url, transport)


def made(overkant: Overkant, attempt: Attempt) -> "Counter[str]":
    """What the zaaksysteem itself wrote down that was made."""
    regels = overkant.zaaksysteem.audittrail[UUID(str(attempt.receipt["kenmerk"]))]
    return Counter(str(regel["resource"]) for regel in regels)


@pytest.mark.parametrize("gebrek", Gebrek)
async def test_a_delivery_that_goes_wrong_at_any_call_is_completed_and_never_doubled(
    overkant: Overkant,
    gebrek: Gebrek,
) -> None:
    """At each of its calls, the looking up and the reading of its receipt included."""
    calls = await overkant.calls_of_a_delivery()
    assert len(calls) == OF_DELIVERY + OF_RECEIPT, calls
    for number in range(1, len(calls) + 1):
        overdracht_id = uuid4()
        overkant.tussenstation.begin({number: gebrek})
        first = await overkant.hub(timeout=IMPATIENT if gebrek in SILENT else 15.0).deliver(overdracht_id)
        assert first.result is (Result.DONE if number > OF_DELIVERY else Result.TEMPORARY), (number, first)
        assert "Femke" not in first.detail
        overkant.tussenstation.begin()
        second = await overkant.hub().deliver(overdracht_id, attempts=2)
        assert second.result is Result.DONE, (number, second)
        assert made(overkant, second) == RECEIPT, number
        assert (await overkant.hub().look(overdracht_id)).counts == COMPLETE
    assert not any(zaak.is_doubled for zaak in overkant.zaaksysteem.ontvangen)


@pytest.mark.parametrize("gebrek", Gebrek)
async def test_a_withdrawal_that_goes_wrong_at_any_call_closes_the_zaak_once(
    overkant: Overkant,
    gebrek: Gebrek,
) -> None:
    """One resultaat, one status more."""
    hub, tussenstation = overkant.hub(), overkant.tussenstation
    await hub.deliver(example := uuid4())
    tussenstation.begin()
    assert (await hub.withdraw(example)).result is Result.DONE
    calls = len(tussenstation.calls)
    assert calls >= 5, tussenstation.calls
    for number in range(1, calls + 1):
        overdracht_id = uuid4()
        await hub.deliver(overdracht_id)
        tussenstation.begin({number: gebrek})
        told = await overkant.hub(timeout=IMPATIENT).withdraw(overdracht_id)
        tussenstation.begin()
        again = await overkant.hub().withdraw(overdracht_id)
        assert {told.result, again.result} <= {Result.DONE, Result.TEMPORARY}, (number, told, again)
        assert again.result is Result.DONE
        gezien = await hub.look(overdracht_id)
        assert (len(gezien.resultaten), len(gezien.statussen)) == (1, 2), number
        (zaak,) = gezien.zaken
        assert zaak["einddatum"] is not None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(
        st.dictionaries(
            st.integers(1, 20),
            st.sampled_from([Gebrek.VERBROKEN_ERVOOR, Gebrek.VERBROKEN_ERNA, Gebrek.ONZIN, Gebrek.FOUT]),
            max_size=3,
        ),
        max_size=6,
    ),
)
def test_however_often_it_goes_wrong_there_is_one_zaak(
    tmp_path_factory: pytest.TempPathFactory,
    rounds: list[dict[int, Gebrek]],
) -> None:
    """Attempt after attempt, each cut off somewhere else."""

    async def live() -> None:
        async with _overkant(tmp_path_factory.mktemp("zgw")) as overkant:
            overdracht_id = uuid4()
            for number, gebreken in enumerate(rounds, start=1):
                overkant.tussenstation.begin(gebreken)
                found = await overkant.hub().deliver(overdracht_id, attempts=number)
                assert found.result is not Result.PERMANENT, found
            overkant.tussenstation.begin()
            last = await overkant.hub().deliver(overdracht_id, attempts=len(rounds) + 1)
            assert last.result is Result.DONE, last
            assert made(overkant, last) == RECEIPT
            assert (await overkant.hub().look(overdracht_id)).counts == COMPLETE

    asyncio.run(live())


async def test_processes_that_die_one_after_another_make_one_zaak_together(overkant: Overkant) -> None:
    """Each is killed after one more call than the one before it, and the next finds what it left."""
    overdracht_id, codes = uuid4(), list[int]()
    for attempt in range(1, 30):
        code, told = await _levert(overkant, overdracht_id, attempt)
        codes.append(code)
        if code == 0:
            break
    assert told == "gelukt"
    assert codes.count(-9) == len(codes) - 1 >= 8
    assert (await overkant.hub().look(overdracht_id)).counts == COMPLETE
    assert made(overkant, await overkant.hub().deliver(overdracht_id, attempts=99)) == RECEIPT
    assert [zaak.is_doubled for zaak in overkant.zaaksysteem.ontvangen] == [False]


async def _levert(overkant: Overkant, overdracht_id: UUID, attempt: int) -> tuple[int, str]:
    """A process that lives for `attempt` calls."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.contract.zgw.levert"),
        *(overkant.url, overkant.zaaksysteem.endpoint.zaaktype, str(overdracht_id), str(attempt), str(attempt)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, told.decode().strip()
