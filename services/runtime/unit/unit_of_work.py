"""The one way for every message: inbox, cases, fold, writes, in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

import structlog

from contracts.messages.envelope import MalformedMessage, Problem
from contracts.messages.identifiers import CasusId, derived_id
from contracts.register import one_register
from services.runtime.access.sealing import Sealer
from services.runtime.process.clock import Klok
from services.runtime.process.metrics import count_dead_letter
from services.runtime.unit.decision import Incoming, Record, Refused, ServiceDefinition, SetTimer, TimerDue
from services.runtime.unit.fold import Done, Fold, FoldTools, Reply
from services.runtime.unit.frozen import replace
from services.runtime.unit.store import Heard, Known, Sealers, Store, StoreUnavailable, Transaction
from services.runtime.unit.writes import TOLD_KINDS, Case, Writes

S = TypeVar("S")
R = TypeVar("R")
log = structlog.get_logger(__name__)

KEY_REUSED = Problem("Idempotency-Key", "is eerder gebruikt voor een ander verzoek; neem een nieuwe sleutel")

ID_REUSED = Problem("id", "hoort bij een eerder bericht met een andere inhoud; het eerdere geldt")

RETRY_TIMER_AFTER = timedelta(minutes=5)
"""A timer whose handler failed is not lost and does not keep the others waiting: it comes again."""

SHARE = 250
SIDE_BY_SIDE = 3
"""Due cases are taken in shares, a few at a time: while one is folded the database reads and writes for the others."""

Unreadable = tuple[Record, MalformedMessage]
_Told = frozenset[CasusId]
"""Cases that others tell something in this batch, as far as was found out by trying."""


class UnitOfWork(Generic[S]):
    """Runs batches over the store of one service. All of a batch is on disk when a method returns, or nothing is."""

    def __init__(
        self,
        definition: ServiceDefinition[S],
        store: Store[S],
        klok: Klok,
        *,
        new_id: Callable[[], UUID],
        source: str,
    ) -> None:
        self._definition = definition
        self._store = store
        self._klok = klok
        self._new_id = new_id
        self._source = source

    async def run(self, batch: Sequence[Incoming], unreadable: Sequence[Unreadable] = ()) -> list[Reply]:
        """A reply per message, in the order given; what was seen before gets the answer it got then.

        Raises `StoreUnavailable` (try again) or `WritesRefused` (one of these messages cannot be written).
        """
        return await _with_all_locked(lambda told: self._run(batch, unreadable, told))

    async def _run(self, batch: Sequence[Incoming], unreadable: Sequence[Unreadable], told: _Told) -> list[Reply]:
        now = self._klok.now()
        async with self._store.begin() as transaction:
            if told:
                await transaction.load({*told, *(incoming.casus_id for incoming in batch)})
            firsts = _first_of_each(batch)
            known = await transaction.enter(firsts, now)
            fresh = [incoming for incoming in firsts if incoming.key not in known]
            cases = await transaction.load({incoming.casus_id for incoming in fresh})
            seals = _Seals(await transaction.sealers(cases.keys()))
            fold = Fold(self._definition, cases, self._tools(seals))
            for record, error in (*unreadable, *_changed(batch, known)):
                fold.park_unreadable(record, error)
            replies = dict(zip((incoming.key for incoming in fresh), fold.run(fresh), strict=True))
            await self._forward(transaction, fold, seals, told)
            await transaction.write(fold.writes, now)
        self._count_dead_letters(fold.writes)
        return _in_order(batch, known, replies)

    async def release(self, key: UUID, *, drop_because: str | None = None, actor: str = "houvast") -> Reply | None:
        """Handle a dead letter again, or leave it aside for good; then what waited behind it. None: there is none.

        A letter that fails again stays where it is, with its new reason.
        """
        return await _with_all_locked(lambda told: self._release_one(key, drop_because, actor, told))

    async def _release_one(self, key: UUID, drop_because: str | None, actor: str, told: _Told) -> Reply | None:
        now = self._klok.now()
        async with self._store.begin() as transaction:
            found = await transaction.parked(key)
            if found is None:
                return None
            casus_id = found.casus_id or CasusId(found.key)
            if told:
                await transaction.load({*told, casus_id})
            cases = await transaction.load([casus_id])
            waiting = cases[casus_id].waiting
            parked = next((item for item in waiting if item.key == key), found)
            if parked not in waiting:
                waiting.append(parked)
            seals = _Seals(await transaction.sealers(cases.keys()))
            fold = Fold(self._definition, cases, self._tools(seals))
            reply: Reply = Done(None)
            if drop_because is None:
                reply = fold.release(parked)
            else:
                fold.drop(parked, drop_because, actor)
            await self._forward(transaction, fold, seals, told)
            await transaction.write(fold.writes, now)
        return reply

    async def run_due(self, limit: int) -> int:
        """Fold up to `limit` due timers, the longest due first; returns how many. Cases busy elsewhere are left."""
        now = self._klok.now()
        heard = await self._store.heard(self._definition.must_hear) if self._definition.must_hear else None
        due_cases = await self._store.due_cases(now, limit, heard)
        shares = [due_cases[first : first + SHARE] for first in range(0, len(due_cases), SHARE)]
        left = iter(shares)
        hands = [self._fire_shares(left, now, heard) for _ in shares[:SIDE_BY_SIDE]]
        fired = await asyncio.gather(*hands, return_exceptions=True)
        for failed in fired:
            if isinstance(failed, BaseException):
                raise failed
        return sum(number for number in fired if isinstance(number, int))

    async def _fire_shares(self, left: Iterator[Sequence[CasusId]], now: datetime, heard: Heard | None) -> int:
        fired = 0
        for share in left:
            fired += await self._fire_share(share, now, heard)
        return fired

    async def _fire_share(self, casus_ids: Sequence[CasusId], now: datetime, heard: Heard | None) -> int:
        try:
            return await self._fire(casus_ids, now, heard)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("timers_refused", aantal=len(casus_ids), fout=type(error).__name__)
            return sum([await self._fire_apart(casus_id, now, heard) for casus_id in casus_ids])

    async def _fire(self, casus_ids: Sequence[CasusId], now: datetime, heard: Heard | None) -> int:
        """What was heard was asked before the cases were locked, so all of it is in them."""
        return await _with_all_locked(lambda told: self._fire_once(casus_ids, now, heard, told))

    async def _fire_once(self, casus_ids: Sequence[CasusId], now: datetime, heard: Heard | None, told: _Told) -> int:
        async with self._store.begin() as transaction:
            if told:
                await transaction.load({*told, *casus_ids})
            cases = await transaction.load(casus_ids, skip_locked=True)
            due = await transaction.take_due(list(cases), now, heard)
            writes = await self._fold_due(transaction, cases, due, None if heard is None else heard.until, told)
        self._count_dead_letters(writes)
        return len(due)

    async def _fire_apart(self, casus_id: CasusId, now: datetime, heard: Heard | None) -> int:
        """One case of a batch that failed. What fails by itself too is put off, so that it holds up no other."""
        try:
            return await self._fire([casus_id], now, heard)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("timer_failed", casus_id=str(casus_id), fout=type(error).__name__)
        async with self._store.begin() as transaction:
            cases = await transaction.load([casus_id], skip_locked=True)
            due = await transaction.take_due(list(cases), now, heard)
            writes: Writes[S] = Writes()
            for _, timer in due:
                writes.timers[(casus_id, timer.name)] = SetTimer(timer.name, now + RETRY_TIMER_AFTER, timer.data)
            await transaction.write(writes, now)
        return len(due)

    async def _fold_due(
        self,
        transaction: Transaction[S],
        cases: dict[CasusId, Case[S]],
        due: list[tuple[CasusId, TimerDue]],
        heard_until: datetime | None,
        told: _Told,
    ) -> Writes[S]:
        seals = _Seals(await transaction.sealers({casus_id for casus_id, _ in due}))
        fold = Fold(self._definition, cases, self._tools(seals, heard_until))
        batch = [
            Incoming(
                key=derived_id("timer", str(casus_id), timer.name, timer.due_at.isoformat()),
                casus_id=casus_id,
                payload=timer,
            )
            for casus_id, timer in due
        ]
        for incoming, (_, timer), reply in zip(batch, due, fold.run(batch), strict=True):
            if isinstance(reply, Refused):
                log.error("timer_failed", casus_id=str(incoming.casus_id), timer=timer.name)
                later = self._klok.now() + RETRY_TIMER_AFTER
                fold.writes.timers[(incoming.casus_id, timer.name)] = SetTimer(timer.name, later, timer.data)
        await self._forward(transaction, fold, seals, told)
        await transaction.write(fold.writes, self._klok.now())
        return fold.writes

    def _count_dead_letters(self, writes: Writes[S]) -> None:
        """Once they are on disk: what was tried again counts once."""
        for parked in writes.parked:
            if parked.kind in TOLD_KINDS:
                count_dead_letter(self._definition.service.value, parked.record.topic)

    async def _forward(self, transaction: Transaction[S], fold: Fold[S], seals: "_Seals", told: _Told) -> None:
        """Let cases tell other cases what follows for them, until nobody has anything to tell.

        Raises `CasesBusy` rather than wait for a case while others are held: two households would wait for each other.
        """
        while forwards := fold.take_forwards():
            wanted = fold.unknown_cases(forwards)
            cases = await transaction.load(wanted & told)
            cases |= await transaction.load(wanted - told, skip_locked=True)
            if busy := wanted - cases.keys():
                raise CasesBusy(frozenset(busy))
            if cases:
                seals.add(cases, await transaction.sealers(cases.keys()))
                fold.admit(cases)
            for reply in fold.run(forwards):
                if not isinstance(reply, Done):
                    raise NotForwarded("a case did not take what another case told it")
        fold.writes.new_keys = seals.new_keys

    def _tools(self, seals: "_Seals", heard_until: datetime | None = None) -> FoldTools:
        """The moment is read only now that the transaction has its number: see `kafka/watermark.py`."""
        return FoldTools(self._klok.now(), self._new_id, seals.for_case, self._source, heard_until)


class CasesBusy(StoreUnavailable):
    """Cases that are told something are at work elsewhere, or not born yet: begin anew with these locked as well."""

    def __init__(self, casus_ids: frozenset[CasusId]) -> None:
        super().__init__(f"{len(casus_ids)} cases at work elsewhere")
        self.casus_ids = casus_ids


async def _with_all_locked(attempt: Callable[[_Told], Awaitable[R]]) -> R:
    """Every attempt knows more of the cases that are told something, and locks all of them at once, in their order.

    Within one attempt the register stays what it was.
    """
    told: _Told = frozenset()
    while True:
        try:
            with one_register():
                return await attempt(told)
        except CasesBusy as busy:
            told |= busy.casus_ids


class NotForwarded(RuntimeError):
    """A case refused what another case told it: a broken promise of this service, and nothing is written."""


class _Seals:
    """The seals of a transaction, also of the cases that came in later."""

    def __init__(self, first: Sealers) -> None:
        self._first = first
        self._later: dict[CasusId, Sealers] = {}
        self._all = [first]

    def add(self, casus_ids: Iterable[CasusId], sealers: Sealers) -> None:
        self._later |= dict.fromkeys(casus_ids, sealers)
        self._all.append(sealers)

    def for_case(self, casus_id: CasusId) -> Sealer:
        return self._later.get(casus_id, self._first).for_case(casus_id)

    @property
    def new_keys(self) -> dict[CasusId, bytes]:
        return {casus_id: key for sealers in self._all for casus_id, key in sealers.new_keys.items()}


def _first_of_each(batch: Sequence[Incoming]) -> list[Incoming]:
    firsts: dict[UUID, Incoming] = {}
    for incoming in batch:
        firsts.setdefault(incoming.key, incoming)
    return list(firsts.values())


def _in_order(batch: Sequence[Incoming], known: dict[UUID, Known], replies: dict[UUID, Reply]) -> list[Reply]:
    answered: list[Reply] = []
    first: dict[UUID, str | None] = {}
    for incoming in batch:
        if incoming.key in known:
            answered.append(_replay(incoming, known[incoming.key].fingerprint, Done(known[incoming.key].answer)))
        elif incoming.key in first:
            answered.append(_replay(incoming, first[incoming.key], replies[incoming.key]))
        else:
            first[incoming.key] = incoming.fingerprint
            answered.append(replies[incoming.key])
    return answered


def _changed(batch: Sequence[Incoming], known: Mapping[UUID, Known]) -> list[Unreadable]:
    """Records that have the id of an earlier one and say something else: nobody can know which of the two is meant."""
    first = {key: item.fingerprint for key, item in known.items()}
    changed: list[Unreadable] = []
    for incoming in batch:
        before = first.setdefault(incoming.key, incoming.fingerprint)
        if incoming.record is not None and _differs(incoming, before):
            log.error("event_id_reused", casus_id=str(incoming.casus_id), topic=incoming.record.topic)
            changed.append((incoming.record, MalformedMessage((ID_REUSED,), casus_id=incoming.casus_id)))
    return changed


def _differs(incoming: Incoming, fingerprint: str | None) -> bool:
    """Of a record that another release took, or could not read, nothing is known to compare."""
    if incoming.record is not None and None in (fingerprint, incoming.fingerprint):
        return False
    return incoming.fingerprint != fingerprint


def _replay(incoming: Incoming, fingerprint: str | None, reply: Reply) -> Reply:
    if _differs(incoming, fingerprint):
        return Refused(422, "Idempotentiesleutel hergebruikt", (KEY_REUSED,), code="idempotentiesleutel-hergebruikt")
    return replace(reply, replayed=True) if isinstance(reply, Done) else reply
