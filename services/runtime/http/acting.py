"""How a call acts in a case: as the party that calls, once however often it is sent."""

from typing import Any

from contracts.messages.identifiers import CasusId
from services.runtime.access.tokens import Caller
from services.runtime.http.callers import Idempotency
from services.runtime.unit.decision import Incoming, JsonObject, Refused
from services.runtime.unit.hub import Hub


async def act(
    hub: Hub[Any], casus_id: CasusId, command: object, *, wie: Caller, call: Idempotency
) -> JsonObject | Refused:
    """What whoever called gets back, now and when the same call comes again."""
    reply = await hub.submit(Incoming(call.key, casus_id, command, wie.actor, fingerprint=call.fingerprint))
    return reply if isinstance(reply, Refused) else reply.answer or {}
