"""Reading `register.toml`: everything that is wrong with it at once, each with its file, line and field."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails

from contracts.register.checks import Complaint, Tabel, check_register, tables
from contracts.register.endpoints import ENDPOINT_SOORTEN
from contracts.register.model import Gemeente, Partij
from contracts.register.register import Register
from contracts.toml_plaats import BestandFouten, Fout, Pad, Plaatsen, parse_toml, show_pad, validation_fouten

_TABLES = ("gemeente", "partij")
_VARIABELE = re.compile(r"\{([^{}]*)\}")
_URL_FIELDS = frozenset({"url", "token_url", "uitgever", "zaaktype", "informatieobjecttype"})
_ENDPOINT_FIELDS = frozenset({"endpoint", "uitwijk"})
_UNFILLED = "https://onbekend.example/"

M = TypeVar("M", bound=BaseModel)


def parse_register(text: str, *, bestand: str, variabelen: Mapping[str, str] | None = None) -> Register:
    """The register in a TOML text.

    `variabelen` fill `{name}` in web addresses, such as `{sandbox}`. Raises `BestandFouten` with every error.
    """
    inhoud, plaatsen = parse_toml(text, bestand=bestand)
    reader = _Reader(bestand, plaatsen)
    reader.check_tables(inhoud)
    inhoud = reader.fill(inhoud, variabelen or {})
    gemeenten = reader.read(inhoud, "gemeente", Gemeente)
    partijen = reader.read(inhoud, "partij", Partij)
    reader.complain(check_register(gemeenten=tables(inhoud, "gemeente"), partijen=tables(inhoud, "partij")))
    if reader.fouten:
        raise BestandFouten(reader.fouten)
    return Register(gemeenten=gemeenten, partijen=partijen)


class _Reader:
    """Collects what is wrong while it reads."""

    def __init__(self, bestand: str, plaatsen: Plaatsen) -> None:
        self.fouten: list[Fout] = []
        self._bestand = bestand
        self._plaatsen = plaatsen

    def complain(self, complaints: Iterator[Complaint]) -> None:
        for pad, melding in complaints:
            self.fouten.append(Fout(self._bestand, self._plaatsen.regel(pad), show_pad(pad), melding))

    def check_tables(self, inhoud: Mapping[str, Any]) -> None:
        self.complain(_unknown_tables(inhoud))

    def fill(self, inhoud: dict[str, Any], variabelen: Mapping[str, str]) -> dict[str, Any]:
        """The same content with the variables in web addresses filled."""
        return {key: self._fill(item, variabelen, (key,)) for key, item in inhoud.items()}

    def read(self, inhoud: dict[str, Any], table: str, model: type[M]) -> list[M]:
        """The entries that can be read; what cannot is complained about."""
        return [found for entry in tables(inhoud, table) if (found := self._read(entry, model)) is not None]

    def _read(self, entry: Tabel, model: type[M]) -> M | None:
        try:
            return model.model_validate(entry.inhoud)
        except ValidationError as error:
            plain = ValidationError.from_exception_data(error.title, list(_plain_details(error)))
            self.fouten += validation_fouten(plain, bestand=self._bestand, plaatsen=self._plaatsen, pad=entry.pad)
            return None

    def _fill(self, value: Any, variabelen: Mapping[str, str], pad: Pad) -> Any:
        if isinstance(value, dict):
            table = cast("dict[str, Any]", value)
            return {key: self._fill(item, variabelen, (*pad, key)) for key, item in table.items()}
        if isinstance(value, list):
            items = cast("list[Any]", value)
            return [self._fill(item, variabelen, (*pad, index)) for index, item in enumerate(items)]
        if isinstance(value, str) and pad[-1] in _URL_FIELDS:
            return self._filled(value, variabelen, pad)
        return value

    def _filled(self, value: str, variabelen: Mapping[str, str], pad: Pad) -> str:
        unknown = [name for name in _VARIABELE.findall(value) if name not in variabelen]
        if unknown:
            known = ", ".join(sorted(variabelen)) or "geen"
            self.complain(iter([(pad, f"onbekende variabele {{{unknown[0]}}}; bekend: {known}")]))
            return _UNFILLED
        return _VARIABELE.sub(lambda found: variabelen[found[1]], value)


def _unknown_tables(inhoud: Mapping[str, Any]) -> Iterator[Complaint]:
    choices = " of ".join(f"[[{table}]]" for table in _TABLES)
    for name, value in inhoud.items():
        if name not in _TABLES:
            yield (name,), f"onbekende tabel; kies uit {choices}"
        elif not isinstance(value, list) or not all(isinstance(item, dict) for item in cast("list[Any]", value)):
            yield (name,), f"schrijf elke {name} als [[{name}]]"


def _plain_details(error: ValidationError) -> Iterator[InitErrorDetails]:
    """The same complaints at the places where a person looks: pydantic adds the kind of endpoint to the path."""
    details = error.errors(include_url=False)
    for detail in details:
        if not _follows_from_another(detail, details):
            yield _plain(detail)


def _follows_from_another(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """A list is only too short because one of its items is wrong."""
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in details
    )


def _plain(detail: ErrorDetails) -> InitErrorDetails:
    loc = detail["loc"]
    pairs = zip((None, *loc), loc, strict=False)
    place = tuple(part for before, part in pairs if not (before in _ENDPOINT_FIELDS and part in ENDPOINT_SOORTEN))
    kind, context, given = detail["type"], detail.get("ctx", {}), cast("object", detail["input"])
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        place = (*place, "soort")
        kind = "missing" if kind == "union_tag_not_found" else "literal_error"
        given = context.get("tag")
        context = {"expected": " or ".join(f"'{choice}'" for choice in ENDPOINT_SOORTEN)}
    return InitErrorDetails(type=kind, loc=place, input=given, ctx=context)
