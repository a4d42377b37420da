"""What monitoring knows where somebody begins an act: the case, its overdrachten and the steps of its region."""

from datetime import datetime
from uuid import UUID

from contracts.afspraken import local_date
from contracts.messages.identifiers import CasusId
from contracts.rechten import Handeling
from contracts.register import Register
from services.monitoring.api.balie import reading_kring
from services.monitoring.api.presentation import Verwijzer
from services.monitoring.domain.antwoord import unknown
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.ports import Queries, rows
from services.runtime.access.tokens import Caller
from services.runtime.http.forms import Known, Option
from services.runtime.unit.decision import Refused
from services.runtime.unit.hub import Hub


class Formulierbalie:
    """The desk behind the forms of monitoring."""

    def __init__(self, hub: Hub[Toezicht], queries: Queries, *, register: Register, verwijzer: Verwijzer) -> None:
        self._hub = hub
        self._queries = queries
        self._register = register
        self._verwijzer = verwijzer

    async def look(self, act: Handeling, about: UUID | None, wie: Caller, *, fill: bool) -> Known | Refused:
        """Nothing that people wrote is opened here."""
        del fill
        kring = reading_kring(wie, self._register, self._hub.klok.now())
        if about is None or act.onderwerp == "signaal":
            return Known()
        casus_id = about
        if act.onderwerp == "escalatie":
            casus_id = next(iter(await self._hub.find("escalatie", str(about))), CasusId(about))
        elif act.onderwerp == "monitormoment":
            casus_id = await self._queries.casus_of_monitormoment(about, kring) or about
        casus = await self._queries.casus(casus_id, kring)
        return unknown(act.onderwerp or "casus") if casus is None else self._known(casus)

    def _known(self, casus: rows.Casus) -> Known:
        afspraken = self._verwijzer.afspraken(casus)
        steps = () if afspraken is None else afspraken.stagnatiestappen
        handed = [Option(str(one.id), self._handed(one)) for one in casus.overdrachten]
        return Known(
            casus.id,
            options={
                "stap": [Option(str(step.stap), f"{step.stap}. {step.label}") for step in steps],
                "overdrachtId": handed,
            },
        )

    def _handed(self, overdracht: rows.Overdracht) -> str:
        since = _day(overdracht.aangemaakt_op)
        return f"Aan {self._register.naam(overdracht.partij or overdracht.gemeente)}{since}"


def _day(moment: datetime | None) -> str:
    return "" if moment is None else f", van {local_date(moment):%d-%m-%Y}"
