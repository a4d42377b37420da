"""What can be set about notifying. None of it is an agreement or a law."""

from datetime import timedelta

from pydantic import Field

from services.notifier.domain import Bundeling
from services.runtime.settings import StrictSettings

PREFIX = "HOUVAST_NOTIFIER_"


class NotifierSettings(StrictSettings):
    """How long and how often a message is tried, how long it waits for others, and which hosts a card may go to."""

    first_wait_seconds: int = Field(default=30, ge=1)
    longest_wait_seconds: int = Field(default=1800, ge=1)
    persist_hours: int = Field(default=72, ge=1)
    attempt_seconds: int = Field(default=15, ge=1, le=30)
    bundle_seconds: int = Field(default=60, ge=0, le=60)
    digest_seconds: int = Field(default=600, ge=0, le=86_400)
    proef_hours: int = Field(default=24, ge=0, le=168)
    """How long after each other every channel is tried, on who runs the hub; 0 never. A day: known before a weekend is over."""
    teams_hosts: str = ""
    """Suffixes of hosts that cards may go to besides those of Workflows, separated by commas."""

    @property
    def persist(self) -> timedelta:
        """How long after its first attempt a message is still tried."""
        return timedelta(hours=self.persist_hours)

    @property
    def proefritme(self) -> timedelta | None:
        """How long after each other every channel is tried; None where it is not."""
        return timedelta(hours=self.proef_hours) if self.proef_hours else None

    @property
    def bundeling(self) -> Bundeling:
        """What is urgent waits `bundle_seconds` at most for others to the same mailbox, the rest `digest_seconds`."""
        pauze = timedelta(seconds=self.bundle_seconds)
        return Bundeling(pauze=pauze, verzamel=max(pauze, timedelta(seconds=self.digest_seconds)))
