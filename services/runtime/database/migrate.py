"""Bringing a schema up to date: numbered SQL files, each once, each in its own transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

import asyncpg

from services.runtime.database.connection import Session
from services.runtime.database.faults import AWAY
from services.runtime.process.starting import ServerStartError

_LEDGER = """
create table if not exists migratie (
    groep text not null, naam text not null, vingerafdruk text not null, op timestamptz not null default now(),
    primary key (groep, naam)
)
"""


class MigrationChanged(RuntimeError):
    """A migration that ran before is no longer the text that ran."""


class MigrationFailed(ServerStartError):
    """A migration was refused and nothing was changed. In Dutch, for whoever starts the new version."""


async def migrate(connection: Session, schema: str, groups: Sequence[tuple[str, str]]) -> int:
    """Run what has not run yet in `schema`; `groups` are (name, package with .sql files), in order.

    Safe to call from several processes at once. Returns how many ran. Raises `MigrationChanged` when history was edited,
    and `MigrationFailed` when one is refused: then none of them was done.
    """
    ran = 0
    async with connection.transaction():
        await connection.execute("set local statement_timeout = 0; set local lock_timeout = 0")
        await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"migratie-{schema}")
        await connection.execute(f'create schema if not exists "{schema}"')
        await connection.execute(f'set local search_path to "{schema}"')
        await connection.execute(_LEDGER)
        rows = await connection.fetch("select groep, naam, vingerafdruk from migratie")
        for group, package in groups:
            applied = {row["naam"]: row["vingerafdruk"] for row in rows if row["groep"] == group}
            ran += await _run_group(connection, group, applied, _scripts(package))
    return ran


async def _run_group(connection: Session, group: str, known: Mapping[str, str], scripts: Sequence[Traversable]) -> int:
    """Run what is new. A migration that ran under a name that is gone was renamed: only its name is written down.

    The old name stays there too, for copies of an earlier release that are still running.
    """
    renamed = {fingerprint for name, fingerprint in known.items() if name not in {item.name for item in scripts}}
    ran = 0
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        if known.get(script.name) == fingerprint:
            continue
        if script.name in known:
            raise MigrationChanged(f"migratie {group}/{script.name} is gewijzigd nadat zij was uitgevoerd")
        if fingerprint not in renamed:
            await _execute(connection, f"{group}/{script.name}", text)
            ran += 1
        await connection.execute(
            "insert into migratie (groep, naam, vingerafdruk) values ($1, $2, $3)", group, script.name, fingerprint
        )
    return ran


async def _execute(connection: Session, name: str, text: str) -> None:
    try:
        await connection.execute(text)
    except AWAY:
        raise
    except asyncpg.PostgresError as error:
        reason = f"{getattr(error, 'sqlstate', '')}: {getattr(error, 'message', type(error).__name__)}"
        raise MigrationFailed(
            f"De database kon niet worden bijgewerkt: migratie {name} is geweigerd ({reason})."
            " Er is niets veranderd; de vorige versie van Houvast kan met deze database blijven draaien. Zet die terug,"
            " neem de oorzaak weg en start dan de nieuwe versie opnieuw."
        ) from error


def _scripts(package: str) -> list[Traversable]:
    folder = files(package.rpartition(".")[0]).joinpath(package.rpartition(".")[2])
    if not folder.is_dir():
        return []
    return sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
