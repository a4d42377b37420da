"""What goes wrong, where and how often, by a seed; and how much of it there was."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import asyncpg

from contracts.messages.topics import Service, topics_for
from tests.simulation import kafka, postgres
from tests.simulation.loop import Life, Process

if TYPE_CHECKING:
    from tests.simulation.hub import Copy, Hub

KINDS = ("mild", "kill", "freeze", "network", "store", "upgrade", "poison", "all")
"""`mild` only delays, reorders and repeats. Each other adds faults of its kind; `all` has all of them at once."""

_CUTS = ("before", "after", "hangs")


@dataclass(frozen=True, slots=True)
class Answer:
    """Of the world outside: after how long, and whether request or answer is lost."""

    seconds: float
    lost: str | None = None


class Weather:
    def __init__(self, seed: int, kind: str) -> None:
        self.random = Random(seed)
        self.kind = kind
        self.strength = self.random.choice((0.3, 1.0, 2.0))
        self.faults: Counter[str] = Counter()
        self.calm = False
        self.calm_since = float("inf")
        self.tasks: list[asyncio.Task[None]] = []

    @property
    def is_mild(self) -> bool:
        return self.kind == "mild"

    @property
    def leaves_leases(self) -> bool:
        """Whether whoever lives and holds a lease can renew it in time."""
        return self.kind in {"mild", "kill", "upgrade", "poison"}

    def has(self, kind: str) -> bool:
        return not self.calm and self.kind in (kind, "all")

    def _strikes(self, chance: float) -> bool:
        return self.random.random() < chance * self.strength

    def _hits(self, chance: float) -> bool:
        """A fault of this chance, once `_strikes(0.05)` said that something may go wrong."""
        return self.random.random() < chance / 0.05

    # at every step

    def statement(self, session: postgres.Session, text: str) -> postgres.Fate:
        """At every statement and every commit."""
        random = self.random
        fate = postgres.Fate(0.0, 0.0006 + 0.0054 * random.random())  # what is done at once is answered after both ways
        if self.calm or session.process is None or not self._strikes(0.05):
            return fate
        if self._hits(0.01):
            fate.there += random.uniform(0.05, 3.0)
            self.faults["statement slow"] += 1
        commits = text == "commit"
        if self.has("network") and self._hits(0.02 if commits else 0.003):
            fate.cut = random.choice(_CUTS)
            self.faults[f"connection to the database {fate.cut}"] += 1
        if self.has("store") and self._hits(0.02 if commits else 0.004):
            fate.error = random.choice(_REFUSALS)("the database says no")
            self.faults[f"statement refused {type(fate.error).__name__}"] += 1
        if self.has("kill") and commits and self._hits(0.005):
            self.faults["killed at a commit"] += 1
            session.process.loop.call_soon(self.kill_at_commit, session.process, context=session.database.server)
        return fate

    def request(self, what: str) -> kafka.Fate:
        """At every request to Kafka."""
        random = self.random
        fate = kafka.Fate(0.0005 + 0.0035 * random.random())
        if self.calm:
            return fate
        if what == "partition" and self._strikes(0.05):
            self.faults["partition late"] += 1
            return kafka.Fate(random.uniform(0.2, 6.0), "late")
        if self._strikes(0.01):
            fate.seconds += random.uniform(0.05, 2.0)
            self.faults["request to Kafka slow"] += 1
        if self.has("network") and what != "partition" and self._strikes(0.01):
            fate.lost = random.choice(("before", "after"))
            self.faults[f"request to Kafka lost {fate.lost}"] += 1
        return fate

    def answer(self) -> Answer:
        random = self.random
        seconds = random.uniform(0.005, 0.05)
        if self.calm:
            return Answer(seconds)
        if self._strikes(0.05):
            seconds = random.uniform(0.5, 9.0)
            self.faults["receiver slow"] += 1
        if self._strikes(0.15):
            self.faults["receiver away"] += 1
            return Answer(seconds, "before")
        if not self.is_mild and self._strikes(0.05):
            self.faults["answer of the receiver lost"] += 1
            return Answer(seconds, "after")
        return Answer(seconds)

    def at_attempt(self, hub: "Hub", process: Process) -> None:
        """The copy may stand still while it does something outside, for longer than it may keep that to itself."""
        if self.has("freeze") and self._strikes(0.02):
            self.faults["copy frozen at an attempt"] += 1
            hub.loop.call_soon(
                hub.freeze, hub.copies[process.name], self.random.choice((13.0, 20.0)), context=hub.database.server
            )

    def late(self) -> tuple[Service | None, float]:
        """Which service starts later than the others, and when."""
        service = self.random.choice((*Service, Service.MONITORING, None, None, None))
        if service in (Service.TRIAGE, None):
            return None, 0.0
        self.faults["service starts late"] += 1
        return service, self.random.uniform(4.0, 18.0)

    def poisons(self) -> bool:
        """Whether the handler of an event fails, which sets it aside and holds its case."""
        if self.has("poison") and self._strikes(0.05):
            self.faults["handler failed"] += 1
            return True
        return False

    # from outside

    async def blow(self, hub: "Hub", seconds: float) -> None:
        """One fault after another, for so long."""
        self.hub = hub
        until = hub.loop.time() + seconds
        while hub.loop.time() < until:
            await asyncio.sleep(self.random.uniform(0.3, 4.0) / self.strength)
            self._strike(hub)

    def kill_at_commit(self, process: Any) -> None:
        copy = self.hub.copies.get(process.name) if hasattr(self, "hub") else None
        if copy is not None and copy.process is process:
            self._kill(self.hub, copy)

    def _strike(self, hub: "Hub") -> None:
        random = self.random
        faults = [self._rewind, self._call_again]
        if self.has("kill"):
            faults += [self._kill_one] * 3
        if self.has("freeze"):
            faults += [self._freeze] * 3
        if self.has("network"):
            faults += [self._cut_off, self._kafka_away, self._partition]
        if self.has("store"):
            faults += [self._database_away]
        if self.has("upgrade"):
            faults += [self._upgrade] * 3
        random.choice(faults)(hub)

    def _one(self, hub: "Hub") -> "Copy | None":
        running = [copy for copy in hub.copies.values() if copy.process.life is Life.RUNNING]
        return self.random.choice(running) if running else None

    def _rewind(self, hub: "Hub") -> None:
        groups = sorted(hub.broker.groups)
        if groups:
            self.faults["offsets fall back"] += 1
            hub.broker.rewind(self.random.choice(groups), 8)

    def _call_again(self, hub: "Hub") -> None:
        answered = [submission for submission in hub.submissions if submission.replies]
        if answered:
            self.faults["call repeated"] += 1
            self.tasks.append(asyncio.ensure_future(hub.ask_again(self.random.choice(answered))))

    def _kill_one(self, hub: "Hub") -> None:
        copy = self._one(hub)
        if copy is not None:
            self.faults["copy killed"] += 1
            self._kill(hub, copy)

    def _kill(self, hub: "Hub", copy: "Copy") -> None:
        hub.kill(copy, host_gone=self.random.random() < 0.3)
        hub.loop.call_later(self.random.choice((0.1, 1.0, 5.0, 20.0)), self._back, hub, copy)

    def _back(self, hub: "Hub", copy: "Copy") -> None:
        if hub.copies[copy.name] is copy:
            hub.start_again(copy, copy.unknown)

    def _freeze(self, hub: "Hub") -> None:
        copy = self._one(hub)
        if copy is not None:
            self.faults["copy frozen"] += 1
            hub.freeze(copy, self.random.choice((0.5, 5.0, 9.0, 13.0, 30.0)))

    def _cut_off(self, hub: "Hub") -> None:
        """A copy that does not reach Kafka any more, though it reaches the database."""
        copy = self._one(hub)
        if copy is not None:
            self.faults["copy cut off from Kafka"] += 1
            hub.broker.cut_off.add(copy.process)
            hub.loop.call_later(self.random.uniform(1, 25), hub.broker.cut_off.discard, copy.process)

    def _partition(self, hub: "Hub") -> None:
        """A copy that loses all its connections to the database at once."""
        copy = self._one(hub)
        if copy is not None:
            self.faults["copy cut off from the database"] += 1
            hub.database.drop(copy.process)

    def _kafka_away(self, hub: "Hub") -> None:
        if not hub.broker.away:
            self.faults["Kafka away"] += 1
            hub.broker.away = True

            def back() -> None:
                hub.broker.away = False
                hub.broker.wake()

            hub.loop.call_later(self.random.uniform(1, 20), back)

    def _database_away(self, hub: "Hub") -> None:
        if not hub.database.away:
            self.faults["database away"] += 1
            hub.database.stop()
            hub.loop.call_later(self.random.uniform(0.5, 8), hub.database.come_back)

    def _upgrade(self, hub: "Hub") -> None:
        """A copy of an older release, or of the new one, takes the place of another."""
        copy = self._one(hub)
        if copy is not None:
            self.faults["copy of another release"] += 1
            hub.kill(copy)
            unknown = frozenset() if copy.unknown else unknown_to(copy.service.value, self.random)
            hub.start_again(copy, unknown)

    async def settle(self, hub: "Hub") -> None:
        """No more faults. Whoever is gone comes back, as the release that knows everything."""
        self.calm, self.calm_since = True, hub.loop.time()
        hub.broker.away = False
        hub.database.come_back()
        hub.broker.cut_off.clear()
        hub.broker.wake()
        for copy in list(hub.copies.values()):
            if copy.process.life is Life.FROZEN:
                copy.thawed_at = hub.loop.time()
                copy.process.thaw()
            if copy.process.life is Life.DEAD or copy.unknown:
                hub.kill(copy)
                hub.start_again(copy)
        await hub.let_go_on()
        await asyncio.gather(*self.tasks)


_REFUSALS: tuple[type[Exception], ...] = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.DiskFullError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.TooManyConnectionsError,
)


def unknown_to(service: str, random: Random) -> frozenset[str]:
    """Events that an older release of this service does not know."""
    heard = [
        event.soort
        for topic in topics_for(Service(service))
        for event in topic.events
        if topic.name != "houvast.dlq.v1"
    ]
    return frozenset(random.sample(heard, min(2, len(heard))))
