"""The source files that the architecture tests look at."""

import ast
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON_FOLDERS = ("contracts", "services", "deploy", "tests")
SKIPPED = {"__pycache__", "node_modules", "build", "dist", "data"}
SERVICES = ("triage", "handover", "monitoring", "notifier")


@dataclass(frozen=True)
class Source:
    """One Python file, by its path below the project root."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.as_posix()

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.name, self.text)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Everything in its tree; walked once for all tests."""
        return _walked(self.name, self.text)

    def at(self, node: ast.AST) -> str:
        """Where something stands, as an editor understands it."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


@cache
def python_sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file below the folders, or below all of them."""
    return tuple(
        Source(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
        for folder in folders or PYTHON_FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not SKIPPED & set(path.relative_to(ROOT).parts)
    )


def text_files(*suffixes: str) -> tuple[Path, ...]:
    """Every file of the project with one of these suffixes, what is hidden or built left out."""
    return tuple(path for path in _files() if path.suffix in suffixes)


@cache
def _files() -> tuple[Path, ...]:
    """Without going into what is left out: an environment holds more files than the project."""
    found: list[Path] = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if _is_ours(name)]
        found += (Path(folder, name) for name in names if _is_ours(name))
    return tuple(sorted(found))


def _is_ours(name: str) -> bool:
    return name not in SKIPPED and (not name.startswith(".") or name == ".ci")


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a name or attribute; what lies before a call or index is left out."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return ""


@cache
def _parsed(name: str, text: str) -> ast.Module:
    return ast.parse(text, filename=name)


@cache
def _walked(name: str, text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_parsed(name, text)))
