"""Letters as PDF/UA: tagged, in Dutch, with a title, so that a screen reader reads them. Typst works offline.

Every text can be printed: what no font has is written as its code point, with a note that says so.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import orjson

from services.handover.adapters.brieven.schrift import (
    NOOT,
    beyond_latin,
    fonts,
    refused_characters,
    spell,
    without_meaning,
)
from services.handover.domain.brieven import Brief
from services.runtime.process.panics import Panicked, panics_as_errors

TEMPLATE = Path(__file__).with_name("brief.typ")
_ROUNDS = 4
"""Typst names all characters at once that it cannot print; a character may join others into one only after that."""


class TypstBrieven:
    """Renders letters, each in a thread, because it takes a moment and nobody should wait for it."""

    async def render(self, brief: Brief) -> bytes:
        """The letter as PDF."""
        return await asyncio.to_thread(render_brief, brief)


def render_brief(brief: Brief) -> bytes:
    """The letter as PDF; the same letter gives the same bytes."""
    values: dict[str, Any] = asdict(brief) | {"noot": None}
    text = "".join(_texts(values))
    spelled = without_meaning(text)
    for _ in range(_ROUNDS):
        try:
            return _compile(_with_spelled(values, spelled))
        except Unprintable as error:
            spelled |= error.chars
            if not error.chars:
                break
    return _compile(_with_spelled(values, spelled | beyond_latin(text)))


class Unprintable(Exception):
    """Typst makes no letter of this; `chars` are what no font has, none where it is something else."""

    def __init__(self, chars: frozenset[str]) -> None:
        super().__init__("typst maakt hiervan geen brief")
        self.chars = chars


def _compile(values: dict[str, Any]) -> bytes:
    """Raises `Unprintable`, which repeats nothing of the text."""
    import typst  # 7 MB, for whoever makes letters

    try:
        with panics_as_errors():
            return _typeset(values)
    except typst.TypstError as error:
        raise Unprintable(refused_characters(error.diagnostic)) from None
    except Panicked:  # over some long mixtures of scripts
        raise Unprintable(frozenset()) from None


def _typeset(values: dict[str, Any]) -> bytes:
    import typst

    rendered = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        sys_inputs={"brief": orjson.dumps(values).decode()},
        pdf_standards=["ua-1"],
        font_paths=fonts(),
        ignore_system_fonts=True,
    )
    assert isinstance(rendered, bytes), "one document, one PDF"
    return rendered


def _with_spelled(values: dict[str, Any], chars: frozenset[str]) -> dict[str, Any]:
    return _changed(values, spell(sorted(chars))) | {"noot": NOOT} if chars else values


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case dict():
            return {key: _changed(inner, change) for key, inner in cast("dict[str, Any]", value).items()}
        case list() | tuple():
            return [_changed(inner, change) for inner in cast("list[Any]", value)]
        case _:
            return value


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from _texts([*cast("dict[str, Any]", value).values()])
        case list() | tuple():
            for inner in cast("list[Any]", value):
                yield from _texts(inner)
        case _:
            pass
