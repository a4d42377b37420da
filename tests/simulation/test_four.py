"""The four services with their own loops in all kinds of weather, and the planted bugs, each in processes of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.bugs import BUGS

UNPROVEN = {"what was seen is recognised by its place on the topic", "a timer that is set again keeps its old moment"}
PROVEN = [bug for bug in BUGS[:15] if bug.name not in UNPROVEN]
"""What was seen to be found within the budget; the others of the list are hunted by hand."""
ROOT = Path(__file__).parents[2]
SECONDS = 85.0
"""Of each half; with the bugs some three minutes of CI."""


def run(*arguments: str) -> str:
    """What the command of `docs/guarantees.md` says; it fails where a promise did not hold."""
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
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
    for bug in PROVEN[half::2]:
        assert "1 of 1 bugs found" in run("--bug", bug.name, "--jobs", "1")
