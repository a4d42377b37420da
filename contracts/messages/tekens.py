"""Which characters are text: what nobody can read, print or keep is refused where it comes in, by the name of its field.

Every script of the world is text, emoji are, and so is what lays text out. Control characters, halves of a pair and
what Unicode keeps free for ever are not.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import from_json, to_json

from contracts.messages.envelope import Problem, problems_of

M = TypeVar("M", bound=BaseModel)

ONLEESBAAR = "bevat een stuurteken of een ander teken dat geen tekst is"
_LAYOUT = frozenset("\t\n\r")
_NONCHARACTERS = frozenset(
    map(chr, (*range(0xFDD0, 0xFDF0), *(plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF))))
)
"""Of which Unicode promises that they will never be a character."""
NO_TEXT = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff"
"""The same between the brackets of a pattern, as far as every language of patterns can write it (not above U+FFFF)."""
_STRAY = re.compile(f"[{NO_TEXT}\ud800-\udfff{''.join(char for char in _NONCHARACTERS if char > chr(0xFFFF))}]")


def is_text(char: str) -> bool:
    """Whether a character is one that people write."""
    if char in _LAYOUT or " " <= char <= "~":
        return True
    return unicodedata.category(char) not in {"Cc", "Cs"} and char not in _NONCHARACTERS


def is_readable(text: str) -> bool:
    return text.isprintable() or _STRAY.search(text) is None


def find_unreadable(value: JsonValue, place: str = "") -> Iterator[Problem]:
    """Every text in a JSON value that holds what is not text, by its place; also the names of fields."""
    waiting: list[tuple[str, JsonValue]] = [(place, value)]
    while waiting:
        where, item = waiting.pop()
        match item:
            case str():
                if not is_readable(item):
                    yield Problem(where or "$", ONLEESBAAR)
            case dict():
                if not all(map(is_readable, item)):
                    yield Problem(where or "$", f"de naam van een veld {ONLEESBAAR}")
                waiting += [(_below(where, key), inner) for key, inner in reversed(item.items())]
            case list():
                waiting += [(_below(where, str(at)), inner) for at, inner in reversed([*enumerate(item)])]
            case _:
                pass


def as_readable(value: JsonValue) -> JsonValue:
    """The same value with a `?` for what is not text, so that it can be read on for what else is wrong with it."""
    match value:
        case str():
            return value if is_readable(value) else "".join(char if is_text(char) else "?" for char in value)
        case dict():
            return {str(as_readable(key)): as_readable(inner) for key, inner in value.items()}
        case list():
            return [as_readable(inner) for inner in value]
        case _:
            return value


def read_invoer(model: type[M], raw: bytes, *, place: str = "") -> M | tuple[Problem, ...]:
    """The JSON as this model, or everything that is wrong with it: its form, and what is not text."""
    unreadable: tuple[Problem, ...] = ()
    with suppress(ValueError):  # no JSON; the model says so
        document: JsonValue = from_json(raw)
        if unreadable := tuple(find_unreadable(document, place)):
            raw = to_json(as_readable(document))
    try:
        read = model.model_validate_json(raw)
    except ValidationError as error:
        return (*unreadable, *problems_of(error, prefix=place))
    return unreadable or read


def _below(place: str, key: str) -> str:
    shown = str(as_readable(key))
    return f"{place}.{shown}" if place else shown
