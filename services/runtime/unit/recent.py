"""The cases that a process wrote last."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from contracts.messages.identifiers import CasusId
from services.runtime.database.connection import Row
from services.runtime.unit.writes import Case

S = TypeVar("S")

RECENT_CASES = 256
"""Some seconds of the busiest road; a case takes some ten kilobytes."""


class Recent(Generic[S]):
    """The cases last written by this process, parsed and with their read rows: what happens to a case often comes soon.

    Good for as long as the database still says the very same, which its text is compared for by version and hash; another
    copy of the service may have gone on with the case.
    """

    def __init__(self, most: int = RECENT_CASES) -> None:
        self._most = most
        self._known: OrderedDict[CasusId, tuple[int, int, S | None, Any]] = OrderedDict()

    def remember(self, written: Sequence[tuple[str, Case[S]]]) -> None:
        """Call when what was written is on disk."""
        for text, case in written:
            self._known[case.casus_id] = case.version, hash(text), case.state, case.rows
            self._known.move_to_end(case.casus_id)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def recall(self, casus_id: CasusId, row: Row) -> Case[S] | None:
        """The case of this row, if it is what was written here last."""
        known = self._known.get(casus_id)
        if known is None or known[:2] != (row["versie"], hash(row["tekst"])):
            return None
        return Case(casus_id, known[2], row["volgnummer"], row["versie"], stored=True, rows=known[3])
