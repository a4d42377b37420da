"""Every sentence of the sources that binds somebody has a rule, or a reason why it has none."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.afspraken import load_rule_book, packaged_bronnen
from contracts.afspraken.bronzinnen import list_onvermeld, list_zinnen
from contracts.afspraken.citaten import check_citaten, find_missing_zinnen
from contracts.toml_plaats import BestandFouten, Fout
from services.cli.afspraken import app

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
FS = "bronnen/fs.toml"
ZIN = 'citaat = "Het tot stand brengen van de samenwerkingsafspraken'


def run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(args))
    return result.exit_code, result.stdout, result.stderr


def fouten_of(old: str, new: str) -> tuple[Fout, ...]:
    """What is wrong with the packaged files once one of them was changed at one place."""
    bronnen = packaged_bronnen()
    assert old in bronnen[FS]
    with pytest.raises(BestandFouten) as caught:
        load_rule_book(bronnen | {FS: bronnen[FS].replace(old, new, 1)})
    return caught.value.fouten


def test_every_source_has_its_sentences_and_each_a_rule_or_a_reason() -> None:
    found = list_zinnen(load_rule_book())
    assert list(found) == ["WB", "FS", "MB", "AEF", "BK"]
    for zinnen in found.values():
        assert len({item.zin.bron.citaat for item in zinnen}) == len(zinnen) > 15
        assert all(item.regels or item.zin.reden for item in zinnen)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not at hand")
def test_every_sentence_stands_literally_in_its_source() -> None:
    teksten = {path.name: path.read_text("utf-8") for path in SEEDS.iterdir()}
    assert [zin.bron.citaat for _, _, zin in find_missing_zinnen(load_rule_book(), teksten)] == []


def test_every_rule_that_quotes_a_source_quotes_one_of_its_binding_sentences() -> None:
    """A rule from a sentence that nobody called binding: then the list is not complete."""
    assert [(regel.id, regel.bron.citaat) for regel in list_onvermeld(load_rule_book())] == []


def test_a_rule_belongs_to_the_sentence_that_it_quotes_without_being_named() -> None:
    """And to one that names it."""
    zinnen = {item.zin.bron.citaat: item for item in list_zinnen(load_rule_book())["WB"]}
    quoted = next(item for citaat, item in zinnen.items() if citaat.startswith("Wanneer Veilig Thuis een traject"))
    assert (quoted.zin.regels, quoted.regels) == ((), ("dienst-doorlooptijd",))
    named = next(item for citaat, item in zinnen.items() if citaat.startswith("leder is dus verantwoordelijk"))
    assert "herinnering-niet-opgepakt" in named.zin.regels
    assert not named.is_open


def test_a_sentence_with_neither_is_named_with_its_line() -> None:
    text = packaged_bronnen()[FS]
    reden = 'reden = "Bindt de organisaties, niet een casus."\n'
    assert text.count(reden) == 1
    (fout,) = fouten_of(reden, "")
    assert (fout.bestand, fout.regel) == (FS, text[: text.index(ZIN)].count("\n"))
    assert "geen regel en geen reden waarom niet" in fout.melding


def test_a_rule_that_does_not_exist_is_named() -> None:
    (fout,) = fouten_of('"structureel-signaal"', '"structureel-signal"')
    assert (fout.bestand, fout.veld) == (FS, "zin[11].regels")
    assert "er is geen regel 'structureel-signal'" in fout.melding


def test_a_source_that_is_not_known_is_named() -> None:
    (fout,) = fouten_of('document = "FS", paragraaf = "Gezam', 'document = "FX", paragraaf = "Gezam')
    assert "onbekend document 'FX'" in fout.melding


def test_a_sentence_that_is_not_in_its_source_is_named() -> None:
    bronnen = packaged_bronnen()
    seed = {"001_2d5e785094984c0a.txt": "een andere tekst"}
    found = [fout for fout in check_citaten(load_rule_book(), bronnen, seed) if fout.bestand == FS]
    assert len(found) == bronnen[FS].count("[[zin]]")
    assert all("staat niet in FS" in fout.melding for fout in found)


def test_dekking_lists_every_sentence_of_every_source() -> None:
    code, out, _ = run("dekking")
    assert code == 0
    for zinnen in list_zinnen(load_rule_book()).values():
        assert all(item.zin.bron.citaat in out for item in zinnen)


def test_dekking_of_one_source_and_only_what_is_open() -> None:
    code, out, _ = run("dekking", "fs", "--open")
    assert code == 0
    assert "Gemeenten kunnen Veilig Thuis ook aanwijzen" in out
    assert "schriftelijk aan Veilig Thuis bevestigt" not in out
    assert "structureel-signaal" not in out


def test_a_source_that_nobody_knows_is_refused_with_those_that_there_are() -> None:
    code, _, error = run("dekking", "XX")
    assert code == 1
    assert "WB, FS, MB, AEF, BK" in error
