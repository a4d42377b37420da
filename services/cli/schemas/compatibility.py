"""Whether a schema still keeps what an earlier one promised: to whoever sent by it and to whoever reads by it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

JsonSchema = Mapping[str, Any]

_TIGHTER: Mapping[str, Callable[[Any, Any], bool]] = {
    "minLength": lambda old, new: new > (old or 0),
    "maxLength": lambda old, new: old is None or new < old,
    "minItems": lambda old, new: new > (old or 0),
    "maxItems": lambda old, new: old is None or new < old,
    "minProperties": lambda old, new: new > (old or 0),
    "minimum": lambda old, new: old is None or new > old,
    "exclusiveMinimum": lambda old, new: old is None or new > old,
    "maximum": lambda old, new: old is None or new < old,
    "exclusiveMaximum": lambda old, new: old is None or new < old,
    "pattern": lambda old, new: new != old,
    "format": lambda old, new: new != old,
    "const": lambda old, new: new != old,
    "additionalProperties": lambda old, new: new is False and old is not False,
}


def breaking_changes(old: JsonSchema, new: JsonSchema) -> list[str]:
    """What `new` breaks for those who live by `old`, one sentence each; empty when it only grew.

    Removed or newly required fields, fields that may now be absent, lost enum values, narrowed types and tightened
    limits. Reads `$ref` inside the schema itself only.
    """
    return list(_Comparison(old, new).walk(old, new, "$"))


class _Comparison:
    def __init__(self, old_root: JsonSchema, new_root: JsonSchema) -> None:
        self._old_root = old_root
        self._new_root = new_root
        self._under_way: set[tuple[str, str]] = set()

    def walk(self, old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if pair in self._under_way:
            return
        if pair != ("None", "None"):
            self._under_way.add(pair)
        yield from self._compare(_resolve(old, self._old_root), _resolve(new, self._new_root), place)
        self._under_way.discard(pair)

    def _compare(self, old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
        if "anyOf" in old or "anyOf" in new:
            yield from self._variants(old, new, place)
            return
        yield from _types(old, new, place)
        yield from _values(old, new, place)
        yield from _limits(old, new, place)
        yield from self._properties(old, new, place)
        yield from self._items(old, new, place)

    def _variants(self, old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
        new_variants = new.get("anyOf", [new])
        for number, variant in enumerate(old.get("anyOf", [old])):
            if all(any(self.walk(variant, candidate, place)) for candidate in new_variants):
                yield f"{place}: variant {number + 1} is no longer accepted"

    def _properties(self, old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
        old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
        for name, schema in old_fields.items():
            if name in new_fields:
                yield from self.walk(schema, new_fields[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}: field removed"
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(is_required - was_required):
            yield f"{place}.{name}: became required"
        for name in sorted((was_required - is_required) & set(new_fields)):
            yield f"{place}.{name}: may now be absent"

    def _items(self, old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
        if "items" in new:
            yield from self.walk(old.get("items", {}), new["items"], f"{place}[]")


def _resolve(schema: JsonSchema, root: JsonSchema) -> JsonSchema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}


def _types(old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
    allowed = _as_set(new.get("type"))
    if not allowed:
        return
    was = _as_set(old.get("type"))
    lost = {kind for kind in was if kind not in allowed and not (kind == "integer" and "number" in allowed)}
    if lost or not (was or "const" in old or "enum" in old):
        yield f"{place}: type narrowed from {_listed(was) or 'anything'} to {_listed(allowed)}"


def _values(old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
    if "enum" not in new:
        return
    was = old.get("enum", [old["const"]] if "const" in old else None)
    if was is None:
        yield f"{place}: became limited to listed values"
        return
    yield from (f"{place}: value {value!r} removed" for value in was if value not in new["enum"])


def _limits(old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
    for keyword, is_tighter in _TIGHTER.items():
        if keyword in new and is_tighter(old.get(keyword), new[keyword]):
            yield f"{place}: {keyword} became tighter"


def _as_set(kind: str | list[str] | None) -> set[str]:
    if kind is None:
        return set()
    return {kind} if isinstance(kind, str) else set(kind)


def _listed(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
