"""Bringing a schema up to date: each file once, history as it was."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

import services.runtime.database
from services.runtime.database.migrate import MigrationChanged, MigrationFailed, migrate

pytestmark = [pytest.mark.anyio, pytest.mark.database]

RUNTIME = [("runtime", "services.runtime.database.migrations.dienst")]
FILES = len(list((Path(services.runtime.database.__file__).parent / "migrations" / "dienst").glob("*.sql")))


@pytest.fixture
async def connection(fresh_database: str) -> AsyncIterator[Any]:
    opened = cast("Any", await asyncpg.connect(fresh_database))
    yield opened
    await opened.close()


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations in a package of its own."""
    package = f"pakket_{tmp_path.name.replace('-', '_')}"
    folder = tmp_path / package / "sql"
    folder.mkdir(parents=True)
    (tmp_path / package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, package, raising=False)
    return folder


def group_of(folder: Path) -> list[tuple[str, str]]:
    return [("proef", f"{folder.parent.name}.{folder.name}")]


async def test_what_ran_does_not_run_again(connection: Any) -> None:
    assert await migrate(connection, "triage", RUNTIME) == FILES
    assert await migrate(connection, "triage", RUNTIME) == 0
    assert await migrate(connection, "handover", RUNTIME) == FILES
    assert await connection.fetchval("select count(*) from triage.inbox") == 0


async def test_several_processes_may_start_at_once(fresh_database: str) -> None:
    connections = [cast("Any", await asyncpg.connect(fresh_database)) for _ in range(4)]
    try:
        ran = await asyncio.gather(*(migrate(connection, "triage", RUNTIME) for connection in connections))
    finally:
        for connection in connections:
            await connection.close()
    assert sorted(ran) == [0, 0, 0, FILES]


async def test_edited_history_is_refused(connection: Any, scripts: Path) -> None:
    (scripts / "0001_een.sql").write_text("create table een (id int)")
    await migrate(connection, "proef", group_of(scripts))
    (scripts / "0001_een.sql").write_text("create table een (id bigint)")
    with pytest.raises(MigrationChanged, match="0001_een"):
        await migrate(connection, "proef", group_of(scripts))


async def test_a_migration_that_fails_leaves_nothing(connection: Any, scripts: Path) -> None:
    (scripts / "0001_een.sql").write_text("create table een (id int)")
    (scripts / "0002_twee.sql").write_text("create table twee (id geen_soort)")
    with pytest.raises(MigrationFailed, match=r"proef/0002_twee\.sql.*vorige versie"):
        await migrate(connection, "proef", group_of(scripts))
    assert await connection.fetchval("select to_regclass('proef.een')") is None


async def test_a_migration_that_was_renamed_does_not_run_again(connection: Any, scripts: Path) -> None:
    """The old name stays too: a copy of the release before may start again beside this one."""
    (scripts / "0001_een.sql").write_text("create table een (id int)")
    (scripts / "0001_twee.sql").write_text("create table twee (id int)")
    assert await migrate(connection, "proef", group_of(scripts)) == 2
    (scripts / "0001_twee.sql").rename(scripts / "0002_twee.sql")
    (scripts / "0003_drie.sql").write_text("create table drie (id int)")
    assert await migrate(connection, "proef", group_of(scripts)) == 1
    assert await migrate(connection, "proef", group_of(scripts)) == 0
    (scripts / "0002_twee.sql").rename(scripts / "0001_twee.sql")
    (scripts / "0003_drie.sql").unlink()
    assert await migrate(connection, "proef", group_of(scripts)) == 0, "the release before it"


async def test_after_a_failed_migration_the_version_before_goes_on(connection: Any, scripts: Path) -> None:
    (scripts / "0001_een.sql").write_text("create table een (id int)")
    await migrate(connection, "proef", group_of(scripts))
    await connection.execute("insert into proef.een values (1), (1)")
    (scripts / "0002_twee.sql").write_text("alter table een add column twee int; create unique index on een (id)")
    with pytest.raises(MigrationFailed, match=r"0002_twee\.sql is geweigerd .*Er is niets veranderd"):
        await migrate(connection, "proef", group_of(scripts))
    (scripts / "0002_twee.sql").unlink()
    assert await migrate(connection, "proef", group_of(scripts)) == 0
    await connection.execute("insert into proef.een values (2)")
    assert await connection.fetchval("select count(*) from proef.een") == 3
