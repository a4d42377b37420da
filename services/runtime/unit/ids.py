"""New identifiers, in the order of the Clock."""

import os
from uuid import UUID

from contracts.messages.identifiers import uuid7
from services.runtime.process.clock import Klok

_BYTES = 10
_BITS = 74
_AT_ONCE = 256


class Ids:
    """Hands out UUIDv7s that grow with the Clock.

    Chance comes from the operating system, for many identifiers at a time. A process that forks would repeat itself;
    ours do not.
    """

    def __init__(self, klok: Klok) -> None:
        self._klok = klok
        self._chance = b""
        self._used = 0

    def __call__(self) -> UUID:
        if self._used == len(self._chance):
            self._chance, self._used = os.urandom(_BYTES * _AT_ONCE), 0
        start, self._used = self._used, self._used + _BYTES
        bits = int.from_bytes(self._chance[start : self._used]) >> (8 * _BYTES - _BITS)
        return uuid7(self._klok.now(), bits)
