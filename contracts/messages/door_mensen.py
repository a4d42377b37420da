"""What people do at the hub, and who did it."""

from typing import Protocol

from contracts.messages.documenten import Professional
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.verzegeld import Verzegeld


class DoorMensen(Gebeurtenis):
    """An act. `medewerker` is who did it: whom the call named, or else who signed in.

    Empty in older events, and where a system acted that named nobody.
    """

    medewerker: Verzegeld[Professional] | None = None


class Ingelogd(Protocol):
    """On whose act something happens: a party, and of a person the name and the function there."""

    @property
    def partij(self) -> str: ...
    @property
    def persoon(self) -> str | None: ...
    @property
    def functie(self) -> str | None: ...


def who_did(actor: Ingelogd, named: Professional | None = None) -> Professional | None:
    """Whom the call names, or else who signed in, with the code of the party; nobody where a system names nobody."""
    if named is not None or actor.persoon is None or actor.functie is None:
        return named
    return Professional(naam=actor.persoon, functie=actor.functie, organisatie=actor.partij)
