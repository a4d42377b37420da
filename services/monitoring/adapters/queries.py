"""The read tables in PostgreSQL."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import orjson

from contracts.rechten import Kring
from services.monitoring.domain.relaties import called
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.ports import EscalatieVraag, MonitorVraag, SignaalVraag, TermijnVraag, rows
from services.runtime.database.connection import Connection, Row
from services.runtime.unit.rows import row_of, select
from services.runtime.unit.states import read_state


class PostgresQueries:
    """`Queries` over the read tables and the journal of this service."""

    def __init__(self, pool: Connection) -> None:
        self._pool = pool

    async def casus(self, identifier: UUID, kring: Kring) -> rows.Casus | None:
        """The case with what belongs to it, or None."""
        where, values = may_see(kring, casus=True, first=2)
        found = await select(
            self._pool, rows.Casusregel, f"where (id = $1 or melding_id = $1) {where} limit 1", identifier, *values
        )
        if not found:
            return None
        mine, casus_id = "where casus_id = $1 order by", found[0].id
        termijnen, escalaties, overdrachten, momenten = await asyncio.gather(
            select(self._pool, rows.Termijn, f"{mine} eindigt_op, id", casus_id),
            select(self._pool, rows.Escalatie, f"{mine} gestart_op, id", casus_id),
            select(self._pool, rows.Overdracht, f"{mine} aangemaakt_op, id", casus_id),
            select(self._pool, rows.Monitormoment, f"{mine} gepland_op, id", casus_id),
        )
        return row_of(
            rows.Casus,
            found[0],
            termijnen=termijnen,
            escalaties=escalaties,
            overdrachten=overdrachten,
            monitormomenten=momenten,
        )

    async def toezicht(self, casus_id: UUID) -> Toezicht | None:
        """The state of the case as it was written last."""
        return await read_state(self._pool, Toezicht, casus_id)

    async def zicht(self, casus_id: UUID) -> Sequence[rows.Zichtregel]:
        """The ledger in the order in which it was written."""
        return await select(self._pool, rows.Zichtregel, "where casus_id = $1 order by volgnummer", casus_id)

    async def journaal(self, casus_id: UUID) -> Sequence[Row]:
        """The journal of the case."""
        lines = await self._pool.fetch(
            "select nummer, op, wat, regel_id, regel_versie, feiten, actor from journaal"
            " where casus_id = $1 order by nummer",
            casus_id,
        )
        return [{**line, "feiten": orjson.loads(line["feiten"])} for line in lines]

    async def termijnen(self, vraag: TermijnVraag, kring: Kring) -> Sequence[rows.Termijn]:
        """Termijnen, the first to end first."""
        where, values = may_see(kring, casus=False, first=6)
        return await select(
            self._pool,
            rows.Termijn,
            "where ($1::text is null or status = $1) and ($2::text is null or gemeente = $2)"
            f" and ($3::timestamptz is null or eindigt_op < $3) {where} order by eindigt_op, id limit $4 offset $5",
            vraag.status,
            vraag.gemeente,
            vraag.voor,
            vraag.limiet,
            vraag.overslaan,
            *values,
        )

    async def escalaties(self, vraag: EscalatieVraag, kring: Kring) -> Sequence[rows.Escalatie]:
        """Escalaties, the newest first."""
        where, values = may_see(kring, casus=False, first=5)
        return await select(
            self._pool,
            rows.Escalatie,
            "where ($1::text is null or status = $1) and ($2::text is null or gemeente = $2)"
            f" {where} order by gestart_op desc, id limit $3 offset $4",
            vraag.status,
            vraag.gemeente,
            vraag.limiet,
            vraag.overslaan,
            *values,
        )

    async def casus_of_monitormoment(self, moment_id: UUID, kring: Kring) -> UUID | None:
        """The case that a monitormoment belongs to."""
        where, values = may_see(kring, casus=False, first=2)
        found = await select(self._pool, rows.Monitormoment, f"where id = $1 {where}", moment_id, *values)
        return found[0].casus_id if found else None

    async def monitormomenten(self, vraag: MonitorVraag, kring: Kring) -> Sequence[rows.Monitormoment]:
        """Monitormomenten, the first to be held first."""
        where, values = may_see(kring, casus=False, first=5)
        return await select(
            self._pool,
            rows.Monitormoment,
            "where ($1::text is null or status = $1) and ($2::timestamptz is null or gepland_op < $2)"
            f" {where} order by gepland_op, id limit $3 offset $4",
            vraag.status,
            vraag.voor,
            vraag.limiet,
            vraag.overslaan,
            *values,
        )

    async def signalen(self, vraag: SignaalVraag, kring: Kring) -> Sequence[rows.Signaal]:
        """Structurele signalen, the newest first."""
        where, values = may_see_signaal(kring, first=5)
        return await select(
            self._pool,
            rows.Signaal,
            "where ($1::boolean is null or (beantwoord_op is not null) = $1) and ($4::uuid is null or id = $4)"
            f" {where} order by coalesce(afgegeven_op, opgesteld_op) desc, id limit $2 offset $3",
            vraag.beantwoord,
            vraag.limiet,
            vraag.overslaan,
            vraag.signaal,
            *values,
        )


def may_see(kring: Kring, *, casus: bool, first: int) -> tuple[str, tuple[object, ...]]:
    """The rest of a where clause and its values, from parameter number `first` on."""
    if kring.partijen is not None:
        mine = sorted(kring.partijen)
        if casus:
            return f"and {_readers(kring, first)}", (_who(kring),)
        return f"and ${first}::text[] && array[gemeente, partij] and {_own(kring, first + 1)}", (mine, _who(kring))
    if kring.regio is not None:
        return f"and regio = ${first}", (kring.regio,)
    return "", ()


def may_see_signaal(kring: Kring, *, first: int) -> tuple[str, tuple[object, ...]]:
    """As `may_see`; a signal is told to a gemeente, and is about no overdracht."""
    if kring.partijen is not None:
        return f"and gemeente = any(${first}::text[]) and {_own(kring, first + 1)}", (
            sorted(kring.partijen),
            _who(kring),
        )
    return may_see(kring, casus=True, first=first)


def _readers(kring: Kring, first: int) -> str:
    return f"{'geroepenen' if kring.geroepen else 'lezers'} ?| ${first}::text[]"


def _who(kring: Kring) -> list[str]:
    """Whom a row names as its readers."""
    codes = kring.partijen or ()
    if not kring.geroepen:
        return sorted(codes)
    return sorted(called(code, rol) for code in codes for rol in kring.geroepen)


def _own(kring: Kring, first: int) -> str:
    return f"casus_id in (select id from casus where {_readers(kring, first)})"  # noqa: S608 - a parameter number
