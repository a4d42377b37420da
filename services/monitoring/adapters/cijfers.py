"""The counts behind the figures, over the read tables of this service."""

from collections.abc import Mapping, Sequence

from contracts.afspraken import AMSTERDAM, Termijnstatus
from contracts.rechten import Kring
from services.monitoring.domain.cijfers import Overdrachttelling, Plaats, Termijntelling
from services.monitoring.ports import Cijfervraag
from services.runtime.database.connection import Connection, Row

_MONTH = f"date_trunc('month', {{}} at time zone '{AMSTERDAM.key}')::date as maand"
_PLACE = f"coalesce(o.partij, o.gemeente) as ontvanger, o.team, {_MONTH.format('o.aangemaakt_op')}"
_MADE_ON = "o.aangemaakt_op"


class PostgresCijfers:
    """`CijferQueries` in PostgreSQL. An overdracht that Veilig Thuis took back is not counted."""

    def __init__(self, pool: Connection) -> None:
        self._pool = pool

    async def overdrachten(self, vraag: Cijfervraag, kring: Kring) -> Sequence[Overdrachttelling]:
        """By receiver, team and month in which they were made."""
        where, values = _among(vraag, kring, _MADE_ON)
        ended = "coalesce(o.teruggekoppeld_op, o.geweigerd_op)"
        found = await self._pool.fetch(
            f"select {_PLACE}, count(*) as gemaakt, count(o.opgepakt_op) as opgepakt,"  # noqa: S608  our own
            f" count(*) filter (where o.opgepakt_op is null and {ended} is null) as open,"
            " percentile_cont(0.5) within group (order by extract(epoch from o.opgepakt_op - o.aangemaakt_op) / 86400)"
            f" as mediaan from overdracht o where o.ingetrokken_op is null and {where} group by 1, 2, 3",
            *values,
        )
        return [
            Overdrachttelling(_place(row), row["gemaakt"], row["opgepakt"], row["open"], row["mediaan"])
            for row in found
        ]

    async def termijnen(self, vraag: Cijfervraag, kring: Kring) -> Sequence[Termijntelling]:
        """The terms about these overdrachten, by how they stand."""
        where, values = _among(vraag, kring, _MADE_ON)
        found = await self._pool.fetch(
            f"select {_PLACE}, o.regio, t.regel_id, t.status, count(*) as aantal from overdracht o"  # noqa: S608  our own
            " join termijn t on t.casus_id = o.casus_id and t.onderwerp_id = o.id and t.vervangen_door is null"
            f" where o.ingetrokken_op is null and {where} group by 1, 2, 3, 4, 5, 6",
            *values,
        )
        return [
            Termijntelling(
                _place(row), row["regio"], row["regel_id"], Termijnstatus(row["status"]), aantal=row["aantal"]
            )
            for row in found
        ]

    async def signalen(self, vraag: Cijfervraag, kring: Kring) -> Mapping[Plaats, int]:
        """Those that were sent to a gemeente, by the month in which they were."""
        where, values = _among(vraag, kring, "o.afgegeven_op")
        found = await self._pool.fetch(
            f"select o.gemeente as ontvanger, null as team, {_MONTH.format('o.afgegeven_op')},"  # noqa: S608  our own
            f" count(*) as aantal from (select *, null::text as partij from signaal) o where {where} group by 1, 2, 3",
            *values,
        )
        return {_place(row): row["aantal"] for row in found}


def _place(row: Row) -> Plaats:
    return Plaats(row["ontvanger"], row["team"], row["maand"])


def _among(vraag: Cijfervraag, kring: Kring, moment: str) -> tuple[str, tuple[object, ...]]:
    """Of the months that are asked for, and of what this circle is about."""
    values: list[object] = [vraag.van, vraag.tot]
    conditions = [f"{moment} >= $1 and {moment} < $2"]
    if kring.regio is not None:
        values.append(kring.regio)
        conditions.append(f"o.regio = ${len(values)}")
    if kring.partijen is not None:
        values.append(sorted(kring.partijen))
        conditions.append(f"coalesce(o.partij, o.gemeente) = any(${len(values)}::text[])")
    if vraag.gemeente is not None:
        values.append(vraag.gemeente)
        conditions.append(f"o.gemeente = ${len(values)}")
    return " and ".join(conditions), tuple(values)
