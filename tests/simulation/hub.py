"""The hub as it runs: two copies of each of the four services, with their own loops, over one PostgreSQL and one Kafka.

Everything a message passes is the code of production, from `ServiceProcess.start_road` down to the statements; only
asyncpg, the clients of aiokafka, the clock and the world outside stand in for themselves.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import aiokafka

from contracts.messages.envelope import CloudEvent, Gebeurtenis, decode
from contracts.messages.identifiers import CasusId
from contracts.messages.topics import CATALOGUE, TOPIC_OF, TOPICS, Service
from services.runtime.access.sealing import Sealer
from services.runtime.database import signals
from services.runtime.in_memory.world import MASTER, OIN
from services.runtime.kafka import consumption, publishing, watermark
from services.runtime.kafka.consumers import Bind, Reading, bind_batches, group_of
from services.runtime.running import Ground, ServiceApp, ServiceProcess
from services.runtime.unit import ids, intake, releasing
from services.runtime.unit.decision import Attempt, Incoming, Request, Result, ServiceDefinition, TimerDue
from services.runtime.unit.fold import _ABOUT_HOLDING, Done, Reply
from services.runtime.unit.store import adapter_of
from services.runtime.unit.writes import ParkedKind
from tests.simulation import kafka
from tests.simulation.loop import Life, Process, SimLoop, current
from tests.simulation.postgres import Database, Pool, Transaction
from tests.simulation.statements import mean
from tests.simulation.weather import Weather

COPIES = 2
PARTITIONS = 3
CALL_SECONDS = 12.0
"""How long a caller waits for an answer before it asks again, perhaps another copy."""


class SimKlok:
    """The Clock of the hub: `speed` of its seconds in one of the machine; it can be stopped."""

    def __init__(self, loop: SimLoop, start: datetime, speed: float) -> None:
        self._loop = loop
        self._start = start
        self._speed = speed
        self._stopped_at: datetime | None = None

    def now(self) -> datetime:
        return self._stopped_at or self._start + timedelta(seconds=self._loop.time() * self._speed)

    def stop(self) -> None:
        self._stopped_at = self.now()

    def seconds_until(self, moment: datetime) -> float:
        left = (moment - self.now()).total_seconds()
        if left <= 0:
            return 0.0
        return left / self._speed if self._stopped_at is None else 3600.0

    async def sleep_until(self, moment: datetime) -> None:
        while (left := self.seconds_until(moment)) > 0:
            await asyncio.sleep(left)


@dataclass(slots=True, eq=False)
class Copy:
    """One process of one service. `unknown` are the events that its release does not know yet."""

    service: Service
    number: int
    process: Process
    running: ServiceProcess[Any]
    unknown: frozenset[str] = frozenset()
    thawed_at: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.service.value}-{self.number}"


@dataclass(slots=True)
class Submission:
    """Something a caller wants, until it has an answer; and every answer it got."""

    service: Service
    incoming: Incoming
    replies: list[Reply] = field(default_factory=list)


class Hub:
    """Starts, stops, freezes and kills copies; lets callers call; answers for the world outside."""

    def __init__(
        self,
        loop: SimLoop,
        definitions: Sequence[ServiceDefinition[Any]],
        *,
        start: datetime,
        speed: float,
        weather: Weather,
    ) -> None:
        self.loop = loop
        self.weather = weather
        self.random = weather.random
        self.klok = SimKlok(loop, start, speed)
        self.database = Database(loop, start=start, random=self.random, meaning=mean, fates=weather.statement)
        self.database.watchers.append(self._watch_commit)
        self._passing: set[tuple[Service, UUID]] = set()
        """What was worked out though a dead letter of its case stood in the database."""
        self.broker = kafka.Broker(loop, random=self.random, partitions=PARTITIONS, fates=weather.request)
        self.broker.on_append = self._watch_relay
        self.definitions = {definition.service: definition for definition in definitions}
        self.copies: dict[str, Copy] = {}
        self.submissions: list[Submission] = []
        self.received: Counter[UUID] = Counter()
        self.under_way: dict[UUID, list[Process]] = {}
        self.taken: dict[tuple[Service, str], set[UUID]] = {}
        """The keys under which a service took an event."""
        self.wrong: list[str] = []
        self._relays: dict[str, tuple[int, str, float]] = {}
        loop.call_later(0.5, self._look_at_relays)

    # copies

    def start(self, service: Service, number: int, unknown: frozenset[str] = frozenset()) -> None:
        process = Process(self.loop, f"{service.value}-{number}")
        definition = self.definitions[service]
        kinds = KINDS[service]
        handle = self._watched(service, definition.handle)
        definition = replace(definition, handle=handle, performers=dict.fromkeys(kinds, self._perform))
        app: ServiceApp[Any] = ServiceApp(definition, _bind(service), _no_api, "")
        deps: Any = SimpleNamespace(klok=self.klok, master=MASTER, oin=OIN)
        ground = Ground(
            "postgresql://simulatie", "simulatie", reading=Reading(instance=process.name), instance=str(number)
        )
        running: ServiceProcess[Any] = ServiceProcess(app, deps, ground)
        copy = Copy(service, number, process, running, unknown, thawed_at=self.loop.time())
        self.copies[copy.name] = copy
        RELEASES[process] = unknown
        pool: Any = Pool(self.database, process, service.value)

        async def begin() -> None:
            running.settle_in(pool)
            running.start_road()

        process.start(begin())

    def start_all(self) -> None:
        """One of the services may come later, when much lies there for both of its copies at once."""
        late, seconds = self.weather.late()
        for service in self.definitions:
            for number in range(COPIES):
                if service is late:
                    self.loop.call_later(seconds, self.start, service, number)
                else:
                    self.start(service, number)

    def kill(self, copy: Copy, *, host_gone: bool = False) -> None:
        """Without a word. Where its host is gone, the server hears of it only when nothing answers any more."""
        copy.process.kill()
        if host_gone:
            self.loop.call_later(11.0, self.database.drop, copy.process)
        else:
            self.database.drop(copy.process)

    def start_again(self, copy: Copy, unknown: frozenset[str] = frozenset()) -> None:
        self.start(copy.service, copy.number, unknown)

    def freeze(self, copy: Copy, seconds: float) -> None:
        copy.process.freeze()

        def thaw() -> None:
            copy.thawed_at = self.loop.time()
            copy.process.thaw()

        self.loop.call_later(seconds, thaw)

    async def stop(self, copy: Copy) -> None:
        """As a roll-out stops it: what it has taken it finishes."""
        await asyncio.wait([copy.process.start(copy.running.stop())], timeout=30)
        self.kill(copy)

    async def let_go_on(self) -> None:
        """What the beheerder does once the cause of dead letters is mended, until none is left."""
        while held := [service for service in self.definitions if self._dead_letters(service) and not self.wrong]:
            for service in held:
                copy = self.copies[f"{service.value}-0"]
                letting = copy.process.start(copy.running.release_all(None, None, actor="beheerder"))
                await asyncio.wait([letting], timeout=CALL_SECONDS)
            await asyncio.sleep(1)

    def _dead_letters(self, service: Service) -> list[dict[str, Any]]:
        return [row for row in self.rows(service, "geparkeerd").values() if row["soort"] == ParkedKind.DEAD_LETTER]

    # callers

    async def submit(self, service: Service, incoming: Incoming) -> None:
        """A caller asks one copy or another, under the same key, until it has an answer."""
        submission = Submission(service, incoming)
        self.submissions.append(submission)
        await self._call(submission)

    async def ask_again(self, submission: Submission) -> None:
        """A caller that did not hear the answer, or does not trust it."""
        await self._call(submission)

    async def _call(self, submission: Submission) -> None:
        while True:
            copies = [copy for copy in self.copies.values() if copy.service is submission.service]
            copy = self.random.choice(copies)
            if copy.process.life is not Life.DEAD and hasattr(copy.running, "hub"):
                asked = copy.process.start(copy.running.hub.submit(submission.incoming))
                await asyncio.wait([asked], timeout=CALL_SECONDS)
                if asked.done() and not asked.cancelled() and asked.exception() is None:
                    reply = asked.result()
                    if isinstance(reply, Done) or reply.status != 503:
                        submission.replies.append(reply)
                        return
            await asyncio.sleep(self.random.uniform(0.1, 2.0))

    # the world outside

    async def _perform(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """What arrives there counts, whether we hear the answer or not."""
        del casus_id, sealer
        mine = current()
        assert mine is not None
        others = self.under_way.setdefault(request.id, [])
        if self.weather.leaves_leases and any(other.life is not Life.DEAD for other in others):
            self.wrong.append(f"two attempts at once of {request.kind}")
        others.append(mine)
        self.weather.at_attempt(self, mine)
        try:
            answer = self.weather.answer()
            await asyncio.sleep(answer.seconds)
            if answer.lost == "before":
                return Attempt(Result.TEMPORARY, "niet bereikbaar")
            self.received[request.id] += 1
            await asyncio.sleep(answer.seconds)
            if answer.lost == "after":
                return Attempt(Result.TEMPORARY, "geen antwoord")
            return Attempt(Result.DONE, "aangenomen", status=202)
        finally:
            others.remove(mine)

    def waits_outside(self) -> bool:
        """Whether somebody who lives still waits for an answer from outside."""
        return any(process.life is not Life.DEAD for waiting in self.under_way.values() for process in waiting)

    # what is watched while it runs

    def _watched(self, service: Service, handle: Any) -> Any:
        """Fails now and then, as a mistake in a release does; and sees what a case that is held lets pass."""

        def watched(state: Any, incoming: Incoming, context: Any) -> Any:
            if incoming.record is not None:
                letters = [row for row in self._dead_letters(service) if row["casus_id"] == incoming.casus_id]
                fresh = incoming.key not in self.rows(service, "geparkeerd")
                if letters and fresh and not isinstance(incoming.payload, _ABOUT_HOLDING):
                    self._passing.add((service, incoming.key))
                else:
                    self._passing.discard((service, incoming.key))
                identity = decoded(incoming.record.raw)
                self.taken.setdefault((service, f"{identity.source} {identity.id}"), set()).add(incoming.key)
                if self.weather.poisons():
                    raise ZeroDivisionError
            elif isinstance(incoming.payload, TimerDue) and incoming.payload.due_at > self.klok.now():
                self.wrong.append(f"a timer of {service.value} fires early")
            return handle(state, incoming, context)

        return watched

    def _watch_commit(self, transaction: Transaction) -> None:
        """Who lost its connection, and the lock of the case with it, may still work out what it can never commit."""
        for service, key in self._passing:
            if key in transaction.changes.get(self.database.table(service.value, "inbox"), ()):
                self.wrong.append(f"{service.value} passes an event by the dead letter of its case")

    def _look_at_relays(self) -> None:
        self._note_relays()
        self.loop.call_later(0.5, self._look_at_relays)

    def _note_relays(self) -> None:
        for service in self.definitions:
            row = self.database.table(service.value, "houder").rows.get("relay")
            if row is not None and self._relays.get(service.value, (0, "", 0.0))[0] != row["epoch"]:
                self._relays[service.value] = (row["epoch"], row["van"], self.loop.time())

    def _watch_relay(self, process: Process | None, raw: bytes) -> None:
        """Who was overtaken as relay sends nothing any more, but for what it had under way; and nothing is slept over."""
        written_at = self.database.written.pop(raw, None)
        if written_at is not None and written_at > self.weather.calm_since + 30.0:
            if self.loop.time() - written_at > 1.0:
                self.wrong.append("an event lay in the outbox for a second though nothing was wrong")
        if process is None or process.name not in self.copies:
            return
        self._note_relays()
        copy = self.copies[process.name]
        _, holder, since = self._relays.get(copy.service.value, (0, "nobody", 0.0))
        moment = self.loop.time()
        if holder != copy.name and moment - since > 12.0 and moment - copy.thawed_at > 12.0:
            self.wrong.append(f"{copy.name} publishes while {holder} is the relay")

    # what can be seen, in the words of the world in memory

    @property
    def topics(self) -> dict[str, list[bytes]]:
        return self.broker.topics()

    def state(self, service: Service, casus_id: CasusId) -> Any:
        row = self.database.table(service.value, "aggregaat").rows.get(casus_id)
        return None if row is None else adapter_of(self.definitions[service].state).validate_json(row["toestand"])

    def view(self, service: Service, table: str) -> list[dict[str, Any]]:
        return list(self.database.table(service.value, f"view:{table}").rows.values())

    def rows(self, service: Service, table: str) -> dict[Any, dict[str, Any]]:
        return self.database.table(service.value, table).rows

    def events(self, *kinds: type[Gebeurtenis], casus_id: CasusId | None = None) -> list[CloudEvent[Any]]:
        names = [TOPIC_OF[kind].name for kind in kinds] or list(self.topics)
        topics = self.topics
        soorten = {kind.soort.encode() for kind in kinds}
        found: list[CloudEvent[Any]] = []
        for name in dict.fromkeys(names):
            for raw in topics.get(name, []):
                if not kinds or any(soort in raw for soort in soorten):
                    event = decoded(raw)
                    if (not kinds or isinstance(event.data, kinds)) and casus_id in (None, event.casus_id):
                        found.append(event)
        return found

    def unrest(self) -> list[str]:
        """What still has to happen."""
        found: list[str] = []
        now = self.klok.now()
        for service in self.definitions:
            found += [f"{service.value} has not sent"] * bool(self.rows(service, "te_verzenden"))
            found += [f"{service.value} has a timer due"] * any(
                row["due_at"] <= now for row in self.rows(service, "timer").values()
            )
            found += [f"{service.value} has a request due"] * any(row["due_at"] <= now for row in self._heads(service))
            found += [f"{service.value} has something aside"] * bool(self.rows(service, "geparkeerd"))
            offsets = self.broker.group(group_of(service)).offsets
            for topic in TOPICS:
                if service in topic.listeners:
                    for part in self.broker.parts_of([topic.name]):
                        found += [f"{service.value} lags"] * (offsets.get(part, 0) < len(self.broker.log(part)))
        found += ["a caller has no answer"] * any(not submission.replies for submission in self.submissions)
        return found

    def _heads(self, service: Service) -> list[dict[str, Any]]:
        """The requests that may go now or later; those behind them wait."""
        first: dict[tuple[UUID, str], dict[str, Any]] = {}
        for row in sorted(self.database.table(service.value, "opdracht").open.values(), key=lambda row: row["nummer"]):
            first.setdefault((row["casus_id"], row["bestemming"]), row)
        return list(first.values())


DECODED: dict[bytes, CloudEvent[Any]] = {}


def decoded(raw: bytes) -> CloudEvent[Any]:
    event = DECODED.get(raw)
    if event is None:
        event = DECODED[raw] = decode(raw, CATALOGUE)
    return event


KINDS: Mapping[Service, tuple[str, ...]] = {
    Service.TRIAGE: (),
    Service.HANDOVER: ("aflevering-rest", "intrekking-rest"),
    Service.MONITORING: (),
    Service.NOTIFIER: ("e-mail", "teams"),
}
RELEASES: dict[Process, frozenset[str]] = {}


class ByRelease(dict[str, Any]):
    """A catalogue as the release of whoever looks has it."""

    def _hidden(self, key: object) -> bool:
        process = current()
        return process is not None and key in RELEASES.get(process, ())

    def get(self, key: Any, default: Any = None) -> Any:
        return default if self._hidden(key) else super().get(key, default)

    def __iter__(self) -> Iterator[str]:
        """What is another version of something known, and not something new: to who judges."""
        process = current()
        judges = process is not None and process.name.startswith(Service.MONITORING.value)
        return iter([key for key in super().__iter__() if judges or not self._hidden(key)])

    def __contains__(self, key: object) -> bool:
        return not self._hidden(key) and super().__contains__(key)


def _bind(service: Service) -> Bind:
    return lambda broker, take, reading: bind_batches(broker, service, take, reading)


def _no_api(hub: object) -> Any:
    raise AssertionError(f"nobody calls {hub}")


@contextmanager
def replaced(where: Any, name: str, what: Any) -> Iterator[None]:
    before = getattr(where, name)
    setattr(where, name, what)
    try:
        yield
    finally:
        setattr(where, name, before)


@contextmanager
def stage(loop: SimLoop, random: Random) -> Iterator[None]:
    """The clients of PostgreSQL and Kafka are those of the simulation, and chance is that of the seed."""

    async def connect(url: str) -> Any:
        del url
        process = current()
        assert process is not None
        return await HUB[loop].database.connect(process, process.name.partition("-")[0])

    with ExitStack() as stack:
        for where, name, what in (
            (signals, "connect", connect),
            (publishing, "AIOKafkaProducer", kafka.Producer),
            (watermark, "AIOKafkaConsumer", kafka.Consumer),
            (consumption, "AIOKafkaAdminClient", kafka.Admin),
            (aiokafka, "AIOKafkaConsumer", kafka.Consumer),
            (ids, "os", SimpleNamespace(urandom=random.randbytes)),
            (intake, "CATALOGUE", ByRelease(CATALOGUE)),
            (intake, "_CATALOGUES", {topic.name: ByRelease(topic.catalogue) for topic in TOPICS}),
            (releasing, "CATALOGUE", ByRelease(CATALOGUE)),
        ):
            stack.enter_context(replaced(where, name, what))
        yield


HUB: dict[SimLoop, Hub] = {}
"""The hub that runs on a loop."""
