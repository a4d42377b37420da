"""The desk of triage: who may call, and how what they bring reaches its case."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from contracts.messages.identifiers import CasusId, derived_id
from contracts.rechten import Daad
from services.runtime.access.tokens import Caller
from services.runtime.http import Idempotency, caller, created, problem_response
from services.runtime.http.acting import act
from services.runtime.http.provided import provided
from services.runtime.unit.decision import Refused
from services.runtime.unit.hub import Hub
from services.triage.domain.casus import Casus
from services.triage.domain.huishouden import Radar, huishouden_sleutels, make_radar
from services.triage.domain.invoer import MeldingInvoer, MeldpuntmeldingInvoer
from services.triage.domain.kader import Kader
from services.triage.ports import Queries

BASE_PATH = "/triage/v1"

Melder = Annotated[Caller, Depends(caller(Daad.MELDING_REGISTREREN))]
Aanvuller = Annotated[Caller, Depends(caller(Daad.MELDING_AANVULLEN))]
Adviseur = Annotated[Caller, Depends(caller(Daad.ADVIESVRAAG_VASTLEGGEN))]
Besluiter = Annotated[Caller, Depends(caller(Daad.MELDING_BEHANDELEN))]
Meldpunt = Annotated[Caller, Depends(caller(Daad.MELDPUNTMELDING_REGISTREREN))]
Overnemer = Annotated[Caller, Depends(caller(Daad.MELDPUNTMELDING_OVERNEMEN))]
"""Also who was asked to take over."""
Lezer = Annotated[Caller, Depends(caller(Daad.MELDING_LEZEN))]
Statuslezer = Annotated[Caller, Depends(caller(Daad.MELDING_LEZEN, Daad.MELDINGSTATUS_LEZEN))]
Lijstlezer = Annotated[Caller, Depends(caller(Daad.MELDINGENLIJST_LEZEN))]
Advieslezer = Annotated[Caller, Depends(caller(Daad.ADVIESVRAAG_LEZEN))]
Meldpuntlezer = Annotated[Caller, Depends(caller(Daad.MELDPUNTSTATUS_LEZEN))]


class Balie:
    """Takes commands: finds the case, submits, answers."""

    def __init__(self, hub: Hub[Casus], kader: Kader, queries: Queries) -> None:
        self._hub = hub
        self._kader = kader
        self._queries = queries

    async def open_case(
        self, soort: str, kenmerk: str | None, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        """A command that begins a case. The same reference from the same party is the same case."""
        parts = (soort, wie.partij, kenmerk) if kenmerk is not None else ("casus", str(call.key))
        casus_id = CasusId(derived_id(*parts))
        return await self._submit(casus_id, command, wie=wie, call=call, path=path)

    async def in_case(
        self, kind: str, identifier: UUID, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        """A command about something in a case that exists; it may be named by its own id or that of the case."""
        found = await self._hub.find(kind, str(identifier))
        casus_id = found[0] if found else CasusId(identifier)
        return await self._submit(casus_id, command, wie=wie, call=call, path=path)

    async def look_around(self, soort: str, invoer: MeldingInvoer | MeldpuntmeldingInvoer, wie: Caller) -> Radar:
        """What is known about this household, without anyone's name (MB 3.1).

        Without the case itself, which is there when a melding is sent again under its own reference.
        """
        sleutels = huishouden_sleutels(invoer, self._kader.blind, now=self._hub.klok.now())
        radar = make_radar(sleutels, await self._queries.earlier_cases(tuple(sleutels.gezocht)))
        return radar if invoer.kenmerk is None else radar.without(derived_id(soort, wie.partij, invoer.kenmerk))

    async def _submit(
        self, casus_id: CasusId, command: object, *, wie: Caller, call: Idempotency, path: str
    ) -> Response:
        answer = await act(self._hub, casus_id, command, wie=wie, call=call)
        if isinstance(answer, Refused):
            return problem_response(answer)
        return created(f"{BASE_PATH}/{path}/{answer.get('id', casus_id)}", answer)


BalieDep = Annotated[Balie, Depends(provided(Balie))]
