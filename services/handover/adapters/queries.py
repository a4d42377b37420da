"""The read tables of handover in PostgreSQL."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from contracts.rechten import Kring
from services.handover.domain.casus import Aflevering, aflevering_id
from services.handover.domain.kader import iso
from services.handover.ports import BijlageView, GebeurtenisView, LinkView, OverdrachtView
from services.runtime.database.connection import Connection
from services.runtime.unit.decision import JsonObject
from services.runtime.unit.destinations import pauses

V = TypeVar("V", OverdrachtView, GebeurtenisView, BijlageView)

_IN_KRING = "($1::text[] is null or coalesce(partij, gemeente) = any($1)) and ($2::text is null or regio = $2)"
_ENDED_AT = "least(teruggekoppeld_op, geweigerd_op, ingetrokken_op)"
"""When an overdracht left its receiver, who sees nothing of it from then on; null while it is there."""
_OVERDRACHT = f"select * from overdracht where {_IN_KRING} and id = $3"  # noqa: S608  a constant
_OVERDRACHTEN = f"""
select * from overdracht
where {_IN_KRING} and ($1::text[] is null or {_ENDED_AT} is null) and ($3::text is null or status = $3)
  and ($4::uuid is null or (aangemaakt_op, id) > (select aangemaakt_op, id from overdracht where id = $4))
order by aangemaakt_op, id limit $5
"""  # noqa: S608  a constant
_LINK = "select o.*, l.geldig_tot from bevestiglink l join overdracht o on o.id = l.id where l.digest = $1"
_GEBEURTENISSEN = f"""
select nummer, id, casus_id, overdracht_id, gemeente, partij, soort, op from gebeurtenis g
where {_IN_KRING} and nummer > $3 and transactie < pg_snapshot_xmin(pg_current_snapshot())
  and ($1::text[] is null
    or not exists (select from overdracht o where o.id = g.overdracht_id and {_ENDED_AT} < g.op))
order by nummer limit $4
"""  # noqa: S608  a constant


_BIJLAGE = """
select b.* from bijlage b join overdrachtsbijlage o on o.bijlage_id = b.id and o.casus_id = b.casus_id
where o.overdracht_id = $1 and b.id = $2
"""
_SAMENWERKINGEN = """
select * from samenwerking
where ($1::text[] is null or (gemeente = any($1) and gestopt_op is null))
  and ($2::text is null or regio = $2) and ($3::uuid is null or id = $3)
order by gevraagd_op desc, id limit $4
"""


_UNDER_WAY = frozenset({Aflevering.ONDERWEG.value, Aflevering.GESTAGNEERD.value})


class PostgresQueries:
    """Reads the read tables; the search path is the schema of handover."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def overdracht(self, identifier: UUID, kring: Kring) -> OverdrachtView | None:
        row = await self._connection.fetchrow(_OVERDRACHT, _codes(kring), kring.regio, identifier)
        return None if row is None else (await self._with_pauses((_view(OverdrachtView, row),)))[0]

    async def link(self, digest: str) -> LinkView | None:
        row = await self._connection.fetchrow(_LINK, digest)
        return None if row is None else LinkView(_view(OverdrachtView, row), row["geldig_tot"])

    async def document(self, overdracht_id: UUID) -> str | None:
        row = await self._connection.fetchrow("select document from overdrachtsdocument where id = $1", overdracht_id)
        return None if row is None else cast("str", row["document"])

    async def bijlage(self, overdracht_id: UUID, bijlage_id: UUID) -> BijlageView | None:
        row = await self._connection.fetchrow(_BIJLAGE, overdracht_id, bijlage_id)
        return None if row is None else _view(BijlageView, row)

    async def overdrachten(
        self, kring: Kring, *, status: str | None, na: UUID | None, limiet: int
    ) -> tuple[OverdrachtView, ...]:
        rows = await self._connection.fetch(_OVERDRACHTEN, _codes(kring), kring.regio, status, na, limiet)
        return await self._with_pauses(tuple(_view(OverdrachtView, row) for row in rows))

    async def gebeurtenissen(self, kring: Kring, *, na: int, limiet: int) -> tuple[GebeurtenisView, ...]:
        rows = await self._connection.fetch(_GEBEURTENISSEN, _codes(kring), kring.regio, na, limiet)
        return tuple(_view(GebeurtenisView, row) for row in rows)

    async def samenwerkingen(self, kring: Kring, *, samenwerking_id: UUID | None, limiet: int) -> list[JsonObject]:
        rows = await self._connection.fetch(_SAMENWERKINGEN, _codes(kring), kring.regio, samenwerking_id, limiet)
        return [{name: _json(value) for name, value in row.items()} for row in rows]

    async def _with_pauses(self, found: tuple[OverdrachtView, ...]) -> tuple[OverdrachtView, ...]:
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


def _view(view: type[V], row: Mapping[str, Any]) -> V:
    return view(**{field.name: row[field.name] for field in fields(view)})


def _json(value: object) -> str | None:
    if isinstance(value, datetime):
        return iso(value)
    return None if value is None else str(value)
