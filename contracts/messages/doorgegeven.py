"""What monitoring tells the services before it in the road of a case, on a topic of its own: see docs/decisions/0010."""

from datetime import UTC, datetime
from typing import ClassVar

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.moment import Moment
from contracts.messages.monitoring import Casusgebeurtenis, FeitGecorrigeerd, ZorgAangeboden, ZorgAanvaard

GESLOTEN = "deze casus is gesloten; voor nieuwe zorgen is een nieuwe melding nodig"
"""What every service answers to whoever wants to go on with a case that is closed (AEF C)."""
GESLOTEN_SINDS = "Was de casus al gesloten, dan sinds wanneer: dit is vastgelegd, en er begint niets meer."
"""What `casusGeslotenOp` means in the answer to what can still be told of a closed case."""


def tell_closed(gesloten_op: datetime | None) -> dict[str, str]:
    """What the answer to whoever told something of this case says besides; nothing while it is open."""
    return (
        {}
        if gesloten_op is None
        else {"casusGeslotenOp": gesloten_op.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    )


class SluitingDoorgegeven(Casusgebeurtenis):
    """The services in which somebody could still go on with the case are told that it is closed.

    `vervallen_op`: since when that does not hold any more; something had begun that whoever closed it could not know.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.sluiting-doorgegeven.v1"
    gesloten_op: Moment
    vervallen_op: Moment | None = None

    @property
    def staat(self) -> datetime | None:
        """When it was closed; None where it is open again."""
        return self.gesloten_op if self.vervallen_op is None else None


class CrisisstapDoorgegeven(Casusgebeurtenis):
    """The service in which a case can be ended is told that a step was taken in its crisis."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.crisisstap-doorgegeven.v1"
    gezet_op: Moment


class CorrectieDoorgegeven(FeitGecorrigeerd):
    """The same, told to the services that keep moments of their own: whatever rule they use looks at the right one."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.correctie-doorgegeven.v1"


EVENTS: tuple[type[Gebeurtenis], ...] = (
    CorrectieDoorgegeven,
    ZorgAangeboden,
    ZorgAanvaard,
    SluitingDoorgegeven,
    CrisisstapDoorgegeven,
)
"""What other services act on: on a topic of its own, so that nobody has to take everything else that monitoring says."""
