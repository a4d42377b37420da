"""The desk of monitoring: who may call, and how what they bring reaches its case."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path
from starlette.responses import Response

from contracts.afspraken import local_date
from contracts.messages.identifiers import CasusId
from contracts.rechten import Daad, Kring, kring_of
from contracts.register import Register
from services.monitoring.domain.antwoord import unknown
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.ports import Queries
from services.runtime.access.tokens import Caller
from services.runtime.http import Idempotency, caller, created, problem_response
from services.runtime.http.acting import act
from services.runtime.http.provided import provided
from services.runtime.unit.decision import Refused
from services.runtime.unit.hub import Hub

BASE_PATH = "/monitoring/v1"

Lezer = Annotated[Caller, Depends(caller(Daad.CASUS_LEZEN))]
Lijstlezer = Annotated[Caller, Depends(caller(Daad.CASUSLIJST_LEZEN))]
Escalatielezer = Annotated[Caller, Depends(caller(Daad.ESCALATIELIJST_LEZEN))]
Signaallezer = Annotated[Caller, Depends(caller(Daad.SIGNALENLIJST_LEZEN))]
Cijferlezer = Annotated[Caller, Depends(caller(Daad.KERNCIJFERS_LEZEN))]
Behandelaar = Annotated[Caller, Depends(caller(Daad.CASUS_BEHANDELEN))]
Escalatiebehandelaar = Annotated[Caller, Depends(caller(Daad.ESCALATIE_BEHANDELEN))]
Meningsmelder = Annotated[Caller, Depends(caller(Daad.MENINGSVERSCHIL_MELDEN))]
Aanvaarder = Annotated[Caller, Depends(caller(Daad.ZORG_AANVAARDEN))]
Standmelder = Annotated[Caller, Depends(caller(Daad.ZICHT_BEVESTIGEN, Daad.WACHTLIJST_MELDEN, Daad.CRISISSTAP_MELDEN))]
Sluiter = Annotated[Caller, Depends(caller(Daad.CASUS_SLUITEN))]
Corrector = Annotated[Caller, Depends(caller(Daad.FEIT_CORRIGEREN, Daad.CASUS_BEHANDELEN))]
Opsteller = Annotated[Caller, Depends(caller(Daad.SIGNAAL_OPSTELLEN))]
Verstuurder = Annotated[Caller, Depends(caller(Daad.SIGNAAL_VERSTUREN))]
Beantwoorder = Annotated[Caller, Depends(caller(Daad.SIGNAAL_BEANTWOORDEN))]

CasusPad = Annotated[UUID, Path(alias="casusId")]
EscalatiePad = Annotated[UUID, Path(alias="escalatieId")]
MonitormomentPad = Annotated[UUID, Path(alias="monitormomentId")]
SignaalPad = Annotated[UUID, Path(alias="signaalId")]


class Balie:
    """Takes commands: finds the case, submits, answers with where to look. Who may act is decided on the case itself."""

    def __init__(self, hub: Hub[Toezicht], queries: Queries, register: Register) -> None:
        self._hub = hub
        self._queries = queries
        self._register = register

    async def in_case(
        self, identifier: UUID, command: object, *, wie: Caller, call: Idempotency, path: str = ""
    ) -> Response:
        """In the case with this id, or with this melding."""
        casussen = await self._hub.find("melding", str(identifier))
        casus_id = casussen[0] if casussen else CasusId(identifier)
        return await self.submit(casus_id, command, wie=wie, call=call, path=path or f"casussen/{identifier}")

    async def in_escalatie(
        self, escalatie_id: UUID, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        """In the case that this escalatie belongs to."""
        casussen = await self._hub.find("escalatie", str(escalatie_id))
        if not casussen:
            return problem_response(unknown("escalatie"))
        return await self.submit(casussen[0], command, wie=wie, call=call, path=path)

    async def in_monitormoment(
        self, monitormoment_id: UUID, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        """In the case that this monitormoment belongs to."""
        kring = reading_kring(wie, self._register, self._hub.klok.now())
        casus_id = await self._queries.casus_of_monitormoment(monitormoment_id, kring)
        if casus_id is None:
            return problem_response(unknown("monitormoment"))
        return await self.submit(CasusId(casus_id), command, wie=wie, call=call, path=path)

    async def submit(
        self, casus_id: CasusId, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        answer = await act(self._hub, casus_id, command, wie=wie, call=call)
        if isinstance(answer, Refused):
            return problem_response(answer)
        return created(f"{BASE_PATH}/{path}", answer)


BalieDep = Annotated[Balie, Depends(provided(Balie))]


def reading_kring(wie: Caller, register: Register, at: datetime, *, daad: Daad = Daad.CASUS_LEZEN) -> Kring:
    """Among which cases somebody looks for this; among none where there is nothing for them."""
    found = kring_of(daad, wie.partij, register, on=local_date(at), rollen=wie.rollen_now)
    return found or Kring(partijen=frozenset())
