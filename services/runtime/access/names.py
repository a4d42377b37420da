"""The names of who acted, under the keys of their cases."""

from collections.abc import Sequence
from uuid import UUID

from contracts.messages.documenten import Professional
from contracts.messages.identifiers import CasusId
from contracts.messages.verzegeld import Verzegeld
from services.runtime.access.case_keys import load_keys
from services.runtime.access.sealing import CaseShredded, MasterKey, SealBroken, Sealer, SealerBatch
from services.runtime.database.connection import Connection


class SealedNames:
    """Opens all that a page shows in one question to the database.

    Who acted for a party is told to whoever may follow the case, as every journal does. So that this was read is noted
    nowhere, unlike the reading of what was written about people.
    """

    def __init__(self, pool: Connection, master: MasterKey) -> None:
        self._pool = pool
        self._master = master

    async def open(self, sealed: Sequence[tuple[UUID, Verzegeld[Professional]]]) -> Sequence[Professional | None]:
        """Each name, by the case that it is sealed in; None where its key was destroyed."""
        cases = {CasusId(casus_id) for casus_id, _ in sealed}
        if not cases:
            return []
        sealers = SealerBatch(self._master, await load_keys(self._pool, cases))
        return [_open(sealers.for_case(CasusId(casus_id)), name) for casus_id, name in sealed]


def _open(sealer: Sealer, name: Verzegeld[Professional]) -> Professional | None:
    try:
        return sealer.open(name, Professional)
    except (CaseShredded, SealBroken):
        return None
