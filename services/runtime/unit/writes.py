"""Everything one unit of work writes, gathered so that each table gets one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from contracts.messages.identifiers import CasusId
from services.runtime.unit.decision import (
    Attempt,
    CancelRequest,
    JournalLine,
    JsonObject,
    Record,
    Reference,
    Request,
    RequestAttempted,
    RetryRequest,
    SetTimer,
    ViewRow,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.rows import ReadRow

S = TypeVar("S")

FINISHED = "klaar"
CANCELLED = "vervallen"

RequestAct = Request | RetryRequest | CancelRequest

RowKey = tuple[type[ReadRow], UUID]
"""Which row of which read table."""


class ParkedKind(StrEnum):
    """Why a record is set aside. A dead letter holds its case; what comes later for that case waits behind it.

    What a release does not know holds nothing: it waits by itself until a release that does.
    """

    DEAD_LETTER = "dode-brief"
    HELD = "vastgehouden"
    TOO_EARLY = "te-vroeg"
    UNKNOWN = "onbekend"
    OTHER_VERSION = "andere-versie"
    TOLD_BEFORE = "kafka-verder"
    """Our own event that this database does not know; it holds nothing, and is told as a dead letter is."""


UNKNOWN_KINDS = frozenset({ParkedKind.UNKNOWN, ParkedKind.OTHER_VERSION})
"""What waits for another release."""
TOLD_KINDS = frozenset({ParkedKind.DEAD_LETTER, ParkedKind.TOLD_BEFORE})
"""What people hear of at once, and what waits for them."""
UNHEARD_KINDS = frozenset(set(ParkedKind) - {ParkedKind.UNKNOWN})
"""With one of these set aside it is not known what has happened in a case, so nobody is said to be late there."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A record set aside. `casus_id` is None where even that could not be read."""

    key: UUID
    casus_id: CasusId | None
    record: Record
    kind: ParkedKind
    reason: str


@dataclass(slots=True)
class Case(Generic[S]):
    """A case as loaded: `sequence` is that of the last event sent about it, `version` counts its changes.

    `rows` are its read rows, by kind and id, where they are known already.
    """

    casus_id: CasusId
    state: S | None = None
    sequence: int = 0
    version: int = 0
    stored: bool = False
    waiting: list[Parked] = field(default_factory=list)
    rows: Mapping[RowKey, ViewRow] | None = None

    @property
    def held(self) -> bool:
        """Whether a dead letter holds this case."""
        return any(parked.kind is ParkedKind.DEAD_LETTER for parked in self.waiting)

    @property
    def unheard(self) -> bool:
        """Whether something of this case is set aside that may change what is thought of it."""
        return any(parked.kind in UNHEARD_KINDS for parked in self.waiting)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    id: UUID
    topic: str
    casus_id: CasusId
    payload: bytes


@dataclass(frozen=True, slots=True)
class JournalRow:
    casus_id: CasusId
    line: JournalLine
    actor: str
    cause: str | None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    request: Request
    attempt: Attempt


@dataclass(slots=True)
class Writes(Generic[S]):
    """One transaction's worth. The dictionaries keep the last word per key."""

    states: dict[CasusId, Case[S]] = field(default_factory=dict)
    journal: list[JournalRow] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    timers: dict[tuple[CasusId, str], SetTimer | None] = field(default_factory=dict)
    requests: list[tuple[CasusId, Request]] = field(default_factory=list)
    retries: dict[UUID, datetime] = field(default_factory=dict)
    finished: dict[UUID, str] = field(default_factory=dict)
    attempts: list[AttemptRow] = field(default_factory=list)
    references: dict[Reference, set[CasusId]] = field(default_factory=dict)
    views: dict[RowKey, ReadRow | None] = field(default_factory=dict)
    answers: dict[UUID, JsonObject] = field(default_factory=dict)
    forgotten: set[UUID] = field(default_factory=set)
    parked: list[Parked] = field(default_factory=list)
    released: list[UUID] = field(default_factory=list)
    new_keys: dict[CasusId, bytes] = field(default_factory=dict)

    def note_requests(self, casus_id: CasusId, requests: Iterable[RequestAct], traceparent: str) -> None:
        """The last word about a request counts, except that what was cancelled stays so."""
        for request in requests:
            match request:
                case Request():
                    self.requests.append((casus_id, replace(request, traceparent=traceparent)))
                case RetryRequest(request_id=request_id, due_at=due_at):
                    if self.finished.get(request_id) != CANCELLED:
                        self.finished.pop(request_id, None)
                        self.retries[request_id] = due_at
                case CancelRequest(request_id=request_id):
                    self.retries.pop(request_id, None)
                    self.finished[request_id] = CANCELLED

    def note_attempt(self, attempted: RequestAttempted, requests: Iterable[RequestAct]) -> None:
        """An attempt was made; the request is finished by it where none of these asks for another."""
        request = attempted.request
        self.attempts.append(AttemptRow(request, attempted.attempt))
        if not any(isinstance(act, RetryRequest) and act.request_id == request.id for act in requests):
            self.retries.pop(request.id, None)
            self.finished.setdefault(request.id, FINISHED)
