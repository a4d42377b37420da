"""The memory of a service as `PostgresStore` keeps it, in dictionaries: a transaction arrives whole or not at all."""

import heapq
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from contracts.messages.identifiers import CasusId
from contracts.messages.moment import LATEST
from contracts.messages.topics import Service
from services.runtime.access.sealing import MasterKey, SealerBatch
from services.runtime.unit.decision import Incoming, JsonObject, Request, ServiceDefinition, SetTimer, TimerDue
from services.runtime.unit.store import Heard, Known, Sealers, adapter_of
from services.runtime.unit.store_writes import dumps
from services.runtime.unit.writes import (
    UNHEARD_KINDS,
    AttemptRow,
    Case,
    JournalRow,
    OutboxRow,
    Parked,
    RowKey,
    Writes,
)

S = TypeVar("S")

OPEN = "open"

Moment = str
"""`voor` or `na` the commit: where a fault may strike."""


@dataclass(frozen=True, slots=True)
class StoredState:
    text: bytes
    version: int
    sequence: int


@dataclass(slots=True)
class StoredOutbox:
    row: OutboxRow


@dataclass(slots=True)
class StoredRequest:
    """A request with what became of it. `number` is its place in the order of asking."""

    number: int
    casus_id: CasusId
    request: Request
    due_at: datetime
    attempts: int = 0
    status: str = OPEN


@dataclass(slots=True)
class _Tables:
    inbox: dict[UUID, tuple[str | None, bytes | None]] = field(default_factory=dict)
    states: dict[CasusId, StoredState] = field(default_factory=dict)
    journal: list[JournalRow] = field(default_factory=list)
    outbox: list[StoredOutbox] = field(default_factory=list)
    sent: set[UUID] = field(default_factory=set)
    timers: dict[tuple[CasusId, str], SetTimer] = field(default_factory=dict)
    requests: dict[UUID, StoredRequest] = field(default_factory=dict)
    attempts: list[AttemptRow] = field(default_factory=list)
    references: dict[tuple[str, str], set[CasusId]] = field(default_factory=dict)
    views: dict[str, dict[UUID, bytes]] = field(default_factory=dict)
    parked: dict[UUID, Parked] = field(default_factory=dict)


class MemoryStore(Generic[S]):
    """What `PostgresStore` promises, for one event loop.

    States, timers, requests and view rows go through JSON on their way in and out, so that what a database would not
    return is not returned here. `keys` may be shared by the stores of several services. `strike` is called just before
    and just after a commit; when it raises, that is where this process died.
    """

    def __init__(
        self,
        definition: ServiceDefinition[S],
        *,
        master: MasterKey,
        keys: dict[CasusId, bytes | None] | None = None,
        strike: Callable[[Moment], None] | None = None,
    ) -> None:
        self.tables = _Tables()
        self.keys: dict[CasusId, bytes | None] = {} if keys is None else keys
        self.strike = strike
        self.waiting_by_case: dict[CasusId, dict[UUID, Parked]] = {}
        self.unpublished: list[StoredOutbox] = []
        self.adapter: TypeAdapter[S] = adapter_of(definition.state)
        self.master = master
        self._due: list[tuple[datetime, CasusId, str]] = []
        self._moments: list[tuple[datetime, CasusId, str]] = []
        self.hears: Callable[[Collection[Service]], Heard] = lambda _: Heard(LATEST, stands_still=False)

    @asynccontextmanager
    async def begin(self) -> "AsyncGenerator[_MemoryTransaction[S]]":
        transaction = _MemoryTransaction(self)
        yield transaction
        if self.strike is not None:
            self.strike("voor")
        transaction.commit()
        if self.strike is not None:
            self.strike("na")

    async def due_cases(self, now: datetime, limit: int, heard: Heard | None = None) -> list[CasusId]:
        """Cases with a due timer, the longest due first."""
        due = sorted((timer.due_at, key) for key, timer in self.standing(now, heard))
        return list(dict.fromkeys(casus_id for _, (casus_id, _) in due[:limit]))

    async def heard(self, senders: Collection[Service]) -> Heard:
        """As the world says; see `MemoryWorld`."""
        return self.hears(senders)

    def next_due(self, now: datetime) -> datetime | None:
        """When the first timer is due, or may come unheard, that has not had its chance yet."""
        while self._moments:
            moment, casus_id, name = self._moments[0]
            timer = self.tables.timers.get((casus_id, name))
            if moment > now and timer is not None and moment in (timer.due_at, timer.unheard_at):
                return moment
            heapq.heappop(self._moments)
        return None

    def next_request(self) -> datetime | None:
        """When the first request may be attempted."""
        return min((asked.due_at for asked in self.open_requests()), default=None)

    def open_requests(self) -> list[StoredRequest]:
        """The requests that may be attempted as soon as they are due: per case and destination only the first."""
        first: dict[tuple[CasusId, str], StoredRequest] = {}
        for asked in self.tables.requests.values():
            if asked.status == OPEN:
                first.setdefault((asked.casus_id, asked.request.destination), asked)
        return list(first.values())

    def state(self, casus_id: CasusId) -> S | None:
        stored = self.tables.states.get(casus_id)
        return None if stored is None else self.adapter.validate_json(stored.text)

    def view(self, table: str) -> list[JsonObject]:
        """The rows of a read table, in the order in which they were first written."""
        return [orjson.loads(text) for text in self.tables.views.get(table, {}).values()]

    def remember_timer(self, key: tuple[CasusId, str], timer: SetTimer) -> None:
        heapq.heappush(self._due, (timer.due_at, *key))
        for moment in (timer.due_at, timer.unheard_at):
            if moment is not None:
                heapq.heappush(self._moments, (moment, *key))

    def standing(self, now: datetime, heard: Heard | None) -> list[tuple[tuple[CasusId, str], SetTimer]]:
        """The timers that are due and still set, and do not wait for something to be heard."""
        standing: dict[tuple[CasusId, str], SetTimer] = {}
        while self._due and self._due[0][0] <= now:
            due_at, casus_id, name = heapq.heappop(self._due)
            timer = self.tables.timers.get((casus_id, name))
            if timer is not None and timer.due_at == due_at:
                standing[(casus_id, name)] = timer
        for key, timer in standing.items():
            heapq.heappush(self._due, (timer.due_at, *key))
        return [(key, timer) for key, timer in standing.items() if self._may_come(key[0], timer, now, heard)]

    def _may_come(self, casus_id: CasusId, timer: SetTimer, now: datetime, heard: Heard | None) -> bool:
        if heard is None:
            return True
        aside = any(parked.kind in UNHEARD_KINDS for parked in self.waiting_by_case.get(casus_id, {}).values())
        if timer.due_at <= heard.until and not aside:
            return True
        return timer.unheard_at is not None and timer.unheard_at <= now and (heard.stands_still or aside)


class _MemoryTransaction(Generic[S]):
    """Reads what is committed, gathers what is to come; `commit` cannot fail halfway."""

    def __init__(self, store: MemoryStore[S]) -> None:
        self._store = store
        self._entered: dict[UUID, str | None] = {}
        self._taken: list[tuple[CasusId, str]] = []
        self._writes: Writes[S] = Writes()
        self._states: dict[CasusId, StoredState] = {}
        self._timers: dict[tuple[CasusId, str], SetTimer | None] = {}
        self._requests: list[tuple[CasusId, Request]] = []
        self._views: dict[RowKey, bytes | None] = {}
        self._answers: dict[UUID, bytes] = {}

    async def enter(self, batch: Sequence[Incoming], now: datetime) -> dict[UUID, Known]:
        del now
        inbox = self._store.tables.inbox
        known: dict[UUID, Known] = {}
        for incoming in batch:
            if incoming.key in inbox:
                fingerprint, answer = inbox[incoming.key]
                known[incoming.key] = Known(fingerprint, None if answer is None else orjson.loads(answer))
            else:
                self._entered.setdefault(incoming.key, incoming.fingerprint)
        return known

    async def load(self, casus_ids: Collection[CasusId], *, skip_locked: bool = False) -> dict[CasusId, Case[S]]:
        cases = {casus_id: self._case(casus_id) for casus_id in sorted(casus_ids)}
        return {casus_id: case for casus_id, case in cases.items() if case.stored or not skip_locked}

    def _case(self, casus_id: CasusId) -> Case[S]:
        waiting = list(self._store.waiting_by_case.get(casus_id, {}).values())
        stored = self._store.tables.states.get(casus_id)
        if stored is None:
            return Case(casus_id, waiting=waiting)
        state = self._store.adapter.validate_json(stored.text)
        return Case(casus_id, state, stored.sequence, stored.version, stored=True, waiting=waiting)

    async def parked(self, key: UUID) -> Parked | None:
        return self._store.tables.parked.get(key)

    async def sealers(self, casus_ids: Collection[CasusId]) -> Sealers:
        keys = {casus_id: self._store.keys[casus_id] for casus_id in casus_ids if casus_id in self._store.keys}
        return SealerBatch(self._store.master, keys)

    async def take_due(
        self, casus_ids: Collection[CasusId], now: datetime, heard: Heard | None = None
    ) -> list[tuple[CasusId, TimerDue]]:
        wanted = set(casus_ids)
        due = [(key, timer) for key, timer in self._store.standing(now, heard) if key[0] in wanted]
        due.sort(key=lambda item: (item[1].due_at, item[0]))
        self._taken += [key for key, _ in due]
        return [(casus_id, TimerDue(name, timer.due_at, timer.data)) for (casus_id, name), timer in due]

    async def write(self, writes: Writes[S], now: datetime) -> None:
        """Turn everything into what will be kept; what cannot be kept raises here, before anything has changed."""
        del now
        adapter = self._store.adapter
        self._writes = writes
        for casus_id, case in writes.states.items():
            assert case.state is not None
            self._states[casus_id] = StoredState(adapter.dump_json(case.state), case.version, case.sequence)
        self._timers = {
            key: None if timer is None else replace(timer, data=orjson.loads(orjson.dumps(timer.data)))
            for key, timer in writes.timers.items()
        }
        for casus_id, asked in writes.requests:
            content: JsonObject = orjson.loads(orjson.dumps(asked.content))
            same = replace(asked, content=content)
            self._requests.append((casus_id, same))
        self._views = {key: None if row is None else dumps(row).encode() for key, row in writes.views.items()}
        self._answers = {key: orjson.dumps(answer) for key, answer in writes.answers.items()}

    def commit(self) -> None:
        tables = self._store.tables
        writes = self._writes
        tables.inbox |= {key: (fingerprint, self._answers.get(key)) for key, fingerprint in self._entered.items()}
        for key in writes.forgotten:
            tables.inbox.pop(key, None)
        tables.states |= self._states
        tables.journal += writes.journal
        for row in writes.outbox:
            if row.id in tables.sent:
                continue  # the same dead letter, told before
            kept = StoredOutbox(row)
            tables.sent.add(row.id)
            tables.outbox.append(kept)
            self._store.unpublished.append(kept)
        tables.attempts += writes.attempts
        for reference, casus_ids in writes.references.items():
            tables.references.setdefault((reference.kind, reference.key), set()).update(casus_ids)
        self._store.keys |= writes.new_keys
        self._commit_timers()
        self._commit_requests()
        self._commit_views()
        self._commit_parked()

    def _commit_timers(self) -> None:
        timers = self._store.tables.timers
        for key in self._taken:
            timers.pop(key, None)
        for key, timer in self._timers.items():
            if timer is None:
                timers.pop(key, None)
            else:
                timers[key] = timer
                self._store.remember_timer(key, timer)

    def _commit_requests(self) -> None:
        requests = self._store.tables.requests
        for casus_id, asked in self._requests:
            requests.setdefault(asked.id, StoredRequest(len(requests), casus_id, asked, asked.due_at))
        for request_id, due_at in self._writes.retries.items():
            if request_id in requests and requests[request_id].status == OPEN:
                requests[request_id].due_at = due_at
        for request_id, status in self._writes.finished.items():
            if request_id in requests and requests[request_id].status == OPEN:
                requests[request_id].status = status

    def _commit_views(self) -> None:
        for (kind, identifier), row in self._views.items():
            rows = self._store.tables.views.setdefault(kind.table, {})
            if row is None:
                rows.pop(identifier, None)
            else:
                rows[identifier] = row

    def _commit_parked(self) -> None:
        store = self._store
        for parked in self._writes.parked:
            store.tables.parked[parked.key] = parked
            if parked.casus_id is not None:
                store.waiting_by_case.setdefault(parked.casus_id, {})[parked.key] = parked
        for key in self._writes.released:
            gone = store.tables.parked.pop(key, None)
            if gone is not None and gone.casus_id is not None:
                del store.waiting_by_case[gone.casus_id][key]
