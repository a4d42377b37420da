"""PostgreSQL as far as its clients notice it: sessions, transactions, row locks, NOTIFY, time-outs, and how it fails.

Nothing of a transaction is seen before its commit; a statement that meets the lock of another waits and then begins anew
with what is committed by then; who waits in a circle is ended; a session that is cut or stands still in its transaction
loses all of that. What each statement means stands in `statements.py`, and `tests/contract/store` asks the real one the
same questions.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from contextvars import Context
from datetime import datetime, timedelta
from random import Random
from typing import Any

import asyncpg

from tests.simulation.loop import Process, SimLoop

IDLE_SECONDS = 8.0
LOCK_SECONDS = 12.0
DEAD_PEER_SECONDS = 11.0
SWEEP_SECONDS = 1.0
POOL_SIZE = 8

_GONE = object()
_BOUNDS = ("begin", "commit", "rollback")

Row = dict[str, Any]


class WouldBlock(Exception):
    """Another transaction holds this."""

    def __init__(self, resource: Any) -> None:
        super().__init__(resource)
        self.resource = resource


class Table:
    """`rows` is what is committed; `open` those of them that are open, where rows have a status."""

    __slots__ = ("name", "open", "rows")

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[Any, Row] = {}
        self.open: dict[Any, Row] = {}

    def change(self, key: Any, row: Row | None) -> None:
        if row is None:
            self.rows.pop(key, None)
            self.open.pop(key, None)
            return
        self.rows[key] = row
        if row.get("status") == "open":
            self.open[key] = row
        elif key in self.open:
            del self.open[key]


class Transaction:
    __slots__ = ("_undo", "changes", "database", "failed", "locks", "notes", "xid")

    def __init__(self, database: "Database", xid: int) -> None:
        self.database = database
        self.xid = xid
        self.changes: dict[Table, dict[Any, Row | None]] = {}
        self.locks: dict[Any, None] = {}
        self.notes: list[tuple[str, str]] = []
        self.failed = False
        self._undo: list[tuple[dict[Any, Row | None], Any, Any]] = []

    def get(self, table: Table, key: Any) -> Row | None:
        mine = self.changes.get(table)
        if mine is not None and key in mine:
            return mine[key]
        return table.rows.get(key)

    def items(self, table: Table) -> list[tuple[Any, Row]]:
        mine = self.changes.get(table)
        if not mine:
            return list(table.rows.items())
        found = [(key, row) for key, row in table.rows.items() if key not in mine]
        return found + [(key, row) for key, row in mine.items() if row is not None]

    def rows(self, table: Table) -> list[Row]:
        if not self.changes.get(table):
            return list(table.rows.values())
        return [row for _, row in self.items(table)]

    def open(self, table: Table) -> list[Row]:
        """Of those with a status."""
        if not self.changes.get(table):
            return list(table.open.values())
        return [row for _, row in self.items(table) if row["status"] == "open"]

    def put(self, table: Table, key: Any, row: Row | None) -> None:
        self.lock((table.name, key))
        mine = self.changes.setdefault(table, {})
        self._undo.append((mine, key, mine.get(key, _GONE)))
        mine[key] = row

    def lock(self, resource: Any, *, shared: bool = False) -> None:
        if not self.database.grant(self, resource, shared=shared):
            raise WouldBlock(resource)

    def begin_statement(self) -> None:
        self._undo.clear()

    def undo_statement(self) -> None:
        for mine, key, before in reversed(self._undo):
            if before is _GONE:
                mine.pop(key, None)
            else:
                mine[key] = before
        self._undo.clear()


class Statement:
    """One statement on its way. `seen` is what it saw when it began, before it waited for anybody."""

    __slots__ = ("arguments", "blocked_on", "fate", "over", "reply", "seen", "session", "text", "transaction")

    def __init__(self, session: "Session", text: str, arguments: tuple[Any, ...], reply: "asyncio.Future[Any]") -> None:
        self.session = session
        self.text = text
        self.arguments = arguments
        self.reply = reply
        self.seen: dict[str, Any] = {}
        self.transaction: Transaction | None = None
        self.blocked_on: Any = None
        self.over = False
        self.fate: Fate = CALM


class Fate:
    """What happens to a statement: how long it is under way, where its connection is cut, what the server says instead."""

    __slots__ = ("back", "cut", "error", "there")

    def __init__(
        self, there: float = 0.0005, back: float = 0.0005, cut: str | None = None, error: Exception | None = None
    ) -> None:
        self.there = there
        self.back = back
        self.cut = cut
        self.error = error


CALM = Fate()


class Database:
    """One server. `fates` decides about every statement; `meaning` does what it says."""

    def __init__(
        self,
        loop: SimLoop,
        *,
        start: datetime,
        random: Random,
        meaning: Callable[["Call"], list[Row]],
        fates: Callable[["Session", str], Fate] = lambda *_: CALM,
    ) -> None:
        self.loop = loop
        self.random = random
        self.fates = fates
        self.meaning = meaning
        self.server = Context()
        self.sessions: dict[Session, None] = {}
        self.away = False
        self._start = start
        self._tables: dict[tuple[str, str], Table] = {}
        self._sequences: dict[tuple[str, str], int] = {}
        self._xids = itertools.count(1000)
        self._last_xid = 999
        self._running: dict[int, Transaction] = {}
        self._holders: dict[Any, dict[Transaction, bool]] = {}
        self._waiting: dict[Any, deque[Statement]] = {}
        self._listening: dict[str, dict[Session, Callable[..., None]]] = {}
        self.commits = 0
        self.written: dict[bytes, float] = {}
        """When an event came into an outbox."""
        self.watchers: list[Callable[[Transaction], None]] = []
        """Who looks at what is about to be committed."""
        loop.call_later(SWEEP_SECONDS, self._sweep, context=self.server)

    def now(self) -> datetime:
        """`clock_timestamp()`: real seconds, whatever the Clock of the hub shows."""
        return self._start + timedelta(seconds=self.loop.time())

    def table(self, schema: str, name: str) -> Table:
        found = self._tables.get((schema, name))
        if found is None:
            found = self._tables[(schema, name)] = Table(f"{schema}.{name}")
        return found

    def next_number(self, schema: str, name: str) -> int:
        """Of a sequence: not given back by a rollback."""
        number = self._sequences[(schema, name)] = self._sequences.get((schema, name), 0) + 1
        return number

    # transactions and locks

    def begin(self) -> Transaction:
        self._last_xid = next(self._xids)
        transaction = Transaction(self, self._last_xid)
        self._running[transaction.xid] = transaction
        return transaction

    def running(self) -> list[int]:
        """The numbers of the transactions that have not ended."""
        return list(self._running)

    def commit(self, transaction: Transaction) -> None:
        for watch in self.watchers:
            watch(transaction)
        for table, changes in transaction.changes.items():
            for key, row in changes.items():
                table.change(key, row)
        self.commits += 1
        for channel, payload in dict.fromkeys(transaction.notes):
            self._notify(channel, payload)
        self._end(transaction)

    def rollback(self, transaction: Transaction) -> None:
        self._end(transaction)

    def _end(self, transaction: Transaction) -> None:
        self._running.pop(transaction.xid, None)
        free, transaction.locks = transaction.locks, {}
        for resource in free:
            holders = self._holders[resource]
            holders.pop(transaction, None)
            if not holders:
                del self._holders[resource]
        for resource in free:
            for statement in self._waiting.pop(resource, ()):
                if not statement.over and statement.blocked_on == resource:
                    statement.blocked_on = None
                    self.loop.call_soon(statement.session.carry_out, statement, context=self.server)

    def grant(self, transaction: Transaction, resource: Any, *, shared: bool) -> bool:
        holders = self._holders.get(resource)
        if holders is None:
            self._holders[resource] = {transaction: shared}
        else:
            for other, other_shared in holders.items():
                if other is not transaction and not (shared and other_shared):
                    return False
            holders[transaction] = shared and holders.get(transaction, True)
        transaction.locks[resource] = None
        return True

    def wait(self, statement: Statement, resource: Any) -> None:
        """Raises `DeadlockDetectedError` where that would never end."""
        transaction = statement.transaction
        assert transaction is not None
        if self._waits_for(resource, transaction, set()):
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        statement.blocked_on = resource
        self._waiting.setdefault(resource, deque()).append(statement)

    def _waits_for(self, resource: Any, me: Transaction, seen: set[int]) -> bool:
        for holder in self._holders.get(resource, {}):
            if holder is me:
                continue
            if holder.xid in seen:
                continue
            seen.add(holder.xid)
            blocked = next(
                (
                    session.statement.blocked_on
                    for session in self.sessions
                    if session.statement is not None and session.statement.transaction is holder
                ),
                None,
            )
            if blocked is not None and (me in self._holders.get(blocked, {}) or self._waits_for(blocked, me, seen)):
                return True
        return False

    # who listens

    def listen(self, session: "Session", channel: str, callback: Callable[..., None]) -> None:
        self._listening.setdefault(channel, {})[session] = callback

    def _notify(self, channel: str, payload: str) -> None:
        for session, callback in self._listening.get(channel, {}).items():
            self.loop.call_later(
                self.random.uniform(0.0005, 0.003), callback, session, 0, channel, payload, context=session.context
            )

    # sessions

    async def connect(self, process: Process | None, schema: str) -> "Session":
        await asyncio.sleep(self.random.uniform(0.001, 0.004))
        if self.away:
            raise ConnectionRefusedError("the database is away")
        return Session(self, process, schema)

    def stop(self) -> None:
        """Everything under way is lost; what was committed is there when it comes back."""
        self.away = True
        for session in list(self.sessions):
            session.cut()

    def come_back(self) -> None:
        self.away = False

    def drop(self, process: Process) -> None:
        """This process is gone, or cannot be reached any more."""
        for session in [session for session in self.sessions if session.process is process]:
            session.cut()

    def forget(self, session: "Session") -> None:
        self.sessions.pop(session, None)
        for listeners in self._listening.values():
            listeners.pop(session, None)

    def _sweep(self) -> None:
        moment = self.loop.time()
        for session in list(self.sessions):
            if session.tx is not None and session.statement is None and moment - session.idle_since > IDLE_SECONDS:
                session.cut(asyncpg.IdleInTransactionSessionTimeoutError("stood still in a transaction"))
            elif session.statement is not None and session.statement.blocked_on is not None:
                if moment - session.blocked_since > LOCK_SECONDS:
                    session.give_up(asyncpg.LockNotAvailableError("lock timeout"))
        self.loop.call_later(SWEEP_SECONDS, self._sweep, context=self.server)


class Call:
    """What a statement may use."""

    __slots__ = ("arguments", "database", "schema", "statement", "text", "tx")

    def __init__(self, database: Database, transaction: Transaction, statement: Statement) -> None:
        self.database = database
        self.tx = transaction
        self.statement = statement
        self.schema = statement.session.schema
        self.text = statement.text
        self.arguments = statement.arguments

    def table(self, name: str) -> Table:
        return self.database.table(self.schema, name)

    def shared(self, name: str) -> Table:
        return self.database.table("houvast", name)

    def seen(self, name: str, look: Callable[[], Any]) -> Any:
        """What this statement saw when it began."""
        if name not in self.statement.seen:
            self.statement.seen[name] = look()
        return self.statement.seen[name]

    def now(self) -> datetime:
        return self.database.now()

    def number(self, name: str) -> int:
        return self.database.next_number(self.schema, name)

    def notify(self, channel: str, payload: str) -> None:
        self.tx.notes.append((channel, payload))


class Session:
    """A connection, in the words of asyncpg."""

    def __init__(self, database: Database, process: Process | None, schema: str) -> None:
        self.database = database
        self.process = process
        self.schema = schema
        self.context = database.server if process is None else process.context
        self.closed = False
        self.tx: Transaction | None = None
        self.statement: Statement | None = None
        self.idle_since = 0.0
        self.blocked_since = 0.0
        self._why: Exception = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        self._ended: list[Callable[[Any], None]] = []
        database.sessions[self] = None

    # for the client

    async def fetch(self, query: str, /, *args: Any) -> list[Row]:
        return await self._ask(query, args)

    async def fetchrow(self, query: str, /, *args: Any) -> Row | None:
        rows = await self._ask(query, args)
        return rows[0] if rows else None

    async def fetchval(self, query: str, /, *args: Any) -> Any:
        rows = await self._ask(query, args)
        return next(iter(rows[0].values())) if rows else None

    async def execute(self, query: str, /, *args: Any) -> str:
        await self._ask(query, args)
        return "OK"

    def transaction(self) -> "_Block":
        return _Block(self)

    async def add_listener(self, channel: str, callback: Callable[..., None], /) -> None:
        await asyncio.sleep(0.001)
        if self.closed:
            raise self._why
        self.database.listen(self, channel, callback)

    def add_termination_listener(self, callback: Callable[[Any], None], /) -> None:
        self._ended.append(callback)

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  as asyncpg has it
        del timeout
        self.cut()

    async def _ask(self, text: str, arguments: tuple[Any, ...]) -> list[Row]:
        if self.closed:
            raise self._why
        if self.statement is not None:
            raise asyncpg.InterfaceError("another operation is in progress")
        loop = self.database.loop
        statement = Statement(self, text, arguments, loop.create_future())
        statement.fate = self.database.fates(self, text)
        self.statement = statement
        if statement.fate.there:
            loop.call_later(statement.fate.there, self._arrive, statement, context=self.database.server)
        else:
            loop.serve(self._arrive, statement)
        try:
            return await statement.reply
        except asyncio.CancelledError:
            self._cancel(statement)
            raise

    def _cancel(self, statement: Statement) -> None:
        """What has not happened yet does not happen any more, and its transaction is spoiled."""
        if not statement.over:
            self._fail(statement, asyncpg.QueryCanceledError("canceled by its client"))
        if self.statement is statement:
            self.statement = None

    # at the server

    def _arrive(self, statement: Statement) -> None:
        if statement.over:
            return
        if self.closed:
            self._fail(statement, self._why)
        elif statement.fate.cut == "hangs":
            self.database.loop.call_later(DEAD_PEER_SECONDS, self.cut, context=self.database.server)
        elif statement.fate.cut == "before":
            self.cut()
        else:
            self.carry_out(statement)

    def carry_out(self, statement: Statement) -> None:
        if statement.over or self.closed:
            return
        try:
            rows = self._perform(statement)
        except WouldBlock as busy:
            if "blocked" not in statement.seen:
                statement.seen["blocked"] = True
                self.blocked_since = self.database.loop.time()
            try:
                self.database.wait(statement, busy.resource)
            except asyncpg.PostgresError as error:
                self._fail(statement, error)
            return
        except asyncpg.PostgresError as error:
            self._fail(statement, error)
            return
        statement.over = True
        if statement.fate.cut == "after":
            self.cut(reply_to=statement)
        else:
            self._reply(statement, rows)

    def _perform(self, statement: Statement) -> list[Row]:
        database = self.database
        if statement.text.startswith(_BOUNDS):
            return self._bound(statement)
        if statement.fate.error is not None:
            raise statement.fate.error
        alone = self.tx is None
        transaction = self.tx or statement.transaction or database.begin()
        if transaction.failed:
            raise asyncpg.InFailedSQLTransactionError("current transaction is aborted")
        statement.transaction = transaction
        transaction.begin_statement()
        try:
            rows = database.meaning(Call(database, transaction, statement))
        except WouldBlock:
            transaction.undo_statement()
            raise
        if alone:
            database.commit(transaction)
        return rows

    def _bound(self, statement: Statement) -> list[Row]:
        """Where a transaction begins or ends."""
        database, tx, error = self.database, self.tx, statement.fate.error
        if statement.text.startswith("begin"):
            if error is not None:
                raise error
            assert tx is None, "in a transaction already"
            self.tx = database.begin()
            return []
        self.tx = None
        if tx is not None:
            commits = statement.text == "commit" and not tx.failed and error is None
            (database.commit if commits else database.rollback)(tx)
        if statement.text == "commit" and error is not None:
            raise error
        return []

    def _fail(self, statement: Statement, error: Exception) -> None:
        statement.over = True
        statement.blocked_on = None
        if self.tx is not None:
            self.tx.failed = True
        elif statement.transaction is not None:
            self.database.rollback(statement.transaction)
        self._reply(statement, error)

    def give_up(self, error: Exception) -> None:
        """The server ends the statement that waits."""
        if self.statement is not None:
            self._fail(self.statement, error)

    def _reply(self, statement: Statement, answer: Any) -> None:
        self.database.loop.call_later(
            statement.fate.back, self._answer, statement, answer, context=self.database.server
        )

    def _answer(self, statement: Statement, answer: Any) -> None:
        self.idle_since = self.database.loop.time()
        if self.statement is statement:
            self.statement = None
        if statement.reply.done():
            return
        if isinstance(answer, Exception):
            statement.reply.set_exception(answer)
        else:
            statement.reply.set_result(answer)

    def cut(self, why: Exception | None = None, *, reply_to: Statement | None = None) -> None:
        """The connection is gone: the server rolls back, the client hears of it when it next looks."""
        if self.closed:
            return
        self.closed = True
        if why is not None:
            self._why = why
        statement, self.statement = self.statement, None
        if self.tx is not None:
            self.database.rollback(self.tx)
            self.tx = None
        elif statement is not None and not statement.over and statement.transaction is not None:
            self.database.rollback(statement.transaction)
        self.database.forget(self)
        for pending in (statement, reply_to):
            if pending is not None:
                pending.over = True
                self._reply(pending, self._why)
        for callback in self._ended:
            self.database.loop.call_soon(callback, self, context=self.context)


class _Block:
    """`async with connection.transaction()`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def __aenter__(self) -> None:
        await self._session.execute("begin")

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            await self._session.execute("commit")
        elif not self._session.closed:
            await self._session.execute("rollback")


class Pool:
    """The connections of one process, in the words of asyncpg."""

    def __init__(self, database: Database, process: Process | None, schema: str, size: int = POOL_SIZE) -> None:
        self._database = database
        self._process = process
        self._schema = schema
        self._free = size
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle: list[Session] = []

    def acquire(self) -> "_Held":
        return _Held(self)

    async def take(self) -> Session:
        while not self._free:
            waiting = self._database.loop.create_future()
            self._waiting.append(waiting)
            try:
                await waiting
            except asyncio.CancelledError:
                if not waiting.cancelled():  # its turn came and is for another
                    self._call_next()
                raise
        self._free -= 1
        try:
            while self._idle:
                session = self._idle.pop()
                if not session.closed:
                    return session
            return await self._database.connect(self._process, self._schema)
        except BaseException:
            self._release()
            raise

    def give_back(self, session: Session) -> None:
        if not session.closed:
            self._idle.append(session)
        self._release()

    def _release(self) -> None:
        self._free += 1
        self._call_next()

    def _call_next(self) -> None:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return

    async def fetch(self, query: str, /, *args: Any) -> list[Row]:
        async with self.acquire() as session:
            return await session.fetch(query, *args)

    async def fetchrow(self, query: str, /, *args: Any) -> Row | None:
        async with self.acquire() as session:
            return await session.fetchrow(query, *args)

    async def fetchval(self, query: str, /, *args: Any) -> Any:
        async with self.acquire() as session:
            return await session.fetchval(query, *args)

    async def execute(self, query: str, /, *args: Any) -> str:
        async with self.acquire() as session:
            return await session.execute(query, *args)

    async def close(self) -> None:
        self.terminate()

    def terminate(self) -> None:
        for session in self._idle:
            session.cut()
        self._idle.clear()


class _Held:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Session:
        self._session = await self._pool.take()
        return self._session

    async def __aexit__(self, *_error: object) -> None:
        self._pool.give_back(self._session)
