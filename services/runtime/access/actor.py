"""On whose act things happen."""

from dataclasses import dataclass

from contracts.afspraken.ankers import Rol

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
    def functie(self) -> str | None:
        """The roles of a person in words; None for a system."""
        labels = [rol.label for rol in Rol if rol in (self.rollen or ())]
        return ", ".join(labels)[:_LONGEST] or None

    def __str__(self) -> str:
        if self.persoon is not None:
            return f"{self.persoon} ({self.partij})"
        return self.partij if self.rol is None else f"{self.partij} ({self.rol})"


HOUVAST = Actor("houvast")
