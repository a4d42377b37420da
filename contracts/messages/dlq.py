"""The events of the runtime: a record that could not be handled, and that it was after all."""

from typing import ClassVar
from uuid import UUID

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.moment import Moment


class DodeBrief(Gebeurtenis):
    """A parked record: what it was and why it was set aside.

    The record itself travels base64-encoded, so a dead letter may be larger than the event it holds.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.runtime.dode-brief.v1"
    max_bytes: ClassVar[int] = 1_000_000
    service: str
    topic: str
    partition: int
    offset: int
    reden: str
    geparkeerd_op: Moment
    record: str
    oudere_back_up: bool = False
    """We told this ourselves and no longer know it: an older backup was put back. The case goes on."""


class DodeBriefAfgehandeld(Gebeurtenis):
    """A dead letter that was handled after all, or left aside for good; its case goes on."""

    soort: ClassVar[str] = "nl.sociaaldomein.runtime.dode-brief-afgehandeld.v1"
    service: str
    sleutel: UUID
    """The id of the event about the dead letter."""
    afgehandeld_op: Moment


EVENTS: tuple[type[Gebeurtenis], ...] = (DodeBrief, DodeBriefAfgehandeld)
