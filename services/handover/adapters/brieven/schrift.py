"""What a letter is printed with, and what stands in it where no font has a character.

The fonts come with typst and with two packages; what is installed on this machine does not change a letter.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.messages.tekens import is_text

if TYPE_CHECKING:
    import typst

NOOT = (
    "Deze brief kan niet elk schriftteken afdrukken. Waar [teken U+…] staat, staat in het digitale"
    " overdrachtsdocument het teken zelf."
)
"""Stands at the end of a letter in which a character was replaced."""

_FONT_PACKAGES = (("weblate_fonts", "static/weblate_fonts/kurinto/ttf"), ("manimgx_fonts", ""))
_REFUSED = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_LAST_LATIN = 0x17F
_PUNCTUATION = frozenset("\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u2022\u20ac")
"""Up to there, and of these, the first font has everything."""


@cache
def fonts() -> "typst.Fonts":
    """The fonts of typst and of the packages, read once."""
    import typst

    places = ((find_spec(package), inside) for package, inside in _FONT_PACKAGES)
    folders = [Path(spec.origin).parent / inside for spec, inside in places if spec is not None and spec.origin]
    return typst.Fonts(include_system_fonts=False, font_paths=list(folders))


def refused_characters(diagnostic: str) -> frozenset[str]:
    """The characters that no font has, out of what typst says; empty where it complains about something else."""
    return frozenset(char for found in _REFUSED.findall(diagnostic) for char in _unescaped(found))


def without_meaning(text: str) -> frozenset[str]:
    """What is not printed although a font may have something there: no text, or what nobody agreed a meaning for."""
    return frozenset(char for char in text if not is_text(char) or unicodedata.category(char) == "Co")


def beyond_latin(text: str) -> frozenset[str]:
    """The characters of a text that only another font than the first may have."""
    return frozenset(char for char in text if ord(char) > _LAST_LATIN) - _PUNCTUATION


def spell(chars: Iterable[str]) -> Callable[[str], str]:
    """Write these characters as their code points, one after another in one pair of brackets."""
    run = re.compile("[" + "".join(map(re.escape, chars)) + "]+")
    return lambda text: run.sub(lambda found: _spelled(found[0]), text)


def _spelled(run: str) -> str:
    codes = " ".join(f"U+{ord(char):04X}" for char in run)
    return f"[{'teken' if len(run) == 1 else 'tekens'} {codes}]"


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2]), text)
