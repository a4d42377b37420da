"""Whatever a message asks can be done on the page it links to, by the role it goes to (G12): a matrix over the agreements."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

import pytest

from contracts.afspraken import Drager, Rol, load_rule_book
from contracts.afspraken.model import Bericht, Herinnering, Zichtbericht
from contracts.rechten import HANDELINGEN, Relatie, may

ASKS_NOTHING = ("niets vast te leggen", "niets meer te doen", "wie het nu draagt", "of de veiligheid dat toelaat")
"""What a message says that asks nothing of Houvast: it was told so that people know."""
DIFFERS = "meningsverschil-melden"
"""Whoever follows a case can differ about it; that is an answer to no question."""
_STANDS: dict[Drager, frozenset[Relatie]] = {
    Drager.VEILIG_THUIS: frozenset({Relatie.VEILIG_THUIS}),
    Drager.LOKAAL_TEAM: frozenset({Relatie.AANGEBODEN, Relatie.ONTVANGER, Relatie.DRAGER}),
    Drager.KETENPARTNER: frozenset({Relatie.AANGEBODEN, Relatie.GEVRAAGD, Relatie.DRAGER}),
    Drager.MELDPUNT: frozenset({Relatie.MELDPUNT, Relatie.DRAGER}),
}
"""In which relations a party stands to a case of which it is told; one that only reads along stands in one alone."""

Regel = Bericht | Zichtbericht | Herinnering


def _regels() -> Iterator[tuple[str, Regel]]:
    book = load_rule_book()
    for regio in ("midden-brabant", "west-brabant"):
        afspraken = book.for_regio(regio=regio, on=date(2026, 3, 2))
        for regel in chain(afspraken.berichten, afspraken.zichtberichten, afspraken.herinneringen):
            yield f"{regio}/{regel.id}", regel


def _stands(regel: Regel) -> frozenset[Relatie]:
    if isinstance(regel, Bericht) and regel.leest_mee:
        return frozenset({Relatie.INGELICHT})
    if isinstance(regel, Zichtbericht):
        return frozenset({Relatie.DRAGER if regel.wat == "krijgt" else Relatie.VOORBIJ})
    return frozenset({Relatie.DRAGER}) if regel.aan is None else _STANDS[regel.aan]


def acts_for(relaties: frozenset[Relatie], rol: Rol) -> set[str]:
    """What this role can do in a case of its party in these relations."""
    found = {act.naam for act in HANDELINGEN if act.onderwerp is not None and may(act.daad, relaties, {rol})}
    return found - {DIFFERS}


@pytest.mark.parametrize(("naam", "regel"), [pytest.param(naam, regel, id=naam) for naam, regel in _regels()])
def test_what_a_message_asks_can_be_done_or_it_says_that_there_is_nothing_to_do(naam: str, regel: Regel) -> None:
    del naam
    can = acts_for(_stands(regel), regel.rol)
    assert can or any(said in regel.gevraagd for said in ASKS_NOTHING), regel.gevraagd


def test_who_only_reads_along_is_asked_nothing_in_houvast() -> None:
    """What a dienst that starts tells the team, and what a huisverbod does, is done between people."""
    reading = {naam: regel for naam, regel in _regels() if isinstance(regel, Bericht) and regel.leest_mee}
    assert reading, "West-Brabant tells its teams when a dienst starts"
    for naam, regel in reading.items():
        assert not acts_for(_stands(regel), regel.rol), naam
        assert "niets vast te leggen" in regel.gevraagd, naam
