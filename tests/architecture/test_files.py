"""What stands in the project besides Python: it parses, and it gives nothing away."""

import json
import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, text_files

THIS = Path(__file__)
TEXT = (
    ".py",
    ".md",
    ".toml",
    ".json",
    ".yaml",
    ".yml",
    ".sql",
    ".html",
    ".css",
    ".js",
    ".xml",
    ".txt",
    ".cfg",
    ".sh",
    "",
)

GIVEN_AWAY = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\n[A-Za-z0-9+/=\s]{64}"),
    "an access key of a cloud": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of a forge": re.compile(
        r"\b(gh[pousr]_[A-Za-z0-9]{30,}|glpat-[A-Za-z0-9_-]{20,}|pypi-AgE[A-Za-z0-9_-]{30,})",
    ),
    "a Teams workflow": re.compile(
        r"https://[\w.-]+\.(logic\.azure\.com|api\.powerplatform\.com)[\w./:-]*\?[^\s\"']*\bsig=[\w-]{20,}",
    ),
    "a password in an address": re.compile(
        r"\b(?:https?|postgres(?:ql)?|amqp|smtp)://[^\s/:@\"'{}<>$]+:(?!voorbeeld|geheim|secret|x@)[^\s/@\"'{}<>$]{6,}@",
    ),
    "a package host": re.compile(
        r"(--(?:extra-)?index-url|--registry|\bindex-url\s*=|\bPIP_INDEX_URL\b|files\.pythonhosted\.org"
        r"|registry\.npmjs\.org|\bartifactory\b|\bnexus\b)",
        re.IGNORECASE,
    ),
    "a path of one machine": re.compile(
        r"/(?<![\w.]/)(work/(main|shared)|root/|home/[a-z]+/|tmp/(w|brief)/|Users/[a-z]+/)",
    ),
}

SIGNING_SECRET = re.compile(r"\bwhs(?:ec|k)_[A-Za-z0-9+/=]{24,}")
SAMPLE_SECRETS = ("tests/", "docs/")


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    return tuple(
        (path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace"))
        for path in text_files(*TEXT)
        if path != THIS
    )


@pytest.mark.parametrize(("what", "pattern"), GIVEN_AWAY.items(), ids=list(GIVEN_AWAY))
def test_the_project_gives_nothing_away(what: str, pattern: re.Pattern[str]) -> None:
    """The match itself is not shown: a log of CI is public too."""
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        for name, text in _texts()
        if not (what == "a password in an address" and name.startswith("tests/"))
        for match in pattern.finditer(text)
    ]
    assert found == [], what


def test_a_signing_secret_stands_in_no_configuration() -> None:
    """Secrets are references (`env:NAME`, `file:PATH`); only tests and examples of signing hold invented ones."""
    found = [name for name, text in _texts() if SIGNING_SECRET.search(text) and not name.startswith(SAMPLE_SECRETS)]
    assert found == []


@pytest.mark.parametrize(("suffix", "parse"), [(".toml", tomllib.loads), (".json", json.loads)], ids=["toml", "json"])
def test_every_file_parses(suffix: str, parse: Callable[[str], object]) -> None:
    broken: list[str] = []
    paths = [path for path in text_files(suffix) if "fout" not in path.stem and "fixtures" not in path.parts]
    for path in paths:
        try:
            parse(path.read_text(encoding="utf-8"))
        except ValueError as error:
            broken.append(f"{path.relative_to(ROOT)}: {error}")
    assert paths
    assert broken == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_record_has_its_three_parts_on_one_screen(path: Path) -> None:
    """docs/decisions/0001."""
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.stem[:4]} \u2013 \S", text)
    places = [text.find(f"**{part}.**") for part in ("Context", "Decision", "Consequences")]
    assert -1 not in places
    assert places == sorted(places)
    assert text.count("\n") <= 60


def test_decision_records_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
