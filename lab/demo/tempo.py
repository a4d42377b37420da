"""The clock of the story: it runs as fast as asked, and never further than a few hours past what the hub has done.

So a slow machine takes longer and sees the same story.
"""

import asyncio
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from lab.quiescence import Outstanding, outstanding
from lab.stack import Stack
from services.runtime.process.clock import SystemKlok, VersneldeKlok

LEASH = timedelta(hours=4)
"""How far the clock may be past the oldest thing that is not done. Shorter than any agreed term."""
LOOK_EVERY = 0.05
"""Real seconds between looks at what the hub has done."""
NOTHING_MOVES = 300.0
"""Real seconds in which nothing at all got done, after which the hub hangs. A slow one always gets something done."""


class HubHangs(RuntimeError):
    """The hub does not get done what it has to do. In Dutch, with what that is."""


class Wachtklok(VersneldeKlok):
    """Runs at its speed up to a moment, and stands there until it is allowed to go on."""

    def __init__(self, start: datetime, *, speed: float) -> None:
        super().__init__(shown=start, anchor=SystemKlok().now().timestamp(), speed=speed)
        self._limit = start

    def allow(self, until: datetime) -> None:
        """Go on from what it shows, up to `until`; never back."""
        if until > self._limit:
            self._shown, self._anchor, self._limit = self.now(), SystemKlok().now().timestamp(), until

    def run_freely(self) -> None:
        """From here on a second takes a second."""
        self._shown, self._anchor, self.speed = self.now(), SystemKlok().now().timestamp(), 1.0
        self._limit = self._shown + timedelta(days=3650)

    def shown_at(self, real: float) -> datetime:
        return min(super().shown_at(real), self._limit)

    def seconds_until(self, moment: datetime) -> float:
        """How long it will stand is not known, so past where it may go somebody has to look again."""
        seconds = super().seconds_until(moment)
        return seconds if moment <= self._limit else max(seconds, LOOK_EVERY)


class Tempo:
    """Lets the clock run for as long as the hub, and whoever acts in the story, keep up with it."""

    def __init__(self, hub: Stack, klok: Wachtklok) -> None:
        self._hub = hub
        self._klok = klok
        self._acts: dict[object, datetime] = {}
        self._seen: tuple[object, ...] = ()
        self._moved_at = 0.0

    @contextmanager
    def act(self) -> Generator[None, None, None]:
        """Somebody does something that takes no time on the clock."""
        key = object()
        self._acts[key] = self._klok.now()
        try:
            yield
        finally:
            del self._acts[key]

    async def run_until(self, end: datetime) -> None:
        """Until the clock shows `end` and all that was due by then is done. Raises `HubHangs`."""
        self._moved_at = time.monotonic()
        while not await self._is_done(end):  # noqa: ASYNC110  databases tell nobody that they have nothing left
            await asyncio.sleep(LOOK_EVERY)

    async def _is_done(self, end: datetime) -> bool:
        now = self._klok.now()
        waiting = await outstanding(self._hub.pool, at=now)
        self._notice(now, waiting, tuple(self._acts.values()))
        done_until = min([now, *self._acts.values(), *(item.oudste for item in waiting)])
        self._klok.allow(min(done_until + LEASH, end))
        return now == end and not waiting and not self._acts

    def _notice(self, now: datetime, waiting: Sequence[Outstanding], acts: Sequence[datetime]) -> None:
        seen = (now, waiting, acts)
        if seen != self._seen:
            self._seen, self._moved_at = seen, time.monotonic()
        elif time.monotonic() - self._moved_at > NOTHING_MOVES:
            raise HubHangs(f"Houvast staat stil; {'; '.join(map(str, waiting)) or 'een verzoek blijft onbeantwoord'}")
