"""The settings of triage, by environment variable `HOUVAST_TRIAGE_…`."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from services.runtime.settings import StrictSettings
from services.triage.domain.kader import Grenzen

PREFIX = "HOUVAST_TRIAGE_"


class TriageSettings(StrictSettings):
    """How much room a caller gets. Durations as ISO 8601 (`PT5M`, `P31D`)."""

    moment_vooruit: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(minutes=5)
    moment_terug: Annotated[timedelta, Field(gt=timedelta(0))] = timedelta(days=31)
    verzegeld_bytes: Annotated[int, Field(ge=10_000, le=44_000)] = 44_000
    """Sealed and in its envelope this stays under the 64 KB of an event."""

    def grenzen(self) -> Grenzen:
        return Grenzen(vooruit=self.moment_vooruit, terug=self.moment_terug, verzegeld_bytes=self.verzegeld_bytes)
