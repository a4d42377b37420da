"""Faults on purpose: a world in which everything that may go wrong between two statements goes wrong, by a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service, topics_for
from services.runtime.access.sealing import Sealer
from services.runtime.in_memory import MemoryWorld
from services.runtime.in_memory.store import Moment
from services.runtime.unit.decision import Attempt, Incoming, Performer, Request, Result, ServiceDefinition
from services.runtime.unit.fold import Done, Reply


class Crash(BaseException):
    """The process died here. Not an `Exception`: nothing in it gets a chance to tidy up."""


@dataclass(slots=True)
class Submission:
    """Something a caller wants, until it has an answer; and every answer it got."""

    service: Service
    incoming: Incoming
    replies: list[Reply] = field(default_factory=list)


class Storm:
    """Drives a world in a random order with crashes, repetitions, delays and a gemeente that is often away.

    `weather` is the chance of a fault at each place where one can happen; `calm` turns it to nothing and lets all
    come to rest. `received` counts what the outside world got under each request id.
    """

    def __init__(
        self,
        definitions: Sequence[ServiceDefinition[Any]],
        *,
        start: datetime,
        seed: int,
        performers: Mapping[str, Performer] | None = None,
        weather: float = 0.15,
    ) -> None:
        kinds = {kind for definition in definitions for kind in definition.performers} | set(performers or {})
        self.world = MemoryWorld(
            definitions,
            start=start,
            seed=seed,
            performers=dict.fromkeys(kinds, self._perform),
            dead_letters=True,
            strike=self._strike,
        )
        self.submissions: list[Submission] = []
        self.received: dict[UUID, int] = {}
        self.crashes = 0
        self._random = self.world.random
        self._weather = weather

    async def submit(self, service: Service, incoming: Incoming) -> None:
        """A caller sends this until it has an answer, and now and then once more."""
        submission = Submission(service, incoming)
        self.submissions.append(submission)
        await self._send(submission)

    async def blow(self, steps: int) -> None:
        """Take this many random steps."""
        for _ in range(steps):
            try:
                await self._step()
            except Crash:
                self.crashes += 1

    async def calm(self, *, rest: timedelta) -> None:
        """No more faults: every caller gets its answer, everything arrives, and `rest` passes."""
        self._weather = 0.0
        for submission in self.submissions:
            await self._send(submission)
        await self.world.move(rest)

    async def _step(self) -> None:
        service = self._random.choice(list(self.world.services))
        match self._random.randrange(7):
            case 0 if self.submissions:
                await self._send(self._random.choice(self.submissions[-10:]))
            case 1 | 2:
                self._publish(service)
            case 3 | 4:
                await self._deliver(service)
            case 5 if due := self.world.due_requests(service):
                await self.world.attempt(service, self._random.choice(due))
            case _:
                await self.world.fire(service)
                hours = self._random.choice((0, 0, 0.1, 1, 20))
                self.world.klok.move(timedelta(hours=hours))

    async def _send(self, submission: Submission) -> None:
        try:
            unit_of_work = self.world.services[submission.service].unit_of_work
            submission.replies += await unit_of_work.run([submission.incoming])
        except Crash:
            self.crashes += 1

    def _publish(self, service: Service) -> None:
        """The relay may die between sending and noting that it sent: then it sends the same again."""
        store = self.world.services[service].store
        rows = store.unpublished[: self._random.randint(1, 5)]
        self.world.publish(service, len(rows))
        if self._bad_luck():
            store.unpublished[:0] = rows
            raise Crash

    async def _deliver(self, service: Service) -> None:
        """One topic at a time, so that topics overtake each other; an offset may fall back to what was committed."""
        topics = topics_for(service)
        if not topics:
            return
        topic = self._random.choice(topics).name
        offsets = self.world.services[service].offsets
        if self._bad_luck():
            offsets[topic] = max(0, offsets.get(topic, 0) - self._random.randint(1, 6))
        await self.world.deliver(service, topic, self._random.randint(1, 6))

    async def _perform(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        del casus_id, sealer
        if self._bad_luck() or self._bad_luck():
            return Attempt(Result.TEMPORARY, "niet bereikbaar")
        self.received[request.id] = self.received.get(request.id, 0) + 1
        if self._bad_luck():
            raise Crash
        return Attempt(Result.DONE, "aangenomen", status=202)

    def _strike(self, moment: Moment) -> None:
        del moment
        if self._bad_luck():
            raise Crash

    def _bad_luck(self) -> bool:
        return self._random.random() < self._weather


def answers_of(submission: Submission) -> list[Any]:
    """What a caller was told, each time it was told something."""
    return [reply.answer for reply in submission.replies if isinstance(reply, Done)]
