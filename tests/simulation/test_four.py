"""The four services with their own loops in all kinds of weather, and the planted bugs, each in processes of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.bugs import BUGS

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
"""Of each half of the seeds. With the bugs some four and a half minutes of one core, side by side half of that."""


def run(*arguments: str) -> str:
    """What the command of `docs/guarantees.md` says; it fails where a promise did not hold."""
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)
@pytest.mark.parametrize("begin", [0, 500_000])
def test_the_promises_hold_in_any_weather(begin: int) -> None:
    told = run("--seeds", "100000", "--begin", str(begin), "--seconds", str(SECONDS), "--jobs", "1")
    assert " 0 wrong" in told


@pytest.mark.timeout(120)
def test_a_seed_tells_the_same_story_twice() -> None:
    assert run("--seed", "13", "--kind", "all") == run("--seed", "13", "--kind", "all")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("half", [0, 1])
def test_the_planted_bugs_are_found(half: int) -> None:
    names = [bug.name for bug in BUGS[half::2]]
    assert f"{len(names)} of {len(names)} bugs found" in run("--bug", *names, "--jobs", "1")
