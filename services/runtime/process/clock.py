"""Time: every process reads it here and nowhere else."""

import asyncio
import re
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from contracts.messages.moment import EARLIEST, LATEST

FASTEST = 86_400
"""Seconds in a real one: beyond a day a second no answer of anybody comes before its termijn."""


class Klok(Protocol):
    """The one source of time. Moments are aware and in UTC."""

    def now(self) -> datetime: ...

    def seconds_until(self, moment: datetime) -> float:
        """Real seconds from now until `moment` on this clock; never negative."""
        ...

    def sleep_until(self, moment: datetime) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class KlokInstelling:
    """Where a moved clock starts and how many of its seconds pass in a real one. `HOUVAST_CLOCK=<start>@<speed>`."""

    start: datetime
    speed: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "KlokInstelling":
        """From `2026-03-02T09:00+01:00@3600`; the speed may be left out.

        Raises `ValueError` in words for whoever wrote the setting.
        """
        moment, at, speed = text.strip().partition("@")
        try:
            start = datetime.fromisoformat(moment)
        except ValueError:
            raise ValueError(f"{moment!r} is geen moment, verwacht bijvoorbeeld 2026-03-02T09:00+01:00@3600") from None
        if start.tzinfo is None:
            raise ValueError(f"{moment!r} mist de tijdzone, verwacht bijvoorbeeld 2026-03-02T09:00+01:00")
        if not EARLIEST <= start < LATEST:
            raise ValueError(f"{moment!r} ligt niet tussen {EARLIEST.year} en {LATEST.year}")
        if at and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", speed):
            raise ValueError(f"{speed!r} is geen snelheid, verwacht een getal zoals 3600")
        if at and not float(speed) > 0:
            raise ValueError("een snelheid van 0 laat geen enkele termijn verstrijken")
        if at and float(speed) > FASTEST:
            raise ValueError(f"een snelheid van {speed} is te hoog, hoogstens {FASTEST} (een dag per seconde)")
        return cls(start.astimezone(UTC), float(speed) if at else 1.0)


class _LoopSleep:
    """Sleeping on the event loop for as long as the clock says, rechecking because loops may wake early."""

    def now(self) -> datetime:
        raise NotImplementedError

    def seconds_until(self, moment: datetime) -> float:
        raise NotImplementedError

    async def sleep_until(self, moment: datetime) -> None:
        while (remaining := self.seconds_until(moment)) > 0:  # noqa: ASYNC110  time itself is what is waited for
            await asyncio.sleep(min(remaining, 3600.0))


class SystemKlok(_LoopSleep):
    """The clock on the wall, in production."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  this is the Clock

    def seconds_until(self, moment: datetime) -> float:
        return max(0.0, (moment - self.now()).total_seconds())


class VersneldeKlok(_LoopSleep):
    """A clock that shows `shown` at the real moment `anchor` (Unix seconds) and runs at `speed` from there.

    Every process with the same three shows the same time, also after a restart.
    """

    def __init__(self, *, shown: datetime, anchor: float, speed: float) -> None:
        self.speed = speed
        self._shown = shown
        self._anchor = anchor

    def now(self) -> datetime:
        return self.shown_at(time.time())  # noqa: TID251  this is the Clock

    def shown_at(self, real: float) -> datetime:
        """What it shows at a real moment, in Unix seconds."""
        return self._shown + timedelta(seconds=(real - self._anchor) * self.speed)

    def seconds_until(self, moment: datetime) -> float:
        return max(0.0, (moment - self.now()).total_seconds() / self.speed)


class VirtueleKlok:
    """A clock that moves only when told; sleepers wake as it passes their moment."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def seconds_until(self, moment: datetime) -> float:
        return max(0.0, (moment - self._now).total_seconds())

    async def sleep_until(self, moment: datetime) -> None:
        if moment <= self._now:
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((moment, waiting))
        await waiting

    def move_to(self, moment: datetime) -> None:
        """Set the clock; it never goes back."""
        if moment < self._now:
            raise ValueError("a clock never goes back")
        self._now = moment.astimezone(UTC)
        due = [sleeper for sleeper in self._sleepers if sleeper[0] <= self._now]
        self._sleepers = [sleeper for sleeper in self._sleepers if sleeper[0] > self._now]
        for _, waiting in due:
            if not waiting.done():
                waiting.set_result(None)

    def move(self, by: timedelta) -> None:
        self.move_to(self._now + by)
