"""What a model asks, as the fields of a form: read from the JSON Schema that the API describes it with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import BaseModel

_ONE_LINE = 200
"""What may be longer than this gets more than one line."""


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    NUMBER = "number"
    MOMENT = "moment"
    DAY = "day"
    CHOICE = "choice"
    SEVERAL = "several"
    """Any of a closed list."""
    YES_NO = "yes-no"
    """Yes, no, or where it is not required: not known."""
    TICK = "tick"
    """No unless it is ticked."""
    GROUP = "group"
    ROWS = "rows"
    """As many as there are; each of the one shape in `inner`."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A field of the model `owner`; `name` is the one in the JSON. `options` are the values of the list `listed_in`."""

    name: str
    owner: str
    kind: Kind
    required: bool = False
    default: str | None = None
    options: tuple[str, ...] = ()
    listed_in: str = ""
    inner: tuple["Shape", ...] = ()
    model: str = ""
    """Of a group, or of the groups in rows: the name of its own model."""
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    description: str = ""

    def below(self, place: str) -> str:
        """Where this field stands, inside what stands at `place`."""
        return f"{place}.{self.name}" if place and self.name else place or self.name


@cache
def shape_of(model: type[BaseModel]) -> Shape:
    """The form of a whole body. Raises `ValueError` for a field of a kind that no form can ask."""
    schema = model.model_json_schema(by_alias=True)
    group = Shape("", "", Kind.GROUP, required=True, model=model.__name__)
    return replace(group, inner=tuple(_fields(model.__name__, schema, schema.get("$defs", {}))))


def without(shape: Shape, places: frozenset[str], *, at: str = "") -> Shape:
    """The same form without the fields at these places; rows count as one place, whatever their number."""
    kept = (without(inner, places, at=inner.below(at)) for inner in shape.inner if inner.below(at) not in places)
    return replace(shape, inner=tuple(kept))


def without_options(shape: Shape, hidden: Mapping[str, frozenset[str]]) -> Shape:
    """The same form with fewer choices at its own fields of these names."""

    def less(field: Shape) -> Shape:
        gone = hidden.get(field.name, frozenset())
        return replace(field, options=tuple(option for option in field.options if option not in gone))

    return replace(shape, inner=tuple(map(less, shape.inner)))


def _fields(owner: str, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[Shape]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        yield _shape(Shape(name, owner, Kind.TEXT, required=name in required), field, defs)


def _shape(shape: Shape, said: Mapping[str, Any], defs: Mapping[str, Any]) -> Shape:
    node, named = _resolve(said, defs)
    shape = replace(shape, description=said.get("description", ""))
    match node.get("type"):
        case "object":
            return replace(shape, kind=Kind.GROUP, model=named, inner=tuple(_fields(named, node, defs)))
        case "array":
            return _rows(shape, node, defs)
        case "boolean":
            ticked = not shape.required and said.get("default") is False
            return replace(shape, kind=Kind.TICK if ticked else Kind.YES_NO)
        case "integer":
            return replace(shape, kind=Kind.NUMBER, least=node.get("minimum"), most=node.get("maximum"))
        case "string":
            return _text(shape, node, named, said.get("default"))
        case other:
            raise ValueError(f"{shape.owner}.{shape.name} is van een soort die geen formulier kan vragen: {other}")


def _rows(shape: Shape, node: Mapping[str, Any], defs: Mapping[str, Any]) -> Shape:
    item = _shape(Shape("", shape.owner, Kind.TEXT, required=True), node["items"], defs)
    bounds = replace(shape, least=node.get("minItems", 0), most=node.get("maxItems"))
    if item.kind is Kind.CHOICE:
        return replace(bounds, kind=Kind.SEVERAL, options=item.options, listed_in=item.listed_in)
    return replace(bounds, kind=Kind.ROWS, inner=(item,), model=item.model)


def _text(shape: Shape, node: Mapping[str, Any], named: str, default: str | None) -> Shape:
    if "enum" in node:
        return replace(shape, kind=Kind.CHOICE, options=tuple(node["enum"]), listed_in=named, default=default)
    if node.get("format") == "date-time":
        return replace(shape, kind=Kind.MOMENT)
    if node.get("format") == "date":
        return replace(shape, kind=Kind.DAY)
    longest: int | None = node.get("maxLength")
    is_long = longest is not None and longest > _ONE_LINE
    return replace(shape, kind=Kind.LONG_TEXT if is_long else Kind.TEXT, longest=longest)


def _resolve(node: Mapping[str, Any], defs: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """What it comes down to, apart from that it may be left out, and the name it has where it has one."""
    if "$ref" in node:
        named = str(node["$ref"]).rpartition("/")[2]
        return defs[named], named
    if "anyOf" not in node:
        return node, ""
    variants = [one for one in node["anyOf"] if one.get("type") != "null"]
    if len(variants) == 1:
        return _resolve(variants[0], defs)
    kinds = {one.get("type") for one in variants}
    return ({"type": kinds.pop()} if len(kinds) == 1 else {}), ""
