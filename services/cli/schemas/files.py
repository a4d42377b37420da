"""The generated files of `contracts/schemas`: what they should be, and what they are."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

import contracts
from contracts.messages.topics import CATALOGUE, WEBHOOKS
from services.cli.schemas.asyncapi import asyncapi
from services.cli.schemas.compatibility import breaking_changes
from services.cli.schemas.events import event_schema

SCHEMAS = Path(contracts.__file__).parent / "schemas"
RELEASED = "released"

EVENTS = {**CATALOGUE, **{event.soort: event for event in WEBHOOKS}}
"""Every event by its CloudEvents type: what is on a topic and what leaves by webhook."""


def generate() -> Mapping[str, str]:
    """Every generated file by its path below `contracts/schemas`; the same text for the same contracts."""
    from services.cli.schemas.openapi import openapi_documents  # brings in the four apps

    files = {f"events/{soort}.json": _text(event_schema(event)) for soort, event in sorted(EVENTS.items())}
    files["asyncapi.json"] = _text(asyncapi(version("houvast")))
    files |= {f"openapi/{service.value}.json": _text(found) for service, found in openapi_documents().items()}
    return files


def differences(folder: Path) -> list[str]:
    """What in `folder` is missing, left over, or no longer what the contracts say."""
    return _differences(folder, generate())


def _differences(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    found = {path.relative_to(folder).as_posix(): path for path in _generated(folder)}
    missing = [f"{name}: ontbreekt" for name in wanted.keys() - found.keys()]
    left_over = [f"{name}: hoort nergens meer bij" for name in found.keys() - wanted.keys()]
    drifted = [
        f"{name}: is niet wat de contracten zeggen"
        for name in wanted.keys() & found.keys()
        if found[name].read_text(encoding="utf-8") != wanted[name]
    ]
    return sorted([*missing, *left_over, *drifted])


def write(folder: Path) -> list[str]:
    """Make `folder` what the contracts say; returns what was different."""
    wanted = generate()
    changed = _differences(folder, wanted)
    for path in _generated(folder):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return changed


def broken_promises(folder: Path) -> list[str]:
    """What the contracts of today break of the event schemas that were released."""
    return [
        f"{path.stem}: {problem}"
        for path in sorted((folder / RELEASED / "events").glob("*.json"))
        for problem in _broken(orjson.loads(path.read_bytes()), path.stem)
    ]


def release(folder: Path) -> None:
    """Promise the event schemas of today. Only for contracts without `broken_promises`."""
    target = folder / RELEASED / "events"
    target.mkdir(parents=True, exist_ok=True)
    for soort, event in EVENTS.items():
        (target / f"{soort}.json").write_text(_text(event_schema(event)), encoding="utf-8")


def _broken(promised: Mapping[str, Any], soort: str) -> list[str]:
    event = EVENTS.get(soort)
    return ["the event is gone"] if event is None else breaking_changes(promised, event_schema(event))


def _generated(folder: Path) -> list[Path]:
    return [*folder.glob("events/*.json"), *folder.glob("openapi/*.json"), *folder.glob("asyncapi.json")]


def _text(document: Mapping[str, Any]) -> str:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
