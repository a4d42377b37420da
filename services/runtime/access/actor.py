"""On whose act things happen."""

from dataclasses import dataclass

from contracts.afspraken.ankers import Rol
from contracts.messages.documenten import Professional

_LONGEST = 200
"""As many characters as a function can have."""


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose act something happens: a party of the register, or Houvast itself for what the clock brings.

    Of a person who signed in it says who that is: that name stands with the act in the journal and the reading log.
    """

    partij: str
    rol: str | None = None
    persoon: str | None = None
    rollen: frozenset[Rol] | None = None
    """In which roles a person acts; None for a system, which is limited by its scopes alone."""

    @property
    def professional(self) -> Professional | None:
        """Who signed in, by name and roles, for the code of its party; nobody where a system acts."""
        if self.persoon is None or not self.rollen:
            return None
        labels = [rol.label for rol in Rol if rol in self.rollen]
        return Professional(naam=self.persoon, functie=", ".join(labels)[:_LONGEST], organisatie=self.partij)

    def __str__(self) -> str:
        if self.persoon is not None:
            return f"{self.persoon} ({self.partij})"
        return self.partij if self.rol is None else f"{self.partij} ({self.rol})"


HOUVAST = Actor("houvast")
