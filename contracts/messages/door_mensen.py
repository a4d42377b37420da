"""What people do at the hub, and who did it."""

from contracts.messages.documenten import Professional
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.verzegeld import Verzegeld


class DoorMensen(Gebeurtenis):
    """An act. `medewerker` is who did it: whom the call named, or else who signed in.

    Empty in older events, and where a system acted that named nobody.
    """

    medewerker: Verzegeld[Professional] | None = None
