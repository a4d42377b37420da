"""Opening what rests sealed in read rows, under the keys of their cases."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from contracts.messages.identifiers import CasusId
from contracts.messages.verzegeld import Verzegeld
from services.runtime.access.case_keys import load_keys
from services.runtime.access.sealing import CaseShredded, MasterKey, SealBroken, Sealer, SealerBatch
from services.runtime.database.connection import Connection

M = TypeVar("M", bound=BaseModel)


class SealedRows:
    """Opens all that a page shows in one question to the database. That it was read is noted by whoever asks, or not."""

    def __init__(self, pool: Connection, master: MasterKey) -> None:
        self._pool = pool
        self._master = master

    async def open(self, sealed: Sequence[tuple[UUID, Verzegeld[M]]], model: type[M]) -> Sequence[M | None]:
        """Each of them, by the case that it is sealed in; None where its key was destroyed."""
        cases = {CasusId(casus_id) for casus_id, _ in sealed}
        if not cases:
            return []
        sealers = SealerBatch(self._master, await load_keys(self._pool, cases))
        return [_open(sealers.for_case(CasusId(casus_id)), item, model) for casus_id, item in sealed]


def _open(sealer: Sealer, item: Verzegeld[M], model: type[M]) -> M | None:
    try:
        return sealer.open(item, model)
    except (CaseShredded, SealBroken):
        return None
