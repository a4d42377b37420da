"""The ports of triage on PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from contracts.messages.identifiers import CasusId
from services.runtime.database.connection import Connection
from services.runtime.unit.lookups import Lookup
from services.triage.domain.casus import Fase
from services.triage.ports import (
    AdviesvraagView,
    BesluitView,
    DienstView,
    EarlierCases,
    MeldingView,
    MeldpuntmeldingView,
)

Row = Mapping[str, Any]

_EARLIER = """
select t.wie, v.casus_id, exists (select 1 from melding m where m.casus_id = v.casus_id and m.status <> $3) as loopt
from unnest($1::int[], $2::text[]) as t(wie, sleutel) cross join lateral
    (select casus_id from verwijzing where soort = 'huishouden' and verwijzing.sleutel = t.sleutel offset 0) as v
group by t.wie, v.casus_id order by t.wie, v.casus_id
"""
"""`offset 0`: looked up key by key, whatever the statistics say of a table that has just filled."""
_MELDING = """
select * from melding where id = $1
union all select * from melding where casus_id = $1 and id <> $1
limit 1
"""
_MELDINGEN = """
select * from melding
where regio = $1 and ($2::text is null or status = $2)
  and ($3::uuid is null or (ontvangen_op, id) > (select ontvangen_op, id from melding where id = $3))
order by ontvangen_op, id limit $4
"""
_BESLUITEN = "select * from triagebesluit where casus_id = $1 order by genomen_op, id"
_DIENST = "select d.*, m.regio from dienst d join melding m using (casus_id) where d.id = $1"
_ADVIESVRAAG = "select id, casus_id, regio, onderwerp, gesteld_op from adviesvraag where id = $1"
_MELDPUNTMELDING = """
select * from meldpuntmelding where id = $1
union all select * from meldpuntmelding where casus_id = $1 and id <> $1
limit 1
"""


class PostgresQueries:
    """Reads the read tables; the search path is the schema of triage."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._earlier: Lookup[tuple[str, ...], EarlierCases] = Lookup(self._load_earlier)

    async def earlier_cases(self, huishouden: Sequence[str]) -> EarlierCases:
        return await self._earlier.get(tuple(huishouden)) or EarlierCases()

    async def _load_earlier(self, wanted: Sequence[tuple[str, ...]]) -> Mapping[tuple[str, ...], EarlierCases]:
        keys = [(number, key) for number, huishouden in enumerate(wanted) for key in huishouden]
        rows = await self._connection.fetch(
            _EARLIER, [number for number, _ in keys], [key for _, key in keys], Fase.GEEN_VERVOLG.value
        )
        found: dict[int, list[Row]] = {}
        for row in rows:
            found.setdefault(row["wie"], []).append(row)
        return {wanted[number]: _earlier(cases) for number, cases in found.items()}

    async def melding(self, identifier: UUID) -> MeldingView | None:
        row = await self._connection.fetchrow(_MELDING, identifier)
        return None if row is None else _melding(row)

    async def meldingen(
        self, *, regio: str, status: str | None, na: UUID | None, limiet: int
    ) -> tuple[MeldingView, ...]:
        rows = await self._connection.fetch(_MELDINGEN, regio, status, na, limiet)
        return tuple(_melding(row) for row in rows)

    async def meldpuntmelding(self, identifier: UUID) -> MeldpuntmeldingView | None:
        row = await self._connection.fetchrow(_MELDPUNTMELDING, identifier)
        if row is None:
            return None
        return MeldpuntmeldingView(
            id=row["id"],
            casus_id=CasusId(row["casus_id"]),
            meldpunt=row["meldpunt"],
            regio=row["regio"],
            status=row["status"],
            crisis=row["crisis"],
            uitkomst=row["uitkomst"],
            ontvangen_op=row["ontvangen_op"],
            doorgezet_naar=row["doorgezet_naar"],
            doorgezet_op=row["doorgezet_op"],
            overgenomen_door=row["overgenomen_door"],
            overgenomen_op=row["overgenomen_op"],
        )

    async def besluiten(self, casus_id: CasusId) -> tuple[BesluitView, ...]:
        rows = await self._connection.fetch(_BESLUITEN, casus_id)
        return tuple(
            BesluitView(
                id=row["id"],
                besluit=row["besluit"],
                genomen_op=row["genomen_op"],
                functie=row["functie"],
                wijkt_af_van_advies=row["wijkt_af_van_advies"],
                ontvangers=tuple(orjson.loads(row["ontvangers"])),
            )
            for row in rows
        )

    async def dienst(self, identifier: UUID) -> DienstView | None:
        row = await self._connection.fetchrow(_DIENST, identifier)
        if row is None:
            return None
        return DienstView(
            id=row["id"],
            casus_id=CasusId(row["casus_id"]),
            regio=row["regio"],
            dienstsoort=row["dienstsoort"],
            gestart_op=row["gestart_op"],
            afgerond_op=row["afgerond_op"],
            ontvangers=tuple(orjson.loads(row["ontvangers"])),
            overdrachtsgesprek=row["overdrachtsgesprek"],
        )

    async def adviesvraag(self, identifier: UUID) -> AdviesvraagView | None:
        row = await self._connection.fetchrow(_ADVIESVRAAG, identifier)
        return None if row is None else AdviesvraagView(**dict(row))


def _earlier(rows: Sequence[Row]) -> EarlierCases:
    return EarlierCases(
        tuple(CasusId(row["casus_id"]) for row in rows),
        tuple(CasusId(row["casus_id"]) for row in rows if row["loopt"]),
    )


def _melding(row: Row) -> MeldingView:
    return MeldingView(
        id=row["id"],
        casus_id=CasusId(row["casus_id"]),
        afzender=row["afzender"],
        kenmerk=row["kenmerk"],
        regio=row["regio"],
        gemeente=row["gemeente"],
        bron=row["bron"],
        urgentie=row["urgentie"],
        ontvangen_op=row["ontvangen_op"],
        status=row["status"],
        meldpuntmelding_id=row["meldpuntmelding_id"],
        melder_geinformeerd_op=row["melder_geinformeerd_op"],
        eerdere_casussen=tuple(orjson.loads(row["eerdere_casussen"])),
        feiten=orjson.loads(row["feiten"]),
        triageadvies=orjson.loads(row["triageadvies"]) if row["triageadvies"] is not None else None,
        persoonsgegevens=row["persoonsgegevens"],
    )
