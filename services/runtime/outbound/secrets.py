"""Secrets by reference: settings and the register say where a secret is, never what it is.

`env:NAME` is an environment variable, `file:PATH` a file (relative to the data folder), and `sandbox:NAME` a secret
that this machine makes up once for its own sandbox and keeps in the data folder, readable by its owner only.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter

from services.runtime.outbound.webhooks import hmac_secret

SANDBOX_FILE = "sandbox-geheimen.json"
TEAMS_PREFIX = "teams-"
_MODE = 0o600
_WEBHOOK_BYTES = 32
_KEPT = TypeAdapter(dict[str, str])


class SecretUnavailable(Exception):
    """A secret cannot be had; the message names the reference and the reason, never a value."""

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(f"{reference}: {reason}")
        self.reference = reference


class Geheimen:
    """Resolves references to secrets. Without a data folder there is no sandbox, and its references are refused.

    `variabelen` fill `{name}` in what a sandbox secret holds, such as the address of the Teams sink.
    """

    def __init__(
        self,
        *,
        data_dir: Path | None = None,
        variabelen: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._variabelen = dict(variabelen or {})
        self._environment = os.environ if environment is None else environment
        self._sandbox: dict[str, str] = {}

    def resolve(self, reference: str) -> str:
        """The secret itself. Raises `SecretUnavailable`. Files are read anew each time, so that a secret can rotate."""
        scheme, _, rest = reference.partition(":")
        match scheme:
            case "env" if rest:
                return self._from_environment(reference, rest)
            case "file" if rest:
                return self._from_file(reference, rest)
            case "sandbox" if rest:
                return self._from_sandbox(reference, rest)
            case _:
                raise SecretUnavailable("een geheim", "is geen verwijzing; verwacht env:NAAM, file:PAD of sandbox:NAAM")

    def _from_environment(self, reference: str, name: str) -> str:
        value = self._environment.get(name, "").strip()
        if not value:
            raise SecretUnavailable(reference, "deze omgevingsvariabele is niet gezet")
        return value

    def _from_file(self, reference: str, name: str) -> str:
        path = Path(name)
        if not path.is_absolute() and self._data_dir is not None:
            path = self._data_dir / path
        try:
            value = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is geen tekst"
            raise SecretUnavailable(reference, f"het bestand is niet te lezen ({reason})") from None
        if not value:
            raise SecretUnavailable(reference, "het bestand is leeg")
        return value

    def _from_sandbox(self, reference: str, name: str) -> str:
        if self._data_dir is None:
            raise SecretUnavailable(reference, "er draait hier geen sandbox; gebruik env: of file:")
        if name not in self._sandbox:
            self._sandbox[name] = _kept_in(self._data_dir / SANDBOX_FILE, name, reference=reference)
        value = self._sandbox[name]
        for variable, text in self._variabelen.items():
            value = value.replace("{" + variable + "}", text)
        if "{" in value:
            raise SecretUnavailable(reference, "het adres van de sandbox is niet bekend")
        return value


def _kept_in(path: Path, name: str, *, reference: str) -> str:
    """The sandbox secret with this name, made up on first use; several processes may ask at the same time."""
    try:
        with _locked(path):
            kept = _read(path)
            if name not in kept:
                kept[name] = _make_up(name)
                _replace(path, kept)
            return kept[name]
    except OSError as error:
        reason = f"de geheimen van de sandbox zijn niet te bewaren ({error.strerror})"
        raise SecretUnavailable(reference, reason) from None
    except ValueError:
        reason = f"{path.name} is beschadigd; verwijder het om nieuwe geheimen te maken"
        raise SecretUnavailable(reference, reason) from None


def _make_up(name: str) -> str:
    if name.startswith(TEAMS_PREFIX):
        return f"{{sandbox}}/sandbox/teams/{name.removeprefix(TEAMS_PREFIX)}/{secrets.token_urlsafe(24)}"
    return hmac_secret(secrets.token_bytes(_WEBHOOK_BYTES))


@contextmanager
def _locked(path: Path) -> Generator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, _MODE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return _KEPT.validate_json(path.read_bytes())


def _replace(path: Path, kept: Mapping[str, str]) -> None:
    temporary = path.with_suffix(".nieuw")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
