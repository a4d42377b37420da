"""What the endpoints of monitoring share: what a caller may see, acting through the unit of work, pages of a list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from contracts.afspraken import local_date
from contracts.messages.identifiers import CasusId
from contracts.rechten import Daad, Kring, kring_of
from contracts.register import Register
from services.monitoring.api.presentation import Verwijzer
from services.monitoring.domain import Toezicht
from services.monitoring.domain.signalen import case_of_party
from services.monitoring.handlers import (
    HandelEscalatieAf,
    HoudMonitormoment,
    PakEscalatieOp,
    PlanMomentIn,
    SchaalEscalatieOp,
    StelSignaalOp,
)
from services.monitoring.ports import Queries, rows
from services.monitoring.settings import MonitoringSettings
from services.runtime.access.tokens import Caller, Scope
from services.runtime.http import CallKey, Refusal, caller, json_response, refusal
from services.runtime.unit.decision import Incoming, JsonObject, Refused
from services.runtime.unit.hub import Hub
from services.runtime.unit.rows import ReadRow, answer_of

BASE_PATH = "/monitoring/v1"

Reader = Annotated[Caller, Depends(caller(Scope.MONITORING_LEZEN))]
Actor = Annotated[Caller, Depends(caller(Scope.ESCALATIES_AFHANDELEN))]


class Balie:
    """What the endpoints share."""

    def __init__(
        self,
        hub: Hub[Toezicht],
        queries: Queries,
        register: Register,
        verwijzer: Verwijzer,
        settings: MonitoringSettings,
    ) -> None:
        self.hub = hub
        self.queries = queries
        self.verwijzer = verwijzer
        self.settings = settings
        self._register = register

    def kring(self, who: Caller) -> Kring:
        """Among which cases this caller looks."""
        return reading_kring(who, self._register, self.hub.klok.now())

    async def casus(self, identifier: UUID, who: Caller) -> rows.Casus:
        """The case, or a 404: not there, or not for this caller."""
        found = await self.queries.casus(identifier, self.kring(who))
        if found is None:
            raise refusal(404, "deze casus bestaat niet, of is niet voor u", code="niet-gevonden")
        return found

    async def act(self, command: object, identifier: UUID, who: Caller, call: CallKey) -> JsonObject:
        """Do this in the case with this id, or with this melding; a refusal ends the request.

        Whether it may be done is decided on the state of the case, where the command is handled.
        """
        found = await self.hub.find("melding", str(identifier))
        casus_id = found[0] if found else CasusId(identifier)
        return await self._submit(command, casus_id, who, call)

    async def act_on_partij(self, command: StelSignaalOp, who: Caller, call: CallKey) -> JsonObject:
        """As `act`, where the misses of the party are counted that this is about."""
        counted = case_of_party(regio=command.regio, gemeente=command.gemeente, drager=command.over)
        return await self._submit(command, counted, who, call)

    async def act_on_moment(self, command: HoudMonitormoment | PlanMomentIn, who: Caller, call: CallKey) -> JsonObject:
        """As `act`, for the case that a monitormoment belongs to."""
        casus_id = await self.queries.casus_of_monitormoment(command.monitormoment_id, self.kring(who))
        if casus_id is None:
            raise refusal(404, "dit monitormoment bestaat niet, of is niet voor u", code="niet-gevonden")
        return await self._submit(command, CasusId(casus_id), who, call)

    async def act_on_escalatie(
        self, command: PakEscalatieOp | SchaalEscalatieOp | HandelEscalatieAf, who: Caller, call: CallKey
    ) -> JsonObject:
        """As `act`, for the case that an escalatie belongs to."""
        found = await self.hub.find("escalatie", str(command.escalatie_id))
        if not found:
            raise refusal(404, "deze escalatie bestaat niet, of is niet voor u", code="niet-gevonden")
        return await self._submit(command, found[0], who, call)

    async def _submit(self, command: object, casus_id: CasusId, who: Caller, call: CallKey) -> JsonObject:
        reply = await self.hub.submit(
            Incoming(key=call.key, casus_id=casus_id, payload=command, actor=who.actor, fingerprint=call.fingerprint)
        )
        if isinstance(reply, Refused):
            raise Refusal(reply)
        return reply.answer or {}

    def page(self, name: str, found: Sequence[ReadRow], *, limiet: int, pagina: int) -> Response:
        """A page of a list; `volgendePagina` only when there may be more."""
        body: JsonObject = {name: [answer_of(row) for row in found[:limiet]]}
        if len(found) > limiet:
            body["volgendePagina"] = pagina + 1
        return json_response(body)


def reading_kring(who: Caller, register: Register, at: datetime) -> Kring:
    """Among which cases somebody looks; among none where there is nothing for them."""
    on = local_date(at)
    return kring_of(Daad.CASUS_LEZEN, who.partij, register, on=on) or Kring(partijen=frozenset())
