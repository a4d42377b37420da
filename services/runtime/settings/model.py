"""What every process is told, each setting checked by itself."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from contracts.messages.identifiers import Oin
from services.runtime.access.sealing import MasterKey
from services.runtime.process.clock import KlokInstelling
from services.runtime.process.limits import Limits, Network, parse_networks
from services.runtime.settings.keys import kept_key, read_key

MAX_LOCAL = 19
"""Room for the name of the mailbox: an address has 64 characters before the @ (RFC 5321)."""
TEST_OIN = "00000099000000000001"
"""An OIN of the test range, for whoever tries it out."""

EMBEDDED = "embedded"
"""Bring your own: what `houvast up` does where no address is given."""

_LIMITS = Limits()
BROKER_ADDRESSES = re.compile(r"[^\s:,]+:\d+(,[^\s:,]+:\d+)*")
_HOST_NAME = re.compile(r"(?=.{4,253}\Z)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_SENDER = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MAILBOX = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_LOCAL}}}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The mail relay. `password` is a reference to a secret (`env:NAME`, `file:PATH`).

    `bounce_address` is the mailbox whose post comes back to the hub; it must take `name+anything@domain`. `ehlo` is the
    name by which we greet; the domain of the sender where none is given.
    """

    host: str
    port: int
    starttls: bool
    ca_file: Path | None
    user: str | None
    password: str | None
    sender: str
    bounce_address: str | None = None
    ehlo: str | None = None

    @property
    def greeting(self) -> str:
        return self.ehlo or self.sender.rpartition("@")[2]


Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """How a Kafka cluster is secured. `password` and `key` (PEM) are references to secrets."""

    protocol: Protocol
    mechanism: Mechanism
    user: str | None
    password: str | None
    ca_file: Path | None
    certificate_file: Path | None
    key: str | None


def _parse_clock(value: object) -> object:
    return KlokInstelling.parse(value) if isinstance(value, str) else value


def _check_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("moet een webadres zijn, zoals https://houvast.example")
    return value.rstrip("/")


def _check_database(value: str) -> str:
    if value != EMBEDDED and urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise ValueError("moet embedded zijn, of een PostgreSQL-adres zoals postgresql://houvast@host/houvast")
    return value


def _check_broker(value: str) -> str:
    if value not in {EMBEDDED, "local", "docker"} and not BROKER_ADDRESSES.fullmatch(value):
        raise ValueError(f"{value!r} is geen broker; kies embedded, local, docker of adressen zoals kafka:9092")
    return value


def _check_master_key(value: SecretStr) -> SecretStr:
    MasterKey.from_base64(value.get_secret_value())
    return value


def _check_reference(value: str) -> str:
    if not value.startswith(("env:", "file:", "sandbox:")):
        raise ValueError("moet een verwijzing naar een geheim zijn: env:NAAM of file:PAD")
    return value


def _check_bounce_address(value: str) -> str:
    if not _MAILBOX.fullmatch(value):
        raise ValueError(
            f"moet een e-mailadres zijn met hoogstens {MAX_LOCAL} tekens vóór de @, zonder plus: terugpost@houvast.example"
        )
    return value


def _check_sender(value: str) -> str:
    if not _SENDER.fullmatch(value):
        raise ValueError("moet een e-mailadres zijn, zonder naam ervoor: houvast@houvast.example")
    return value


def _check_ehlo(value: str) -> str:
    if not _HOST_NAME.fullmatch(value):
        raise ValueError("moet de volledige naam van deze server zijn, zoals houvast.example")
    return value


def _check_file(value: Path) -> Path:
    if not value.is_file():
        raise ValueError("dit bestand bestaat niet")
    return value


def _default_data_dir() -> Path:
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path("~/.local/share").expanduser()) / "houvast"


_File = Annotated[Path, AfterValidator(_check_file)]


class StrictSettings(BaseModel):
    """Settings of the house or of one service: frozen, and a typo must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


class Settings(StrictSettings):
    """What every process is told."""

    production: bool = False
    database: Annotated[str, AfterValidator(_check_database)] = Field(default=EMBEDDED, repr=False)
    broker: Annotated[str, AfterValidator(_check_broker)] = EMBEDDED
    register_file: _File | None = None
    register_source: Literal["file", "houvast"] | None = None
    data_dir: Path = Field(default_factory=_default_data_dir)
    clock: Annotated[KlokInstelling, BeforeValidator(_parse_clock)] | None = None
    master_key_text: Annotated[SecretStr, AfterValidator(_check_master_key)] | None = None
    master_key_file: _File | None = None
    oin: Oin = TEST_OIN
    public_url: Annotated[str, AfterValidator(_check_url)] | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(parse_networks)] = ()
    rate_per_token: float = Field(default=_LIMITS.per_token, gt=0)
    rate_per_address: float = Field(default=_LIMITS.per_address, gt=0)
    connections_per_address: int = Field(default=_LIMITS.connections, ge=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    smtp_host: str | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_starttls: bool = True
    smtp_ca_file: _File | None = None
    smtp_user: str | None = None
    smtp_password: Annotated[str, AfterValidator(_check_reference)] | None = None
    smtp_from: Annotated[str, AfterValidator(_check_sender)] = "houvast@houvast.example"
    smtp_ehlo: Annotated[str, AfterValidator(_check_ehlo)] | None = None
    smtp_bounce_address: Annotated[str, AfterValidator(_check_bounce_address)] | None = None
    kafka_security: Protocol = "PLAINTEXT"
    kafka_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_user: str | None = None
    kafka_password: Annotated[str, AfterValidator(_check_reference)] | None = None
    kafka_ca_file: _File | None = None
    kafka_certificate_file: _File | None = None
    kafka_key: Annotated[str, AfterValidator(_check_reference)] | None = None

    @property
    def register(self) -> Path | None:  # not a field: every class has a `register` already
        return self.register_file

    @property
    def register_follows_file(self) -> bool:
        """Whether the register is what stands in its file, or else what was last set in the hub itself."""
        if self.register_source is None:
            return self.register_file is not None
        return self.register_source == "file"

    def master_key(self) -> MasterKey:
        """The master key that was given, or else the one kept in the data folder, made there on first use (mode 600).

        Raises `SettingsFouten` when the file does not hold one.
        """
        if self.master_key_text is not None:
            return MasterKey.from_base64(self.master_key_text.get_secret_value())
        return read_key(self.master_key_file or kept_key(self.data_dir))

    @property
    def limits(self) -> Limits:
        return Limits(self.rate_per_token, self.rate_per_address, self.connections_per_address, self.trusted_proxies)

    @property
    def kafka(self) -> KafkaSettings:
        return KafkaSettings(
            protocol=self.kafka_security,
            mechanism=self.kafka_mechanism,
            user=self.kafka_user,
            password=self.kafka_password,
            ca_file=self.kafka_ca_file,
            certificate_file=self.kafka_certificate_file,
            key=self.kafka_key,
        )

    @property
    def smtp(self) -> SmtpSettings | None:
        if self.smtp_host is None:
            return None
        return SmtpSettings(
            host=self.smtp_host,
            port=self.smtp_port,
            starttls=self.smtp_starttls,
            ca_file=self.smtp_ca_file,
            user=self.smtp_user,
            password=self.smtp_password,
            sender=self.smtp_from,
            bounce_address=self.smtp_bounce_address,
            ehlo=self.smtp_ehlo,
        )
