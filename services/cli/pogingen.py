"""`houvast gemeente pogingen`: every attempt to deliver, with what went, what came back and how long it took."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import orjson

from contracts.afspraken import AMSTERDAM
from services.cli.tabel import print_table

if TYPE_CHECKING:
    from services.runtime.settings import Settings

Row = Mapping[str, Any]

_ATTEMPTS = """
select p.op, o.bestemming, o.soort, p.nummer, p.resultaat, p.status, p.toelichting, p.verzonden::text as verzonden,
       p.antwoord, p.duur_ms
from handover.poging p join handover.opdracht o on o.id = p.opdracht_id
where case when $1::uuid is null then o.bestemming = $2 or o.bestemming like $2 || '/%'
           else o.inhoud::jsonb ->> 'overdrachtId' = $1::text end
order by p.op desc, p.nummer desc limit $3
"""


async def load_pogingen(settings: "Settings", wat: str, *, aantal: int) -> Sequence[Row]:
    """The latest attempts for an overdracht (by its id) or a destination, oldest first."""
    from uuid import UUID

    from services.cli.reach import reached_database

    try:
        overdracht: UUID | None = UUID(wat)
    except ValueError:
        overdracht = None
    async with reached_database(settings) as connection:
        rows = await connection.fetch(_ATTEMPTS, overdracht, wat, aantal)
    return list(reversed(rows))


def print_pogingen(rows: Sequence[Row]) -> None:
    print_table(
        "Pogingen, oudste eerst",
        ("Moment", "Bestemming", "Poging", "Uitkomst", "Ging mee", "Kwam terug", "Duur"),
        [_cells(row) for row in rows],
        right={"Poging", "Duur"},
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        _moment(row["op"]),
        f"{row['bestemming']} ({row['soort']})",
        str(row["nummer"]),
        f"{row['resultaat']}: {row['toelichting']}",
        _sent(orjson.loads(row["verzonden"])),
        row["antwoord"] or "",
        "" if row["duur_ms"] is None else f"{row['duur_ms']} ms",
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(AMSTERDAM):%d-%m-%Y %H:%M:%S}"


def _sent(sent: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_text(value)}" for name, value in sent.items())


def _text(value: object) -> str:
    return " ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)
