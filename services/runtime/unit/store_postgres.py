"""The memory of a service in PostgreSQL: one statement per table, whatever the size of the batch."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg
import orjson
import structlog
from pydantic import TypeAdapter

from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from services.runtime.access.case_keys import KeyExists, insert_keys, load_keys
from services.runtime.access.sealing import MasterKey, SealerBatch
from services.runtime.database.connection import Pool, Row, Session
from services.runtime.database.faults import AWAY, Fault, Trouble, fault_of, sqlstate_of
from services.runtime.unit.decision import Incoming, JsonObject, Record, Result, ServiceDefinition, TimerDue
from services.runtime.unit.destinations import Breaker, Ending, note_endings
from services.runtime.unit.heard import read_heard
from services.runtime.unit.recent import Recent
from services.runtime.unit.store import Heard, Known, Sealers, StoreUnavailable, WritesRefused, adapter_of
from services.runtime.unit.store_writes import write_statement
from services.runtime.unit.writes import UNHEARD_KINDS, AttemptRow, Case, Parked, ParkedKind, Writes

log = structlog.get_logger(__name__)
S = TypeVar("S")

_AS_NUMBER = attrgetter("int")
"""Orders UUIDs as PostgreSQL does, at a third of the cost of comparing them."""

_RACED_TABLES = frozenset({"aggregaat", "inbox", "sleutel", "opdracht"})
"""Two transactions may begin the same row here; the second finds it when it tries again."""

_ENTER = """
with nieuw as (
    insert into inbox (key, casus_id, vingerafdruk, op)
    select k, c, v, $4 from unnest($1::uuid[], $2::uuid[], $3::text[]) as t(k, c, v)
    on conflict do nothing returning 1),
casus as (
    select casus_id, toestand, versie, volgnummer from aggregaat
    where casus_id = any($5::uuid[]) order by casus_id for update)
select 'nieuw' as wat, null::uuid as id, null::text as soort, null::text as tekst,
       (select count(*) from nieuw)::int as versie, null::int as volgnummer
union all select 'inbox', key, vingerafdruk, antwoord, null, null from inbox where key = any($1::uuid[])
union all select 'casus', casus_id, null, toestand, versie, volgnummer from casus
"""
_LOCK = """
select casus_id as id, toestand as tekst, versie, volgnummer from aggregaat
where casus_id = any($1::uuid[]) order by casus_id for update
"""
_LOCK_FREE = _LOCK.rstrip() + " skip locked"
_CLAIM_UNBORN = """
select c as casus_id, pg_advisory_xact_lock(hashtextextended(current_schema() || c::text, 2)),
       (select volgnummer from verteld v where v.casus_id = c) as volgnummer
from (select c from unnest($1::uuid[]) as u(c) order by c) as t
"""
_PARKED = """
select key, casus_id, soort, reden, topic, partitie, positie, bericht from geparkeerd
where casus_id = any($1::uuid[]) order by nummer
"""
_BESIDE_NO_KEYS = """
select null::uuid as casus_id, null::bytea as gewikkeld
where exists (select from geparkeerd where casus_id = any($1::uuid[]))
"""
"""A row without a case says that something is parked, which is rare."""
_BESIDE = f"""
select casus_id, gewikkeld from houvast.sleutel where casus_id = any($1::uuid[])
union all {_BESIDE_NO_KEYS}
"""  # noqa: S608  a constant


_DUE_CASES = """
select casus_id from (select casus_id, due_at from timer where due_at <= $1 order by due_at limit $2) t
group by casus_id order by min(due_at)
"""
_ASIDE = "exists (select from geparkeerd g where g.casus_id = timer.casus_id and g.soort = any($5::text[]))"
_HEARD_CASES = f"""
select casus_id from (
    (select casus_id, due_at from timer where due_at <= least($1::timestamptz, $3::timestamptz) and not {_ASIDE}
     order by due_at limit $2)
    union all
    (select casus_id, due_at from timer where ongehoord_op <= $1 and ($4::boolean or {_ASIDE})
     order by ongehoord_op limit $2)) t
group by casus_id order by min(due_at) limit $2
"""  # noqa: S608  a constant
"""A timer waits until everything up to its moment was heard and nothing of its case lies aside, or until it may come unheard."""
_TAKE_DUE = """
delete from timer where casus_id = any($1::uuid[]) and due_at <= $2 returning casus_id, naam, due_at, gegevens
"""
_TAKE_HEARD = f"""
delete from timer where casus_id = any($1::uuid[])
and ((due_at <= least($2::timestamptz, $3::timestamptz) and not {_ASIDE})
     or (ongehoord_op <= $2 and ($4::boolean or {_ASIDE})))
returning casus_id, naam, due_at, gegevens
"""  # noqa: S608  a constant
_UNHEARD = [kind.value for kind in UNHEARD_KINDS]


class PostgresStore(Generic[S]):
    """`pool` has the schema of the service as its search path."""

    def __init__(self, definition: ServiceDefinition[S], pool: Pool, master: MasterKey | None) -> None:
        self._pool = pool
        self.adapter: TypeAdapter[S] = adapter_of(definition.state)
        self.master = master
        self.opens_sealed = definition.opens_sealed
        self.breaker = definition.breaker
        self.recent: Recent[S] = Recent()
        self.channel = f"houvast_{definition.service.value}"
        self.trouble = Trouble(definition.service.value)
        self._listener = definition.service

    @asynccontextmanager
    async def begin(self) -> "AsyncGenerator[_PostgresTransaction[S], None]":
        try:
            transaction: _PostgresTransaction[S]
            async with self._pool.acquire() as connection, _transaction(connection):
                transaction = _PostgresTransaction(self, connection)
                yield transaction
            self.recent.remember(transaction.written)
        except KeyExists as error:
            raise StoreUnavailable(type(error).__name__) from error
        except Exception as error:
            fault = fault_of(error)
            if fault is None:
                raise
            if fault is Fault.MESSAGE and not _raced(error):
                raise WritesRefused(_described(error)) from error
            if fault is Fault.WORLD:
                self.trouble.note(error)
            raise StoreUnavailable(_described(error)) from error

    async def due_cases(self, now: datetime, limit: int, heard: Heard | None = None) -> list[CasusId]:
        if heard is None:
            rows = await self._pool.fetch(_DUE_CASES, now, limit)
        else:
            rows = await self._pool.fetch(_HEARD_CASES, now, limit, heard.until, heard.stands_still, _UNHEARD)
        return [CasusId(row["casus_id"]) for row in rows]

    async def heard(self, senders: Collection[Service]) -> Heard:
        return await read_heard(self._pool, self._listener, senders)


def _raced(error: Exception) -> bool:
    return isinstance(error, asyncpg.UniqueViolationError) and getattr(error, "table_name", None) in _RACED_TABLES


def _described(error: Exception) -> str:
    state = sqlstate_of(error)
    return type(error).__name__ if state is None else f"{type(error).__name__} ({state})"


@asynccontextmanager
async def _transaction(connection: Session) -> AsyncGenerator[None, None]:
    """A transaction in which rows are reached by their keys, whatever the statistics say.

    Those of a table that has just filled still say that it is empty: then a batch would be joined to it row by row.
    It gets its number at once, so before the moment of its events is read: see `kafka/watermark.py`.
    """
    await connection.execute("begin; set local enable_seqscan = off; select pg_current_xact_id()")
    try:
        yield
    except BaseException:
        with suppress(*AWAY):
            await connection.execute("rollback")
        raise
    await connection.execute("commit")


class _PostgresTransaction(Generic[S]):
    def __init__(self, store: PostgresStore[S], connection: Any) -> None:
        self._store = store
        self._connection = connection
        self._adapter = store.adapter
        self._entered: frozenset[CasusId] = frozenset()
        self._locked: Mapping[CasusId, Row] = {}
        self._keys_of: frozenset[CasusId] = frozenset()
        self._keys: Mapping[CasusId, bytes | None] = {}
        self._parked: Sequence[Row] = ()
        self.written: Sequence[tuple[str, Case[S]]] = ()

    async def enter(self, batch: Sequence[Incoming], now: datetime) -> dict[UUID, Known]:
        """Locks the cases of the batch in the same round trip; `load` finds them here."""
        unique = {incoming.key: incoming for incoming in batch}
        if not unique:
            return {}
        keys = sorted(unique, key=_AS_NUMBER)
        casus_ids = sorted({incoming.casus_id for incoming in batch}, key=_AS_NUMBER)
        rows = await self._connection.fetch(
            _ENTER,
            keys,
            [unique[key].casus_id for key in keys],
            [unique[key].fingerprint for key in keys],
            now,
            casus_ids,
        )
        inserted = int(rows[0]["versie"])
        known = {row["id"]: Known(row["soort"], _json(row["tekst"])) for row in rows if row["wat"] == "inbox"}
        self._locked = {row["id"]: row for row in rows if row["wat"] == "casus"}
        self._entered = frozenset(casus_ids)
        if inserted + len(known) < len(keys):  # another transaction entered them while this one waited
            known |= await self._known(keys)
        return known

    async def _known(self, keys: list[UUID]) -> dict[UUID, Known]:
        """What another transaction has entered; what this one did itself has no answer yet and is not told."""
        rows = await self._connection.fetch(
            "select key, vingerafdruk, antwoord from inbox"
            " where key = any($1::uuid[]) and xmin::text <> pg_current_xact_id_if_assigned()::xid::text",
            keys,
        )
        return {row["key"]: Known(row["vingerafdruk"], _json(row["antwoord"])) for row in rows}

    async def load(self, casus_ids: Collection[CasusId], *, skip_locked: bool = False) -> dict[CasusId, Case[S]]:
        if not casus_ids:
            return {}
        wanted = sorted(casus_ids, key=_AS_NUMBER)
        if skip_locked:
            found = await self._lock(_LOCK_FREE, wanted)
            await self._read_beside(list(found))
            return self._cases(found)
        found = self._locked if self._entered.issuperset(wanted) else await self._lock(_LOCK, wanted)
        missing = [casus_id for casus_id in wanted if casus_id not in found]
        told: Mapping[CasusId, int] = {}
        if missing:
            told = await self._claim_unborn(missing)
            found = {**found, **await self._lock(_LOCK, missing)}
        await self._read_beside(wanted)
        cases = self._cases({casus_id: row for casus_id, row in found.items() if casus_id in casus_ids})
        return {casus_id: cases.get(casus_id) or self._unborn(casus_id, told) for casus_id in wanted}

    async def _lock(self, statement: str, casus_ids: list[CasusId]) -> dict[CasusId, Row]:
        rows = await self._connection.fetch(statement, casus_ids)
        return {CasusId(row["id"]): row for row in rows}

    async def _claim_unborn(self, casus_ids: list[CasusId]) -> dict[CasusId, int]:
        """Wait for whoever is at work on these cases that have no row to lock yet.

        Of those about which we told something before an older backup was put back, the last number comes back.

        Without it the cause of an event and the event itself, handled side by side, would not see each other: the event
        would be parked as too early and nothing would come to wake it.
        """
        rows = await self._connection.fetch(_CLAIM_UNBORN, casus_ids)
        return {CasusId(row["casus_id"]): row["volgnummer"] for row in rows if row["volgnummer"] is not None}

    async def _read_beside(self, casus_ids: list[CasusId]) -> None:
        """The keys of these cases and what is parked of them: only now that they are locked does nobody change it."""
        rows = await self._connection.fetch(_BESIDE if self._store.opens_sealed else _BESIDE_NO_KEYS, casus_ids)
        self._keys = {CasusId(row["casus_id"]): row["gewikkeld"] for row in rows if row["casus_id"] is not None}
        self._keys_of = frozenset(casus_ids)
        parked = any(row["casus_id"] is None for row in rows)
        self._parked = await self._connection.fetch(_PARKED, casus_ids) if parked else []

    def _cases(self, found: Mapping[CasusId, Row]) -> dict[CasusId, Case[S]]:
        cases = {
            casus_id: self._store.recent.recall(casus_id, row) or self._parse(casus_id, row)
            for casus_id, row in found.items()
        }
        for row in self._parked:
            if row["casus_id"] in cases:
                cases[row["casus_id"]].waiting.append(parked_of(row))
        return cases

    def _parse(self, casus_id: CasusId, row: Row) -> Case[S]:
        state = self._adapter.validate_json(row["tekst"])
        return Case(casus_id, state, sequence=row["volgnummer"], version=row["versie"], stored=True)

    def _unborn(self, casus_id: CasusId, told: Mapping[CasusId, int]) -> Case[S]:
        waiting = [parked_of(row) for row in self._parked if row["casus_id"] == casus_id]
        return Case(casus_id, sequence=told.get(casus_id, 0), waiting=waiting)

    async def parked(self, key: UUID) -> Parked | None:
        row = await self._connection.fetchrow(
            "select key, casus_id, soort, reden, topic, partitie, positie, bericht from geparkeerd where key = $1", key
        )
        return None if row is None else parked_of(row)

    async def sealers(self, casus_ids: Collection[CasusId]) -> Sealers:
        master = self._store.master
        if master is None or not self._store.opens_sealed:
            return NoSealers()
        if self._keys_of.issuperset(casus_ids):
            return SealerBatch(master, self._keys)
        return SealerBatch(master, await load_keys(self._connection, casus_ids))

    async def take_due(
        self, casus_ids: Collection[CasusId], now: datetime, heard: Heard | None = None
    ) -> list[tuple[CasusId, TimerDue]]:
        if heard is None:
            rows = await self._connection.fetch(_TAKE_DUE, list(casus_ids), now)
        else:
            rows = await self._connection.fetch(
                _TAKE_HEARD, list(casus_ids), now, heard.until, heard.stands_still, _UNHEARD
            )
        due = [
            (CasusId(row["casus_id"]), TimerDue(row["naam"], row["due_at"], orjson.loads(row["gegevens"])))
            for row in rows
        ]
        return sorted(due, key=lambda timer: (timer[1].due_at, timer[0], timer[1].name))

    async def write(self, writes: Writes[S], now: datetime) -> None:
        await insert_keys(self._connection, writes.new_keys, now=now)
        texts = {
            casus_id: self._adapter.dump_json(_state_of(case)).decode() for casus_id, case in writes.states.items()
        }
        statement = write_statement(writes, now, texts, channel=self._store.channel)
        if statement is not None:
            text, arguments = statement
            await self._connection.fetchval(text, *arguments)
        self.written = [(texts[casus_id], case) for casus_id, case in writes.states.items()]
        if writes.attempts:
            await self._note_endings(writes.attempts, now)

    async def _note_endings(self, attempts: Sequence[AttemptRow], now: datetime) -> None:
        """A service without a breaker goes on trying; but who does not let us in is told once, and left alone a while."""
        breaker = self._store.breaker
        endings = [ending for row in attempts if (ending := _ending_of(row)) is not None]
        if breaker is None:
            endings = [ending for ending in endings if ending.answered or ending.refused is not None]
        began = await note_endings(self._connection, endings, breaker or Breaker(), now=now)
        for name, reden in began.items():
            log.error("destination_refuses_us", bestemming=name, reden=reden)


class NoSealers:
    """For a service that opens nothing."""

    @property
    def new_keys(self) -> dict[CasusId, bytes]:
        return {}

    def for_case(self, casus_id: CasusId) -> Any:
        del casus_id


def parked_of(row: Row) -> Parked:
    """A parked record from its row."""
    return Parked(
        row["key"],
        row["casus_id"],
        Record(row["topic"], row["partitie"], row["positie"], bytes(row["bericht"])),
        ParkedKind(row["soort"]),
        row["reden"],
    )


def _ending_of(row: AttemptRow) -> Ending | None:
    """What an attempt says about its destination; nothing where it went wrong before anything was sent."""
    attempt = row.attempt
    if attempt.ours and not attempt.refused:
        return None
    kind, via = row.request.kind, attempt.via
    if attempt.result is Result.TEMPORARY or attempt.refused:
        refused = attempt.detail if attempt.refused else None
        return Ending(
            row.request.destination,
            answered=False,
            hold_for=attempt.retry_after,
            kind=kind,
            refused=refused,
            via=via if attempt.refused else None,
        )
    if attempt.result is Result.PERMANENT and attempt.status is None:
        return None
    return Ending(
        row.request.destination, answered=True, gone=attempt.detail if attempt.gone else None, kind=kind, via=via
    )


def _state_of(case: Case[S]) -> S:
    assert case.state is not None
    return case.state


def _json(text: str | None) -> JsonObject | None:
    return None if text is None else orjson.loads(text)
