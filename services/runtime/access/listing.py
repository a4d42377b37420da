"""The tokens that are in force, as whoever runs the hub sees them: never the text, which nobody has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.runtime.database.connection import Connection

_OPEN = """
select id, partij, scopes, omschrijving, gemaakt_op, verloopt_op, gebruikt_op from houvast.toegangstoken
where persoon is null and not eenmalig and ingetrokken_op is null and (verloopt_op is null or verloopt_op > $1)
order by partij, gemaakt_op, id
"""
_ENDED = """
select id, partij, omschrijving, ingetrokken_op, ingetrokken_door from houvast.toegangstoken
where persoon is null and not eenmalig and ingetrokken_op is not null order by ingetrokken_op desc limit $1
"""
_END = """
update houvast.toegangstoken set ingetrokken_op = $2, ingetrokken_door = $3
where id = $1 and ingetrokken_op is null and persoon is null and not eenmalig returning partij
"""


@dataclass(frozen=True, slots=True)
class OpenToken:
    """A token of a system. `used_at` is None where it was not used yet; kept to the hour."""

    id: UUID
    partij: str
    scopes: Sequence[str]
    omschrijving: str
    made_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class EndedToken:
    """One that was ended, by whom where a person did so on the page."""

    id: UUID
    partij: str
    omschrijving: str
    ended_at: datetime
    by: str | None


async def open_tokens(connection: Connection, *, now: datetime) -> Sequence[OpenToken]:
    """All that let a system in now, by party."""
    return [
        OpenToken(
            id=row["id"],
            partij=row["partij"],
            scopes=row["scopes"],
            omschrijving=row["omschrijving"],
            made_at=row["gemaakt_op"],
            expires_at=row["verloopt_op"],
            used_at=row["gebruikt_op"],
        )
        for row in await connection.fetch(_OPEN, now)
    ]


async def ended_tokens(connection: Connection, *, number: int) -> Sequence[EndedToken]:
    """Those that were ended last, the newest first."""
    return [
        EndedToken(row["id"], row["partij"], row["omschrijving"], row["ingetrokken_op"], row["ingetrokken_door"])
        for row in await connection.fetch(_ENDED, number)
    ]


async def end_token(connection: Connection, token_id: UUID, *, by: str, now: datetime) -> str | None:
    """End a token of a system for good; the party that had it, None where there is no such token in force."""
    row = await connection.fetchrow(_END, token_id, now, by)
    return None if row is None else row["partij"]
