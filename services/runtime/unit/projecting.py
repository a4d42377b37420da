"""The read rows of cases before and after a batch: what is different has to be written."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from contracts.messages.identifiers import CasusId
from services.runtime.unit.decision import ServiceDefinition, ViewRow
from services.runtime.unit.writes import Case, RowKey, Writes

S = TypeVar("S")
_Rows = Mapping[RowKey, ViewRow]


class Projection(Generic[S]):
    """Remembers cases as they are when it first sees them. Use for one batch."""

    def __init__(self, definition: ServiceDefinition[S]) -> None:
        self._definition = definition
        self._before: dict[CasusId, tuple[S | None, _Rows | None]] = {}
        self._projected: dict[CasusId, S | None] = {}

    def note(self, cases: Mapping[CasusId, Case[S]]) -> None:
        """How these cases are before anything happens in them."""
        for casus_id, case in cases.items():
            self._before[casus_id] = case.state, case.rows

    def write(self, writes: Writes[S]) -> None:
        """The difference, per case that changed."""
        for casus_id, case in writes.states.items():
            if casus_id in self._projected and self._projected[casus_id] is case.state:
                continue
            self._projected[casus_id] = case.state
            state, rows = self._before[casus_id]
            before = self._rows(casus_id, state) if rows is None else rows
            case.rows = self._rows(casus_id, case.state)
            _note_difference(before, case.rows, writes)

    def _rows(self, casus_id: CasusId, state: S | None) -> _Rows:
        if state is None:
            return {}
        return {(row.kind, row.id): row for row in self._definition.project(casus_id, state)}


def _note_difference(before: _Rows, after: _Rows, writes: Writes[S]) -> None:
    for key in before:
        if key not in after:
            writes.views[key] = None
    for key, row in after.items():
        earlier = before.get(key)
        if earlier is None or not row.says_same_as(earlier):
            writes.views[key] = row.row
        else:
            writes.views.pop(key, None)
