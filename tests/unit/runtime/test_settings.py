"""Settings: all errors at once, in Dutch, by the name of the variable, and never a secret."""

import base64
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import Field

from services.runtime.access.sealing import blind_index
from services.runtime.process.clock import KlokInstelling
from services.runtime.settings import (
    TEST_OIN,
    KafkaSettings,
    Settings,
    SettingsFouten,
    SmtpSettings,
    StrictSettings,
    load_settings,
    read_settings,
    variable_of,
)

KEY = base64.b64encode(bytes(range(32))).decode()


def _fouten(environment: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsFouten) as wrong:
        load_settings(environment)
    return {fout.place: fout.message for fout in wrong.value.fouten}


def test_without_any_setting_it_is_fit_for_trying_out() -> None:
    settings = load_settings({})
    assert (settings.database, settings.broker, settings.oin) == ("embedded", "embedded", TEST_OIN)
    assert (settings.host, settings.port, settings.production, settings.clock) == ("127.0.0.1", 8080, False, None)
    assert settings.smtp is None
    assert settings.register is None


def test_settings_come_from_variables_called_after_them(tmp_path: Path) -> None:
    register = tmp_path / "register.toml"
    register.touch()
    settings = load_settings(
        {
            "HOUVAST_DATABASE": "postgresql://houvast:geheim@db/houvast",
            "HOUVAST_BROKER": "kafka-1:9092,kafka-2:9092",
            "HOUVAST_REGISTER": str(register),
            "HOUVAST_DATA": str(tmp_path),
            "HOUVAST_CLOCK": "2026-03-02T09:00+01:00@3600",
            "HOUVAST_PUBLIC_URL": "https://houvast.example/",
            "HOUVAST_PORT": "0",
            "HOUVAST_SMTP_HOST": "mail.example",
            "HOUVAST_SMTP_PASSWORD": "env:MAIL_PASSWORD",
            "HOUVAST_LOG_LEVEL": "",
        },
    )
    assert settings.register == register
    assert settings.data_dir == tmp_path
    assert settings.clock == KlokInstelling(datetime(2026, 3, 2, 8, tzinfo=UTC), 3600.0)
    assert settings.public_url == "https://houvast.example"
    assert settings.port == 0
    assert settings.log_level == "INFO"
    assert settings.smtp == SmtpSettings(
        "mail.example",
        587,
        True,
        None,
        None,
        "env:MAIL_PASSWORD",
        "houvast@houvast.example",
    )


def test_the_command_line_goes_before_the_environment(tmp_path: Path) -> None:
    settings = load_settings({"HOUVAST_PORT": "1", "HOUVAST_BROKER": "x:1"}, port=2, data_dir=tmp_path)
    assert (settings.port, settings.broker, settings.data_dir) == (2, "x:1", tmp_path)


def test_every_error_is_told_at_once_and_no_value_of_a_secret(tmp_path: Path) -> None:
    fouten = _fouten(
        {
            "HOUVAST_PORT": "poort",
            "HOUVAST_DATABASE": "mysql://houvast:hunter2@db/houvast",
            "HOUVAST_MASTER_KEY": "hunter2",
            "HOUVAST_SMTP_PASSWORD": "hunter2",
            "HOUVAST_REGISTER": str(tmp_path / "weg.toml"),
            "HOUVAST_CLOCK": "gisteren",
            "HOUVAST_OIN": "123",
        },
    )
    assert set(fouten) == {
        "HOUVAST_PORT",
        "HOUVAST_DATABASE",
        "HOUVAST_MASTER_KEY",
        "HOUVAST_SMTP_PASSWORD",
        "HOUVAST_REGISTER",
        "HOUVAST_CLOCK",
        "HOUVAST_OIN",
    }
    assert fouten["HOUVAST_PORT"] == "moet een geheel getal zijn"
    assert "hunter2" not in str(fouten)


def test_a_typo_in_a_name_is_an_error_and_a_name_of_somebody_else_is_not() -> None:
    assert _fouten({"HOUVAST_DATABSE": "x"}) == {
        "HOUVAST_DATABSE": "is geen bekende instelling; bedoelde u HOUVAST_DATABASE?",
    }
    assert load_settings({"HOUVAST_WEBHOOK_GM0758": "whsec_x", "HOUVAST_TEST_KAFKA": "x:9092"}).production is False


def test_settings_never_show_a_secret() -> None:
    settings = load_settings({"HOUVAST_MASTER_KEY": KEY, "HOUVAST_DATABASE": "postgresql://u:hunter2@db/x"})
    assert KEY not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_production_makes_nothing_up() -> None:
    fouten = _fouten(
        {"HOUVAST_PRODUCTION": "true", "HOUVAST_CLOCK": "2026-03-02T09:00Z", "HOUVAST_SMTP_STARTTLS": "false"},
    )
    assert set(fouten) == {
        "HOUVAST_CLOCK",
        "HOUVAST_MASTER_KEY",
        "HOUVAST_DATABASE",
        "HOUVAST_BROKER",
        "HOUVAST_REGISTER",
        "HOUVAST_OIN",
        "HOUVAST_PUBLIC_URL",
        "HOUVAST_SMTP_STARTTLS",
    }


def test_production_with_everything_given_is_fine(tmp_path: Path) -> None:
    register, key = tmp_path / "register.toml", tmp_path / "sleutel"
    register.touch()
    key.write_text(KEY + "\n")
    settings = load_settings(
        {
            "HOUVAST_PRODUCTION": "1",
            "HOUVAST_MASTER_KEY_FILE": str(key),
            "HOUVAST_DATABASE": "postgresql://db/houvast",
            "HOUVAST_BROKER": "kafka:9092",
            "HOUVAST_REGISTER": str(register),
            "HOUVAST_OIN": "00000001003214345000",
            "HOUVAST_PUBLIC_URL": "https://houvast.example",
        },
    )
    assert settings.production
    assert blind_index(settings.master_key(), "x") == blind_index(
        load_settings({"HOUVAST_MASTER_KEY": KEY}).master_key(),
        "x",
    )


def test_a_master_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    settings = load_settings({}, data_dir=tmp_path / "nieuw")
    first, second = settings.master_key(), settings.master_key()
    assert blind_index(first, "x") == blind_index(second, "x")
    (kept,) = (tmp_path / "nieuw").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert blind_index(load_settings({}, data_dir=tmp_path / "ander").master_key(), "x") != blind_index(first, "x")


def test_a_damaged_master_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "hoofdsleutel"
    path.write_bytes(os.urandom(40))
    with pytest.raises(SettingsFouten, match="HOUVAST_MASTER_KEY_FILE"):
        load_settings({}, data_dir=tmp_path).master_key()
    assert _fouten({"HOUVAST_MASTER_KEY_FILE": str(path)}).keys() == {"HOUVAST_MASTER_KEY_FILE"}


def test_a_key_and_a_key_file_together_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "sleutel"
    path.write_text(KEY)
    assert (
        "niet allebei"
        in _fouten({"HOUVAST_MASTER_KEY": KEY, "HOUVAST_MASTER_KEY_FILE": str(path)})["HOUVAST_MASTER_KEY_FILE"]
    )


def test_a_service_reads_its_own_settings_under_its_own_prefix() -> None:
    class NotifierSettings(StrictSettings):
        bundle_seconds: int = Field(default=60, ge=1)

    prefix = "HOUVAST_NOTIFIER_"
    assert read_settings(NotifierSettings, {}, prefix=prefix).bundle_seconds == 60
    assert read_settings(NotifierSettings, {"HOUVAST_NOTIFIER_BUNDLE_SECONDS": "5"}, prefix=prefix).bundle_seconds == 5
    with pytest.raises(SettingsFouten, match="HOUVAST_NOTIFIER_BUNDLE_SECONDS: is te klein"):
        read_settings(NotifierSettings, {"HOUVAST_NOTIFIER_BUNDLE_SECONDS": "0"}, prefix=prefix)


def test_every_setting_has_a_variable_of_its_own() -> None:
    names = [variable_of(field) for field in Settings.model_fields]
    assert len(names) == len(set(names))


def test_a_secured_kafka_has_what_its_protocol_needs(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.touch()
    settings = load_settings(
        {
            "HOUVAST_BROKER": "kafka-1:9093",
            "HOUVAST_KAFKA_SECURITY": "SASL_SSL",
            "HOUVAST_KAFKA_USER": "houvast",
            "HOUVAST_KAFKA_PASSWORD": "env:KAFKA_PASSWORD",
            "HOUVAST_KAFKA_CA_FILE": str(ca),
        }
    )
    assert settings.kafka == KafkaSettings("SASL_SSL", "SCRAM-SHA-512", "houvast", "env:KAFKA_PASSWORD", ca, None, None)


def test_what_does_not_go_together_for_kafka_is_told_at_once(tmp_path: Path) -> None:
    certificate = tmp_path / "client.pem"
    certificate.touch()
    fouten = _fouten(
        {
            "HOUVAST_KAFKA_SECURITY": "SASL_PLAINTEXT",
            "HOUVAST_KAFKA_PASSWORD": "geheim",
            "HOUVAST_KAFKA_CERTIFICATE_FILE": str(certificate),
            "HOUVAST_PRODUCTION": "true",
        }
    )
    assert fouten.keys() >= {
        "HOUVAST_KAFKA_SECURITY",
        "HOUVAST_KAFKA_USER",
        "HOUVAST_KAFKA_PASSWORD",
        "HOUVAST_KAFKA_CERTIFICATE_FILE",
        "HOUVAST_KAFKA_KEY",
    }
    assert "geheim" not in str(sorted(fouten.values())).replace("verwijzing naar een geheim", "")


@pytest.mark.parametrize("broker", ["", "embedded", "local", "docker"])
def test_only_a_cluster_of_others_is_secured(broker: str) -> None:
    given = {"HOUVAST_BROKER": broker, "HOUVAST_KAFKA_SECURITY": "SSL"}
    assert "eigen cluster" in _fouten(given)["HOUVAST_KAFKA_SECURITY"]


def test_a_password_without_a_login_is_a_mistake() -> None:
    given = {"HOUVAST_BROKER": "k:1", "HOUVAST_KAFKA_USER": "houvast", "HOUVAST_KAFKA_PASSWORD": "env:X"}
    assert _fouten(given).keys() == {"HOUVAST_KAFKA_USER", "HOUVAST_KAFKA_PASSWORD"}
