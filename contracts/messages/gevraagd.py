"""What the hub asks of a caller beyond the form of a field, in words of JSON Schema: so that callers can read it.

It stands apart in a schema: the description of an API says it, that of an event does not. What was released as an event
is not narrowed, and receivers read more than the hub takes.
"""

from collections.abc import Mapping
from typing import Any, cast

from pydantic.config import JsonDict
from pydantic.types import JsonValue

_ASKED = "x-gevraagd"


def asked(**keywords: JsonValue) -> JsonDict:
    """For `json_schema_extra` of a field or a model."""
    return {_ASKED: keywords}


def refused(schema: JsonDict) -> JsonDict:
    """As `asked`: what is of this form is not taken."""
    return asked(**{"not": schema})


def with_asked(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema for a caller: with all that is asked."""
    return cast("dict[str, Any]", _walk(schema, said=True))


def without_asked(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema for a reader."""
    return cast("dict[str, Any]", _walk(schema, said=False))


def _walk(node: Any, *, said: bool) -> Any:
    if isinstance(node, list):
        return [_walk(item, said=said) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    found = cast("Mapping[str, Any]", node)
    own = {key: _walk(value, said=said) for key, value in found.items() if key != _ASKED}
    return own | found.get(_ASKED, {}) if said else own


def given(*fields: str, **values: JsonValue) -> JsonDict:
    """These fields are there, with a value; those of `values` with this one, or with one of a list."""
    properties: JsonDict = {field: {"not": {"type": "null"}} for field in fields}
    for field, value in values.items():
        properties[field] = {"enum": value} if isinstance(value, list) else {"const": value}
    return {"required": [*properties], "properties": properties}


def absent(*fields: str) -> JsonDict:
    """These fields are left out, or null, or an empty list."""
    return {"properties": {field: {"type": ["null", "array"], "maxItems": 0} for field in fields}}


def both(one: JsonDict, other: JsonDict) -> JsonDict:
    """What `one` asks and what `other` asks."""
    return {"allOf": [one, other]}
