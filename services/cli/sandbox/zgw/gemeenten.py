"""The gemeenten that work in these zaaksystemen, and the Notificaties API that tells what they did."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta

import httpx

from contracts.register import Zaakantwoord
from services.cli.sandbox.zgw.zaaksysteem import OntvangenZaak, Zaaksysteem, overdracht_of
from services.runtime.decision import JsonObject
from services.runtime.klok import Klok

CALLBACK = "/overdracht/v1/notificaties"

_TIMEOUT_SECONDS = 15.0
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
_ATTEMPTS = 20
_REFUSES_STRANGERS = frozenset({401, 403})
_TAKEN = 204
_TEST: JsonObject = {
    "kanaal": "test",
    "hoofdObject": "https://zaken.example/zaken/api/v1/zaken/1",
    "resource": "test",
    "resourceUrl": "https://zaken.example/zaken/api/v1/zaken/1",
    "actie": "test",
    "aanmaakdatum": "2019-01-01T12:00:00Z",
    "kenmerken": {},
}


@dataclass(frozen=True, slots=True)
class Abonnement:
    """Where notificaties go, and the whole `Authorization` header that goes with them."""

    callback_url: str
    auth: str


class ZgwGemeenten:
    """The zaaksystemen by gemeente, their abonnementen, and people who give a zaak its next status after a while."""

    def __init__(self, zaaksystemen: Iterable[Zaaksysteem], klok: Klok) -> None:
        self.zaaksystemen: Mapping[str, Zaaksysteem] = {item.code: item for item in zaaksystemen}
        self._klok = klok
        self._abonnementen: dict[str, list[Abonnement]] = {code: [] for code in self.zaaksystemen}
        self._subscribed: dict[str, asyncio.Event] = {code: asyncio.Event() for code in self.zaaksystemen}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    @property
    def ontvangen(self) -> tuple[OntvangenZaak, ...]:
        """Every complete zaak, of whichever gemeente, the oldest first."""
        received = (zaak for zaaksysteem in self.zaaksystemen.values() for zaak in zaaksysteem.ontvangen)
        return tuple(sorted(received, key=lambda zaak: zaak.ontvangen_op))

    async def start(self) -> None:
        """Take up what was being done when this was last stopped."""
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        for zaaksysteem in self.zaaksystemen.values():
            zaaksysteem.remember()
            for zaak in zaaksysteem.resources["zaken"].values():
                if zaak["status"] is not None:
                    self._do(self._work(zaaksysteem, zaak))
            zaaksysteem.listeners.append(self._notice)

    def connect(self, hub_url: str, tokens: Mapping[str, str]) -> None:
        """Each gemeente subscribes the hub, with the token that the hub gave it."""
        for code in self.zaaksystemen.keys() & tokens.keys():
            self._do(self._subscribe_hub(code, Abonnement(hub_url.rstrip("/") + CALLBACK, f"Bearer {tokens[code]}")))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def subscribe(self, code: str, abonnement: Abonnement) -> str | None:
        """Why this callback is not taken, or None: it must refuse strangers, and take a test from whom it knows."""
        if await self._post(Abonnement(abonnement.callback_url, ""), _TEST) not in _REFUSES_STRANGERS:
            return "no-auth-on-callback-url"
        if await self._post(abonnement, _TEST) != _TAKEN:
            return "invalid-callback-url"
        self._abonnementen[code].append(abonnement)
        self._subscribed[code].set()
        return None

    async def _subscribe_hub(self, code: str, abonnement: Abonnement) -> None:
        wait = _FIRST_WAIT
        while await self.subscribe(code, abonnement) is not None:
            await self._klok.sleep_until(self._klok.now() + wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _notice(self, zaaksysteem: Zaaksysteem, wat: str, zaak: JsonObject, resource: JsonObject) -> None:
        """Tell who subscribed; the first status is also where people begin."""
        self._do(self._notify(zaaksysteem.code, _notificatie(self._klok, wat, zaak, resource)))
        if wat == "status" and len(zaaksysteem.statussen_of(zaak)) == 1:
            self._do(self._work(zaaksysteem, zaak))

    async def _work(self, zaaksysteem: Zaaksysteem, zaak: JsonObject) -> None:
        gedrag, overdracht_id = zaaksysteem.gedrag, overdracht_of(zaak)
        given = next(item for item in zaaksysteem.ontvangen if item.overdracht_id == overdracht_id)
        planned = (
            (gedrag.bevestigt_na, given.bevestigd_op, Zaakantwoord.ONTVANGEN),
            (gedrag.verdeelt_na, given.verdeeld_op, Zaakantwoord.OPGEPAKT),
        )
        for after, done_at, antwoord in planned:
            if after is not None and done_at is None:
                await self._klok.sleep_until(given.ontvangen_op + gedrag.spread(after, overdracht_id))
                if zaak["einddatum"] is not None:
                    return
                zaaksysteem.set_status(zaak, antwoord)

    async def _notify(self, code: str, notificatie: JsonObject) -> None:
        await self._subscribed[code].wait()
        for abonnement in self._abonnementen[code]:
            await self._deliver(abonnement, notificatie)

    async def _deliver(self, abonnement: Abonnement, notificatie: JsonObject) -> None:
        """A number of times, and then no more: that is how it goes in life."""
        wait = _FIRST_WAIT
        for _ in range(_ATTEMPTS):
            if await self._post(abonnement, notificatie) == _TAKEN:
                return
            await self._klok.sleep_until(self._klok.now() + wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _post(self, abonnement: Abonnement, notificatie: JsonObject) -> int | None:
        """The status, or None where nobody answered."""
        assert self._client is not None
        headers = {"Authorization": abonnement.auth} if abonnement.auth else {}
        try:
            response = await self._client.post(abonnement.callback_url, json=notificatie, headers=headers)
        except httpx.HTTPError:
            return None
        return response.status_code

    def _do(self, job: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _notificatie(klok: Klok, wat: str, zaak: JsonObject, resource: JsonObject) -> JsonObject:
    return {
        "kanaal": "zaken",
        "hoofdObject": zaak["url"],
        "resource": wat,
        "resourceUrl": resource["url"],
        "actie": "create",
        "aanmaakdatum": klok.now().astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "kenmerken": {
            "bronorganisatie": zaak["bronorganisatie"],
            "zaaktype": zaak["zaaktype"],
            "vertrouwelijkheidaanduiding": zaak.get("vertrouwelijkheidaanduiding"),
        },
    }
