"""What the sandbox gemeenten remember when the hub is stopped and started: what came, and what they answered.

A gemeente that forgot would never confirm. The overdrachtsdocument is not kept: nothing on disk is about people.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.handover import OverdrachtAangeboden


class Stap(StrEnum):
    """What a gemeente answers."""

    BEVESTIGD = "bevestigd"
    VERDEELD = "verdeeld"


class _Regel(BaseModel):
    model_config = ConfigDict(frozen=True)


class Ontvangen(_Regel):
    """An overdracht came in."""

    wat: Literal["ontvangen"] = "ontvangen"
    webhook_id: str
    op: AwareDatetime
    digest: str
    aanbod: OverdrachtAangeboden


class Beantwoord(_Regel):
    """The hub took an answer."""

    wat: Literal["beantwoord"] = "beantwoord"
    overdracht_id: UUID
    stap: Stap
    op: AwareDatetime


Herinnering = Ontvangen | Beantwoord

_REGEL: TypeAdapter[Herinnering] = TypeAdapter(Herinnering)


class Geheugen:
    """A file to which lines are added. A half last line, of a process that was killed, counts as not written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self) -> Iterator[Herinnering]:
        """Everything remembered, in order."""
        lines = self._path.read_bytes().split(b"\n") if self._path.exists() else []
        for line in lines:
            try:
                yield _REGEL.validate_json(line)
            except ValidationError:
                continue

    def received(self, *, webhook_id: str, op: datetime, digest: bytes, aanbod: OverdrachtAangeboden) -> None:
        """Remember that it came, without its document."""
        bare = aanbod.model_copy(update={"overdrachtsdocument": Overdrachtsdocument()})
        self._add(Ontvangen(webhook_id=webhook_id, op=op, digest=digest.hex(), aanbod=bare))

    def answered(self, overdracht_id: UUID, stap: Stap, *, op: datetime) -> None:
        """Remember that the hub took this answer."""
        self._add(Beantwoord(overdracht_id=overdracht_id, stap=stap, op=op))

    def _add(self, regel: Herinnering) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(b"\n" + _REGEL.dump_json(regel, exclude_defaults=False))
