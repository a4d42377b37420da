"""What waits for a destination, and every attempt to bring something there. No personal data is in it."""

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
_OPEN = """
select casus_id, soort, gemaakt_op, pogingen, due_at, coalesce(lease_tot > clock_timestamp(), false) as onderweg,
       case when starts_with(soort, 'aflevering-') then inhoud::jsonb ->> 'overdrachtId' end as overdracht_id
from opdracht where status = 'open' and bestemming = $1 order by gemaakt_op, nummer limit $2
"""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What is still to be brought. `overdracht_id` where it is a delivery, which can be offered again."""

    casus_id: UUID
    overdracht_id: UUID | None
    kind: str
    made_at: datetime
    attempts: int
    due_at: datetime
    under_way: bool


async def open_requests(connection: Connection, destination: str, *, number: int) -> Sequence[OpenRequest]:
    """What waits for this destination, the oldest first."""
    return [
        OpenRequest(
            casus_id=row["casus_id"],
            overdracht_id=None if row["overdracht_id"] is None else UUID(row["overdracht_id"]),
            kind=row["soort"],
            made_at=row["gemaakt_op"],
            attempts=row["pogingen"],
            due_at=row["due_at"],
            under_way=row["onderweg"],
        )
        for row in await connection.fetch(_OPEN, destination, number)
    ]


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
