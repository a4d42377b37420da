"""Where a zaaksysteem tells that something happened: the callback of a ZGW abonnement.

It is told by a gemeente that shows its own token, and believed no further than that there is something to read.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from contracts.afspraken import local_date
from contracts.messages.identifiers import CasusId, derived_id
from contracts.rechten import Daad
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus
from services.handover.domain.invoer import Notificatie
from services.handover.domain.kader import Kader
from services.handover.domain.zaakstatus import REFERENCE, zaak_key
from services.handover.handlers.commands import NoteNotificatie
from services.runtime.access.tokens import Caller
from services.runtime.http import caller, problem_response
from services.runtime.http.provided import provided
from services.runtime.http.route import ShortRoute
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.hub import Hub

router = APIRouter(route_class=ShortRoute)

_ZAKEN = "zaken"
_STATUS = "status"


class Notificatiebalie:
    """Takes what a zaaksysteem tells."""

    def __init__(self, hub: Hub[Casus], kader: Kader) -> None:
        self._hub = hub
        self._kader = kader

    async def take(self, notificatie: Notificatie, wie: Caller) -> Response:
        """204 also for what is not about an overdracht: the sender need not know which zaken are ours.

        Once answered so, the question what happened is on disk; it is asked at the zaaksysteem after that. Where it
        could not be written down the sender hears so, and sends it again.
        """
        zaak_id = _zaak_of(notificatie)
        for casus_id in () if zaak_id is None else sorted(await self._cases_of(str(zaak_id), wie)):
            key = _same_words(notificatie, wie)
            command = NoteNotificatie(str(zaak_id), key)
            reply = await self._hub.submit(Incoming(key=key, casus_id=casus_id, payload=command, actor=wie.actor))
            if isinstance(reply, Refused) and reply.status != NOT_FOUND.status:
                return problem_response(reply)
        return Response(status_code=204)

    async def _cases_of(self, zaak_id: str, wie: Caller) -> set[CasusId]:
        """The cases that this caller, or a gemeente whose cases it goes on with, calls by this zaak."""
        codes = self._kader.register.codes_of(wie.partij, on=local_date(self._hub.klok.now()))
        per_partij = [await self._hub.find(REFERENCE, zaak_key(code, zaak_id)) for code in {wie.partij, *codes}]
        return {casus_id for casus_ids in per_partij for casus_id in casus_ids}


@router.post("/notificaties", status_code=204, summary="Melden dat er iets met een zaak gebeurde (ZGW Notificaties)")
async def post_notificatie(
    balie: Annotated[Notificatiebalie, Depends(provided(Notificatiebalie))],
    notificatie: Notificatie,
    wie: Annotated[Caller, Depends(caller(Daad.ZAAK_MELDEN))],
) -> Response:
    return await balie.take(notificatie, wie)


def _zaak_of(notificatie: Notificatie) -> UUID | None:
    """The zaak whose status changed; None for anything else, a test of the abonnement included."""
    if (notificatie.kanaal, notificatie.resource) != (_ZAKEN, _STATUS):
        return None
    try:
        return UUID(notificatie.hoofd_object.rstrip("/").rpartition("/")[2])
    except ValueError:
        return None


def _same_words(notificatie: Notificatie, wie: Caller) -> UUID:
    """What makes it recognisable when it comes again, whatever the order or spacing of its JSON."""
    kenmerken = sorted(f"{name}={value}" for name, value in notificatie.kenmerken.items())
    return derived_id(
        "zgw-notificatie",
        wie.partij,
        notificatie.kanaal,
        notificatie.hoofd_object,
        notificatie.resource,
        notificatie.resource_url,
        notificatie.actie,
        notificatie.aanmaakdatum.isoformat(),
        *kenmerken,
    )
