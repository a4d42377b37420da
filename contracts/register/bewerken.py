"""Changing the people of one organisation in the text of a register, and leaving every other line of it as it is.

A register is a text of people, with their remarks: only the tables that change are written anew. What comes out is
read again and has to be what was meant.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, time
from typing import Any, cast

from contracts.toml_plaats import Pad, parse_toml

Tabel = Mapping[str, Any]


class NietTeBewerken(ValueError):
    """The text is written in a way that only a person can change. `str()` says so in Dutch."""


@dataclass(frozen=True, slots=True)
class Organisatieplek:
    """Where an organisation stands: `soort` is `gemeente` or `partij`, `index` which one of them, from 0."""

    soort: str
    index: int

    @property
    def pad(self) -> Pad:
        return (self.soort, self.index)


@dataclass(frozen=True, slots=True)
class Mensen:
    """The people of an organisation and their roles, as tables; None for one that is taken out."""

    personen: Sequence[Tabel | None]
    rollen: Sequence[Tabel | None]

    def tables(self, naam: str) -> Sequence[Tabel | None]:
        return self.personen if naam == "persoon" else self.rollen


def find_plek(text: str, code: str, *, on: date) -> Organisatieplek | None:
    """Where the organisation with this code stands; of a gemeente the entry that holds on this day."""
    inhoud = tomllib.loads(text)
    for soort in ("gemeente", "partij"):
        for index, table in enumerate(inhoud.get(soort, ())):
            from_, until = table.get("geldig_van", date.min), table.get("geldig_tot", date.max)
            if table.get("code") == code and from_ <= on < until:
                return Organisatieplek(soort, index)
    return None


def mensen_of(text: str, plek: Organisatieplek) -> Mensen:
    """The people that stand there now."""
    table = tomllib.loads(text)[plek.soort][plek.index]
    return Mensen(table.get("persoon", []), table.get("rol", []))


def with_mensen(text: str, plek: Organisatieplek, mensen: Mensen) -> str:
    """The same text with these people at this organisation. What is not changed keeps its place in the lists.

    Raises `NietTeBewerken`.
    """
    before = mensen_of(text, plek)
    lines = text.split("\n")
    edits: list[_Edit] = []
    for naam in ("persoon", "rol"):
        edits += _edits(_Blocks(text), plek, naam, before.tables(naam), mensen.tables(naam))
    for edit in sorted(edits, key=lambda edit: edit.first, reverse=True):
        lines[edit.first : edit.last] = edit.lines
    made = "\n".join(lines)
    if _read(made) != _meant(text, plek, mensen):
        raise NietTeBewerken(
            "De mensen van deze organisatie staan zo in het register dat Houvast ze niet kan wijzigen. Vraag de beheerder"
            " om ze in het register zelf te wijzigen."
        )
    return made


@dataclass(frozen=True, slots=True)
class _Edit:
    """Lines `first` up to `last` (from 0) make place for others."""

    first: int
    last: int
    lines: Sequence[str]


class _Blocks:
    """Which lines each table takes, from its head to the last line that says something."""

    def __init__(self, text: str) -> None:
        _, plaatsen = parse_toml(text, bestand="")
        self._lines = text.split("\n")
        self._regels = plaatsen.regels

    def of(self, pad: Pad) -> tuple[int, int]:
        first = self._regels.get(pad, 1) - 1
        others = (line - 1 for known, line in self._regels.items() if known[: len(pad)] != pad)
        last = min((line for line in others if line > first), default=len(self._lines))
        while last > first + 1 and self._lines[last - 1].lstrip()[:1] in {"", "#"}:
            last -= 1
        return first, last

    def is_blank(self, line: int) -> bool:
        return line < len(self._lines) and not self._lines[line].strip()


def _edits(
    blocks: _Blocks, plek: Organisatieplek, naam: str, before: Sequence[Tabel | None], after: Sequence[Tabel | None]
) -> list[_Edit]:
    edits: list[_Edit] = []
    for index, table in enumerate(after[: len(before)]):
        if table == before[index]:
            continue
        first, last = blocks.of((*plek.pad, naam, index))
        gap = int(table is None and blocks.is_blank(last))
        edits.append(_Edit(first, last + gap, [] if table is None else _write(plek.soort, naam, table)))
    new = [table for table in after[len(before) :] if table is not None]
    if new:
        pad = (*plek.pad, naam, len(before) - 1) if before else plek.pad
        _, last = blocks.of(pad)
        edits.append(_Edit(last, last, [line for table in new for line in ("", *_write(plek.soort, naam, table))]))
    return edits


def _write(soort: str, naam: str, table: Tabel) -> list[str]:
    return [f"[[{soort}.{naam}]]", *(f"{key} = {_value(value)}" for key, value in table.items())]


def _value(value: object) -> str:
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)  # what JSON escapes, TOML reads alike
        case date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_value, cast('list[object]', value)))}]"
        case dict():
            pairs = cast("dict[str, object]", value).items()
            return f"{{ {', '.join(f'{key} = {_value(inner)}' for key, inner in pairs)} }}"
        case _:
            raise NietTeBewerken(f"{type(value).__name__} staat niet bij mensen")


def _read(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _meant(text: str, plek: Organisatieplek, mensen: Mensen) -> object:
    meant = deepcopy(tomllib.loads(text))
    table = meant[plek.soort][plek.index]
    for naam in ("persoon", "rol"):
        table[naam] = [dict(item) for item in mensen.tables(naam) if item is not None]
        if not table[naam]:
            del table[naam]
    return meant
