"""Starting: how waiting is told, and what a start that cannot work says."""

import sys
from collections.abc import Callable

Tell = Callable[[str], None]
"""Says to whoever is waiting what takes so long. One sentence in Dutch."""

POLL_SECONDS = 0.05


class ServerStartError(Exception):
    """A server does not come up. The message says in Dutch what was seen and what can be done about it."""


def tell_stderr(sentence: str) -> None:
    """The default `Tell`."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
