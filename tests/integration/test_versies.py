"""An upgrade: the database of every release, with its data, becomes one of today, and every read row is made again."""

import re
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from typer.testing import CliRunner

from contracts.messages.topics import Service
from services.cli.leestabellen import app
from services.runtime.database.migrate import migrate
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.unit.rows import ReadRow, columns, read_row
from tests.architecture.sources import ROOT
from tests.fixtures.apart import run_apart

pytestmark = pytest.mark.database

VERSIES = {
    path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "fixtures" / "versies").glob("*.sql")
}
FOLDERS = sorted({path.parent for path in (ROOT / "services").rglob("migrations/**/*.sql")})
COUNTS = {"triage.melding": 3, "handover.overdracht": 2, "monitoring.casus": 4, "notifier.notificatie": 10}
"""What is in the database of 0.1.0."""


def tables_of(service: Service) -> tuple[type[ReadRow], ...]:
    tables: tuple[type[ReadRow], ...] = import_module(f"services.{service.value}.ports.rows").TABLES
    return tables


async def migrate_all(connection: Any) -> int:
    ran = await migrate_gedeeld(connection)
    for service in Service:
        groups = [
            ("runtime", "services.runtime.database.migrations.dienst"),
            (service.value, f"services.{service.value}.migrations"),
        ]
        ran += await migrate(connection, service.value, groups)
    return ran


async def lay(url: str, dump: str) -> None:
    connection = cast("Any", await asyncpg.connect(url))
    try:
        await connection.execute(dump)
    finally:
        await connection.close()


@pytest.fixture
async def connection(fresh_database: str) -> AsyncIterator[Any]:
    opened = cast("Any", await asyncpg.connect(fresh_database))
    yield opened
    await opened.close()


@pytest.mark.anyio
@pytest.mark.parametrize("versie", sorted(VERSIES))
async def test_a_database_of_a_release_becomes_one_of_today(fresh_database: str, connection: Any, versie: str) -> None:
    """Its columns are those of an empty one, its migrations run once, and every row that is in it can be read."""
    await lay(fresh_database, VERSIES[versie])
    before = {table: await connection.fetchval(f"select count(*) from {table}") for table in COUNTS}
    assert await migrate_all(connection) > 0
    assert await migrate_all(connection) == 0
    assert {table: await connection.fetchval(f"select count(*) from {table}") for table in COUNTS} == before
    for service in Service:
        for kind in tables_of(service):
            found = await connection.fetch(f"select {columns(kind)} from {service.value}.{kind.table}")
            for row in found:
                read_row(kind, row)


@pytest.mark.parametrize("versie", sorted(VERSIES))
def test_after_an_upgrade_every_row_is_made_again(fresh_database: str, versie: str, tmp_path: Path) -> None:
    """What an older release left out is filled, for cases in which nothing happens any more."""
    run_apart(lay(fresh_database, VERSIES[versie]))
    run_apart(_spoil(fresh_database))
    made = CliRunner().invoke(app, ["herbouw", "--database", fresh_database, "--data", str(tmp_path)])
    assert (made.exit_code, made.stderr) == (0, "")
    assert run_apart(_mended(fresh_database)) == COUNTS


async def _spoil(url: str) -> None:
    connection = cast("Any", await asyncpg.connect(url))
    try:
        await connection.execute(
            "update triage.melding set kenmerk = 'bedorven'; update handover.overdracht set team = 'bedorven';"
            " delete from monitoring.casus; update notifier.notificatie set onderwerp = 'bedorven'"
        )
    finally:
        await connection.close()


async def _mended(url: str) -> dict[str, int]:
    """How many rows of each table are as they should be."""
    spoilt = {"triage.melding": "kenmerk", "handover.overdracht": "team", "notifier.notificatie": "onderwerp"}
    connection = cast("Any", await asyncpg.connect(url))
    try:
        return {
            table: await connection.fetchval(
                f"select count(*) from {table} where {spoilt.get(table, 'null')} is distinct from 'bedorven'"
            )
            for table in COUNTS
        }
    finally:
        await connection.close()


@pytest.mark.anyio
async def test_every_read_table_has_the_columns_of_its_row_and_is_found_by_case(connection: Any) -> None:
    await migrate_all(connection)
    for service in Service:
        for kind in tables_of(service):
            table = f"{service.value}.{kind.table}"
            found = await connection.fetch(
                "select column_name from information_schema.columns where table_schema || '.' || table_name = $1", table
            )
            missing = set(re.findall(r'"(\w+)"', columns(kind))) - {row["column_name"] for row in found}
            assert missing == set(), table
            indexes = await connection.fetch(
                "select indexdef from pg_indexes where schemaname || '.' || tablename = $1", table
            )
            assert any(re.search(r"\(casus_id\b", row["indexdef"]) for row in indexes), table


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_migrations_have_numbers_of_their_own_without_gaps(folder: Path) -> None:
    """Two with one number would run in an order that nobody chose."""
    numbers = [path.name[:4] for path in sorted(folder.glob("*.sql"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
