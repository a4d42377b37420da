"""On whose act things happen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose act something happens: a party of the register, or Houvast itself for what the clock brings."""

    partij: str
    rol: str | None = None

    def __str__(self) -> str:
        return self.partij if self.rol is None else f"{self.partij} ({self.rol})"


HOUVAST = Actor("houvast")
