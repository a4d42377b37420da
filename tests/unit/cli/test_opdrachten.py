"""The command line itself: what it says of itself, and how it refuses."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from contracts.afspraken import load_rule_book
from contracts.register.werktijd import Dagsoort
from contracts.register.wijziging import unfilled_roles
from contracts.toml_plaats import BestandFouten
from services.cli import __main__ as command_line
from services.cli.ground import SAMPLE_REGISTER, UNREACHED, read_register
from services.cli.reach import NeverStarted

ON = date(2026, 3, 2)


@pytest.fixture(scope="module", autouse=True)
def _mounted() -> None:
    if not command_line.app.registered_commands:
        command_line.mount()


@pytest.mark.parametrize("command", ["up", "demo", "run", "token", "herstel", "afspraken", "bench", "dlq", "schemas"])
def test_every_command_explains_itself(command: str) -> None:
    shown = CliRunner().invoke(command_line.app, [command, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) > 5


def test_the_version_is_told() -> None:
    shown = CliRunner().invoke(command_line.app, ["--version"])
    assert shown.exit_code == 0
    assert shown.output.startswith("houvast ")


def test_a_command_that_does_not_exist_is_refused() -> None:
    assert CliRunner().invoke(command_line.app, ["opstijgen"]).exit_code == 2


def test_the_sample_register_fills_every_rung_of_the_ladders() -> None:
    """Otherwise an escalatie would call nobody."""
    register = read_register(None, variables=UNREACHED)
    assert unfilled_roles(register, load_rule_book(), on=ON) == ()


def test_a_rung_that_finds_nobody_is_named(tmp_path: Path) -> None:
    """West-Brabant escalates to a leidinggevende first."""
    text = SAMPLE_REGISTER.read_text(encoding="utf-8").replace('rol = "leidinggevende"', 'rol = "teamcoordinator"')
    path = tmp_path / "register.toml"
    path.write_text(text, encoding="utf-8")
    found = unfilled_roles(read_register(path, variables=UNREACHED), load_rule_book(), on=ON)
    assert any("leidinggevende" in sentence for sentence in found)


def test_a_register_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "register.toml"
    path.write_text("[[gemeente]]\ncode = \n", encoding="utf-8")
    with pytest.raises(BestandFouten, match=r"register\.toml:2"):
        read_register(path, variables=UNREACHED)


def test_the_check_of_a_register_names_every_hole_in_a_rota_from_the_day_that_is_asked(tmp_path: Path) -> None:
    rooster = """
[[partij.rooster]]
rol = "coordinator"
begin = 2026-03-02
tot_en_met = 2026-04-05
dienst = [{ naam = "dienst", dagen = [WEEK], van = 08:00:00, tot = 08:00:00, personen = ["Priya Timmermans"] }]

"""
    week = ", ".join(f'"{dag.value}"' for dag in Dagsoort if dag is not Dagsoort.FEESTDAG)
    start = '[[partij]]\ncode = "meldpunt-west-brabant"'
    path = tmp_path / "register.toml"
    text = SAMPLE_REGISTER.read_text(encoding="utf-8").replace(start, rooster.replace("WEEK", week) + start, 1)
    path.write_text(text, encoding="utf-8")

    def check(op: str) -> tuple[int, str]:
        shown = CliRunner().invoke(command_line.app, ["register", "controleer", str(path), "--op", op])
        return shown.exit_code, shown.stderr

    code, said = check("2026-01-05")
    assert (code, "is leeg" in said, "in orde" in said) == (0, False, True)
    assert "Roderick Vermeulen (Veilig Thuis West-Brabant, triagist) hoort van een crisis alleen langs e-mail" in said
    assert "Frank Kapteijns" not in said, "who has two channels is well reached"
    assert "Judith van Campen" not in said
    code, said = check("2026-03-03")
    assert code == 1
    assert "is leeg van 06-04-2026 08:00 tot 28-04-2026 00:00" in said


def who(*asked: str) -> tuple[int, dict[str, Any]]:
    """The answer for software, on the sample register and without any hub."""
    given = ["wie", *asked, "--json", "--register", str(SAMPLE_REGISTER), "--data", "/nergens"]
    shown = CliRunner().invoke(command_line.app, given)
    return shown.exit_code, json.loads(shown.stdout)


def test_who_would_be_told_is_answered_with_each_step_and_over_what() -> None:
    """AEF 2.5: Moerdijk buys its gedragswetenschapper from Veilig Thuis; one for jeugd, one for volwassenen."""
    asked = ("Moerdijk", "gedragswetenschapper", "--op", "2026-03-02T09:00", "--team", "team-moerdijk")
    code, found = who(*asked, "--doelgroep", "jeugd")
    assert code == 0
    assert [(one["naam"], one["kanalen"]) for one in found["ontvangers"]] == [("Victor Daamen", ["e-mail", "teams"])]
    assert [(one["waar"], one["uitkomst"]) for one in found["stappen"]] == [
        ("team", "niet-vervuld"),
        ("gemeente", "niet-vervuld"),
        ("ingekocht", "gekozen"),
    ]
    assert "@" not in str(found), "no address is told"
    away = who("GM1709", "gedragswetenschapper", "--op", "2026-03-09T09:00", "--doelgroep", "jeugd")[1]
    assert [(one["naam"], one["vervangt"]) for one in away["ontvangers"]] == [
        ("Mirjam Uijtdewilligen", "Victor Daamen")
    ]


def test_where_nobody_would_be_told_that_is_an_outcome_of_its_own() -> None:
    code, found = who("GM0758", "meldpuntmedewerker", "--op", "2026-03-02T09:00")
    assert (code, found["ontvangers"]) == (1, [])
    assert found["stappen"][-1]["uitkomst"] == "niemand"


def test_who_is_told_is_shown_to_people_as_a_table() -> None:
    given = ["wie", "GM0758", "gemeente-ambtelijk", "--register", str(SAMPLE_REGISTER), "--data", "/nergens"]
    shown = CliRunner().invoke(command_line.app, given)
    assert shown.exit_code == 0
    assert "vervult deze rol bij Breda" in shown.stdout


@pytest.mark.parametrize(
    "asked", [["GM9999", "leidinggevende"], ["GM0758", "baas"], [str(UUID(int=1)), "leidinggevende"]]
)
def test_what_is_not_known_is_refused_in_a_sentence(asked: list[str]) -> None:
    given = ["wie", *asked, "--register", str(SAMPLE_REGISTER), "--data", "/nergens"]
    shown = CliRunner().invoke(command_line.app, given)
    assert shown.exit_code == 2 or isinstance(shown.exception, NeverStarted)
