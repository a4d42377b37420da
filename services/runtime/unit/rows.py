"""Read rows: one class per read table, from which writing, reading, answering and describing an answer follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, ClassVar, TypeVar, cast, dataclass_transform
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, TypeAdapter, computed_field
from pydantic.alias_generators import to_camel

from contracts.messages.identifiers import CasusId, short_reference
from services.runtime.database.connection import Connection

R = TypeVar("R", bound="ReadRow")

Moment = Annotated[AwareDatetime, Field(description="Moment in ISO 8601, met tijdzone.")]
HIDDEN: Any = Field(exclude=True)
"""Marks a column that no answer shows, as in `Annotated[str, HIDDEN]`."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class _Frozen:
    """Makes every class below it a frozen dataclass whose fields are given by name."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)


class ReadRow(_Frozen):
    """A row of the read table `table`, which has a column per field; `jsonb` columns are typed `Json[…]`.

    As an answer it has its fields in camelCase. The docstring of a row is its description in the API.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    table: ClassVar[str] = ""
    id: UUID
    casus_id: CasusId


def _describe_as_field(schema: dict[str, Any]) -> None:
    """That it is computed is nothing a reader of the API needs to know."""
    del schema["readOnly"]


class ReferredRow(ReadRow):
    """A row whose answers name its case as people write it on paper."""

    @computed_field(
        description="Wat mensen op papier schrijven; zegt niets over iemand.", json_schema_extra=_describe_as_field
    )
    @property
    def referentie(self) -> str:
        """See `short_reference`."""
        return short_reference(self.casus_id)


@cache
def columns(kind: type[ReadRow], of: str = "") -> str:
    """The columns of a row, for a select; `of` is the alias of its table, where there are more."""
    return ", ".join(f'{of and of + "."}"{name}"' for name in _names(kind))


def row_of(kind: type[R], source: object, **values: object) -> R:
    """A row with these values, and for every other field what `source` has under that name.

    Rows are made by the thousand: this sets their fields at once, which takes a third of what their constructor does.
    """
    names, values_of = _taken_over(kind, tuple(values))
    row = object.__new__(kind)
    row.__dict__.update(zip(names, values_of(source), strict=True))
    row.__dict__.update(values)
    return row


@cache
def _taken_over(
    kind: type[ReadRow], given: tuple[str, ...]
) -> tuple[tuple[str, ...], Callable[[object], tuple[object, ...]]]:
    """What a row takes from its source where these values are given, and how. Raises `TypeError` for an unknown one."""
    if unknown := set(given) - set(_names(kind)):
        raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    names = tuple(name for name in _names(kind) if name not in given)
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda source: tuple(getattr(source, name) for name in names)


def read_row(kind: type[R], record: Mapping[str, Any]) -> R:
    """The row as the database gave it."""
    return cast("R", _adapter(kind).validate_python(dict(record)))


async def select(connection: Connection, kind: type[R], rest: str, *values: object) -> tuple[R, ...]:
    """The rows of a read table; `rest` is what follows its name."""
    records = await connection.fetch(f"select {columns(kind)} from {kind.table} {rest}", *values)  # noqa: S608  of our own
    return tuple(read_row(kind, record) for record in records)


def answer_of(row: ReadRow, shown: type[ReadRow] | None = None) -> dict[str, JsonValue]:
    """The row as JSON; with `shown`, a class that it extends, no more of it than that."""
    answer: dict[str, JsonValue] = _adapter(shown or type(row)).dump_python(row, mode="json", by_alias=True)
    return answer


@cache
def _names(kind: type[ReadRow]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _adapter(kind: type[ReadRow]) -> TypeAdapter[ReadRow]:
    return TypeAdapter(kind)
