"""Every attempt to bring something to a destination: what went, what came back. No personal data is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson

from services.runtime.database.connection import Connection

_ATTEMPTS = """
select p.op, o.bestemming, o.soort, p.nummer, p.resultaat, p.status, p.toelichting, p.verzonden::text as verzonden,
       p.antwoord, p.duur_ms
from poging p join opdracht o on o.id = p.opdracht_id
where case when $1::uuid is null then o.bestemming = $2 or ($3 and o.bestemming like $2 || '/%')
           else o.inhoud::jsonb ->> 'overdrachtId' = $1::text end
order by p.op desc, p.nummer desc limit $4
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt as people read it."""

    at: datetime
    destination: str
    kind: str
    number: int
    outcome: str
    sent: str
    answer: str
    duration_ms: int | None


async def latest_attempts(connection: Connection, wat: str, *, number: int, with_teams: bool = True) -> Sequence[Tried]:
    """The latest for what an id of the content names, or for a destination (and its teams), the newest first.

    The search path is the schema of the service.
    """
    try:
        identifier: UUID | None = UUID(wat)
    except ValueError:
        identifier = None
    rows = await connection.fetch(_ATTEMPTS, identifier, wat, with_teams, number)
    return [
        Tried(
            at=row["op"],
            destination=row["bestemming"],
            kind=row["soort"],
            number=row["nummer"],
            outcome=f"{row['resultaat']}: {row['toelichting']}",
            sent=_sent(orjson.loads(row["verzonden"])),
            answer=row["antwoord"] or "",
            duration_ms=row["duur_ms"],
        )
        for row in rows
    ]


def _sent(sent: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_text(value)}" for name, value in sent.items())


def _text(value: object) -> str:
    return " ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)
