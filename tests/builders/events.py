"""Events with valid, invented and always the same values."""

import types
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from contracts.messages.envelope import CloudEvent, Gebeurtenis, source_urn
from contracts.messages.geboortedatum import Geboortedatum
from contracts.messages.identifiers import Bsn, CasusId, GemeenteCode, PartijCode, RegioCode, derived_id, uuid7
from contracts.messages.verzegeld import Verzegeld

M = TypeVar("M", bound=BaseModel)
E = TypeVar("E", bound=Gebeurtenis)

MOMENT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Monday 2 March 2026, nine in the morning in Tilburg."""

CASUS_ID = CasusId(uuid7(MOMENT, 1))
OIN = "00000099000000001000"
SEALED = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"
"""Has the form of a compact JWE; opens with no key."""

_BY_NAME: dict[str, Any] = {
    "regio": "west-brabant",
    "gemeente": "GM0758",
    "bij": "GM0758",
    "partij": "GM0758",
    "van_partij": "veilig-thuis-west-brabant",
    "naar_partij": "GM0758",
    "bevestigd_door": "GM0758",
    "opgepakt_door": "GM0758",
    "teruggekoppeld_door": "GM0758",
    "door": "veilig-thuis-west-brabant",
    "meldpunt": "meldpunt-west-brabant",
    "afspraken_versie": "west-brabant-2022",
    "regel_id": "wb-2022-ontvangstbevestiging",
    "ladder_id": "wb-2022-opschalen",
    "rol": "gedragswetenschapper",
    "trede": 1,
    "referentie": "HV-00000001",
    "team": "breda-centrum",
    "bsn": "999990019",
    "postcode": "4811 AB",
    "melding": SEALED,
    "naam": "Noor van Voorbeeld",
    "sha256": "0" * 64,
    "organisatie": "Veilig Thuis West-Brabant",
    "functie": "triagist",
    "telefoon": "076 000 00 00",
    "email": "noor@voorbeeld.example",
    "straat": "Voorbeeldstraat",
    "huisnummer": "12 b",
    "plaats": "Breda",
    "label": "Ontvangstbevestiging",
    "document": "Samenwerkingsafspraken Veilig Thuis West-Brabant 2022",
    "paragraaf": "a",
    "citaat": "Binnen 2 werkdagen bevestigt het lokale team de ontvangst.",
    "onderwerp": "Nog geen ontvangstbevestiging",
    "gevraagd": "Bevestig de ontvangst",
    "reden": "eindpunt-onbereikbaar",
    "handeling": "melding-ontvangen",
    "wijze": "brief",
    "bron": "Samenwerkingsafspraken a",
    "link": "/casussen/HV-00000001",
    "ontvangstbevestiging": "https://hub.example/overdracht/v1/overdrachten/1/ontvangstbevestigingen",
    "verdeling": "https://hub.example/overdracht/v1/overdrachten/1/verdelingen",
    "terugkoppeling": "https://hub.example/overdracht/v1/overdrachten/1/terugkoppelingen",
    "topic": "houvast.triage.v1",
    "service": "monitoring",
    "record": "eyJub2ciIjoiZ2VlbiBldmVudCJ9",
}


_BY_FORM: tuple[tuple[Any, Any], ...] = (
    (GemeenteCode, "GM0758"),
    (PartijCode, "veilig-thuis-west-brabant"),
    (RegioCode, "west-brabant"),
    (Bsn, "999990019"),
)


def build(model: type[M], **overrides: Any) -> M:
    """A valid `model`: what is required is filled, what is optional keeps its default."""
    given = {
        name: _value(model, name, field)
        for name, field in model.model_fields.items()
        if field.is_required() and name not in overrides
    }
    return model.model_validate(given | overrides)


def build_full(model: type[M], **overrides: Any) -> M:
    """A valid `model` with every optional field filled too."""
    given = {name: _value(model, name, field) for name, field in model.model_fields.items() if name not in overrides}
    return model.model_validate(given | overrides)


def cloud_event(data: E, *, service: str = "triage", sequence: int | None = 1, number: int = 1) -> CloudEvent[E]:
    """`data` in its envelope; `number` tells events apart."""
    return CloudEvent(
        id=str(uuid7(MOMENT, 1000 + number)),
        source=source_urn(OIN, service),
        casus_id=CASUS_ID,
        time=MOMENT,
        sequence=sequence,
        data=data,
    )


def _value(model: type[BaseModel], name: str, field: FieldInfo) -> Any:
    if name in _BY_NAME and core_type(field.annotation) is type(_BY_NAME[name]):
        return _BY_NAME[name]
    return _of_type(field.annotation, f"{model.__name__}.{name}")


def core_type(annotation: Any, *, keep_arguments: bool = False) -> Any:
    """The class below `Annotated` and `| None`, and unless asked otherwise without the arguments of a generic."""
    arguments = [item for item in get_args(annotation) if item is not type(None)]
    if get_origin(annotation) in (Union, types.UnionType, Annotated):
        return core_type(arguments[0], keep_arguments=keep_arguments)
    return annotation if keep_arguments else get_origin(annotation) or annotation


def _of_type(annotation: Any, place: str) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _of_type(next(item for item in arguments if item is not type(None)), place)
    if origin is Verzegeld:
        return SEALED
    if origin is tuple:
        return (_of_type(arguments[0], place),)
    if origin is dict:
        return {"voorbeeld": 1}
    if origin is Annotated:
        return next((value for form, value in _BY_FORM if form == annotation), None) or _of_type(arguments[0], place)
    if isinstance(annotation, type):
        return _of_class(annotation, place)
    raise TypeError(f"{place}: geen voorbeeldwaarde voor {annotation}")


def _of_class(annotation: type, place: str) -> Any:
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    if issubclass(annotation, BaseModel):
        return build_full(annotation)
    simple: dict[Any, Any] = {
        UUID: derived_id("builder", place),
        bool: False,
        int: 1,
        str: "voorbeeld",
        datetime: MOMENT,
        AwareDatetime: MOMENT,
        date: MOMENT.date(),
        Geboortedatum: Geboortedatum(2018, 6, 9),
    }
    return simple[annotation]
