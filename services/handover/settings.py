"""The settings of handover, by environment variable `HOUVAST_HANDOVER_…`. Durations as ISO 8601 (`PT30S`, `P3D`)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from contracts.messages.notifier import Notificatiekanaal
from services.handover.domain.herhaling import Herhaling
from services.handover.domain.kader import Leescoderegels, Stagnatie
from services.runtime.settings import StrictSettings
from services.runtime.unit.destinations import Breaker, Tempo

PREFIX = "HOUVAST_HANDOVER_"

_NONE = timedelta(0)


class HandoverSettings(StrictSettings):
    """How long and how often is tried, and when people hear that it does not arrive."""

    herhaling_eerste: Annotated[timedelta, Field(gt=_NONE)] = timedelta(seconds=30)
    herhaling_factor: Annotated[float, Field(ge=1, le=10)] = 2.0
    herhaling_plafond: Annotated[timedelta, Field(gt=_NONE)] = timedelta(minutes=30)
    herhaling_volhouden: Annotated[timedelta, Field(ge=timedelta(hours=72))] = timedelta(days=5)
    """Long enough for a long weekend; after it attempts go on, further apart."""
    herhaling_daarna: Annotated[timedelta, Field(gt=_NONE)] = timedelta(hours=6)

    stagnatie_deel: Annotated[float, Field(gt=0, lt=1)] = 0.25
    stagnatie_minstens: Annotated[timedelta, Field(gt=_NONE)] = timedelta(minutes=15)
    stagnatie_hoogstens: Annotated[timedelta, Field(gt=_NONE)] = timedelta(hours=4)

    moment_vooruit: Annotated[timedelta, Field(ge=_NONE)] = timedelta(minutes=5)
    timeout: Annotated[timedelta, Field(gt=_NONE, le=timedelta(seconds=30))] = timedelta(seconds=15)

    tempo_per_seconde: Annotated[float, Field(gt=0, le=1000)] = 50
    """Requests in any second to one endpoint, where the register says nothing else; and how many at a time."""
    tempo_tegelijk: Annotated[int, Field(ge=1, le=64)] = 8
    onderbreken_na: Annotated[int, Field(ge=1)] = 5
    """After so many failures in a row an endpoint is left alone for a while: this long, then twice as long, up to."""
    onderbreken_eerste: Annotated[timedelta, Field(gt=_NONE)] = timedelta(seconds=30)
    onderbreken_hoogstens: Annotated[timedelta, Field(gt=_NONE)] = timedelta(minutes=5)

    link_geldig: Annotated[timedelta, Field(gt=_NONE)] = timedelta(days=90)
    """How long a link in a mail works in a region that has not agreed until when a case may be given back."""
    link_speling: Annotated[timedelta, Field(ge=_NONE)] = timedelta(days=14)
    """How much longer it works elsewhere, for a mail that was late."""

    leescode_geldig: Annotated[timedelta, Field(gt=_NONE, le=timedelta(minutes=30))] = timedelta(minutes=10)
    """How long a code to read by works, and then what it opened: a mail may be slow, and a reader looks up a colleague."""
    leescode_pogingen: Annotated[int, Field(ge=1, le=10)] = 5
    """How often one may be wrong before a code works no longer."""
    leescode_per_dag: Annotated[int, Field(ge=1, le=50)] = 10
    """How many codes a link gives a day. With eight digits and these bounds nobody guesses one in the life of a link."""
    teams_hosts: str = ""
    """Suffixes of hosts that a code may go to by Teams besides those of Workflows, separated by commas."""

    def herhaling(self) -> Herhaling:
        return Herhaling(
            eerste=self.herhaling_eerste,
            factor=self.herhaling_factor,
            plafond=self.herhaling_plafond,
            volhouden=self.herhaling_volhouden,
            daarna=self.herhaling_daarna,
        )

    def leescode(self, kanalen: Collection[Notificatiekanaal]) -> Leescoderegels:
        return Leescoderegels(self.leescode_geldig, self.leescode_pogingen, self.leescode_per_dag, kanalen)

    def breaker(self) -> Breaker:
        return Breaker(after=self.onderbreken_na, first=self.onderbreken_eerste, longest=self.onderbreken_hoogstens)

    def tempo(self) -> Tempo:
        return Tempo(per_second=self.tempo_per_seconde, at_once=self.tempo_tegelijk)

    def stagnatie(self) -> Stagnatie:
        return Stagnatie(deel=self.stagnatie_deel, minstens=self.stagnatie_minstens, hoogstens=self.stagnatie_hoogstens)
