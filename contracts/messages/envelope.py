"""The envelope around every event: CloudEvents 1.0, structured JSON, NL GOV profile 1.1."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, cast
from uuid import UUID

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from contracts.messages.identifiers import CasusId
from contracts.messages.moment import Moment

CONTENT_TYPE = "application/cloudevents+json"
KAFKA_CONTENT_TYPE = f"{CONTENT_TYPE}; charset=UTF-8"
"""As the header `content-type` of a record: by it a reader tells structured mode from binary mode."""
MAX_EVENT_BYTES = 64 * 1024
"""Upper bound of the NL GOV profile; documents travel by reference."""

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TYPE = re.compile(r"[a-z][a-z.-]*\.v[0-9]{1,3}")


class EventTooLarge(ValueError):
    """An event that no receiver is bound to take. Says how large it is, never what is in it."""


class Bericht(BaseModel):
    """Anything that is read off a wire: frozen, camelCase, tolerant of fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Gebeurtenis(Bericht):
    """The data of one event. `soort` is its CloudEvents type; an event that has been sent never changes meaning."""

    soort: ClassVar[str]
    max_bytes: ClassVar[int] = MAX_EVENT_BYTES


G = TypeVar("G", bound=Gebeurtenis)
E = TypeVar("E", bound=Mapping[str, Any])


def _readable_traceparent(value: object) -> str | None:
    """A trace context that cannot be read is left out, as W3C asks; it is no reason to lose the event."""
    return value if isinstance(value, str) and _TRACEPARENT.fullmatch(value) else None


class _Envelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: str = Field(min_length=1, max_length=200)
    source: str = Field(pattern=r"^urn:nld:oin:[0-9]{20}:systeem:[a-z0-9-]+$")
    type: str = Field(min_length=1, max_length=200)
    subject: UUID
    time: Moment
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: int | None = Field(default=None, ge=1)
    sequencetype: Literal["Integer"] | None = None
    traceparent: Annotated[str | None, BeforeValidator(_readable_traceparent)] = None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CloudEvent(Generic[G]):
    """One event with its envelope. `source` + `id` is unique for ever; `sequence` counts from 1 per source and case."""

    id: str
    source: str
    casus_id: CasusId
    time: datetime
    sequence: int | None
    data: G
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong and where: `place` is a dotted path in the JSON, `$` for the whole."""

    place: str
    message: str


class MalformedMessage(ValueError):
    """A record that cannot be read, with every problem at once and never a value out of the record."""

    def __init__(
        self, problems: tuple[Problem, ...], *, casus_id: CasusId | None = None, soort: str | None = None
    ) -> None:
        super().__init__("; ".join(f"{problem.place}: {problem.message}" for problem in problems))
        self.problems = problems
        self.casus_id = casus_id
        self.soort = soort


class UnknownEvent(MalformedMessage):
    """A record of a type that this release does not know, though its envelope is sound.

    `known_otherwise` when it knows another version of that type.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        source: str,
        identifier: str,
        casus_id: CasusId,
        soort: str | None,
        known_otherwise: bool,
    ) -> None:
        super().__init__((problem,), casus_id=casus_id, soort=soort)
        self.source = source
        self.identifier = identifier
        self.known_otherwise = known_otherwise


def source_urn(oin: str, service: str) -> str:
    """The `source` of a Houvast service: organisation and system, never a place."""
    return f"urn:nld:oin:{oin}:systeem:houvast-{service}"


def encode(event: CloudEvent[Any]) -> bytes:
    """Structured-mode JSON of an event.

    Raises `EventTooLarge` beyond the event's `max_bytes`; `ValueError` when its time has no zone.
    """
    if event.time.tzinfo is None:
        raise ValueError(f"{event.data.soort}: het moment van vastleggen mist de tijdzone")
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.data.soort,
        "subject": event.casus_id,
        "time": event.time.astimezone(UTC),
        "datacontenttype": "application/json",
    }
    if event.sequence is not None:
        envelope["sequence"] = str(event.sequence)
        envelope["sequencetype"] = "Integer"
    if event.traceparent is not None:
        envelope["traceparent"] = event.traceparent
    head = orjson.dumps(envelope, default=str, option=orjson.OPT_UTC_Z)  # a database has UUIDs of its own kind
    body = event.data.model_dump_json(by_alias=True, exclude_none=True).encode()
    raw = head[:-1] + b',"data":' + body + b"}"
    if len(raw) > event.data.max_bytes:
        raise EventTooLarge(f"{event.data.soort} is {len(raw)} bytes, hoogstens {event.data.max_bytes}")
    return raw


def decode(raw: bytes, catalogue: Mapping[str, type[Gebeurtenis]]) -> CloudEvent[Any]:
    """The event in a record.

    Raises `MalformedMessage` with all problems (`UnknownEvent` for a type that is not in the catalogue); its `casus_id`
    is filled whenever the record still tells it, so that the case can be held.
    """
    try:
        document: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedMessage((Problem("$", "is geen geldige JSON"),)) from None
    if not isinstance(document, dict):
        raise MalformedMessage((Problem("$", "is geen JSON-object"),))
    fields = cast("dict[str, Any]", document)
    if _holds_nul(raw):
        raise MalformedMessage((Problem("$", "bevat een nulteken (\\u0000)"),), casus_id=_casus_of(fields))
    try:
        envelope = _Envelope.model_validate(fields)
    except ValidationError as error:
        problems = problems_of(error) + _problems_in_data(fields, catalogue)
        raise MalformedMessage(problems, casus_id=_casus_of(fields)) from None
    casus_id = CasusId(envelope.subject)
    event_class = catalogue.get(envelope.type)
    if event_class is None:
        problem = Problem("type", "is geen gebeurtenis uit de catalogus van dit topic")
        soort = envelope.type if _TYPE.fullmatch(envelope.type) else None
        raise UnknownEvent(
            problem,
            source=envelope.source,
            identifier=envelope.id,
            casus_id=casus_id,
            soort=soort,
            known_otherwise=_knows_another_version(envelope.type, catalogue),
        )
    try:
        data = event_class.model_validate(envelope.data, extra="ignore")
    except ValidationError as error:
        raise MalformedMessage(problems_of(error, prefix="data"), casus_id=casus_id, soort=envelope.type) from None
    return CloudEvent(
        id=envelope.id,
        source=envelope.source,
        casus_id=casus_id,
        time=envelope.time,
        sequence=envelope.sequence,
        data=data,
        traceparent=envelope.traceparent,
    )


def _knows_another_version(soort: str, catalogue: Mapping[str, type[Gebeurtenis]]) -> bool:
    name = soort.rpartition(".v")[0]
    return any(known.rpartition(".v")[0] == name for known in catalogue)


def _problems_in_data(fields: Mapping[str, Any], catalogue: Mapping[str, type[Gebeurtenis]]) -> tuple[Problem, ...]:
    """What is wrong with the data below a broken envelope, as far as the type can be told."""
    event_class = catalogue.get(str(fields.get("type")))
    if event_class is None or not isinstance(fields.get("data"), dict):
        return ()
    try:
        event_class.model_validate(fields["data"], extra="ignore")
    except ValidationError as error:
        return problems_of(error, prefix="data")
    return ()


def _holds_nul(raw: bytes) -> bool:
    """Whether some text in this JSON holds U+0000, which no PostgreSQL text can keep."""
    return b"\\u0000" in raw and b"\\u0000" in raw.replace(b"\\\\", b"")


def problems_of(error: ValidationError, *, prefix: str = "") -> tuple[Problem, ...]:
    """Every problem pydantic found, with its place in the JSON and without the value that was given."""
    found = without_consequences(error.errors(include_input=False, include_url=False, include_context=False))
    return tuple(Problem(_place(prefix, item["loc"]), dutch(item["type"], item["msg"])) for item in found)


def without_consequences(errors: Sequence[E]) -> list[E]:
    """The errors of pydantic without those that say no more than that there are others."""
    places = [error["loc"] for error in errors]
    return [error for error in errors if error["type"] != "too_short" or not _holds_any_of(error["loc"], places)]


def _holds_any_of(place: tuple[int | str, ...], places: list[tuple[int | str, ...]]) -> bool:
    """Whether a list is only too short because the items in it are wrong, which is told already."""
    return any(other != place and other[: len(place)] == place for other in places)


def _place(prefix: str, loc: tuple[int | str, ...]) -> str:
    return ".".join([*([prefix] if prefix else []), *map(str, loc)]) or "$"


_DUTCH = {
    "missing": "ontbreekt",
    "extra_forbidden": "is geen bekend veld",
    "string_type": "moet tekst zijn",
    "bool_type": "moet true of false zijn",
    "bool_parsing": "moet true of false zijn",
    "int_type": "moet een geheel getal zijn",
    "int_parsing": "moet een geheel getal zijn",
    "int_from_float": "moet een geheel getal zijn",
    "int_parsing_size": "is te groot",
    "float_type": "moet een getal zijn",
    "float_parsing": "moet een getal zijn",
    "finite_number": "moet een eindig getal zijn",
    "string_unicode": "moet leesbare tekst zijn",
    "date_from_datetime_inexact": "is geen datum (JJJJ-MM-DD)",
    "datetime_object_invalid": "is geen moment (ISO 8601 met tijdzone)",
    "datetime_future": "ligt niet in de toekomst",
    "datetime_past": "ligt niet in het verleden",
    "date_future": "ligt niet in de toekomst",
    "date_past": "ligt niet in het verleden",
    "uuid_parsing": "is geen UUID",
    "uuid_type": "is geen UUID",
    "dict_type": "moet een JSON-object zijn",
    "model_type": "moet een JSON-object zijn",
    "model_attributes_type": "moet een JSON-object zijn",
    "list_type": "moet een lijst zijn",
    "tuple_type": "moet een lijst zijn",
    "json_invalid": "is geen geldige JSON",
    "datetime_from_date_parsing": "is geen moment (ISO 8601 met tijdzone)",
    "datetime_parsing": "is geen moment (ISO 8601 met tijdzone)",
    "datetime_type": "is geen moment (ISO 8601 met tijdzone)",
    "timezone_aware": "mist de tijdzone (bijvoorbeeld +01:00)",
    "date_from_datetime_parsing": "is geen datum (JJJJ-MM-DD)",
    "date_parsing": "is geen datum (JJJJ-MM-DD)",
    "date_type": "is geen datum (JJJJ-MM-DD)",
}


def dutch(kind: str, message: str) -> str:
    """Pydantic's message in words a Dutch caller can act on; what has no translation stays as it is."""
    if kind in _DUTCH:
        return _DUTCH[kind]
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    replacements = (
        ("Input should be greater than or equal to ", "is te klein, minimaal "),
        ("Input should be greater than ", "is te klein, meer dan "),
        ("Input should be less than or equal to ", "is te groot, hoogstens "),
        ("Input should be less than ", "is te groot, minder dan "),
        ("Input should be ", "moet zijn: "),
        ("String should match pattern ", "moet voldoen aan het patroon "),
        ("String should have at least ", "is te kort, minimaal "),
        ("String should have at most ", "is te lang, maximaal "),
        ("Tuple should have at most ", "heeft te veel onderdelen, maximaal "),
        ("List should have at most ", "heeft te veel onderdelen, maximaal "),
        ("Dictionary should have at least ", "heeft te weinig onderdelen, minimaal "),
        ("Tuple should have at least ", "heeft te weinig onderdelen, minimaal "),
        ("List should have at least ", "heeft te weinig onderdelen, minimaal "),
    )
    for english, translated in replacements:
        if message.startswith(english):
            rest = message.removeprefix(english).partition(" after validation")[0]
            return translated + _counted(rest)
    return message


def _counted(rest: str) -> str:
    for english, translated in (
        (" or ", " of "),
        ("characters", "tekens"),
        ("character", "teken"),
        ("items", "onderdelen"),
        ("item", "onderdeel"),
    ):
        rest = rest.replace(english, translated)
    return rest


def _casus_of(document: Mapping[str, Any]) -> CasusId | None:
    try:
        return CasusId(UUID(str(document.get("subject"))))
    except ValueError:
        return None
