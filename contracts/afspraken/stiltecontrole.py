"""Whether agreements, old or new, leave a case silent, or leave out what somebody has to hear of it.

The same histories every time, gone through in seconds: those told on purpose (`voorbeelden`), and more by turns.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contracts.afspraken.gehoord import find_ongehoord
from contracts.afspraken.geschiedenissen import tell_geschiedenis
from contracts.afspraken.model import Feestdag, GelijkgesteldeDagen, Laag
from contracts.afspraken.stilte import find_stiltes
from contracts.afspraken.voorbeelden import go_on, tell_voorbeelden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from contracts.afspraken.geschiedenissen import Geschiedenis
    from contracts.afspraken.model import Regel
    from contracts.afspraken.rule_book import Afspraken, Document, RuleBook
    from contracts.afspraken.stilte import Stilte
    from contracts.afspraken.voorbeelden import Voorbeeld

_HOEVEEL = 200
"""How many histories are tried on each day; every rule of the vangnet that is left out shows in some of them."""
_STAPPEN = 6
_DAARNA = timedelta(days=16)
_KORT_DAARNA = timedelta(days=1)
"""How long to look where only what is told at once, or every few hours, can be missed."""


class _OmDeBeurt:
    """Chooses evenly and always the same: the higher bits of a linear congruential generator."""

    def __init__(self, beurt: int) -> None:
        self._state = beurt * 0x9E3779B97F4A7C15 + 1

    def choose(self, aantal: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % aantal


def find_stille_geschiedenissen(book: RuleBook) -> Iterator[tuple[str, str]]:
    """Give for every document in which cases fall silent, and each reason for it, the shortest history found."""
    for document in book.documenten:
        if document.kop.laag is Laag.LANDELIJK or document.kop.regio is None:
            continue
        shortest: dict[str, tuple[Geschiedenis, Stilte]] = {}
        for verhaal, stilte in _silences_under(book, document):
            known = shortest.get(stilte.waarom)
            if known is None or len(verhaal.gebeurd) < len(known[0].gebeurd):
                shortest[stilte.waarom] = (verhaal, stilte)
        for verhaal, stilte in shortest.values():
            told = f"vanaf {stilte.vanaf:%Y-%m-%d %H:%M} blijft {stilte.partij} stil: {stilte.waarom}"
            yield document.kop.id, f"{told}\n{verhaal.vertel()}"


def _silences_under(book: RuleBook, document: Document) -> Iterator[tuple[Geschiedenis, Stilte]]:
    regio = document.kop.regio
    assert regio is not None, "what is not national is of a region"
    known: list[Sequence[Regel]] = []
    for on in sorted(_days_of(book, document)):
        gemeente = document.kop.gemeente or next(
            lid.code for lid in book.regiodocument(regio, on).gemeenten if lid.is_valid_on(on)
        )
        afspraken = book.for_case(regio=regio, gemeente=gemeente, on=on)
        begin = datetime(on.year, on.month, on.day, 8, tzinfo=UTC)
        regels = [regel for regel in afspraken.regels if not isinstance(regel, Feestdag | GelijkgesteldeDagen)]
        if regels not in known:
            known.append(regels)
            yield from find_gemis(afspraken, tell_voorbeelden(begin))
        for beurt in range(_HOEVEEL):
            verhaal = tell_geschiedenis(_OmDeBeurt(beurt), begin + timedelta(hours=5 * (beurt % 90)), stappen=_STAPPEN)
            yield from _silences_in(verhaal, afspraken, _DAARNA)


def find_gemis(afspraken: Afspraken, verhalen: Iterable[Voorbeeld]) -> Iterator[tuple[Geschiedenis, Stilte]]:
    """Give what is silent, or not heard by who has to hear it, in these histories and however they go on."""
    for verhaal in verhalen:
        yield from _silences_in(verhaal, afspraken, _DAARNA)
        for after in go_on(verhaal, afspraken):
            until = max(item.voor or item.op for item in after.gebeurd) + _KORT_DAARNA
            for stilte in find_ongehoord(after, afspraken, until=until):
                yield after, stilte


def _silences_in(
    verhaal: Geschiedenis, afspraken: Afspraken, daarna: timedelta
) -> Iterator[tuple[Geschiedenis, Stilte]]:
    until = max(item.op for item in verhaal.gebeurd) + daarna
    for find in (find_stiltes, find_ongehoord):
        for stilte in find(verhaal, afspraken, until=until):
            yield verhaal, stilte


def _days_of(book: RuleBook, document: Document) -> set[date]:
    """The first day of these agreements, and the first of what came into force last while they hold."""
    kop = document.kop
    begins = [
        regel.geldig_van
        for other in book.documenten
        for _, regel in other.regels
        if kop.is_valid_on(regel.geldig_van) and other.kop.regio in {None, kop.regio}
    ]
    return {kop.geldig_van, max(begins, default=kop.geldig_van)}
