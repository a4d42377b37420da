"""Who holds a token, asked on every call: answered from memory for a few seconds, and a login link is turned into a session.

Lifetimes run in real time: give this module the clock on the wall, also where the Clock of the cases is moved, or a
session of a demo would end within seconds.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog

from services.runtime.access.sessions import RolesNow, end_sessions_with, note_token_use, note_use
from services.runtime.access.tokens import SESSION_LIFETIME, TOKEN_FORM, Caller, digest_of, new_token, revoke_text
from services.runtime.database.connection import Connection
from services.runtime.process.clock import Klok

log = structlog.get_logger(__name__)

_REMEMBERED_SECONDS = 5.0
_MOST_REMEMBERED = 10_000

_Remembered = tuple[float, datetime | None, Caller | None]


def _nobody(partij: str, persoon: str, *, acr: str | None, by_provider: bool) -> frozenset[str]:
    """Where no register is at hand nobody is let in by name."""
    del partij, persoon, acr, by_provider
    return frozenset()


class Access:
    """Verifies tokens, and turns a one-time login link into a session.

    An answer is remembered for five real seconds, so a revoked token may pass for that long. `monotonic` counts those;
    `roles` says which roles a person has now, `colleagues` which are filled at a party, `names` what it is called.
    """

    def __init__(
        self,
        connection: Connection,
        klok: Klok,
        *,
        roles: RolesNow = _nobody,
        colleagues: Callable[[str], frozenset[str]] = lambda _: frozenset(),
        names: Callable[[str], str] = lambda _: "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._klok = klok
        self._roles = roles
        self._colleagues = colleagues
        self._names = names
        self._monotonic = monotonic
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def verify(self, token: str) -> Caller | None:
        """Who holds this token; None for a token that is unknown, ended, or only good for a login link."""
        if not TOKEN_FORM.fullmatch(token):
            return None
        digest = digest_of(token)
        remembered = self._remembered.get(digest)
        if remembered is None or remembered[0] <= self._monotonic():
            remembered = await self._look_up(digest)
        _, expires_at, caller = remembered
        if expires_at is not None and expires_at <= self._klok.now():
            return None
        return caller

    async def exchange(self, code: str) -> str | None:
        """The text of a new session token for a login code that was not used before; None otherwise."""
        if not TOKEN_FORM.fullmatch(code):
            return None
        session, now = new_token(), self._klok.now()
        row = await self._connection.fetchrow(
            "WITH gebruikt AS ("
            " UPDATE houvast.toegangstoken SET ingetrokken_op = $2"
            " WHERE hash = $1 AND eenmalig AND ingetrokken_op IS NULL AND (verloopt_op IS NULL OR verloopt_op > $2)"
            " RETURNING partij, rol, persoon, scopes)"
            " INSERT INTO houvast.toegangstoken"
            " (id, hash, partij, rol, persoon, scopes, omschrijving, gemaakt_op, gebruikt_op, verloopt_op)"
            " SELECT $3, $4, partij, rol, persoon, scopes, 'sessie', $2, $2, $5 FROM gebruikt RETURNING partij",
            digest_of(code),
            now,
            uuid4(),
            digest_of(session),
            now + SESSION_LIFETIME,
        )
        if row is None:
            return None
        log.warning("signed_in_by_link", partij=row["partij"])
        return session

    async def end(self, token: str, *, everywhere: bool = False) -> tuple[str, str] | None:
        """End a session, as signing out does; everywhere with every other session of the same person at the party.

        Returns by which provider it was begun: issuer, and as whom the hub is known there.
        """
        now = self._klok.now()
        row = await self._connection.fetchrow(
            "SELECT uitgever, client_id FROM houvast.toegangstoken WHERE hash = $1 AND NOT eenmalig", digest_of(token)
        )
        await revoke_text(self._connection, token, now=now)
        self._remembered.pop(digest_of(token), None)
        if everywhere:
            await end_sessions_with(self._connection, token, now=now)
            self._remembered.clear()
        return None if row is None or row["uitgever"] is None else (row["uitgever"], row["client_id"])

    async def _look_up(self, digest: bytes) -> _Remembered:
        row = await self._connection.fetchrow(
            "SELECT id, partij, rol, persoon, scopes, verloopt_op, gebruikt_op, acr, uitgever FROM houvast.toegangstoken"
            " WHERE hash = $1 AND NOT eenmalig AND ingetrokken_op IS NULL",
            digest,
        )
        caller = None if row is None else await self._caller_of(row)
        expires_at: datetime | None = None if row is None else row["verloopt_op"]
        remembered = (self._monotonic() + _REMEMBERED_SECONDS, expires_at, caller)
        self._remembered[digest] = remembered
        self._remembered.move_to_end(digest)
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return remembered

    async def _caller_of(self, row: Mapping[str, Any]) -> Caller | None:
        """Who this is. A person who has no role any more, or did nothing for too long, is nobody."""
        scopes = frozenset[str](row["scopes"])
        if row["persoon"] is None:
            await note_token_use(self._connection, row["id"], row["gebruikt_op"], now=self._klok.now())
            return Caller(row["partij"], scopes, row["rol"], organisatie=self._names(row["partij"]))
        by_provider = row["uitgever"] is not None
        roles = self._roles(row["partij"], row["persoon"], acr=row["acr"], by_provider=by_provider)
        used: datetime = row["gebruikt_op"]
        if not roles or not await note_use(self._connection, row["id"], used, now=self._klok.now()):
            return None
        return Caller(
            row["partij"],
            scopes,
            row["rol"],
            row["persoon"],
            roles,
            self._colleagues(row["partij"]),
            organisatie=self._names(row["partij"]),
        )
