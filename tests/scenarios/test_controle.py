"""`houvast afspraken check` as people run it: the packaged agreements, and files of their own laid over them."""

from pathlib import Path

from typer.testing import CliRunner

from contracts.afspraken import packaged_bronnen
from services.cli.afspraken import app


def test_the_packaged_agreements_are_in_order_and_say_what_they_cover() -> None:
    quiet = CliRunner().invoke(app, ["check", "--op", "2026-11-24"])
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    assert "geen fouten" in quiet.stdout
    assert "bindende zinnen:" in quiet.stdout
    assert "vanaf 1 januari 2023 tot 1 januari 2029" in quiet.stdout
    assert "vanaf 1 januari 2020 tot 1 januari 2023 en vanaf 1 januari 2029 telt elke" in quiet.stdout


def test_it_warns_in_time_that_the_calendar_runs_out() -> None:
    """A warning is no error."""
    warned = CliRunner().invoke(app, ["check", "--op", "2027-01-01"])
    assert warned.exit_code == 0
    assert "waarschuwing" in warned.stderr


def test_given_files_are_laid_over_the_packaged_ones(tmp_path: Path) -> None:
    """Loosening a statutory term quotes both sentences; the file of the same name is replaced, not doubled."""
    text = packaged_bronnen()["regions/west-brabant-2022.toml"]
    path = tmp_path / "wb.toml"
    path.write_text(text, "utf-8")
    assert CliRunner().invoke(app, ["check", str(tmp_path)]).exit_code == 0
    path.write_text(text.replace('duur = "5 werkdagen"', 'duur = "6 werkdagen"'), "utf-8")
    refused = CliRunner().invoke(app, ["check", str(path)])
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"{path}:")
    assert "binnen 5 dagen" in refused.stderr
    assert "Binnen 5 werkdagen" in refused.stderr
    assert refused.stderr.strip().endswith("1 fout")
