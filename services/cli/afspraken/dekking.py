"""The binding sentences of each source as a table: which rules follow from a sentence, or why none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.cli.tabel import print_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.afspraken.bronzinnen import Gedekt
    from contracts.afspraken.model import Brondocument

_HEADINGS = ("Waar", "Zin", "Regels", "Reden")


def print_dekking(
    bronnen: Mapping[str, Brondocument], found: Mapping[str, Iterable[Gedekt]], *, alleen_open: bool
) -> None:
    """Print a table per source; with `alleen_open` only the sentences without a rule."""
    for bron, zinnen in found.items():
        shown = [item for item in zinnen if item.is_open or not alleen_open]
        rows = (
            (item.zin.bron.paragraaf, item.zin.bron.citaat, ", ".join(item.regels), item.zin.reden or "")
            for item in shown
        )
        print_table(f"{bron}: {bronnen[bron].titel}\n{count_zinnen(zinnen)}", _HEADINGS, rows)


def count_zinnen(zinnen: Iterable[Gedekt]) -> str:
    """Say how many sentences there are and how many of them have no rule."""
    every = list(zinnen)
    without = sum(item.is_open for item in every)
    return f"{len(every)} bindende zinnen: {len(every) - without} met een regel, {without} met een reden waarom niet"
