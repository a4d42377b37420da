"""What handover knows where somebody begins an act: whose overdracht it is, and the words of its region."""

from uuid import UUID

from contracts.rechten import Daad, Handeling
from services.handover.api.brieven import Briefkamer
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.formulier import list_criteria
from services.handover.domain.kader import Kader
from services.handover.ports import Queries
from services.runtime.access.tokens import Caller
from services.runtime.http.forms import Known, Option
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Refused


class Formulierbalie:
    """The desk behind the forms of handover."""

    def __init__(self, kader: Kader, queries: Queries, kamer: Briefkamer, klok: Klok) -> None:
        self._kader = kader
        self._queries = queries
        self._kamer = kamer
        self._klok = klok

    async def look(self, act: Handeling, about: UUID | None, wie: Caller, *, fill: bool) -> Known | Refused:
        """Nothing that people wrote is opened here."""
        del fill
        if about is None:
            return Known()
        match act.onderwerp:
            case "overdracht":
                return await self._overdracht(act, about, wie)
            case "samenwerking":
                return await self._samenwerking(about, wie)
            case _:
                return Known(about)

    async def _overdracht(self, act: Handeling, about: UUID, wie: Caller) -> Known | Refused:
        found = await self._kamer.find(about, act.daad, wie)
        if isinstance(found, Refused):
            return found
        boxes = list_criteria(self._kader.afspraken(found)) if act.naam == "casus-teruggeven" else ()
        options = {"criteria": [Option(box.waarde, box.label) for box in boxes]} if boxes else {}
        told = act.naam != "betrokkenen-informeren" or found.betrokkenen_geinformeerd_op is not None
        return Known(found.casus_id, options=options, needless=frozenset() if told else frozenset({"correctie"}))

    async def _samenwerking(self, about: UUID, wie: Caller) -> Known | Refused:
        kring = self._kader.kring(Daad.SAMENWERKING_LEZEN, wie.partij, self._klok.now())
        found = () if kring is None else await self._queries.samenwerkingen(kring, samenwerking_id=about, limiet=1)
        return Known(found[0].casus_id) if found else NOT_FOUND
