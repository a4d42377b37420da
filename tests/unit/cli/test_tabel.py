"""Tables in a pipe: every row one line, every value whole."""

import pytest

from services.cli.tabel import print_table

LONG = "tijdelijk: " + "status 503, de server zegt onderhoud; " * 30


def test_in_a_pipe_a_row_is_one_line_with_whole_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as wide as a terminal that is not there; brackets are no markup."""
    monkeypatch.setenv("COLUMNS", "40")
    rows = [("GM0758/breda-noord", LONG, "<b>[red]x[/red]\nvolgende regel"), ("GM0777", "kort", "")]
    print_table("Pogingen", ("Bestemming", "Uitkomst", "Kwam terug"), rows)
    lines = [line for line in capsys.readouterr().out.splitlines() if "GM0" in line]
    assert len(lines) == 2
    for whole in ("GM0758/breda-noord", LONG.strip(), "<b>[red]x[/red] volgende regel"):
        assert whole in lines[0]
