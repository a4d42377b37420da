"""From a request to a message: the address that a person has now, and why it is told to this person."""

from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal
from services.notifier.ports import Adresboek, Bericht, Bode
from services.runtime.access.sealing import Sealer
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, Request, Result


class Bezorger:
    """Performs the requests of one channel: looks up the address at the moment of sending and hands it to its `bode`."""

    def __init__(self, kanaal: Notificatiekanaal, bode: Bode, *, adresboek: Adresboek, klok: Klok) -> None:
        self._kanaal = kanaal
        self._bode = bode
        self._adresboek = adresboek
        self._klok = klok

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """Send it, to the address that the person has now."""
        del casus_id, sealer
        partij, persoon = str(request.content["partij"]), str(request.content["persoon"])
        now = self._klok.now()
        adres = self._adresboek.adres(self._kanaal, partij, persoon, at=now)
        if adres is None:
            return Attempt(
                Result.PERMANENT, f"deze persoon heeft voor {self._kanaal.value} geen adres meer in het register"
            )
        return await self._bode.send(
            Bericht(request.id, adres, vragen_of(request), lambda vraag: self._adresboek.waarom(vraag, persoon, at=now))
        )


def vragen_of(request: Request) -> tuple[NotificatieGevraagd, ...]:
    """What a request asks to be told. Older ones hold a single `vraag`."""
    content = request.content
    asked = content["vragen"] if "vragen" in content else [content["vraag"]]
    assert isinstance(asked, list)
    return tuple(NotificatieGevraagd.model_validate(vraag) for vraag in asked)
