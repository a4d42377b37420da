"""Folding a batch: every message in order over the state of its case. Pure; the same for PostgreSQL and memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog

from contracts.messages.dlq import DodeBrief, DodeBriefAfgehandeld
from contracts.messages.envelope import CloudEvent, Gebeurtenis, MalformedMessage, Problem, UnknownEvent, encode
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.moment import EARLIEST
from contracts.messages.topics import TOPIC_OF
from services.runtime.access.sealing import Sealer
from services.runtime.process.tracing import current_traceparent, follow_trace, in_trace, next_span
from services.runtime.unit.dead_letters import announce, dead_letter
from services.runtime.unit.decision import (
    Context,
    Decision,
    Incoming,
    JournalLine,
    JsonObject,
    Outcome,
    Record,
    Refused,
    Rejected,
    RequestAttempted,
    ServiceDefinition,
    SetTimer,
    TimerDue,
    TooEarly,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.intake import read_record
from services.runtime.unit.projecting import Projection
from services.runtime.unit.writes import (
    TOLD_KINDS,
    UNKNOWN_KINDS,
    Case,
    JournalRow,
    OutboxRow,
    Parked,
    ParkedKind,
    Writes,
)

S = TypeVar("S")
log = structlog.get_logger(__name__)

UNEXPECTED = Problem("$", "er ging bij ons iets mis; er is niets vastgelegd")


@dataclass(frozen=True, slots=True)
class Done:
    """The message had its effect; `replayed` when that was already so."""

    answer: JsonObject | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class SetAside:
    """The record is parked, with its reason."""

    reason: str


Reply = Done | Refused | SetAside


class ToldBefore(MalformedMessage):
    """Our own event that this database does not know, because an older backup of it was put back."""


_LOOKED_AFTER = JournalLine("verteld_voor_oudere_back_up")
_ABOUT_HOLDING = (DodeBrief, DodeBriefAfgehandeld)
"""What tells that a case is held is not held."""


@dataclass(frozen=True, slots=True)
class FoldTools:
    """What folding needs from outside: the moment, new ids, the seal of a case, the name under which events leave.

    `heard_until` as in `Context`, for cases of which nothing is set aside.
    """

    now: datetime
    new_id: Callable[[], UUID]
    sealer_for: Callable[[CasusId], Sealer]
    source: str
    heard_until: datetime | None = None

    def outbox_row(
        self, casus_id: CasusId, data: Gebeurtenis, identifier: UUID, *, sequence: int | None, traceparent: str
    ) -> OutboxRow:
        """An event as it will travel. Raises when it cannot."""
        event: CloudEvent[Any] = CloudEvent(
            id=str(identifier),
            source=self.source,
            casus_id=casus_id,
            time=self.now,
            sequence=sequence,
            data=data,
            traceparent=traceparent,
        )
        return OutboxRow(identifier, TOPIC_OF[type(data)].name, casus_id, encode(event))


class Fold(Generic[S]):
    """Folds one batch into `writes`. Use once."""

    def __init__(self, definition: ServiceDefinition[S], cases: Mapping[CasusId, Case[S]], tools: FoldTools) -> None:
        self._definition = definition
        self._cases = dict(cases)
        self._tools = tools
        self._projection = Projection(definition)
        self._projection.note(cases)
        self._forwards: list[Incoming] = []
        self.writes: Writes[S] = Writes()

    def admit(self, cases: Mapping[CasusId, Case[S]]) -> None:
        """More cases, for what was forwarded to them."""
        self._cases.update(cases)
        self._projection.note(cases)

    def take_forwards(self) -> list[Incoming]:
        """What cases told other cases since this was last asked, in order."""
        taken, self._forwards = self._forwards, []
        return taken

    def unknown_cases(self, batch: Sequence[Incoming]) -> set[CasusId]:
        """The cases of these messages that are not here yet."""
        return {incoming.casus_id for incoming in batch} - self._cases.keys()

    def run(self, batch: Sequence[Incoming]) -> list[Reply]:
        """A reply per message, in order. What fails alone is set aside alone."""
        replies = [self._take(incoming) for incoming in batch]
        self._projection.write(self.writes)
        return replies

    def release(self, parked: Parked) -> Reply:
        """Another chance for a dead letter whose cause was mended; behind it what waits for the same case."""
        case = self._cases[CasusId(parked.casus_id or parked.key)]
        if parked.kind in UNKNOWN_KINDS and case.held:
            return SetAside("de casus wacht op een dode brief")
        reply = self._reconsider(case, parked)
        if isinstance(reply, Done):
            self._release(case, parked)
            if not case.held:
                self._retry_waiting(case)
        self._projection.write(self.writes)
        return reply

    def drop(self, parked: Parked, reason: str, actor: str) -> None:
        """A dead letter that a person decided to leave aside for good; the case goes on without it."""
        case = self._cases[CasusId(parked.casus_id or parked.key)]
        self._release(case, parked)
        line = JournalLine("bericht_terzijde_gelaten", facts={"reden": reason, "bericht": str(parked.key)})
        self.writes.journal.append(JournalRow(case.casus_id, line, actor, None))
        if not case.held:
            self._retry_waiting(case)
        self._projection.write(self.writes)

    def park_unreadable(self, record: Record, error: MalformedMessage) -> None:
        """A record that does not even tell its case, or contradicts itself: a dead letter that holds nothing, once."""
        letter = dead_letter(record, str(error), None)
        if all(parked.key != letter.key for parked in self.writes.parked):
            self._park(letter)

    def _take(self, incoming: Incoming) -> Reply:
        case = self._cases[incoming.casus_id]
        if isinstance(incoming.payload, TimerDue) and (case.casus_id, incoming.payload.name) in self.writes.timers:
            return Done(None)  # cancelled or moved by what came just before it in this very batch
        if isinstance(incoming.payload, ToldBefore) and incoming.record is not None:
            reason = str(incoming.payload)
            self._park(Parked(incoming.key, incoming.casus_id, incoming.record, ParkedKind.TOLD_BEFORE, reason))
            return SetAside(reason)
        if isinstance(incoming.payload, UnknownEvent) and incoming.record is not None:
            return self._wait_for_release(incoming, incoming.payload, incoming.record)
        if incoming.record is not None and case.held and not isinstance(incoming.payload, _ABOUT_HOLDING):
            parked = Parked(
                incoming.key, incoming.casus_id, incoming.record, ParkedKind.HELD, "de casus wacht op een dode brief"
            )
            self._park(parked)
            return SetAside(parked.reason)
        reply = self._handle(case, incoming)
        if isinstance(reply, Done) and case.waiting and not case.held:
            self._retry_waiting(case)
        return reply

    def _wait_for_release(self, incoming: Incoming, unknown: UnknownEvent, record: Record) -> SetAside:
        """What this release does not know holds nothing: it lies aside by itself, and its case goes on."""
        kind = ParkedKind.OTHER_VERSION if unknown.known_otherwise else ParkedKind.UNKNOWN
        parked = Parked(incoming.key, incoming.casus_id, record, kind, str(unknown))
        self._park(parked)
        log.warning("event_not_known", casus_id=str(incoming.casus_id), soort=unknown.soort)
        return SetAside(parked.reason)

    def _retry_waiting(self, case: Case[S]) -> None:
        """What came too early gets another chance, in the order it came, until nothing moves any more."""
        moved = True
        while moved:
            moved = False
            for parked in list(case.waiting):
                if parked.kind is ParkedKind.TOLD_BEFORE:
                    continue  # until somebody has looked
                if isinstance(self._reconsider(case, parked), Done):
                    self._release(case, parked)
                    moved = True
                if case.held:
                    return

    def _reconsider(self, case: Case[S], parked: Parked) -> Reply:
        try:
            event = read_record(parked.record)
        except UnknownEvent as error:
            return SetAside(str(error))
        except MalformedMessage as error:
            return self._condemn(parked, str(error))
        if event.casus_id != case.casus_id:  # it can be read, and is not believed: see `park_unreadable`
            return SetAside(parked.reason)
        if parked.kind is ParkedKind.TOLD_BEFORE:  # it was done when it was told; somebody has looked
            self.writes.journal.append(JournalRow(case.casus_id, _LOOKED_AFTER, str(event.actor), event.cause))
            return Done(None)
        return self._handle(case, event, waiting=parked)

    def _release(self, case: Case[S], parked: Parked) -> None:
        if parked.kind in TOLD_KINDS:
            data = DodeBriefAfgehandeld(
                service=self._definition.service.value, sleutel=parked.key, afgehandeld_op=self._tools.now
            )
            self._tell(parked, self._tools.new_id(), data)
        case.waiting.remove(parked)
        self.writes.released.append(parked.key)
        self.writes.parked = [row for row in self.writes.parked if row.key != parked.key]

    def _condemn(self, parked: Parked, reason: str) -> SetAside:
        """What waited turns out never to be handled: it becomes a dead letter in the place where it waits."""
        case = self._cases[CasusId(parked.casus_id or parked.key)]
        dead = replace(parked, kind=ParkedKind.DEAD_LETTER, reason=reason)
        case.waiting[case.waiting.index(parked)] = dead
        self.writes.parked = [row for row in self.writes.parked if row.key != parked.key]
        self.writes.parked.append(dead)
        self._announce(dead)
        return SetAside(reason)

    def _handle(self, case: Case[S], incoming: Incoming, *, waiting: Parked | None = None) -> Reply:
        traceparent = follow_trace(incoming.traceparent, incoming.key)
        with in_trace(traceparent):
            return self._handle_traced(case, incoming, traceparent, waiting=waiting)

    def _handle_traced(  # noqa: PLR0911  one way out per outcome
        self, case: Case[S], incoming: Incoming, traceparent: str, *, waiting: Parked | None
    ) -> Reply:
        context = Context(
            now=self._tools.now,
            casus_id=incoming.casus_id,
            actor=incoming.actor,
            sealer=self._tools.sealer_for(incoming.casus_id),
            new_id=self._tools.new_id,
            heard_until=EARLIEST if case.unheard else self._tools.heard_until,
        )
        try:
            if isinstance(incoming.payload, MalformedMessage):
                return self._fail(incoming, str(incoming.payload), waiting=waiting)
            outcome: Outcome[S] = self._definition.handle(case.state, incoming, context)
            outgoing = self._encode(case, outcome.events, traceparent) if isinstance(outcome, Decision) else []
        except Rejected as error:
            return self._fail(incoming, str(error), waiting=waiting)
        except Exception as error:
            log.exception("handler_failed", casus_id=str(incoming.casus_id), soort=type(incoming.payload).__name__)
            return self._fail(incoming, type(error).__name__, waiting=waiting)
        match outcome:
            case Decision():
                return self._accept(case, incoming, outcome, outgoing, traceparent=traceparent)
            case Refused() if incoming.record is not None:
                return self._fail(incoming, _reasons(outcome), waiting=waiting)
            case Refused():
                self.writes.forgotten.add(incoming.key)
                return outcome
            case TooEarly():
                return self._wait(incoming, outcome, waiting=waiting)

    def _accept(
        self,
        case: Case[S],
        incoming: Incoming,
        decision: Decision[S],
        outgoing: Sequence[OutboxRow],
        *,
        traceparent: str,
    ) -> Done:
        casus_id = case.casus_id
        writes = self.writes
        if decision.state is not case.state or outgoing:
            case.state = decision.state
            case.version += 1
            case.sequence += len(outgoing)
            writes.states[casus_id] = case
        writes.outbox += outgoing
        for line in decision.journal:
            writes.journal.append(JournalRow(casus_id, line, str(incoming.actor), incoming.cause))
        for timer in decision.timers:
            writes.timers[(casus_id, timer.name)] = timer if isinstance(timer, SetTimer) else None
        for reference in decision.references:
            writes.references.setdefault(reference, set()).add(casus_id)
        if decision.forwards:
            self._note_forwards(incoming, decision, traceparent)
        if decision.requests:
            writes.note_requests(casus_id, decision.requests, traceparent)
        if isinstance(incoming.payload, RequestAttempted):
            writes.note_attempt(incoming.payload, decision.requests)
        if incoming.record is None and decision.answer is not None:
            writes.answers[incoming.key] = decision.answer
        return Done(decision.answer)

    def _note_forwards(self, incoming: Incoming, decision: Decision[S], traceparent: str) -> None:
        for number, forward in enumerate(decision.forwards):
            key = derived_id("doorgegeven", str(incoming.key), str(number))
            self._forwards.append(
                Incoming(
                    key,
                    forward.casus_id,
                    forward.payload,
                    actor=incoming.actor,
                    cause=incoming.cause,
                    traceparent=traceparent,
                )
            )

    def _encode(self, case: Case[S], events: Sequence[Gebeurtenis], traceparent: str) -> list[OutboxRow]:
        """The events as they will travel. Raises before anything has changed when one of them cannot."""
        rows: list[OutboxRow] = []
        for sequence, data in enumerate(events, case.sequence + 1):
            identifier = self._tools.new_id()
            span = next_span(traceparent, identifier)
            rows.append(self._tools.outbox_row(case.casus_id, data, identifier, sequence=sequence, traceparent=span))
        return rows

    def _fail(self, incoming: Incoming, reason: str, *, waiting: Parked | None) -> Reply:
        if incoming.record is None:
            self.writes.forgotten.add(incoming.key)
            return Refused(500, "Er ging bij ons iets mis", (UNEXPECTED,), code="fout-bij-houvast")
        if waiting is not None:
            return self._condemn(waiting, reason)
        self._park(Parked(incoming.key, incoming.casus_id, incoming.record, ParkedKind.DEAD_LETTER, reason))
        return SetAside(reason)

    def _wait(self, incoming: Incoming, outcome: TooEarly, *, waiting: Parked | None) -> Reply:
        if incoming.record is None:
            self.writes.forgotten.add(incoming.key)
            problem = Problem("$", f"wacht nog op {outcome.waits_for}; probeer het zo weer")
            return Refused(409, "Nog niet mogelijk", (problem,), code="te-vroeg")
        if waiting is None:
            self._park(
                Parked(incoming.key, incoming.casus_id, incoming.record, ParkedKind.TOO_EARLY, outcome.waits_for)
            )
        return SetAside(f"wacht nog op {outcome.waits_for}")

    def _park(self, parked: Parked) -> None:
        self.writes.parked.append(parked)
        if parked.casus_id is not None and parked.casus_id in self._cases:
            self._cases[parked.casus_id].waiting.append(parked)
        if parked.kind in TOLD_KINDS:
            self._announce(parked)

    def _announce(self, parked: Parked) -> None:
        service = self._definition.service.value
        self._tell(parked, parked.key, announce(parked, service=service, now=self._tools.now))

    def _tell(self, parked: Parked, identifier: UUID, data: DodeBrief | DodeBriefAfgehandeld) -> None:
        """What is wrong with such an event itself is not told by another one, without end."""
        if parked.record.topic == TOPIC_OF[DodeBrief].name:
            log.error("dead_letter_about_dead_letter", casus_id=str(parked.casus_id), reden=parked.reason)
            return
        span = follow_trace(current_traceparent.get(), identifier)
        casus_id = parked.casus_id or CasusId(parked.key)
        self.writes.outbox.append(self._tools.outbox_row(casus_id, data, identifier, sequence=None, traceparent=span))


def _reasons(refused: Refused) -> str:
    return f"{refused.title}: " + "; ".join(f"{problem.place}: {problem.message}" for problem in refused.problems)
