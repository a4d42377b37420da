"""Folding a batch: what each message gives, and what one message cannot do to another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.messages.envelope import CloudEvent, decode, encode, source_urn
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import CATALOGUE, Service
from contracts.messages.triage import MeldingOntvangen, TriagebesluitGenomen
from services.runtime.access.sealing import MasterKey, SealerBatch
from services.runtime.unit.decision import (
    Attempt,
    CancelRequest,
    CancelTimer,
    Context,
    Decision,
    Incoming,
    Outcome,
    Record,
    Refused,
    Rejected,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
    ServiceDefinition,
    SetTimer,
    TimerDue,
    TooEarly,
    ViewRow,
)
from services.runtime.unit.fold import Done, Fold, FoldTools, SetAside
from services.runtime.unit.rows import ReadRow
from services.runtime.unit.writes import Case, Parked, ParkedKind
from tests.builders import build

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CASUS = CasusId(UUID(int=1))
SOURCE = source_urn("00000099000000001000", "triage")


@dataclass(frozen=True, slots=True)
class Teller:
    number: int = 0


Answer = Callable[[Teller, Incoming, Context], Outcome[Teller]]


def fold_of(case: Case[Teller] | None = None) -> Fold[Teller]:
    """A fold whose messages carry their own handler as payload; records are looked up in `BY_EVENT`."""

    def handle(state: Teller | None, incoming: Incoming, context: Context) -> Outcome[Teller]:
        state = state or Teller()
        if isinstance(incoming.payload, MeldingOntvangen):
            return Decision(replace(state, number=state.number + 1))
        if isinstance(incoming.payload, TriagebesluitGenomen):
            return Decision(state) if state.number else TooEarly("de melding")
        if isinstance(incoming.payload, TimerDue):
            return Decision(replace(state, number=state.number + 1), timers=(CancelTimer("twee"),))
        if isinstance(incoming.payload, RequestAttempted):
            return Decision(state)
        answer: Answer = incoming.payload  # type: ignore[assignment]
        return answer(state, incoming, context)

    def show(casus_id: CasusId, state: Teller) -> list[ViewRow]:
        return [ViewRow(Tel, casus_id, _row, casus_id, state.number)] if state.number else []

    sealers = SealerBatch(MasterKey(bytes(32)), {})
    numbers = iter(range(1, 10_000))
    tools = FoldTools(NOW, lambda: UUID(int=next(numbers)), sealers.for_case, SOURCE)
    return Fold(ServiceDefinition(Service.TRIAGE, Teller, handle, show), {CASUS: case or Case(CASUS)}, tools)


class Tel(ReadRow):
    table = "tel"
    nummer: int


def _row(casus_id: CasusId, nummer: int) -> Tel:
    return Tel(id=casus_id, casus_id=casus_id, nummer=nummer)


def call(answer: Answer, number: int = 1) -> Incoming:
    return Incoming(UUID(int=100 + number), CASUS, answer)


def read(data: Any, number: int = 1) -> Incoming:
    raw = encode(CloudEvent(str(UUID(int=number)), SOURCE, CASUS, NOW, number, data))
    record = Record("houvast.triage.v1", 0, number, raw)
    return Incoming(derived_id(SOURCE, str(UUID(int=number))), CASUS, data, record=record)


def count(state: Teller, incoming: Incoming, context: Context) -> Outcome[Teller]:
    del incoming, context
    return Decision(replace(state, number=state.number + 1), events=(build(MeldingOntvangen),), answer={"ja": True})


def poison(state: Teller, incoming: Incoming, context: Context) -> Outcome[Teller]:
    del state, incoming, context
    raise Rejected("vergif")


def test_each_message_sees_what_the_one_before_it_did() -> None:
    fold = fold_of()
    assert fold.run([call(count, 1), call(count, 2)]) == [Done({"ja": True})] * 2
    assert fold.writes.states[CASUS].state == Teller(2)
    assert fold.writes.states[CASUS].version == 2
    assert [decode(row.payload, CATALOGUE).sequence for row in fold.writes.outbox] == [1, 2]
    assert fold.writes.views == {(Tel, CASUS): _row(CASUS, 2)}


def test_a_row_that_is_no_longer_shown_is_removed() -> None:
    fold = fold_of(Case(CASUS, Teller(1), stored=True))
    fold.run([call(lambda *_: Decision(Teller(0)))])
    assert fold.writes.views == {(Tel, CASUS): None}


def test_read_rows_that_are_known_are_not_worked_out_again() -> None:
    """What stands in the database is what was written there, whatever would be shown now."""
    known = {(Tel, CASUS): ViewRow(Tel, CASUS, _row, CASUS, 2)}
    fold = fold_of(Case(CASUS, Teller(1), stored=True, rows=known))
    fold.run([call(count)])
    assert fold.writes.views == {}
    rows = fold._cases[CASUS].rows or {}
    assert {key: row.row for key, row in rows.items()} == {key: row.row for key, row in known.items()}


def test_a_row_whose_parts_are_as_they_were_is_not_made() -> None:
    made: list[int] = []

    def make(nummer: int) -> Tel:
        made.append(nummer)
        return _row(CASUS, nummer)

    def row(nummer: int) -> ViewRow:
        return ViewRow(Tel, CASUS, make, nummer)

    assert row(1).says_same_as(row(1))
    assert not made
    assert not row(1).says_same_as(row(2))


def test_a_row_that_is_again_what_it_was_is_not_written() -> None:
    fold = fold_of(Case(CASUS, Teller(1), stored=True))
    fold.run([call(count)])
    assert fold.writes.views
    fold.run([call(lambda *_: Decision(Teller(1)), 2)])
    assert fold.writes.views == {}


def test_a_message_that_changes_nothing_writes_nothing() -> None:
    fold = fold_of(Case(CASUS, Teller(1), stored=True))
    assert fold.run([call(lambda state, *_: Decision(state))]) == [Done(None)]
    assert not fold.writes.states
    assert not fold.writes.views


def test_an_event_that_is_too_large_undoes_its_whole_message_and_no_other() -> None:
    """Nothing of it stays: no state, no first event, no gap in the sequence."""

    def too_large(state: Teller, incoming: Incoming, context: Context) -> Outcome[Teller]:
        del state, incoming, context
        small = build(MeldingOntvangen)
        return Decision(Teller(99), events=(small, small.model_copy(update={"regio": "x" * 70_000})))

    fold = fold_of()
    replies = fold.run([call(count, 1), call(too_large, 2), call(count, 3)])
    assert [type(reply) for reply in replies] == [Done, Refused, Done]
    assert fold.writes.states[CASUS].state == Teller(2)
    assert [decode(row.payload, CATALOGUE).sequence for row in fold.writes.outbox] == [1, 2]


@pytest.mark.parametrize("error", [Rejected("nooit"), ZeroDivisionError(), OSError()])
def test_a_handler_that_fails_leaves_nothing_and_may_be_tried_again(error: Exception) -> None:
    def fail(*_: object) -> Outcome[Teller]:
        raise error

    fold = fold_of()
    (reply,) = fold.run([call(fail)])
    assert isinstance(reply, Refused)
    assert reply.status == 500
    assert fold.writes.forgotten == {UUID(int=101)}
    assert not fold.writes.states


def test_a_dead_letter_tells_what_it_is_and_holds_what_comes_after_it() -> None:
    fold = fold_of()
    replies = fold.run([read(build(MeldingOntvangen), 1), replace(read(build(MeldingOntvangen), 2), payload=poison)])
    assert replies == [Done(None), SetAside("vergif")]
    (later,) = fold.run([read(build(MeldingOntvangen), 3)])
    assert isinstance(later, SetAside)
    assert [parked.kind for parked in fold.writes.parked] == [ParkedKind.DEAD_LETTER, ParkedKind.HELD]
    (told,) = fold.writes.outbox
    letter = decode(told.payload, CATALOGUE).data
    assert (letter.reden, letter.offset, letter.service) == ("vergif", 2, "triage")


def test_people_are_not_held_by_a_dead_letter() -> None:
    """A caller can still act on a case; only what came off the road waits."""
    fold = fold_of()
    fold.run([replace(read(build(MeldingOntvangen), 2), payload=poison)])
    assert fold.run([call(count)]) == [Done({"ja": True})]


def test_what_came_too_early_is_handled_after_its_cause_in_the_same_batch() -> None:
    fold = fold_of()
    early = read(build(TriagebesluitGenomen), 1)
    replies = fold.run([early, read(build(MeldingOntvangen), 2)])
    assert replies == [SetAside("wacht nog op de melding"), Done(None)]
    assert fold.writes.parked == []
    assert fold.writes.released == [early.key]


def test_what_is_held_runs_again_once_the_dead_letter_is_gone() -> None:
    """In the order in which it came, after the first message that does get through."""
    held = [read(build(MeldingOntvangen), number) for number in (2, 3)]
    waiting = [Parked(item.key, CASUS, item.record, ParkedKind.HELD, "wacht") for item in held if item.record]
    fold = fold_of(Case(CASUS, Teller(1), stored=True, waiting=waiting))
    fold.run([read(build(MeldingOntvangen), 4)])
    assert fold.writes.states[CASUS].state == Teller(4)
    assert fold.writes.released == [item.key for item in held]


def test_a_waiting_record_that_turns_out_unreadable_becomes_a_dead_letter() -> None:
    record = Record("houvast.triage.v1", 0, 1, b"{}")
    waiting = [Parked(UUID(int=7), CASUS, record, ParkedKind.TOO_EARLY, "de melding")]
    fold = fold_of(Case(CASUS, Teller(1), stored=True, waiting=waiting))
    fold.run([call(count)])
    assert [(parked.key, parked.kind) for parked in fold.writes.parked] == [(UUID(int=7), ParkedKind.DEAD_LETTER)]


def test_a_timer_cancelled_earlier_in_the_batch_does_not_fire() -> None:
    fold = fold_of()
    due = [Incoming(UUID(int=n), CASUS, TimerDue(name, NOW, {})) for n, name in enumerate(("een", "twee"), 1)]
    assert fold.run(due) == [Done(None)] * 2
    assert fold.writes.states[CASUS].state == Teller(1)


def test_a_timer_set_again_keeps_its_last_moment() -> None:
    fold = fold_of()
    for hours in (1, 2):
        timer = SetTimer("een", NOW + timedelta(hours=hours))
        fold.run([call(lambda state, *_, timer=timer: Decision(state, timers=(timer,)), hours)])
    assert fold.writes.timers == {(CASUS, "een"): SetTimer("een", NOW + timedelta(hours=2))}


REQUEST = Request(UUID(int=5), "soort", "GM0758", {}, NOW, attempts=1)
TRIED = Incoming(UUID(int=6), CASUS, RequestAttempted(REQUEST, Attempt(Result.DONE, "gelukt")))


def test_a_request_is_finished_unless_its_handler_wants_more() -> None:
    fold = fold_of()
    fold.run([TRIED])
    assert fold.writes.finished == {REQUEST.id: "klaar"}


def test_what_is_cancelled_is_not_tried_again() -> None:
    cancel = call(lambda state, *_: Decision(state, requests=(CancelRequest(REQUEST.id),)), 1)
    retry = call(lambda state, *_: Decision(state, requests=(RetryRequest(REQUEST.id, NOW),)), 2)
    for order in ([cancel, retry], [retry, cancel]):
        fold = fold_of()
        fold.run(order)
        assert fold.writes.finished == {REQUEST.id: "vervallen"}
        assert fold.writes.retries == {}
