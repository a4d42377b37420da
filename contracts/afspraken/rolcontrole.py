"""Whether people in the role that is told or called can do something with a case there (G12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.afspraken.model import Aanspreekpunt, Bericht, Herinnering, LadderRegel, Zichtbericht

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.afspraken.ankers import Drager, Rol
    from contracts.afspraken.model import Regel
    from contracts.toml_plaats import Pad


def find_wrong_roles(regel: Regel) -> Iterator[tuple[Pad, str]]:
    """Give the place in the table and what is wrong, for each role that has no part in a case at the party it is at."""
    for pad, rol, drager in _told(regel):
        if drager not in rol.bij:
            yield pad, f"{rol.label} kan bij {drager.label} niets met een casus doen; kies een andere rol"
    if isinstance(regel, Aanspreekpunt) and not regel.bericht.aan and regel.rol.bij:
        yield ("rol",), f"{regel.rol.label} beheert Houvast niet"


def _told(regel: Regel) -> Iterator[tuple[Pad, Rol, Drager]]:
    """Every role with the party where it is told, and its place in the table."""
    if isinstance(regel, LadderRegel):
        for number, trede in enumerate(regel.treden):
            for drager in (trede.bij, *trede.ook_bij):
                yield ("trede", number, "rol"), trede.rol, drager
    if isinstance(regel, Aanspreekpunt):
        for drager in sorted(regel.bericht.aan):
            yield ("rol",), regel.rol, drager
    if isinstance(regel, Zichtbericht):
        yield ("rol",), regel.rol, regel.wie
    if isinstance(regel, Bericht | Herinnering):
        told = regel.aan or regel.drager
        if told is not None:
            yield ("rol",), regel.rol, told
