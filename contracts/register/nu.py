"""The register as it is now, for whoever keeps hold of it: it reads like any other, and changes underneath as a whole."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from contracts.register.register import Register, Tabellen

_seen: ContextVar[dict["RegisterNu", Tabellen] | None] = ContextVar("register_seen", default=None)


class RegisterNu(Register):
    """The register that holds at the moment of asking. Whoever must not see two of them asks within `one_register`."""

    def __init__(self, register: Register) -> None:
        super().__init__(gemeenten=register.entries(), partijen=register.partijen())

    def become(self, register: Register) -> None:
        """From here on this one holds: for whoever asks next, and not for who is under way."""
        self._own = register.tabellen

    @property
    def tabellen(self) -> Tabellen:
        seen = _seen.get()
        return self._own if seen is None else seen.setdefault(self, self._own)


@contextmanager
def one_register() -> Generator[None, None, None]:
    """Within this every question is answered by one and the same version: the one of the first question."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)
