"""All gemeenten at one address: they take what comes, write it down, and confirm and take it up until the hub has that."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from aiohttp import web

from contracts.messages.identifiers import derived_id

_MEDEWERKER = {"medewerker": {"naam": "Robin Zandbak", "functie": "medewerker lokaal team"}}
_AGAIN_SECONDS = 0.5
_PATIENCE_SECONDS = 120.0


@dataclass(slots=True)
class Aangeboden:
    """What came for one case: under which overdracht and delivery, how often, and when first, on the monotonic clock."""

    first: float
    times: int = 0
    overdrachten: set[str] = field(default_factory=set)
    bezorgingen: set[str] = field(default_factory=set)
    answered: bool = False


class Ontvanger:
    """An endpoint that answers 202 at once. What it writes down is all that the auditor knows of receivers."""

    def __init__(self) -> None:
        self.port = 0
        self.offered: dict[str, Aangeboden] = {}
        self.refused: list[str] = []
        self._hubs: Sequence[str] = ()
        self._tokens: Mapping[str, str] = {}
        self._client = httpx.AsyncClient(trust_env=False, timeout=10)
        self._answering: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("POST", "/{rest:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    def answer_to(self, hubs: Sequence[str], tokens: Mapping[str, str]) -> None:
        self._hubs, self._tokens = hubs, tokens

    async def stop(self) -> None:
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        await self._client.aclose()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        now = time.monotonic()
        data: dict[str, Any] = orjson.loads(await request.read())["data"]
        found = self.offered.setdefault(data["casusId"], Aangeboden(now))
        found.times += 1
        found.overdrachten.add(data["overdrachtId"])
        found.bezorgingen.add(request.headers["webhook-id"])
        if found.times == 1:
            task = asyncio.create_task(self._answer(found, data))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        return web.Response(status=202)

    async def _answer(self, found: Aangeboden, data: Mapping[str, Any]) -> None:
        for kind in ("ontvangstbevestiging", "verdeling"):
            if not await self._post(data["gemeente"], urlsplit(str(data["reactie"][kind])).path):
                return
        found.answered = True

    async def _post(self, gemeente: str, path: str) -> bool:
        headers = {
            "Authorization": f"Bearer {self._tokens[gemeente]}",
            "Idempotency-Key": str(derived_id("storm", path)),
        }
        deadline = time.monotonic() + _PATIENCE_SECONDS
        attempt = 0
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                hub = self._hubs[attempt % len(self._hubs)]
                answer = await self._client.post(hub + path, json=_MEDEWERKER, headers=headers)
                if answer.is_success:
                    return True
                if answer.status_code < 500 and answer.status_code not in {404, 409, 429}:
                    self.refused.append(f"{answer.status_code} {answer.text[:200]}")
                    return False
            attempt += 1
            await asyncio.sleep(_AGAIN_SECONDS)
        self.refused.append(f"geen antwoord op {path}")
        return False
