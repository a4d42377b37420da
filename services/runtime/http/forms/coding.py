"""A form and its JSON: what was typed read as the body that a system would have sent, and a body as what was typed.

The name of a field is its place in the body, in the words of a problem: `betrokkenen.0.naam`. What cannot be read as
what it should be goes on as it was typed: what is wrong with it is said by the operation, as it says it to a system.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from contracts.messages.envelope import Problem
from services.runtime.http.forms.shapes import Kind, Shape

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
YES, NO = "ja", "nee"
HERE = "1"
"""The value of the name of a group that is there, also where nothing in it was filled in."""
MOST_FIELDS = 4_000
_CONTROL: Final = "_"
"""With this begins what is the form's own."""
_SKIPPED_HOUR = "deze tijd bestond niet: de klok ging toen een uur vooruit"
_ABSENT: Final = object()


class UnreadableForm(ValueError):
    """What came in is no form, or has more fields than any form has."""


@dataclass(slots=True)
class Typed:
    """The fields of a form as they were typed, by name."""

    values: dict[str, list[str]]

    @classmethod
    def read(cls, raw: bytes) -> "Typed":
        """Raises `UnreadableForm`."""
        try:
            pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            raise UnreadableForm from None
        return cls.of(pairs)

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> "Typed":
        """Line ends as they are written everywhere but in a form."""
        found = cls({})
        for name, value in pairs:
            found.values.setdefault(name, []).append(value.replace("\r\n", "\n"))
        return found

    def control(self, name: str) -> str:
        """A field of the form's own, the empty text where there is none."""
        return next(iter(self.values.get(f"{_CONTROL}{name}", ())), "")

    def drop_row(self, place: str) -> None:
        """Take out what stands at this place and below it."""
        below = f"{place}."
        self.values = {
            name: value for name, value in self.values.items() if name != place and not name.startswith(below)
        }


@dataclass(slots=True)
class Decoded:
    """The body, what is known to be wrong with it before it is sent, and the names that this form does not have."""

    body: dict[str, Any]
    problems: list[Problem] = field(default_factory=list[Problem])
    unknown: list[str] = field(default_factory=list[str])


def decode(shape: Shape, typed: Typed) -> Decoded:
    """The body that these fields stand for. Rows in which nothing was typed are left out, and the others close up."""
    reader = _Reader(typed.values)
    body: dict[str, Any] = reader.read(shape, "", "")
    names = (name for name in typed.values if not name.startswith(_CONTROL))
    unknown = [name for name in names if name not in reader.seen]
    return Decoded(body, reader.problems, unknown)


def encode(shape: Shape, body: JsonValue) -> Iterator[tuple[str, str]]:
    """The fields that stand for this body."""
    yield from _write(shape, body, "")


def typed_moment(value: str) -> str:
    """A moment of a body as people in Amsterdam type it; with its zone only where it would mean another without."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.tzinfo is None:
        return value
    local = moment.astimezone(AMSTERDAM)
    is_plain = not (local.second or local.microsecond or local.fold)
    return f"{local:%Y-%m-%dT%H:%M}" if is_plain else local.isoformat()


class _Reader:
    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values
        self.seen: set[str] = set()
        self.problems: list[Problem] = []

    def read(self, shape: Shape, name: str, place: str) -> Any:
        """What was typed at `name`; it will stand at `place` in the body."""
        match shape.kind:
            case Kind.GROUP:
                return self._group(shape, name, place)
            case Kind.ROWS:
                return self._rows(shape, name, place)
            case Kind.SEVERAL:
                chosen = [value for value in self._typed(name) if value]
                return chosen if chosen or shape.required else _ABSENT
            case _:
                text = next((value for value in self._typed(name) if value.strip()), "")
                return self._value(shape, text, place) if text else _ABSENT

    def _typed(self, name: str) -> Sequence[str]:
        self.seen.add(name)
        return self._values.get(name, ())

    def _value(self, shape: Shape, text: str, place: str) -> Any:
        match shape.kind:
            case Kind.YES_NO | Kind.TICK:
                return {YES: True, NO: False}.get(text, text)
            case Kind.NUMBER:
                with suppress(ValueError):
                    return int(text) if text.strip().isascii() else text
                return text
            case Kind.MOMENT:
                return self._moment(text.strip(), place)
            case _:
                return text

    def _moment(self, text: str, place: str) -> str:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        if moment.tzinfo is not None or len(text) <= len("2026-03-02"):
            return text
        local = moment.replace(tzinfo=AMSTERDAM)
        if local.astimezone(UTC).astimezone(AMSTERDAM).replace(tzinfo=None) != moment:
            self.problems.append(Problem(place, _SKIPPED_HOUR))
            return text
        return local.isoformat()

    def _group(self, shape: Shape, name: str, place: str) -> Any:
        is_here = bool(name) and any(self._typed(name))
        found: dict[str, Any] = {}
        for inner in shape.inner:
            value = self.read(inner, inner.below(name), inner.below(place))
            if value is not _ABSENT:
                found[inner.name] = value
        return found if found or shape.required or is_here else _ABSENT

    def _rows(self, shape: Shape, name: str, place: str) -> Any:
        (item,) = shape.inner
        found: list[Any] = []
        for index in self._indices(name):
            below = f"{name}.{index}"
            before = len(self.problems)
            value = self.read(item, below, f"{place}.{len(found)}")
            if value is _ABSENT or value == {}:
                del self.problems[before:]
            else:
                found.append(value)
        return found if found or shape.required else _ABSENT

    def _indices(self, name: str) -> list[int]:
        start = len(name) + 1
        heads = (typed[start:].partition(".")[0] for typed in self._values if typed.startswith(f"{name}."))
        return sorted({int(head) for head in heads if head.isascii() and head.isdigit() and len(head) < 5})  # noqa: PLR2004


def _write(shape: Shape, value: JsonValue, name: str) -> Iterator[tuple[str, str]]:
    match value:
        case None:
            return
        case dict():
            if name and not shape.required:
                yield name, HERE
            for inner in shape.inner:
                yield from _write(inner, value.get(inner.name), inner.below(name))
        case list() if shape.kind is Kind.ROWS:
            for index, item in enumerate(value):
                yield from _write(shape.inner[0], item, f"{name}.{index}")
        case list():
            yield from ((name, str(item)) for item in value)
        case _:
            yield from ((name, text) for text in _as_typed(shape, value))


def _as_typed(shape: Shape, value: str | float) -> Iterator[str]:
    """What stands in one field; nothing in a box that is not ticked."""
    if isinstance(value, bool):
        if value or shape.kind is not Kind.TICK:
            yield YES if value else NO
    else:
        yield typed_moment(value) if shape.kind is Kind.MOMENT and isinstance(value, str) else str(value)
