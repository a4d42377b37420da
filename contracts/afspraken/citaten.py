"""Is every quote really in its document? Letter by letter, apart from line breaks and kinds of quotation mark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contracts.afspraken.model import MonitoringRegel
from contracts.toml_plaats import Fout, parse_toml, show_pad

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.afspraken.model import Bron, Bronzin, Regel
    from contracts.afspraken.rule_book import Document, RuleBook
    from contracts.toml_plaats import Pad

_BROKEN_WORD = re.compile(r"-\s*\n\s*")
_SPACE = re.compile(r"\s+")
_MARKS = str.maketrans("\u2018\u2019\u00b4`\u201c\u201d", "''''\"\"")


def find_missing_citaten(book: RuleBook, teksten: Mapping[str, str]) -> Iterator[tuple[Document, Regel]]:
    """Give every agreement whose quote is not in its document; `teksten` maps a seed's file name to its text.

    Documents without a text at hand are passed over.
    """
    plain = {zaad: plain_text(tekst) for zaad, tekst in teksten.items()}
    for document in book.documenten:
        for _, regel in document.regels:
            zaden = {bron: book.brondocumenten[bron.document].zaad for bron in _bronnen(regel)}
            if any(zaad in plain and plain_text(bron.citaat) not in plain[zaad] for bron, zaad in zaden.items()):
                yield document, regel


def find_missing_zinnen(book: RuleBook, teksten: Mapping[str, str]) -> Iterator[tuple[Document, int, Bronzin]]:
    """Give every binding sentence that is not in its document, with its number in the file; as above."""
    plain = {zaad: plain_text(tekst) for zaad, tekst in teksten.items()}
    for document in book.documenten:
        for number, zin in enumerate(document.zinnen):
            zaad = book.brondocumenten[zin.bron.document].zaad
            if zaad in plain and plain_text(zin.bron.citaat) not in plain[zaad]:
                yield document, number, zin


def _bronnen(regel: Regel) -> Iterator[Bron]:
    """The sentence of a rule, and that of a part with a sentence of its own."""
    yield regel.bron
    if isinstance(regel, MonitoringRegel) and regel.inplannen is not None:
        yield regel.inplannen.bron


def check_citaten(book: RuleBook, bronnen: Mapping[str, str], teksten: Mapping[str, str]) -> list[Fout]:
    """Give every quote that is not in its document as an error in the file of `bronnen` that the book was read from."""
    places = {
        inhoud["afspraak"]["id"]: (bestand, plaatsen)
        for bestand, text in bronnen.items()
        for inhoud, plaatsen in [parse_toml(text, bestand=bestand)]
    }
    fouten: list[Fout] = []
    for document, regel in find_missing_citaten(book, teksten):
        bestand, plaatsen = places[document.kop.id]
        pad = (*_pad_of(document, regel), "bron", "citaat")
        fouten.append(Fout(bestand, plaatsen.regel(pad), show_pad(pad), _not_there(regel.bron)))
    for document, number, zin in find_missing_zinnen(book, teksten):
        bestand, plaatsen = places[document.kop.id]
        place: Pad = ("zin", number, "bron", "citaat")
        fouten.append(Fout(bestand, plaatsen.regel(place), show_pad(place), _not_there(zin.bron)))
    return fouten


def _not_there(bron: Bron) -> str:
    return f"staat niet in {bron.document}: “{bron.citaat}”"


def _pad_of(document: Document, regel: Regel) -> Pad:
    """Where a rule stands in its file: its kind, and the number it has among that kind."""
    soort = next(soort for soort, known in document.regels if known is regel)
    of_soort = [known for other, known in document.regels if other == soort]
    return (soort, next(index for index, known in enumerate(of_soort) if known is regel))


def plain_text(text: str) -> str:
    """Take line breaks, hyphenation at line ends and kinds of quotation mark out of a text."""
    return _SPACE.sub(" ", _BROKEN_WORD.sub("-", text)).translate(_MARKS).strip()
