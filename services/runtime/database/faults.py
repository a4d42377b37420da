"""Whose fault it is when the database says no: that of the message, or of the world in which it came.

Only what is wrong with a message is ever held against it. All else passes or is mended, so it is tried again and told.
"""

import time
from enum import Enum

import asyncpg
import structlog

from services.runtime.process.metrics import count_store_fault

log = structlog.get_logger(__name__)

AWAY: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what it makes of a connection that is cut while it is setting out
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    OSError,
    TimeoutError,
)
"""How the database says that it cannot be reached now; later it can."""

_UNENCODABLE = asyncpg.exceptions._base.DataError  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  asyncpg has two of this name
"""A value that asyncpg cannot even send; trying again changes nothing."""

_OF_THE_MESSAGE = frozenset({"21", "22", "23", "44", "54", "P0"})
"""Cardinality, data, integrity, check option, program limit, and what a function of our own refuses."""
_GAVE_WAY = frozenset({"40001", "40P01", "40003", "55P03", "57014"})
"""Serialization, deadlock, a lock or statement that took too long: over when the other transaction is."""


class Fault(Enum):
    """`GAVE_WAY` and `AWAY` pass by themselves; `WORLD` (a right, a table, the disk) is mended by somebody."""

    MESSAGE = "bericht"
    GAVE_WAY = "gaf voor"
    AWAY = "weg"
    WORLD = "omgeving"


def fault_of(error: Exception) -> Fault | None:
    """What kind of fault the database means; None where this is no word of the database."""
    if isinstance(error, _UNENCODABLE):
        return Fault.MESSAGE
    state = sqlstate_of(error)
    if state is None:
        return Fault.AWAY if isinstance(error, AWAY) else None
    if state in _GAVE_WAY:
        return Fault.GAVE_WAY
    if state[:2] in _OF_THE_MESSAGE:
        return Fault.MESSAGE
    if isinstance(error, AWAY) and state[:2] != "53":
        return Fault.AWAY
    return Fault.WORLD


def sqlstate_of(error: Exception) -> str | None:
    """The code that the server gave, if it was the server who spoke."""
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None


TOLD_SECONDS = 30.0
"""How long after it was last seen a fault is told: it may strike only some of what comes by."""


class Trouble:
    """The fault of the world that the store of one service met last, for the log, the metrics and `klaar`."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._sentence = ""
        self._seen_at = -TOLD_SECONDS

    def note(self, error: Exception) -> None:
        """Count it; log it where it is new."""
        state = sqlstate_of(error) or "-"
        count_store_fault(self._service, state)
        sentence = f"de database weigert: {type(error).__name__} ({state})"
        if sentence != self.told():
            log.error("store_fault", service=self._service, sqlstate=state, fout=type(error).__name__)
        self._sentence, self._seen_at = sentence, time.monotonic()

    def told(self) -> str | None:
        """What is wrong, in words; None once it was not seen for a while."""
        return self._sentence if time.monotonic() - self._seen_at < TOLD_SECONDS else None
