"""What is installed is what was locked, and what was locked is what pyproject.toml asks for."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def _asked(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted: list[str] = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for extra in extras:
        wanted += project["project"]["optional-dependencies"][extra]
    return [Requirement(line) for line in wanted]


@pytest.mark.parametrize(("lock", "extras"), [("production.txt", ()), ("develop.txt", ("embedded", "test"))])
def test_every_dependency_is_locked_within_its_bounds(lock: str, extras: tuple[str, ...]) -> None:
    """`make lock` was run after the last change of a dependency."""
    text = (ROOT / "deploy" / "requirements" / lock).read_text(encoding="utf-8")
    pinned = {canonicalize_name(name): version for name, version in _PINNED.findall(text)}
    wrong = [
        str(requirement)
        for requirement in _asked(*extras)
        if not requirement.specifier.contains(pinned.get(canonicalize_name(requirement.name), "0"), prereleases=True)
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", ["production.txt", "develop.txt"])
def test_everything_locked_has_its_hashes(lock: str) -> None:
    text = (ROOT / "deploy" / "requirements" / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    assert [entry.split()[0] for entry in entries if entry and "--hash=sha256:" not in entry] == []
