"""What a trial of an endpoint consists of: steps, each with its finding and who has to mend what is wrong."""

from dataclasses import dataclass

US = "de beheerder van Houvast"
THEM = "de ontvanger"


@dataclass(frozen=True, slots=True)
class Stap:
    """One step: whether it went well, what was found, and who has to mend it where it did not."""

    naam: str
    goed: bool
    bevinding: str
    hersteller: str | None = None


class Stops(Exception):
    """After this step the next ones make no sense."""

    def __init__(self, stap: Stap) -> None:
        super().__init__(stap.bevinding)
        self.stap = stap
