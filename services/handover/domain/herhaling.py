"""When a delivery is attempted again: further and further apart, never all at once, never not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.messages.identifiers import derived_id

_LARGEST_EXPONENT = 40
_FRACTION_BITS = 32


@dataclass(frozen=True, slots=True)
class Herhaling:
    """`eerste` grows by `factor` up to `plafond` for as long as `volhouden`; then every `daarna`, without end.

    A wait is shortened by at most half, differently for each request and attempt but always the same for one of them,
    so that what waited for one endpoint does not come back at one moment.
    """

    eerste: timedelta
    factor: float
    plafond: timedelta
    volhouden: timedelta
    daarna: timedelta

    def next_at(
        self, now: datetime, request_id: UUID, *, attempts: int, since: datetime, retry_after: timedelta | None
    ) -> datetime:
        """The moment of the next attempt after `attempts` of them; what the receiver asked for is honoured."""
        if now - since > self.volhouden:
            wait = self.daarna
        else:
            wait = min(self.plafond, self.eerste * self.factor ** min(attempts - 1, _LARGEST_EXPONENT))
        asked = min(retry_after or timedelta(0), self.daarna)
        return now + max(wait * (0.5 + fraction_of(request_id, attempts) / 2), asked)


def fraction_of(request_id: UUID, attempts: int) -> float:
    """A number from 0 up to 1 that looks drawn by lot, and is the same for the same attempt."""
    return (derived_id("jitter", str(request_id), str(attempts)).int & (2**_FRACTION_BITS - 1)) / 2**_FRACTION_BITS
