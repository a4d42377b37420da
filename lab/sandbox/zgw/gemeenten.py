"""The gemeenten that work in these zaaksystemen."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping

from contracts.register import Zaakantwoord
from lab.sandbox.zgw.notificaties import Notificaties
from lab.sandbox.zgw.zaaksysteem import OntvangenZaak, Zaaksysteem, overdracht_of
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject


class ZgwGemeenten:
    """The zaaksystemen by gemeente, what tells about them, and people who give a zaak its next status after a while."""

    def __init__(self, zaaksystemen: Iterable[Zaaksysteem], klok: Klok, notificaties: Notificaties) -> None:
        self.zaaksystemen: Mapping[str, Zaaksysteem] = {item.code: item for item in zaaksystemen}
        self.notificaties = notificaties
        self._klok = klok
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ontvangen(self) -> tuple[OntvangenZaak, ...]:
        """Every complete zaak, of whichever gemeente, the oldest first."""
        received = (zaak for zaaksysteem in self.zaaksystemen.values() for zaak in zaaksysteem.ontvangen)
        return tuple(sorted(received, key=lambda zaak: zaak.ontvangen_op))

    async def start(self) -> None:
        """Take up what was being done when this was last stopped."""
        await self.notificaties.start()
        for zaaksysteem in self.zaaksystemen.values():
            zaaksysteem.remember()
            for zaak in zaaksysteem.resources["zaken"].values():
                if zaak["status"] is not None:
                    self._do(self._work(zaaksysteem, zaak))
            zaaksysteem.listeners.append(self._notice)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.notificaties.stop()

    def _notice(self, zaaksysteem: Zaaksysteem, wat: str, zaak: JsonObject, resource: JsonObject) -> None:
        """Tell who subscribed; the first status is also where people begin."""
        self.notificaties.tell(zaaksysteem.code, wat, zaak, resource)
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

    def _do(self, job: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
