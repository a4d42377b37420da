"""The world in memory: a story of several services, moment by moment, the same every time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.messages.envelope import CloudEvent, source_urn
from contracts.messages.handover import OverdrachtAfgeleverd
from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from contracts.messages.triage import MeldingOntvangen
from services.runtime.access.sealing import Sealer
from services.runtime.in_memory import DeadLetterFound, MemoryWorld
from services.runtime.process.metrics import REGISTRY
from services.runtime.unit.decision import Attempt, Incoming, Request, Result
from services.runtime.unit.fold import Done
from services.runtime.unit.writes import ParkedKind
from tests.builders import build
from tests.fakes.estafette import AFTER, AGAIN, ESTAFETTE, GEMEENTE, KIND, VT, Meld

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CASUS = CasusId(UUID(int=1))


class Gemeente:
    """Away for as many attempts as it is told."""

    def __init__(self, away: int) -> None:
        self.away = away

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        del casus_id, sealer
        return Attempt(Result.TEMPORARY if request.attempts <= self.away else Result.DONE, "")


def world(*, away: int = 0) -> MemoryWorld:
    return MemoryWorld(ESTAFETTE, start=START, performers={KIND: Gemeente(away)})


def meld(key: int = 1, note: str = "een melding") -> Incoming:
    return Incoming(UUID(int=key), CASUS, Meld(note))


async def test_one_message_goes_all_the_way() -> None:
    houvast = world()
    assert await houvast.submit(Service.TRIAGE, meld()) == Done({"nummer": 1})
    assert [party for party, _ in houvast.state(Service.MONITORING, CASUS).ledger] == [VT, GEMEENTE]
    assert houvast.state(Service.TRIAGE, CASUS).delivered == 1
    assert [row["tekst"] for row in houvast.view(Service.TRIAGE, "notitie")] == ["een melding"]
    assert [type(event.data) for event in houvast.events(casus_id=CASUS)] == [MeldingOntvangen, OverdrachtAfgeleverd]
    assert [event.sequence for event in houvast.events(OverdrachtAfgeleverd)] == [1]


async def test_everything_happens_at_its_own_moment() -> None:
    """The gemeente is away for 200 hours: the termijn passes first, the delivery follows at the hour it was due."""
    houvast = world(away=200)
    await houvast.submit(Service.TRIAGE, meld())
    await houvast.move(timedelta(days=10))
    zicht = houvast.state(Service.MONITORING, CASUS)
    assert [(rung.due_at, rung.fired_at) for rung in zicht.fired] == [(START + AFTER, START + AFTER)]
    assert zicht.ledger == ((VT, START), (GEMEENTE, START + 200 * AGAIN))
    assert houvast.klok.now() == START + timedelta(days=10)


async def test_a_dead_letter_is_not_overlooked() -> None:
    houvast = world()
    event = build(MeldingOntvangen)
    source = source_urn("00000099000000001000", "triage")
    await houvast.offer(CloudEvent("een", source, CASUS, START, None, event))
    with pytest.raises(DeadLetterFound, match="tweede keer"):
        await houvast.offer(CloudEvent("twee", source, CASUS, START, None, event))


def counted_dead_letters() -> float:
    labels = {"service": "handover", "topic": "houvast.triage.v1"}
    return REGISTRY.get_sample_value("houvast_dead_letters_total", labels) or 0.0


async def test_dead_letters_may_be_expected() -> None:
    houvast = MemoryWorld(ESTAFETTE, start=START, dead_letters=True)
    houvast.topics["houvast.triage.v1"] = [b"geen json"]
    before = counted_dead_letters()
    await houvast.settle()
    assert counted_dead_letters() == before + 1
    assert [parked.kind for parked in houvast.parked(Service.HANDOVER)] == [ParkedKind.DEAD_LETTER]
    assert await houvast.submit(Service.TRIAGE, meld()) == Done({"nummer": 1})


async def test_what_json_would_not_return_is_not_returned() -> None:
    """States pass through JSON, as they do in the database."""
    houvast = world()
    await houvast.submit(Service.TRIAGE, meld())
    first, second = (houvast.state(Service.TRIAGE, CASUS) for _ in range(2))
    assert first == second
    assert first is not second
