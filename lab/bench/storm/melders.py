"""Veilig Thuis at work during the storm: meldingen at a steady pace, each repeated under its own keys until it is taken."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain, count
from random import Random
from typing import Any
from uuid import UUID

import httpx

from contracts.messages.topics import Service
from contracts.register import Register, RestEndpoint
from lab.bench.storm.huis import REGIO, Huis
from lab.invented import VerzonnenMelding, verzin_meldingen

_AGAIN_SECONDS = 0.25
_AT_ONCE = 500


@dataclass(slots=True)
class Gemeld:
    """One melding on its way in. `accepted_at` is when the hub said that it has the besluit; moments are monotonic."""

    begun_at: float
    accepted_at: float | None = None
    casus_id: str | None = None
    answers: int = 0
    refused: str | None = None


class Melders:
    """Posts `per_second` meldingen until told to stop; `gemeld` has all of them."""

    def __init__(self, huis: Huis, *, seed: int, per_second: float) -> None:
        self.gemeld: list[Gemeld] = []
        self._huis = huis
        self._random = Random(seed)  # noqa: S311  a storm that can be repeated
        self._pause = 1 / per_second
        self._invented = _invent(huis.register, seed, huis.klok.now().date())
        self._client = httpx.AsyncClient(trust_env=False, timeout=5, headers={"Authorization": f"Bearer {huis.token}"})
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; then nothing new begins, and what was begun goes on."""
        while True:
            self._begin()
            await asyncio.sleep(self._pause)

    async def finish(self, seconds: float) -> None:
        """Wait for what was begun; what is not accepted by then was never promised anything."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._client.aclose()

    def _begin(self) -> None:
        gemeld = Gemeld(time.monotonic())
        self.gemeld.append(gemeld)
        keys = [str(UUID(int=self._random.getrandbits(128), version=4)) for _ in range(2)]
        task = asyncio.create_task(self._hand_over(gemeld, next(self._invented), keys))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _hand_over(self, gemeld: Gemeld, melding: VerzonnenMelding, keys: list[str]) -> None:
        first = await self._post(gemeld, "/triage/v1/meldingen", melding.melding, keys[0])
        if first is None:
            return
        gemeld.casus_id = first["casusId"]
        path = f"/triage/v1/meldingen/{first['id']}/triagebesluiten"
        if await self._post(gemeld, path, melding.triagebesluit, keys[1]) is not None:
            gemeld.accepted_at = time.monotonic()

    async def _post(self, gemeld: Gemeld, path: str, body: Any, key: str) -> dict[str, Any] | None:
        hubs = self._huis.of(Service.TRIAGE)
        turn = self._random.randrange(len(hubs))
        while True:
            with suppress(httpx.HTTPError):
                hub = hubs[turn % len(hubs)]
                answer = await self._client.post(hub.url + path, json=body, headers={"Idempotency-Key": key})
                gemeld.answers += 1
                if answer.status_code == 201:
                    found: dict[str, Any] = answer.json()
                    return found
                if answer.status_code < 500 and answer.status_code not in {404, 409, 429}:
                    gemeld.refused = f"{answer.status_code} {answer.text[:200]}"
                    return None
            turn += 1
            await asyncio.sleep(_AGAIN_SECONDS)


def _invent(register: Register, seed: int, on: date) -> Iterator[VerzonnenMelding]:
    """Without end, for gemeenten with an endpoint of their own."""
    rest = [
        gemeente.code for gemeente in register.gemeenten(on, regio=REGIO) if isinstance(gemeente.endpoint, RestEndpoint)
    ]
    shares = (
        verzin_meldingen(register, aantal=_AT_ONCE, seed=seed + number, on=on, gemeenten=rest) for number in count()
    )
    return chain.from_iterable(shares)
