"""Which party a bearer is, in this case. Asked of the register; answered from memory."""

from datetime import date
from typing import Protocol

from contracts.messages.monitoring import Drager


class Partijen(Protocol):
    """Who is who, as far as deciding needs it."""

    def code(self, drager: Drager, *, regio: str, gemeente: str, partij: str | None = None) -> str:
        """The code of the party that this bearer is, in this region and gemeente; a ketenpartner is `partij`."""
        ...

    def naam(self, code: str) -> str:
        """The name of a party, for people to read."""
        ...

    def knows(self, code: str) -> bool:
        """Whether there is such a party at all."""
        ...

    def codes_of(self, code: str, *, on: date) -> frozenset[str]:
        """Under which codes this party stands in cases on this day: its own, and of whom it goes on for.

        Empty once another goes on with its cases.
        """
        ...

    def takes_over(self, code: str, *, on: date) -> bool:
        """Whether this is a party, other than Veilig Thuis or a gemeente, that can be asked to take a case over."""
        ...
