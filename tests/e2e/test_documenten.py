"""Documents that are true: every command of them is run in a fresh clone, as a reader would."""

import os
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fixtures.documenten import documents, write_script
from tests.fixtures.processen import ROOT, data_folder

pytestmark = [pytest.mark.database, pytest.mark.timeout(1500)]

CHECKS: Mapping[str, str] = {
    "takes half an hour": "make -n test >/dev/null",
    "takes a minute": "make -n demo >/dev/null",
    "takes minutes": 'eval {}" --help" >"$LOGS/help"',
    "needs a database and a broker": "fails_with HOUVAST_DATABASE {}",
    "needs https": "fails_with https {}",
    "needs a message that was set aside": "fails_with 'ligt niet terzijde' {}",
    "needs a mail server": "bash -n <<<{}",
}
"""Why a command cannot run here, and how that is seen to be true. CI does the two of the README in clones of its own."""

DOCUMENTS = [str(path.relative_to(ROOT)) for path in documents(ROOT)]


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """What somebody has after `git clone`: what was committed, and nothing that was made here.

    In a folder that others may enter; one that is closed to them has a test of its own.
    """
    with TemporaryDirectory(prefix="houvast-") as folder:
        Path(folder).chmod(0o755)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), f"{folder}/houvast"], check=True, timeout=120)
        _share_packages(Path(folder) / "houvast")
        yield Path(folder) / "houvast"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_of_a_document_does_what_it_says(name: str, clone: Path, tmp_path: Path) -> None:
    """In the order of the document, in one shell; `make setup` is the reader's own first step."""
    port, receiver_port = _free_port(), _free_port()
    text = (clone / name).read_text("utf-8")
    script = tmp_path / "document.sh"
    script.write_text(write_script(text, CHECKS, port=port, receiver_port=receiver_port), "utf-8")
    with data_folder(tmp_path / "data") as data:
        done = subprocess.run(
            ["bash", str(script)],
            cwd=clone,
            env=_environment(tmp_path, data, port, receiver_port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1400,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-4000:]


def _share_packages(clone: Path) -> None:
    """What `make setup` makes there, with the packages that it fetched here; that they can be fetched CI tries twice."""
    ready = ROOT / ".venv" / "ready"
    if not ready.exists():
        return
    venv = clone / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=120)
    own = Path(sysconfig.get_path("purelib", vars={"base": str(venv), "platbase": str(venv)}))
    (own / "houvast.pth").write_text(f"{clone}\n{sysconfig.get_path('purelib')}\n", "utf-8")
    for name in ("houvast", "pytest"):
        script = (ROOT / ".venv" / "bin" / name).read_text("utf-8").replace(str(ROOT), str(clone))
        (venv / "bin" / name).write_text(script, "utf-8")
        (venv / "bin" / name).chmod(0o755)
    (venv / "ready").write_text(ready.read_text("utf-8").replace(str(ROOT), str(clone)), "utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(folder: Path, data: Path, port: int, receiver_port: int) -> dict[str, str]:
    """That of a reader with a new account; what pip and uv fetched before may be used again."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    dropped = ("HOUVAST_", "VIRTUAL_ENV", "PYTHON", "MAKE", "PYTEST", "CI")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    path = os.pathsep.join(part for part in kept["PATH"].split(os.pathsep) if ".venv" not in part)
    return kept | {
        "PATH": path,
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(cache),
        "HOUVAST_DATA": str(data),
        "HOUVAST_PORT": str(port),
        "LOGS": str(folder),
        "RECEIVER_PORT": str(receiver_port),
        "TEST_HUB": f"http://127.0.0.1:{port}",
        "TEST_ROOT": str(ROOT),
    }
