"""The versions of the register in the shared schema: written once, numbered without gaps, the newest holds."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.runtime.database.connection import Connection, Row

LONGEST_REASON = 500


class Bron(StrEnum):
    """By which road a version came."""

    BESTAND = "bestand"
    OPDRACHT = "opdracht"
    BLAD = "blad"
    MENSEN = "mensen"
    """By a page on which an organisation keeps its own people."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the register first; nothing was done."""


@dataclass(frozen=True, slots=True)
class Versie:
    """One version: who set it when, by which road, and why. Without `tekst` where a list was asked for."""

    nummer: int
    op: datetime
    wie: str
    bron: Bron
    waarom: str
    vingerafdruk: str
    tekst: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants the register to be from now on.

    `basis` is the number of the version that they saw, 0 where there is none. The same `sleutel` twice is one change.
    """

    tekst: str
    basis: int
    wie: str
    bron: Bron
    waarom: str
    sleutel: UUID | None = None


def fingerprint_of(tekst: str) -> str:
    """What makes two texts the same."""
    return hashlib.sha256(tekst.encode()).hexdigest()


async def add_version(connection: Connection, change: Change, *, now: datetime) -> Versie:
    """Write it down as the version after its basis. Raises `ChangedMeanwhile`.

    A change that came before, by its `sleutel`, gives the version that it made then.
    """
    arguments = (change.wie, change.bron.value, change.waarom, change.tekst, fingerprint_of(change.tekst))
    row = await connection.fetchrow(_ADD, change.basis + 1, now, *arguments, change.sleutel)
    if row is not None:
        return _versie(row)
    before = None if change.sleutel is None else await find_by_key(connection, change.sleutel)
    if before is None:
        raise ChangedMeanwhile
    return before


async def latest_version(connection: Connection, *, before: int | None = None) -> Versie | None:
    """The newest, or the newest before a number; None where there is none."""
    row = await connection.fetchrow(
        f"{_READ} where nummer < coalesce($1, nummer + 1) order by nummer desc limit 1", before
    )
    return None if row is None else _versie(row)


async def latest_number(connection: Connection) -> int:
    """The number of the newest version; 0 where there is none."""
    row = await connection.fetchrow("select coalesce(max(nummer), 0) as nummer from houvast.registerversie")
    return 0 if row is None else int(row["nummer"])


async def find_version(connection: Connection, nummer: int) -> Versie | None:
    row = await connection.fetchrow(f"{_READ} where nummer = $1", nummer)
    return None if row is None else _versie(row)


async def find_by_key(connection: Connection, sleutel: UUID) -> Versie | None:
    """The version that the change with this key made."""
    row = await connection.fetchrow(f"{_READ} where sleutel = $1", sleutel)
    return None if row is None else _versie(row)


async def number_with(connection: Connection, vingerafdruk: str) -> int | None:
    """The number of the newest version with this text, if ever there was one."""
    row = await connection.fetchrow(
        "select max(nummer) as nummer from houvast.registerversie where vingerafdruk = $1", vingerafdruk
    )
    return None if row is None else row["nummer"]


async def list_versions(connection: Connection, *, number: int, before: int | None = None) -> Sequence[Versie]:
    """The newest first, without their texts."""
    rows = await connection.fetch(
        "select nummer, op, wie, bron, waarom, vingerafdruk, '' as tekst from houvast.registerversie"
        " where nummer < coalesce($1, nummer + 1) order by nummer desc limit $2",
        before,
        number,
    )
    return [_versie(row) for row in rows]


_READ = "select nummer, op, wie, bron, waarom, vingerafdruk, tekst from houvast.registerversie"
_ADD = """
insert into houvast.registerversie (nummer, op, wie, bron, waarom, tekst, vingerafdruk, sleutel)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing
returning nummer, op, wie, bron, waarom, vingerafdruk, tekst
"""


def _versie(row: Row) -> Versie:
    return Versie(
        nummer=row["nummer"],
        op=row["op"],
        wie=row["wie"],
        bron=Bron(row["bron"]),
        waarom=row["waarom"],
        vingerafdruk=row["vingerafdruk"],
        tekst=row["tekst"],
    )
