"""Settings from the environment: read once, checked all at once, passed down. A secret is never printed."""

import base64
import contextlib
import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from contracts.messages.envelope import Problem, dutch
from contracts.messages.identifiers import Oin
from services.runtime.access.sealing import KEY_BYTES, MasterKey
from services.runtime.process.clock import KlokInstelling
from services.runtime.process.limits import Limits, Network, parse_networks

MAX_LOCAL = 19
"""Room for the name of the mailbox: an address has 64 characters before the @ (RFC 5321)."""
PREFIX = "HOUVAST_"
TEST_OIN = "00000099000000000001"
"""An OIN of the test range, for whoever tries it out."""

EMBEDDED = "embedded"
"""Bring your own: what `houvast up` does where no address is given."""

MASTER_KEY_FILE = "hoofdsleutel"
_NAMES: Mapping[str, str] = {"data_dir": "DATA", "register_file": "REGISTER", "master_key_text": "MASTER_KEY"}
"""Variables that are not called after their field."""
_LIMITS = Limits()
_SIMILAR = 0.85
BROKER_ADDRESSES = re.compile(r"[^\s:,]+:\d+(,[^\s:,]+:\d+)*")
_HOST_NAME = re.compile(r"(?=.{4,253}\Z)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_SENDER = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MAILBOX = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_LOCAL}}}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")

T = TypeVar("T", bound=BaseModel)


class SettingsFouten(Exception):
    """Every setting that is wrong, by the name of its variable, without its value."""

    def __init__(self, fouten: Iterable[Problem]) -> None:
        self.fouten = tuple(fouten)
        super().__init__("\n".join(f"{fout.place}: {fout.message}" for fout in self.fouten))


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

    def master_key(self) -> MasterKey:
        """The master key that was given, or else the one kept in the data folder, made there on first use (mode 600).

        Raises `SettingsFouten` when the file does not hold one.
        """
        if self.master_key_text is not None:
            return MasterKey.from_base64(self.master_key_text.get_secret_value())
        return _read_key(self.master_key_file or _kept_key(self.data_dir))

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


def load_settings(
    environment: Mapping[str, str] | None = None,
    *,
    broker: str | None = None,
    database: str | None = None,
    data_dir: Path | None = None,
    register: Path | None = None,
    port: int | None = None,
    services: Mapping[str, type[StrictSettings]] | None = None,
    needed: Iterable[str] = (),
) -> Settings:
    """The settings of the house; what is given here goes before the environment.

    `services` are the settings of each service that will run, by their prefix: checked along, read where they are
    used. `needed` are fields that have to be given. Raises `SettingsFouten` with everything that is wrong. A variable
    that is all but one of ours is taken for a typo.
    """
    parts = services or {}
    given = {"broker": broker, "database": database, "data_dir": data_dir, "register_file": register, "port": port}
    told = {variable_of(field): str(value) for field, value in given.items() if value is not None}
    environment = {**(os.environ if environment is None else environment), **told}
    fouten = [
        *_suspected_typos(environment, parts),
        *_production_fouten(environment),
        *_key_fouten(environment),
        *_kafka_fouten(environment),
    ]
    told_already = {fout.place for fout in fouten}
    fouten += [fout for fout in _missing(needed, environment) if fout.place not in told_already]
    for prefix, model in parts.items():
        fouten += _fouten_of(model, environment, prefix=prefix)
    if fouten:
        raise SettingsFouten([*_fouten_of(Settings, environment), *fouten])
    return read_settings(Settings, environment)


def read_settings(model: type[T], environment: Mapping[str, str] | None = None, *, prefix: str = PREFIX) -> T:
    """Any settings model from variables called after its fields, `HOUVAST_NOTIFIER_BUNDLE_SECONDS` for one.

    An empty variable counts as absent. Raises `SettingsFouten` with everything that is wrong.
    """
    environment = os.environ if environment is None else environment
    names = {field: variable_of(field, prefix=prefix) for field in model.model_fields}
    given = {field: environment[name] for field, name in names.items() if environment.get(name, "").strip()}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        fouten = error.errors(include_input=False, include_url=False, include_context=False)
    raise SettingsFouten(
        Problem(names.get(str(fout["loc"][0]), prefix) if fout["loc"] else prefix, dutch(fout["type"], fout["msg"]))
        for fout in fouten
    )


def _fouten_of(model: type[BaseModel], environment: Mapping[str, str], *, prefix: str = PREFIX) -> tuple[Problem, ...]:
    try:
        read_settings(model, environment, prefix=prefix)
    except SettingsFouten as wrong:
        return wrong.fouten
    return ()


def _missing(needed: Iterable[str], environment: Mapping[str, str]) -> Iterable[Problem]:
    for field in needed:
        if environment.get(variable_of(field), "").strip() in {"", EMBEDDED}:
            yield Problem(variable_of(field), "ontbreekt")


def variable_of(field: str, *, prefix: str = PREFIX) -> str:
    """The environment variable that fills a field."""
    return prefix + _NAMES.get(field, field.upper())


def _kept_key(data_dir: Path) -> Path:
    path = data_dir / MASTER_KEY_FILE
    if path.exists():
        return path
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{MASTER_KEY_FILE}.{os.getpid()}")
    descriptor = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)  # complete or not there; the first process wins
    draft.unlink()
    return path


def _read_key(path: Path) -> MasterKey:
    try:
        return MasterKey.from_base64(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = str(error) if type(error) is ValueError else "dit bestand is niet te lezen"
    raise SettingsFouten([Problem("HOUVAST_MASTER_KEY_FILE", reason)])


def _suspected_typos(environment: Mapping[str, str], parts: Mapping[str, type[StrictSettings]]) -> Iterable[Problem]:
    known = [variable_of(field) for field in Settings.model_fields]
    known += [variable_of(field, prefix=prefix) for prefix, model in parts.items() for field in model.model_fields]
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            meant = difflib.get_close_matches(name, known, n=1, cutoff=_SIMILAR)
            if meant:
                yield Problem(name, f"is geen bekende instelling; bedoelde u {meant[0]}?")


def _production_fouten(environment: Mapping[str, str]) -> Iterable[Problem]:
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


def _key_fouten(environment: Mapping[str, str]) -> Iterable[Problem]:
    path = environment.get("HOUVAST_MASTER_KEY_FILE", "").strip()
    if path and environment.get("HOUVAST_MASTER_KEY", "").strip():
        yield Problem("HOUVAST_MASTER_KEY_FILE", "kies: de sleutel zelf of een bestand, niet allebei")
    elif path and Path(path).is_file():
        try:
            _read_key(Path(path))
        except SettingsFouten as wrong:
            yield from wrong.fouten


def _kafka_fouten(environment: Mapping[str, str]) -> Iterable[Problem]:
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
