"""`houvast gemeente`: how endpoints stand, stopping, starting and trying them, from the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from services.cli.gemeente import app
from services.runtime.database.connection import connect
from services.runtime.database.migrate import migrate
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.unit.destinations import Standing
from services.runtime.unit.in_words import show_age, show_stand
from tests.fixtures.apart import run_apart

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def _lay(url: str) -> None:
    connection = await connect(url)
    try:
        await migrate_gedeeld(connection)
        groups = [
            ("runtime", "services.runtime.database.migrations.dienst"),
            ("handover", "services.handover.migrations"),
        ]
        await migrate(connection, "handover", groups)
        await connection.execute(
            "insert into handover.opdracht"
            " (id, casus_id, soort, bestemming, inhoud, due_at, pogingen, status, gemaakt_op)"
            " values ($1, $1, 'aflevering-rest', 'GM0758', '{}', now() + interval '5 minutes', 2, 'open',"
            " now() - interval '50 hours')",
            UUID(int=1),
        )
        await connection.execute(
            "insert into handover.poging"
            " (opdracht_id, nummer, op, resultaat, status, toelichting, ontvangen, verzonden, antwoord, duur_ms)"
            " values ($1, 1, $2, 'tijdelijk', 503, 'antwoordde met status 503', '{}',"
            """ '{"bytes": 4012, "sleutels": ["env:GEHEIM#0a1b2c3d"]}', 'onderhoud', 87)""",
            UUID(int=1),
            NOW,
        )
    finally:
        await connection.close()


@pytest.fixture
def database_url(fresh_database: str) -> str:
    """A database in which one overdracht waits for Breda."""
    run_apart(_lay(fresh_database))
    return fresh_database


def houvast(*arguments: str, columns: int = 160) -> Result:
    return CliRunner().invoke(app, [*arguments], env={"COLUMNS": str(columns)})


def test_a_gemeente_is_paused_with_a_reason_and_resumed(database_url: str, tmp_path: Path) -> None:
    """G7: what waits is shown, counted, and why it waits."""
    where = ("--database", database_url, "--data", str(tmp_path))
    assert houvast("pause", "GM0758", "--reden", "onderhoud", *where).stderr == "GM0758 is gepauzeerd.\n"
    assert "al gepauzeerd" in houvast("pause", "GM0758", "--reden", "nog eens", *where).stderr
    shown = houvast("list", *where, columns=40).stdout
    (line,) = [line for line in shown.splitlines() if "GM0758" in line]
    for told in ("Breda", " 1 ", "2 d 2 u", "gepauzeerd", "onderhoud"):
        assert told in line
    assert "1 bericht(en)" in houvast("resume", "GM0758", *where).stderr
    assert "gepauzeerd" not in houvast("list", *where).stdout


def test_a_gemeente_or_team_that_is_not_there_is_named(database_url: str, tmp_path: Path) -> None:
    where = ("--database", database_url, "--data", str(tmp_path))
    unknown = houvast("pause", "GM9999", "--reden", "x", *where)
    assert unknown.exit_code == 2
    assert "GM9999 staat niet in het register" in unknown.stderr
    resumed = houvast("resume", "GM9999", *where)
    assert resumed.exit_code == 2, "a typing error must not leave the right one stopped"
    assert "GM9999 staat niet in het register" in resumed.stderr
    team = houvast("pause", "GM0758/zuidpool", "--reden", "x", *where)
    assert team.exit_code == 2
    assert "Breda heeft geen team zuidpool" in team.stderr


def test_stopping_in_haste_needs_no_reason(database_url: str, tmp_path: Path) -> None:
    where = ("--database", database_url, "--data", str(tmp_path))
    assert houvast("pause", "GM0758", *where).exit_code == 0
    assert "op verzoek" in houvast("list", *where).stdout


def test_every_attempt_is_shown_with_what_went_and_what_came_back(database_url: str, tmp_path: Path) -> None:
    where = ("--database", database_url, "--data", str(tmp_path))
    (shown,) = [
        line for line in houvast("pogingen", "GM0758", *where, columns=40).stdout.splitlines() if "GM0758" in line
    ]
    for told in ("02-03-2026", "tijdelijk", "503", "4012", "env:GEHEIM#0a1b2c3d", "onderhoud", "87 ms"):
        assert told in shown
    nothing = houvast("pogingen", str(UUID(int=9)), *where)
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert "geen pogingen bekend" in nothing.stderr


def test_an_overdracht_that_is_not_there_is_not_sent_again(database_url: str, tmp_path: Path) -> None:
    reply = houvast("resend", str(UUID(int=5)), "--database", database_url, "--data", str(tmp_path))
    assert reply.exit_code == 1
    assert reply.stderr == "Deze overdracht is hier niet bekend.\n"


def test_an_endpoint_where_nobody_listens_is_told_with_who_mends_it(tmp_path: Path) -> None:
    """The sample register, without a hub that runs: its sandbox is not there."""
    tried = houvast("test", "GM0758", "--data", str(tmp_path))
    assert tried.exit_code == 1
    lines = tried.stdout.splitlines()
    assert lines[-2].startswith("✗ TCP")
    assert lines[-1].strip() == "te herstellen door de ontvanger (netwerk)"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "in orde"),
        ({"under_way": 1}, "bezorgt"),
        ({"failures": 2}, "laatste 2 poging(en) mislukt"),
        (
            {"failures": 7, "open_until": NOW + timedelta(minutes=4)},
            "antwoordt niet (7×); weer geprobeerd om 02-03 09:04",
        ),
        ({"paused_at": NOW, "pause_reason": "onderhoud"}, "gepauzeerd sinds 02-03 09:00: onderhoud"),
        (
            {"refused_at": NOW, "refuse_reason": "status 401", "failures": 5},
            "laat ons niet toe sinds 02-03 09:00: status 401; alles wacht",
        ),
    ],
)
def test_how_an_endpoint_stands_in_words(changes: dict[str, object], told: str) -> None:
    standing = Standing("GM0758", 0, 0, None, 0, None, None, None, None, None)
    changed = Standing(**{name: changes.get(name, getattr(standing, name)) for name in Standing.__slots__})  # type: ignore[arg-type]
    assert show_stand(changed, now=NOW).startswith(told)


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=5, minutes=7), "5 u 7 min"),
        (timedelta(days=3, hours=4, minutes=9), "3 d 4 u"),
    ],
)
def test_ages_as_people_say_them(age: timedelta, told: str) -> None:
    assert show_age(age) == told
