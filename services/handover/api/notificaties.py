"""Where a zaaksysteem tells that something happened: the callback of a ZGW abonnement.

It is told by a gemeente that shows its own token, and believed no further than that there is something to read.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI
from pydantic import Field, StrictBool
from starlette.responses import Response

from contracts.messages.envelope import Bericht
from contracts.messages.gevraagd import asked
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.moment import Moment
from contracts.messages.tekens import NO_TEXT
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Casus
from services.handover.domain.kader import Kader, local_date
from services.handover.domain.zaakstatus import REFERENCE, zaak_key
from services.handover.handlers import NoteNotificatie
from services.runtime.access.tokens import Caller, Scope
from services.runtime.http import caller, problem_response
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.hub import Hub

_ZAKEN = "zaken"
_STATUS = "status"

_OF_TEXT = asked(pattern=f"^[^{NO_TEXT}]*$")
_Woord = Annotated[str, Field(max_length=100, json_schema_extra=_OF_TEXT)]
_Tekst = Annotated[str, Field(json_schema_extra=_OF_TEXT)]
Kort = Annotated[str, Field(max_length=1000, json_schema_extra=_OF_TEXT)]


class Notificatie(Bericht):
    """What the Notificaties API sends. It has no id; the same words are the same notificatie."""

    kanaal: Annotated[str, Field(max_length=50, json_schema_extra=_OF_TEXT)]
    hoofd_object: Kort
    resource: _Woord
    resource_url: Kort
    actie: _Woord
    aanmaakdatum: Moment
    kenmerken: Annotated[dict[_Tekst, _Tekst | StrictBool | None], Field(max_length=50)] = Field(
        default_factory=dict[str, str | bool | None]
    )


def add_notificaties(api: FastAPI, hub: Hub[Casus], kader: Kader) -> None:
    """Add the callback to the API."""

    @api.post("/notificaties", status_code=204, summary="Melden dat er iets met een zaak gebeurde (ZGW Notificaties)")
    async def post_notificatie(  # pyright: ignore[reportUnusedFunction]
        notificatie: Notificatie, wie: Annotated[Caller, Depends(caller(Scope.ZAKEN_MELDEN))]
    ) -> Response:
        return await _take(hub, notificatie, wie, kader)


async def _take(hub: Hub[Casus], notificatie: Notificatie, wie: Caller, kader: Kader) -> Response:
    """204 also for what is not about an overdracht: the sender need not know which zaken are ours.

    Once answered so, the question what happened is on disk; it is asked at the zaaksysteem after that. Where it could
    not be written down the sender hears so, and sends it again.
    """
    zaak_id = _zaak_of(notificatie)
    found = set[CasusId]()
    for code in {wie.partij, *kader.register.codes_of(wie.partij, on=local_date(hub.klok.now()))}:
        found |= set() if zaak_id is None else set(await hub.find(REFERENCE, zaak_key(code, str(zaak_id))))
    for casus_id in sorted(found):
        key = _same_words(notificatie, wie)
        command = NoteNotificatie(str(zaak_id), key)
        reply = await hub.submit(Incoming(key=key, casus_id=casus_id, payload=command, actor=wie.actor))
        if isinstance(reply, Refused) and reply.status != NOT_FOUND.status:
            return problem_response(reply)
    return Response(status_code=204)


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
