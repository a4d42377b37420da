"""The memory of a service as the unit of work sees it."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from services.runtime.access.sealing import Sealer
from services.runtime.unit.decision import Incoming, JsonObject, TimerDue
from services.runtime.unit.writes import Case, Parked, Writes

S = TypeVar("S")


@cache
def adapter_of(state: type[S]) -> TypeAdapter[S]:
    """How the state of a case is written and read. Working that out takes longer than doing it a hundred times."""
    return TypeAdapter(state)


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything that happened before `until` was heard. `stands_still`: and that has not moved for a while.

    With it timers wait: for `until`, for what is set aside of their case, or until they may come unheard.
    """

    until: datetime
    stands_still: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a message that had its effect."""

    fingerprint: str | None
    answer: JsonObject | None


class Sealers(Protocol):
    """The seals of the cases of one batch; `new_keys` are those made for cases that had none."""

    @property
    def new_keys(self) -> dict[CasusId, bytes]: ...

    def for_case(self, casus_id: CasusId) -> Sealer: ...


class Transaction(Protocol[S]):
    """One transaction. Leaving its context without an error commits."""

    async def enter(self, batch: Sequence[Incoming], now: datetime) -> dict[UUID, Known]:
        """Put the keys in the inbox; those that were there already come back with what is kept of them."""
        ...

    async def load(self, casus_ids: Collection[CasusId], *, skip_locked: bool = False) -> dict[CasusId, Case[S]]:
        """The cases, locked, in the order of their ids. With `skip_locked` a case busy elsewhere is left out."""
        ...

    async def sealers(self, casus_ids: Collection[CasusId]) -> Sealers: ...

    async def take_due(
        self, casus_ids: Collection[CasusId], now: datetime, heard: Heard | None = None
    ) -> list[tuple[CasusId, TimerDue]]:
        """Take the due timers of these locked cases, oldest first: they are gone when the transaction commits."""
        ...

    async def parked(self, key: UUID) -> Parked | None:
        """What lies aside under this key."""
        ...

    async def write(self, writes: Writes[S], now: datetime) -> None: ...


class Store(Protocol[S]):
    def begin(self) -> AbstractAsyncContextManager[Transaction[S]]: ...

    async def due_cases(self, now: datetime, limit: int, heard: Heard | None = None) -> list[CasusId]:
        """Cases with a due timer, the longest due first."""
        ...

    async def heard(self, senders: Collection[Service]) -> Heard:
        """How far the senders said that nothing comes any more from before, and the service took all of it."""
        ...


class StoreUnavailable(Exception):
    """The store cannot be reached or gave way to another transaction: try again."""


class WritesRefused(Exception):
    """The store will never take these writes; nothing was written."""
