"""Where in a TOML text each value stands, so that an error can name the line.

`tomllib` forgets positions; this module parses with `tomllib` first and then walks the (by then valid) text once more
to note the line of every table, key and array element.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import ValidationError

Pad: TypeAlias = tuple[str | int, ...]

_WHITESPACE = " \t\r\n"
_BARE_END = re.compile(r"[,\]}\n#]")
_KEY_PART = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+)\s*')
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True, order=True)
class Fout:
    """One thing that is wrong in a file: which file, which line (from 1), which field, and what to do about it."""

    bestand: str
    regel: int
    veld: str
    melding: str

    def __str__(self) -> str:
        veld = f" {self.veld}:" if self.veld else ""
        return f"{self.bestand}:{self.regel}:{veld} {self.melding}"


class BestandFouten(Exception):
    """Everything that is wrong in one or more files, all at once; `str()` gives one line per error."""

    def __init__(self, fouten: Iterable[Fout]) -> None:
        self.fouten: tuple[Fout, ...] = tuple(sorted(set(fouten)))
        super().__init__("\n".join(str(fout) for fout in self.fouten))


class Plaatsen:
    """The line (from 1) of every table, key and array element of one TOML text."""

    def __init__(self, regels: Mapping[Pad, int]) -> None:
        self._regels = dict(regels)

    @property
    def regels(self) -> Mapping[Pad, int]:
        """Each place with its line."""
        return self._regels

    def regel(self, pad: Pad) -> int:
        """Give the line of `pad`, or of its nearest enclosing key or table where `pad` itself is not in the text."""
        for length in range(len(pad), 0, -1):
            if (found := self._regels.get(pad[:length])) is not None:
                return found
        return 1


def parse_toml(text: str, *, bestand: str) -> tuple[dict[str, Any], Plaatsen]:
    """Read a TOML text together with its line numbers. Raises `BestandFouten` when it is not valid TOML."""
    try:
        inhoud = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        regel = int(found[1]) if found else text.count("\n") + 1
        uitleg = _AT_LINE.sub("", str(error)).strip()
        raise BestandFouten([Fout(bestand, regel, "", f"geen geldige TOML: {uitleg}")]) from None
    return inhoud, Plaatsen(_Walker(text).walk())


def show_pad(pad: Iterable[str | int]) -> str:
    """Write a path as people read it: `termijn[2].bron.citaat`, counted from 1."""
    parts: list[str] = []
    for part in pad:
        if isinstance(part, int):
            parts.append(f"[{part + 1}]")
        else:
            parts.append(f".{part}" if parts else part)
    return "".join(parts)


def validation_fouten(error: ValidationError, *, bestand: str, plaatsen: Plaatsen, pad: Pad = ()) -> list[Fout]:
    """Translate pydantic's complaints about the value at `pad` into Dutch errors with their lines."""
    fouten: list[Fout] = []
    for detail in error.errors(include_url=False):
        place = (*pad, *(part for part in detail["loc"] if part not in {"[key]", "function-after"}))
        fouten.append(Fout(bestand, plaatsen.regel(place), show_pad(place), _translate(detail)))
    return fouten


_MELDINGEN = {
    "missing": "ontbreekt",
    "extra_forbidden": "onbekend veld",
    "string_too_short": "mag niet leeg zijn",
    "too_short": "mag niet leeg zijn",
    "string_type": "moet tekst zijn",
    "bool_type": "moet true of false zijn",
    "int_type": "moet een geheel getal zijn",
    "date_type": "moet een datum zijn (JJJJ-MM-DD, zonder aanhalingstekens)",
    "tuple_type": "moet een lijst zijn",
    "list_type": "moet een lijst zijn",
    "model_type": "moet een tabel zijn",
    "dict_type": "moet een tabel zijn",
    "model_attributes_type": "moet een tabel zijn",
}

_GRENZEN = {
    "less_than": "kleiner zijn dan",
    "less_than_equal": "hoogstens zijn",
    "greater_than": "groter zijn dan",
    "greater_than_equal": "minstens zijn",
}


def _translate(detail: Mapping[str, Any]) -> str:
    kind, context = str(detail["type"]), detail.get("ctx", {})
    match kind:
        case "enum" | "literal_error":
            return f"onbekende waarde {detail['input']!r}; kies uit {str(context['expected']).replace(' or ', ' of ')}"
        case "value_error" | "assertion_error":
            return str(context.get("error", detail["msg"]))
        case "string_pattern_mismatch":
            return f"heeft niet de juiste vorm ({context['pattern']})"
        case "less_than" | "less_than_equal" | "greater_than" | "greater_than_equal":
            return f"moet {_GRENZEN[kind]} {next(iter(context.values()))}"
        case _:
            return _MELDINGEN.get(kind, str(detail["msg"]))


class _Walker:
    """One pass over a text that `tomllib` has already accepted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._regels: dict[Pad, int] = {}
        self._counts: dict[Pad, int] = {}

    def walk(self) -> dict[Pad, int]:
        table: Pad = ()
        while self._skip_blank():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._regels

    def _current_line(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _skip_blank(self) -> bool:
        """Move to the next character that means something; False at the end of the text."""
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif char in _WHITESPACE:
                self._at += 1
            else:
                return True
        return False

    def _header(self) -> Pad:
        line = self._current_line()
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        parts = self._key()
        self._at += 2 if is_array else 1
        table = self._resolve(parts[:-1])
        table = (*table, parts[-1])
        if is_array:
            self._regels.setdefault(table, line)
            index = self._counts.get(table, 0)
            self._counts[table] = index + 1
            table = (*table, index)
        self._regels[table] = line
        return table

    def _resolve(self, parts: Iterable[str]) -> Pad:
        """Follow a header's parents, taking the latest element of every array of tables."""
        pad: Pad = ()
        for part in parts:
            pad = (*pad, part)
            if pad in self._counts:
                pad = (*pad, self._counts[pad] - 1)
        return pad

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            found = _KEY_PART.match(self._text, self._at)
            if found is None:  # pragma: no cover - tomllib has accepted this text
                raise AssertionError(self._at)
            self._at = found.end()
            parts.append(found[1].strip("\"'") if found[1][0] in "\"'" else found[1])
            if self._text[self._at] != ".":
                return tuple(parts)
            self._at += 1

    def _pair(self, table: Pad) -> None:
        line = self._current_line()
        pad = (*table, *self._key())
        self._at += 1
        for length in range(len(table) + 1, len(pad) + 1):
            self._regels.setdefault(pad[:length], line)
        self._value(pad)

    def _value(self, pad: Pad) -> None:
        self._skip_blank()
        char = self._text[self._at]
        if char in "\"'":
            self._string(char)
        elif char == "[":
            self._array(pad)
        elif char == "{":
            self._inline_table(pad)
        else:
            found = _BARE_END.search(self._text, self._at)
            self._at = found.start() if found else len(self._text)

    def _string(self, quote: str) -> None:
        triple = quote * 3
        if self._text.startswith(triple, self._at):
            end = self._find_end(triple, self._at + 3)
            while self._text.startswith(quote, end + 3):
                end += 1
            self._at = end + 3
        else:
            self._at = self._find_end(quote, self._at + 1) + 1

    def _find_end(self, closing: str, start: int) -> int:
        """Where the string ends; in a basic one a backslash takes the character after it along."""
        while True:
            end = self._text.index(closing, start)
            escape = self._text.find("\\", start, end) if closing[0] == '"' else -1
            if escape < 0:
                return end
            start = escape + 2

    def _array(self, pad: Pad) -> None:
        self._at += 1
        index = 0
        while self._skip_blank() and self._text[self._at] != "]":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            element = (*pad, index)
            self._regels[element] = self._current_line()
            self._value(element)
            index += 1
        self._at += 1

    def _inline_table(self, pad: Pad) -> None:
        self._at += 1
        while self._skip_blank() and self._text[self._at] != "}":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._pair(pad)
        self._at += 1
