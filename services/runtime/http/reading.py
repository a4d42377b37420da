"""The one door by which an API opens what was sealed: noted first who reads it, then given (NEN 7513, DOMAIN G6)."""

from typing import Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel

from contracts.messages.identifiers import CasusId
from contracts.messages.verzegeld import Verzegeld
from services.runtime.access.actor import Actor
from services.runtime.access.case_keys import load_keys
from services.runtime.access.sealing import MasterKey, SealerBatch
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.hub import Hub

M = TypeVar("M", bound=BaseModel)


class Inkijk:
    """Opens for somebody who asked. There is no way to the content past the note."""

    def __init__(self, hub: Hub[Any], master: MasterKey) -> None:
        self._hub = hub
        self._master = master

    async def knows(self, casus_id: CasusId) -> bool:
        """Whether there ever was something to seal in this case: it exists, whichever service has heard of it."""
        return bool(await load_keys(self._hub.pool, [casus_id]))

    async def open(
        self, casus_id: CasusId, sealed: Verzegeld[M], model: type[M], *, actor: Actor, note: object
    ) -> M | Refused:
        """The content, once `note` is on disk: the command by which the service writes its journal line.

        The key is read anew each time, so that a destroyed one is noticed at once. Refused as `note` is refused, also
        where it could not be written. Raises `CaseShredded` or `SealBroken`, and then nothing was read or noted.
        """
        keys = await load_keys(self._hub.pool, [casus_id])
        opened = SealerBatch(self._master, keys).for_case(casus_id).open(sealed, model)
        reply = await self._hub.submit(Incoming(uuid4(), casus_id, note, actor))
        return reply if isinstance(reply, Refused) else opened
