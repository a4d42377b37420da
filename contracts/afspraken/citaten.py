"""Is every quote really in its document? Letter by letter, apart from line breaks and kinds of quotation mark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.afspraken.model import Regel
    from contracts.afspraken.rule_book import Document, RuleBook

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
            zaad = book.brondocumenten[regel.bron.document].zaad
            if zaad in plain and plain_text(regel.bron.citaat) not in plain[zaad]:
                yield document, regel


def plain_text(text: str) -> str:
    """Take line breaks, hyphenation at line ends and kinds of quotation mark out of a text."""
    return _SPACE.sub(" ", _BROKEN_WORD.sub("-", text)).translate(_MARKS).strip()
