"""One thread through a call and what follows from it (W3C Trace Context), over services, timers and requests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from services.runtime.access.sealing import Sealer
from services.runtime.in_memory import MemoryWorld
from services.runtime.process.logging import add_trace, keep_allowed
from services.runtime.process.tracing import continue_trace, current_traceparent, follow_trace, in_trace, trace_id_of
from services.runtime.unit.decision import Attempt, Incoming, Request, Result
from tests.fakes.estafette import AFTER, ESTAFETTE, KIND, Meld

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CASUS = CasusId(UUID(int=1))
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALL = f"00-{TRACE}-00f067aa0ba902b7-01"


class Gemeente:
    """Remembers in which trace it was called; answers nothing before `away` attempts were made."""

    def __init__(self, away: int = 0) -> None:
        self.called_in: list[str | None] = []
        self._away = away

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        del casus_id, sealer
        self.called_in.append(current_traceparent.get())
        return Attempt(Result.TEMPORARY if request.attempts <= self._away else Result.DONE, "")


@given(span=st.uuids(version=4), sampled=st.booleans())
def test_an_event_is_a_span_of_the_trace_it_follows_from(span: UUID, sampled: bool) -> None:  # noqa: FBT001
    call = f"00-{TRACE}-00f067aa0ba902b7-{int(sampled):02}"
    followed = follow_trace(call, span)
    assert trace_id_of(followed) == TRACE
    assert followed == follow_trace(call, span), "the same event is the same bytes"
    assert trace_id_of(continue_trace(followed)) == TRACE, "others can read it"
    assert followed.endswith(call[-3:])


@given(given=st.none() | st.text(max_size=60) | st.just(f"00-{'0' * 32}-00f067aa0ba902b7-01"), span=st.uuids(version=4))
def test_rubbish_begins_a_trace_named_after_the_event(given: str | None, span: UUID) -> None:
    assert trace_id_of(follow_trace(given, span)) == span.hex


@pytest.mark.anyio
async def test_everything_that_follows_from_a_call_is_in_its_trace() -> None:
    """Over three services, a request that has to be repeated, and back."""
    gemeente = Gemeente(away=2)
    houvast = MemoryWorld(ESTAFETTE, start=START, performers={KIND: gemeente})
    await houvast.submit(Service.TRIAGE, Incoming(UUID(int=1), CASUS, Meld(), traceparent=CALL))
    await houvast.move(timedelta(days=1))
    events = houvast.events(casus_id=CASUS)
    assert len(events) == 2
    spans = [event.traceparent for event in events] + gemeente.called_in
    assert {trace_id_of(span or "") for span in spans} == {TRACE}
    assert current_traceparent.get() is None


@pytest.mark.anyio
async def test_what_the_clock_brings_has_a_trace_of_its_own() -> None:
    houvast = MemoryWorld(ESTAFETTE, start=START, performers={KIND: Gemeente(away=10_000)})
    await houvast.submit(Service.TRIAGE, Incoming(UUID(int=1), CASUS, Meld(), traceparent=CALL))
    before = len(houvast.events())
    await houvast.move(AFTER + timedelta(hours=1))
    assert all(trace_id_of(event.traceparent or "") != TRACE for event in houvast.events()[before:])


def test_a_log_line_tells_its_trace_and_only_that() -> None:
    with in_trace(CALL):
        line = keep_allowed(None, "info", add_trace(None, "info", {"event": "iets"}))
    assert line == {"event": "iets", "trace_id": TRACE}
    assert add_trace(None, "info", {"event": "iets"}) == {"event": "iets"}
