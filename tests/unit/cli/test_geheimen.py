"""What is wrong with our own secrets is told at the start, with whom it is needed for."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from contracts.register import parse_register
from services.cli import __main__ as command_line
from services.cli.geheimen import check_own_secrets, log_wrong_secrets, look_at_secrets, wrong_secrets
from services.runtime.outbound.secrets import Geheimen
from services.runtime.outbound.webhooks import hmac_secret
from services.runtime.settings import SettingsFouten, load_settings
from tests.unit.register.test_parse_register import GOOD, ZGW

PERSON = """
[[gemeente.persoon]]
naam = "Sam Voorbeeld"
teams = "file:teams-sam"
"""


def told(text: str, **environment: str) -> list[str]:
    register = parse_register(text, bestand="r.toml")
    return [*wrong_secrets(register, Geheimen(environment=environment).resolve)]


@pytest.mark.parametrize("text", [GOOD, ZGW])
def test_a_secret_that_is_missing_is_told_as_ours_and_for_whom(text: str) -> None:
    assert told(text) == [
        "bij Houvast ontbreekt env:BREDA: deze omgevingsvariabele is niet gezet (nodig voor Breda)",
    ]


def test_everything_that_is_missing_is_told_at_once() -> None:
    missing = told(GOOD + PERSON)
    assert [sentence.split()[3] for sentence in missing] == ["file:teams-sam:", "env:BREDA:"]


def test_a_key_that_cannot_sign_is_told_without_its_value() -> None:
    (sentence,) = told(GOOD, BREDA="geen-sleutel")
    assert sentence.startswith("bij Houvast klopt een instelling niet: ")
    assert sentence.endswith("(nodig voor Breda)")
    assert "geen-sleutel" not in sentence


def test_where_nothing_is_missing_nothing_is_told() -> None:
    assert told(GOOD, BREDA=hmac_secret(b"b" * 32)) == []


@pytest.mark.anyio
async def test_what_is_missing_is_seen_in_klaar_until_it_is_there_and_keeps_nobody_from_calling() -> None:
    """By number only: anybody may ask whether the hub is ready; which one it is stands in the log."""
    environment: dict[str, str] = {}
    look = look_at_secrets(parse_register(GOOD, bestand="r.toml"), Geheimen(environment=environment).resolve)
    finding = await look()
    assert finding is not None
    assert (finding.blocks, "BREDA" in finding.sentence) == (False, False)
    environment["BREDA"] = hmac_secret(b"b" * 32)
    assert await look() is None


def test_each_is_a_line_in_the_log() -> None:
    with capture_logs() as lines:
        log_wrong_secrets(parse_register(GOOD, bestand="r.toml"), Geheimen(environment={}).resolve)
    ((line),) = lines
    assert (line["event"], line["log_level"]) == ("secret_unusable", "warning")
    assert "env:BREDA" in line["reason"]


def test_a_setting_that_refers_to_nothing_stops_the_start() -> None:
    settings = load_settings({"HOUVAST_SMTP_HOST": "mail.example", "HOUVAST_SMTP_PASSWORD": "env:NERGENS"})
    with pytest.raises(SettingsFouten, match="HOUVAST_SMTP_PASSWORD: env:NERGENS: deze omgevingsvariabele"):
        check_own_secrets(settings, Geheimen(environment={}).resolve)


def test_houvast_run_tells_all_of_it_before_it_touches_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No database listens at this address: it never comes to that."""
    if not command_line.app.registered_commands:
        command_line.mount()
    path = tmp_path / "register.toml"
    path.write_text(GOOD, encoding="utf-8")
    for name, value in {
        "DATABASE": "postgresql://houvast@127.0.0.1:1/houvast",
        "BROKER": "127.0.0.1:1",
        "REGISTER": str(path),
        "DATA": str(tmp_path),
        "SMTP_HOST": "mail.example",
        "SMTP_PASSWORD": "file:nergens",
    }.items():
        monkeypatch.setenv(f"HOUVAST_{name}", value)
    shown = CliRunner().invoke(command_line.app, ["run", "handover"])
    assert "let op: bij Houvast ontbreekt env:BREDA" in shown.output
    assert isinstance(shown.exception, SettingsFouten)
    assert "HOUVAST_SMTP_PASSWORD: file:nergens" in str(shown.exception)
