"""How a sandbox gemeente behaves: when it answers, and when its endpoint is out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Storingsoort(StrEnum):
    """What a sender notices of an endpoint that is out."""

    ONBESCHIKBAAR = "onbeschikbaar"
    """It answers 503."""
    VERBROKEN = "verbroken"
    """It breaks the connection half-way its answer."""
    STIL = "stil"
    """It takes the bytes and says nothing."""


@dataclass(frozen=True, slots=True)
class Storing:
    """An endpoint is out from `van` up to `tot`, on the Clock."""

    van: datetime
    tot: datetime
    soort: Storingsoort = Storingsoort.ONBESCHIKBAAR

    def covers(self, moment: datetime) -> bool:
        return self.van <= moment < self.tot


@dataclass(frozen=True, slots=True)
class Gedrag:
    """When a gemeente confirms and takes up what it received, counted on the Clock from the receipt; None is never.

    `spreiding` varies both by at most that share, the same for the same overdracht every time.
    """

    bevestigt_na: timedelta | None = timedelta(hours=3)
    verdeelt_na: timedelta | None = timedelta(hours=26)
    spreiding: float = 0.5
    storingen: tuple[Storing, ...] = ()

    @classmethod
    def nooit(cls) -> "Gedrag":
        """Receives, and never lets anyone know."""
        return cls(bevestigt_na=None, verdeelt_na=None)

    def storing_at(self, moment: datetime) -> Storing | None:
        return next((storing for storing in self.storingen if storing.covers(moment)), None)

    def spread(self, after: timedelta, overdracht_id: UUID) -> timedelta:
        """`after`, more or less by the spread of this overdracht."""
        share = (overdracht_id.int % 2001 - 1000) / 1000
        return after * (1 + self.spreiding * share)
