"""The desk of a service: whatever arrives while a transaction runs goes together into the next one."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import stamina
import structlog

from contracts.messages.envelope import MalformedMessage, Problem, UnknownEvent
from contracts.messages.identifiers import CasusId, derived_id
from services.runtime.database.connection import Pool
from services.runtime.process.clock import Klok
from services.runtime.process.metrics import count_outcome, observe_batch
from services.runtime.process.tracing import current_traceparent
from services.runtime.unit.dead_letters import dead_letter
from services.runtime.unit.decision import Incoming, Record, Refused, ServiceDefinition
from services.runtime.unit.fold import UNEXPECTED, Done, Reply, SetAside
from services.runtime.unit.frozen import replace
from services.runtime.unit.intake import read_record, soort_of
from services.runtime.unit.lookups import Lookup
from services.runtime.unit.store import StoreUnavailable, WritesRefused
from services.runtime.unit.unit_of_work import UnitOfWork, Unreadable

S = TypeVar("S")
log = structlog.get_logger(__name__)

MAX_BATCH = 500
"""Messages in one transaction: past this the gain is gone and a failing batch costs more."""

_FIND = """
select w.soort, w.sleutel, v.casus_id from unnest($1::text[], $2::text[]) as w(soort, sleutel) cross join lateral
    (select casus_id from verwijzing v where v.soort = w.soort and v.sleutel = w.sleutel offset 0) as v
order by v.casus_id
"""
"""`offset 0`: looked up key by key, whatever the statistics say of a table that has just filled."""

STORE_AWAY = "opslag-onbereikbaar"
BUSY = Problem("$", "de opslag is even niet bereikbaar; er is niets vastgelegd, probeer het zo weer")


@dataclass(slots=True)
class _Errand:
    """Something somebody waits for: messages, records that could not be read, and the promise of replies."""

    batch: Sequence[Incoming]
    unreadable: Sequence[Unreadable] = ()
    reply: asyncio.Future[list[Reply]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Hub(Generic[S]):
    """Takes messages for one service and runs them through its unit of work, `writers` transactions at a time."""

    def __init__(
        self,
        definition: ServiceDefinition[S],
        unit_of_work: UnitOfWork[S],
        klok: Klok,
        pool: Pool,
        *,
        new_id: Any,
        writers: int = 2,
    ) -> None:
        self.definition = definition
        self.klok = klok
        self.pool = pool
        self.new_id = new_id
        self._unit_of_work = unit_of_work
        self._writers = writers
        self._passes_over = frozenset(event.soort for event in definition.passes_over)
        self._waiting: asyncio.Queue[_Errand] = asyncio.Queue()
        self._references = Lookup(self._load_references)

    async def submit(self, incoming: Incoming) -> Done | Refused:
        """Do this one thing for a caller who waits.

        The effect is on disk when this returns. A store that cannot be reached is a `Refused` with status 503.
        """
        if incoming.traceparent is None:
            incoming = replace(incoming, traceparent=current_traceparent.get())
        try:
            (reply,) = await self._errand(_Errand([incoming]))
        except StoreUnavailable:
            return Refused(503, "Even niet bereikbaar", (BUSY,), code=STORE_AWAY)
        if isinstance(reply, SetAside):
            return Refused(409, "Terzijde gelegd", (Problem("$", reply.reason),), code="terzijde-gelegd")
        return reply

    async def take(self, records: Sequence[Record]) -> None:
        """Take records off the road. Returns when all of them are on disk, however long the store stays away."""
        readable: list[Incoming] = []
        unreadable: list[Unreadable] = []
        for record in records:
            if self._passes_over and soort_of(record) in self._passes_over:
                continue
            try:
                readable.append(read_record(record))
            except MalformedMessage as error:
                log.error(  # noqa: TRY400  where it was read tells nothing
                    "record_unreadable", topic=record.topic, partition=record.partition, offset=record.offset
                )
                if error.casus_id is None:
                    unreadable.append((record, error))
                else:
                    readable.append(unreadable_in_case(record, error, error.casus_id))
        if not readable and not unreadable:
            return
        async for attempt in stamina.retry_context(on=StoreUnavailable, attempts=None, timeout=None, wait_max=10):
            with attempt:
                await self._errand(_Errand(readable, unreadable))

    async def find(self, kind: str, key: str) -> tuple[CasusId, ...]:
        """The cases that a reference leads to, oldest id first."""
        return tuple(await self._references.get((kind, key)) or ())

    async def _load_references(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[CasusId]]:
        rows = await self.pool.fetch(
            _FIND,
            [kind for kind, _ in wanted],
            [key for _, key in wanted],
        )
        found: dict[tuple[str, str], list[CasusId]] = {}
        for row in rows:
            found.setdefault((row["soort"], row["sleutel"]), []).append(CasusId(row["casus_id"]))
        return found

    async def _errand(self, errand: _Errand) -> list[Reply]:
        self._waiting.put_nowait(errand)
        return await errand.reply

    async def run(self) -> None:
        """Serve until cancelled; what was taken is finished first, and who still waits is told to come back."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._writers):
                    group.create_task(self._serve())
        finally:
            while not self._waiting.empty():
                _fail(self._waiting.get_nowait(), StoreUnavailable("gestopt"))

    async def _serve(self) -> None:
        while True:
            errands = [await self._waiting.get()]
            size = len(errands[0].batch)
            while size < MAX_BATCH and not self._waiting.empty():
                errands.append(self._waiting.get_nowait())
                size += len(errands[-1].batch)
            settling = asyncio.ensure_future(self._settle(errands))
            try:
                await asyncio.shield(settling)
            except asyncio.CancelledError:
                await asyncio.wait([settling])
                raise
            finally:
                for errand in errands:
                    _fail(errand, StoreUnavailable("afgebroken"))

    async def _settle(self, errands: list[_Errand]) -> None:
        """Run these together; when the store refuses or gives way, each apart; and then each message apart."""
        batch = [incoming for errand in errands for incoming in errand.batch]
        unreadable = [item for errand in errands for item in errand.unreadable]
        try:
            replies = await self._run(batch, unreadable)
        except Exception as error:  # noqa: BLE001  whatever it is, it is looked at apart, and logged there
            if len(errands) > 1:
                for errand in errands:
                    await self._settle([errand])
            else:
                await self._settle_alone(errands[0], error)
        else:
            start = 0
            for errand in errands:
                _resolve(errand, replies[start : start + len(errand.batch)])
                start += len(errand.batch)

    async def _run(self, batch: Sequence[Incoming], unreadable: Sequence[Unreadable] = ()) -> list[Reply]:
        """The unit of work, tried again a few times when it had to give way to another."""
        async for attempt in stamina.retry_context(
            on=StoreUnavailable, attempts=4, wait_initial=0.01, wait_max=0.2, wait_jitter=0.05
        ):
            with attempt:
                started = time.perf_counter()
                replies = await self._unit_of_work.run(batch, unreadable)
                self._measure(batch, replies, time.perf_counter() - started)
                return replies
        raise AssertionError  # pragma: no cover  the last attempt raises

    def _measure(self, batch: Sequence[Incoming], replies: Sequence[Reply], seconds: float) -> None:
        service = self.definition.service.value
        source = "kafka" if any(incoming.record for incoming in batch) else "http"
        observe_batch(service, source, size=len(batch), seconds=seconds)
        for outcome, number in Counter(map(_outcome, replies)).items():
            count_outcome(service, outcome, number)

    async def _settle_alone(self, errand: _Errand, error: Exception) -> None:
        if isinstance(error, StoreUnavailable):
            _fail(errand, error)
            return
        try:
            if errand.unreadable:
                await self._run([], errand.unreadable)
            _resolve(errand, [await self._alone(incoming) for incoming in errand.batch])
        except Exception as failed:
            if not isinstance(failed, StoreUnavailable):
                log.exception("unit_of_work_failed")
            _fail(errand, failed)

    async def _alone(self, incoming: Incoming) -> Reply:
        """Whatever the cause: what fails by itself, while the store is there, is set aside by itself."""
        try:
            (reply,) = await self._run([incoming])
        except StoreUnavailable:
            raise
        except WritesRefused as error:
            return await self._set_aside(incoming, str(error))
        except Exception as error:
            log.exception("unit_of_work_failed")
            return await self._set_aside(incoming, type(error).__name__)
        return reply

    async def _set_aside(self, incoming: Incoming, reason: str) -> Reply:
        """A message whose consequences the store refuses: the record is parked, a caller is told."""
        log.error("writes_refused", casus_id=str(incoming.casus_id), soort=type(incoming.payload).__name__)
        if incoming.record is None:
            return Refused(500, "Er ging bij ons iets mis", (UNEXPECTED,), code="fout-bij-houvast")
        unwritable = MalformedMessage((Problem("$", reason),), casus_id=incoming.casus_id)
        (reply,) = await self._run([replace(incoming, payload=unwritable)])
        return reply


def unreadable_in_case(record: Record, error: MalformedMessage, casus_id: CasusId) -> Incoming:
    """A record that tells its case and nothing more; it takes its place among the others.

    What another release can read is recognised when it comes again, like any event; the rest is a dead letter.
    """
    if isinstance(error, UnknownEvent):
        return Incoming(derived_id(error.source, error.identifier), casus_id, error, record=record)
    return Incoming(dead_letter(record, str(error), casus_id).key, casus_id, error, record=record)


def _resolve(errand: _Errand, replies: list[Reply]) -> None:
    if not errand.reply.done():
        errand.reply.set_result(replies)


def _fail(errand: _Errand, error: Exception) -> None:
    if not errand.reply.done():
        errand.reply.set_exception(error)


def _outcome(reply: Reply) -> str:
    match reply:
        case Done(replayed=True):
            return "repeated"
        case Done():
            return "decided"
        case Refused():
            return "refused"
        case SetAside():
            return "set-aside"
