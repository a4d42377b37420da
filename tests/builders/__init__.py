"""Build any event with values that say something, and override only what the test is about."""

from tests.builders.events import CASUS_ID, MOMENT, SEALED, build, cloud_event

__all__ = ["CASUS_ID", "MOMENT", "SEALED", "build", "cloud_event"]
