"""The people of a sandbox gemeente: after a while they confirm and take up, by the API of the hub."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from contracts.messages.identifiers import derived_id
from lab.sandbox.geheugen import Stap
from lab.sandbox.gemeente import Ontvangst, SandboxGemeente
from services.runtime.process.clock import Klok

_TIMEOUT_SECONDS = 15.0
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=6)
_PASSING = frozenset({408, 425, 429})
_SERVER_ERRORS = range(500, 600)
_SUCCESS = range(200, 300)
_MEDEWERKER = {"naam": "Robin Zandbak", "functie": "medewerker lokaal team"}


@dataclass(frozen=True, slots=True)
class Hub:
    """Where the hub is and the token of each gemeente there."""

    url: str
    tokens: Mapping[str, str]


class Antwoorden:
    """Answers what was received, when its gemeente says so. What the hub cannot take now is tried again later."""

    def __init__(self, klok: Klok) -> None:
        self._klok = klok
        self._hub: asyncio.Future[Hub] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """Open the client; answers wait for `connect`."""
        self._hub = asyncio.get_running_loop().create_future()
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)

    def connect(self, hub: Hub) -> None:
        """From here on answers can be given."""
        if self._hub is None:
            raise RuntimeError("start() comes first")
        if not self._hub.done():
            self._hub.set_result(hub)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def plan(self, gemeente: SandboxGemeente, ontvangst: Ontvangst) -> None:
        """Arrange the answers that the gemeente gives to this overdracht."""
        task = asyncio.create_task(self._answer(gemeente, ontvangst), name=f"sandbox-{ontvangst.overdracht_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, gemeente: SandboxGemeente, ontvangst: Ontvangst) -> None:
        for due_at, stap, url in sorted(_steps(gemeente, ontvangst)):
            await self._klok.sleep_until(due_at)
            if stap is Stap.BEVESTIGD:
                await self._fetch_bijlagen(gemeente, ontvangst)
            if await self._post_until_taken(gemeente, ontvangst, url):
                gemeente.note_answer(ontvangst, stap)

    async def _fetch_bijlagen(self, gemeente: SandboxGemeente, ontvangst: Ontvangst) -> None:
        """Before it says that it has the overdracht, a gemeente fetches what goes along and compares it."""
        for bijlage in ontvangst.aanbod.overdrachtsdocument.bijlagen or ():
            base = ontvangst.aanbod.reactie.ontvangstbevestiging.rpartition("/")[0]
            sha256 = await self._sha256_of(gemeente, f"{base}/bijlagen/{bijlage.id}")
            if sha256 == bijlage.sha256:
                ontvangst.opgehaald.add(bijlage.id)
            else:
                gemeente.note_refusal("een bijlage kwam niet, of is niet wat het document zegt")

    async def _sha256_of(self, gemeente: SandboxGemeente, url: str) -> str | None:
        """Of what is there for this gemeente, read while it comes in."""
        assert self._hub is not None
        assert self._client is not None
        hub = await asyncio.shield(self._hub)
        token = hub.tokens.get(gemeente.code)
        if token is None or not url.startswith(hub.url.rstrip("/") + "/"):
            return None
        digest = hashlib.sha256()
        try:
            async with self._client.stream("GET", url, headers={"Authorization": f"Bearer {token}"}) as response:
                async for part in response.aiter_bytes():
                    digest.update(part)
        except httpx.HTTPError:
            return None
        return digest.hexdigest() if response.status_code in _SUCCESS else None

    async def _post_until_taken(self, gemeente: SandboxGemeente, ontvangst: Ontvangst, url: str) -> bool:
        """Whether the hub took it; a refusal that will not pass is kept with the overdracht."""
        assert self._hub is not None
        hub = await asyncio.shield(self._hub)
        if not url.startswith(hub.url.rstrip("/") + "/"):
            ontvangst.antwoordfout = "het antwoordadres is niet van de hub"
            return False
        if (token := hub.tokens.get(gemeente.code)) is None:
            ontvangst.antwoordfout = "deze gemeente heeft geen token bij de hub"
            return False
        wait = _FIRST_WAIT
        while (status := await self._post(token, url)) is None:
            await self._klok.sleep_until(self._klok.now() + wait)
            wait = min(2 * wait, _LONGEST_WAIT)
        if status in _SUCCESS:
            ontvangst.antwoordfout = None
            return True
        ontvangst.antwoordfout = f"de hub weigert het antwoord ({status})"
        return False

    async def _post(self, token: str, url: str) -> int | None:
        """The status, or None for what may pass."""
        assert self._client is not None
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(derived_id("sandbox", url))}
        try:
            response = await self._client.post(url, json={"medewerker": _MEDEWERKER}, headers=headers)
        except httpx.HTTPError:
            return None
        status = response.status_code
        return None if status in _SERVER_ERRORS or status in _PASSING else status


def _steps(gemeente: SandboxGemeente, ontvangst: Ontvangst) -> Iterator[tuple[datetime, Stap, str]]:
    """What is still to be answered: when, what and where."""
    gedrag, reactie = gemeente.gedrag, ontvangst.aanbod.reactie
    planned = (
        (gedrag.bevestigt_na, ontvangst.bevestigd_op, Stap.BEVESTIGD, reactie.ontvangstbevestiging),
        (gedrag.verdeelt_na, ontvangst.verdeeld_op, Stap.VERDEELD, reactie.verdeling),
    )
    for after, done_at, stap, url in planned:
        if after is not None and done_at is None:
            yield ontvangst.ontvangen_op + gedrag.spread(after, ontvangst.overdracht_id), stap, url
