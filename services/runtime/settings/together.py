"""What is wrong with settings that are each right by themselves."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from contracts.messages.envelope import Problem
from services.runtime.settings.keys import SettingsFouten, read_key
from services.runtime.settings.model import EMBEDDED
from services.runtime.settings.variables import variable_of


def production_fouten(environment: Mapping[str, str]) -> Iterable[Problem]:
    """What is fine for trying out and wrong in production."""
    if environment.get("HOUVAST_PRODUCTION", "").strip().lower() not in {"1", "true", "t", "yes", "y", "on"}:
        return
    if environment.get("HOUVAST_CLOCK", "").strip():
        yield Problem("HOUVAST_CLOCK", "een verzette klok kan niet in productie")
    if not any(environment.get(name, "").strip() for name in ("HOUVAST_MASTER_KEY", "HOUVAST_MASTER_KEY_FILE")):
        yield Problem("HOUVAST_MASTER_KEY", "ontbreekt; in productie wordt geen hoofdsleutel verzonnen")
    for field in ("database", "broker", "register_file", "oin"):
        if environment.get(variable_of(field), "").strip() in {"", EMBEDDED}:
            yield Problem(variable_of(field), "ontbreekt; in productie is dit nodig")
    if not environment.get("HOUVAST_PUBLIC_URL", "").strip().startswith("https://"):
        yield Problem("HOUVAST_PUBLIC_URL", "moet in productie met https:// beginnen")
    if environment.get("HOUVAST_KAFKA_SECURITY", "").strip() == "SASL_PLAINTEXT":
        yield Problem(
            "HOUVAST_KAFKA_SECURITY", "wachtwoorden gaan in productie alleen versleuteld de deur uit: SASL_SSL"
        )
    if environment.get("HOUVAST_SMTP_STARTTLS", "").strip().lower() in {"0", "false", "f", "no", "n", "off"}:
        yield Problem("HOUVAST_SMTP_STARTTLS", "mail gaat in productie alleen versleuteld de deur uit")


def register_fouten(environment: Mapping[str, str]) -> Iterable[Problem]:
    if (
        environment.get("HOUVAST_REGISTER_SOURCE", "").strip() == "file"
        and not environment.get(variable_of("register_file"), "").strip()
    ):
        yield Problem("HOUVAST_REGISTER_SOURCE", "zonder HOUVAST_REGISTER is er geen bestand om te volgen")


def key_fouten(environment: Mapping[str, str]) -> Iterable[Problem]:
    path = environment.get("HOUVAST_MASTER_KEY_FILE", "").strip()
    if path and environment.get("HOUVAST_MASTER_KEY", "").strip():
        yield Problem("HOUVAST_MASTER_KEY_FILE", "kies: de sleutel zelf of een bestand, niet allebei")
    elif path and Path(path).is_file():
        try:
            read_key(Path(path))
        except SettingsFouten as wrong:
            yield from wrong.fouten


def kafka_fouten(environment: Mapping[str, str]) -> Iterable[Problem]:
    """What of the security of Kafka does not go together."""

    def given(field: str) -> str:
        return environment.get(variable_of(field), "").strip()

    protocol = given("kafka_security") or "PLAINTEXT"
    if protocol != "PLAINTEXT" and given("broker") in {"", EMBEDDED, "local", "docker"}:
        yield Problem("HOUVAST_KAFKA_SECURITY", "hoort bij een eigen cluster; zet HOUVAST_BROKER op zijn adressen")
    for field in ("kafka_user", "kafka_password"):
        if protocol.startswith("SASL_") and not given(field):
            yield Problem(variable_of(field), f"ontbreekt; HOUVAST_KAFKA_SECURITY is {protocol}")
        if not protocol.startswith("SASL_") and given(field):
            yield Problem(variable_of(field), "hoort bij HOUVAST_KAFKA_SECURITY=SASL_SSL of SASL_PLAINTEXT")
    for field in ("kafka_ca_file", "kafka_certificate_file", "kafka_key"):
        if not protocol.endswith("SSL") and given(field):
            yield Problem(variable_of(field), "hoort bij HOUVAST_KAFKA_SECURITY=SSL of SASL_SSL")
    if bool(given("kafka_certificate_file")) != bool(given("kafka_key")):
        missing = "kafka_key" if given("kafka_certificate_file") else "kafka_certificate_file"
        yield Problem(variable_of(missing), "ontbreekt; een certificaat en zijn sleutel horen bij elkaar")
