"""Bringing a schema up to date: numbered SQL files, each once, each in its own transaction."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from services.runtime.database.connection import Session

_LEDGER = """
create table if not exists migratie (
    groep text not null, naam text not null, vingerafdruk text not null, op timestamptz not null default now(),
    primary key (groep, naam)
)
"""


class MigrationChanged(RuntimeError):
    """A migration that ran before is no longer the text that ran."""


async def migrate(connection: Session, schema: str, groups: Sequence[tuple[str, str]]) -> int:
    """Run what has not run yet in `schema`; `groups` are (name, package with .sql files), in order.

    Safe to call from several processes at once. Returns how many ran. Raises `MigrationChanged` when history was edited.
    """
    ran = 0
    async with connection.transaction():
        await connection.execute("set local statement_timeout = 0; set local lock_timeout = 0")
        await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"migratie-{schema}")
        await connection.execute(f'create schema if not exists "{schema}"')
        await connection.execute(f'set local search_path to "{schema}"')
        await connection.execute(_LEDGER)
        rows = await connection.fetch("select groep, naam, vingerafdruk from migratie")
        known = {(row["groep"], row["naam"]): row["vingerafdruk"] for row in rows}
        for group, package in groups:
            for script in _scripts(package):
                ran += await _run_once(connection, known, group=group, script=script)
    return ran


async def _run_once(connection: Session, known: dict[tuple[str, str], str], *, group: str, script: Traversable) -> int:
    text = script.read_text(encoding="utf-8")
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    before = known.get((group, script.name))
    if before == fingerprint:
        return 0
    if before is not None:
        raise MigrationChanged(f"migratie {group}/{script.name} is gewijzigd nadat zij was uitgevoerd")
    await connection.execute(text)
    await connection.execute(
        "insert into migratie (groep, naam, vingerafdruk) values ($1, $2, $3)", group, script.name, fingerprint
    )
    return 1


def _scripts(package: str) -> list[Traversable]:
    folder = files(package.rpartition(".")[0]).joinpath(package.rpartition(".")[2])
    if not folder.is_dir():
        return []
    return sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
