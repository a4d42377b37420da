"""Making the read tables anew out of the states, beside a service that goes on: in shares, under the locks of the cases.

How far it is stands in the schema, so a rebuild that is killed goes on where it was, and copies of a service share one.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import asyncpg
import structlog

from contracts.messages.identifiers import CasusId
from services.runtime.database.connection import Pool, Row, Session
from services.runtime.database.faults import Fault, fault_of
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import ServiceDefinition, ViewRow
from services.runtime.unit.rows import ReadRow, columns
from services.runtime.unit.store import adapter_of
from services.runtime.unit.store_writes import dumps, upsert

S = TypeVar("S")
log = structlog.get_logger(__name__)

SHARE = 25
"""Cases whose rows are made in one transaction: a message for one of them waits no longer than that takes."""

_BEGIN = """
insert into leestabellen (projectie, begonnen_op) values ($1, $2)
on conflict (enige) do update set projectie = $1, na = null, gedaan = 0, begonnen_op = $2, klaar_op = null
where leestabellen.projectie <> $1 or ($3 and leestabellen.klaar_op is not null)
returning true
"""
_NEXT = """
select casus_id, toestand from aggregaat where $1::uuid is null or casus_id > $1 order by casus_id limit $2 for update
"""
_DONE = "update leestabellen set na = coalesce($1, na), gedaan = gedaan + $2, klaar_op = $3"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is, in cases. `faults` are the rows that could not be made, each in a sentence."""

    done: int
    finished: bool
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class _Share:
    """What is to stand in the read tables about some cases."""

    cases: list[CasusId] = field(default_factory=list[CasusId])
    ids: dict[type[ReadRow], list[UUID]] = field(default_factory=dict[type[ReadRow], list[UUID]])
    rows: dict[type[ReadRow], list[ReadRow]] = field(default_factory=dict[type[ReadRow], list[ReadRow]])
    faults: list[tuple[CasusId, str | None, UUID | None, str]] = field(
        default_factory=list[tuple[CasusId, str | None, UUID | None, str]]
    )

    def note(self, error: Exception, casus_id: CasusId, table: str | None = None, row_id: UUID | None = None) -> None:
        """Name what cannot be made; of the error only its kind, for it may tell of people."""
        reason = f"{type(error).__name__} {getattr(error, 'sqlstate', '') or ''}".strip()
        log.error("read_row_not_made", casus_id=str(casus_id), name=table, fout=reason)
        self.faults.append((casus_id, table, row_id, reason))


class Rebuild(Generic[S]):
    """The read tables of one service; `pool` has its schema as search path."""

    def __init__(self, definition: ServiceDefinition[S], pool: Pool, klok: Klok) -> None:
        self._definition = definition
        self._pool = pool
        self._klok = klok
        self._adapter = adapter_of(definition.state)
        self._projection = projection_of(definition)

    async def begin(self) -> None:
        """Go on with an unfinished rebuild, or begin a new one."""
        await self._begin(anew=True)

    async def begin_if_outdated(self) -> None:
        """Begin a rebuild where the tables follow from another projection than ours."""
        await self._begin(anew=False)

    async def _begin(self, *, anew: bool) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(_BEGIN, self._projection, self._klok.now(), anew):
                await connection.execute("delete from leestabel_fout")

    async def run(self) -> None:
        """Make the rows of every case that is left."""
        if not (await self.progress()).finished:
            while await self.step():
                pass
            log.info("read_tables_rebuilt", service=self._definition.service.value)

    async def step(self) -> bool:
        """Make the rows of the next share; whether there is more to do."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("set local enable_seqscan = off")
            at = await connection.fetchrow("select projectie, na, klaar_op from leestabellen for update")
            if at is None or at["klaar_op"] is not None or at["projectie"] != self._projection:
                return False
            cases = await connection.fetch(_NEXT, at["na"], SHARE)
            now = self._klok.now()
            await self._remake(connection, cases, now)
            more = len(cases) == SHARE
            await connection.execute(_DONE, cases[-1]["casus_id"] if cases else None, len(cases), None if more else now)
        return more

    async def count_cases(self) -> int:
        """How many cases there are now."""
        return int(await self._pool.fetchval("select count(*) from aggregaat"))

    async def progress(self) -> Progress:
        """How far it is now."""
        at = await self._pool.fetchrow("select gedaan, klaar_op from leestabellen")
        faults = await self._pool.fetch("select * from leestabel_fout order by casus_id, tabel, id")
        if at is None:
            return Progress(0, finished=False)
        return Progress(at["gedaan"], finished=at["klaar_op"] is not None, faults=tuple(map(_sentence, faults)))

    async def _remake(self, connection: Session, cases: Sequence[Row], now: datetime) -> None:
        share = _Share()
        for case in cases:
            self._project(share, CasusId(case["casus_id"]), case["toestand"])
        for kind in self._definition.tables:
            await connection.execute(
                f'delete from "{kind.table}" where casus_id = any($1::uuid[]) and id <> all($2::uuid[])',  # noqa: S608
                share.cases,
                share.ids.get(kind, []),
            )
            rows = share.rows.get(kind, [])
            if rows and await _write(connection, kind, rows) is not None:
                for row in rows:
                    if (error := await _write(connection, kind, [row])) is not None:
                        share.note(error, row.casus_id, kind.table, row.id)
        await connection.execute(
            "insert into leestabel_fout select *, $5 from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[])",
            *([fault[place] for fault in share.faults] for place in range(4)),
            now,
        )

    def _project(self, share: _Share, casus_id: CasusId, state: str) -> None:
        views: Iterable[ViewRow]
        try:
            views = list(self._definition.project(casus_id, self._adapter.validate_json(state)))
        except Exception as error:  # noqa: BLE001  whatever is wrong with one case, the others get their rows
            share.note(error, casus_id)
            return
        share.cases.append(casus_id)
        for view in views:
            share.ids.setdefault(view.kind, []).append(view.id)
            try:
                share.rows.setdefault(view.kind, []).append(view.row)
            except Exception as error:  # noqa: BLE001  idem, of one row
                share.note(error, casus_id, view.kind.table, view.id)


def _sentence(fault: Row) -> str:
    what = "alle leestabellen" if fault["id"] is None else f"{fault['tabel']} {fault['id']}"
    return f"casus {fault['casus_id']}: {what} ({fault['fout']})"


async def _write(connection: Session, kind: type[ReadRow], rows: list[ReadRow]) -> Exception | None:
    """Write what differs from what stands; what refused it, where nothing was written."""
    table = kind.table
    changed = f"({columns(kind, table)}) is distinct from ({columns(kind, 'excluded')})"
    try:
        async with connection.transaction():
            await connection.execute(f"{upsert(kind, '$1')} where {changed}", dumps(rows))
    except TypeError as error:  # a value that is no JSON
        return error
    except asyncpg.PostgresError as error:
        if fault_of(error) is not Fault.MESSAGE:
            raise
        return error
    return None


def projection_of(definition: ServiceDefinition[S]) -> str:
    """What the read tables follow from: which columns there are, and the number that counts their meanings."""
    shape = "; ".join(sorted(f"{kind.table} ({columns(kind)})" for kind in definition.tables))
    return f"{definition.projection}-{hashlib.sha256(shape.encode()).hexdigest()[:16]}"
