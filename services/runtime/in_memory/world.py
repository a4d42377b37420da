"""Several services on one clock that moves when told, with a broker that is a list per topic."""

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.messages.envelope import CloudEvent, Gebeurtenis, MalformedMessage, decode, encode, source_urn
from contracts.messages.identifiers import CasusId, derived_id, uuid7
from contracts.messages.topics import CATALOGUE, TOPIC_OF, Service, topics_for
from services.runtime.access.sealing import MasterKey, SealerBatch
from services.runtime.in_memory.store import MemoryStore, Moment, StoredRequest
from services.runtime.process.clock import VirtueleKlok
from services.runtime.process.tracing import in_trace
from services.runtime.unit.decision import (
    Incoming,
    JsonObject,
    Performer,
    Record,
    RequestAttempted,
    ServiceDefinition,
)
from services.runtime.unit.fold import Reply
from services.runtime.unit.hub import unreadable_in_case
from services.runtime.unit.intake import moment_of, read_record
from services.runtime.unit.store import Heard
from services.runtime.unit.unit_of_work import UnitOfWork, Unreadable
from services.runtime.unit.writes import Parked, ParkedKind

MASTER = MasterKey(bytes(range(32)))
"""For invented cases only."""
OIN = "00000099000000001000"
AT_ONCE = 500


class DeadLetterFound(AssertionError):
    """A message could not be handled, which the one who made this world did not expect."""


@dataclass(slots=True)
class Resident:
    """One service in a world: its memory, its unit of work, and how far it has read each of its topics."""

    definition: ServiceDefinition[Any]
    store: MemoryStore[Any]
    unit_of_work: UnitOfWork[Any]
    offsets: dict[str, int] = field(default_factory=dict)


class MemoryWorld:
    """Runs services together, the same way every time for the same `seed`.

    `submit`, `offer` and `move_to` go on until nothing moves any more. The small steps they are made of (`publish`,
    `deliver`, `attempt`, `fire`) are public for whoever wants to take them in another order. A dead letter raises
    `DeadLetterFound` unless `dead_letters` says they are expected. `performers` answer for the outside world, in place
    of those in the definitions.
    """

    def __init__(
        self,
        definitions: Iterable[ServiceDefinition[Any]],
        *,
        start: datetime,
        seed: int = 0,
        performers: Mapping[str, Performer] | None = None,
        dead_letters: bool = False,
        strike: Callable[[Moment], None] | None = None,
    ) -> None:
        self.klok = VirtueleKlok(start)
        self.random = random.Random(seed)  # noqa: S311  repeatable on purpose
        self.keys: dict[CasusId, bytes | None] = {}
        self.topics: dict[str, list[bytes]] = {}
        self.performers = dict(performers or {})
        self.services: dict[Service, Resident] = {}
        self._dead_letters = dead_letters
        self._strike = strike
        for definition in definitions:
            self._settle_in(definition)

    def _settle_in(self, definition: ServiceDefinition[Any]) -> None:
        store: MemoryStore[Any] = MemoryStore(definition, master=MASTER, keys=self.keys, strike=self._strike)
        source = source_urn(OIN, definition.service.value)
        unit_of_work = UnitOfWork(definition, store, self.klok, new_id=self.new_id, source=source)
        store.hears = lambda senders: Heard(self._heard_until(definition.service, senders), stands_still=True)
        self.services[definition.service] = Resident(definition, store, unit_of_work)

    def _heard_until(self, listener: Service, senders: Collection[Service]) -> datetime:
        """What a watermark would say: the oldest event that a sender still keeps, or that still lies on its topic."""
        moments = [self.klok.now()]
        for sender in senders:
            kept = self.services[sender].store.unpublished if sender in self.services else []
            moments += [moment_of(waiting.row.payload) for waiting in kept]
            for topic in topics_for(listener):
                if sender in topic.senders:
                    read = self.services[listener].offsets.get(topic.name, 0)
                    moments += [moment_of(raw) for raw in self.topics.get(topic.name, [])[read:]]
        return min(moments)

    def new_id(self) -> UUID:
        return uuid7(self.klok.now(), self.random.getrandbits(74))

    # what happens from outside

    async def submit(self, service: Service, incoming: Incoming) -> Reply:
        """Give one message to one service, and let everything that follows from it now happen."""
        (reply,) = await self.services[service].unit_of_work.run([incoming])
        await self.settle()
        return reply

    async def offer(self, event: CloudEvent[Any]) -> None:
        """Publish an event as a system outside would, and let everything that follows from it now happen."""
        self.topics.setdefault(TOPIC_OF[type(event.data)].name, []).append(encode(event))
        await self.settle()

    async def move_to(self, moment: datetime) -> None:
        """Let time pass until `moment`: every timer and every request at its own moment."""
        await self.settle()
        while (due := self._next_due()) is not None and due <= moment:
            self.klok.move_to(max(due, self.klok.now()))
            await self.settle()
        self.klok.move_to(moment)
        await self.settle()

    async def move(self, by: timedelta) -> None:
        await self.move_to(self.klok.now() + by)

    async def settle(self) -> None:
        """Publish, deliver, attempt and fire until nothing moves any more."""
        moved = True
        while moved:
            moved = False
            for service in self.services:
                moved |= self.publish(service) > 0
                for topic in topics_for(service):
                    moved |= await self.deliver(service, topic.name) > 0
                moved |= await self._attempt_all(service) > 0
                moved |= await self.fire(service) > 0
            if not self._dead_letters:
                self._refuse_dead_letters()

    # the small steps

    def publish(self, service: Service, limit: int = AT_ONCE) -> int:
        """Put the oldest unpublished events of a service on their topics; returns how many."""
        waiting = self.services[service].store.unpublished
        rows, waiting[:] = waiting[:limit], waiting[limit:]
        for kept in rows:
            self.topics.setdefault(kept.row.topic, []).append(kept.row.payload)
        return len(rows)

    async def deliver(self, service: Service, topic: str, limit: int = AT_ONCE) -> int:
        """Let a service take the next records of a topic; only when it has them, its offset moves."""
        resident = self.services[service]
        start = resident.offsets.get(topic, 0)
        raws = self.topics.get(topic, [])[start : start + limit]
        if raws:
            records = [Record(topic, 0, offset, raw) for offset, raw in enumerate(raws, start)]
            await take(resident.unit_of_work, records)
            resident.offsets[topic] = start + len(raws)
        return len(raws)

    async def fire(self, service: Service) -> int:
        """Fire what is due; returns how many timers."""
        return await self.services[service].unit_of_work.run_due(AT_ONCE)

    def due_requests(self, service: Service) -> list[StoredRequest]:
        now = self.klok.now()
        return [asked for asked in self.services[service].store.open_requests() if asked.due_at <= now]

    async def attempt(self, service: Service, asked: StoredRequest) -> None:
        """Do one request in the outside world and report how it went."""
        resident = self.services[service]
        asked.attempts += 1
        request = replace(asked.request, due_at=asked.due_at, attempts=asked.attempts)
        performer = self.performers.get(request.kind) or resident.definition.performers[request.kind]
        sealer = SealerBatch(MASTER, self.keys).for_case(asked.casus_id)
        with in_trace(request.traceparent):
            attempt = await performer(request, asked.casus_id, sealer)
        key = derived_id("poging", str(request.id), str(request.attempts))
        incoming = Incoming(key, asked.casus_id, RequestAttempted(request, attempt), traceparent=request.traceparent)
        await resident.unit_of_work.run([incoming])

    async def _attempt_all(self, service: Service) -> int:
        due = self.due_requests(service)
        for asked in due:
            await self.attempt(service, asked)
        return len(due)

    def _next_due(self) -> datetime | None:
        moments = [
            moment
            for resident in self.services.values()
            for moment in (resident.store.next_due(self.klok.now()), resident.store.next_request())
            if moment is not None
        ]
        return min(moments, default=None)

    # what can be seen

    def state(self, service: Service, casus_id: CasusId) -> Any:
        """The state of a case in a service, None when it knows nothing of it."""
        return self.services[service].store.state(casus_id)

    def view(self, service: Service, table: str) -> list[JsonObject]:
        """The rows of a read table."""
        return self.services[service].store.view(table)

    def events(self, *kinds: type[Gebeurtenis], casus_id: CasusId | None = None) -> list[CloudEvent[Any]]:
        """What was published, in order per topic; only these kinds and this case when given."""
        names = [TOPIC_OF[kind].name for kind in kinds] or list(self.topics)
        events = [decode(raw, CATALOGUE) for name in dict.fromkeys(names) for raw in self.topics.get(name, [])]
        return [
            event
            for event in events
            if (not kinds or isinstance(event.data, kinds)) and casus_id in (None, event.casus_id)
        ]

    def parked(self, service: Service) -> list[Parked]:
        """What a service has set aside, oldest first."""
        return list(self.services[service].store.tables.parked.values())

    def _refuse_dead_letters(self) -> None:
        reasons = [
            f"{service.value}: {parked.reason}"
            for service in self.services
            for parked in self.parked(service)
            if parked.kind is ParkedKind.DEAD_LETTER
        ]
        if reasons:
            raise DeadLetterFound("; ".join(reasons))


async def take(unit_of_work: UnitOfWork[Any], records: Iterable[Record]) -> None:
    """Take records off the road in one transaction; what is no message is set aside."""
    batch: list[Incoming] = []
    unreadable: list[Unreadable] = []
    for record in records:
        try:
            batch.append(read_record(record))
        except MalformedMessage as error:
            if error.casus_id is None:
                unreadable.append((record, error))
            else:
                batch.append(unreadable_in_case(record, error, error.casus_id))
    await unit_of_work.run(batch, unreadable)
