"""What `make demo`, `make test` and `make up` do first: a start that cannot work is said before anything is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.processen import ROOT

NAMELESS = 54321
"""No account of any machine that tests run on has this number."""
NOBODY = 65534

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the installation starts from, in a folder that is closed to others."""
    folder = tmp_path / "closed" / "houvast"
    folder.parent.mkdir(mode=0o700)
    needed = (
        "deploy/setup.sh",
        "deploy/requirements",
        "services/__init__.py",
        "services/runtime",
        "lab/__init__.py",
        "lab/ground",
    )
    for name in needed:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, folder / name)
    shutil.copy2(ROOT / "pyproject.toml", folder)
    return folder


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def become(uid: int) -> tuple[str, ...]:
    """An ordinary user, who may pass the folders above the one of the test."""
    who = (f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--securebits=+no_setuid_fixup")
    return ("setpriv", *who, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--")


def set_up(folder: Path, *before: str) -> str:
    """What the installation says where it refuses; it has installed nothing then."""
    done = run(folder, *before, "bash", "deploy/setup.sh", ".venv", "deploy/requirements/develop.txt")
    assert done.returncode == 1, done.stdout + done.stderr
    assert not list(folder.glob(".venv/lib/*/site-packages/pydantic"))
    assert not (folder / ".venv" / "ready").exists()
    assert "Traceback" not in done.stderr
    return done.stderr


@as_root
@pytest.mark.parametrize("right", ["setpcap", "dac_override"])
def test_root_without_the_rights_to_lend_is_told_beforehand(clone: Path, right: str) -> None:
    """As in a container that leaves root only some of its rights."""
    said = set_up(clone, "setpriv", f"--bounding-set=-{right}", "--")
    assert str(clone) in said
    assert "gewone gebruiker" in said


@as_root
def test_somebody_without_a_name_is_told_beforehand(clone: Path) -> None:
    """`initdb` refuses whoever is not in the list of users."""
    for path in (clone.parent, clone, *clone.rglob("*")):
        os.chown(path, NAMELESS, NAMELESS)
    assert "geen naam" in set_up(clone, *become(NAMELESS))


@as_root
def test_a_folder_of_somebody_else_is_told_beforehand(clone: Path) -> None:
    """An ordinary user in a clone of root."""
    assert "mag deze gebruiker niet schrijven" in set_up(clone, *become(NOBODY))


@as_root
def test_root_in_a_closed_folder_may_begin(clone: Path) -> None:
    """The same question as the installation asks, of the Python it would take."""
    done = run(clone, "python3", "-B", "-m", "lab.ground.postgres_account")
    assert (done.returncode, done.stderr) == (0, "")
