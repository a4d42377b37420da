"""Doing requests in the outside world, after the transaction that asked for them, until their handler is satisfied."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import NoReturn, TypeVar
from uuid import UUID

import orjson
import structlog
from pydantic import BaseModel

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.verzegeld import Verzegeld
from contracts.register import one_register
from services.runtime.access.case_keys import load_keys
from services.runtime.access.sealing import CaseShredded, MasterKey, SealerBatch
from services.runtime.database.connection import Row
from services.runtime.database.faults import fault_of
from services.runtime.database.signals import Signals, wait_for
from services.runtime.process.metrics import count_attempt
from services.runtime.process.tracing import continue_trace, current_traceparent
from services.runtime.unit.decision import Attempt, Incoming, Refused, Request, RequestAttempted, Result
from services.runtime.unit.destinations import Tempo, bring_forward, others_passed, set_tempos
from services.runtime.unit.fold import Done
from services.runtime.unit.frozen import replace
from services.runtime.unit.hub import STORE_AWAY, Hub

S = TypeVar("S")
M = TypeVar("M", bound=BaseModel)
log = structlog.get_logger(__name__)

MAX_AT_ONCE = 256
MAX_PER_DESTINATION = 8
"""For a destination whose tempo nobody laid down."""
AFTER_A_FAILURE = 2
"""Under way at a time to a destination whose last answer failed: one that hangs takes no more places than that."""
LEASE_SECONDS = 12.0
"""Real seconds, renewed while an attempt lasts. After a crash or a freeze another copy attempts the request again, under
the same id.
"""
RENEW_SECONDS = 3.0
LONGEST_SLEEP = 3.0
"""A lease that runs out wakes nobody: what a copy held that is gone is taken up this long after `LEASE_SECONDS` at most."""
FINISH_SECONDS = 5.0
"""What is under way when the service stops is waited for so long; what is not recorded then is attempted again."""
RECORD_AGAIN_SECONDS = 1.0

_STANDINGS = f"""
with recursive namen(naam) as (
    (select bestemming from opdracht where status = 'open' order by bestemming limit 1)
    union all
    select (select o.bestemming from opdracht o where o.status = 'open' and o.bestemming > n.naam
            order by o.bestemming limit 1)
    from namen n where n.naam is not null
), bezet as (
    select bestemming as naam, count(*)::int as bezig from opdracht
    where status = 'open' and lease_tot is not null and lease_tot > clock_timestamp() group by bestemming
), tegoeden as (
    select naam, tegelijk, per_seconde,
           greatest(1, floor(per_seconde / 10)) as vol,
           0.9 * per_seconde - greatest(1, floor(per_seconde / 10)) + 1 as erbij,
           extract(epoch from clock_timestamp() - tegoed_op)::double precision as sinds, tegoed
    from tempo
), stand as (
    select n.naam, coalesce(z.bezig, 0) as bezig, b.open_tot, coalesce(b.mislukt, 0) as mislukt,
           case when b.open_tot is not null then 1
                when b.mislukt > 0 then least({AFTER_A_FAILURE}, coalesce(t.tegelijk, {MAX_PER_DESTINATION}))
                else coalesce(t.tegelijk, {MAX_PER_DESTINATION}) end - coalesce(z.bezig, 0) as plaatsen,
           case when t.per_seconde is null then null else least(t.vol, t.tegoed + t.erbij * t.sinds) end as tegoed,
           t.erbij
    from namen n
    left join bezet z on z.naam = n.naam
    left join bestemming b on b.naam = n.naam
    left join bestemming p on p.naam = split_part(n.naam, '/', 1)
    left join tegoeden t on t.naam = n.naam
    where n.naam is not null and b.gepauzeerd_op is null and p.gepauzeerd_op is null
)
"""  # noqa: S608  constants
"""Every destination that has work and is not stopped: found by hopping over an index, however much waits for each.

A tempo is kept by credit (`tegoed`): a tenth of a second's worth at once, and what comes back is so much less than the
tempo that no second has more than agreed, also at the receiver, where messages arrive a little closer together.
"""

_HEADS = """
    select o.id, o.due_at, o.nummer from opdracht o
    where o.status = 'open' and o.bestemming = s.naam and (o.lease_tot is null or o.lease_tot < clock_timestamp())
      and o.nummer = (select min(e.nummer) from opdracht e
                      where e.status = 'open' and e.casus_id = o.casus_id and e.bestemming = o.bestemming)
"""
"""What may go first of its case, per destination `s.naam`."""

_CLAIM = f"""
{_STANDINGS}, kandidaat as (
    select k.id, k.due_at, s.bezig + k.plaats as beurt
    from stand s cross join lateral (
        select id, due_at, row_number() over (order by due_at, nummer) as plaats
        from ({_HEADS} and o.due_at <= $1
              order by o.due_at, o.nummer
              limit greatest(0, least(s.plaatsen, floor(coalesce(s.tegoed, 1e6))))::int) as h
    ) as k
    where s.open_tot is null or s.open_tot <= $1
    order by beurt, k.due_at limit $2
), genomen as (
    update opdracht
    set lease_tot = clock_timestamp() + make_interval(secs => $3), lease_van = $4, pogingen = pogingen + 1
    where id in (select id from opdracht where id in (select id from kandidaat) and status = 'open'
                 for update skip locked)
    returning id, casus_id, soort, bestemming, inhoud, due_at, pogingen, traceparent
), betaald as (
    update tempo t set tegoed = s.tegoed - g.aantal, tegoed_op = clock_timestamp()
    from (select bestemming, count(*) as aantal from genomen group by bestemming) g, stand s
    where t.naam = g.bestemming and s.naam = g.bestemming and s.tegoed is not null
)
select g.*, s.mislukt from genomen g join stand s on s.naam = g.bestemming
"""  # noqa: S608  constants
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended(current_schema() || '-opdrachten', 3))"

_CLOSE_FORMER = """
insert into inbox (key, casus_id, op) select k, c, $3 from unnest($1::uuid[], $2::uuid[]) as t(k, c) order by k
on conflict do nothing
"""
_RENEW = """
update opdracht o set lease_tot = clock_timestamp() + make_interval(secs => $3)
from unnest($1::uuid[], $2::int[]) as t(id, poging)
where o.id = t.id and o.pogingen = t.poging and o.lease_tot is not null and o.status = 'open' returning o.id
"""

_NEXT = f"""
{_STANDINGS}, eerste as (
    select greatest(k.due_at, s.open_tot) as op,
           case when coalesce(s.tegoed, 1) >= 1 then 0 else (1 - s.tegoed) / s.erbij end as wacht
    from stand s cross join lateral ({_HEADS} order by o.due_at, o.nummer limit 1) as k
    where s.plaatsen > 0
)
select min(op) filter (where wacht = 0 or op > $1) as op, min(wacht) filter (where wacht > 0 and op <= $1) as wacht
from eerste
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """An attempt in the outside world, until it is recorded."""

    attempt: int
    task: "asyncio.Future[Attempt]"


@dataclass(frozen=True, slots=True)
class _Claimed:
    casus_id: CasusId
    request: Request
    until: float
    """On the clock of this process: the claim may not be begun with after this."""
    failing: bool
    """Whether the destination failed before; then an answer is news."""


class Worker:
    """Claims due requests, performs them side by side, and reports every attempt to the handler.

    Order per case and destination is kept. Each destination has its own tempo and its own breaker, held to by all
    copies of a service together; what waits for one is not even looked at when another has work. Turns are divided by
    destination, so that a long row for one lets a single request for another go first.

    A claim is a lease. The number of the attempt is its fence: whoever claims next closes the attempt before, so that a
    copy that was frozen meanwhile can neither begin nor report it.
    """

    def __init__(self, hub: Hub[S], signals: Signals, master: MasterKey | None, *, instance: str) -> None:
        self._hub = hub
        self._signals = signals
        self._master = master
        self._instance = instance
        self._busy: Counter[str] = Counter()
        self._under_way: dict[UUID, _UnderWay] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._laid: Mapping[str, Tempo] | None = None

    async def run(self) -> None:
        """Until cancelled; attempts under way are finished first, so that what was sent is recorded."""
        await self._lay_tempos()
        await self._release_own_leases()
        renewing = asyncio.create_task(self._keep_leases())
        try:
            while True:
                if renewing.done():
                    renewing.result()
                free = MAX_AT_ONCE - len(self._tasks)
                if await self._claim(free) < free or not free:
                    await wait_for(self._signals.work, seconds=await self._pause())
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=FINISH_SECONDS)
            left = [renewing, *self._tasks]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _keep_leases(self) -> None:
        """Renew what is under way. An attempt whose claim went to another copy is broken off."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            held = dict(self._under_way)
            numbers = [under_way.attempt for under_way in held.values()]
            try:
                rows = await self._hub.pool.fetch(_RENEW, list(held), numbers, LEASE_SECONDS) if held else ()
                await self._lay_tempos()
            except Exception as error:  # the next time may do better, and until then the lease runs
                if fault_of(error) is None:
                    raise
                log.warning("leases_not_renewed", fout=type(error).__name__)
                continue
            for request_id in held.keys() - {row["id"] for row in rows}:
                held[request_id].task.cancel()

    async def _lay_tempos(self) -> None:
        """How fast each destination may be called may change while we run."""
        tempos = self._hub.definition.tempos()
        if tempos != self._laid:
            await set_tempos(self._hub.pool, tempos)
            self._laid = tempos

    async def _release_own_leases(self) -> None:
        """What a former life of this instance had claimed is free again."""
        await self._hub.pool.execute("update opdracht set lease_tot = null where lease_van = $1", self._instance)

    async def _claim(self, free: int) -> int:
        if free <= 0:
            return 0
        until = asyncio.get_running_loop().time() + LEASE_SECONDS
        now = self._hub.klok.now()
        async with self._hub.pool.acquire() as connection, connection.transaction():
            await connection.execute(_ONE_AT_A_TIME)
            rows = await connection.fetch(_CLAIM, now, free, LEASE_SECONDS, self._instance)
            if again := [row for row in rows if row["pogingen"] > 1]:
                keys = [_key_of(row["id"], row["pogingen"] - 1) for row in again]
                await connection.execute(_CLOSE_FORMER, keys, [row["casus_id"] for row in again], now)
        if rows:
            sealers = await self._sealers([row["casus_id"] for row in rows])
            for row in rows:
                self._start(row, sealers, until)
        return len(rows)

    async def _sealers(self, casus_ids: list[CasusId]) -> SealerBatch | None:
        if self._master is None or not self._hub.definition.opens_sealed:
            return None
        async with self._hub.pool.acquire() as connection:
            return SealerBatch(self._master, await load_keys(connection, casus_ids))

    def _start(self, row: Row, sealers: SealerBatch | None, until: float) -> None:
        request = Request(
            id=row["id"],
            kind=row["soort"],
            destination=row["bestemming"],
            content=orjson.loads(row["inhoud"]),
            due_at=row["due_at"],
            attempts=row["pogingen"],
            traceparent=row["traceparent"],
        )
        claimed = _Claimed(CasusId(row["casus_id"]), request, until, failing=row["mislukt"] > 0)
        self._busy[request.destination] += 1
        task = asyncio.create_task(self._attempt(claimed, sealers))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._finished(done, request.destination))

    def _finished(self, task: asyncio.Task[None], destination: str) -> None:
        self._tasks.discard(task)
        self._busy[destination] -= 1
        if not self._busy[destination]:
            del self._busy[destination]
        self._signals.work.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("attempt_crashed", exc_info=error)

    async def _attempt(self, claimed: _Claimed, sealers: SealerBatch | None) -> None:
        request, casus_id = claimed.request, claimed.casus_id
        current_traceparent.set(continue_trace(request.traceparent))  # a task has a context of its own
        if asyncio.get_running_loop().time() >= claimed.until:
            log.warning("claim_lost", casus_id=str(casus_id), soort=request.kind, attempt=request.attempts)
            return
        task = asyncio.ensure_future(self._perform(request, casus_id, sealers))
        self._under_way[request.id] = _UnderWay(request.attempts, task)
        try:
            await asyncio.wait([task])
            if task.cancelled():
                log.warning("claim_lost", casus_id=str(casus_id), soort=request.kind, attempt=request.attempts)
            else:
                await self._report(claimed, task.result())
        finally:
            task.cancel()
            del self._under_way[request.id]

    async def _report(self, claimed: _Claimed, attempt: Attempt) -> None:
        request, casus_id = claimed.request, claimed.casus_id
        if attempt.refused and attempt.via is None and request.attempts > 1:
            attempt = await self._weigh_refusal(attempt, request)
        count_attempt(self._hub.definition.service.value, request.kind, attempt.result.value)
        reply = await self._record(casus_id, request, attempt)
        if not isinstance(reply, Done):
            log.error("attempt_not_recorded", casus_id=str(casus_id), reden=reply.title)
        if claimed.failing and attempt.result is Result.DONE:
            await bring_forward(self._hub.pool, request.destination, now=self._hub.klok.now())

    async def _weigh_refusal(self, attempt: Attempt, request: Request) -> Attempt:
        """Where others of its kind are let in since, it is this one that is refused, and not we."""
        if not await others_passed(self._hub.pool, request.id, request.destination, request.kind):
            return attempt
        detail = f"{attempt.detail}; andere worden daar wel aangenomen"
        return replace(attempt, result=Result.PERMANENT, refused=False, detail=detail)

    async def _record(self, casus_id: CasusId, request: Request, attempt: Attempt) -> Done | Refused:
        """What went out is recorded once, however long the store stays away; the next claim closes it for us."""
        incoming = Incoming(
            key=_key_of(request.id, request.attempts), casus_id=casus_id, payload=RequestAttempted(request, attempt)
        )
        while True:
            reply = await self._hub.submit(incoming)
            if isinstance(reply, Done) or reply.code != STORE_AWAY:
                return reply
            await asyncio.sleep(RECORD_AGAIN_SECONDS)

    async def _perform(self, request: Request, casus_id: CasusId, sealers: SealerBatch | None) -> Attempt:
        started = perf_counter()
        try:
            performer = self._hub.definition.performers[request.kind]
            with one_register():
                attempt = await performer(request, casus_id, sealers.for_case(casus_id) if sealers else NO_SEALER)
        except CaseShredded:
            attempt = Attempt(Result.PERMANENT, "de sleutel van de casus is vernietigd")
        except Exception as error:
            log.exception("performer_failed", casus_id=str(casus_id), soort=request.kind)
            attempt = Attempt(Result.TEMPORARY, f"onverwachte fout bij ons ({type(error).__name__})")
        return replace(attempt, duration_ms=round(1000 * (perf_counter() - started)))

    async def _pause(self) -> float:
        """Real seconds until something can be due; all slots taken means waiting for one to come free."""
        if len(self._tasks) >= MAX_AT_ONCE:
            return LONGEST_SLEEP
        row = await self._hub.pool.fetchrow(_NEXT, self._hub.klok.now())
        return LONGEST_SLEEP if row is None else self._seconds_until(row["op"], row["wacht"])

    def _seconds_until(self, due_at: datetime | None, tempo_seconds: float | None) -> float:
        """`due_at` is on the Clock, the seconds are those of the tempo of a destination."""
        seconds = LONGEST_SLEEP if due_at is None else self._hub.klok.seconds_until(due_at)
        if tempo_seconds is not None:
            seconds = min(seconds, tempo_seconds)
        return min(max(seconds, 0.02), LONGEST_SLEEP)


def _key_of(request_id: UUID, attempt: int) -> UUID:
    """Under which the report of an attempt is entered, once."""
    return derived_id("poging", str(request_id), str(attempt))


class _NoSealer:
    """For services that open nothing: asking it to is a mistake in the service."""

    def seal(self, value: BaseModel) -> NoReturn:
        raise RuntimeError(f"this service has no case keys to seal {type(value).__name__}")

    def open(self, sealed: Verzegeld[M], model: type[M]) -> NoReturn:
        raise RuntimeError(f"this service has no case keys to open {model.__name__} ({sealed!r})")


NO_SEALER = _NoSealer()
