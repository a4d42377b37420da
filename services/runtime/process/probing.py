"""Looking whether something works, with an answer in time whatever it does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

DEADLINE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, in a sentence without personal data. Where it does not block, calls are taken all the same."""

    sentence: str
    blocks: bool = True


Check = Callable[[], Awaitable[Finding | None]]
"""None when all is well."""


class Probe:
    """A check that answers within its deadline. One that hangs is not begun again beside itself."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._looking: asyncio.Future[Finding | None] | None = None

    async def __call__(self) -> Finding | None:
        if self._looking is None:
            self._looking = asyncio.ensure_future(self._check())
        looking = self._looking
        await asyncio.wait([looking], timeout=DEADLINE_SECONDS)
        if not looking.done():
            return Finding(f"antwoordt niet binnen {DEADLINE_SECONDS:.0f} s")
        self._looking = None
        if looking.cancelled() or (error := looking.exception()) is None:
            return None if looking.cancelled() else looking.result()
        return Finding(f"is niet na te gaan ({type(error).__name__})")
