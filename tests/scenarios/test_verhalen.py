"""Every story of `tests/scenarios/*/*.toml`, told over the four services in memory."""

from collections import Counter
from pathlib import Path

import pytest

from contracts.toml_plaats import BestandFouten
from tests.scenarios.blijkt import BLIJKT
from tests.scenarios.gebeurt import GEBEURT
from tests.scenarios.geheugen import rule_book, sample_register
from tests.scenarios.lezen import read_map, read_verhaal
from tests.scenarios.runner import tell_in_memory
from tests.scenarios.vertelling import KloptNiet, Verhaal

HERE = Path(__file__).parent
UITLEG = HERE.parents[1] / "docs" / "verhalen.md"


VERHALEN, KAPOT = read_map(HERE, rule_book=rule_book(), register=sample_register())


def as_parameter(verhaal: Verhaal) -> object:
    marks = [pytest.mark.xfail(reason=verhaal.nog_niet, raises=KloptNiet, strict=True)] if verhaal.nog_niet else []
    return pytest.param(verhaal, id=verhaal.bestand.removesuffix(".toml"), marks=marks)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "verhaal",
    [
        *(as_parameter(verhaal) for verhaal in VERHALEN),
        *(pytest.param(fouten, id=bestand.removesuffix(".toml")) for bestand, fouten in KAPOT.items()),
    ],
)
async def test_the_story_holds(verhaal: Verhaal | BestandFouten) -> None:
    """What the agreements say happens, happens; the story names the paragraph.

    One that cannot be read fails with its file, lines and fields, and takes no other with it.
    """
    if isinstance(verhaal, BestandFouten):
        pytest.fail(str(verhaal), pytrace=False)
    await tell_in_memory(verhaal)


def test_the_stories_are_many_and_of_every_agreement() -> None:
    """At least sixty, over the two regions and the agreements of 2017; a third of them is also told for real."""
    per_map = Counter(verhaal.bestand.partition("/")[0] for verhaal in VERHALEN)
    assert per_map.total() >= 60
    assert set(per_map) == {"west-brabant", "west-brabant-2017", "midden-brabant"}
    assert sum(verhaal.echt for verhaal in VERHALEN) * 3 >= per_map.total()


GOED = """\
titel = "Een melding"
paragraaf = "MB 4.1"
regio = "midden-brabant"
gemeente = "Tilburg"

[[wanneer]]
op = "ma 2 maart 2026 09:00"
wat = "Veilig Thuis ontvangt een melding"

[[dan]]
wat = "termijn veiligheidsbeoordeling loopt"
"""


def read(text: str) -> Verhaal:
    return read_verhaal(text, bestand="verhaal.toml", rule_book=rule_book(), register=sample_register())


@pytest.mark.parametrize(
    ("was", "wordt", "fout"),
    [
        ("ontvangt een melding", "krijgt een melding", "verhaal.toml:8: wanneer[1].wat: "),
        ("termijn veiligheidsbeoordeling loopt", "termijn veiligheidsbeoordeling rent", "verhaal.toml:11: dan[1].wat"),
        ("ma 2 maart", "di 2 maart", "verhaal.toml:7: wanneer[1].op: 'di 2 maart 2026 09:00': dat is een ma"),
        ("2 maart", "30 februari", "verhaal.toml:7: wanneer[1].op: "),
        ('op = "ma 2 maart 2026 09:00"', 'na = "2 dagen"', "de eerste regel van een verhaal zegt wanneer die is"),
        ('gemeente = "Tilburg"', 'gemeente = "Tilberg"', "verhaal.toml:4: gemeente: 'Tilberg' staat niet in het"),
        ('titel = "Een melding"', 'tietel = "Een melding"', "verhaal.toml:1: tietel: onbekend"),
        ("[[dan]]", '[[dan]]\nop = "zo 1 maart 2026 09:00"', "verhaal.toml:11: dan[1].op: ligt voor de vorige regel"),
        ("[[dan]]", '[[dan]]\nna = "2 eeuwen"', "verhaal.toml:11: dan[1].na: '2 eeuwen' is geen duur"),
        ("[[dan]]", "[[dan]]\nhaast = true", "verhaal.toml:11: dan[1].haast: onbekend bij deze zin"),
        ("[[dan]]", "[dan", "geen geldige TOML"),
        ("[[dan]]", "[dan]", "verhaal.toml:10: dan: ontbreekt; een verhaal heeft minstens één [[dan]]"),
        ("[[wanneer]]", 'gegeven = "niets"\n[[wanneer]]', "verhaal.toml:6: gegeven: ontbreekt"),
        ('titel = "Een melding"', 'titel = "Een melding"\ndan = [3]', "geen geldige TOML"),
        ('op = "ma 2 maart 2026 09:00"', "op = 2026-03-02", "verhaal.toml:7: wanneer[1].op: moet een tekst zijn"),
        ("[[dan]]", "[[dan]]\nna = 5", "verhaal.toml:11: dan[1].na: moet een tekst zijn"),
        ("[[dan]]", '[[dan]]\nna = "5 dagen"\nop = 3', "verhaal.toml:11: dan[1].na: kies: op of na"),
        ("[[wanneer]]", 'echt = "ja"\n[[wanneer]]', "verhaal.toml:6: echt: moet true of false zijn"),
        ("[[wanneer]]", "nog_niet = true\n[[wanneer]]", "verhaal.toml:6: nog_niet: moet een tekst zijn"),
    ],
)
def test_a_slip_of_the_pen_is_named_with_its_line(was: str, wordt: str, fout: str) -> None:
    assert was in GOED
    with pytest.raises(BestandFouten) as error:
        read(GOED.replace(was, wordt, 1))
    assert fout in str(error.value)


def test_a_broken_story_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    """What is wrong is told of its own file, with its line; also where the file is no text at all."""
    texts = {"a": GOED, "b": GOED.replace("Tilburg", "Tilberg"), "c": GOED.replace("[[dan]]", "[dan")}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    (tmp_path / "d.toml").write_bytes(GOED.replace("Een", "Één").encode("latin-1"))
    verhalen, kapot = read_map(tmp_path, rule_book=rule_book(), register=sample_register())
    assert [verhaal.bestand for verhaal in verhalen] == ["a.toml"]
    assert list(kapot) == ["b.toml", "c.toml", "d.toml"]
    assert str(kapot["b.toml"]).startswith("b.toml:4: gemeente: ")
    assert str(kapot["d.toml"]).startswith("d.toml:1: is geen UTF-8")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("was", "wordt", "klacht"),
    [
        ("veiligheidsbeoordeling loopt", "veiligheidsbeoordeling is gehaald", "verhaal.toml:10: "),
        ("veiligheidsbeoordeling loopt", "oppakken loopt", "die termijn is er niet; wel"),
        ('gemeente = "Tilburg"', 'gemeente = "Breda"', "werd onverwacht geweigerd"),
    ],
)
async def test_what_does_not_hold_is_told(was: str, wordt: str, klacht: str) -> None:
    """A story is not kinder than the world: a wrong expectation and an unmentioned refusal both fail."""
    with pytest.raises(KloptNiet) as error:
        await tell_in_memory(read(GOED.replace(was, wordt, 1)))
    assert klacht in str(error.value)


def test_every_sentence_is_explained_to_whoever_writes_a_story() -> None:
    """The page for policy officers names every sentence there is."""
    page = UITLEG.read_text("utf-8")
    assert [zin.vorm for zin in (*GEBEURT, *BLIJKT) if f"`{zin.vorm}`" not in page] == []


def test_every_sentence_is_used() -> None:
    """A sentence that no story needs is not in the list; what a broken story needs is not known."""
    used = {id(regel.doe) for verhaal in VERHALEN for regel in verhaal.regels}
    assert [zin.vorm for zin in (*GEBEURT, *BLIJKT) if id(zin.doe) not in used and not KAPOT] == []
