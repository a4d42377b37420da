"""The event of the runtime: a record that could not be handled."""

from typing import ClassVar

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


EVENTS: tuple[type[Gebeurtenis], ...] = (DodeBrief,)
