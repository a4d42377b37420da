"""The command line itself: what it says of itself, and how it refuses."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.afspraken import load_rule_book
from contracts.register.werktijd import Dagsoort
from contracts.register.wijziging import unfilled_roles
from contracts.toml_plaats import BestandFouten
from services.cli import __main__ as command_line
from services.cli.ground import SAMPLE_REGISTER, UNREACHED, read_register

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
    assert (code, "let op" in said, "in orde" in said) == (0, False, True)
    code, said = check("2026-03-03")
    assert code == 1
    assert "is leeg van 06-04-2026 08:00 tot 28-04-2026 00:00" in said
