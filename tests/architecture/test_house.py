"""The house of DESIGN §2: who may import whom, what stands where, and how it is called."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, SERVICES, python_sources

NINE = ("__init__", "domain", "ports", "handlers", "adapters", "subscribers", "api", "settings", "app")
BESIDES = {"migrations", "sjablonen", "static", "templates", "__pycache__"}
VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|base|common|misc)(_|$)")
DOMAIN_CONTRACTS = re.compile(r"contracts\.messages\.(triage|handover|monitoring|notifier|documenten)\b")


def test_imports_point_inward() -> None:
    """The contracts of import-linter in pyproject.toml, every one of them kept."""
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    assert command is not None, "import-linter is not installed; it comes with the extra `test`"
    result = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_the_four_have_the_same_nine_files(service: str) -> None:
    """A file that grew too long is a package under the same name."""
    folder = ROOT / "services" / service
    present = {path.stem if path.suffix == ".py" else path.name for path in folder.iterdir()} - BESIDES
    assert sorted(present) == sorted(NINE)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_what_it_decides_consumes_and_publishes(service: str) -> None:
    """STYLE 1: a reader starts here."""
    text = (ROOT / "services" / service / "__init__.py").read_text(encoding="utf-8").casefold()
    assert [word for word in ("decides", "consumes", "publishes") if word not in text] == []


def test_no_name_says_that_something_is_not_yet_understood() -> None:
    """STYLE 16: utils, helpers, manager, base, common."""
    vague = {
        source.name
        for source in python_sources()
        for part in (*source.path.parts[:-1], source.path.stem)
        if VAGUE.search(part)
    }
    assert vague == set()


def test_the_runtime_knows_no_domain_word_of_a_message() -> None:
    """It moves envelopes; what is in them is the business of the four."""
    knowing = [
        f"{source.name}: {found[0]}"
        for source in python_sources("services/runtime")
        if (found := DOMAIN_CONTRACTS.search(source.text))
    ]
    assert knowing == []


def test_frameworks_stay_at_their_edge() -> None:
    """DESIGN §2: `subscribers` alone binds FastStream, `api` alone binds HTTP; `app` puts them together."""
    allowed = {
        "faststream": {"subscribers"},
        "fastapi": {"api", "app"},
        "asyncpg": {"adapters", "app"},
        "httpx": {"adapters", "app"},
    }
    strays = [
        f"{source.name}: {framework}"
        for service in SERVICES
        for source in python_sources(f"services/{service}")
        for framework, places in allowed.items()
        if re.search(rf"^\s*(from|import) {framework}\b", source.text, re.MULTILINE)
        and not places & {source.path.stem, *source.path.parts}
    ]
    assert strays == []
