"""Errors in TOML files name the line."""

from __future__ import annotations

import tomllib
from typing import cast

import pytest

from contracts.afspraken import packaged_bronnen
from contracts.toml_plaats import BestandFouten, Fout, parse_toml, show_pad

TEXT = '''# a comment with [brackets] and "quotes"
titel = "een # geen commentaar"
"vreemde sleutel" = 1
a.b.c = 2

[tabel]
lang = """
eerste = 1
[geen.tabel]
\\"""nog niet""""
ruw = \'\'\'
[[ook.niet]]
\'\'\'
datum = 2026-03-02T09:00:00+01:00
lijst = [
  "een",  # met , en ]
  { x = 1, y = { z = [1, 2] } },
  [3,
   4],
]

[[ding]]
id = 'eerste'

[[ding.deel]]
id = "a"

[[ding]]
id = "tweede"

[[ding.deel]]
id = "b"
[ding.deel.onder]
k = true
'''


@pytest.mark.parametrize(
    ("pad", "regel"),
    [
        (("titel",), 2),
        (("vreemde sleutel",), 3),
        (("a", "b", "c"), 4),
        (("a", "b"), 4),
        (("tabel",), 6),
        (("tabel", "lang"), 7),
        (("tabel", "ruw"), 11),
        (("tabel", "datum"), 14),
        (("tabel", "lijst"), 15),
        (("tabel", "lijst", 0), 16),
        (("tabel", "lijst", 1, "y", "z", 1), 17),
        (("tabel", "lijst", 2, 1), 19),
        (("ding", 0, "id"), 23),
        (("ding", 0, "deel", 0, "id"), 26),
        (("ding", 1), 28),
        (("ding", 1, "deel", 0, "id"), 32),
        (("ding", 1, "deel", 0, "onder", "k"), 34),
    ],
)
def test_every_key_and_element_is_found_on_its_line(pad: tuple[str | int, ...], regel: int) -> None:
    inhoud, plaatsen = parse_toml(TEXT, bestand="x.toml")
    assert inhoud == tomllib.loads(TEXT)
    assert plaatsen.regel(pad) == regel


def test_what_is_not_in_the_text_is_placed_at_its_nearest_table() -> None:
    _, plaatsen = parse_toml(TEXT, bestand="x.toml")
    assert plaatsen.regel(("ding", 1, "deel", 0, "ontbreekt")) == 31
    assert plaatsen.regel(("nergens",)) == 1


def test_text_that_is_no_toml_is_refused_with_its_line() -> None:
    with pytest.raises(BestandFouten) as caught:
        parse_toml("a = 1\nb = = 2\n", bestand="fout.toml")
    assert caught.value.fouten[0].regel == 2
    assert str(caught.value).startswith("fout.toml:2: geen geldige TOML")


def test_an_unfinished_text_is_refused_at_its_end() -> None:
    with pytest.raises(BestandFouten) as caught:
        parse_toml('a = 1\nb = "', bestand="fout.toml")
    assert caught.value.fouten[0].regel == 2


def test_all_errors_stand_one_a_line_in_order() -> None:
    error = BestandFouten([Fout("b.toml", 3, "x", "ontbreekt"), Fout("a.toml", 12, "", "kan niet")])
    assert str(error).splitlines() == ["a.toml:12: kan niet", "b.toml:3: x: ontbreekt"]


def test_a_path_reads_as_people_count() -> None:
    assert show_pad(("termijn", 0, "bron", "citaat")) == "termijn[1].bron.citaat"


def test_every_packaged_value_is_on_the_line_that_says_it() -> None:
    """Each string in our own files stands on the line that the walker gives for it."""
    checked = 0
    for naam, tekst in packaged_bronnen().items():
        inhoud, plaatsen = parse_toml(tekst, bestand=naam)
        lines = tekst.splitlines()
        for soort in (name for name, value in inhoud.items() if isinstance(value, list)):
            for index, tabel in enumerate(cast("list[dict[str, object]]", inhoud[soort])):
                for veld, waarde in tabel.items():
                    if isinstance(waarde, str):
                        line = lines[plaatsen.regel((soort, index, veld)) - 1]
                        assert line.startswith(f"{veld} = "), (naam, soort, index, veld)
                        assert waarde in line
                        checked += 1
    assert checked > 300
