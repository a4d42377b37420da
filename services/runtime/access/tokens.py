"""Who may call: bearer tokens of systems, one-time login links and sessions of people, in `houvast.toegangstoken`.

Only a digest of a token is kept. Lifetimes run in real time: give this module the clock on the wall, also where the
Clock of the cases is moved, or a session of a demo would end within seconds.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from contracts.afspraken.ankers import Rol
from contracts.rechten import HUB, SCOPES, Daad, Scope, acts_of
from services.runtime.access.actor import Actor
from services.runtime.database.connection import Connection

PREFIX = "hv_"
SESSION_LIFETIME = timedelta(hours=12)
"""How long a session lasts at most, whatever is done in it: a long shift."""
LOGIN_LINK_LIFETIME = timedelta(hours=1)

BEHEERDER = "beheerder"
"""The role of whoever runs the hub, at its own party alone: what is the hub's own asks for it."""

_TOKEN_BYTES = 32
TOKEN_FORM = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


_OF_RECEIVER = frozenset(
    {
        Scope.OVERDRACHTEN_LEZEN,
        Scope.OVERDRACHTEN_BEVESTIGEN,
        Scope.MONITORING_LEZEN,
        Scope.ESCALATIES_AFHANDELEN,
        Scope.ZAKEN_MELDEN,
    }
)
"""What whoever a case is handed to may do, with its own cases."""

_DEFAULT_SCOPES: dict[str, frozenset[Scope]] = {
    "veilig-thuis": frozenset(Scope) - {Scope.BEHEER, Scope.MAIL_TERUGMELDEN},
    "meldpunt": frozenset({Scope.MELDPUNT_SCHRIJVEN, Scope.MELDINGEN_LEZEN}) | _OF_RECEIVER,
    **dict.fromkeys(("gemeente", "ggz", "rvdk", "safegroup", "overig"), _OF_RECEIVER),
    "beheer": frozenset({Scope.MONITORING_LEZEN, Scope.NOTIFICATIES_LEZEN, Scope.MAIL_TERUGMELDEN, Scope.BEHEER}),
}


def default_scopes(partijsoort: str) -> frozenset[Scope]:
    """What a party of this kind may do unless decided otherwise; an unknown kind may do nothing."""
    return _DEFAULT_SCOPES.get(partijsoort, frozenset())


@dataclass(frozen=True, slots=True)
class Caller:
    """A party that showed a valid token; for one of its people who that is, and in which roles of the register."""

    partij: str
    scopes: frozenset[str]
    rol: str | None = None
    persoon: str | None = None
    rollen: frozenset[str] = frozenset()

    collegas: frozenset[str] = frozenset()
    """The roles that are filled at its party: who else there may do what this person may not."""

    organisatie: str = ""
    """What its party is called, where a register is at hand."""

    def may(self, daad: Daad) -> bool:
        """Whether this may be asked at all; the relation to the case is looked at where the case is."""
        return self.party_may(daad) and (self.rollen_now is None or daad in acts_of(self.rollen_now))

    def party_may(self, daad: Daad) -> bool:
        """Whether its party may ask it: what no system does, the roles of its people decide."""
        scopes = SCOPES[daad]
        return any(scope in self.scopes for scope in scopes) if scopes else self.persoon is not None

    @property
    def rollen_now(self) -> frozenset[Rol] | None:
        """The roles by which a person is limited; None for a system. What `may` and `decide` ask."""
        return None if self.persoon is None else frozenset(map(Rol, self.rollen))

    @property
    def actor(self) -> Actor:
        rol = BEHEERDER if self.partij == HUB and BEHEERDER in self.rollen else self.rol
        return Actor(self.partij, rol, self.persoon, self.rollen_now)

    @property
    def gemeente(self) -> str | None:
        """The code of the gemeente that calls, which sees only its own cases; None for any other party."""
        return self.partij if re.fullmatch(r"GM\d{4}", self.partij) else None


class Verifier(Protocol):
    """What the HTTP edge asks of access."""

    async def verify(self, token: str) -> Caller | None: ...


async def issue(
    connection: Connection,
    *,
    partij: str,
    scopes: Collection[str],
    omschrijving: str,
    now: datetime,
    rol: str | None = None,
    lifetime: timedelta | None = None,
    eenmalig: bool = False,
) -> str:
    """A new token; this is the only time its text exists. Without a lifetime it holds until it is revoked.

    Raises `ValueError` for a scope that does not exist.
    """
    unknown = sorted(set(scopes) - set(Scope))
    if unknown:
        raise ValueError(f"onbekende scope: {', '.join(unknown)}. Scopes: {', '.join(sorted(Scope))}.")
    token = new_token()
    await connection.execute(
        "INSERT INTO houvast.toegangstoken"
        " (id, hash, partij, rol, scopes, omschrijving, gemaakt_op, verloopt_op, eenmalig)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        uuid4(),
        digest_of(token),
        partij,
        rol,
        sorted(scopes),
        omschrijving,
        now,
        None if lifetime is None else now + lifetime,
        eenmalig,
    )
    return token


async def admit(
    connection: Connection, token: str, *, partij: str, scopes: Collection[str], omschrijving: str, now: datetime
) -> None:
    """Let in whoever shows this token, which can be made again and so need not be kept. Doing it twice is doing it
    once; one that was ended stays so.
    """
    await connection.execute(
        "INSERT INTO houvast.toegangstoken (id, hash, partij, scopes, omschrijving, gemaakt_op)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING",
        uuid4(),
        digest_of(token),
        partij,
        sorted(scopes),
        omschrijving,
        now,
    )


async def is_open(connection: Connection, token: str) -> bool | None:
    """Whether this token was not ended; None for one that does not exist."""
    row = await connection.fetchrow(
        "SELECT ingetrokken_op FROM houvast.toegangstoken WHERE hash = $1", digest_of(token)
    )
    return None if row is None else row["ingetrokken_op"] is None


async def revoke_text(connection: Connection, token: str, *, now: datetime, partij: str | None = None) -> bool:
    """End a token by its text. False when it was ended before, does not exist, or is of another `partij`."""
    return _changed_one(
        await connection.execute(
            "UPDATE houvast.toegangstoken SET ingetrokken_op = $2"
            " WHERE hash = $1 AND ingetrokken_op IS NULL AND partij = coalesce($3, partij)",
            digest_of(token),
            now,
            partij,
        )
    )


def new_token() -> str:
    """`hv_` and 256 random bits; the prefix lets scanners for leaked secrets find it."""
    return PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def digest_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def _changed_one(status: str) -> bool:
    return status.endswith(" 1")
