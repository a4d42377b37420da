"""What can be set about monitoring. The rules themselves are agreements, not settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MonitoringSettings:
    """How much one page of a list may hold."""

    page_size: int = 100
    largest_page: int = 1000
