"""What a service passes over: nothing would have followed from it, and nothing of it is kept."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from contracts.messages.envelope import Gebeurtenis, encode
from contracts.messages.topics import TOPIC_OF, Service
from services.handover.handlers import PASSED_OVER as BY_HANDOVER
from services.handover.handlers import Handlers as Handover
from services.runtime.access.sealing import MasterKey, Sealer
from services.runtime.in_memory import MemoryStore
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import Context, Decision, Incoming, Record
from services.runtime.unit.hub import Hub
from services.runtime.unit.ids import Ids
from services.runtime.unit.unit_of_work import UnitOfWork
from services.triage.handlers import PASSED_OVER as BY_TRIAGE
from services.triage.handlers import Handlers as Triage
from tests.builders.events import CASUS_ID, build, cloud_event
from tests.fakes.estafette import TRIAGE

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_NOTHING = cast("Any", None)
"""A handler that does nothing with an event needs neither agreements nor a register for it."""


def _by_name(event: type[Gebeurtenis]) -> str:
    return event.__name__


@pytest.mark.parametrize("event", sorted(BY_TRIAGE, key=_by_name), ids=_by_name)
def test_triage_passes_over_only_what_it_does_nothing_with(event: type[Gebeurtenis]) -> None:
    _assert_nothing_follows(Triage(_NOTHING), event, Service.TRIAGE)


@pytest.mark.parametrize("event", sorted(BY_HANDOVER, key=_by_name), ids=_by_name)
def test_handover_passes_over_only_what_it_does_nothing_with(event: type[Gebeurtenis]) -> None:
    _assert_nothing_follows(Handover(_NOTHING), event, Service.HANDOVER)


@pytest.mark.anyio
async def test_what_is_passed_over_is_not_written_and_holds_up_nothing() -> None:
    passed = min(BY_TRIAGE, key=_by_name)
    definition = replace(TRIAGE, passes_over=frozenset({passed}))
    store: MemoryStore[Any] = MemoryStore(definition, master=MasterKey(bytes(32)))
    klok = VirtueleKlok(START)
    unit_of_work = UnitOfWork(definition, store, klok, new_id=Ids(klok), source="urn:nld:oin:1:systeem:houvast-triage")
    hub: Hub[Any] = Hub(definition, unit_of_work, klok, _NOTHING, new_id=Ids(klok))
    serving = asyncio.ensure_future(hub.run())
    try:
        await hub.take([_record(passed)])
        assert not store.tables.inbox
        broken = Record("houvast.handover.v1", 0, 2, b"{")
        await hub.take([_record(passed), broken])
        assert [parked.record for parked in store.tables.parked.values()] == [broken]
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def _assert_nothing_follows(handle: Any, event: type[Gebeurtenis], service: Service) -> None:
    assert service in TOPIC_OF[event].listeners
    incoming = Incoming(UUID(int=1), CASUS_ID, build(event))
    context = Context(START, CASUS_ID, incoming.actor, cast("Sealer", None), lambda: UUID(int=2))
    assert handle(None, incoming, context) == Decision(cast("Any", None))


def _record(event: type[Gebeurtenis]) -> Record:
    return Record(TOPIC_OF[event].name, 0, 1, encode(cloud_event(build(event))))
