"""The event of the runtime: a record that could not be handled."""

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.messages.envelope import Gebeurtenis


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
    geparkeerd_op: AwareDatetime
    record: str


EVENTS: tuple[type[Gebeurtenis], ...] = (DodeBrief,)
