"""What counts as breaking: every way a message may not change, and the ways it may."""

from typing import Any

import pytest

from services.cli.schemas.compatibility import breaking_changes
from services.cli.schemas.events import event_schema
from services.cli.schemas.files import EVENTS


def _object(required: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required)}


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}

BROKEN: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("a field goes", _object(a=TEXT, b=TEXT), _object(a=TEXT), ["$.b: field removed"]),
    ("a field becomes required", _object(a=TEXT), _object(("a",), a=TEXT), ["$.a: became required"]),
    ("a new field is required", _object(), _object(("a",), a=TEXT), ["$.a: became required"]),
    ("a field may stay away", _object(("a",), a=TEXT), _object(a=TEXT), ["$.a: may now be absent"]),
    ("a required field goes", _object(("a",), a=TEXT), _object(), ["$.a: field removed"]),
    ("a value goes", {"enum": ["x", "y"]}, {"enum": ["x"]}, ["$: value 'y' removed"]),
    ("text becomes a list of values", TEXT, {"type": "string", "enum": ["x"]}, ["$: became limited to listed values"]),
    ("another constant", {"const": "x"}, {"const": "y"}, ["$: const became tighter"]),
    ("text becomes a number", TEXT, NUMBER, ["$: type narrowed from string to integer"]),
    (
        "one type of two",
        {"type": ["string", "integer"]},
        TEXT,
        ["$: type narrowed from integer or string to string"],
    ),
    ("a number becomes whole", {"type": "number"}, NUMBER, ["$: type narrowed from number to integer"]),
    ("anything becomes text", {}, TEXT, ["$: type narrowed from anything to string"]),
    ("shorter", {"maxLength": 10}, {"maxLength": 9}, ["$: maxLength became tighter"]),
    ("a limit appears", {}, {"maxLength": 9}, ["$: maxLength became tighter"]),
    ("longer at least", {"minLength": 1}, {"minLength": 2}, ["$: minLength became tighter"]),
    ("more items at least", {}, {"minItems": 1}, ["$: minItems became tighter"]),
    ("fewer items at most", {"maxItems": 4}, {"maxItems": 3}, ["$: maxItems became tighter"]),
    ("a higher minimum", {"minimum": 0}, {"minimum": 1}, ["$: minimum became tighter"]),
    ("a lower maximum", {"maximum": 2}, {"maximum": 1}, ["$: maximum became tighter"]),
    ("another pattern", {"pattern": "^a"}, {"pattern": "^b"}, ["$: pattern became tighter"]),
    ("a format appears", TEXT, {"type": "string", "format": "uuid"}, ["$: format became tighter"]),
    (
        "closed to new fields",
        _object(),
        _object() | {"additionalProperties": False},
        ["$: additionalProperties became tighter"],
    ),
    ("deep inside", _object(a=_object(b=TEXT)), _object(a=_object()), ["$.a.b: field removed"]),
    ("inside a list", {"items": _object(a=TEXT)}, {"items": _object()}, ["$[].a: field removed"]),
    ("null is no longer taken", {"anyOf": [TEXT, {"type": "null"}]}, TEXT, ["$: variant 2 is no longer accepted"]),
    (
        "behind a reference",
        {"$ref": "#/$defs/A", "$defs": {"A": {"enum": ["x", "y"]}}},
        {"$ref": "#/$defs/B", "$defs": {"B": {"enum": ["x"]}}},
        ["$: value 'y' removed"],
    ),
]

KEPT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("nothing changed", _object(("a",), a=TEXT), _object(("a",), a=TEXT)),
    ("an optional field", _object(a=TEXT), _object(a=TEXT, b=NUMBER)),
    ("a new value", {"enum": ["x"]}, {"enum": ["x", "y"]}),
    ("whole numbers become numbers", NUMBER, {"type": "number"}),
    ("another description", {"description": "a"}, {"description": "b"}),
    ("a limit goes", {"maxLength": 9, "pattern": "^a"}, {"maxLength": 10}),
    ("null is taken too", TEXT, {"anyOf": [TEXT, {"type": "null"}]}),
    ("a reference instead of the thing", {"enum": ["x"]}, {"$ref": "#/$defs/A", "$defs": {"A": {"enum": ["x"]}}}),
    ("a constant becomes a list with it", {"const": "x"}, {"enum": ["x", "y"], "type": "string"}),
]


@pytest.mark.parametrize(("old", "new", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_change_that_breaks_someone_is_named(old: dict[str, Any], new: dict[str, Any], expected: list[str]) -> None:
    assert breaking_changes(old, new) == expected


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in KEPT], ids=[case[0] for case in KEPT])
def test_growth_breaks_nothing(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaking_changes(old, new) == []


def test_a_schema_that_refers_to_itself_is_compared_to_the_end() -> None:
    tree = {"$ref": "#/$defs/T", "$defs": {"T": _object(left={"$ref": "#/$defs/T"}, value=TEXT)}}
    bare = {"$ref": "#/$defs/T", "$defs": {"T": _object(left={"$ref": "#/$defs/T"})}}
    assert breaking_changes(tree, tree) == []
    assert breaking_changes(tree, bare) == ["$.value: field removed"]


@pytest.mark.parametrize("soort", sorted(EVENTS))
def test_taking_any_field_from_an_event_is_seen(soort: str) -> None:
    schema = event_schema(EVENTS[soort])
    fields = schema["properties"]["data"]["properties"]
    for name in fields:
        data = schema["properties"]["data"] | {"properties": {key: fields[key] for key in fields if key != name}}
        without = schema | {"properties": schema["properties"] | {"data": data}}
        assert f"$.data.{name}: field removed" in breaking_changes(schema, without)
