"""`Verzegeld[T]`: personal data as it travels and rests, readable only with the key of its case."""

from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T", bound=BaseModel)

COMPACT_JWE = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"


MAX_JWE_LENGTH = 60_000
"""Leaves room for the rest of an event within its 64 KB."""


class Verzegeld(Generic[T]):
    """A compact JWE (`dir`, A256GCM) around the JSON of a `T`, under the key of one case.

    On the wire and at rest it is that string. Opening and sealing are the runtime's; a contract only carries it.
    Its `repr` shows nothing.
    """

    __slots__ = ("jwe",)

    def __init__(self, jwe: str) -> None:
        self.jwe = jwe

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verzegeld) and other.jwe == self.jwe

    def __hash__(self) -> int:
        return hash(self.jwe)

    def __repr__(self) -> str:
        return "Verzegeld(…)"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from_text = core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(pattern=COMPACT_JWE, max_length=MAX_JWE_LENGTH)
        )
        return core_schema.no_info_wrap_validator_function(
            lambda value, from_jwe: value if isinstance(value, cls) else from_jwe(value),
            from_text,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.jwe),
            metadata={"inhoud": getattr(sealed_type(source), "__name__", None)} if get_args(source) else {},
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        inhoud = schema.get("metadata", {}).get("inhoud")
        around = f" om de JSON van {inhoud}" if inhoud else ""
        return {
            "type": "string",
            "pattern": COMPACT_JWE,
            "maxLength": MAX_JWE_LENGTH,
            "contentMediaType": "application/jose",
            "description": f"Verzegeld: JWE (dir, A256GCM) onder de casussleutel{around}",
        }


def sealed_type(annotation: Any) -> type[BaseModel]:
    """The model that a `Verzegeld[...]` annotation holds."""
    return get_args(annotation)[0]
