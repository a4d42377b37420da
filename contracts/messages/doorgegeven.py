"""What monitoring tells the services before it in the road of a case, on a topic of its own: see docs/decisions/0010."""

from typing import ClassVar

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.moment import Moment
from contracts.messages.monitoring import Casusgebeurtenis, FeitGecorrigeerd, ZorgAangeboden, ZorgAanvaard


class SluitingDoorgegeven(Casusgebeurtenis):
    """The service in which somebody could still answer for the case is told that it is closed."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.sluiting-doorgegeven.v1"
    gesloten_op: Moment


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
