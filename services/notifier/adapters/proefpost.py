"""A message about nothing, to whoever asks for it: by the same road as every other, so that what it meets counts."""

from collections.abc import Mapping
from uuid import uuid4

from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal
from services.notifier.domain import persoon_key, write_proefbericht
from services.notifier.ports import Adresboek, Bericht, Bode
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt


class BodenProefpost:
    """`Proefpost` by the messengers of the hub."""

    def __init__(self, boden: Mapping[Notificatiekanaal, Bode], *, adresboek: Adresboek, klok: Klok) -> None:
        self._boden = boden
        self._adresboek = adresboek
        self._klok = klok

    async def send(self, kanaal: Notificatiekanaal, partij: str, persoon: str, *, rol: str) -> Attempt | None:
        """Once, now; None where this person has no such address."""
        key = persoon_key(partij, persoon)
        adres = self._adresboek.adres(kanaal, partij, key, at=self._klok.now())
        if adres is None:
            return None
        waarom = "U vroeg om dit bericht, om te zien of dit kanaal werkt."
        proef = write_proefbericht(uuid4(), partij, rol, waarom=waarom)
        return await self._boden[kanaal].send(Bericht(proef.notificatie_id, adres, (proef,), _for_them))


def _for_them(vraag: NotificatieGevraagd) -> None:
    del vraag
