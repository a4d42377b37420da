"""One JSON Schema (2020-12) per event: its envelope and its data, as they look on the wire."""

import re
from functools import cache
from typing import Any, cast

from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.gevraagd import without_asked

JsonSchema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_FIELD_NAME = re.compile(r"`([a-z]+(?:_[a-z]+)+)`")
_REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "data")


class _WireSchema(GenerateJsonSchema):
    """Without the titles pydantic makes up: `Overdrachtid` says no more than `overdrachtId`."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


@cache
def event_schema(event: type[Gebeurtenis]) -> JsonSchema:
    """The schema of one event. Fields it does not name are allowed: a message grows by optional fields."""
    data = without_asked(event.model_json_schema(by_alias=True, mode="validation", schema_generator=_WireSchema))
    definitions = data.pop("$defs", {})
    schema: JsonSchema = {
        "$schema": DIALECT,
        "title": data.pop("title"),
        "description": _description(data.pop("description")),
        "type": "object",
        "properties": {**_envelope(event.soort), "data": _sent(data)},
        "required": list(_REQUIRED),
    }
    if definitions:
        schema["$defs"] = {name: _sent(definition) for name, definition in definitions.items()}
    return schema


def _envelope(soort: str) -> JsonSchema:
    return {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "description": "UUIDv7; unique for ever together with source, the same when the event is sent again",
        },
        "source": {
            "type": "string",
            "pattern": "^urn:nld:oin:[0-9]{20}:systeem:[a-z0-9-]+$",
            "description": "Organisation and system that publish",
        },
        "type": {"const": soort},
        "subject": {"type": "string", "format": "uuid", "description": "casusId; also the key of the record"},
        "time": {"type": "string", "format": "date-time", "description": "Moment of logging, in UTC"},
        "datacontenttype": {"const": "application/json"},
        "sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "Counts from 1, per source and casusId",
        },
        "sequencetype": {"const": "Integer"},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
    }


def _sent(schema: JsonSchema) -> JsonSchema:
    """The schema of what is sent, for readers that tolerate more: names of the wire, an empty field left out."""
    return _without_null(
        {
            key: _description(value) if key == "description" else _inner(value)
            for key, value in schema.items()
            if (key, value) != ("additionalProperties", False)
        }
    )


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return _sent(cast("JsonSchema", value))
    if isinstance(value, list):
        return [_inner(item) for item in cast("list[Any]", value)]
    return value


def _without_null(schema: JsonSchema) -> JsonSchema:
    variants: list[JsonSchema] = schema.get("anyOf", [])
    if {"type": "null"} not in variants or schema.get("default", ...) is not None:
        return schema
    rest = [variant for variant in variants if variant != {"type": "null"}]
    kept = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**rest[0], **kept} if len(rest) == 1 else {**kept, "anyOf": rest}


def _description(docstring: Any) -> Any:
    """A docstring on one line, with the fields it names as they are called on the wire."""
    if not isinstance(docstring, str):
        return _inner(docstring)
    return _FIELD_NAME.sub(lambda found: f"`{to_camel(found[1])}`", " ".join(docstring.split()))
