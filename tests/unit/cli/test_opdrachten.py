"""The command line itself: what it says of itself, and how it refuses."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.afspraken import load_rule_book
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
