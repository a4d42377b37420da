"""Which party a bearer is, out of the register."""

from collections.abc import Mapping
from datetime import date

from contracts.messages.monitoring import Drager
from contracts.register import NietInRegister, Partij, Partijsoort, Register, Tabellen


class RegisterPartijen:
    """`Partijen` out of the register. A party that the register does not name keeps the name of its kind."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._of_regio: Mapping[tuple[str, Partijsoort], str] = {}
        self._read: Tabellen | None = None

    def code(self, drager: Drager, *, regio: str, gemeente: str, partij: str | None = None) -> str:
        """The code of the party that this bearer is."""
        match drager:
            case Drager.LOKAAL_TEAM | Drager.GEMEENTE:
                return gemeente
            case Drager.VEILIG_THUIS:
                return self._by_regio.get((regio, Partijsoort.VEILIG_THUIS), f"veilig-thuis-{regio}")
            case Drager.MELDPUNT:
                return self._by_regio.get((regio, Partijsoort.MELDPUNT), f"meldpunt-{regio}")
            case Drager.RAAD_VOOR_DE_KINDERBESCHERMING:
                return self._by_regio.get((regio, Partijsoort.RVDK), drager.value)
            case Drager.KETENPARTNER:
                return partij or drager.value

    @property
    def _by_regio(self) -> Mapping[tuple[str, Partijsoort], str]:
        """The first of each kind in each region, made anew for a register that is new."""
        tabellen = self._register.tabellen
        if tabellen is not self._read:
            parties = reversed(self._register.partijen())
            self._read, self._of_regio = tabellen, {(partij.regio, partij.soort): partij.code for partij in parties}
        return self._of_regio

    def naam(self, code: str) -> str:
        """The name of a party."""
        return self._register.naam(code)

    def knows(self, code: str) -> bool:
        """Whether the register knows this party."""
        return self._register.knows(code)

    def codes_of(self, code: str, *, on: date) -> frozenset[str]:
        """Under which codes this party stands in cases on this day."""
        return self._register.codes_of(code, on=on)

    def takes_over(self, code: str, *, on: date) -> bool:
        """Whether the register has a road to this party, and it is neither Veilig Thuis nor a gemeente."""
        try:
            return isinstance(self._register.receiver(code, on=on), Partij)
        except NietInRegister:
            return False
