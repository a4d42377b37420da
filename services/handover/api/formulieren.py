"""What handover knows where somebody begins an act: whose overdracht it is, and the words of its region."""

from uuid import UUID

from contracts.afspraken import local_date
from contracts.rechten import Daad, Handeling
from services.handover.api.brieven import Briefkamer
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.formulier import list_criteria
from services.handover.domain.kader import Kader
from services.handover.domain.mogelijk import why_not
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
                return await self._samenwerking(act, about, wie)
            case _:
                return await self._casus(act, about)

    async def _overdracht(self, act: Handeling, about: UUID, wie: Caller) -> Known | Refused:
        found = await self._kamer.find(about, act.daad, wie)
        if isinstance(found, Refused):
            return found
        boxes = list_criteria(self._kader.afspraken(found)) if act.naam == "casus-teruggeven" else ()
        options = {"criteria": [Option(box.waarde, box.label) for box in boxes]} if boxes else {}
        told = act.naam != "betrokkenen-informeren" or found.betrokkenen_geinformeerd_op is not None
        return Known(
            found.casus_id,
            options=options,
            needless=frozenset() if told else frozenset({"correctie"}),
            over=await self._over(act, found.casus_id, about),
        )

    async def _casus(self, act: Handeling, about: UUID) -> Known:
        """A team is asked of the gemeenten that the case is about: where the dienst runs and to which it was handed."""
        state = await self._queries.toestand(about)
        over = state and why_not(act.naam, state, about, kader=self._kader, now=self._klok.now())
        if state is None or state.running_dienst is None:
            return Known(about, over=over)
        on, register = local_date(self._klok.now()), self._kader.register
        concerned = {state.running_dienst.gemeente, *(item.gemeente for item in state.overdrachten)}
        codes = {register.bearer_of(code, on=on) for code in concerned}
        found = [gemeente for gemeente in register.gemeenten(on) if gemeente.code in codes]
        teams = [Option(team.code, f"{gemeente.naam}: {team.naam}") for gemeente in found for team in gemeente.teams]
        return Known(
            about,
            options={"gemeente": [Option(gemeente.code, gemeente.naam) for gemeente in found], "team": teams},
            over=over,
        )

    async def _over(self, act: Handeling, casus_id: UUID, about: UUID) -> Refused | None:
        """What the operation would refuse now, whatever is filled in."""
        state = await self._queries.toestand(casus_id)
        return state and why_not(act.naam, state, about, kader=self._kader, now=self._klok.now())

    async def _samenwerking(self, act: Handeling, about: UUID, wie: Caller) -> Known | Refused:
        kring = self._kader.kring(Daad.SAMENWERKING_LEZEN, wie.partij, self._klok.now())
        found = () if kring is None else await self._queries.samenwerkingen(kring, samenwerking_id=about, limiet=1)
        if not found:
            return NOT_FOUND
        casus_id = found[0].casus_id
        return Known(casus_id, over=await self._over(act, casus_id, about))
