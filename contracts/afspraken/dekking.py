"""For which days it is known whether a royal decree equates them with feestdagen, and where that stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.afspraken.model import GelijkgesteldeDagen, Laag
from contracts.afspraken.zinnen import join, write_date

if TYPE_CHECKING:
    from datetime import date

    from contracts.afspraken.rule_book import RuleBook

JAREN_VOORUIT = 2
"""How far ahead terms run: monitoring goes on for eighteen months on average (MB 5), so two years must be known."""


@dataclass(frozen=True, slots=True)
class Periode:
    """Days from `van` up to but not including `tot`; without an end when `tot` is empty."""

    van: date
    tot: date | None

    def __str__(self) -> str:
        """Write it in Dutch."""
        return f"vanaf {write_date(self.van)}" + (f" tot {write_date(self.tot)}" if self.tot else "")


def list_besluiten(book: RuleBook) -> tuple[Periode, ...]:
    """Give the periods that the decrees in the rule book are about, joined where they touch, in order."""
    periods = sorted(
        (Periode(regel.geldig_van, regel.geldig_tot) for document in book.documenten for _, regel in document.regels
         if isinstance(regel, GelijkgesteldeDagen)),
        key=lambda period: period.van,
    )  # fmt: skip
    found: list[Periode] = []
    for period in periods:
        if found and found[-1].tot is not None and found[-1].tot >= period.van:
            found[-1] = Periode(found[-1].van, period.tot)
        else:
            found.append(period)
    return tuple(found)


def find_gaps(book: RuleBook) -> tuple[Periode, ...]:
    """Give the periods without a decree since the first agreement of a region is in force; the last one has no end."""
    begin = min((doc.kop.geldig_van for doc in book.documenten if doc.kop.laag is Laag.REGIO), default=None)
    if begin is None:
        return ()
    gaps: list[Periode] = []
    for period in list_besluiten(book):
        if begin < period.van:
            gaps.append(Periode(begin, period.van))
        if period.tot is None:
            return tuple(gaps)
        begin = max(begin, period.tot)
    return (*gaps, Periode(begin, None))


def is_known_far_enough(book: RuleBook, today: date) -> bool:
    """Tell whether every day of the coming `JAREN_VOORUIT` years falls under a decree."""
    try:
        last = today.replace(year=today.year + JAREN_VOORUIT)
    except ValueError:
        last = today.replace(year=today.year + JAREN_VOORUIT, day=28)  # 29 February
    return any(period.van <= today and (period.tot is None or last < period.tot) for period in list_besluiten(book))


def describe_dekking(book: RuleBook) -> str:
    """Say in Dutch for which days the decrees are known and what holds outside them."""
    known = join(str(period) for period in list_besluiten(book)) or "geen enkele dag"
    gaps = join(str(gap) for gap in find_gaps(book))
    rest = f"; {gaps} telt elke gelijkgestelde dag als werkdag" if gaps else ""
    return f"gelijkgestelde dagen (koninklijk besluit) zijn bekend {known}{rest}"
