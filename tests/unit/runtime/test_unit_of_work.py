"""The unit of work: the same message once, in the order in which messages came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.messages.identifiers import CasusId
from services.runtime.access.sealing import MasterKey
from services.runtime.in_memory import MemoryStore
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import Incoming, Record, Refused
from services.runtime.unit.fold import Done, SetAside
from services.runtime.unit.ids import Ids
from services.runtime.unit.unit_of_work import UnitOfWork
from services.runtime.unit.writes import ParkedKind
from tests.fakes.estafette import TRIAGE, Meld

pytestmark = pytest.mark.anyio

CASUS = CasusId(UUID(int=1))
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def unit_of_work() -> tuple[UnitOfWork[Any], MemoryStore[Any]]:
    klok = VirtueleKlok(START)
    store: MemoryStore[Any] = MemoryStore(TRIAGE, master=MasterKey(bytes(32)))
    source = "urn:nld:oin:1:systeem:houvast-triage"
    return UnitOfWork(TRIAGE, store, klok, new_id=Ids(klok), source=source), store


def meld(key: int, note: str, fingerprint: str | None = None) -> Incoming:
    return Incoming(UUID(int=key), CASUS, Meld(note), fingerprint=fingerprint)


async def test_a_repetition_within_a_batch_keeps_the_place_of_the_first() -> None:
    work, store = unit_of_work()
    replies = await work.run([meld(1, "een"), meld(2, "twee"), meld(1, "een")])
    assert replies == [Done({"nummer": 1}), Done({"nummer": 2}), Done({"nummer": 1}, replayed=True)]
    assert store.state(CASUS).notes == ("een", "twee")


async def test_the_same_message_later_gets_the_same_answer() -> None:
    work, store = unit_of_work()
    await work.run([meld(1, "een")])
    await work.run([meld(2, "twee")])
    assert await work.run([meld(1, "een")]) == [Done({"nummer": 1}, replayed=True)]
    assert store.state(CASUS).notes == ("een", "twee")


@pytest.mark.parametrize("together", [True, False])
async def test_a_key_that_returns_with_another_content_is_refused(*, together: bool) -> None:
    """The content of the first is what counts, also when both come in one batch."""
    work, store = unit_of_work()
    first, second = meld(1, "een", "a"), meld(1, "iets anders", "b")
    if together:
        replies = await work.run([first, second])
    else:
        replies = [*await work.run([first]), *await work.run([second])]
    assert replies[0] == Done({"nummer": 1})
    assert isinstance(replies[1], Refused)
    assert replies[1].code == "idempotentiesleutel-hergebruikt"
    assert await work.run([first]) == [Done({"nummer": 1}, replayed=True)]
    assert store.state(CASUS).notes == ("een",)


@pytest.mark.parametrize("together", [True, False])
async def test_an_event_whose_id_returns_with_another_content_is_told_and_holds_nothing(*, together: bool) -> None:
    """The first counts, the case goes on, and the second lies aside for a person to see."""
    work, store = unit_of_work()

    def event(note: str, fingerprint: str | None, offset: int) -> Incoming:
        record = Record("houvast.triage.v1", 0, offset, note.encode())
        return replace(meld(1, note, fingerprint), record=record)

    first, second = event("een", "a", 0), event("iets anders", "b", 1)
    if together:
        await work.run([first, second])
    else:
        await work.run([first])
        await work.run([second])
    await work.run([event("een", "a", 2), event("een", None, 3)])
    (aside,) = store.tables.parked.values()
    assert (aside.record.offset, aside.casus_id, aside.kind) == (1, None, ParkedKind.DEAD_LETTER)
    assert "andere inhoud" in aside.reason
    assert await work.run([meld(2, "twee")]) == [Done({"nummer": 2})]
    assert store.state(CASUS).notes == ("een", "twee")
    assert isinstance(await work.release(aside.key), SetAside), "only a person may leave it aside"


async def test_what_was_refused_may_be_tried_again_under_its_key() -> None:
    work, store = unit_of_work()
    assert isinstance((await work.run([meld(1, "weiger")]))[0], Refused)
    assert await work.run([meld(1, "nu goed")]) == [Done({"nummer": 1})]
    assert store.state(CASUS).notes == ("nu goed",)


async def test_nothing_due_is_nothing_done() -> None:
    work, store = unit_of_work()
    assert await work.run_due(10) == 0
    assert await store.due_cases(START + timedelta(days=999), 10) == []
