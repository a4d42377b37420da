"""Sessions of people: who somebody is at which party, as the register has it now, for as long as they work.

A session is a row in `houvast.toegangstoken` like every other token. It ends after an hour in which nothing is done, after
twelve hours whatever is done, when its person signs out (here or everywhere), when the provider ends it there, and as
soon as the register gives the person no role at the party any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from services.runtime.access.tokens import LOGIN_LINK_LIFETIME, SESSION_LIFETIME, Scope, digest_of, new_token
from services.runtime.database.connection import Connection

SESSION_IDLE = timedelta(hours=1)
_TOKEN_USED_EVERY = timedelta(hours=1)
_USED_EVERY = timedelta(minutes=1)
"""How precisely is kept when a session was last used: not every page writes a row."""


class RolesNow(Protocol):
    """The roles of a person at a party by the register as it is now; none: no access.

    `acr` is how strongly it signed in; that counts where it was `by_provider`.
    """

    def __call__(self, partij: str, persoon: str, *, acr: str | None, by_provider: bool) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Herkomst:
    """The sign-in that a session comes from: provider, and what that calls the person and its own session."""

    uitgever: str
    client_id: str
    onderwerp: str
    sessie: str | None
    acr: str | None


async def begin_session(
    connection: Connection,
    *,
    partij: str,
    persoon: str,
    scopes: frozenset[Scope],
    herkomst: Herkomst | None,
    now: datetime,
) -> str:
    """The text of a new session; without `herkomst` that of somebody who was picked, where people can be."""
    session = new_token()
    await connection.execute(
        "INSERT INTO houvast.toegangstoken (id, hash, partij, persoon, scopes, omschrijving, gemaakt_op, gebruikt_op,"
        " verloopt_op, uitgever, client_id, onderwerp, sessie, acr)"
        " VALUES ($1, $2, $3, $4, $5, 'sessie', $6, $6, $7, $8, $9, $10, $11, $12)",
        uuid4(),
        digest_of(session),
        partij,
        persoon,
        sorted(scopes),
        now,
        now + SESSION_LIFETIME,
        None if herkomst is None else herkomst.uitgever,
        None if herkomst is None else herkomst.client_id,
        None if herkomst is None else herkomst.onderwerp,
        None if herkomst is None else herkomst.sessie,
        None if herkomst is None else herkomst.acr,
    )
    return session


async def issue_link(
    connection: Connection, *, partij: str, persoon: str, scopes: frozenset[Scope], door: str, now: datetime
) -> str:
    """The code of a link by which this person signs in once, within an hour; who made it is kept."""
    code = new_token()
    await connection.execute(
        "INSERT INTO houvast.toegangstoken"
        " (id, hash, partij, persoon, scopes, omschrijving, gemaakt_op, verloopt_op, eenmalig)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true)",
        uuid4(),
        digest_of(code),
        partij,
        persoon,
        sorted(scopes),
        f"noodlink, gemaakt door {door}",
        now,
        now + LOGIN_LINK_LIFETIME,
    )
    return code


async def note_use(connection: Connection, session_id: UUID, gebruikt_op: datetime, *, now: datetime) -> bool:
    """Whether a session is not idle yet, and keep that it is used."""
    if gebruikt_op + SESSION_IDLE <= now:
        return False
    if gebruikt_op + _USED_EVERY <= now:
        await connection.execute(
            "UPDATE houvast.toegangstoken SET gebruikt_op = $2 WHERE id = $1 AND gebruikt_op < $2", session_id, now
        )
    return True


async def note_token_use(
    connection: Connection, token_id: UUID, gebruikt_op: datetime | None, *, now: datetime
) -> None:
    """Keep that a system uses its token, to the hour: who runs the hub sees which tokens nobody needs any more."""
    if gebruikt_op is None or gebruikt_op + _TOKEN_USED_EVERY <= now:
        await connection.execute("UPDATE houvast.toegangstoken SET gebruikt_op = $2 WHERE id = $1", token_id, now)


async def end_sessions_with(connection: Connection, token: str, *, now: datetime) -> None:
    """End every session of the person whose session this is or was, at the same party."""
    await connection.execute(
        "UPDATE houvast.toegangstoken AS t SET ingetrokken_op = $2 FROM houvast.toegangstoken AS deze"
        " WHERE deze.hash = $1 AND t.partij = deze.partij AND t.persoon = deze.persoon"
        " AND NOT t.eenmalig AND t.ingetrokken_op IS NULL",
        digest_of(token),
        now,
    )


async def end_sessions_by(
    connection: Connection, *, uitgever: str, client_id: str, onderwerp: str | None, sessie: str | None, now: datetime
) -> int:
    """End what the provider says it ended: that session, or every one of the subject. Returns how many there were."""
    status = await connection.execute(
        "UPDATE houvast.toegangstoken SET ingetrokken_op = $5 WHERE uitgever = $1 AND client_id = $2"
        " AND ($3::text IS NULL OR onderwerp = $3) AND ($4::text IS NULL OR sessie = $4)"
        " AND ($3::text IS NOT NULL OR $4::text IS NOT NULL) AND ingetrokken_op IS NULL",
        uitgever,
        client_id,
        onderwerp,
        sessie,
        now,
    )
    return int(status.rpartition(" ")[2])
