"""Changing the people of one organisation in the text of a register: what was meant, and no other line."""

import difflib
import tomllib
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.register import parse_register
from contracts.register.bewerken import (
    Mensen,
    NietTeBewerken,
    Organisatieplek,
    find_plek,
    mensen_of,
    with_mensen,
)
from contracts.register.mensen import PersoonInvoer, rollen_of, with_persoon
from services.cli.ground import SAMPLE_REGISTER, UNREACHED

ON = date(2026, 3, 2)
SAMPLE = SAMPLE_REGISTER.read_text("utf-8")
BREDA = "GM0758"
SASKIA, LIESBETH = "Saskia Lauwers", "Liesbeth Nooijens"


def plek(text: str = SAMPLE, code: str = BREDA) -> Organisatieplek:
    found = find_plek(text, code, on=ON)
    assert found is not None
    return found


def changed(naam: str | None, invoer: dict[str, Any] | None, *, text: str = SAMPLE, code: str = BREDA) -> str:
    """The register after this change, which has to be a whole one."""
    read = None if invoer is None else PersoonInvoer.model_validate(invoer)
    where = plek(text, code)
    made = with_mensen(text, where, with_persoon(mensen_of(text, where), naam, read))
    parse_register(made, bestand="register.toml", variabelen=UNREACHED)
    return made


def difference(made: str, before: str = SAMPLE) -> Sequence[str]:
    lines = difflib.unified_diff(before.split("\n"), made.split("\n"), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"} and len(line) > 1]


def rollen(made: str, naam: str) -> Sequence[Any]:
    return rollen_of(mensen_of(made, plek(made)), naam)


def test_an_absence_is_one_line() -> None:
    made = changed(
        "Otto Franken",
        {
            "naam": "Otto Franken",
            "e_mail": "otto.franken@breda.example",
            "vervanger": "Frank van Rijckevorsel",
            "afwezig": ({"van": date(2026, 3, 4), "tot_en_met": date(2026, 3, 6)},),
            "rollen": rollen(SAMPLE, "Otto Franken"),
        },
    )
    assert difference(made) == ["+afwezig = [{ van = 2026-03-04, tot_en_met = 2026-03-06 }]"]


def test_a_new_name_goes_wherever_the_old_one_stood() -> None:
    made = changed(
        SASKIA,
        {
            "naam": 'Saskia "Sas" Lauwers-de Boer',
            "e_mail": "saskia.lauwers@breda.example",
            "teams": "sandbox:teams-GM0758-gedrag",
            "vervanger": LIESBETH,
            "rollen": rollen(SAMPLE, SASKIA),
        },
    )
    assert SASKIA not in {name for table in mensen_of(made, plek(made)).rollen if table for name in table["personen"]}
    assert rollen(made, 'Saskia "Sas" Lauwers-de Boer') == rollen(SAMPLE, SASKIA)
    assert 'vervanger = "Saskia \\"Sas\\" Lauwers-de Boer"' in made


def test_who_is_taken_out_has_no_role_and_replaces_nobody() -> None:
    made = changed(SASKIA, None)
    assert SASKIA not in made
    parse_register(made, bestand="register.toml", variabelen=UNREACHED)


def test_a_role_is_given_and_taken() -> None:
    """With the others who have it; for another team it is another role; one that nobody is left in goes."""
    before = rollen(SAMPLE, "Jasper Meeuwis")
    zuid = {"rol": "teamcoordinator", "team": "breda-zuid", "doelgroep": "alle"}
    person = {"naam": "Jasper Meeuwis", "e_mail": "jasper.meeuwis@breda.example"}
    made = changed(
        "Jasper Meeuwis", {**person, "rollen": (zuid, {"rol": "gedragswetenschapper", "doelgroep": "jeugd"})}
    )
    assert zuid in rollen(made, "Jasper Meeuwis")
    assert {"rol": "gedragswetenschapper", "team": None, "doelgroep": "jeugd"} in rollen(made, "Jasper Meeuwis")
    assert not [role for role in before if role in rollen(made, "Jasper Meeuwis")]
    assert rollen(changed("Jasper Meeuwis", person, text=made), "Jasper Meeuwis") == []


def test_somebody_new_stands_behind_the_others() -> None:
    made = changed(None, {"naam": "Noor Tol", "e_mail": "noor@breda.example", "rollen": ({"rol": "coordinator"},)})
    assert [line for line in difference(made) if line.startswith("-")] == ['-personen = ["Otto Franken"]']
    assert '+personen = ["Otto Franken", "Noor Tol"]' in difference(made)
    assert mensen_of(made, plek(made)).personen[-1] == {"naam": "Noor Tol", "e_mail": "noor@breda.example"}


def test_the_first_people_of_an_organisation_stand_with_it() -> None:
    text = """# begin
[[partij]]
code = "vt"  # met een opmerking
naam = "VT"
soort = "veilig-thuis"
regio = "noord"

# een kop
[[partij]]
code = "ander"
naam = "Ander"
soort = "overig"
regio = "noord\""""
    made = changed(
        None, {"naam": "Noor", "e_mail": "n@vt.example", "rollen": ({"rol": "triagist"},)}, text=text, code="vt"
    )
    assert [line for line in difference(made, text) if line.startswith("-")] == []
    assert tomllib.loads(made)["partij"][0]["rol"] == [{"rol": "triagist", "personen": ["Noor"]}]
    assert made.index("Noor") < made.index("# een kop")


def test_of_a_gemeente_the_entry_of_today_is_meant() -> None:
    ended = SAMPLE.replace('code = "GM0758"\n', 'code = "GM0758"\ngeldig_tot = 2026-01-01\n', 1)
    assert find_plek(ended, BREDA, on=ON) is None
    assert find_plek(ended, BREDA, on=date(2025, 12, 31)) == plek()
    assert find_plek(SAMPLE, "GM9999", on=ON) is None


def test_people_on_one_line_are_left_to_a_person() -> None:
    text = '[[partij]]\ncode = "a"\npersoon = [{ naam = "B", e_mail = "b@a.example" }]\nsoort = "overig"\n'
    with pytest.raises(NietTeBewerken, match="Vraag de beheerder"):
        with_mensen(text, plek(text, "a"), Mensen([{"naam": "C", "e_mail": "c@a.example"}], []))


NAMES = (
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30).map(str.strip).filter(bool)
)


@given(gone=st.sets(st.integers(0, 6)), added=st.lists(NAMES, max_size=3), off=st.sets(st.integers(0, 6)))
def test_whatever_changes_reads_as_was_meant(gone: set[int], added: list[str], off: set[int]) -> None:
    """`with_mensen` compares all of the text; nothing of others is another."""
    now = mensen_of(SAMPLE, plek())
    personen = [None if index in gone else table for index, table in enumerate(now.personen)]
    rollen = [None if index in off else table for index, table in enumerate(now.rollen)]
    new = [{"naam": naam, "afwezig": [{"van": ON, "tot_en_met": ON}]} for naam in added]
    made = with_mensen(SAMPLE, plek(), Mensen([*personen, *new], rollen))
    assert made.count("\n#") == SAMPLE.count("\n#")
