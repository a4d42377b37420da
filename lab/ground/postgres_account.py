"""As whom the embedded PostgreSQL runs, and whether that account can reach what it needs.

Only the standard library is used: `deploy/setup.sh` asks it before anything is installed.
"""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from services.runtime.process.starting import ServerStartError

ACCOUNTS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; root lends it the first of these accounts that exists."""
CLOSED_TO_OTHERS = 0o005
"""The bits of a umask that keep other accounts out of new folders."""


class Options(TypedDict, total=False):
    """The options of `subprocess` that say as whom a process runs."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """As whom the server runs: ourselves, or where we are root a lesser account."""

    uid: int
    gid: int
    lent: bool

    @classmethod
    def for_folder(cls, folder: Path) -> "Account":
        """The owner of the folder with data, or for a new one who may own it. Raises `ServerStartError`."""
        if os.geteuid() != 0:
            if not folder.exists():
                _require_name(os.geteuid())
            return cls(os.geteuid(), os.getegid(), lent=False)
        if folder.exists() and (owner := folder.stat()).st_uid != 0:
            return cls(owner.st_uid, owner.st_gid, lent=True)
        for name in ACCOUNTS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, lent=True)
        raise ServerStartError(
            "PostgreSQL draait niet als root, en er is geen ander account ('postgres' of 'nobody'). "
            "Start Houvast als gewone gebruiker."
        )

    def give(self, folder: Path) -> None:
        """Make the account the owner of this folder."""
        if self.lent and folder.stat().st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)

    def ways(self, command: list[str], *, needs: list[Path]) -> tuple[list[str], Options]:
        """The command and the options for `subprocess` with which it runs as this account and reaches what it `needs`.

        Raises `ServerStartError` where it cannot reach that.
        """
        if not self.lent:
            return command, {}
        if all(_is_open(path) for path in needs):
            return command, {"user": self.uid, "group": self.gid, "extra_groups": []}
        return self.passing(command, needs=needs), {}

    def passing(self, command: list[str], *, needs: list[Path]) -> list[str]:
        """In folders that are closed to others (the home of root) the account keeps one right of root: to pass.

        Without `no_setuid_fixup` the kernel ignores that right when a program asks `access(2)` whether it may run
        another, as `initdb` does. Not every container may set it, so it is tried.
        """
        who = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
        start = [shutil.which("setpriv") or "", *who, *rights, "--"]
        if unreached := [path for path in needs if not (start[0] and _succeeds([*start, "test", "-x", str(path)]))]:
            raise ServerStartError(
                f"PostgreSQL draait niet als root, en account {self.uid} kan niet bij {unreached[0]}. Start Houvast als "
                "gewone gebruiker, of zet het in een map die voor anderen toegankelijk is (gegevens ook: --data)."
            )
        return [*start, *command]


def check_start(folder: Path) -> None:
    """Whether a PostgreSQL that will be installed below `folder` can start there. Raises `ServerStartError` if not."""
    if not os.access(folder, os.W_OK):
        raise ServerStartError(f"In {folder} mag deze gebruiker niet schrijven. Kies een eigen map.")
    account = Account.for_folder(folder / "postgres")
    new = folder / "new"
    if account.lent and (_umask() & CLOSED_TO_OTHERS or not _is_open(new)):
        account.passing([], needs=[folder])


def _require_name(uid: int) -> None:
    """`initdb` looks up the name of whoever runs it, whatever name it is given for the database."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise ServerStartError(
            f"Gebruiker {uid} heeft op deze machine geen naam; daarmee start PostgreSQL niet. "
            "Start Houvast als een gebruiker met een naam."
        ) from None


def _is_open(path: Path) -> bool:
    """Whether every account may pass the folders above it."""
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False, cwd="/").returncode == 0  # noqa: S603


def _umask() -> int:
    """It can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


if __name__ == "__main__":
    try:
        check_start(Path.cwd())
    except ServerStartError as error:
        sys.exit(str(error))
