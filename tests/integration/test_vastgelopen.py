"""A run of the tests that hangs ends, and shows where it stood (`tests/fixtures/vastgelopen.py`)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANGS = """
import asyncio, threading
from concurrent.futures import ThreadPoolExecutor
import pytest

def wait_for_ever():
    threading.Event().wait()

@pytest.fixture
def slow_to_leave():
    yield
    wait_for_ever()

@pytest.mark.timeout(1)
def test_that_fails_and_hangs_in_its_teardown(slow_to_leave):
    assert False

@pytest.mark.timeout(1)
def test_that_waits_for_a_thread():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(wait_for_ever).result()

@pytest.mark.timeout(1)
def test_that_waits_for_a_task_in_which_the_interruption_landed():
    async def works():
        while True:
            pass

    async def waits():
        working = asyncio.create_task(works())
        await asyncio.Event().wait()

    asyncio.run(waits())
"""


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("test_that_fails_and_hangs_in_its_teardown", "wait_for_ever"),
        ("test_that_waits_for_a_thread", "wait_for_ever"),
        ("test_that_waits_for_a_task_in_which_the_interruption_landed", "select"),
    ],
)
def test_what_hangs_ends_with_where_it_stood(name: str, where: str, tmp_path: Path) -> None:
    """Of each, the limit of the test itself is spent before it hangs."""
    (tmp_path / "test_hangs.py").write_text(HANGS)
    options = ["-p", "tests.fixtures.vastgelopen", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "--timeout=1"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options, f"{tmp_path}/test_hangs.py::{name}"],
        cwd=ROOT,
        env=os.environ | {"HOUVAST_TEST_SPARE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode != 0
    assert "Timeout (0:00:02)!" in done.stderr
    assert f"in {where}" in done.stderr
