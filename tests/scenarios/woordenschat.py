"""The closed list of sentences that a story can be written in, each bound to what it does."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

F = TypeVar("F")

_GAP = re.compile(r"<(?P<naam>[a-z_]+)(?::(?P<keuze>[^>]+))?>")


class OnbekendeZin(ValueError):
    """A sentence that is not in the list; the message names the ones that look like it."""


@dataclass(frozen=True, slots=True)
class Zin(Generic[F]):
    """A sentence with gaps.

    `vorm` writes a gap as `<naam>` or `<naam:deze|of die>`, and what may be left out between square brackets.
    """

    vorm: str
    doe: F
    velden: frozenset[str]
    patroon: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Gelezen(Generic[F]):
    """A sentence that was recognised, with what stood in its gaps."""

    zin: Zin[F]
    gaten: Mapping[str, str]


class Woordenschat(Generic[F]):
    """Sentences, found back by their words."""

    def __init__(self) -> None:
        self._zinnen: list[Zin[F]] = []

    def zin(self, *vormen: str, velden: str = "") -> Callable[[F], F]:
        """Bind sentences to a function; `velden` are the fields a story may give with them, by name."""

        def bind(doe: F) -> F:
            self._zinnen += [Zin(vorm, doe, frozenset(velden.split()), _compile(vorm)) for vorm in vormen]
            return doe

        return bind

    def __iter__(self) -> Iterator[Zin[F]]:
        return iter(self._zinnen)

    def read(self, text: str) -> Gelezen[F]:
        """The sentence that `text` is. Raises `OnbekendeZin`."""
        for zin in self._zinnen:
            if (found := zin.patroon.fullmatch(text)) is not None:
                return Gelezen(zin, {name: value for name, value in found.groupdict().items() if value is not None})
        alike = difflib.get_close_matches(text, [zin.vorm for zin in self._zinnen], n=3, cutoff=0.3)
        raise OnbekendeZin(f"{text!r} is geen bekende zin; lijkt op: {' / '.join(alike) or 'niets'}")


def _compile(vorm: str) -> re.Pattern[str]:
    """The regular expression of a sentence."""
    parts: list[str] = []
    end = 0
    for gap in _GAP.finditer(vorm):
        parts.append(_literal(vorm[end : gap.start()]))
        parts.append(f"(?P<{gap['naam']}>{gap['keuze'] or '.+?'})")
        end = gap.end()
    parts.append(_literal(vorm[end:]))
    return re.compile("".join(parts))


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\[", "(?:").replace(r"\]", ")?")
