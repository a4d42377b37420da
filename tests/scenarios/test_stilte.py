"""G10: no open case is silent, whatever people do or leave. `HOUVAST_GESCHIEDENISSEN=20000 pytest -n0` for all of them."""

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.afspraken import Afspraken, Anker, Drager, RuleBook, load_rule_book, packaged_bronnen
from contracts.afspraken.feiten import Aanvaarding
from contracts.afspraken.geschiedenissen import Geschiedenis, tell_geschiedenis
from contracts.afspraken.stilte import find_stiltes
from contracts.afspraken.stiltecontrole import find_stille_geschiedenissen
from services.cli.afspraken import app

HOEVEEL = int(os.environ.get("HOUVAST_GESCHIEDENISSEN", "400"))
VANGNET = "national/vangnet.toml"
REGIOS = (("west-brabant", "GM0758", 2026), ("midden-brabant", "GM0855", 2026), ("west-brabant", "GM0758", 2021))


class Toeval:
    """Chooses at random, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def choose(self, aantal: int) -> int:
        return self._random.randrange(aantal)


def history(seed: int, book: RuleBook) -> tuple[Geschiedenis, Afspraken]:
    """One history of every region by turns, of up to eight steps."""
    regio, gemeente, jaar = REGIOS[seed % len(REGIOS)]
    toeval = Toeval(seed)
    begin = datetime(jaar, 1, 5, tzinfo=UTC) + timedelta(minutes=toeval.choose(300 * 1440))
    afspraken = book.for_case(regio=regio, gemeente=gemeente, on=begin.date())
    return tell_geschiedenis(toeval, begin, stappen=8), afspraken


def silences(seed: int, book: RuleBook) -> list[str]:
    """What is silent in it, up to a month after the last thing that anybody did."""
    verhaal, afspraken = history(seed, book)
    until = max(item.op for item in verhaal.gebeurd) + timedelta(days=30)
    found = find_stiltes(verhaal, afspraken, until=until)
    return [f"{stil.vanaf} {stil.partij}: {stil.waarom}\n{verhaal.vertel()}" for stil in found]


def test_no_history_is_silent() -> None:
    book = load_rule_book()
    found = [line for seed in range(HOEVEEL) for line in silences(seed, book)]
    assert found == []


def without(text: str, regel_id: str) -> str:
    """The vangnet without one of its tables."""
    tables = text.split("\n\n")
    kept = [table for table in tables if f'id = "{regel_id}"' not in table]
    assert len(kept) < len(tables)
    return "\n\n".join(kept)


@pytest.mark.parametrize(
    "regel_id",
    [
        "zicht-gekregen-lokaal-team",
        "zicht-gekregen-ketenpartner",
        "herinnering-zicht-veilig-thuis",
        "herinnering-zicht-lokaal-team",
        "herinnering-zicht-meldpunt",
        "herinnering-crisis-bij-meldpunt-meldpunt",
        "herinnering-crisis-niet-beoordeeld",
        "herinnering-acute-crisis",
        "herinnering-crisis-volgens-ander",
    ],
)
def test_each_of_these_rules_is_missed_where_it_is_left_out(regel_id: str) -> None:
    """And the shortest history in which it is silent then is told."""
    bronnen = packaged_bronnen()
    book = load_rule_book(bronnen | {VANGNET: without(bronnen[VANGNET], regel_id)})
    _, history = next(find_stille_geschiedenissen(book), ("", ""))
    assert "stil: " in history
    assert "de melding" in history


SLAPEND = """
[[herinnering]]
id = "herinnering-zicht-lokaal-team"
label = "U draagt zicht op veiligheid"
drager = "lokaal-team"
elke = "30 dagen"
rol = "teamcoordinator"
gevraagd = "Kijk nog eens."
geldig_van = 2022-04-01
bron = { document = "WB", paragraaf = "3", citaat = "een zin uit de afspraken" }
"""


def test_a_region_that_makes_its_cases_silent_is_refused_with_the_history(tmp_path: Path) -> None:
    naam = "regions/west-brabant-2022.toml"
    overlay = tmp_path / "west-brabant.toml"
    overlay.write_text(packaged_bronnen()[naam] + SLAPEND, "utf-8")
    ran = CliRunner().invoke(app, ["check", str(overlay), "--op", "2026-03-02"])
    assert ran.exit_code == 1
    assert f"{overlay}:1" in ran.output
    assert "daarna is binnen 7 dagen niets te verwachten" in ran.output
    assert "de aflevering van de overdracht" in ran.output


def test_the_histories_are_of_every_kind() -> None:
    """Else that none is silent would say little."""
    book = load_rule_book()
    seen = {item.anker for seed in range(HOEVEEL) for item in history(seed, book)[0].gebeurd}
    assert len(seen) >= 24


def test_the_histories_reach_what_others_say_and_what_comes_of_an_offer() -> None:
    """A proof that its receiver confirms or contradicts, and an offer that is refused or withdrawn, by each who makes one."""
    book = load_rule_book()
    said: set[tuple[str | None, Anker, Aanvaarding | None]] = set()
    for seed in range(HOEVEEL):
        verhaal, _ = history(seed, book)
        said |= {
            (verhaal.aanbieders[item.onderwerp_id], item.anker, item.aanvaarding)
            for item in verhaal.gebeurd
            if item.onderwerp_id is not None and item.onderwerp_id in verhaal.aanbieders
        }
    for aanbieder in (Drager.MELDPUNT, Drager.VEILIG_THUIS):
        assert (aanbieder, Anker.OVERDRACHT_OPGEPAKT, Aanvaarding.ZELF) in said
        assert (aanbieder, Anker.OVERDRACHT_OPGEPAKT, Aanvaarding.VOLGENS_EEN_ANDER) in said
        assert (aanbieder, Anker.OVERDRACHT_GEWEIGERD, None) in said
        assert (aanbieder, Anker.OVERDRACHT_GEWEIGERD, Aanvaarding.BETWIST) in said
        assert (aanbieder, Anker.OVERDRACHT_INGETROKKEN, None) in said
    assert (Drager.LOKAAL_TEAM, Anker.OVERDRACHT_AANGEMAAKT, None) in said
