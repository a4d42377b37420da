"""The file that holds the master key."""

import base64
import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from contracts.messages.envelope import Problem
from services.runtime.access.sealing import KEY_BYTES, MasterKey

MASTER_KEY_FILE = "hoofdsleutel"


class SettingsFouten(Exception):
    """Every setting that is wrong, by the name of its variable, without its value."""

    def __init__(self, fouten: Iterable[Problem]) -> None:
        self.fouten = tuple(fouten)
        super().__init__("\n".join(f"{fout.place}: {fout.message}" for fout in self.fouten))


def kept_key(data_dir: Path) -> Path:
    """The one in the data folder, made there on first use (mode 600)."""
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


def read_key(path: Path) -> MasterKey:
    """Raises `SettingsFouten` when the file does not hold one."""
    try:
        return MasterKey.from_base64(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = str(error) if type(error) is ValueError else "dit bestand is niet te lezen"
    raise SettingsFouten([Problem("HOUVAST_MASTER_KEY_FILE", reason)])
