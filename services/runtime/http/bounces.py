"""Where the mail server of the house hands over what comes back: a POST with the mail as it is (message/rfc822).

What nobody here sent is not taken when it looks like a bounce: the mail server keeps it for whoever looks after it.
"""

from collections.abc import Callable
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId, derived_id
from contracts.rechten import Daad
from services.runtime.access.tokens import Caller
from services.runtime.http.body import apart
from services.runtime.http.callers import caller
from services.runtime.http.problems import problem_response
from services.runtime.http.provided import provided
from services.runtime.outbound.bounces import Bounce, MailNumber, ReturnAddress
from services.runtime.outbound.retourpost import looks_like_bounce, read_bounce
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.hub import Hub

router = APIRouter()
log = structlog.get_logger(__name__)

PATH = "/onbestelbare-mails"

UNKNOWN = Refused(
    422,
    "Van geen enkele mail van Houvast",
    (Problem("$", "dit lijkt een bericht dat een mail niet aankwam, maar noemt geen retouradres dat hier is gemaakt"),),
    code="onbekende-mail",
)

Reference = Callable[[MailNumber], tuple[str, str] | None]
"""Under which kind and key a mail leads to its cases; None for a mail of another service."""


class Postbus:
    """Brings what came back to the cases that it is about.

    Without a return address nothing that comes in was made here; `reference` is how a mail leads to its cases.
    """

    def __init__(self, hub: Hub[Any], return_address: ReturnAddress | None, reference: Reference) -> None:
        self._hub = hub
        self._return_address = return_address
        self._reference = reference

    async def take(self, mail: bytes, wie: Caller) -> Response:
        """204 also for what changes nothing: a mail server has nobody to tell. What it may offer again is a 503."""
        bounce = await apart(len(mail), read_bounce, mail, self._return_address) if self._return_address else None
        if bounce is None and await apart(len(mail), looks_like_bounce, mail):
            log.warning("unknown_mail_came_back")
            return problem_response(UNKNOWN)
        refused = None if bounce is None else await self._submit(bounce, wie)
        return Response(status_code=204) if refused is None else problem_response(refused)

    async def _submit(self, bounce: Bounce, wie: Caller) -> Refused | None:
        mail, reference = bounce.mail, self._reference(bounce.mail)
        cases: tuple[CasusId, ...] = () if reference is None else await self._hub.find(*reference)
        for casus_id in cases:
            key = derived_id("bounce", str(casus_id), mail.kind, str(mail.id), str(mail.round), bounce.kind.value)
            reply = await self._hub.submit(Incoming(key, casus_id, bounce, wie.actor))
            if isinstance(reply, Refused):
                return reply
            log.info("mail_came_back", casus_id=str(casus_id), soort=bounce.kind.value)
        return None


@router.post(
    PATH,
    status_code=204,
    summary="Teruggekomen mail aanbieden, van welke mailserver ook",
    tags=["mail"],
    responses={422: {"description": "Lijkt teruggekomen, maar van welke mail is niet te zeggen: bewaar de brief."}},
    openapi_extra={
        "requestBody": {"content": {"message/rfc822": {"schema": {"type": "string"}}}},
    },
)
async def post_onbestelbare_mail(
    postbus: Annotated[Postbus, Depends(provided(Postbus))],
    request: Request,
    wie: Annotated[Caller, Depends(caller(Daad.MAIL_TERUGMELDEN))],
) -> Response:
    return await postbus.take(await request.body(), wie)
