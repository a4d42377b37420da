"""What an address looks like: one form for each kind, used by the register and by the channels to people."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Adresvorm:
    """The form of one kind of address, and what is said of a text that does not have it.

    `gedeeld`: more people may have one such address in common, such as a channel in Teams.
    """

    patroon: re.Pattern[str]
    fout: str
    gedeeld: bool = False

    def matches(self, value: str) -> bool:
        return self.patroon.fullmatch(value) is not None

    def check(self, value: str) -> str:
        """The same text. Raises `ValueError` with what is wrong, in Dutch."""
        if not self.matches(value):
            raise ValueError(self.fout)
        return value


E_MAILADRES = Adresvorm(
    re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"), "is geen e-mailadres"
)
GEHEIMVERWIJZING = Adresvorm(
    re.compile(r"(env:[A-Z_][A-Z0-9_]*|file:[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*|sandbox:[A-Za-z0-9-]+)"),
    "een geheim staat hier alleen als verwijzing (env:NAAM of file:PAD), nooit letterlijk",
    gedeeld=True,
)
"""Where a secret address is, never what it is."""
