"""The read tables of handover in PostgreSQL."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.rechten import Kring
from services.handover.domain.casus import Aflevering, Casus, aflevering_id
from services.handover.ports import LinkView, rows
from services.runtime.database.connection import Connection
from services.runtime.unit.destinations import pauses
from services.runtime.unit.rows import R, select
from services.runtime.unit.states import read_state

_IN_KRING = "($1::text[] is null or coalesce(partij, gemeente) = any($1)) and ($2::text is null or regio = $2)"
_ENDED_AT = "least(teruggekoppeld_op, geweigerd_op, ingetrokken_op, overgenomen_op)"
"""When an overdracht left its receiver, who sees nothing of it from then on; null while it is there."""
_OVERDRACHTEN = f"""
where {_IN_KRING} and ($1::text[] is null or {_ENDED_AT} is null) and ($3::text is null or status = $3)
  and ($4::uuid is null or (aangemaakt_op, id) > (select aangemaakt_op, id from overdracht where id = $4))
order by aangemaakt_op, id limit $5
"""  # noqa: S608  constants
_GEBEURTENISSEN = f"""
where {_IN_KRING} and nummer > $3 and transactie < pg_snapshot_xmin(pg_current_snapshot())
  and ($1::text[] is null or not exists (
    select from overdracht o where o.id = gebeurtenis.overdracht_id and {_ENDED_AT} < gebeurtenis.op))
order by nummer limit $4
"""
_BIJLAGE = """
where id = $2 and exists (select from overdrachtsbijlage o
  where o.overdracht_id = $1 and o.bijlage_id = bijlage.id and o.casus_id = bijlage.casus_id)
"""
_SAMENWERKINGEN = """
where ($1::text[] is null or (gemeente = any($1) and gestopt_op is null))
  and ($2::text is null or regio = $2) and ($3::uuid is null or id = $3)
order by gevraagd_op desc, id limit $4
"""

_AFGELEVERD = """
select o.inhoud::jsonb ->> 'overdrachtId' as overdracht_id, max(p.op) as op
from poging p join opdracht o on o.id = p.opdracht_id
where o.bestemming = $1 and starts_with(o.soort, 'aflevering-') and p.resultaat = 'gelukt' and p.op >= $2
group by 1 order by 2 limit $3
"""
_UNDER_WAY = frozenset({Aflevering.ONDERWEG, Aflevering.GESTAGNEERD})


class PostgresQueries:
    """Reads the read tables; the search path is the schema of handover."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def overdracht(self, identifier: UUID, kring: Kring) -> rows.Overdrachtregel | None:
        where = f"where {_IN_KRING} and id = $3"
        found = await self._select(rows.Overdrachtregel, where, _codes(kring), kring.regio, identifier)
        return next(iter(await self._with_pauses(found)), None)

    async def toestand(self, casus_id: UUID) -> Casus | None:
        return await read_state(self._connection, Casus, casus_id)

    async def link(self, digest: str) -> LinkView | None:
        for link in await self._select(rows.Linkregel, "where digest = $1", digest):
            (overdracht,) = await self._select(rows.Overdrachtregel, "where id = $1", link.id)
            return LinkView(overdracht, link.geldig_tot)
        return None

    async def document(self, overdracht_id: UUID) -> str | None:
        found = await self._select(rows.Documentregel, "where id = $1", overdracht_id)
        return found[0].document if found else None

    async def bijlage(self, overdracht_id: UUID, bijlage_id: UUID) -> rows.Bijlageregel | None:
        return next(iter(await self._select(rows.Bijlageregel, _BIJLAGE, overdracht_id, bijlage_id)), None)

    async def retourbrief(self, overdracht_id: UUID) -> rows.Retourbriefregel | None:
        return next(iter(await self._select(rows.Retourbriefregel, "where id = $1", overdracht_id)), None)

    async def overdrachten(
        self, kring: Kring, *, status: str | None, na: UUID | None, limiet: int
    ) -> tuple[rows.Overdrachtregel, ...]:
        found = await self._select(rows.Overdrachtregel, _OVERDRACHTEN, _codes(kring), kring.regio, status, na, limiet)
        return await self._with_pauses(found)

    async def gebeurtenissen(self, kring: Kring, *, na: int, limiet: int) -> tuple[rows.Gebeurtenisregel, ...]:
        return await self._select(rows.Gebeurtenisregel, _GEBEURTENISSEN, _codes(kring), kring.regio, na, limiet)

    async def samenwerkingen(
        self, kring: Kring, *, samenwerking_id: UUID | None, limiet: int
    ) -> tuple[rows.Samenwerkingregel, ...]:
        return await self._select(
            rows.Samenwerkingregel, _SAMENWERKINGEN, _codes(kring), kring.regio, samenwerking_id, limiet
        )

    async def afgeleverd_sinds(self, bestemming: str, sinds: datetime, *, limiet: int) -> tuple[UUID, ...]:
        rows = await self._connection.fetch(_AFGELEVERD, bestemming, sinds, limiet)
        return tuple(UUID(row["overdracht_id"]) for row in rows)

    async def _select(self, kind: type[R], rest: str, *values: object) -> tuple[R, ...]:
        return await select(self._connection, kind, rest, *values)

    async def _with_pauses(self, found: tuple[rows.Overdrachtregel, ...]) -> tuple[rows.Overdrachtregel, ...]:
        """Of what waits because its endpoint was stopped the reason is that, whatever the last attempt said."""
        waiting = [view.casus_id for view in found if view.aflevering in _UNDER_WAY]
        reasons: Mapping[UUID, str] = await pauses(self._connection, waiting) if waiting else {}
        return tuple(
            view if reden is None else replace(view, laatste_fout=f"gepauzeerd: {reden}")
            for view in found
            for reden in [reasons.get(aflevering_id(view.id, view.ronde))]
        )


def _codes(kring: Kring) -> list[str] | None:
    return None if kring.partijen is None else sorted(kring.partijen)
