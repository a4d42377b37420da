"""The names of who acted, under the keys of their cases."""

from collections.abc import Sequence
from uuid import UUID

from contracts.messages.documenten import Professional
from contracts.messages.verzegeld import Verzegeld
from services.runtime.access.opening import SealedRows


class VerzegeldeNamen:
    """`Namen` out of sealed rows.

    Who acted for a party is told to whoever may follow the case, as every journal does. So that this was read is noted
    nowhere, unlike the reading of what was written about people.
    """

    def __init__(self, rows: SealedRows) -> None:
        self._rows = rows

    async def open(self, sealed: Sequence[tuple[UUID, Verzegeld[Professional]]]) -> Sequence[Professional | None]:
        """Each name, by the case that it is sealed in; None where its key was destroyed."""
        return await self._rows.open(sealed, Professional)
