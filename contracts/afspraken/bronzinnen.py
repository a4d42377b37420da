"""The sentences of the sources that bind somebody: which rules follow from each of them, or why none does.

A rule belongs to a sentence when one quotes the other, or when the sentence names it; so a rule that is added to the
agreements covers its sentence without anybody keeping a second list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.afspraken.citaten import plain_text
from contracts.afspraken.model import MonitoringRegel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.afspraken.controle import GelezenDocument
    from contracts.afspraken.model import Bronzin, Regel
    from contracts.afspraken.rule_book import RuleBook
    from contracts.toml_plaats import Fout


@dataclass(frozen=True, slots=True)
class Gedekt:
    """One binding sentence and the ids of the rules that follow from it, in the order of the files."""

    zin: Bronzin
    regels: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether no rule follows from it; then the reason says why."""
        return not self.regels


def list_zinnen(book: RuleBook) -> Mapping[str, tuple[Gedekt, ...]]:
    """Give the binding sentences by the short name of their source, in the order in which they are written down."""
    quotes = _quotes(regel for document in book.documenten for _, regel in document.regels)
    found: dict[str, list[Gedekt]] = {}
    for document in book.documenten:
        for zin in document.zinnen:
            found.setdefault(zin.bron.document, []).append(Gedekt(zin, _rules_of(zin, quotes)))
    return {bron: tuple(found[bron]) for bron in book.brondocumenten if bron in found}


def list_onvermeld(book: RuleBook) -> Iterator[Regel]:
    """Give the rules whose quote stands in no sentence of their source, where its sentences are written down at all."""
    listed = {bron: [plain_text(item.zin.bron.citaat) for item in zinnen] for bron, zinnen in list_zinnen(book).items()}
    for document in book.documenten:
        for _, regel in document.regels:
            quote = plain_text(regel.bron.citaat)
            zinnen = listed.get(regel.bron.document)
            if zinnen is not None and not any(_quotes_other(quote, zin) for zin in zinnen):
                yield regel


def check_zinnen(documenten: Sequence[GelezenDocument]) -> Iterator[Fout]:
    """Give every sentence without a rule and without a reason, and every rule that is named and does not exist.

    To be asked where nothing else is wrong: a rule that did not pass is not missing.
    """
    regels = [item.regel for document in documenten for item in document.regels]
    quotes = _quotes(regels)
    known = {name for regel in regels for name in _names(regel)}
    bronnen = {bron.id for document in documenten for bron in document.brondocumenten}
    for document in documenten:
        for pad, zin in document.zinnen:
            if zin.bron.document not in bronnen:
                yield document.fout((*pad, "bron", "document"), f"onbekend document {zin.bron.document!r}")
            for name in zin.regels:
                if name not in known:
                    yield document.fout((*pad, "regels"), f"er is geen regel {name!r}")
            if zin.reden is None and not _rules_of(zin, quotes):
                melding = f"geen regel en geen reden waarom niet: “{zin.bron.citaat}”"
                yield document.fout(pad, melding)


def _quotes(regels: Iterable[Regel]) -> dict[str, list[tuple[str, str]]]:
    """The quote and the id of every rule, by its source."""
    found: dict[str, list[tuple[str, str]]] = {}
    for regel in regels:
        found.setdefault(regel.bron.document, []).append((plain_text(regel.bron.citaat), regel.id))
    return found


def _rules_of(zin: Bronzin, quotes: Mapping[str, Sequence[tuple[str, str]]]) -> tuple[str, ...]:
    text = plain_text(zin.bron.citaat)
    by_quote = (name for quote, name in quotes.get(zin.bron.document, ()) if _quotes_other(quote, text))
    return tuple(dict.fromkeys((*zin.regels, *by_quote)))


def _quotes_other(one: str, other: str) -> bool:
    return one in other or other in one


def _names(regel: Regel) -> Iterator[str]:
    yield regel.id
    if isinstance(regel, MonitoringRegel):
        yield from (moment.id for moment in regel.momenten)
