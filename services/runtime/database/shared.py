"""What the processes of an installation share: the schema `houvast`, and the clock in its table `klok`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.runtime.database.connection import Connection, Session
from services.runtime.database.migrate import migrate
from services.runtime.process.clock import Klok, KlokInstelling, SystemKlok, VersneldeKlok

SCHEMA = "houvast"


class KlokTerug(ValueError):
    """A clock would go back, or a moved one would run where that is not allowed. In Dutch, for whoever starts it."""


async def migrate_gedeeld(connection: Session) -> int:
    """Bring the shared schema up to date; safe from several processes at once. Returns how many migrations ran."""
    return await migrate(connection, SCHEMA, [("gedeeld", "services.runtime.database.migrations.gedeeld")])


async def shared_klok(
    connection: Connection,
    instelling: KlokInstelling | None,
    *,
    wall: Klok | None = None,
    allow_moved: bool = True,
) -> Klok:
    """The Clock of this installation: the one on the wall, or the moved one that every process shows alike.

    The first process with a setting anchors it; others, and the same setting after a restart, go on from there. A
    later start or another speed anchors it anew. One that stands still goes on once a hub starts (`start_klok`). An
    installation that has a moved clock keeps it when the setting is left out. Raises `KlokTerug`, also when
    `allow_moved` is false and the clock of this database was moved.
    """
    wall = wall or SystemKlok()
    row = await _read(connection)
    if not allow_moved and (row is not None or instelling is not None):
        raise KlokTerug("deze database hoort bij een installatie met een verzette klok; in productie kan dat niet")
    if row is None and instelling is None:
        return wall
    if row is None:
        assert instelling is not None
        await _refuse_before_history(connection, instelling.start)
        await _anchor_first(connection, instelling, wall)
    elif instelling is not None and not _same(row, instelling):
        await _anchor_anew(connection, row, instelling, wall)
    anchored = await _read(connection)
    assert anchored is not None
    return _klok_of(anchored, wall)


async def stop_klok(connection: Connection, klok: Klok) -> None:
    """Leave the clock of this installation standing at what `klok` shows."""
    await connection.execute(
        "INSERT INTO houvast.klok (start, getoond, snelheid, anker) VALUES ($1, $1, 1, NULL)"
        " ON CONFLICT (enige) DO UPDATE SET start = $1, getoond = $1, snelheid = 1, anker = NULL",
        klok.now(),
    )


async def start_klok(connection: Connection, *, wall: Klok | None = None) -> None:
    """Let a clock that stands still go on from what it shows; any other goes on as it did."""
    real = (wall or SystemKlok()).now().timestamp()
    await connection.execute("UPDATE houvast.klok SET anker = $1 WHERE anker IS NULL", real)


async def _read(connection: Connection) -> Mapping[str, Any] | None:
    return await connection.fetchrow("SELECT start, getoond, snelheid, anker FROM houvast.klok")


def _klok_of(row: Mapping[str, Any], wall: Klok) -> VersneldeKlok:
    """One that stands still starts for whoever only looks as it will for the next hub."""
    anchor = wall.now().timestamp() if row["anker"] is None else row["anker"]
    return VersneldeKlok(shown=row["getoond"], anchor=anchor, speed=row["snelheid"])


def _same(row: Mapping[str, Any], instelling: KlokInstelling) -> bool:
    return bool(row["start"] == instelling.start and row["snelheid"] == instelling.speed)


async def _refuse_before_history(connection: Connection, start: datetime) -> None:
    """A database that lived on the wall clock has a past that a moved clock must not precede."""
    row = await connection.fetchrow("SELECT max(gemaakt_op) AS laatste FROM houvast.sleutel")
    latest = None if row is None else row["laatste"]
    if latest is not None and latest > start:
        raise _back(latest, start)


async def _anchor_first(connection: Connection, instelling: KlokInstelling, wall: Klok) -> None:
    await connection.execute(
        "INSERT INTO houvast.klok (start, getoond, snelheid, anker) VALUES ($1, $1, $2, $3) ON CONFLICT DO NOTHING",
        instelling.start,
        instelling.speed,
        wall.now().timestamp(),
    )


async def _anchor_anew(connection: Connection, row: Mapping[str, Any], instelling: KlokInstelling, wall: Klok) -> None:
    """Only when nobody did so in the meantime: then theirs holds."""
    real = wall.now().timestamp()
    shown = _klok_of(row, wall).shown_at(real)
    if instelling.start == row["start"]:
        start = shown  # only the speed changes
    elif instelling.start >= shown:
        start = instelling.start
    else:
        raise _back(shown, instelling.start)
    await connection.execute(
        "UPDATE houvast.klok SET start = $1, getoond = $2, snelheid = $3, anker = $4 WHERE anker IS NOT DISTINCT FROM $5",
        instelling.start,
        start,
        instelling.speed,
        real,
        row["anker"],
    )


def _back(shown: datetime, start: datetime) -> KlokTerug:
    return KlokTerug(
        f"HOUVAST_CLOCK zet de klok terug: hier is het al {shown:%Y-%m-%dT%H:%M}Z en de instelling begint op"
        f" {start:%Y-%m-%dT%H:%M}Z. Kies een later moment, of begin met een lege database."
    )
