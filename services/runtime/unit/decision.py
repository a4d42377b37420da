"""What goes into a handler and what comes out: plain values, so that deciding stays pure.

A handler gets the state of one case and one `Incoming`, and answers with a `Decision` (everything that follows, to be
written in one transaction), a `Refused` (an outcome with reasons; nothing is written) or `TooEarly` (its cause has not
arrived yet; it waits with its case). It raises `Rejected` for a message that can never be handled.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar, TypeVarTuple
from uuid import UUID

from pydantic import JsonValue

from contracts.messages.envelope import Gebeurtenis, Problem
from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from services.runtime.access.actor import HOUVAST, Actor
from services.runtime.access.sealing import Sealer
from services.runtime.unit.destinations import Breaker, Tempo
from services.runtime.unit.rows import ReadRow

S = TypeVar("S")
Ts = TypeVarTuple("Ts")

JsonObject = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer that was set earlier has come due. `data` is what was given with it."""

    name: str
    due_at: datetime
    data: JsonObject


class Result(StrEnum):
    """How an attempt in the outside world ended."""

    DONE = "gelukt"
    TEMPORARY = "tijdelijk"
    PERMANENT = "blijvend"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: its result, the status code where the protocol has one, and a sentence without personal data.

    `sent` and `answer` (at most 200 characters) are kept for whoever looks for a fault: what kind of message, how many
    bytes, signed with which keys; never personal data. `gone`: the destination asks not to be called again. `refused`: it
    does not let us in, whatever we bring; `via` is who was passed on the way there, and who refused then. `ours`: it went
    wrong at the hub itself, which says nothing about the destination.
    """

    result: Result
    detail: str
    status: int | None = None
    retry_after: timedelta | None = None
    receipt: JsonObject = field(default_factory=dict)
    sent: JsonObject = field(default_factory=dict)
    answer: str | None = None
    gone: bool = False
    refused: bool = False
    via: str | None = None
    duration_ms: int | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Work in the outside world, done after the transaction and attempted until the handler is satisfied.

    `id` is the idempotency key the receiver sees, the same over every attempt. `destination` is what throttles and
    breakers count by; the order per case and destination is kept. Personal data in `content` only as JWE. `traceparent`
    is filled in by the runtime.
    """

    id: UUID
    kind: str
    destination: str
    content: JsonObject
    due_at: datetime
    attempts: int = 0
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class RequestAttempted:
    """An attempt was made. The handler answers with a `RetryRequest`, or leaves it: then the request is finished.

    `request.attempts` counts this attempt.
    """

    request: Request
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class RetryRequest:
    """Attempt the same request again, not before `due_at`."""

    request_id: UUID
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CancelRequest:
    request_id: UUID


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Call back for this case at `due_at`. A name is unique within its case; setting it again moves it.

    Where a service judges on what others did not do (`ServiceDefinition.must_hear`), not before everything up to `due_at`
    was heard; at `unheard_at` it comes all the same, for the handler to say that it is not known.
    """

    name: str
    due_at: datetime
    data: JsonObject = field(default_factory=dict)
    unheard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CancelTimer:
    name: str


@dataclass(frozen=True, slots=True)
class JournalLine:
    """Why something happened, for ever: the rule, its version, the facts. No personal data."""

    what: str
    rule_id: str | None = None
    rule_version: str | None = None
    facts: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """A way to find the case back: `kind` + `key` leads to this case. A key that could name a person is blinded first."""

    kind: str
    key: str


class ViewRow:
    """The row of `kind` with this id, which is `make(*of)`.

    `of` are the parts of the state that the row tells of: while those are as they were, so is the row, and nobody makes
    it.
    """

    __slots__ = ("_row", "id", "kind", "make", "of")

    def __init__(self, kind: type[ReadRow], identifier: UUID, make: Callable[[*Ts], ReadRow], *of: *Ts) -> None:
        self.kind = kind
        self.id = identifier
        self.make: Callable[..., ReadRow] = make
        self.of: tuple[Any, ...] = of
        self._row: ReadRow | None = None

    @property
    def row(self) -> ReadRow:
        """Columns and their values."""
        if self._row is None:
            self._row = self.make(*self.of)
        return self._row

    def says_same_as(self, other: "ViewRow") -> bool:
        """Whether both have the same values; `other` is of the same kind and id."""
        return self.of == other.of or self.row == other.row


@dataclass(frozen=True, slots=True)
class Forward:
    """What one case has to tell another case of the same service; handled in the same transaction, by the same handler.

    It cannot come too early or be refused: whoever gets it takes it, or the whole transaction fails.
    """

    casus_id: CasusId
    payload: object


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """Everything that follows from one message, written in one transaction or not at all.

    `events` go to the topic the map gives them. `answer` is what a caller gets, now and when it repeats the call.
    """

    state: S
    events: tuple[Gebeurtenis, ...] = ()
    timers: tuple[SetTimer | CancelTimer, ...] = ()
    requests: tuple[Request | RetryRequest | CancelRequest, ...] = ()
    journal: tuple[JournalLine, ...] = ()
    references: tuple[Reference, ...] = ()
    forwards: tuple[Forward, ...] = ()
    answer: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Not done, with every reason at once. `status` is the HTTP status a caller sees."""

    status: int
    title: str
    problems: tuple[Problem, ...]
    code: str = "geweigerd"


@dataclass(frozen=True, slots=True)
class TooEarly:
    """The cause of this event has not arrived yet; it is tried again after every later event of its case."""

    waits_for: str


Outcome = Decision[S] | Refused | TooEarly


class Rejected(Exception):
    """A message that can never be handled: to the dead letters, with this reason, and its case is held."""


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as it came, for when it has to be set aside."""

    topic: str
    partition: int
    offset: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message for one case, wherever it came from.

    `key` makes it recognisable when it comes again. `fingerprint` is a digest of what a caller sent: the same key with
    another fingerprint is a mistake of the caller, not a repetition. `traceparent` is what it follows from.
    """

    key: UUID
    casus_id: CasusId
    payload: object
    actor: Actor = HOUVAST
    fingerprint: str | None = None
    cause: str | None = None
    record: Record | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler may know besides state and message: the moment (UTC), the case, who acts, new ids, the seal.

    `heard_until`: everything that happened in this case before it has been heard. None: everything up to now.
    """

    now: datetime
    casus_id: CasusId
    actor: Actor
    sealer: Sealer
    new_id: Callable[[], UUID]
    heard_until: datetime | None = None


class Handler(Protocol[S]):
    def __call__(self, state: S | None, incoming: Incoming, context: Context) -> Outcome[S]: ...


class Performer(Protocol):
    """Does one kind of request in the outside world. Never raises for what the outside world does wrong."""

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt: ...


@dataclass(frozen=True, slots=True)
class ServiceDefinition(Generic[S]):
    """A service as the runtime sees it.

    `state` is a frozen dataclass or pydantic model, stored as JSON. `project` gives the rows of the read tables that
    belong to a state; the runtime writes the difference. `opens_sealed` says whether case keys are needed. `tempos` gives
    the destinations that are known by name now and how fast they may be called; with a `breaker` one that fails is left
    alone for a while. `passes_over` are the events on its topics from which nothing ever follows here: they
    are not even written down. `tables` are the kinds of rows that `project` gives; raise `projection` when rows of
    states that do not change come out differently without a new column: then they are all made anew.
    `must_hear` are the senders without whom nobody is said to be late: timers wait until they said that nothing comes any
    more from before (docs/decisions/0018).
    """

    service: Service
    state: type[S]
    handle: Handler[S]
    project: Callable[[CasusId, S], Iterable[ViewRow]]
    performers: Mapping[str, Performer] = field(default_factory=dict[str, Performer])
    opens_sealed: bool = True
    tempos: Callable[[], Mapping[str, Tempo]] = dict
    breaker: Breaker | None = None
    passes_over: frozenset[type[Gebeurtenis]] = frozenset()
    tables: tuple[type[ReadRow], ...] = ()
    projection: int = 1
    must_hear: tuple[Service, ...] = ()
