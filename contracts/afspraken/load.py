"""Read the agreements: TOML texts in, a checked `RuleBook` out, or every error at once.

The only module of this package that reads files, and only those that are packaged with it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError

from contracts.afspraken.bronzinnen import check_zinnen
from contracts.afspraken.controle import GelezenDocument, GelezenRegel, check_documenten
from contracts.afspraken.model import KINDS, Brondocument, Bronzin, Kop, Lidgemeente
from contracts.afspraken.rule_book import Document, RuleBook
from contracts.toml_plaats import BestandFouten, Fout, parse_toml, validation_fouten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

    from contracts.toml_plaats import Pad, Plaatsen

M = TypeVar("M", bound=BaseModel)

_HEAD = "afspraak"
_GEMEENTE = "gemeente"
_BRONDOCUMENT = "brondocument"
_ZIN = "zin"
_TABLES = (_HEAD, _GEMEENTE, _BRONDOCUMENT, _ZIN, *KINDS)


def load_rule_book(bronnen: Mapping[str, str] | None = None) -> RuleBook:
    """Give the rule book of the packaged agreements, or of other TOML texts by their file name.

    Raises `BestandFouten` with every error in every file, each with file, line and field.
    """
    return _load_packaged() if bronnen is None else read_rule_book(bronnen)


def packaged_bronnen() -> dict[str, str]:
    """Give the packaged TOML texts by their path inside the package, to change or add to."""
    root = files("contracts.afspraken")
    return {name: item.read_text("utf-8") for name, item in sorted(_walk(root, ""))}


def read_rule_book(bronnen: Mapping[str, str]) -> RuleBook:
    """Parse, validate and check TOML texts by file name. Raises `BestandFouten`."""
    fouten: list[Fout] = []
    gelezen: list[GelezenDocument] = []
    for bestand, text in bronnen.items():
        document, found = _read_document(bestand, text)
        fouten += found
        if document is not None:
            gelezen.append(document)
    fouten += check_documenten(gelezen, is_complete=len(gelezen) == len(bronnen))
    fouten += () if fouten else check_zinnen(gelezen)
    if fouten:
        raise BestandFouten(fouten)
    return RuleBook(
        (
            Document(
                doc.kop,
                tuple((r.soort, r.regel) for r in doc.regels),
                doc.gemeenten,
                tuple(zin for _, zin in doc.zinnen),
            )
            for doc in gelezen
        ),
        (bron for doc in gelezen for bron in doc.brondocumenten),
    )


@lru_cache(maxsize=1)
def _load_packaged() -> RuleBook:
    return read_rule_book(packaged_bronnen())


@lru_cache(maxsize=32)
def _read_document(bestand: str, text: str) -> tuple[GelezenDocument | None, tuple[Fout, ...]]:
    """One file by itself. Kept: who tries a change reads all the others, that did not change, once more."""
    fouten: list[Fout] = []
    try:
        inhoud, plaatsen = parse_toml(text, bestand=bestand)
    except BestandFouten as error:
        return None, error.fouten
    return _Reader(bestand, plaatsen, fouten).read(inhoud), tuple(fouten)


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _walk(item, f"{prefix}{item.name}/")
        elif item.name.endswith(".toml"):
            yield prefix + item.name, item


@dataclass(frozen=True)
class _Reader:
    """Turns the tables of one file into models, noting every error in `fouten`."""

    bestand: str
    plaatsen: Plaatsen
    fouten: list[Fout]

    def read(self, inhoud: dict[str, Any]) -> GelezenDocument | None:
        """Give the document, or None where its head is missing or wrong."""
        for name in inhoud:
            if name not in _TABLES:
                self._complain((name,), f"onbekende tabel{_suggest(name, _TABLES)}")
        kop = self._one(Kop, inhoud.get(_HEAD), (_HEAD,)) if _HEAD in inhoud else None
        if _HEAD not in inhoud:
            self._complain((), f"de tabel [{_HEAD}] ontbreekt: welke afspraak is dit, en vanaf wanneer geldt die?")
        regels = tuple(
            GelezenRegel(soort, regel, pad)
            for soort, model in KINDS.items()
            for pad, regel in self._many(model, inhoud.get(soort, []), soort)
        )
        gemeenten = tuple(lid for _, lid in self._many(Lidgemeente, inhoud.get(_GEMEENTE, []), _GEMEENTE))
        brondocumenten = tuple(b for _, b in self._many(Brondocument, inhoud.get(_BRONDOCUMENT, []), _BRONDOCUMENT))
        zinnen = tuple(self._many(Bronzin, inhoud.get(_ZIN, []), _ZIN))
        if kop is None:
            return None
        return GelezenDocument(
            self.bestand,
            self.plaatsen,
            kop,
            regels,
            gemeenten,
            brondocumenten,
            zinnen,
            mislukt=_failed(inhoud, regels, brondocumenten),
        )

    def _many(self, model: type[M], tables: object, name: str) -> Iterator[tuple[Pad, M]]:
        if not isinstance(tables, list):
            self._complain((name,), f"schrijf [[{name}]] met dubbele haken")
            return
        for index, table in enumerate(cast("list[object]", tables)):
            pad: Pad = (name, index)
            if (found := self._one(model, table, pad)) is not None:
                yield pad, found

    def _one(self, model: type[M], table: object, pad: Pad) -> M | None:
        try:
            return model.model_validate(table)
        except ValidationError as error:
            for fout in validation_fouten(error, bestand=self.bestand, plaatsen=self.plaatsen, pad=pad):
                melding = fout.melding
                if melding == "onbekend veld":
                    melding += _suggest(fout.veld.rsplit(".", 1)[-1], tuple(_field_names(model)))
                self.fouten.append(Fout(fout.bestand, fout.regel, fout.veld, melding))
            return None

    def _complain(self, pad: Pad, melding: str) -> None:
        veld = ".".join(map(str, pad))
        self.fouten.append(Fout(self.bestand, self.plaatsen.regel(pad), veld, melding))


def _failed(
    inhoud: dict[str, Any], regels: tuple[GelezenRegel, ...], brondocumenten: tuple[Brondocument, ...]
) -> frozenset[tuple[str, str]]:
    """Name the tables that did not pass, so that nobody is told they are missing as well."""
    passed = {(item.soort, item.regel.id) for item in regels} | {(_BRONDOCUMENT, bron.id) for bron in brondocumenten}
    written = {
        (soort, str(cast("dict[str, object]", table).get("id")))
        for soort in (*KINDS, _BRONDOCUMENT)
        for table in cast("list[object]", inhoud.get(soort, []))
        if isinstance(table, dict)
    }
    return frozenset(written - passed)


def _field_names(model: type[BaseModel]) -> Iterator[str]:
    """Give the names that may stand in a table, those of the tables inside it included."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _field_names(part)


def _suggest(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; bedoeld is wellicht {close[0]!r}" if close else ""
